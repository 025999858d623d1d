"""Files that teams return: what lies in the inbox, and the rows in them.

No decisions here: a file becomes rows of cells or decoded lines, or is refused as a whole. Sheets are parsed in a
child process with limits; whatever happens to the child is FOLLOW_UP_UNREADABLE for this one file.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.channels import folder, returned_sheet
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.worklist_sheet import (
    CASE_ID_HEADING,
    DATE_PROBE_HEADING,
    FOLLOW_UP_COLUMNS,
    NUMBER_HEADING,
    ROW_CODE_HEADING,
    SHEET_NAME,
    SHEET_VERSION_HEADING,
    WHERE,
    WHO,
)

MOST_FILE_BYTES = 10 << 20
MOST_LINES = 20_000
MOST_LINE_BYTES = 64 << 10
SHEET_KINDS = {".xlsx": "xlsx", ".csv": "csv"}
LINE_KINDS = (".jsonl", ".ndjson", ".json")

_NUMBER = "number"
HEADINGS = {
    **{column.heading: column.field for column in (*FOLLOW_UP_COLUMNS, WHERE, WHO)},
    CASE_ID_HEADING: "case_id",
    SHEET_VERSION_HEADING: "sheet_version",
    ROW_CODE_HEADING: "row_code",
    DATE_PROBE_HEADING: "date_probe",
    NUMBER_HEADING: _NUMBER,
}
_STAY_INSIDE = (WHERE.field, WHO.field, "row_code")
_WALL_SECONDS = 60
_MOST_DIGITS = 4
_REFUSALS = {
    returned_sheet.EXIT_NO_COLUMNS: "SHEET_UNKNOWN",
    returned_sheet.EXIT_TOO_LARGE: "FOLLOW_UP_TOO_LARGE",
    returned_sheet.EXIT_MACRO: "FOLLOW_UP_MACRO",
    returned_sheet.EXIT_TWO_SHEETS: "SHEET_TWICE",
    returned_sheet.EXIT_TWO_COLUMNS: "SHEET_HEADING_TWICE",
}


@dataclass(frozen=True, slots=True)
class SheetRows:
    """Rows of a sheet: (row below the headings, field → cell), and on which of its rows the headings stand.

    `changed` says of a row which protected cell no longer fits its case, `numbers` its number on the list.
    """

    heading_row: int
    rows: list[tuple[int, dict[str, Any]]]
    changed: Mapping[int, str]
    numbers: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing in the inbox for follow-up: where it lies, and in whose folder if not in the inbox itself."""

    place: Path
    entry: folder.Entry
    team_id: str | None = None


def waiting_in(inbox: Path, team_ids: Collection[str]) -> list[Waiting]:
    """What was returned: what lies in the inbox, and in a folder there that bears the id of a team.

    A team's folder that this user may not look into waits itself.
    """
    found: list[Waiting] = []
    for entry in folder.list_entries(inbox):
        if entry.kind == folder.FOLDER and entry.name in team_ids:
            place = inbox / entry.name
            try:
                found += [Waiting(place, one, entry.name) for one in folder.list_entries(place)]
            except PermissionError:
                found.append(Waiting(inbox, entry))
        else:
            found.append(Waiting(inbox, entry))
    return [one for one in found if is_waiting(one.entry.name)]


def is_waiting(name: str) -> bool:
    """Whether a name in the inbox is something returned: not hidden or half written, no lock of an office."""
    return not name.startswith((".", "~")) and not name.lower().endswith((".part", ".tmp", ".crdownload"))


def read_lines(raw: bytes) -> list[tuple[int, Any]]:
    """The lines of a JSON lines file with their number; what is no JSON is None. Empty lines are passed over.

    Raises:
        Refused: FOLLOW_UP_TOO_LARGE, FOLLOW_UP_UNREADABLE.
    """
    lines = raw.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if len(lines) > MOST_LINES:
        raise Refused("FOLLOW_UP_TOO_LARGE")
    if b"\x00" in raw:
        raise Refused("FOLLOW_UP_UNREADABLE")
    return [(number, _decoded(line)) for number, line in enumerate(lines, 1) if line.strip()]


def _decoded(line: bytes) -> Any:
    if len(line) > MOST_LINE_BYTES:
        return None
    try:
        return json.loads(line, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        return None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object that names a field twice could be read in two ways."""
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError
    return read


def read_sheet(raw: bytes, kind: str, formula: object) -> SheetRows:
    """Read a returned sheet in a limited child process.

    Args:
        raw: the file.
        kind: `xlsx` or `csv`.
        formula: what stands for a cell that holds a formula.

    Raises:
        Refused: SHEET_UNKNOWN, SHEET_TWICE, SHEET_HEADING_TWICE, FOLLOW_UP_TOO_LARGE, FOLLOW_UP_MACRO,
            FOLLOW_UP_UNREADABLE.
    """
    try:
        child = subprocess.run(
            [sys.executable, "-I", str(Path(returned_sheet.__file__)), json.dumps(order_of(kind))],
            input=raw,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"LC_ALL": "C.UTF-8"},
            timeout=_WALL_SECONDS,
            start_new_session=True,
            check=False,
        )
    except (subprocess.TimeoutExpired, BrokenPipeError):
        raise Refused("FOLLOW_UP_UNREADABLE") from None
    if child.returncode != 0:
        raise refusal_of(child.returncode)
    return rows_answered(child.stdout, formula)


def order_of(kind: str) -> dict[str, Any]:
    """What the child is told to look for."""
    return {
        "kind": kind,
        "sheet": SHEET_NAME,
        "headings": HEADINGS,
        "needed": ["case_id"],
        "hidden": _STAY_INSIDE,
        "filled_in": [column.field for column in FOLLOW_UP_COLUMNS],
        "most_bytes": MOST_FILE_BYTES,
    }


def refusal_of(code: int) -> Refused:
    """What the child's number means."""
    return Refused(_REFUSALS.get(code, "FOLLOW_UP_UNREADABLE"))


def rows_answered(said: bytes, formula: object) -> SheetRows:
    """The rows in the child's answer."""
    answer = json.loads(said)
    rows = [
        (int(row["row"]), {field: _value(cell, formula) for field, cell in row["cells"].items()})
        for row in answer["rows"]
    ]
    numbers = {row: number for row, cells in rows if (number := _number(cells.pop(_NUMBER, None))) is not None}
    changed = {int(row["row"]): str(row["changed"]) for row in answer["rows"] if row["changed"]}
    return SheetRows(int(answer["heading_row"]), rows, changed, numbers)


def _number(cell: Any) -> int | None:
    """The number of a case on its list; whatever else was typed there is not repeated."""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _value(cell: Any, formula: object) -> Any:
    if isinstance(cell, Mapping):
        return formula if "formula" in cell else date.fromisoformat(cell["date"])
    return cell
