"""The rows of one client number become one signal, because several contracts at one partner count once.

Months: the most. Euros: the sum, rounded half up. Since: the first date; signalled: the last. Crisis and warm
handover: any. Who it is: the row that says most, the first of equals.
"""

from __future__ import annotations

import polars as pl

from pipeline.identified.raw_table import ROW
from pipeline.vocabulary.identity.normalise import KEY_COLUMNS, WRITTEN_COLUMNS

_ALIKE = ("surname_key", "postcode_key", "number_key")


def fold_clients(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per `klantnummer`, in the order in which clients first appear.

    Args:
        rows: judged rows with `wijkcode` and `postcode4`.

    Returns:
        The same columns without `cents`, with `arrears_eur`, `contract_count` and `has_differing_rows`.
    """
    crisis = pl.col("is_crisis")
    sums = rows.group_by("klantnummer").agg(
        ((pl.col("cents").sum() + 50) // 100).alias("arrears_eur"),
        pl.col("arrears_months").max(),
        pl.col("since_on").min(),
        pl.col("signalled_on").max(),
        crisis.any(),
        pl.col("crisis_kind").filter(crisis).sort_by(pl.col("crisis_on").filter(crisis), nulls_last=True).first(),
        pl.col("crisis_on").filter(crisis).min(),
        pl.col("has_warm_handover").any(),
        pl.len().alias("contract_count"),
        pl.any_horizontal(pl.col("keys").struct.field(name).n_unique() > 1 for name in _ALIKE).alias(
            "has_differing_rows"
        ),
    )
    filled = pl.sum_horizontal(pl.col("keys").struct.field(name).is_not_null() for name in KEY_COLUMNS)
    people = (
        rows.with_columns(filled=filled)
        .sort("filled", ROW, descending=[True, False])
        .unique("klantnummer", keep="first", maintain_order=True)
        .select(ROW, "klantnummer", *WRITTEN_COLUMNS, "wijkcode", "postcode4", "keys")
    )
    return people.sort(ROW).join(sums, on="klantnummer", how="left", maintain_order="left").drop(ROW)
