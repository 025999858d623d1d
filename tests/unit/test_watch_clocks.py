"""Who is late, day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.stewardship.watch_clocks import delivery_due_on, is_worklist_late, late_partners
from pipeline.vocabulary.agreement import Agreement

AGREEMENT = Agreement.from_dict(
    {
        "format": "samenloop/agreement/1",
        "agreement_id": "oefen",
        "version": 1,
        "gemeentecode": "GM9901",
        "municipality": "Oefenstad",
        "valid_from": "2026-01-01",
        "valid_until": None,
        "partners": [
            {"partner_id": "huur-a", "partner_type": "Huur", "name": "Huur", "valid_from": "2026-01-01"},
            {"partner_id": "water-a", "partner_type": "Water", "name": "Water", "valid_from": "2026-01-01"},
            {"partner_id": "zorg-a", "partner_type": "Zorg", "name": "Zorg", "valid_from": "2026-11-01"},
        ],
        "rule": {},
        "lanes": {"crisis": "count"},
    }
)


def with_working_day(count: int) -> Agreement:
    return replace(AGREEMENT, thresholds={"delivery_working_day": count})


@pytest.mark.parametrize(
    ("agreement", "today", "due"),
    [
        (AGREEMENT, date(2026, 11, 3), date(2026, 11, 6)),  # the fifth working day; 1 November is a Sunday
        (with_working_day(1), date(2026, 11, 3), date(2026, 11, 2)),
        (with_working_day(1), date(2026, 5, 20), date(2026, 5, 1)),
        (with_working_day(1), date(2026, 1, 9), date(2026, 1, 2)),  # New Year's Day does not count
    ],
)
def test_signals_are_due_on_a_working_day_of_the_next_month(agreement: Agreement, today: date, due: date) -> None:
    """The agreement names the working day; where it is silent the fifth counts."""
    assert due == delivery_due_on(agreement, today)


@pytest.mark.parametrize(
    ("today", "delivered", "late"),
    [
        (date(2026, 11, 5), set(), []),
        (date(2026, 11, 6), set(), ["huur-a", "water-a"]),
        (date(2026, 11, 6), {"huur-a"}, ["water-a"]),
        (date(2026, 11, 30), {"huur-a", "water-a"}, []),
        (date(2026, 12, 7), {"huur-a", "water-a"}, ["zorg-a"]),
    ],
)
def test_late_is_who_takes_part_and_did_not_deliver(today: date, delivered: set[str], late: list[str]) -> None:
    """Nobody is late before the day; a partner that joined later owes nothing for the month before."""
    assert late == late_partners(AGREEMENT, delivered, today)


@pytest.mark.parametrize(
    ("today", "waiting", "orders_open", "orders_done", "is_late"),
    [
        (date(2026, 11, 3), 4, 0, 0, True),  # cases wait and nobody ordered
        (date(2026, 11, 3), 0, 0, 0, False),
        (date(2026, 11, 3), 4, 0, 1, False),
        (date(2026, 11, 3), 0, 1, 0, True),  # ordered, and the opener does not answer
        (date(2026, 11, 7), 4, 0, 0, False),  # a Saturday
        (date(2026, 12, 25), 4, 0, 0, False),
    ],
)
def test_a_worklist_is_late_on_working_days_only(
    today: date, waiting: int, orders_open: int, orders_done: int, is_late: bool
) -> None:
    """On a day off nothing is late, unless an order lies unanswered."""
    assert is_late == is_worklist_late(today, waiting=waiting, orders_open=orders_open, orders_done=orders_done)
