"""The worklist of one team and day as a document: its entries in order of priority.

Page, sheet and JSON are made from this one document, so their content is the same. First what is urgent, then what
is overdue, then what is for today, then what is new, then what changed, then what goes on; within a section most
points first, but of what is urgent the earliest date, and a crisis that is over after those that are to come.
Cases that need no visit any more stand at the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pipeline.revealed.crisis import crisis_order, pressing_crisis
from pipeline.revealed.priority import URGENT
from pipeline.vocabulary.case import GROUND_WITHDRAWAL

FORMAT = "samenloop/werklijst/1"
SPOED = "spoed"
LATE = "late"
TODAY = "today"
NEW = "new"
RENEWED = "renewed"
RUNNING = "running"
WITHDRAWN = "withdrawal"
SECTIONS = (SPOED, LATE, TODAY, NEW, RENEWED, RUNNING, WITHDRAWN)


def make_worklist(
    team_id: str,
    team_name: str,
    municipality: str,
    on: date,
    sheet_version: str,
    entries: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """The document of schemas/worklist: priority 1 comes first."""
    ordered = sorted(entries, key=lambda entry: _order(entry, on.isoformat()))
    return {
        "format": FORMAT,
        "team": team_id,
        "team_name": team_name,
        "municipality": municipality,
        "date": on.isoformat(),
        "sheet_version": sheet_version,
        "cases": [{**entry, "priority": number} for number, entry in enumerate(ordered, 1)],
    }


def section_of(case: Mapping[str, Any], today: str) -> str:
    """The part of the list that a case belongs to; an appointment in time takes the haste away."""
    if case["ground"] == GROUND_WITHDRAWAL:
        return WITHDRAWN
    appointment = case["next_appointment_on"]
    if appointment and appointment > today and crisis_before(case, today) is None:
        return RUNNING
    if case["urgency"] == URGENT:
        return SPOED
    if is_late(case, today):
        return LATE
    if appointment == today or is_missed(case, today) or (case["due_on"] == today and case["is_contact_due"]):
        return TODAY
    if case["is_renewed"]:
        return RENEWED
    return NEW if case["is_contact_due"] else RUNNING


def is_late(case: Mapping[str, Any], today: str) -> bool:
    """Whether somebody should have been in contact before today."""
    return bool(case["is_contact_due"] and case["due_on"] and case["due_on"] < today)


def is_missed(case: Mapping[str, Any], today: str) -> bool:
    """Whether an appointment has passed of which nobody wrote down how it went."""
    day = case["next_appointment_on"]
    return bool(day and day < today and not any(attempt["on"] >= day for attempt in case["attempts"]))


def crisis_before(case: Mapping[str, Any], today: str) -> Mapping[str, Any] | None:
    """The crisis whose day is before the appointment that stands; none if somebody was reached after that day."""
    appointment = case["next_appointment_on"]
    crisis = pressing_crisis(case["signals"], today)
    if crisis is None or not crisis["crisis_on"] or not appointment or appointment < today:
        return None
    on = crisis["crisis_on"]
    was_reached = any(attempt["is_reached"] and attempt["on"] > on for attempt in case["attempts"])
    return None if was_reached or appointment <= on else crisis


def as_json(worklist: Mapping[str, Any]) -> bytes:
    """The bytes of werklijst.json."""
    return (json.dumps(worklist, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _order(entry: Mapping[str, Any], today: str) -> tuple[object, ...]:
    """Section; of urgent cases what is to come, the overdue, the earliest crisis; then most points.

    Of what needs no visit any more first where a crisis stands. Of equals the earliest crisis, who was not tried
    yet, the earliest term, the most euros.
    """
    section = section_of(entry, today)
    is_past, crisis_on = crisis_order(entry["signals"], today)
    return (
        SECTIONS.index(section),
        is_past if section == SPOED else False,
        entry["urgency"] != URGENT if section == WITHDRAWN else not is_late(entry, today),
        crisis_on if section == SPOED else "",
        -entry["points"],
        crisis_on,
        bool(entry["attempts"]),
        entry["due_on"] or "",
        -sum(signal["arrears_eur"] for signal in entry["signals"]),
        entry["case_id"],
    )
