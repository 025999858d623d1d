"""The answer to a returned file: what counted, what did not, and what the counsellor does about it, in Dutch.

It holds codes, headings, row numbers and counts, never a value. The name a team gave to its file may hold
anything, so it is repeated only when it is the name of a worklist.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.vocabulary.faults import FAULTS, RowFault
from pipeline.vocabulary.worklist_sheet import COLUMN_WORDS, NUMBER_HEADING

FORMAT = "samenloop/follow-up-receipt/1"
TAKEN = "taken"
PARTLY = "partly_refused"
REFUSED = "refused"
OTHER_NAME = "onder een andere naam ingeleverd"

_SEPARATORS = re.compile(r"[ ().,_-]+")
_OWN_WORDS = frozenset(
    ("werklijst", "wijkteam", "team", "opvolging", "followup", "follow", "up", "kopie", "van", "copy", "of")
) | {"xlsx", "csv", "jsonl", "json"}
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}\.\d{1,4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one returned file.

    For a sheet `heading_row` says where its headings stand, `numbers` which Nr of the list its rows are about.
    """

    file_id: str
    name: str
    received_on: str
    rows_counted: int
    rows_blank: int
    refused: tuple[RowFault, ...]
    sheet_versions: tuple[str, ...] = ()
    heading_row: int | None = None
    known_words: frozenset[str] = frozenset()
    told: tuple[RowFault, ...] = ()
    teams: tuple[str, ...] = ()
    numbers: Mapping[int, int] = field(default_factory=dict)

    @property
    def result(self) -> str:
        """Whether all, some or none of it counted."""
        if not self.refused:
            return TAKEN
        is_whole = any(fault.row is None for fault in self.refused)
        return REFUSED if is_whole or not self.rows_counted else PARTLY

    def document(self) -> dict[str, Any]:
        """The receipt as JSON."""
        return {
            "format": FORMAT,
            "file_id": self.file_id,
            "file": told_name(self.name, self.known_words),
            "teams": list(self.teams),
            "sheet_versions": list(self.sheet_versions),
            "received_on": self.received_on,
            "result": self.result,
            "rows_counted": self.rows_counted,
            "rows_blank": self.rows_blank,
            "rows_refused": sum(fault.row is not None for fault in self.refused),
            "refused": [self._fault(fault) for fault in self.refused],
            "told": [self._fault(fault) for fault in self.told],
            "next_step": self.next_step(),
        }

    def _fault(self, fault: RowFault) -> dict[str, Any]:
        return {
            **fault.as_dict(),
            "heading": self._heading(fault),
            "sheet_row": self._sheet_row(fault),
            "number": self.numbers.get(fault.row or 0),
            "reason": self._reason(fault),
        }

    def _heading(self, fault: RowFault) -> str | None:
        return fault.column if self.heading_row is None else COLUMN_WORDS.get(fault.column or "", fault.column)

    def _reason(self, fault: RowFault) -> str:
        """The next step; a date is shown as that of this day, for a visit was not in 1980."""
        if fault.code == "DATE_INVALID":
            return f"Schrijf de datum als {date.fromisoformat(self.received_on):%d-%m-%Y}."
        return FAULTS[fault.code].next_step

    def _sheet_row(self, fault: RowFault) -> int | None:
        return None if fault.row is None or self.heading_row is None else self.heading_row + fault.row

    def next_step(self) -> str:
        """What the team does now."""
        if self.result == TAKEN:
            return "Lees de regels bij Let op." if self.told else "U hoeft niets te doen."
        if any(fault.row is None for fault in self.refused):
            return next(FAULTS[fault.code].next_step for fault in self.refused if fault.row is None)
        return "Verbeter deze rijen en lever de lijst opnieuw in. Wat al meetelt, telt niet dubbel."

    def json(self) -> bytes:
        """The bytes of the receipt."""
        return (json.dumps(self.document(), ensure_ascii=False, indent=2) + "\n").encode()

    def text(self) -> bytes:
        """The same for a person."""
        lines = [
            f"Ontvangstbericht opvolging, {self.received_on}",
            "",
            *([f"Team: {', '.join(self.teams)}"] if self.teams else []),
            f"Bestand: {told_name(self.name, self.known_words) or OTHER_NAME} ({self.file_id})",
            f"Overgenomen: {_rows(self.rows_counted)}. Leeg gelaten: {_rows(self.rows_blank)}.",
            f"Wat u nu doet: {self.next_step()}",
        ]
        rows = [fault for fault in self.refused if fault.row is not None]
        if rows:
            lines += ["", "Niet overgenomen:", *(self._line(fault) for fault in rows)]
        if self.told:
            lines += ["", "Let op:", *(self._line(fault) for fault in self.told)]
        return ("\n".join(lines) + "\n").encode()

    def _line(self, fault: RowFault) -> str:
        place = f"rij {fault.row}" if self.heading_row is None else f"rij {self._sheet_row(fault)} van het blad"
        number = self.numbers.get(fault.row or 0)
        place = place if number is None else f"{NUMBER_HEADING} {number} ({place})"
        column = f", kolom {COLUMN_WORDS.get(fault.column, fault.column)}" if fault.column else ""
        return f"- {place}{column}: {self._reason(fault)}"


def told_name(name: str, known_words: Collection[str]) -> str | None:
    """The name of a returned file, if it says no more than that it is a worklist, of which team and day."""
    words = [word for word in _SEPARATORS.split(name.casefold()) if word]
    is_known = all(word.isdecimal() or word in _OWN_WORDS or word in known_words for word in words)
    return name if words and is_known and name.isascii() else None


def words_of(names: Iterable[str]) -> frozenset[str]:
    """The words in names of teams."""
    return frozenset(word for name in names for word in _SEPARATORS.split(name.casefold()) if word)


def told_versions(versions: Iterable[str | None]) -> tuple[str, ...]:
    """The sheet versions that a file names, those that have the form of one."""
    return tuple(sorted({version for version in versions if version and _VERSION.fullmatch(version)}))


def _rows(count: int) -> str:
    return "1 rij" if count == 1 else f"{count} rijen"
