"""What tokens cannot tell while a month's signals stand under two keys: that a case still is one.

After an emergency change of a month's token or store key each partner delivers again in its own time. Until then
nothing equals between who did and who did not, and a case that stands would seem to be none. Its signals stay
together, as long as both are reported; the opener, who sees the people themselves, still decides.
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.case import EVIDENCE_PERSON

STANDING_SCHEMA: dict[str, pl.DataType] = {
    "case_id": pl.String(),
    "evidence": pl.String(),
    "partner_id": pl.String(),
    "signal_id": pl.String(),
}
"""One row per signal of a case that stands and has signals under more than one key."""


def standing_pairs(standing: pl.DataFrame, signals: pl.DataFrame) -> pl.DataFrame:
    """The pairs that hold each case together, on the evidence that it had.

    Args:
        standing: STANDING_SCHEMA; a signal that no longer counts falls away.
        signals: the rows that are matched.

    Returns:
        As `weigh_pairs` does.
    """
    rows = signals.select("partner_id", "signal_id").with_row_index("row")
    found = standing.join(rows, on=["partner_id", "signal_id"])
    is_person = pl.col("evidence") == EVIDENCE_PERSON
    return (
        found.with_columns(first=pl.col("row").min().over("case_id"))
        .filter(pl.col("row") > pl.col("first"))
        .select(left="first", right="row", is_person=is_person, joins_cases=is_person, is_household=pl.lit(True))
    )
