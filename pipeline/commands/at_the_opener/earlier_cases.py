"""Which earlier case a confirmed case joins: pseudonyms find it, the rule of join_cases decides."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.commands.at_the_opener.answered_cases import Asked, agreement_of
from pipeline.commands.wiring import Run
from pipeline.pseudonymous.join_cases import REPEAT_MONTHS, Join, Report, SeenCase, choose_join
from pipeline.revealed.disclose_case import CaseAnswer
from pipeline.revealed.know_again import (
    BoundPseudonym,
    Person,
    Pseudonym,
    bound_to,
    looked_up_for,
    written_for,
)
from pipeline.store import continuity, openings
from pipeline.vault.keyring import KeyFile


def persons_of(answer: CaseAnswer) -> list[Person]:
    """The persons of a confirmed case, each with what the partners reported."""
    persons: dict[int, list[Any]] = {}
    for signal in answer.shown:
        persons.setdefault(signal.person, []).append(signal.identity)
    return list(persons.values())


class Continuity:
    """Knows households again, for the confirmed cases of one order."""

    def __init__(self, run: Run, case_keys: Sequence[KeyFile]) -> None:
        self._run = run
        self._keys = case_keys
        self._month_of: dict[Pseudonym, str] = {}
        self._earlier: dict[str, set[str]] = {}

    def written(self, asked: Asked, answer: CaseAnswer) -> frozenset[BoundPseudonym]:
        """What is kept with a confirmed case."""
        written = written_for(persons_of(answer), self._keys)
        self._month_of |= dict.fromkeys(written, str(asked.request["month"]))
        return bound_to(asked.case_id, written, self._keys)

    def is_in_this_order(self, asked: Asked, answer: CaseAnswer) -> bool:
        """Whether a case of another month that this order shows is about the same household."""
        month = str(asked.request["month"])
        wanted = looked_up_for(persons_of(answer), self._keys)
        return any(self._month_of.get(one, month) != month for one in wanted)

    def joins(self, confirmed: Sequence[tuple[Asked, CaseAnswer]]) -> dict[str, Join]:
        """Per case the one that it joins, where there is one."""
        wanted = {answer.case_id: looked_up_for(persons_of(answer), self._keys) for _, answer in confirmed}
        known = continuity.cases_known_as(self._run.store, (one for asked in wanted.values() for one in asked))
        found = {
            case_id: {hit for one in asked for hit, proof in known.get(one, ()) if self._binds(hit, one, proof)}
            - {case_id}
            for case_id, asked in wanted.items()
        }
        going_on = continuity.going_on_as(self._run.store, (hit for hits in found.values() for hit in hits))
        seen = self._seen(set(going_on.values()))
        joins = {}
        self._earlier = {}
        for asked, answer in confirmed:
            cases = {going_on[hit] for hit in found[answer.case_id] if hit in going_on} - {answer.case_id}
            self._earlier[answer.case_id] = found[answer.case_id] | cases
            thresholds = agreement_of(self._run, asked.request).thresholds
            join = choose_join(
                str(asked.request["month"]),
                [_report(row) for row in asked.rows if row["is_active"] and row["is_current"]],
                [seen[case_id] for case_id in sorted(cases) if case_id in seen],
                int(thresholds.get("repeat_months", REPEAT_MONTHS)),
            )
            if join is not None:
                joins[answer.case_id] = join
        return joins

    def unsafe(self, joins: Mapping[str, Join]) -> set[str]:
        """New cases of a household where a visit was marked unsafe, in whatever earlier case of it.

        Args:
            joins: what `joins` gave. A case that goes on has its own mark, which a team may have taken away.
        """
        marked = continuity.unsafe_cases(self._run.store, {one for ids in self._earlier.values() for one in ids})
        return {case_id for case_id, earlier in self._earlier.items() if case_id not in joins and earlier & marked}

    def _binds(self, case_id: str, known: Pseudonym, proof: bytes) -> bool:
        """Whether the opener itself wrote this pseudonym for this case."""
        return any(hmac.compare_digest(bound.proof, proof) for bound in bound_to(case_id, [known], self._keys))

    def _seen(self, case_ids: set[str]) -> dict[str, SeenCase]:
        if not case_ids:
            return {}
        rows = continuity.whole_cases(self._run.store, case_ids)
        joined = continuity.joined_to(self._run.store, case_ids)
        everything = [*case_ids, *(case_id for ids in joined.values() for case_id in ids)]
        reports: dict[str, list[Report]] = {}
        for row in openings.signals_of_cases(self._run.store, everything):
            reports.setdefault(str(row["case_id"]), []).append(_report(row))
        return {
            case_id: SeenCase(
                case_id,
                str(row["month"]),
                str(row["state"]),
                row["mark"],
                tuple(one for part in (case_id, *joined.get(case_id, ())) for one in reports.get(part, ())),
            )
            for case_id, row in rows.items()
        }


def _report(row: Mapping[str, Any]) -> Report:
    return Report(
        str(row["partner_id"]),
        str(row["month"]),
        int(row["arrears_months"]),
        str(row["arrears_band"]),
        bool(row["is_crisis"]),
    )
