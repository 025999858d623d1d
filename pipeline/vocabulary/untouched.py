"""A case that stands on a team's list and of which nothing is heard: since when, when it closes, and as what.

Time counts from the last thing that happened: shown for the first time, shown grown, reported again in a later
month, an attempt, an appointment. After `untouched_months` whole months the case is closed; in the last of them
the team reads so on its list, and the data steward in `status`. The result that is filled in says no more than
what was recorded, and is dated on that last thing: what a team still returns about a later day goes before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.vocabulary.period import add_months, month_of, month_start

UNTOUCHED_MONTHS = 6
NOT_TAKEN_UP = "Niet opgepakt: andere reden"
NEVER_REACHED = "Definitief geen contact kunnen krijgen"
NOTHING_SINCE = "Geen reactie na eerder contact"


@dataclass(frozen=True, slots=True)
class Untouched:
    """A shown case and when something last happened to it."""

    case_id: str
    state: str
    touched_on: date
    result: str


def touched_on(
    first_shown_on: str,
    grown_on: str | None,
    attempted_on: Iterable[str],
    next_appointment_on: str | None,
    joined_months: Iterable[str],
) -> date:
    """The day of the last thing that happened; what was reported of a month came the month after."""
    days = [first_shown_on, grown_on, next_appointment_on, *attempted_on]
    reported = (month_start(add_months(month, 1)) for month in joined_months)
    return max(*(date.fromisoformat(day) for day in days if day), date.min, *reported)


def closes_on(touched: date, thresholds: Mapping[str, Any]) -> date:
    """The first day on which a case of which nothing was heard since is closed."""
    months = int(thresholds.get("untouched_months", UNTOUCHED_MONTHS))
    return month_start(add_months(month_of(touched), months + 1))


def is_last_month(closing: date, today: date) -> bool:
    """Whether a team and the steward are told: the case closes on the first day of the next month, or is late."""
    return closing <= month_start(add_months(month_of(today), 1))


def result_of(attempts: Iterable[Mapping[str, Any]]) -> str:
    """What is filled in: nobody tried, nobody was reached, or nothing came after a contact."""
    reached = [bool(attempt["is_reached"]) for attempt in attempts]
    if not reached:
        return NOT_TAKEN_UP
    return NOTHING_SINCE if any(reached) else NEVER_REACHED
