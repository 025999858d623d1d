"""Exports as a system may make them, and how they are read: rows, faults, or a refusal."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
import xlsxwriter

from pipeline.identified.read_export import Export, read_export
from pipeline.identified.read_mapping import ExportMapping
from pipeline.vocabulary.faults import FAULTS, Refused

PLAIN = ExportMapping()


def read(content: str | bytes, mapping: ExportMapping = PLAIN, kind: str = "signals") -> Export:
    """What is read of an export."""
    return read_export(content.encode() if isinstance(content, str) else content, mapping, kind)


def refusal(content: str | bytes, mapping: ExportMapping = PLAIN, kind: str = "signals") -> tuple[str, str | None]:
    """Code and column with which an export is refused as a whole."""
    with pytest.raises(Refused) as refused:
        read(content, mapping, kind)
    assert refused.value.code in FAULTS
    return refused.value.code, refused.value.column


def faults(export: Export) -> list[tuple[str, int | None]]:
    """Code and row of each row that is refused."""
    return [(fault.code, fault.row) for fault in export.faults]


def clients(export: Export) -> list[tuple[int, str]]:
    """Row and client number of each row that is read."""
    return export.rows.select("row", "klantnummer").rows()


def bsn(start: int, count: int) -> list[str]:
    """Numbers from `start` on that pass the eleven test."""
    found: list[str] = []
    while len(found) < count:
        digits = f"{start:09}"
        weighed = sum(
            int(digit) * weight for digit, weight in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)
        )
        if weighed % 11 == 0:
            found.append(digits)
        start += 1
    return found


def workbook(rows: list[list[object]], sheet: str = "Blad1", first: int = 0) -> bytes:
    """A workbook of one sheet, with real dates and numbers."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    page = book.add_worksheet(sheet)
    day = book.add_format({"num_format": "dd-mm-yyyy"})
    for line, cells in enumerate(rows):
        for place, cell in enumerate(cells):
            if isinstance(cell, datetime):
                page.write_datetime(first + line, place, cell, day)
            elif isinstance(cell, str):
                page.write_string(first + line, place, cell)
            elif cell is not None:
                page.write(first + line, place, cell)
    book.close()
    return target.getvalue()
