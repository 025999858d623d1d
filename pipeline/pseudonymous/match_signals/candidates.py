"""Which pairs of signals share a token value: a set question, so DuckDB answers it, over Arrow in memory.

A token is 16 bytes of keyed hash, held as two 64-bit halves. Nearly all values occur once, and grouping on one
half finds these in half the time; what is left is compared on kind and both halves, so the answer is exact.
Nothing is read from or written to disk, and no extension is loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import polars as pl

from pipeline.vocabulary.frames import TOKEN_BYTES, TOKEN_KINDS

MEMORY_LIMIT = "4GB"

_HELD = """
CREATE TEMP TABLE held AS
SELECT kind, low, high, row
FROM tokens
SEMI JOIN (SELECT low FROM tokens GROUP BY low HAVING min(row) <> max(row)) USING (low)
"""
_USABLE = """
CREATE TEMP VIEW usable AS
FROM held
ANTI JOIN (
    SELECT kind, low, high FROM held GROUP BY kind, low, high HAVING count(DISTINCT row) > {most_sharing:d}
) USING (kind, low, high)
"""
_PAIRS = """
SELECT mine.row AS "left", theirs.row AS "right", {shares}
FROM usable AS mine
JOIN usable AS theirs USING (kind, low, high)
WHERE mine.row < theirs.row
GROUP BY ALL
"""


def find_pairs(tokens: pl.DataFrame, kinds: Sequence[str], most_sharing: int) -> pl.DataFrame:
    """All pairs of rows that share a value which at most `most_sharing` rows have.

    Args:
        tokens: as `token_rows` makes them of these kinds.
        kinds: the names of the kinds, in the order of their numbers.
        most_sharing: how many rows may have a value that joins.

    Returns:
        `left` < `right` (row numbers) and one Boolean `shares_<kind>` per kind; in no particular order.

    Raises:
        MemoryError: MEMORY_LIMIT, or the machine's memory, is not enough.
    """
    shares = ", ".join(f"bool_or(kind = {number}) AS shares_{kind}" for number, kind in enumerate(kinds))
    try:
        with connect() as connection:
            connection.register("tokens", tokens.to_arrow())
            connection.execute(_HELD)
            connection.execute(_USABLE.format(most_sharing=most_sharing))
            pairs: pl.DataFrame = connection.sql(_PAIRS.format(shares=shares)).pl()
    except duckdb.OutOfMemoryException:
        raise MemoryError from None
    return pairs


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that touches nothing outside itself: no files, no spilling, no extensions."""
    return duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "enable_external_access": False,
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": "",
        },
    )


def token_rows(signals: pl.DataFrame, kinds: Iterable[str]) -> pl.DataFrame:
    """One row per signal and token value: `kind` (its number), `low`, `high` (its halves), `row` (the signal)."""
    numbered = signals.with_row_index("row")
    return pl.concat(
        [
            _halves(numbered.select("row", token=column), number)
            for number, kind in enumerate(kinds)
            for column in TOKEN_KINDS[kind]
        ]
    )


def _halves(tokens: pl.DataFrame, kind: int) -> pl.DataFrame:
    present = tokens.filter(pl.col("token").is_not_null())
    has_length = (present["token"].bin.size() == TOKEN_BYTES).all()
    assert has_length, "admission lets only tokens of 16 bytes in"
    half = TOKEN_BYTES // 2
    return present.select(
        pl.lit(kind, pl.UInt8).alias("kind"),
        pl.col("token").bin.slice(0, half).bin.reinterpret(dtype=pl.UInt64).alias("low"),
        pl.col("token").bin.slice(half, half).bin.reinterpret(dtype=pl.UInt64).alias("high"),
        "row",
    )
