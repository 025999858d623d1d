"""Dates in the notations that exports use, as ISO text in which an unknown month or day is 00.

1980-05-31, 31-05-1980, 31/05/1980 and 19800531, also with one digit, dots, or a time of midnight behind it. Day
or month 00 is legal in the population register. A birth date that can only be read with day and month swapped
is read so.
"""

from __future__ import annotations

import polars as pl

OLDEST_BIRTH_YEAR = 1912
_MIDNIGHT = r"(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?"
_YEAR_FIRST = rf"^(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_MIDNIGHT}$"
_DAY_FIRST = rf"^(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_MIDNIGHT}$"
_DIGITS = r"^(\d{4})(\d{2})(\d{2})$"


def iso_date(text: pl.Expr, *, month_first: bool = False, is_birth: bool = False) -> pl.Expr:
    """`YYYY-MM-DD` with 00 for what is unknown; null for what is in no notation or cannot exist.

    Args:
        text: trimmed text.
        month_first: whether 05/31/1980 is this file's notation, instead of 31/05/1980.
        is_birth: whether a day and month that exist only when swapped are swapped.
    """
    day_group, month_group = (2, 1) if month_first else (1, 2)
    year = pl.coalesce(text.str.extract(_YEAR_FIRST, 1), text.str.extract(_DAY_FIRST, 3), text.str.extract(_DIGITS, 1))
    month = pl.coalesce(
        text.str.extract(_YEAR_FIRST, 2), text.str.extract(_DAY_FIRST, month_group), text.str.extract(_DIGITS, 2)
    )
    day = pl.coalesce(
        text.str.extract(_YEAR_FIRST, 3), text.str.extract(_DAY_FIRST, day_group), text.str.extract(_DIGITS, 3)
    )
    month, day = month.str.zfill(2), day.str.zfill(2)
    if is_birth:
        is_swapped = text.str.contains(_DAY_FIRST) & (month > "12") & day.is_between(pl.lit("01"), pl.lit("12"))
        month, day = pl.when(is_swapped).then(day).otherwise(month), pl.when(is_swapped).then(month).otherwise(day)
    iso = pl.concat_str([year, month, day], separator="-")
    return pl.when(is_real_date(iso) | is_partial_date(iso)).then(iso)


def is_real_date(iso: pl.Expr) -> pl.Expr:
    """Whether ISO text is a day of the calendar."""
    return iso.str.to_date("%Y-%m-%d", strict=False).is_not_null()


def is_partial_date(iso: pl.Expr) -> pl.Expr:
    """Whether ISO text leaves day, month or year open (00, 0000) and the rest can exist."""
    return iso.str.contains(r"^\d{4}-00-(?:[012]\d|3[01])$|^\d{4}-(?:0\d|1[0-2])-00$|^0000-(?:0\d|1[0-2])-(?:[012]\d|3[01])$")


def is_no_birth_date(iso: pl.Expr) -> pl.Expr:
    """Whether a birth date is a stand-in that says nothing at all: no year, or a year in which nobody was born."""
    return iso.str.head(4) < str(OLDEST_BIRTH_YEAR)


def birth_key(iso: pl.Expr) -> pl.Expr:
    """The date by which records are compared; null for stand-ins, 1 January and partial dates.

    Day and month stand in ascending order when both could be a month, so that a swap makes no difference.
    """
    year, month, day = iso.str.slice(0, 4), iso.str.slice(5, 2), iso.str.slice(8, 2)
    is_open_to_swap = (day <= "12") & (day < month)
    swapped = pl.concat_str([year, day, month], separator="-")
    tells = is_real_date(iso) & ~is_no_birth_date(iso) & (iso.str.slice(5) != "01-01")
    return pl.when(tells).then(pl.when(is_open_to_swap).then(swapped).otherwise(iso))
