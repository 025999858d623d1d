"""Which case comes first and when the first contact is due: a published table, no learned score.

Of each `what` in priority.csv the last row that is reached counts; points add up, most points come first. Earlier
attempts take points away: who was tried often already makes room for who was not.
Terms: first contact within four weeks of the case, three working days when eviction or shut-off threatens. Terms
and amounts can be set in the agreement's thresholds.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from typing import Any

from pipeline.vocabulary.period import add_working_days, is_working_day

FIRST_CONTACT_DAYS = 28
CRISIS_WORKING_DAYS = 3
HIGH_AMOUNT_EUR = {"Huur": 1500, "Hypotheek": 1500, "Energie": 500, "Water": 250, "Zorg": 500}
HIGH_AMOUNT_OTHER_EUR = 1000

URGENT = "spoed"
HIGH = "hoog"
USUAL = "gewoon"
_URGENCY_FROM = ((300, URGENT), (40, HIGH))


@dataclass(frozen=True, slots=True)
class PriorityRow:
    """One row of the table: so many points when a fact reaches so much."""

    what: str
    at_least: int
    points: int
    because: str

    @property
    def key(self) -> str:
        """Its Dutch words in texts.toml."""
        return f"{self.what}_{self.at_least}"


def _read_table() -> tuple[PriorityRow, ...]:
    text = resources.files(__package__).joinpath("priority.csv").read_text(encoding="utf-8")
    return tuple(
        PriorityRow(row["what"], int(row["at_least"]), int(row["points"]), row["because"])
        for row in csv.DictReader(text.splitlines(), delimiter=";")
    )


PRIORITY_ROWS: tuple[PriorityRow, ...] = _read_table()


@dataclass(frozen=True, slots=True)
class Urgency:
    """What the table counts for one case."""

    crisis: int
    days_overdue: int
    partners: int
    months: int
    high_amounts: int
    weeks_waiting: int
    repeats: int = 0
    attempts: int = 0

    @property
    def rows(self) -> tuple[PriorityRow, ...]:
        """What counts: of each kind the last row that is reached."""
        return tuple({row.what: row for row in PRIORITY_ROWS if getattr(self, row.what) >= row.at_least}.values())

    @property
    def points(self) -> int:
        """The sum over the table."""
        return sum(row.points for row in self.rows)

    @property
    def label(self) -> str:
        """spoed, hoog or gewoon."""
        return next((label for least, label in _URGENCY_FROM if self.points >= least), USUAL)


def due_date(opened_on: date, thresholds: Mapping[str, Any], *, is_crisis: bool) -> date:
    """The last working day on which the first contact is in time."""
    if is_crisis:
        days = int(thresholds.get("crisis_working_days", CRISIS_WORKING_DAYS))
        return add_working_days(opened_on, days)
    due = opened_on + timedelta(days=int(thresholds.get("first_contact_days", FIRST_CONTACT_DAYS)))
    while not is_working_day(due):
        due -= timedelta(days=1)
    return due


def is_high_amount(partner_type: str, euros: int, thresholds: Mapping[str, Any]) -> bool:
    """Whether an amount reaches the threshold of its partner type."""
    settings = thresholds.get("high_amount_eur", {})
    usual = HIGH_AMOUNT_EUR.get(partner_type, HIGH_AMOUNT_OTHER_EUR)
    return euros >= int(settings.get(partner_type, usual))
