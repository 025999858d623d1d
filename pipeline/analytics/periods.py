"""Periods that figures are told of: a month, a quarter, a year, or months from one to another."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.analytics.topics import QUARTER, months_of, period_of
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import add_months, parse_month

MOST_MONTHS = 120
_QUARTER = re.compile(r"^(20\d\d)-?[QqKk]([1-4])\Z", re.ASCII)
_YEAR = re.compile(r"^20\d\d\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """Months in order, and the text that names them in a file."""

    name: str
    months: tuple[str, ...]

    @property
    def quarters(self) -> tuple[str, ...]:
        """The quarters that lie wholly within the period."""
        found = sorted({period_of(month, QUARTER) for month in self.months})
        return tuple(quarter for quarter in found if set(months_of(quarter)) <= set(self.months))


def parse_period(text: str) -> Period:
    """Read `2026-10`, `2026Q4`, `2026` or `2026-01..2026-06`.

    Raises:
        Refused: VALUE_INVALID on column `period`.
    """
    quarter = _QUARTER.match(text)
    if quarter:
        name = f"{quarter[1]}Q{quarter[2]}"
        return Period(name, months_of(name))
    if _YEAR.match(text):
        return Period(text, tuple(f"{text}-{number:02d}" for number in range(1, 13)))
    try:
        first, dots, last = text.partition("..")
        month, end = parse_month(first), parse_month(last if dots else first)
    except Refused:
        raise Refused("VALUE_INVALID", "period", hint="(2026-10, 2026Q4, 2026, 2026-01..2026-06)") from None
    months = [month]
    while months[-1] < end and len(months) < MOST_MONTHS:
        months.append(add_months(months[-1], 1))
    if months[-1] != end:
        raise Refused("VALUE_INVALID", "period", hint="(2026-10, 2026Q4, 2026, 2026-01..2026-06)")
    return Period(first if first == end else f"{first}..{end}", tuple(months))
