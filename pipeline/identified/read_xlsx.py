"""Workbooks (.xlsx) as tables of texts; real dates become ISO, real numbers keep their digits.

Not all: as text an amount of 1.234 is a thousand, so that amounts and months are rounded to two decimals. And a
client number beyond the fifteen digits that a spreadsheet keeps is written 1.2e+17, as a spreadsheet may show it.

A workbook is an archive, so it is measured before it is opened: sizes, number of parts, width of the sheets. What
a library says about a file it cannot read is not passed on: it quotes values.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, replace

import fastexcel
import polars as pl

from pipeline.identified.export_columns import promised_names, recognised_count
from pipeline.identified.raw_table import ROW, RawTable, cell_name
from pipeline.identified.read_csv import HEADER_WITHIN_LINES
from pipeline.identified.read_mapping import ExportMapping
from pipeline.vocabulary.faults import Refused

MAGIC = b"PK\x03\x04"
MOST_PARTS = 2_000
MOST_UNPACKED_BYTES = 1 << 30
_CHUNK_BYTES = 1 << 20
# A cell beyond column CV (the hundredth). A reader makes room for every cell of the used rectangle.
_FAR_CELL = re.compile(rb'r="(?:[A-Z]{3,}|[D-Z][A-Z]|C[W-Z])[0-9]')
_OVERLAP = 16
_ROUNDED = ("bedrag", "maanden_achterstand")
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, ValueError)


def read_xlsx(content: bytes, mapping: ExportMapping) -> RawTable:
    """Read the sheet that holds the export: the one that mapping.toml names, else the first with known columns.

    Raises:
        Refused: EXPORT_UNREADABLE, TOO_LARGE, EXPORT_EMPTY; MAPPING_INVALID when the named sheet is not there.
    """
    _measure(content)
    best: tuple[int, _Sheet, int] | None = None
    sheets = _sheets(content, mapping)
    for sheet in sheets:
        known, line = _find_header(sheet.texts, mapping)
        if best is None or known > best[0]:
            best = (known, sheet, line)
    if best is None:
        raise Refused("EXPORT_EMPTY")
    return replace(_table(best[1], best[2], mapping), other_sheet_count=len(sheets) - 1)


def _measure(content: bytes) -> None:
    is_too_large = False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            is_too_large = (
                len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES
            ) or any(_holds_far_cell(archive, part) for part in parts if "worksheets/" in part.filename)
    except (*_BROKEN_ARCHIVE, EOFError):
        raise Refused("EXPORT_UNREADABLE") from None
    if is_too_large:
        raise Refused("TOO_LARGE")


def _holds_far_cell(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Read one part to its end: that also proves its stated size and its checksum."""
    before = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            if _FAR_CELL.search(before + chunk):
                return True
            before = chunk[-_OVERLAP:]
    return False


@dataclass(frozen=True, slots=True, repr=False)
class _Sheet:
    """Every cell as a text, and whether it is a real number."""

    texts: pl.DataFrame
    is_number: pl.DataFrame


def _sheets(content: bytes, mapping: ExportMapping) -> list[_Sheet]:
    """The sheets, without names for columns; empty ones left out."""
    try:
        workbook = fastexcel.read_excel(content)
        names = workbook.sheet_names
        wanted = [name for name in names if mapping.sheet is None or name == mapping.sheet]
        sheets = [_read(workbook, name) for name in wanted]
    except Exception:
        raise Refused("EXPORT_UNREADABLE") from None
    if not wanted:
        raise Refused("MAPPING_INVALID", "file.sheet")
    return [sheet for sheet in sheets if sheet.texts.width and sheet.texts.height]


def _read(workbook: fastexcel.ExcelReader, name: str) -> _Sheet:
    texts = workbook.load_sheet(name, header_row=None, dtypes="string").to_polars()
    # Asked for truth values the library has one for each number and none for a text; as integer it reads "12" too.
    truths = workbook.load_sheet(name, header_row=None, dtypes="boolean").to_polars()
    texts.columns = truths.columns = [cell_name(place + 1) for place in range(texts.width)]
    return _Sheet(texts, truths.select(pl.all().is_not_null()))


def _as_meant(texts: pl.Series, is_number: pl.Series, column: str | None) -> pl.Series:
    """The texts of a column, with its real numbers as that column means them."""
    if column in _ROUNDED:
        is_long = is_number & texts.str.contains(r"^-?\d+\.\d{3,}$").fill_null(value=False)
        return texts.cast(pl.Float64, strict=False).round(2).cast(pl.String).zip_with(is_long, texts)
    if column == "klantnummer":
        is_long = is_number & texts.str.contains(r"^\d{16}").fill_null(value=False)
        exponents = (texts.str.extract(r"^(\d+)").str.len_chars() - 1).cast(pl.String)
        return (texts.str.replace(r"^(\d)(\d+).*$", "${1}.${2}e+") + exponents).zip_with(is_long, texts)
    return texts


def _find_header(sheet: pl.DataFrame, mapping: ExportMapping) -> tuple[int, int]:
    """(columns recognised, row) of the best header row near the top."""
    rows = sheet.head(HEADER_WITHIN_LINES).rows()
    counts = [recognised_count([cell or "" for cell in row], mapping.columns) for row in rows]
    line = max(range(len(rows)), key=lambda number: (counts[number], -number))
    return counts[line], line


def _table(sheet: _Sheet, line: int, mapping: ExportMapping) -> RawTable:
    header = tuple(cell or "" for cell in sheet.texts.row(line))
    while header and not header[-1].strip():
        header = header[:-1]
    if not header:
        raise Refused("EXPORT_EMPTY")
    columns = zip(sheet.texts, sheet.is_number, promised_names(header, mapping.columns), strict=False)
    rows = pl.DataFrame([_as_meant(*column) for column in columns])[line + 1 :].with_row_index(ROW, 1)
    is_filled = pl.any_horizontal(pl.exclude(ROW).str.contains(r"\S"))
    return RawTable(header, rows.filter(is_filled), ())
