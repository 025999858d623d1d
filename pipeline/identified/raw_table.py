"""A table as it stands in a file: every value a text, every row with its number, and what was wrong with lines."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from pipeline.vocabulary.faults import RowFault

ROW = "row"


def cell_name(place: int) -> str:
    """The name of a column that is known by its place only, counted from 1."""
    return f"kolom {place}"


@dataclass(frozen=True, slots=True)
class RawTable:
    """`rows` holds `row` (from 1, without the header) and `kolom 1`, `kolom 2`, … for each cell of the header.

    `loose_cells` are the values of lines too damaged for a row: what they mean is unknown, whom they name is not.
    """

    header: tuple[str, ...]
    rows: pl.DataFrame
    faults: tuple[RowFault, ...]
    loose_cells: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.String))
    other_sheet_count: int = 0

    def __repr__(self) -> str:
        return f"RawTable({len(self.header)} columns, {self.rows.height} rows)"
