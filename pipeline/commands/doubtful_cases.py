"""Doubtful matches: which cases wait, what the data steward sees of them, and what a decision does.

A decision counts for the evidence that it was taken on. It is refused when the case does not wait for one, or when
the evidence changed since it was shown; when the evidence changes afterwards, matching and the opener begin anew.
The command line and the task in Airflow call the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from pipeline.commands.console import Outcome
from pipeline.commands.wiring import Run
from pipeline.revealed import describe_doubt as words
from pipeline.revealed.describe_doubt import Doubt
from pipeline.revealed.texts import sentence
from pipeline.stewardship.monitor_flow import STATE_LABELS
from pipeline.store import monitor, reviews
from pipeline.vocabulary.agreement import version_for
from pipeline.vocabulary.case import DOUBTFUL, EVIDENCE_REVIEWED, check_transition
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import working_days_between
from pipeline.vocabulary.review import (
    ACCEPTED,
    REJECTED,
    REVIEW_REASONS,
    REVIEW_REJECTED,
    REVIEW_SIGNALS,
    STATE_OF_DECISION,
    signals_name,
)

COMMAND = "review"
TRANSACTION = "review_case"
_ACTIONS = {ACCEPTED: "accept_match", REJECTED: "reject_match"}


def list_doubts(run: Run) -> list[Doubt]:
    """Cases that wait for the steward, oldest first, without their pairs."""
    rows = monitor.doubtful_cases(run.store)
    clear = reviews.signals_in_clear(run.store, [row["case_id"] for row in rows])
    found = [
        _doubt(run, {**row, "state": DOUBTFUL}, [one for one in clear if one["case_id"] == row["case_id"]])
        for row in rows
    ]
    return sorted(found, key=lambda doubt: (doubt.asked_on, doubt.case_id))


def doubt_references(run: Run) -> list[str]:
    """The same cases as `case@revision`, for whoever asks about each of them."""
    return [doubt.reference for doubt in list_doubts(run)]


def show_doubt(run: Run, reference: str) -> Doubt:
    """One case that was compared, with the outcome per pair and field.

    Args:
        run: the run.
        reference: the case's id, or `case@revision`.

    Raises:
        Refused: NOT_FOUND, EVIDENCE_CHANGED.
    """
    case_id, _, revision = reference.partition("@")
    case = reviews.case_by_id(run.store, case_id)
    compared = reviews.last_comparison(run.store, case_id) if case is not None else None
    if case is None or compared is None:
        raise Refused("NOT_FOUND", "case", hint="Zie: samenloop review list.")
    _check_revision(case, revision)
    clear = reviews.signals_in_clear(run.store, [case_id])
    return _doubt(run, case, clear, compared)


def _doubt(
    run: Run,
    case: Mapping[str, Any],
    clear: Sequence[Mapping[str, Any]],
    compared: Mapping[str, Any] | None = None,
) -> Doubt:
    agreement = version_for(run.agreements, case["month"]) or run.agreement
    signals = words.clear_signals(clear, {one.partner_id: one.partner_type for one in agreement.partners})
    team = run.teams.by_id(case["team_id"]) if case["team_id"] else None
    known = compared or {"worklist_on": case.get("asked_on")}
    asked_on = str(known["worklist_on"] or case["opened_on"])
    is_waiting = case["state"] == DOUBTFUL
    return Doubt(
        case_id=case["case_id"],
        revision=case["revision"],
        month=case["month"],
        state=case["state"],
        state_label=STATE_LABELS[case["state"]],
        area=words.area_text(case),
        team=team.name if team else sentence("review", "no_team"),
        asked_on=asked_on,
        waiting_days=working_days_between(date.fromisoformat(asked_on), run.today) if is_waiting else None,
        reason_code=case["reason_code"] if is_waiting else str(known["reason_code"]),
        is_of_former_evidence=known.get("case_revision", case["revision"]) != case["revision"],
        signals=tuple(signals.values()),
        pairs=words.compared_pairs(known.get("fields") or {}, signals),
    )


def _check_revision(case: Mapping[str, Any], revision: str) -> None:
    if revision and revision != str(case["revision"]):
        raise Refused("EVIDENCE_CHANGED", "case")


def decide(run: Run, reference: str, decision: str, reason_code: str) -> Outcome:
    """Keep what the steward decided, with who and why; the case goes to the next worklist, or nobody sees it.

    The very decision that was kept before, of the same person on the same evidence, changes nothing.

    Raises:
        Refused: REVIEW_REASON_UNKNOWN, NOT_FOUND, CASE_NOT_DOUBTFUL, EVIDENCE_CHANGED.
    """
    if reason_code not in REVIEW_REASONS[decision]:
        raise Refused("REVIEW_REASON_UNKNOWN", "reason_code", hint=f"({', '.join(REVIEW_REASONS[decision])})")
    case_id, _, revision = reference.partition("@")
    with (
        run.store.writer_lock(TRANSACTION),
        run.store.transaction(TRANSACTION, at=run.now, actor=run.actor) as transaction,
    ):
        case = reviews.case_to_decide(transaction, case_id)
        if case is None:
            raise Refused("NOT_FOUND", "case", hint="Zie: samenloop review list.")
        if case["state"] != DOUBTFUL:
            if _is_the_same(reviews.decision_on_its_evidence(transaction, case), decision, reason_code, run.actor):
                return Outcome(COMMAND, {decision: 0}, lines=[f"{case_id}: {sentence('review', 'kept_before')}"])
            raise Refused("CASE_NOT_DOUBTFUL", "case", hint=f"({STATE_LABELS[case['state']]})")
        _check_revision(case, revision)
        state = STATE_OF_DECISION[decision]
        check_transition(case["state"], state)
        kept = {
            "case_id": case_id,
            "evidence_digest": case["evidence_digest"],
            "decision": decision,
            "reason_code": reason_code,
            "decided_by": run.actor,
            "decided_at": transaction.at,
        }
        change: dict[str, Any] = {"state": state, "reason_code": None, "changed_at": transaction.at}
        change |= {"evidence": EVIDENCE_REVIEWED} if decision == ACCEPTED else {"reason_code": REVIEW_REJECTED}
        reviews.keep_decision(transaction, kept, change)
        counts = {"revision": int(case["revision"])}
        clear = reviews.signals_in_clear(run.store, [case_id])
        keys = ((row["partner_id"], row["month"], row["signal_id"]) for row in clear)
        decided_on = signals_name(case["evidence_digest"], keys)
        transaction.journal(REVIEW_SIGNALS, decided_on, ground=case_id, result=decision)
        transaction.journal(_ACTIONS[decision], case_id, ground=reason_code, result=state, counts=counts)
    team = run.teams.by_id(case["team_id"]) if case["team_id"] else None
    line = sentence("review", f"{decision}_line", team=team.name if team else sentence("review", "no_team"))
    return Outcome(COMMAND, {decision: 1}, lines=[f"{case_id}: {line}"])


def _is_the_same(kept: Mapping[str, Any] | None, decision: str, reason_code: str, actor: str) -> bool:
    """Whether this very decision was kept before: a task that was cut off after its transaction asks again."""
    said = None if kept is None else (kept["decision"], kept["reason_code"], kept["decided_by"])
    return said == (decision, reason_code, actor)


def question(run: Run, reference: str) -> tuple[str, str] | None:
    """What a task in Airflow asks: its subject, and its body in Markdown; None when this is asked no longer."""
    if reference not in doubt_references(run):
        return None
    doubt = show_doubt(run, reference)
    return sentence("review", "question", month=doubt.month, area=doubt.area), words.as_markdown(doubt)


def answer(run: Run, reference: str, choice: str, user: str) -> Outcome:
    """Keep what somebody chose in Airflow, in that person's name.

    Args:
        run: the run.
        reference: `case@revision`, as it was asked.
        choice: `decision:reason_code`, or `later`.
        user: who answered.

    Raises:
        Refused: USAGE for an option that was not offered, and what `decide` refuses.
    """
    if choice == words.LATER:
        return Outcome(COMMAND, {"left": 1})
    decision, _, reason_code = choice.partition(":")
    if decision not in REVIEW_REASONS or not user:
        raise Refused("USAGE", "choice")
    return decide(replace(run, actor=f"airflow:{user}"), reference, decision, reason_code)
