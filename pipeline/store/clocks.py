"""What the clocks are read from: deliveries of a month, orders of a day, and what was already said."""

from __future__ import annotations

import sqlalchemy as sa

from pipeline.store.connect import Store
from pipeline.store.tables import cases, deliveries, journal, worklist_orders

COUNTS_AS_DELIVERED = ("admitted", "warned", "held", "released")
WAITS_FOR_A_WORKLIST = ("routed",)


def partners_that_delivered(store: Store, month: str) -> set[str]:
    """Partners whose signals of a month arrived; held ones count, refused ones do not."""
    rows = store.all(
        sa.select(deliveries.c.partner_id)
        .where(deliveries.c.month == month, deliveries.c.state.in_(COUNTS_AS_DELIVERED))
        .distinct()
    )
    return {str(row["partner_id"]) for row in rows}


def count_waiting_cases(store: Store) -> int:
    """Cases that have a team and were not shown yet."""
    counted = store.all(
        sa.select(sa.func.count().label("count")).select_from(cases).where(cases.c.state.in_(WAITS_FOR_A_WORKLIST))
    )
    return int(counted[0]["count"])


def orders_of(store: Store, worklist_on: str) -> dict[str, int]:
    """How many orders of a day are filed and done."""
    rows = store.all(
        sa.select(worklist_orders.c.state, sa.func.count().label("count"))
        .where(worklist_orders.c.worklist_on == worklist_on, worklist_orders.c.purpose.is_(None))
        .group_by(worklist_orders.c.state)
    )
    return {str(row["state"]): int(row["count"]) for row in rows}


def said_before(store: Store, action: str, ground: str) -> set[str]:
    """The objects about which the journal already holds this line."""
    rows = store.all(sa.select(journal.c.object).where(journal.c.action == action, journal.c.ground == ground))
    return {str(row["object"]) for row in rows}
