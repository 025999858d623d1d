"""The calendar: months and Dutch working days."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.vocabulary import period
from pipeline.vocabulary.faults import Refused


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        (date(2026, 11, 3), True),
        (date(2026, 11, 7), False),  # Saturday
        (date(2026, 11, 8), False),  # Sunday
        (date(2026, 12, 25), False),  # Christmas Day, a Friday
        (date(2027, 1, 1), False),  # New Year's Day, a Friday
        (date(2026, 4, 6), False),  # Easter Monday
        (date(2026, 4, 27), False),  # King's Day, a Monday
        (date(2026, 5, 5), True),  # Liberation Day is free in lustrum years only
        (date(2025, 5, 5), False),
        (date(2026, 5, 14), False),  # Ascension Day
        (date(2026, 5, 25), False),  # Whit Monday
        (date(2026, 4, 3), False),  # Good Friday
    ],
)
def test_working_days(day: date, is_working: bool) -> None:
    """Teams work from Monday to Friday, except on public holidays."""
    assert is_working == period.is_working_day(day)


def test_three_working_days_pass_over_christmas() -> None:
    """A term in working days leaves out the weekend and the holidays between."""
    assert date(2026, 12, 29) == period.add_working_days(date(2026, 12, 23), 3)
    assert date(2026, 12, 24) == period.next_working_day(date(2026, 12, 23))


@pytest.mark.parametrize(
    ("month", "count", "expected"),
    [
        ("2026-10", 1, "2026-11"),
        ("2026-12", 1, "2027-01"),
        ("2026-01", -1, "2025-12"),
        ("2026-10", -14, "2025-08"),
    ],
)
def test_months_add_over_year_ends(month: str, count: int, expected: str) -> None:
    """Adding months goes over year ends in both directions."""
    assert expected == period.add_months(month, count)


def test_month_ends() -> None:
    """A month ends on its last day, also in a leap year."""
    assert [date(2028, 2, 29), date(2026, 2, 28)] == [period.month_end("2028-02"), period.month_end("2026-02")]


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "1999-10", "2026-10 ", "2026-10\n", "", "20２６-10"])
def test_what_is_not_a_month_is_refused(text: str) -> None:
    """Only YYYY-MM of this century is a month."""
    with pytest.raises(Refused):
        period.parse_month(text)


@pytest.mark.parametrize(
    ("day", "later", "expected"),
    [
        (date(2026, 11, 3), date(2026, 11, 3), 0),
        (date(2026, 11, 3), date(2026, 11, 9), 4),
        (date(2026, 11, 6), date(2026, 11, 8), 0),
        (date(2026, 12, 23), date(2026, 12, 29), 3),
        (date(2026, 11, 9), date(2026, 11, 3), 0),
    ],
)
def test_working_days_between(day: date, later: date, expected: int) -> None:
    """The first day does not count, the last does; weekends and holidays never do."""
    assert expected == period.working_days_between(day, later)
