"""Until when somebody must have been in contact, and whether that still must happen.

A term begins when a case is opened, when it is taken up again, and when a crisis comes in and nobody was in
contact since. Only an attempt in person, or one that reached somebody, ends a term: a letter does not. Until
somebody was in contact a term never moves back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.revealed.priority import due_date
from pipeline.vocabulary.outcome import is_contact


@dataclass(frozen=True, slots=True)
class Begun:
    """What the store knows. `term_from_on`: None is the day of opening; `due_on`: the end as it was set before."""

    opened_on: date
    term_from_on: date | None = None
    crisis_from_on: date | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """The present term; `is_contact_due` until somebody was in contact."""

    from_on: date | None
    due_on: date
    is_contact_due: bool


def present_term(
    begun: Begun, attempts: Iterable[Mapping[str, Any]], thresholds: Mapping[str, Any], *, is_crisis: bool
) -> Term:
    """The term of a case, from what was tried since it began."""
    contacts = [
        one["on"] for one in since(begun.term_from_on, attempts) if is_contact(one["type"], one["is_reached"])
    ]
    first = begun.term_from_on or begun.opened_on
    crisis_from = max(first, begun.crisis_from_on or first)
    due_on = due_date(first, thresholds, is_crisis=False)
    if is_crisis:
        crisis_due_on = due_date(crisis_from, thresholds, is_crisis=True)
        if crisis_from > first and contacts and max(contacts) < crisis_from.isoformat():
            return Term(crisis_from, crisis_due_on, is_contact_due=True)
        due_on = min(due_on, crisis_due_on)
    if begun.due_on is not None:
        due_on = min(due_on, begun.due_on)
    return Term(begun.term_from_on, due_on, is_contact_due=not contacts)


def since(day: date | None, attempts: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The attempts of a term that began on a day; all of them without one."""
    return [one for one in attempts if day is None or one["on"] >= day.isoformat()]
