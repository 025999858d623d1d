"""Months, days and working days in the Netherlands: the calendar that rules are written in.

A month is the text `YYYY-MM`. Working days are Monday to Friday without the Dutch public holidays of the
`holidays` package (Good Friday counts, as in article 3 of the Algemene termijnenwet; 5 May in lustrum years only).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from pipeline.vocabulary.faults import Refused

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2199, 12, 31)
"""No day outside these is worked for: the terms of years around them still lie in the calendar of a computer."""

_MONTH = re.compile(r"^(20[0-9]{2})-(0[1-9]|1[0-2])\Z")


def parse_month(text: str) -> str:
    """Return `text` if it is a month `YYYY-MM` of this century.

    Raises:
        Refused: VALUE_INVALID on column `month`.
    """
    if not _MONTH.match(text):
        raise Refused("VALUE_INVALID", "month", hint="(JJJJ-MM, bijvoorbeeld 2026-10)")
    return text


def parse_day(text: str) -> date:
    """The day that `text` is, when one can work for it.

    Raises:
        ValueError: it is no day, or lies outside FIRST_DAY to LAST_DAY; the message says which days are possible.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError("write a day that exists as YYYY-MM-DD, for instance 2026-11-03") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"choose a day in the years {FIRST_DAY.year} to {LAST_DAY.year}")
    return day


def day_of(at: str) -> date:
    """The day in the Netherlands on which an instant lies, as a clock on the wall there shows it."""
    return datetime.fromisoformat(at).astimezone(AMSTERDAM).date()


def month_of(day: date) -> str:
    """The month a day lies in."""
    return f"{day:%Y-%m}"


def add_months(month: str, count: int) -> str:
    """The month `count` months later (earlier when negative)."""
    index = int(month[:4]) * 12 + int(month[5:7]) - 1 + count
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def months_between(first: str, last: str) -> list[str]:
    """Every month from the first to the last, both with it."""
    found = []
    while first <= last:
        found.append(first)
        first = add_months(first, 1)
    return found


def month_start(month: str) -> date:
    """The first day of a month."""
    return date(int(month[:4]), int(month[5:7]), 1)


def month_end(month: str) -> date:
    """The last day of a month."""
    year, number = int(month[:4]), int(month[5:7])
    return date(year, number, monthrange(year, number)[1])


@lru_cache(maxsize=64)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("NL", years=year))


def written_day(day: str) -> str:
    """A day as people write it: 2026-11-03 becomes 03-11-2026."""
    return f"{date.fromisoformat(day):%d-%m-%Y}"


def is_working_day(day: date) -> bool:
    """Whether teams work on this day."""
    return day.weekday() < 5 and day not in _public_holidays(day.year)


def next_working_day(day: date) -> date:
    """The first working day after `day`."""
    return add_working_days(day, 1)


def add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after `day`; `count` is at least 0."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def working_days_between(day: date, later: date) -> int:
    """How many working days lie after `day`, up to and with `later`; 0 when `later` is not later."""
    return sum(is_working_day(day + timedelta(days=number)) for number in range(1, (later - day).days + 1))
