"""Texts of an export become values, or null where they are in none of the promised notations.

Amounts 1234.50, 1234,50, 1.234,50, with or without €, as cents; yes and no in the ways that systems write them.
Words that systems write for "nothing" are nothing. Dates are in `parse_dates`.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

MOST_CENTS = 100_000_000
CRISIS_KINDS = ("ontruiming", "afsluiting", "eindelevering")
_NOTHING = (
    "-",
    "--",
    "?",
    ".",
    "n.v.t.",
    "n.v.t",
    "nvt",
    "null",
    "none",
    "nan",
    "nat",
    "#n/a",
    "#n/b",
    "n/a",
    "onbekend",
)
_YES = ("ja", "j", "yes", "y", "true", "waar", "1", "x")
_NO = ("nee", "neen", "n", "no", "false", "onwaar", "0")


def without_stand_ins(texts: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The frame with null where these columns hold a word for nothing."""
    return texts.with_columns(
        pl.when(~pl.col(name).str.to_lowercase().is_in(list(_NOTHING))).then(name).alias(name) for name in columns
    )


def cents(amount: pl.Expr, *, has_decimal_point: bool) -> pl.Expr:
    """Whole cents of an amount; null where it is unreadable, ambiguous or negative.

    Args:
        amount: text.
        has_decimal_point: whether 1,234.50 is this file's notation; else 1.234 is more than a thousand.
    """
    bare = amount.str.to_uppercase().str.replace_all(r"EUR(?:O)?|[€\s']|,-+$|[.,]--$", "")
    thousands, decimal = (",", r"\.") if has_decimal_point else (r"\.", ",")
    grouped = rf"^(\d{{1,3}}(?:{thousands}\d{{3}})+)(?:{decimal}\d{{1,2}})?$"
    # The other notation too, where its two separators leave no doubt.
    grouped_otherwise = rf"^(\d{{1,3}}(?:{decimal}\d{{3}})+){thousands}\d{{1,2}}$"
    plain = r"^(\d+)(?:[.,]\d{1,2})?$"
    whole = pl.coalesce(bare.str.extract(pattern) for pattern in (plain, grouped, grouped_otherwise))
    behind = bare.str.extract(r"[.,](\d{1,2})$").fill_null("0").str.pad_end(2, "0")
    euros = whole.str.replace_all(r"[.,]", "").cast(pl.Int64, strict=False)
    return euros * 100 + behind.cast(pl.Int64, strict=False)


def whole_number(number: pl.Expr) -> pl.Expr:
    """A whole number from 0; decimals must be zeros."""
    return number.str.extract(r"^(\d{1,9})(?:[.,]0+)?$").cast(pl.Int64, strict=False)


def yes_no(answer: pl.Expr) -> pl.Expr:
    """True, False, or null where it is neither."""
    word = answer.str.to_lowercase()
    return pl.when(word.is_in(list(_YES))).then(True).when(word.is_in(list(_NO))).then(False)
