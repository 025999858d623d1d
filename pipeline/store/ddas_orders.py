"""Orders for the statistics office in the store: which cases they ask for, and what is never asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from pipeline.store.connect import Store
from pipeline.store.tables import case_signals, cases, signals, worklist_orders
from pipeline.vocabulary.case import JOINED, SEEN_STATES

NOT_REVEALED, CASE_JOINED = "NOT_REVEALED", "CASE_JOINED"
FIRST_REVISION = 10_000
"""Orders of a day are numbered; worklists count from one, these from here."""


def next_revision(store: Store, day: str) -> int:
    """The number of the next order of a day that is not for worklists."""
    statement = sa.select(sa.func.max(worklist_orders.c.revision).label("last")).where(
        worklist_orders.c.worklist_on == day, worklist_orders.c.purpose.is_not(None)
    )
    last = store.all(statement)[0]["last"]
    return FIRST_REVISION if last is None else int(last) + 1


def revealed_cases(store: Store, months: Sequence[str]) -> list[dict[str, Any]]:
    """Cases of these months that a team has seen: case_id, revision."""
    statement = sa.select(cases.c.case_id, cases.c.revision).where(
        cases.c.month.in_(months), cases.c.state.in_(SEEN_STATES)
    )
    return store.all(statement.order_by(cases.c.case_id))


def unrevealed_signals(store: Store, months: Sequence[str]) -> dict[str, int]:
    """How many signals in force of these months are in no case that a team has seen, by why that is."""
    is_shown = _held(case_signals.c.is_confirmed, cases.c.state.in_(SEEN_STATES))
    has_joined = _held(
        case_signals.c.is_active, case_signals.c.is_confirmed.is_not(False), cases.c.state == JOINED
    )
    counted = sa.select(sa.func.count().label("count")).where(
        signals.c.month.in_(months), signals.c.is_current, sa.not_(signals.c.is_retraction), ~sa.exists(is_shown)
    )
    whys = {CASE_JOINED: sa.exists(has_joined), NOT_REVEALED: ~sa.exists(has_joined)}
    return {why: int(store.all(counted.where(is_so))[0]["count"]) for why, is_so in whys.items()}


def _held(*conditions: Any) -> Any:
    """Cases with a signal of the statement around it."""
    return (
        sa.select(1)
        .select_from(case_signals.join(cases, cases.c.case_id == case_signals.c.case_id))
        .where(
            case_signals.c.partner_id == signals.c.partner_id,
            case_signals.c.month == signals.c.month,
            case_signals.c.signal_id == signals.c.signal_id,
            *conditions,
        )
    )
