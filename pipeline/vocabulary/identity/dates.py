"""Dates in the notations that exports use, as ISO text in which an unknown month or day is 00.

1980-05-31, 31-05-1980, 31/05/1980 and 19800531, also with one digit, dots, or a time of midnight behind it. Day
or month 00 is legal in the population register. A birth date that can only be read with day and month swapped
is read so.
"""

from __future__ import annotations

import polars as pl

OLDEST_BIRTH_YEAR = 1912
DAY_ZERO = "1970-01-01"
"""What computers write for no date at all, whoever it is about."""
_MIDNIGHT = r"(?:[T ](?:0?0:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?|12:00(?::00)? ?(?i:am)))?"
_YEAR_FIRST = rf"^(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_MIDNIGHT}$"
_DAY_FIRST = rf"^(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_MIDNIGHT}$"
_DIGITS = r"^(\d{4})(\d{2})(\d{2})$"


def iso_dates(texts: pl.Series, *, is_month_first: bool = False, is_birth: bool = False) -> pl.Series:
    """`YYYY-MM-DD` with 00 for what is unknown; null for what is in no notation or cannot exist.

    Args:
        texts: trimmed texts.
        is_month_first: whether 05/31/1980 is this file's notation, instead of 31/05/1980.
        is_birth: whether a day and month that exist only when swapped are swapped.
    """
    text = pl.col("text")
    day_group, month_group = (2, 1) if is_month_first else (1, 2)
    groups = {"year": (1, 3, 1), "month": (2, month_group, 2), "day": (3, day_group, 3)}
    parts = texts.to_frame("text").with_columns(
        pl.coalesce(
            text.str.extract(_YEAR_FIRST, one), text.str.extract(_DAY_FIRST, two), text.str.extract(_DIGITS, three)
        )
        .str.zfill(2)
        .alias(name)
        for name, (one, two, three) in groups.items()
    )
    month, day = pl.col("month"), pl.col("day")
    if is_birth:
        is_swapped = (month > "12") & day.is_between(pl.lit("01"), pl.lit("12"))
        swapped_month, swapped_day = (
            pl.when(is_swapped).then(day).otherwise(month),
            pl.when(is_swapped).then(month).otherwise(day),
        )
        parts = parts.with_columns(month=swapped_month, day=swapped_day)
    iso = parts.select(iso=pl.concat_str(["year", "month", "day"], separator="-"))
    return iso.select(
        pl.when(is_real_date(pl.col("iso")) | is_partial_date(pl.col("iso"))).then("iso")
    ).to_series()


def is_real_date(iso: pl.Expr) -> pl.Expr:
    """Whether ISO text is a day of the calendar."""
    return iso.str.to_date("%Y-%m-%d", strict=False).is_not_null()


def is_partial_date(iso: pl.Expr) -> pl.Expr:
    """Whether ISO text leaves day, month or year open (00, 0000) and the rest can exist."""
    return iso.str.contains(
        r"^\d{4}-00-(?:[012]\d|3[01])$|^\d{4}-(?:0\d|1[0-2])-00$|^0000-(?:0\d|1[0-2])-(?:[012]\d|3[01])$"
    )


def is_no_birth_date(iso: pl.Expr) -> pl.Expr:
    """Whether a birth date is a stand-in that tells nothing: no year, one in which nobody was born, day zero."""
    return (iso.str.head(4) < str(OLDEST_BIRTH_YEAR)) | (iso == DAY_ZERO)


def birth_keys(iso: pl.Series) -> pl.Series:
    """The dates by which records are compared; null for stand-ins and partial dates.

    Day and month stand in ascending order when both could be a month, so that a swap makes no difference.
    1 January is also how an unknown day is written, by all partners alike, so it is kept as any other day is.
    """
    day = pl.col("iso")
    parts = iso.to_frame("iso").with_columns(
        year=day.str.slice(0, 4), month=day.str.slice(5, 2), day=day.str.slice(8, 2)
    )
    is_open_to_swap = (pl.col("day") <= "12") & (pl.col("day") < pl.col("month"))
    swapped = pl.concat_str(["year", "day", "month"], separator="-")
    tells = is_real_date(day) & ~is_no_birth_date(day)
    key = pl.when(tells & is_open_to_swap).then(swapped).when(tells).then(day)
    return parts.select(birth_key=key).to_series()


def birth_day_keys(births: pl.Series) -> pl.Series:
    """Month and day of birth keys; null for 1 January, which contradicts no other day of the year."""
    born = pl.col("born")
    key = pl.when(born.str.slice(5) != "01-01").then(born.str.slice(5))
    return births.to_frame("born").select(birth_day_key=key).to_series()


def birth_year_keys(iso: pl.Series) -> pl.Series:
    """The year, also where the day is unknown; null for stand-ins."""
    day = pl.col("iso")
    has_year = is_real_date(day) | is_partial_date(day)
    key = pl.when(has_year & ~is_no_birth_date(day)).then(day.str.head(4))
    return iso.to_frame("iso").select(birth_year_key=key).to_series()
