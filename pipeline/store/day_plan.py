"""The room of a day in the store: who has work in hand, what was begun today, what waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.openings import DONE
from pipeline.store.row_updates import update_rows
from pipeline.store.tables import cases, opening_requests, team_days, worklist_orders
from pipeline.vocabulary.case import GROUND_RULE, ROUTED, SHOWN_STATES

NEW_COLUMNS = (
    "case_id",
    "team_id",
    "counsellor_id",
    "is_crisis",
    "partner_count",
    "months_max",
    "opened_on",
    "month",
    "reason_code",
)


def new_cases(transaction: Transaction) -> list[dict[str, Any]]:
    """Routed cases, which no team saw in this form: NEW_COLUMNS."""
    return transaction.all(
        sa.select(*(cases.c[name] for name in NEW_COLUMNS))
        .where(cases.c.state == ROUTED, cases.c.team_id.is_not(None))
        .order_by(cases.c.case_id)
    )


def running_per_counsellor(transaction: Transaction) -> dict[str, int]:
    """Shown cases that are not closed, per counsellor."""
    rows = transaction.all(
        sa.select(cases.c.counsellor_id, sa.func.count().label("count"))
        .where(cases.c.state.in_(SHOWN_STATES), cases.c.counsellor_id.is_not(None))
        .group_by(cases.c.counsellor_id)
    )
    return {str(row["counsellor_id"]): int(row["count"]) for row in rows}


def begun_on(transaction: Transaction, worklist_on: str) -> dict[tuple[str, str | None], int]:
    """New cases that an answered order of this day asked for, per team and counsellor."""
    asked = (
        sa.select(opening_requests.c.case_id)
        .join(worklist_orders, worklist_orders.c.order_id == opening_requests.c.order_id)
        .where(
            worklist_orders.c.worklist_on == worklist_on,
            worklist_orders.c.state == DONE,
            opening_requests.c.ground == GROUND_RULE,
        )
    )
    rows = transaction.all(
        sa.select(cases.c.team_id, cases.c.counsellor_id, sa.func.count().label("count"))
        .where(cases.c.case_id.in_(asked), cases.c.team_id.is_not(None), cases.c.state != ROUTED)
        .group_by(cases.c.team_id, cases.c.counsellor_id)
    )
    return {(str(row["team_id"]), row["counsellor_id"]): int(row["count"]) for row in rows}


def urgent_on(transaction: Transaction, worklist_on: str) -> dict[str, int]:
    """How many could not wait, as planned earlier on this day, per team."""
    rows = transaction.all(sa.select(team_days).where(team_days.c.worklist_on == worklist_on))
    return {str(row["team_id"]): int(row["urgent_count"]) for row in rows}


def save_plan(
    transaction: Transaction,
    worklist_on: str,
    changed: Sequence[Mapping[str, Any]],
    days: Iterable[Mapping[str, Any]],
) -> None:
    """Keep counsellor and reason of new cases, and the day of each team; a day that was planned is replaced."""
    update_rows(transaction, cases, ("case_id",), changed)
    transaction.connection.execute(team_days.delete().where(team_days.c.worklist_on == worklist_on))
    transaction.insert(team_days, [{**day, "worklist_on": worklist_on} for day in days])


def days_of(store: Store, worklist_on: str) -> dict[str, dict[str, Any]]:
    """What was planned for a day, per team."""
    rows = store.all(sa.select(team_days).where(team_days.c.worklist_on == worklist_on))
    return {str(row["team_id"]): row for row in rows}


def last_days(store: Store) -> dict[str, dict[str, Any]]:
    """The day that was planned last, per team."""
    newest = store.all(sa.select(sa.func.max(team_days.c.worklist_on).label("on")))[0]["on"]
    return {} if newest is None else days_of(store, str(newest))
