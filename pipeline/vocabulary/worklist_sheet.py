"""The columns of werklijst.xlsx that a team fills in, and the hidden ones that say which case a row is about.

The sheet is written with these headings and read back by them, wherever a column was moved. A case has several
rows, one for each attempt of the day. The row code tells whether case id, person and address still belong
together: who sorts half a sheet would otherwise report about the neighbours. The date probe is the last day of a
year: saved as csv, it tells how that office writes days and months.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from pipeline.vocabulary.outcome import (
    CONTACT_TYPES,
    PARTS_OF_DAY,
    RESULT_CHOICES,
    WITHDRAWN_NOT_REACHED,
    WITHDRAWN_REACHED,
)

SHEET_NAME = "Werklijst"
YES_NO = ("Ja", "Nee")
REACHED_CHOICES = (*YES_NO, WITHDRAWN_REACHED, WITHDRAWN_NOT_REACHED)
ATTEMPT_ROWS = 3


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column to be filled in: field of the follow-up format, Dutch heading, and what may be chosen."""

    field: str
    heading: str
    choices: tuple[str, ...] = ()
    is_date: bool = False


WHO = SheetColumn("who", "Wie")
WHERE = SheetColumn("where", "Waar")
FOLLOW_UP_COLUMNS: tuple[SheetColumn, ...] = (
    SheetColumn("type", "Soort contact", CONTACT_TYPES),
    SheetColumn("is_reached", "Bereikt", REACHED_CHOICES),
    SheetColumn("on", "Datum contact", is_date=True),
    SheetColumn("part_of_day", "Dagdeel", PARTS_OF_DAY),
    SheetColumn("by", "Door wie"),
    SheetColumn("next_appointment_on", "Volgende afspraak", is_date=True),
    SheetColumn("is_unsafe", "Onveilig", YES_NO),
    SheetColumn("result", "Resultaat", RESULT_CHOICES),
    SheetColumn("result_on", "Datum resultaat", is_date=True),
    SheetColumn("has_consent_for_feedback", "Toestemming terugkoppeling", YES_NO),
)
NUMBER_HEADING = "Nr"
ATTEMPT_FIELDS = ("type", "is_reached", "on", "part_of_day", "by")
CASE_ID_HEADING = "case_id"
SHEET_VERSION_HEADING = "sheet_version"
ROW_CODE_HEADING = "row_code"
DATE_PROBE_HEADING = "date_probe"


COLUMN_WORDS = {
    **{column.field: column.heading for column in (*FOLLOW_UP_COLUMNS, WHERE, WHO)},
    "case_id": "zaaknummer",
    "sheet_version": "versie van de lijst",
    "row_code": "rijcode",
    "attempts": "pogingen",
    "attempt_id": "nummer van de poging",
}
"""What a field of the follow-up format is called when a person reads about it."""


def row_code(case_id: str, sheet_version: str, where: str, who: str) -> str:
    """Three short digests: of case and version, of case and address, of case and person.

    The reader of returned sheets computes the same, in a process that tells nobody what it read. Only what every
    spreadsheet and character set keeps counts: plain letters and digits. Of address and person eight bits each:
    255 of 256 slips are seen, and a sheet from which they were taken does not name a household by itself.
    """
    return "-".join((_digest(case_id, sheet_version)[:6], _digest(case_id, where)[:2], _digest(case_id, who)[:2]))


def _digest(*texts: str) -> str:
    plain = "|".join(re.sub(r"[^a-z0-9]", "", text.lower()) for text in texts)
    return hashlib.sha256(plain.encode("ascii")).hexdigest()
