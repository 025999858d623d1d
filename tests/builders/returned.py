"""Worklists as teams return them: the sheet that the opener wrote, filled in by its headings, in any office."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.revealed.worklist_sheet import render_sheet
from pipeline.vocabulary.worklist_sheet import ATTEMPT_ROWS, FOLLOW_UP_COLUMNS, SHEET_NAME
from tests.builders.worklists import CONTACT, entry, facts, worklist_of

HEADER_ROW = 3
HEADINGS = {column.field: column.heading for column in FOLLOW_UP_COLUMNS}
NEIGHBOURS = (
    ("Z-1", {"surname": "Yılmaz-Öztürk", "house_number": "12"}),
    ("Z-2", {"surname": "Wilhelmina", "house_number": "14"}),
)


_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>{locale}</value></prop></item></oor:items>
"""


def sheet_of_neighbours(version: str, cases: Iterable[tuple[str, Mapping[str, Any]]] = NEIGHBOURS) -> bytes:
    """werklijst.xlsx of the team for these cases (id, what differs in the contact)."""
    entries = [
        entry(facts(number, case_id=case_id), ("stroomdal", 0, {**CONTACT, **contact}))
        for number, (case_id, contact) in enumerate(cases)
    ]
    return render_sheet({**worklist_of(*entries), "sheet_version": version})


@dataclass
class Returned:
    """A worklist that a team has open."""

    book: Workbook

    @staticmethod
    def opened(content: bytes) -> Returned:
        return Returned(load_workbook(io.BytesIO(content)))

    @property
    def sheet(self) -> Worksheet:
        sheet: Worksheet = self.book[SHEET_NAME]
        return sheet

    def column(self, heading: str) -> int:
        """Where a heading stands now."""
        return next(cell.column for cell in self.sheet[HEADER_ROW] if cell.value == heading)

    def row_of(self, case_id: str, attempt: int = 1) -> int:
        """The row of the n-th attempt of a case."""
        column = self.column("case_id")
        rows = [row for row in range(1, self.sheet.max_row + 1) if self.sheet.cell(row, column).value == case_id]
        assert ATTEMPT_ROWS == len(rows)
        return rows[attempt - 1]

    def fill(self, case_id: str, attempt: int = 1, **values: Any) -> Returned:
        """Write values by field of the follow-up format."""
        for field, value in values.items():
            self.sheet.cell(self.row_of(case_id, attempt), self.column(HEADINGS[field]), value)
        return self

    def change(self, case_id: str, heading: str, value: Any, attempt: int = 1) -> Returned:
        """Write a cell that is protected."""
        self.sheet.cell(self.row_of(case_id, attempt), self.column(heading), value)
        return self

    def xlsx(self) -> bytes:
        """Saved as it was."""
        buffer = io.BytesIO()
        self.book.save(buffer)
        return buffer.getvalue()

    def csv(
        self,
        separator: str = ";",
        encoding: str = "cp1252",
        columns: Iterable[str] = (),
        written: str = "{0.day:02d}-{0.month:02d}-{0.year}",
    ) -> bytes:
        """Saved as csv, as a spreadsheet does: dates as text, letters that the character set lacks as `?`."""
        order = [self.column(heading) for heading in columns] or list(range(1, self.sheet.max_column + 1))
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
        for row in range(1, self.sheet.max_row + 1):
            writer.writerow([_as_text(self.sheet.cell(row, column).value, written) for column in order])
        return text.getvalue().encode(encoding, errors="replace")


def _as_text(value: Any, written: str) -> str:
    if value is None:
        return ""
    return written.format(value) if hasattr(value, "year") else str(value)


def soffice_path() -> str | None:
    """Where LibreOffice is, if it is installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def converted(soffice: str, source: Path, kind: str, folder: Path, locale: str = "nl-NL") -> Path:
    """The file as LibreOffice saves it in a locale: `xlsx`, or `csv` with semicolons and Western letters."""
    profile, out = folder / "office", folder / f"as-{kind}"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS.format(locale=locale))
    target = "csv:Text - txt - csv (StarCalc):59,34,ANSI,1,,0,false,true,false" if kind == "csv" else kind
    command = [soffice, "--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}"]
    subprocess.run(
        [*command, "--convert-to", target, "--outdir", str(out), str(source)],
        check=True,
        capture_output=True,
        timeout=120,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
    )
    return next(path for path in out.iterdir() if path.suffix == f".{kind}")
