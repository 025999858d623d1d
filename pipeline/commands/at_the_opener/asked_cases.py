"""What the opener believes of what the store says about a case, and whether it may open it.

The store is not believed: what was confirmed or joined before needs the opener's own proof, a row that a later
delivery replaced or took back counts for nothing whatever is marked current, a decision of the data steward needs
its line in the journal on these very signals, a crisis lane needs the agreement's word, and a case is opened for a
team that serves the area which its partners signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeline.commands.at_the_opener.answered_cases import Answered, Asked, agreement_for, agreement_of
from pipeline.commands.wiring import Run
from pipeline.revealed.check_ground import holds_ground, rule_of_lane
from pipeline.revealed.compare_fields import Identity
from pipeline.revealed.confirmed_before import UNPROVEN, believed, is_same_person
from pipeline.revealed.disclose_case import MonthTerms, ProposedCase, SignalName, StoredSignal
from pipeline.store import continuity, journal, openings
from pipeline.vault.keyring import KeyFile
from pipeline.vocabulary.case import GROUND_RULE, GROUND_WITHDRAWAL
from pipeline.vocabulary.review import ASK_REVIEW, REVIEW_SIGNALS

REPLACED = "SIGNAL_REPLACED"
REFUSE_REVIEW = "refuse_review"
REVIEW_UNPROVEN = "REVIEW_UNPROVEN"


def ask(
    run: Run, requests: Sequence[Mapping[str, Any]], answered: Answered, case_keys: Sequence[KeyFile]
) -> list[Asked]:
    """The requests with what the store knows, and with what joined their cases before or in this order.

    Of what was confirmed and joined before, only that is believed which the opener's own proofs bear out.
    """
    ids = [str(request["case_id"]) for request in requests]
    joined = continuity.joined_to(run.store, ids)
    parts = {
        case_id: [case_id, *sorted({*joined.get(case_id, ()), *answered.joined_to(case_id)})] for case_id in ids
    }
    everything = [part for case_parts in parts.values() for part in case_parts]
    stored = _by_case(openings.signals_of_cases(run.store, everything))
    tried, said = openings.follow_up_of_cases(run.store, ids)
    asked = []
    for request in requests:
        case_id = str(request["case_id"])
        told = {part: stored.get(part, []) for part in parts[case_id]}
        rows = {part: _still_counting(believed(case_id, told[part], case_keys)) for part in told}
        in_this_order = answered.joined_to(case_id)
        joining = [
            part
            for part in parts[case_id][1:]
            if part in in_this_order or any(row["is_confirmed"] for row in rows[part])
        ]
        later = [row for part in joining for row in rows[part]]
        asked.append(
            Asked(
                request,
                [*rows[case_id], *later],
                bool(joining),
                tuple(sorted({str(row["month"]) for row in later})),
                tried.get(case_id, []),
                said.get(case_id, {}),
                tuple(one for part in told for one in _disbelieved(told[part], rows[part])),
            )
        )
    return _with_decisions(run, asked)


def _with_decisions(run: Run, asked: Sequence[Asked]) -> list[Asked]:
    """Each with what the journal says last that was decided on its signals, if the opener doubted these."""
    names = [one.signals_name for one in asked]
    decided = journal.last_results(run.store, names, (REVIEW_SIGNALS,))
    doubted = journal.last_results(run.store, names, (ASK_REVIEW,))
    return [
        replace(one, decided=decided.get(name) if name in doubted else None)
        for one, name in zip(asked, names, strict=True)
    ]


def _still_counting(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, where none is current any more after which its partner sent another word on the signal."""
    return [
        {**row, "is_current": bool(row["is_current"] and row["sequence"] == row["last_sequence"])} for row in rows
    ]


def _disbelieved(
    told: Iterable[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[str, tuple[str, str, str], str]]:
    """What the store says and the opener does not follow, as action, signal and code for the journal."""
    for before, after in zip(told, rows, strict=True):
        signal = (str(before["partner_id"]), str(before["month"]), str(before["signal_id"]))
        if before["is_confirmed"] != after["is_confirmed"]:
            yield "refuse_confirmation", signal, UNPROVEN
        if bool(before["is_current"]) != after["is_current"]:
            yield "refuse_contact", signal, REPLACED


def propose(run: Run, asked: Asked, answered: Answered, case_keys: Sequence[KeyFile]) -> ProposedCase | None:
    """The case as it may be opened now; None when the ground does not hold any more."""
    request, agreement = asked.request, agreement_of(run, asked.request)
    kept = {(row["partner_id"], row["signal_id"]) for row in asked.rows if row["is_confirmed"]}
    if asked.ground == GROUND_WITHDRAWAL:
        counting = [row for row in asked.rows if row["is_confirmed"]]
    else:
        counting = [row for row in asked.rows if row["is_active"] and row["is_current"]]
    signals = tuple(StoredSignal(**{name: row[name] for name in openings.SIGNAL_COLUMNS}) for row in counting)
    rule = rule_of_lane(agreement.rule, str(request["lane"]))
    reveals_crisis = agreement.lanes["crisis"] == "reveal"
    is_held = holds_ground(
        asked.ground,
        state=str(request["state"]),
        mark=request["mark"],
        lane=str(request["lane"]),
        rule=rule,
        signals=signals,
        has_joined=asked.has_joined,
        is_proven=bool(kept),
        reveals_crisis=reveals_crisis,
    )
    if not is_held or not _is_team_of(run, asked, signals):
        return None
    known = frozenset(kept | (answered.confirmed & {signal.key for signal in signals}))
    terms = {month: _terms(run, month) for month in sorted({signal.month for signal in signals})}

    rows = {(row["partner_id"], row["month"], row["signal_id"]): row for row in asked.rows}

    def is_same(name: SignalName, identity: Identity) -> bool:
        partner_id, _, signal_id = name
        return (partner_id, signal_id) in answered.confirmed or is_same_person(
            asked.case_id, rows[name], identity, case_keys
        )

    return ProposedCase(
        asked.case_id, asked.ground, asked.evidence, rule, signals, known, reveals_crisis, terms, is_same
    )


def _terms(run: Run, month: str) -> MonthTerms:
    """What was agreed for a month, as the opener knows it; the store has no word in it."""
    agreement = agreement_for(run, month)
    return MonthTerms(agreement.rule, agreement.lanes["crisis"] == "reveal")


def _is_team_of(run: Run, asked: Asked, signals: Iterable[StoredSignal]) -> bool:
    """Whether the team is there and, for a first opening, serves an area that the partners signed."""
    team_id = str(asked.request["team_id"])
    if asked.ground != GROUND_RULE:
        return run.teams.by_id(team_id) is not None
    serving = (run.teams.team_for(signal.wijkcode, signal.postcode4) for signal in signals)
    return team_id in {team.team_id for team in serving if team is not None}


def _by_case(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(str(row["case_id"]), []).append(row)
    return grouped
