"""A partner's export as one frame of texts under the promised column names, whatever file it came in.

Refused as a whole: what cannot be read, citizen service numbers, missing or double columns. Refused row by row:
damaged lines, header rows between the data, exact copies of an earlier row. Values are judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from pipeline.identified import read_xlsx
from pipeline.identified.export_columns import (
    COLUMNS,
    OBJECTION,
    recognise,
    required_columns,
    squeezed,
    unclear_objection,
)
from pipeline.identified.find_bsn import refuse_bsn
from pipeline.identified.parse_values import with_parted_amounts
from pipeline.identified.raw_table import ROW, RawTable, cell_name
from pipeline.identified.read_csv import read_csv
from pipeline.identified.read_mapping import ExportMapping
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.identity.letters import tidy
from pipeline.vocabulary.manifest import MOST_ROWS

MOST_BYTES = 512 << 20
# Old workbooks and encrypted ones, compressed files, PDF, OpenDocument's and others' archives.
_OTHER_KINDS = (
    b"\xd0\xcf\x11\xe0",
    b"\x1f\x8b",
    b"%PDF",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\xfd7zXZ",
    b"BZh",
    b"PAR1",
    b"SQLite",
)


@dataclass(frozen=True, slots=True)
class Export:
    """`rows`: `row` (UInt32, from 1) and all promised columns as tidy texts, null where empty or absent.

    `unread_clients`: values of damaged lines that may be client numbers. With `has_objections`, a column for them,
    such a line may hold an objection.
    """

    rows: pl.DataFrame
    faults: tuple[RowFault, ...]
    row_count: int
    left_aside_count: int
    other_sheet_count: int = 0
    unread_clients: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.String))
    has_objections: bool = True

    def __repr__(self) -> str:
        return f"Export({self.row_count} rows, {len(self.faults)} faults)"


def read_export(content: bytes, mapping: ExportMapping, kind: str = "signals") -> Export:
    """Read an export.

    Args:
        content: the bytes of the file.
        mapping: what mapping.toml says.
        kind: signals, correction or retraction; a retraction needs the client number only.

    Raises:
        Refused: EXPORT_EMPTY, EXPORT_UNREADABLE, TOO_LARGE, BSN_FOUND, COLUMN_MISSING, OBJECTION_UNCLEAR,
            COLUMN_DUPLICATE, MAPPING_INVALID.
    """
    table = _table(content, mapping)
    refuse_bsn(table)
    names = recognise(table.header, mapping.columns)
    _refuse_unclear_columns(table, names, kind)
    if table.rows.height > MOST_ROWS:
        raise Refused("TOO_LARGE")
    rows, faults = _without_stray_rows(table)
    return Export(
        rows=_under_promised_names(rows, names, mapping),
        faults=tuple(sorted((*table.faults, *faults), key=lambda fault: fault.row or 0)),
        row_count=table.rows.height + len(table.faults),
        left_aside_count=names.count(None),
        other_sheet_count=table.other_sheet_count,
        unread_clients=_tidy_values(table.loose_cells),
        has_objections=OBJECTION in names,
    )


def _table(content: bytes, mapping: ExportMapping) -> RawTable:
    if not content.strip():
        raise Refused("EXPORT_EMPTY")
    if len(content) > MOST_BYTES:
        raise Refused("TOO_LARGE")
    if content.startswith(_OTHER_KINDS):
        raise Refused("EXPORT_UNREADABLE")
    if content.startswith(read_xlsx.MAGIC):
        return read_xlsx.read_xlsx(content, mapping)
    return read_csv(content, mapping)


def _refuse_unclear_columns(table: RawTable, names: Sequence[str | None], kind: str) -> None:
    missing = [column for column in required_columns(kind) if column not in names]
    if missing:
        hint = f"Er ontbreken {len(missing)} kolommen: {', '.join(missing)}." if len(missing) > 1 else ""
        raise Refused("COLUMN_MISSING", missing[0], hint=hint)
    unclear = unclear_objection(table.header, names)
    if kind != "retraction" and unclear is not None:
        raise Refused("OBJECTION_UNCLEAR", unclear)


def _without_stray_rows(table: RawTable) -> tuple[pl.DataFrame, list[RowFault]]:
    """The rows without header rows between the data and without exact copies."""
    header = [squeezed(cell) for cell in table.header]
    cells = [pl.col(cell_name(place + 1)) for place in range(len(header))]
    bare = [cell.fill_null("").str.to_lowercase().str.replace_all(r"[\W_]+", "") for cell in cells]
    is_header = pl.all_horizontal(cell == name for cell, name in zip(bare, header, strict=True))
    rows = table.rows.with_columns(is_header=is_header)
    rows = rows.with_columns(is_copy=~pl.struct(cells).is_first_distinct() & ~is_header)
    faults = [RowFault("ROW_IS_HEADER", None, row) for row in rows.filter("is_header")[ROW]]
    faults += [RowFault("ROW_REPEATED", None, row) for row in rows.filter("is_copy")[ROW]]
    return rows.filter(~pl.col("is_header") & ~pl.col("is_copy")), faults


def _tidy_values(cells: pl.Series) -> pl.Series:
    return tidy(cells.alias("klantnummer").to_frame())["klantnummer"].drop_nulls()


def _under_promised_names(rows: pl.DataFrame, names: list[str | None], mapping: ExportMapping) -> pl.DataFrame:
    known = {name: pl.col(cell_name(place + 1)) for place, name in enumerate(names) if name is not None}
    nothing = pl.lit(None, dtype=pl.String)
    cells = rows.select(ROW, *(known.get(column, nothing).alias(column) for column in COLUMNS)).drop(ROW)
    texts = tidy(cells.with_columns(with_parted_amounts(pl.col("bedrag"))))
    for column, ours in mapping.values.items():
        texts = texts.with_columns(pl.col(column).replace(dict(ours)).replace("", None))
    return rows.select(ROW).hstack(texts)
