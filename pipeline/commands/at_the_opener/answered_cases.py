"""What follows from the opener's answers: entries on worklists, new states, what was compared, what joins.

Nothing is written here: all of it is kept at once when the worklists stand in the outbox.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pipeline.commands.at_the_opener.register_check import REGISTER_SILENT
from pipeline.commands.at_the_opener.team_page import case_holder
from pipeline.commands.wiring import Run
from pipeline.pseudonymous.join_cases import Join
from pipeline.revealed.confirmed_before import compared
from pipeline.revealed.describe_case import CaseFacts, describe_case, newest_reports
from pipeline.revealed.disclose_case import CaseAnswer
from pipeline.revealed.know_again import BoundPseudonym
from pipeline.store import openings
from pipeline.vault.keyring import KeyFile
from pipeline.vocabulary.agreement import Agreement, version_for
from pipeline.vocabulary.case import (
    CLOSED,
    DOUBTFUL,
    EVIDENCE_PERSON,
    EVIDENCE_REVIEWED,
    EXCLUDED,
    GROUND_RULE,
    GROUND_WITHDRAWAL,
    IN_PROGRESS,
    JOINED,
    JOINED_REPEAT,
    JOINED_ROSE,
    JOINS_NEXT,
    KEY_REVOKED,
    LANE_CRISIS,
    LANE_REPEAT,
    MARK_RETRACTED,
    REVEALED,
    VERDICT_CONFIRMED,
    VERDICT_DOUBTFUL,
    VERDICT_EXCLUDED,
    VERDICT_WITHHELD,
    WITHHELD,
    check_transition,
)
from pipeline.vocabulary.review import ACCEPTED, REJECTED, signals_name
from pipeline.vocabulary.teams import Teams
from pipeline.vocabulary.untouched import closes_on, touched_on

WAITING_REASONS = ("KEY_MISSING", "GROUND_NOT_MET", JOINS_NEXT, REGISTER_SILENT)
"""Reasons that say nothing about the case: it stays routed and is asked about again."""

_STATE_OF_VERDICT = {
    VERDICT_CONFIRMED: REVEALED,
    VERDICT_DOUBTFUL: DOUBTFUL,
    VERDICT_WITHHELD: WITHHELD,
    VERDICT_EXCLUDED: EXCLUDED,
}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """One request with what the store knows of its case: its signals and those of later months that joined it.

    `disbelieved`: what the store says of signals and the opener does not follow, as action, signal and code.
    `decided`: what the data steward decided on the very signals of the case, as the journal says.
    """

    request: Row
    rows: Sequence[Row]
    has_joined: bool = False
    joined_months: tuple[str, ...] = ()
    attempts: Sequence[Row] = ()
    said: Row = field(default_factory=dict)
    disbelieved: tuple[tuple[str, tuple[str, str, str], str], ...] = ()
    decided: str | None = None

    @property
    def case_id(self) -> str:
        """The case."""
        return str(self.request["case_id"])

    @property
    def ground(self) -> str:
        """On which it is asked."""
        return str(self.request["ground"])

    @property
    def is_reviewed(self) -> bool:
        """Whether the data steward judged that the signals belong together, all that may be shown now.

        What was shown before brings nobody on a list; what joined the case later the steward did not judge.
        """
        judged = self._own if self.decided == ACCEPTED else ()
        return self._is_called_reviewed and all(
            row["is_confirmed"] or row in judged for row in _counting(self.rows)
        )

    @property
    def is_stopped(self) -> bool:
        """Whether it was taken off the list for a revoked key: to say so once more nobody is opened."""
        return self.ground == GROUND_WITHDRAWAL and self.request["reason_code"] == KEY_REVOKED

    @property
    def evidence(self) -> str:
        """On which the case rests, as far as the opener believes it."""
        if self.is_reviewed:
            return EVIDENCE_REVIEWED
        return EVIDENCE_PERSON if self._is_called_reviewed else str(self.request["evidence"])

    @property
    def is_rejected(self) -> bool:
        """Whether the data steward judged that they do not."""
        return bool(self.request["decision"] == REJECTED and self.decided == REJECTED)

    @property
    def has_unproven_review(self) -> bool:
        """Whether the store holds a decision that the journal does not bear out."""
        is_accepted = self.is_reviewed or self.decided == ACCEPTED
        is_rejected = self.request["decision"] == REJECTED
        return (self._is_called_reviewed and not is_accepted) or (is_rejected and not self.is_rejected)

    @property
    def signals_name(self) -> str:
        """What the journal calls the signals of the case itself, with what they say."""
        keys = ((row["partner_id"], row["month"], row["signal_id"]) for row in self._own)
        return signals_name(str(self.request["evidence_digest"]), keys)

    @property
    def _is_called_reviewed(self) -> bool:
        return bool(self.request["evidence"] == EVIDENCE_REVIEWED or self.request["decision"] == ACCEPTED)

    @property
    def _own(self) -> list[Row]:
        """The signals of the case itself that count now, without what joined it."""
        return [row for row in _counting(self.rows) if row["case_id"] == self.case_id]


def _counting(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["is_active"] and row["is_current"]]


@dataclass
class Answered:
    """What an order has come to so far. `kept`: what was written down of each case that was asked.

    `unsafe`: cases that take over the warning of an earlier case of their household. `unread`: per team, cases
    that run or wait, of which the contacts did not open today.
    """

    order_id: str
    entries: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    shown: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    compared: list[dict[str, Any]] = field(default_factory=list)
    pseudonyms: dict[str, frozenset[BoundPseudonym]] = field(default_factory=dict)
    joins: dict[str, Join] = field(default_factory=dict)
    confirmed: set[tuple[str, str]] = field(default_factory=set)
    unsafe: set[str] = field(default_factory=set)
    unread: Counter[str] = field(default_factory=Counter)
    subjects: dict[str, tuple[list[tuple[str, str, str]], int]] = field(default_factory=dict)
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)

    def joined_to(self, case_id: str) -> list[str]:
        """What joined a case in this order and is to be shown with it."""
        return sorted(
            joined
            for joined, join in self.joins.items()
            if join.case_id == case_id and join.reason_code != JOINED_REPEAT
        )

    def reopened(self) -> list[str]:
        """Closed cases that are taken up again because the arrears rose."""
        return sorted({join.case_id for join in self.joins.values() if join.reason_code == JOINED_ROSE})


def agreement_of(run: Run, request: Row) -> Agreement:
    """The version that rules the case's own month."""
    return agreement_for(run, str(request["month"]))


def agreement_for(run: Run, month: str) -> Agreement:
    """The version that rules a month; the newest where none does any more."""
    return version_for(run.agreements, month) or run.agreement


def follow(
    run: Run,
    asked: Asked,
    answer: CaseAnswer,
    join: Join | None,
    answered: Answered,
    case_keys: Sequence[KeyFile],
) -> None:
    """Add what follows from one answer."""
    request, change = asked.request, dict[str, Any]()
    if join is not None:
        check_transition(str(request["state"]), JOINED)
        answered.joins[asked.case_id] = join
        answered.confirmed |= set(answer.confirmed)
        change = {"state": JOINED, "joined_to": join.case_id, "reason_code": join.reason_code}
    elif answer.verdict == VERDICT_CONFIRMED:
        change = _show(run, asked, answer, answered)
    is_excluded = answer.verdict == VERDICT_EXCLUDED
    is_revoked = answer.reason_code == KEY_REVOKED
    if is_excluded and asked.ground != GROUND_RULE:
        _tell_to_stop(run, asked, answered)
    if is_revoked:
        change = {"mark": MARK_RETRACTED, "reason_code": KEY_REVOKED}
        if not openings.is_told_to_stop(run.store, asked.case_id, run.today.isoformat()):
            _tell_to_stop(run, asked, answered, is_revoked=True)
    if is_excluded or (asked.ground == GROUND_RULE and join is None and answer.reason_code not in WAITING_REASONS):
        state = _state_after(asked, answer.verdict)
        check_transition(str(request["state"]), state)
        reason = None if answer.verdict == VERDICT_CONFIRMED else answer.reason_code
        change |= {"state": state, "reason_code": reason, "joined_to": None}
    elif answer.verdict == VERDICT_CONFIRMED and request["state"] == REVEALED:
        change["state"] = _state_after(asked, answer.verdict)
    if any(request[name] != value for name, value in change.items()):
        answered.changed.append({"case_id": answer.case_id, **change})
    if (
        answer.verdict not in (VERDICT_DOUBTFUL, VERDICT_EXCLUDED)
        and asked.ground != GROUND_WITHDRAWAL
        and answer.reason_code not in WAITING_REASONS
        and not is_revoked
    ):
        shown_with = asked.case_id if join is None else join.case_id
        answered.compared += compared(answer, asked.rows, shown_with, case_keys)


def _state_after(asked: Asked, verdict: str) -> str:
    """The state that a verdict brings; whom somebody tried to reach before, in what merged too, is in progress."""
    return IN_PROGRESS if verdict == VERDICT_CONFIRMED and asked.attempts else _STATE_OF_VERDICT[verdict]


def _show(run: Run, asked: Asked, answer: CaseAnswer, answered: Answered) -> dict[str, Any]:
    """Put a confirmed case on its team's list; what changes in the case by that."""
    request = asked.request
    facts, crises = _facts(run, asked, answered), request["shown_crisis_count"]
    if asked.ground != GROUND_WITHDRAWAL:
        crises = len({one.partner_id for one in newest_reports(answer.shown) if one.contact.get("is_crisis")})
        came_on = _crisis_from(request, crises, run.today.isoformat())
        facts = replace(facts, crisis_from_on=_day(came_on))
    if answered.joined_to(asked.case_id):
        facts = replace(facts, is_grown=True, grown_on=run.today)
    evidence = asked.evidence if asked.is_reviewed else answer.evidence or asked.evidence
    agreement = agreement_of(run, request)
    entry = describe_case(facts, evidence, answer.shown, agreement, run.today, is_likely=answer.is_likely)
    _list(run, asked, entry, asked.ground, answered, is_new=facts.is_new)
    change = {
        "due_on": entry["due_on"] or request["due_on"],
        "term_from_on": entry["term_from_on"],
        "crisis_from_on": None if facts.crisis_from_on is None else facts.crisis_from_on.isoformat(),
        "shown_crisis_count": crises,
        "first_revealed_on": facts.first_revealed_on,
        "revealed_revision": request["revision"],
        "shown_partner_count": request["partner_count"],
        "shown_months_max": request["months_max"],
        "grown_on": run.today.isoformat() if facts.is_grown else request["grown_on"],
        "is_likely": request["is_likely"] if asked.ground == GROUND_WITHDRAWAL else answer.is_likely,
    }
    return change | ({"evidence": evidence} if evidence == EVIDENCE_REVIEWED else {})


def _crisis_from(request: Row, crises: int, today: str) -> str | None:
    """The day the crisis came in: the day matching saw it; today for one that joined or is of a next partner."""
    before = request["shown_crisis_count"]
    is_seen = before is None or crises <= before or (before == 0 and request["is_crisis"])
    known: str | None = request["crisis_from_on"]
    return known if is_seen else today


def _list(run: Run, asked: Asked, entry: dict[str, Any], ground: str, answered: Answered, *, is_new: bool) -> None:
    team_id = asked.request["team_id"]
    answered.entries.setdefault(str(team_id), []).append(entry)
    answered.shown.append(
        {
            "case_id": asked.case_id,
            "worklist_on": run.today.isoformat(),
            "team_id": team_id,
            "ground": ground,
            "is_new": is_new,
        }
    )


def _tell_to_stop(run: Run, asked: Asked, answered: Answered, *, is_revoked: bool = False) -> None:
    """A team that has the case on an older list hears once, without a name, that no visit is needed any more."""
    facts = replace(_facts(run, asked, answered), ground=GROUND_WITHDRAWAL, is_new=False)
    facts = replace(facts, is_excluded=not is_revoked, is_revoked=is_revoked)
    entry = describe_case(facts, str(asked.request["evidence"]), (), agreement_of(run, asked.request), run.today)
    _list(run, asked, entry, GROUND_WITHDRAWAL, answered, is_new=False)


def _facts(run: Run, asked: Asked, answered: Answered) -> CaseFacts:
    request, today = asked.request, run.today.isoformat()
    first = request["first_revealed_on"]
    # Once a case was taken up again, the day without a result is that of taking it up.
    ended = "" if asked.said.get("result") else "earlier_"
    return CaseFacts(
        case_id=asked.case_id,
        month=str(request["month"]),
        lane=LANE_REPEAT if asked.joined_months and request["lane"] != LANE_CRISIS else str(request["lane"]),
        ground=asked.ground,
        is_new=first in (None, today) and asked.ground != GROUND_WITHDRAWAL,
        opened_on=date.fromisoformat(request["opened_on"]),
        due_on=_day(request["due_on"]),
        wijkcode=request["wijkcode"],
        attempts=tuple(_attempt(row, run.teams) for row in asked.attempts),
        next_appointment_on=asked.said.get("next_appointment_on"),
        is_unsafe=bool(asked.said.get("is_unsafe")) or asked.case_id in answered.unsafe,
        first_revealed_on=first or today,
        months=tuple(sorted({str(request["month"]), *asked.joined_months})),
        is_grown=_is_grown(request, today),
        grown_on=run.today if _is_grown(request, today) else _day(request["grown_on"]),
        gone_partner_ids=_gone(asked.rows),
        case_holder=case_holder(run, request),
        term_from_on=_day(request["term_from_on"]),
        crisis_from_on=_day(request["crisis_from_on"]),
        earlier_result=asked.said.get(f"{ended}result"),
        earlier_result_on=asked.said.get(f"{ended}result_on"),
        closes_on=_closes_on(run, asked, first or today),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _closes_on(run: Run, asked: Asked, first_shown_on: str) -> date:
    """When the case closes if nothing more is recorded about it."""
    attempted = [str(row["attempted_on"]) for row in asked.attempts]
    touched = touched_on(
        first_shown_on,
        asked.request["grown_on"],
        attempted,
        asked.said.get("next_appointment_on"),
        asked.joined_months,
    )
    return closes_on(touched, run.agreement.thresholds)


def _attempt(row: Row, teams: Teams) -> dict[str, Any]:
    """An earlier attempt; a system that returns follow-up knows its counsellors by id, people by name."""
    counsellor = teams.counsellor(row["attempted_by"])
    return {
        "attempt_id": row["attempt_id"],
        "type": row["contact_type"],
        "is_reached": row["is_reached"],
        "on": row["attempted_on"],
        "part_of_day": row["part_of_day"],
        "by": row["attempted_by"] if counsellor is None else counsellor.name,
    }


def _is_grown(request: Row, today: str) -> bool:
    """Whether more partners or more months stand in it than on the list before this day's."""
    if request["grown_on"] == today:
        return True
    shown = (request["shown_partner_count"], request["shown_months_max"])
    return None not in shown and (request["partner_count"] > shown[0] or request["months_max"] > shown[1])


def _gone(rows: Iterable[Row]) -> tuple[str, ...]:
    """Partners whose signal was confirmed once and counts no more."""
    counting = {row["partner_id"] for row in rows if row["is_active"] and row["is_current"]}
    return tuple(sorted({str(row["partner_id"]) for row in rows if row["is_confirmed"]} - counting))


def taken_up_again(case_id: str, today: str) -> dict[str, Any]:
    """The change of a closed case whose household was reported again with higher arrears: its term begins anew."""
    check_transition(CLOSED, IN_PROGRESS)
    return {"case_id": case_id, "state": IN_PROGRESS, "term_from_on": today, "due_on": None}
