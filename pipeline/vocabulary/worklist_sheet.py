"""The columns of werklijst.xlsx that a team fills in, and the two hidden ones that say which case a row is about.

The sheet is written with these headings and read back by them, wherever a column was moved.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.vocabulary.outcome import CONTACT_TYPES, END_RESULTS, PARTS_OF_DAY

SHEET_NAME = "Werklijst"
YES_NO = ("Ja", "Nee")


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column to be filled in: field of the follow-up format, Dutch heading, and what may be chosen."""

    field: str
    heading: str
    choices: tuple[str, ...] = ()
    is_date: bool = False


FOLLOW_UP_COLUMNS: tuple[SheetColumn, ...] = (
    SheetColumn("type", "Soort contact", CONTACT_TYPES),
    SheetColumn("is_reached", "Bereikt", YES_NO),
    SheetColumn("on", "Datum contact", is_date=True),
    SheetColumn("part_of_day", "Dagdeel", PARTS_OF_DAY),
    SheetColumn("by", "Door wie"),
    SheetColumn("next_appointment_on", "Volgende afspraak", is_date=True),
    SheetColumn("is_unsafe", "Onveilig", YES_NO),
    SheetColumn("result", "Resultaat", END_RESULTS),
    SheetColumn("result_on", "Datum resultaat", is_date=True),
    SheetColumn("has_consent_for_feedback", "Toestemming terugkoppeling", YES_NO),
)
CASE_ID_HEADING = "case_id"
SHEET_VERSION_HEADING = "sheet_version"
