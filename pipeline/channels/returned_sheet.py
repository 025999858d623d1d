"""The one place where a team's sheet is parsed: a child process with little memory and nothing to steal.

Runs by itself, with the standard library and openpyxl only. It takes the columns that a team fills in, found by
their headings wherever they were moved, and nothing else: names and addresses on the sheet never leave this
process. Whether they still belong to the case of their row is told by the row's code, and only that leaves. A
formula is reported as a formula and never computed. The answer is JSON, or a number; never a message.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterable, Iterator
from typing import Any

EXIT_UNREADABLE = 13
EXIT_NO_COLUMNS = 14
EXIT_TOO_LARGE = 15
EXIT_MACRO = 16
EXIT_TWO_SHEETS = 17
EXIT_TWO_COLUMNS = 18

_MEMORY_BYTES = 1 << 30
_CPU_SECONDS = 20
_MOST_UNPACKED_BYTES = 64 << 20
_MOST_PARTS = 200
_MOST_ROWS = 5000
_MOST_COLUMNS = 100
_HEADINGS_WITHIN_ROWS = 20
_MOST_TEXT = 200
_CODE_LENGTHS = [6, 2, 2]


class TooLargeError(Exception):
    """The sheet holds more than a worklist can."""


class TwoColumnsError(Exception):
    """A heading stands twice, so what a team filled in may stand under either."""


def limit_self() -> None:
    """Give up what a reader of one file does not need. Called before anything foreign is touched."""
    limits = (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, most in limits:
        resource.setrlimit(kind, (most, most))
    sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl loads it where it finds it, for half its time


def read_xlsx(raw: bytes, order: dict[str, Any]) -> tuple[int, Any]:
    """The filled-in cells of the sheet that has the headings; a copy of it may not say more than it does.

    Returns:
        (0, answer) or (exit code, None).
    """
    import io
    import zipfile

    from openpyxl import load_workbook

    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        parts = package.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED_BYTES:
            return EXIT_TOO_LARGE, None
        if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
            return EXIT_MACRO, None
    book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
    named = [sheet for sheet in book.worksheets if sheet.title == order["sheet"]]
    answer = None
    for sheet in [*named, *(sheet for sheet in book.worksheets if sheet not in named)]:
        sheet.reset_dimensions()
        found = _filled_in(_xlsx_rows(sheet), order)
        if answer is not None and found is not None and not _said(found, order) <= _said(answer, order):
            return EXIT_TWO_SHEETS, None
        answer = answer or found
    return (EXIT_NO_COLUMNS, None) if answer is None else (0, answer)


def _said(answer: dict[str, Any], order: dict[str, Any]) -> set[str]:
    """What was filled in, row by row, with the case that it is about."""
    rows = ({name: row["cells"].get(name) for name in ("case_id", *order["filled_in"])} for row in answer["rows"])
    filled = (row for row in rows if any(row[name] is not None for name in order["filled_in"]))
    return {json.dumps(row, sort_keys=True) for row in filled}


def read_csv(raw: bytes, order: dict[str, Any]) -> tuple[int, Any]:
    """The same of a sheet that was saved as csv; the separator is the one that gives the headings."""
    import csv
    import io

    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    for separator in ";,\t":
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        answer = _filled_in(([_csv_cell(cell) for cell in line[:_MOST_COLUMNS]] for line in lines), order)
        if answer is not None:
            return 0, answer
    return EXIT_NO_COLUMNS, None


def _xlsx_rows(sheet: Any) -> Iterator[list[Any]]:
    empty: Any = None  # rows that the file leaves out come as one and the same object, up to a million of them
    for row in sheet.iter_rows(max_col=_MOST_COLUMNS):
        if row is empty:
            yield []
            continue
        cells = [_cell(cell) for cell in row]
        if not any(cell is not None for cell in cells):
            empty, cells = row, []
        yield cells


def _cell(cell: Any) -> Any:
    from datetime import date, datetime

    value = cell.value
    if cell.data_type == "f" or type(value).__name__ in ("ArrayFormula", "DataTableFormula"):
        return {"formula": True}
    if isinstance(value, datetime):
        return {"date": value.date().isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)


def _csv_cell(cell: str) -> Any:
    return {"formula": True} if cell.startswith("=") else cell or None


def _filled_in(rows: Iterable[list[Any]], order: dict[str, Any]) -> dict[str, Any] | None:
    """Columns by heading and the rows below them that name a case or hold anything; None without headings."""
    wanted = {heading.casefold(): field for heading, field in order["headings"].items()}
    places: dict[str, int] | None = None
    heading_row = 0
    found: list[dict[str, Any]] = []
    for number, cells in enumerate(rows, 1):
        if places is None:
            if number > _HEADINGS_WITHIN_ROWS:
                return None
            places = _places(cells, wanted, order["needed"])
            heading_row = number
            continue
        row = {field: cells[place] for field, place in places.items() if place < len(cells)}
        row = {field: cell for field, cell in row.items() if cell is not None and cell != ""}
        changed = _changed(row, places, order)
        row = {field: _short(cell) for field, cell in row.items() if field not in order["hidden"]}
        if len(found) == _MOST_ROWS and row:
            raise TooLargeError
        if row:
            found.append({"row": number - heading_row, "cells": row, "changed": changed})
    return None if places is None else {"heading_row": heading_row, "fields": sorted(places), "rows": found}


def _changed(row: dict[str, Any], places: dict[str, int], order: dict[str, Any]) -> str | None:
    """The first protected cell that does not fit the code of its row; a row without a code is not judged.

    A person's name is compared in xlsx only: a csv may have lost letters that its character set does not know.
    """
    case_id, code = row.get("case_id"), row.get("row_code")
    if not isinstance(case_id, str) or not isinstance(code, str):
        return None
    parts = code.strip().split("-")
    fields = ("sheet_version", "where", "who")
    if [len(part) for part in parts] != _CODE_LENGTHS:
        return "row_code"
    for field, part in zip(fields, parts, strict=True):
        if field not in places or (field == "who" and order["kind"] == "csv"):
            continue
        if _digest(case_id, row.get(field))[: len(part)] != part.lower():
            return "case_id" if field == "sheet_version" else field
    return None


def _digest(case_id: str, cell: Any) -> str:
    """As pipeline.vocabulary.worklist_sheet.row_code, of which this process knows nothing."""
    import hashlib
    import re

    plain = "|".join(
        re.sub(r"[^a-z0-9]", "", str(text).lower()) for text in (case_id, "" if cell is None else cell)
    )
    return hashlib.sha256(plain.encode("ascii")).hexdigest()


def _short(cell: Any) -> Any:
    return cell[:_MOST_TEXT] if isinstance(cell, str) else cell


def _places(cells: list[Any], wanted: dict[str, str], needed: list[str]) -> dict[str, int] | None:
    """Field → column number, when this row holds the headings."""
    fields = [wanted.get(" ".join(cell.split()).casefold()) if isinstance(cell, str) else None for cell in cells]
    places = {field: place for place, field in enumerate(fields) if field is not None}
    if not set(needed) <= set(places):
        return None
    if len(places) < sum(field is not None for field in fields):
        raise TwoColumnsError
    return places


def main(task: str) -> int:
    """The child's whole life: limits, read standard input, judge, write standard output."""
    order = json.loads(task)
    limit_self()
    try:
        raw = sys.stdin.buffer.read(order["most_bytes"] + 1)
        if len(raw) > order["most_bytes"]:
            return EXIT_TOO_LARGE
        code, answer = (read_csv if order["kind"] == "csv" else read_xlsx)(raw, order)
        if answer is not None:
            sys.stdout.write(json.dumps(answer))
            sys.stdout.flush()
    except TooLargeError:
        return EXIT_TOO_LARGE
    except TwoColumnsError:
        return EXIT_TWO_COLUMNS
    except BaseException:
        # Whatever it was, the answer is a number: the message may hold a value.
        return EXIT_UNREADABLE
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
