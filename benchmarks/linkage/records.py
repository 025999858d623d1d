"""What every data set of the benchmark gives, and what every method gets: the same records, normalised once.

Truth (person, household, doors) stands beside the written fields and is read by the scores alone. Legal persons
stay with the partner, as the export tool does, so no method sees them.
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.normalise import WRITTEN_COLUMNS, normalise_people

TRUTH = ("person", "household", "door", "former_door")
LEAST_MONTHS = 2


def as_records(people: pl.DataFrame, **columns: pl.Series | pl.Expr) -> pl.DataFrame:
    """Written people with who reported them, for how long, and who they are."""
    frame = people.select(pl.col(name).replace("", None) for name in WRITTEN_COLUMNS).with_columns(**columns)
    return frame.select(
        pl.col("partner_id", "signal_id").cast(pl.String),
        pl.col("arrears_months").cast(pl.Int16),
        *WRITTEN_COLUMNS,
        pl.col(TRUTH).cast(pl.Int64),
    )


def normalised(records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The records that a partner sends, and their keys."""
    records = records.filter(pl.col("arrears_months") >= LEAST_MONTHS)
    keys = normalise_people(records)
    is_sent = ~keys["is_legal_person"]
    return records.filter(is_sent), keys.filter(is_sent)
