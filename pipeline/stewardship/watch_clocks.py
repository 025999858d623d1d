"""Who is late, by the agreement's clocks.

A partner's signals of a month are due on a working day of the next month: the agreement's threshold
`delivery_working_day`, the fifth where it says nothing. A worklist is due on each working day on which cases wait.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from pipeline.vocabulary.agreement import Agreement
from pipeline.vocabulary.period import add_months, add_working_days, is_working_day, month_of, month_start

DELIVERY_WORKING_DAY = 5


def month_expected(today: date) -> str:
    """The month whose signals partners deliver now: the one before."""
    return add_months(month_of(today), -1)


def delivery_due_on(agreement: Agreement, today: date) -> date:
    """The day on which the signals of the expected month must be there."""
    count = int(agreement.thresholds.get("delivery_working_day", DELIVERY_WORKING_DAY))
    return add_working_days(month_start(month_of(today)) - timedelta(days=1), count)


def late_partners(agreement: Agreement, delivered: Collection[str], today: date) -> list[str]:
    """The partners whose signals of the expected month were due and are not there."""
    month = month_expected(today)
    if today < delivery_due_on(agreement, today):
        return []
    expected = (partner.partner_id for partner in agreement.partners if partner.is_valid_for(month))
    return sorted(set(expected) - set(delivered))


def is_worklist_late(today: date, *, waiting: int, orders_open: int, orders_done: int) -> bool:
    """Whether a worklist of today is due and not there: an order is not served, or cases wait without one."""
    return orders_open > 0 or (is_working_day(today) and waiting > 0 and orders_done == 0)
