"""Both matchers on people as partners really write them: the practice region, normalised and hashed."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.identified.derive_tokens import derive_tokens
from pipeline.practice.region import Plan, Practice
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.identity.normalise import WRITTEN_COLUMNS, normalise_people
from tests.builders.practice import MONTH, every_row
from tests.reference import engines

EXPORT_COLUMNS = (
    "voorletters",
    "voorvoegsels",
    "achternaam",
    "geboortedatum",
    "postcode",
    "huisnummer",
    "huisletter",
    "huisnummertoevoeging",
    "email",
    "telefoon",
)
RULES = (Rule(), Rule(min_months=1, match_on=("person", "household")), Rule(min_partners=3, min_months=0))


def signals_of(seed: int) -> list[dict[str, object]]:
    """Some hundred and twenty signals of one month; rows of one client stand once."""
    rows = every_row(Practice(Plan(households=500, seed=seed, months=(MONTH,), signals_per_1000=120)))
    keys = normalise_people(rows.rename(dict(zip(EXPORT_COLUMNS, WRITTEN_COLUMNS, strict=True))))
    clear = rows.select(
        "partner_id",
        pl.col("klantnummer").alias("signal_id"),
        pl.col("maanden_achterstand").cast(pl.Int16, strict=False).fill_null(0).alias("arrears_months"),
        pl.col("crisissignaal").eq("ja").alias("is_crisis"),
        pl.lit(None, pl.String).alias("wijkcode"),
        pl.lit(None, pl.String).alias("postcode4"),
        pl.lit(None, pl.String).alias("arrears_band"),
    )
    signals = pl.concat([clear, derive_tokens(keys, b"k" * 32)], how="horizontal")
    return signals.unique(["partner_id", "signal_id"], keep="first", maintain_order=True).to_dicts()


@pytest.mark.parametrize("seed", range(1, 21))
def test_both_matchers_agree_on_the_practice_region(seed: int) -> None:
    """The same sets on the same evidence under three rules, with crisis signals revealed; and there are some."""
    signals = signals_of(seed)
    for rule in RULES:
        expected = engines.naive(signals, rule, True)
        assert expected == engines.fast(signals, rule, True)
        assert expected
