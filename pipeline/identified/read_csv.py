"""CSV as it comes: encoding, delimiter and header are found, and no damaged line passes for a good one.

Each line must have as many fields as the header. A quotation mark that does not close costs its own line, not the
lines behind it. Row numbers are those of a spreadsheet: empty lines count, the header and what is above it do not.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.identified.export_columns import recognised_count
from pipeline.identified.raw_table import ROW, RawTable, cell_name
from pipeline.identified.read_mapping import ExportMapping
from pipeline.vocabulary.faults import Refused, RowFault

DELIMITERS = (";", ",", "\t", "|")
LONGEST_LINE = 64 << 10
MOST_LINES_OF_A_ROW = 50
MOST_COLUMNS = 200
HEADER_WITHIN_LINES = 20
_ROWS_AT_ONCE = 50_000


def read_csv(content: bytes, mapping: ExportMapping) -> RawTable:
    """Read a CSV file.

    Raises:
        Refused: EXPORT_EMPTY; EXPORT_UNREADABLE when no header can be found; MAPPING_INVALID for its encoding.
    """
    lines = _lines(_decoded(content, mapping.encoding))
    if not any(line.strip() for line in lines):
        raise Refused("EXPORT_EMPTY")
    header = _find_header(lines, mapping)
    return _Reader(lines, header).table()


def _decoded(content: bytes, encoding: str | None) -> str:
    """UTF-8 (with or without mark), UTF-16 with a mark; else line by line UTF-8, cp1252, latin-1.

    Line by line, because lists that were pasted together hold more than one encoding.
    """
    if encoding is not None:
        try:
            return content.decode(encoding, errors="replace")
        except UnicodeError:  # some encodings that Python knows cannot replace what they cannot read
            raise Refused("MAPPING_INVALID", "file.encoding") from None
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "\n".join(_decoded_line(line) for line in content.removeprefix(codecs.BOM_UTF8).split(b"\n"))


def _decoded_line(line: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")


def _lines(text: str) -> list[str]:
    """Lines by any line end. Other separators that Python knows stay inside values: cp1252 has … there."""
    return text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n").split("\n")


@dataclass(frozen=True, slots=True)
class _Header:
    line: int
    delimiter: str
    cells: tuple[str, ...]


def _find_header(lines: Sequence[str], mapping: ExportMapping) -> _Header:
    """The line near the top in which most columns are recognised, by the delimiter that shows most of them."""
    candidates = []
    delimiters = (mapping.delimiter,) if mapping.delimiter else DELIMITERS
    for number, line in enumerate(lines[:HEADER_WITHIN_LINES]):
        if not line.strip() or len(line) > LONGEST_LINE or line.lower().startswith("sep="):
            continue
        for delimiter in delimiters:
            cells = tuple(next(csv.reader(io.StringIO(line), delimiter=delimiter), ()))
            known = recognised_count(cells, mapping.columns)
            candidates.append((known, -number, len(cells), _Header(number, delimiter, cells)))
    if not candidates:
        raise Refused("EXPORT_UNREADABLE")
    header = max(candidates, key=lambda candidate: candidate[:3])[3]
    if len(header.cells) > MOST_COLUMNS or "\0" in lines[header.line]:
        raise Refused("EXPORT_UNREADABLE")
    return header


class _Reader:
    """Walks through the lines, one row at a time; `position` is the next line."""

    def __init__(self, lines: list[str], header: _Header) -> None:
        self.lines = lines
        self.header = header
        self.width = len(header.cells)
        self.position = header.line + 1
        self.limit = len(lines)
        self.faults: list[RowFault] = []
        self.damaged: list[str] = []
        self.reader = csv.reader(self, delimiter=header.delimiter, strict=True)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.position >= self.limit:
            raise StopIteration
        line = self.lines[self.position]
        self.position += 1
        # With its end, which the csv reader else leaves out of a quoted value of more lines.
        return f"{line}\n" if len(line) <= LONGEST_LINE else ""

    def table(self) -> RawTable:
        """All rows that can be read, and the faults of the others."""
        names = [cell_name(place + 1) for place in range(self.width)]
        schema = {ROW: pl.UInt32, **dict.fromkeys(names, pl.String)}
        frames = [pl.DataFrame(schema=schema)]
        pending: list[Sequence[object]] = []
        for record in self._records():
            pending.append(record)
            if len(pending) == _ROWS_AT_ONCE:
                frames.append(pl.DataFrame(pending, schema=schema, orient="row"))
                pending = []
        frames.append(pl.DataFrame(pending, schema=schema, orient="row"))
        rows = pl.concat(frames, rechunk=True)
        return RawTable(self.header.cells, rows, tuple(self.faults), self._loose_cells())

    def _loose_cells(self) -> pl.Series:
        cells = pl.Series(self.damaged, dtype=pl.String).str.split(self.header.delimiter).explode()
        return cells.str.replace_all("\0", "", literal=True).str.strip_chars("\"' \t").drop_nulls().unique()

    def _records(self) -> Iterator[list[object]]:
        end = len(self.lines)
        row = 0
        while self.position < end:
            row += 1
            start = self.position
            self.limit = min(start + MOST_LINES_OF_A_ROW, end)
            if len(self.lines[start]) > LONGEST_LINE:
                self._refuse("TEXT_TOO_LONG", row, start, start + 1)
                continue
            record = self._next_record()
            taken = self.lines[start : self.position]
            if record is None or (len(taken) > 1 and len(record) != self.width):
                self._refuse("ROW_RAGGED", row, start, start + 1)
            elif any("\0" in line for line in taken):
                self._refuse("NUL_BYTE", row, start, self.position)
            elif (fitted := self._fitted(record)) is None:
                self._refuse("ROW_RAGGED", row, start, self.position)
            elif fitted:
                yield [row, *fitted]

    def _next_record(self) -> list[str] | None:
        try:
            return next(self.reader, None)
        except csv.Error:
            return None

    def _fitted(self, record: list[str]) -> list[str] | None:
        """The record at the width of the header; empty for an empty line, None when fields are missing or left."""
        if not any(value.strip() for value in record):
            return []
        if len(record) < self.width or any(value.strip() for value in record[self.width :]):
            return None
        return record[: self.width]

    def _refuse(self, code: str, row: int, start: int, position: int) -> None:
        self.faults.append(RowFault(code, None, row))
        self.damaged.extend(self.lines[start:position])
        self.position = position
