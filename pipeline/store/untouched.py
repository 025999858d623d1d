"""Shown cases with the last thing that happened to them, and the closing of those of which nothing was heard."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from pipeline.store import openings
from pipeline.store.connect import Store, Transaction
from pipeline.store.retirement_ledger import Retirement
from pipeline.store.tables import cases, results
from pipeline.vocabulary.case import CLOSED, JOINED, MARK_RETRACTED, MOVED, SHOWN_STATES, check_transition
from pipeline.vocabulary.untouched import Untouched, result_of, touched_on

UNTOUCHED = "untouched"
TRANSACTION = "close_untouched"


def shown_cases(store: Store) -> list[Untouched]:
    """Cases that stand on a team's list; what was taken back has nothing left to do."""
    counts = sa.or_(cases.c.mark.is_(None), cases.c.mark != MARK_RETRACTED)
    shown = store.all(
        sa.select(cases.c.case_id, cases.c.state, cases.c.first_revealed_on, cases.c.opened_on, cases.c.grown_on)
        .where(cases.c.state.in_(SHOWN_STATES), counts)
        .order_by(cases.c.case_id)
    )
    joined: dict[str, list[str]] = {}
    for row in store.all(sa.select(cases.c.joined_to, cases.c.month).where(cases.c.state == JOINED)):
        joined.setdefault(str(row["joined_to"]), []).append(str(row["month"]))
    tried, said = openings.follow_up_of_cases(store, [str(row["case_id"]) for row in shown])
    return [_untouched(row, tried.get(row["case_id"], []), said, joined) for row in shown]


def _untouched(
    row: dict[str, Any],
    attempts: list[dict[str, Any]],
    said: dict[str, dict[str, Any]],
    joined: dict[str, list[str]],
) -> Untouched:
    case_id = str(row["case_id"])
    touched = touched_on(
        row["first_revealed_on"] or row["opened_on"],
        row["grown_on"],
        [attempt["attempted_on"] for attempt in attempts],
        said.get(case_id, {}).get("next_appointment_on"),
        joined.get(case_id, ()),
    )
    return Untouched(case_id, str(row["state"]), touched, result_of(attempts))


def close(store: Store, run: Retirement, untouched: Collection[Untouched], months: int, due_before: str) -> None:
    """Close these cases, each with its result and a line in the journal."""
    with store.transaction(TRANSACTION, at=run.at, actor=run.actor) as transaction:
        for case in untouched:
            check_transition(case.state, CLOSED)
            where = sa.and_(cases.c.case_id == case.case_id, cases.c.state == case.state)
            transaction.update(cases, where, {"state": CLOSED, "changed_at": run.at})
            _keep_result(transaction, case, run.at)
            ground = f"nothing recorded for {months} months after {case.touched_on.isoformat()}"
            transaction.journal(TRANSACTION, case.case_id, ground=ground, result=case.result)
            transaction.journal(MOVED, case.case_id, ground=TRANSACTION, result=CLOSED)
        run.add(transaction, UNTOUCHED, due_before, len(untouched))


def _keep_result(transaction: Transaction, case: Untouched, at: str) -> None:
    values = {"result": case.result, "result_on": case.touched_on.isoformat(), "recorded_at": at}
    if not transaction.update(results, results.c.case_id == case.case_id, values):
        row = {"case_id": case.case_id, "has_consent_for_feedback": False, "is_unsafe": False, **values}
        transaction.insert(results, [row])
