"""The opener at work on one order: load, check the ground, journal, open, judge, hand over, keep.

The journal line of a batch is committed before its first contact is opened. Contacts live in memory only; what
follows from the order is one transaction after the worklists stand in the outbox. Killed anywhere, it begins anew:
it journals and opens again, and ends in the same state with the same files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pipeline.commands.page_theme import page_theme
from pipeline.commands.team_page import case_holder, team_page, waiting_per_team
from pipeline.commands.wiring import Run
from pipeline.revealed.check_ground import holds_ground, rule_of_lane
from pipeline.revealed.compare_fields import Identity
from pipeline.revealed.describe_case import CaseFacts, describe_case
from pipeline.revealed.disclose_case import CaseAnswer, ContactDesk, ProposedCase, StoredSignal, answer_cases
from pipeline.revealed.exclusions import ExclusionList
from pipeline.revealed.hand_over_worklist import hand_over
from pipeline.revealed.know_again import Pseudonym, written_for
from pipeline.revealed.worklist import make_worklist
from pipeline.store import continuity, openings, reviews
from pipeline.vault.keyring import KeyFile
from pipeline.vocabulary.agreement import Agreement, version_for
from pipeline.vocabulary.case import (
    DOUBTFUL,
    EVIDENCE_REVIEWED,
    EXCLUDED,
    GROUND_RULE,
    GROUND_WITHDRAWAL,
    REVEALED,
    VERDICT_CONFIRMED,
    VERDICT_DOUBTFUL,
    VERDICT_EXCLUDED,
    VERDICT_WITHHELD,
    WITHHELD,
    check_transition,
)
from pipeline.vocabulary.review import ACCEPTED, REJECTED, REVIEW_REJECTED

BATCH_CASES = 500
_STATE_OF_VERDICT = {
    VERDICT_CONFIRMED: REVEALED,
    VERDICT_DOUBTFUL: DOUBTFUL,
    VERDICT_WITHHELD: WITHHELD,
    VERDICT_EXCLUDED: EXCLUDED,
}
_WAITS = ("KEY_MISSING", "GROUND_NOT_MET")
"""Reasons that say nothing about the case: it stays routed and is asked about again."""


@dataclass(frozen=True)
class Papers:
    """What only the opener reads: opening keys, case keys, and who must not be shown."""

    desk: ContactDesk
    case_keys: tuple[KeyFile, ...]
    exclusions: ExclusionList


@dataclass
class _Answered:
    """What an order has come to so far."""

    entries: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    shown: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    compared: list[dict[str, Any]] = field(default_factory=list)
    pseudonyms: dict[str, frozenset[Pseudonym]] = field(default_factory=dict)


def answer_order(run: Run, order: Mapping[str, Any], papers: Papers, keep_going: Callable[[], None]) -> None:
    """Answer all requests of an order and hand the worklists of its day over. Under the writer lock.

    Args:
        run: `today` is the day of the order; directory and agreements verified by the opener itself.
        order: the order's row.
        papers: what only the opener reads.
        keep_going: called between batches and teams; it may raise to stop.
    """
    requests = _with_decisions(run, openings.requests_of(run.store, str(order["order_id"])))
    answered = _Answered()
    for batch in _batches(requests):
        _answer_batch(run, batch, papers, answered)
        keep_going()
    version = f"{run.today.isoformat()}.{order['revision']}"
    waiting = waiting_per_team(run)
    theme, _ = page_theme(run.home)
    for team in run.teams.teams:
        worklist = team_page(run, team, waiting) | make_worklist(
            team.team_id,
            team.name,
            run.agreement.municipality,
            run.today,
            version,
            answered.entries.get(team.team_id, []),
        )
        hand_over(run.home.worklists, worklist, theme)
        keep_going()
    _finish(run, order, answered)


def _with_decisions(run: Run, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each request with what the data steward decided earlier on the same evidence."""
    decided = reviews.decisions_on_evidence(run.store, (str(row["evidence_digest"]) for row in requests))
    return [{**request, "decision": decided.get(request["evidence_digest"])} for request in requests]


def _is_reviewed(request: Mapping[str, Any]) -> bool:
    return bool(request["evidence"] == EVIDENCE_REVIEWED or request["decision"] == ACCEPTED)


def _as_decided(request: Mapping[str, Any], answer: CaseAnswer) -> CaseAnswer:
    """A doubt on evidence that the data steward rejected before is not asked again."""
    if answer.verdict == VERDICT_DOUBTFUL and request["decision"] == REJECTED:
        return replace(answer, verdict=VERDICT_WITHHELD, reason_code=REVIEW_REJECTED)
    return answer


def _unless_excluded(answer: CaseAnswer, papers: Papers) -> CaseAnswer:
    """The answer, or nothing but a reason when one of its persons must not be shown."""
    if answer.verdict != VERDICT_CONFIRMED:
        return answer
    reason = papers.exclusions.reason_for(signal.identity for signal in answer.shown)
    if reason is None:
        return answer
    return replace(answer, verdict=VERDICT_EXCLUDED, reason_code=reason, evidence=None, confirmed=(), shown=())


def persons_of(answer: CaseAnswer) -> list[list[Identity]]:
    """The persons of a confirmed case, each with what the partners reported."""
    persons: dict[int, list[Identity]] = {}
    for signal in answer.shown:
        persons.setdefault(signal.person, []).append(signal.identity)
    return list(persons.values())


def _answer_batch(run: Run, requests: Sequence[Mapping[str, Any]], papers: Papers, answered: _Answered) -> None:
    ids = [str(request["case_id"]) for request in requests]
    stored = _by_case(openings.signals_of_cases(run.store, ids))
    tried, said = openings.follow_up_of_cases(run.store, ids)
    proposed = [_propose(run, request, stored.get(request["case_id"], [])) for request in requests]
    may_open = [case for case in proposed if case is not None]
    with run.store.transaction("note_openings", at=run.now, actor=run.actor) as transaction:
        for case in may_open:
            counts = {"contacts": len(case.signals)}
            transaction.journal("open_contacts", case.case_id, ground=case.ground, result="begun", counts=counts)
    answers = {answer.case_id: _unless_excluded(answer, papers) for answer in answer_cases(may_open, papers.desk)}
    refusal = [_not_opened(request) for request in requests if request["case_id"] not in answers]
    answers |= {answer.case_id: answer for answer in refusal}
    answers = {row["case_id"]: _as_decided(row, answers[row["case_id"]]) for row in requests}
    _keep_answers(run, requests, answers)
    for request in requests:
        case_id = str(request["case_id"])
        facts = _facts(run, request, stored.get(case_id, []), tried.get(case_id, []), said.get(case_id, {}))
        _follow(run, request, answers[case_id], facts, answered, stored.get(case_id, []))
        if answers[case_id].verdict == VERDICT_CONFIRMED and request["ground"] != GROUND_WITHDRAWAL:
            answered.pseudonyms[case_id] = written_for(persons_of(answers[case_id]), papers.case_keys)


def _propose(run: Run, request: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> ProposedCase | None:
    """The case as it may be opened now; None when the ground does not hold any more."""
    agreement = _agreement(run, request)
    kept = frozenset((row["partner_id"], row["signal_id"]) for row in rows if row["is_confirmed"])
    if request["ground"] == GROUND_WITHDRAWAL:
        counting = [row for row in rows if row["is_confirmed"]]
    else:
        counting = [row for row in rows if row["is_active"] and row["is_current"]]
    signals = tuple(StoredSignal(**{name: row[name] for name in openings.SIGNAL_COLUMNS}) for row in counting)
    rule = rule_of_lane(agreement.rule, str(request["lane"]))
    is_held = holds_ground(
        str(request["ground"]),
        state=str(request["state"]),
        mark=request["mark"],
        lane=str(request["lane"]),
        rule=rule,
        signals=signals,
    )
    if not is_held or run.teams.by_id(str(request["team_id"])) is None:
        return None
    evidence = EVIDENCE_REVIEWED if _is_reviewed(request) else str(request["evidence"])
    return ProposedCase(str(request["case_id"]), str(request["ground"]), evidence, rule, signals, kept)


def _agreement(run: Run, request: Mapping[str, Any]) -> Agreement:
    """The version that rules the case's month; the newest where none does any more."""
    return version_for(run.agreements, str(request["month"])) or run.agreement


def _not_opened(request: Mapping[str, Any]) -> CaseAnswer:
    return CaseAnswer(str(request["case_id"]), VERDICT_WITHHELD, "GROUND_NOT_MET", None, (), (), (), {})


def _keep_answers(run: Run, requests: Sequence[Mapping[str, Any]], answers: Mapping[str, CaseAnswer]) -> None:
    at = run.now
    with run.store.transaction("answer_openings", at=at, actor=run.actor) as transaction:
        rows = []
        for request in requests:
            answer = answers[request["case_id"]]
            rows.append(
                {
                    "request_id": request["request_id"],
                    "verdict": answer.verdict,
                    "reason_code": answer.reason_code,
                    "fields": dict(answer.fields),
                    "answered_at": at,
                }
            )
            counts = {"confirmed": len(answer.confirmed), "refused": len(answer.refused)}
            result = f"{answer.verdict} {answer.reason_code}"
            transaction.journal(
                "judge_case", answer.case_id, ground=request["ground"], result=result, counts=counts
            )
            for (partner_id, signal_id), code in answer.refused:
                transaction.journal(
                    "refuse_contact", f"{partner_id}/{signal_id}", ground=request["ground"], result=code
                )
        openings.answer_requests(transaction, rows)


def _facts(
    run: Run,
    request: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    tried: Sequence[Mapping[str, Any]],
    said: Mapping[str, Any],
) -> CaseFacts:
    today = run.today
    first = request["first_revealed_on"]
    return CaseFacts(
        case_id=str(request["case_id"]),
        month=str(request["month"]),
        lane=str(request["lane"]),
        ground=str(request["ground"]),
        is_new=first in (None, today.isoformat()) and request["ground"] != GROUND_WITHDRAWAL,
        opened_on=date.fromisoformat(request["opened_on"]),
        due_on=date.fromisoformat(request["due_on"]) if request["due_on"] else None,
        wijkcode=request["wijkcode"],
        attempts=tuple(_attempt(row) for row in tried),
        next_appointment_on=said.get("next_appointment_on"),
        is_unsafe=bool(said.get("is_unsafe")),
        first_revealed_on=first or today.isoformat(),
        is_grown=_is_grown(request, today),
        gone_partner_ids=_gone(rows),
        case_holder=case_holder(run, request),
    )


def _is_grown(request: Mapping[str, Any], today: date) -> bool:
    """Whether more partners or more months stand in it than on the list before this day's."""
    if request["grown_on"] == today.isoformat():
        return True
    shown = (request["shown_partner_count"], request["shown_months_max"])
    return None not in shown and (request["partner_count"] > shown[0] or request["months_max"] > shown[1])


def _gone(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Partners whose signal was confirmed once and counts no more."""
    counting = {row["partner_id"] for row in rows if row["is_active"] and row["is_current"]}
    return tuple(sorted({str(row["partner_id"]) for row in rows if row["is_confirmed"]} - counting))


def _attempt(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "attempt_id": row["attempt_id"],
        "type": row["contact_type"],
        "is_reached": row["is_reached"],
        "on": row["attempted_on"],
        "part_of_day": row["part_of_day"],
        "by": row["attempted_by"],
    }


def _follow(
    run: Run,
    request: Mapping[str, Any],
    answer: CaseAnswer,
    facts: CaseFacts,
    answered: _Answered,
    rows: Iterable[Mapping[str, Any]],
) -> None:
    """Add what follows from one answer: an entry on a worklist, the case's new state, what was compared."""
    change: dict[str, Any] = {}
    if answer.verdict == VERDICT_CONFIRMED:
        evidence = EVIDENCE_REVIEWED if _is_reviewed(request) else answer.evidence or str(request["evidence"])
        entry = describe_case(facts, evidence, answer.shown, _agreement(run, request), run.today)
        answered.entries.setdefault(str(request["team_id"]), []).append(entry)
        answered.shown.append(
            {
                "case_id": answer.case_id,
                "worklist_on": run.today.isoformat(),
                "team_id": request["team_id"],
                "ground": request["ground"],
                "is_new": facts.is_new,
            }
        )
        change |= {
            "due_on": entry["due_on"] or request["due_on"],
            "first_revealed_on": facts.first_revealed_on,
            "revealed_revision": request["revision"],
            "shown_partner_count": request["partner_count"],
            "shown_months_max": request["months_max"],
            "grown_on": run.today.isoformat() if facts.is_grown else request["grown_on"],
        }
        if evidence == EVIDENCE_REVIEWED:
            change["evidence"] = evidence
    is_excluded = answer.verdict == VERDICT_EXCLUDED
    if is_excluded and request["ground"] != GROUND_RULE:
        _tell_to_stop(run, request, answer, facts, answered)
    if is_excluded or (request["ground"] == GROUND_RULE and answer.reason_code not in _WAITS):
        state = _STATE_OF_VERDICT[answer.verdict]
        check_transition(str(request["state"]), state)
        reason = None if answer.verdict == VERDICT_CONFIRMED else answer.reason_code
        change |= {"state": state, "reason_code": reason}
    if any(request[name] != value for name, value in change.items()):
        answered.changed.append({"case_id": answer.case_id, **change})
    if (
        answer.verdict not in (VERDICT_DOUBTFUL, VERDICT_EXCLUDED)
        and request["ground"] != GROUND_WITHDRAWAL
        and answer.reason_code not in _WAITS
    ):
        answered.compared += _compared(answer, rows)


def _tell_to_stop(
    run: Run, request: Mapping[str, Any], answer: CaseAnswer, facts: CaseFacts, answered: _Answered
) -> None:
    """A team that has the case on an older list hears once, without a name, that no visit is needed any more."""
    told = replace(facts, ground=GROUND_WITHDRAWAL, is_new=False)
    entry = describe_case(told, str(request["evidence"]), (), _agreement(run, request), run.today)
    answered.entries.setdefault(str(request["team_id"]), []).append(entry)
    answered.shown.append(
        {
            "case_id": answer.case_id,
            "worklist_on": run.today.isoformat(),
            "team_id": request["team_id"],
            "ground": GROUND_WITHDRAWAL,
            "is_new": False,
        }
    )


def _compared(answer: CaseAnswer, rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Which of the case's signals are about whom was confirmed; only a verdict on those that count now."""
    for row in rows:
        if row["is_active"] and row["is_current"]:
            key = (row["partner_id"], row["signal_id"])
            yield {
                "case_id": answer.case_id,
                "partner_id": row["partner_id"],
                "signal_id": row["signal_id"],
                "is_confirmed": key in answer.confirmed,
            }


def _finish(run: Run, order: Mapping[str, Any], answered: _Answered) -> None:
    at = run.now
    with run.store.transaction("hand_over_worklists", at=at, actor=run.actor) as transaction:
        for row in answered.shown:
            transaction.journal(
                "disclose_case", str(row["case_id"]), ground=str(row["ground"]), result=f"team {row['team_id']}"
            )
        continuity.keep_pseudonyms(transaction, answered.pseudonyms)
        counts = {"worklists": len(run.teams.teams), "cases": len(answered.shown)}
        transaction.journal("hand_over_worklists", str(order["order_id"]), counts=counts)
        openings.finish_order(
            transaction,
            str(order["order_id"]),
            done_at=at,
            shown=[{**row, "order_id": order["order_id"], "disclosed_at": at} for row in answered.shown],
            changed_cases=[{**change, "changed_at": at} for change in answered.changed],
            compared=answered.compared,
        )


def _by_case(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(str(row["case_id"]), []).append(row)
    return grouped


def _batches(requests: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    for start in range(0, len(requests), BATCH_CASES):
        yield requests[start : start + BATCH_CASES]
