"""Which rows of a partner's month count, when deliveries arrived in whatever order.

Rules (formats, chapter 2): `signals` replaces all lower sequences, so only rows from the newest `signals` upward
are kept; among these the highest sequence has the last word on a signal: its row counts, or, when it is a
retraction, none does. The outcome depends on the set of admitted deliveries only, never on when they came.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

# The part of a row that this decision needs.
KEEPING_SCHEMA: dict[str, pl.DataType] = {
    "sequence": pl.Int64(),
    "signal_id": pl.String(),
    "is_retraction": pl.Boolean(),
}


@dataclass(frozen=True, slots=True)
class Ledgered:
    """An admitted delivery of one partner and month."""

    sequence: int
    kind: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store must hold: rows of lower sequences go, these stay or come.

    Attributes:
        from_sequence: the newest `signals`; 0 when there is none yet.
        rows: KEEPING_SCHEMA and `is_current`.
    """

    from_sequence: int
    rows: pl.DataFrame


def keep_signals(admitted: Iterable[Ledgered], rows: pl.DataFrame) -> Kept:
    """Decide for one partner and month.

    Args:
        admitted: every admitted delivery, the new one included.
        rows: KEEPING_SCHEMA; stored rows and the new ones together.
    """
    base = max((delivery.sequence for delivery in admitted if delivery.kind == "signals"), default=0)
    has_last_word = pl.col("sequence") == pl.col("sequence").max().over("signal_id")
    kept = rows.select(*KEEPING_SCHEMA).filter(pl.col("sequence") >= base)
    return Kept(base, kept.with_columns((has_last_word & ~pl.col("is_retraction")).alias("is_current")))


def unknown_retractions(rows: pl.DataFrame, sequence: int) -> int:
    """How many signals the delivery takes back that no kept row knows."""
    signals = rows.filter(~pl.col("is_retraction"))["signal_id"]
    taken_back = rows.filter((pl.col("sequence") == sequence) & pl.col("is_retraction"))
    return taken_back.filter(~pl.col("signal_id").is_in(signals.implode())).height


def replaced_signals(stored: pl.DataFrame, kept: pl.DataFrame, sequence: int) -> tuple[int, int]:
    """How many signals of lower sequences a `signals` delivery replaces, and how many of these count no more.

    Args:
        stored: KEEPING_SCHEMA and `is_current`, as before the delivery.
        kept: the same, as the delivery leaves it.
        sequence: of the delivery.
    """
    replaced = stored.filter("is_current", pl.col("sequence") < sequence)["signal_id"].unique()
    current = kept.filter("is_current")["signal_id"]
    return replaced.len(), replaced.filter(~replaced.is_in(current.implode())).len()


def missing_sequences(known: Iterable[int], sequence: int) -> tuple[int, ...]:
    """Lower sequences that never arrived: a gap, admitted with a warning."""
    return tuple(sorted(set(range(1, sequence)) - set(known)))
