"""The opener at work on one order: load, check the ground, journal, open, judge, hand over, keep.

The journal line of a batch is committed and sealed before its first contact is opened. Contacts live in memory
only; what follows from the order is one transaction after the worklists stand in the outbox. Killed anywhere, it
begins anew: it journals and opens again, and ends in the same state with the same files. New cases go first, so
that what joins a running case stands on the same day's list.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.channels.population_register import PopulationRegister, RegisterSilentError
from pipeline.commands.at_the_opener.answered_cases import (
    WAITING_REASONS,
    Answered,
    Asked,
    follow,
    taken_up_again,
)
from pipeline.commands.at_the_opener.asked_cases import REFUSE_REVIEW, REVIEW_UNPROVEN, ask, propose
from pipeline.commands.at_the_opener.closed_cases import CASE_CLOSED, REFUSE_CASE, closed_by_journal
from pipeline.commands.at_the_opener.earlier_cases import Continuity
from pipeline.commands.at_the_opener.register_check import REGISTER_SILENT, registered_reason
from pipeline.commands.at_the_opener.team_page import team_page, waiting_per_team
from pipeline.commands.journal_keeping.journal_sealing import seal_head
from pipeline.commands.page_theme import page_theme
from pipeline.commands.wiring import Run
from pipeline.pseudonymous.open_cases import RETRACTED
from pipeline.revealed.disclose_case import CaseAnswer, ContactDesk, ProposedCase, answer_cases, without_persons
from pipeline.revealed.exclusions import ExclusionList
from pipeline.revealed.hand_over_worklist import hand_over
from pipeline.revealed.worklist import make_worklist
from pipeline.store import continuity, openings, reviews
from pipeline.vault.keyring import KeyFile
from pipeline.vocabulary.case import (
    GROUND_RULE,
    GROUND_RUNNING,
    GROUND_WITHDRAWAL,
    IN_PROGRESS,
    JOINS_NEXT,
    KEY_REVOKED,
    MARK_RETRACTED,
    MOVED,
    UNREAD_REASONS,
    VERDICT_CONFIRMED,
    VERDICT_DOUBTFUL,
    VERDICT_EXCLUDED,
    VERDICT_WITHHELD,
)
from pipeline.vocabulary.processing import DISCLOSE, OPEN, subject_id
from pipeline.vocabulary.review import ASK_REVIEW, REVIEW_REJECTED

BATCH_CASES = 500


@dataclass(frozen=True)
class Papers:
    """What only the opener has: opening keys, case keys, who must not be shown, and the population register."""

    desk: ContactDesk
    case_keys: tuple[KeyFile, ...]
    exclusions: ExclusionList
    register: PopulationRegister | None = None


def answer_order(run: Run, order: Mapping[str, Any], papers: Papers, keep_going: Callable[[], None]) -> None:
    """Answer all requests of an order and hand the worklists of its day over. Under the writer lock.

    Args:
        run: `today` is the day of the order; directory and agreements verified by the opener itself.
        order: the order's row.
        papers: what only the opener reads.
        keep_going: called between batches and teams; it may raise to stop.
    """
    requests = _with_decisions(run, openings.requests_of(run.store, str(order["order_id"])))
    answered = Answered(str(order["order_id"]))
    known = Continuity(run, papers.case_keys)
    new = sorted(
        (row for row in requests if row["ground"] == GROUND_RULE), key=lambda row: (row["month"], row["case_id"])
    )
    for batch in _batches(new):
        _answer_batch(run, batch, papers, known, answered, keep_going)
        keep_going()
    again = _with_decisions(run, _taken_up_again(run, order, answered))
    for batch in _batches([*(row for row in requests if row["ground"] != GROUND_RULE), *again]):
        _answer_batch(run, batch, papers, known, answered, keep_going)
        keep_going()
    version = f"{run.today.isoformat()}.{order['revision']}"
    waiting = waiting_per_team(run)
    theme, _ = page_theme(run.home)
    for team in run.teams.teams:
        worklist = team_page(run, team, waiting, answered.unread) | make_worklist(
            team.team_id,
            team.name,
            run.agreement.municipality,
            run.today,
            version,
            answered.entries.get(team.team_id, []),
        )
        hand_over(run.home.worklists, worklist, theme)
        keep_going()
    _finish(run, order, answered, again)


def _taken_up_again(run: Run, order: Mapping[str, Any], answered: Answered) -> list[dict[str, Any]]:
    """Requests that the opener adds itself: for closed cases whose household was reported with higher arrears."""
    rows = continuity.whole_cases(run.store, answered.reopened())
    return [
        {
            **rows[case_id],
            **taken_up_again(case_id, run.today.isoformat()),
            "request_id": f"R-{uuid.uuid4().hex}",
            "order_id": order["order_id"],
            "ground": GROUND_RUNNING,
            "case_revision": rows[case_id]["revision"],
        }
        for case_id in answered.reopened()
    ]


def _with_decisions(run: Run, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each request with what the data steward decided earlier on the same evidence."""
    decided = reviews.decisions_on_evidence(run.store, (str(row["evidence_digest"]) for row in requests))
    return [{**request, "decision": decided.get(request["evidence_digest"])} for request in requests]


def _as_decided(asked: Asked, answer: CaseAnswer) -> CaseAnswer:
    """A doubt on evidence that the data steward rejected before is not asked again."""
    if answer.verdict == VERDICT_DOUBTFUL and asked.is_rejected:
        return replace(answer, verdict=VERDICT_WITHHELD, reason_code=REVIEW_REJECTED)
    return answer


def _unless_excluded(answer: CaseAnswer, papers: Papers) -> CaseAnswer:
    """The answer, or nothing but a reason when one of its persons must not be shown."""
    if answer.verdict != VERDICT_CONFIRMED:
        return answer
    reason = papers.exclusions.reason_for(signal.identity for signal in answer.shown)
    if reason is None:
        return answer
    return replace(without_persons(answer), verdict=VERDICT_EXCLUDED, reason_code=reason)


def _unless_registered(answer: CaseAnswer, papers: Papers, keep_going: Callable[[], None]) -> CaseAnswer:
    """The answer, or nothing but a reason when the population register knows one, or is silent."""
    if papers.register is None:
        return answer
    try:
        reason = registered_reason(answer, papers.register, keep_going)
    except RegisterSilentError:
        return replace(without_persons(answer), verdict=VERDICT_WITHHELD, reason_code=REGISTER_SILENT)
    if reason is None:
        return answer
    return replace(without_persons(answer), verdict=VERDICT_EXCLUDED, reason_code=reason)


def _answer_batch(
    run: Run,
    requests: Sequence[Mapping[str, Any]],
    papers: Papers,
    known: Continuity,
    answered: Answered,
    keep_going: Callable[[], None],
) -> None:
    batch = ask(run, requests, answered, papers.case_keys)
    closed = closed_by_journal(run, batch, answered)
    proposed = [propose(run, asked, answered, papers.case_keys) for asked in batch if asked.case_id not in closed]
    stopped = {asked.case_id for asked in batch if asked.is_stopped}
    may_tell = [case for case in proposed if case is not None]
    may_open = [case for case in may_tell if case.case_id not in stopped]
    versions = {str(request["case_id"]): request["agreement_version"] for request in requests}
    with run.store.transaction("note_openings", at=run.now, actor=run.actor) as transaction:
        for asked in batch:
            for action, signal, code in asked.disbelieved:
                transaction.journal(action, subject_id(*signal), ground=asked.ground, result=code)
            if asked.has_unproven_review:
                transaction.journal(REFUSE_REVIEW, asked.case_id, ground=asked.ground, result=REVIEW_UNPROVEN)
        for asked in (asked for asked in batch if asked.case_id in closed):
            transaction.journal(REFUSE_CASE, asked.case_id, ground=asked.ground, result=CASE_CLOSED)
        for case in may_open:
            counts = {"contacts": len(case.signals)}
            transaction.journal("open_contacts", case.case_id, ground=case.ground, result="begun", counts=counts)
            version = versions[case.case_id]
            transaction.process(
                OPEN, _subjects(case), cause=answered.order_id, ground=case.ground, agreement_version=version
            )
    if may_open:
        seal_head(run)
    answers = {answer.case_id: _unless_excluded(answer, papers) for answer in answer_cases(may_open, papers.desk)}
    answers |= {
        asked.case_id: _unless_registered(answers[asked.case_id], papers, keep_going)
        for asked in batch
        if asked.case_id in answers and _is_news(asked, answers[asked.case_id])
    }
    answers |= {case.case_id: _not_opened(case.case_id, KEY_REVOKED) for case in may_tell if case not in may_open}
    answers |= {asked.case_id: _not_opened(asked.case_id) for asked in batch if asked.case_id not in answers}
    answers = {asked.case_id: _as_decided(asked, answers[asked.case_id]) for asked in batch}
    confirmed = [(asked, answers[asked.case_id]) for asked in batch if _is_news(asked, answers[asked.case_id])]
    joins = known.joins(confirmed)
    answered.unsafe |= known.unsafe(joins)
    for asked in batch:
        answer = answers[asked.case_id]
        join = joins.get(asked.case_id)
        if join is not None:
            answer = replace(answer, reason_code=join.reason_code)
        elif _is_news(asked, answer) and known.is_in_this_order(asked, answer):
            answer = replace(without_persons(answer), verdict=VERDICT_WITHHELD, reason_code=JOINS_NEXT)
        answers[asked.case_id] = answer
        if answer.verdict == VERDICT_CONFIRMED and asked.ground != GROUND_WITHDRAWAL:
            answered.pseudonyms[asked.case_id] = known.written(asked, answer)
        follow(run, asked, answer, join, answered, papers.case_keys)
        answered.unread[str(asked.request["team_id"])] += _is_missed(asked, answer)
    months = {(signal.partner_id, signal.signal_id): signal.month for case in may_open for signal in case.signals}
    answered.kept |= _keep_answers(run, batch, answers, months)
    for case in may_open:
        shown = set(answers[case.case_id].confirmed)
        names = [subject for subject in _subjects(case) if (subject[0], subject[2]) in shown]
        answered.subjects[case.case_id] = (names, versions[case.case_id])


def _subjects(case: ProposedCase) -> list[tuple[str, str, str]]:
    """Whom opening the case is about, as the processing log names them."""
    return [(signal.partner_id, signal.month, signal.signal_id) for signal in case.signals]


def _is_news(asked: Asked, answer: CaseAnswer) -> bool:
    """Whether a case was confirmed that no team saw before: it may join another, or another may join it."""
    return (
        answer.verdict == VERDICT_CONFIRMED
        and asked.ground == GROUND_RULE
        and asked.request["first_revealed_on"] is None
    )


def _is_missed(asked: Asked, answer: CaseAnswer) -> bool:
    """Whether a case that runs or waits stands on no list because its contacts did not open."""
    is_to_come = asked.ground != GROUND_RULE or answer.reason_code in WAITING_REASONS
    return is_to_come and answer.reason_code in UNREAD_REASONS


def _not_opened(case_id: str, reason_code: str = "GROUND_NOT_MET") -> CaseAnswer:
    return CaseAnswer(case_id, VERDICT_WITHHELD, reason_code, None, (), (), (), {})


def _keep_answers(
    run: Run,
    batch: Sequence[Asked],
    answers: Mapping[str, CaseAnswer],
    months: Mapping[tuple[str, str], str],
) -> dict[str, dict[str, Any]]:
    """Write down what came of each request; per case what stands in its row."""
    at = run.now
    kept = {
        answer.case_id: {
            "verdict": answer.verdict,
            "reason_code": answer.reason_code,
            "fields": dict(answer.fields),
            "answered_at": at,
        }
        for answer in answers.values()
    }
    with run.store.transaction("answer_openings", at=at, actor=run.actor) as transaction:
        for asked in batch:
            answer, ground = answers[asked.case_id], asked.ground
            if answer.verdict == VERDICT_DOUBTFUL:
                transaction.journal(
                    ASK_REVIEW, asked.signals_name, ground=asked.case_id, result=answer.reason_code
                )
            counts = {"confirmed": len(answer.confirmed), "refused": len(answer.refused)}
            result = f"{answer.verdict} {answer.reason_code}"
            transaction.journal("judge_case", answer.case_id, ground=ground, result=result, counts=counts)
            for (partner_id, signal_id), code in answer.refused:
                name = subject_id(partner_id, months[partner_id, signal_id], signal_id)
                transaction.journal("refuse_contact", name, ground=ground, result=code)
        openings.answer_requests(
            transaction, [{"request_id": one.request["request_id"], **kept[one.case_id]} for one in batch]
        )
    return kept


def _finish(run: Run, order: Mapping[str, Any], answered: Answered, again: Sequence[Mapping[str, Any]]) -> None:
    at, day = run.now, run.today.isoformat()
    opened = openings.opened_per_day(run.store, day).get(day, 0)
    opened += sum(answered.kept[str(row["case_id"])]["reason_code"] != "GROUND_NOT_MET" for row in again)
    running = [one for one in answered.reopened() if answered.kept[one]["verdict"] != VERDICT_EXCLUDED]
    with run.store.transaction("hand_over_worklists", at=at, actor=run.actor) as transaction:
        if opened > run.agreement.openings_per_day:
            counts = {"opened": opened, "ceiling": run.agreement.openings_per_day}
            transaction.journal("opening_ceiling", day, result="passed", counts=counts)
        for row in answered.shown:
            transaction.journal(
                "disclose_case", str(row["case_id"]), ground=str(row["ground"]), result=f"team {row['team_id']}"
            )
            names, version = answered.subjects.get(str(row["case_id"]), ([], None))
            ground = str(row["ground"])
            transaction.process(
                DISCLOSE, names, cause=str(order["order_id"]), ground=ground, agreement_version=version
            )
        for case_id, join in sorted(answered.joins.items()):
            transaction.journal("join_case", case_id, result=f"{join.reason_code} {join.case_id}")
        for change in answered.changed:
            if change.get("mark") == MARK_RETRACTED:
                transaction.journal(RETRACTED, change["case_id"], ground=GROUND_RUNNING, result=KEY_REVOKED)
        for case_id in running:
            transaction.journal(MOVED, case_id, ground=GROUND_RUNNING, result=IN_PROGRESS)
        warned = answered.unsafe & {str(row["case_id"]) for row in answered.shown}
        for case_id in sorted(warned):
            transaction.journal("keep_warning", case_id)
        continuity.keep_warnings(transaction, warned, at)
        continuity.forget_results(transaction, running, run.today.isoformat())
        continuity.keep_pseudonyms(transaction, answered.pseudonyms)
        counts = {"worklists": len(run.teams.teams), "cases": len(answered.shown)}
        transaction.journal("hand_over_worklists", str(order["order_id"]), counts=counts)
        openings.finish_order(
            transaction,
            str(order["order_id"]),
            done_at=at,
            shown=[{**row, "order_id": order["order_id"], "disclosed_at": at} for row in answered.shown],
            changed_cases=[
                *({**taken_up_again(case_id, day), "changed_at": at} for case_id in running),
                *({**change, "changed_at": at} for change in answered.changed),
            ],
            compared=answered.compared,
            added=[
                _answered_request(request, at, run.actor) | answered.kept[str(request["case_id"])]
                for request in again
            ],
        )


def _answered_request(row: Mapping[str, Any], at: str, actor: str) -> dict[str, Any]:
    """The row of a request that the opener added itself."""
    return {
        **{name: row[name] for name in ("request_id", "order_id", "case_id", "ground", "case_revision")},
        "state": openings.ANSWERED,
        "filed_at": at,
        "filed_by": actor,
    }


def _batches(requests: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    for start in range(0, len(requests), BATCH_CASES):
        yield requests[start : start + BATCH_CASES]
