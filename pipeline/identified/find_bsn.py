"""Citizen service numbers (BSN) may not be delivered, so a file with a column of them is refused as a whole.

A column counts by its header, or when 90% of at least 20 values are nine digits that pass the eleven test, however
they are written and whatever word stands where there is none. Eight digits count too, because spreadsheets drop a
leading zero; then the values must differ, because one date that is repeated passes as easily as it fails.
"""

from __future__ import annotations

import polars as pl

from pipeline.identified.export_columns import names_bsn, safe_name
from pipeline.identified.parse_values import without_stand_ins
from pipeline.identified.raw_table import RawTable, cell_name
from pipeline.vocabulary.faults import Refused

FEWEST_VALUES = 20
SHARE = 0.9
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def refuse_bsn(table: RawTable) -> None:
    """Refuse a table in which any column, known or not, holds citizen service numbers.

    Raises:
        Refused: BSN_FOUND, with the promised name or the place of the column.
    """
    for cell in table.header:
        if names_bsn(cell):
            raise Refused("BSN_FOUND", "bsn")
    for place, cell in enumerate(table.header, 1):
        if _holds_bsn(table.rows[cell_name(place)]):
            raise Refused("BSN_FOUND", safe_name(cell, place))


def _holds_bsn(values: pl.Series) -> bool:
    value = pl.col(values.name)
    bare = value.str.replace_all(r"(?i)^\s*bsn|\.0+\s*$|[\s.:/'’\u{a0}-]+", "")
    # First the words for nothing: they say that a number was left out, not that the column holds something else.
    filled = without_stand_ins(values.to_frame(), [values.name]).select(bare)
    filled = filled.filter(value.is_not_null() & (value != ""))
    digits = filled.filter(value.str.contains(r"^\d{8,9}$"))
    if filled.height < FEWEST_VALUES or digits.height < SHARE * filled.height:
        return False
    padded = digits.select(value.str.zfill(9))
    weighed = sum(value.str.slice(place, 1).cast(pl.Int32) * weight for place, weight in enumerate(_WEIGHTS))
    passing = padded.filter((weighed % 11 == 0) & (value != "000000000"))
    is_nine = digits.select((value.str.len_bytes() == 9).all()).item()
    return passing.height >= SHARE * filled.height and (is_nine or passing.n_unique() >= FEWEST_VALUES)
