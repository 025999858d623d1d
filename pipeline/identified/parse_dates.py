"""Dates of an export, in more notations than the normaliser knows, because column and month are known.

What systems write where they have no date is nothing (00-00-0000, 99-99-9999, 31-12-9999). A month may be a word,
a year two digits where only one century can be meant. Of a birth date the year alone, or year and month, tell
something too. Anything else is no date: who sees a typing error can mend it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipeline.vocabulary.identity.dates import OLDEST_BIRTH_YEAR, iso_dates

EARLIEST_YEAR = 1950
_BEHIND = r"(?:[T ].*)?$"
_NOTHING = (
    rf"^(?:00?[-/.]00?[-/.](?:00)?00|0000[-/.]00?[-/.]00?){_BEHIND}|^(?:00000000|0)$"
    rf"|^(?:\d{{1,2}}[-/.]\d{{1,2}}[-/.]9999|9999[-/.]\d{{1,2}}[-/.]\d{{1,2}}|99[-/.]99[-/.]99){_BEHIND}|^9999\d{{4}}$"
    rf"|^(?:31[-/.]12[-/.]2[09]99|2[09]99[-/.]12[-/.]31){_BEHIND}|^2[09]991231$"
)
_YEAR_ALONE = r"^(\d{4})(?:[.,]0+)?$"
_MONTH_AND_YEAR = r"^(\d{1,2})[-/](\d{4})$"
_YEAR_AND_MONTH = r"^(\d{4})[-/](\d{1,2})$"
_TIME_OF_DAY = r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$"
_MONTHS = (
    *("jan(?:uari)?", "feb(?:r|ruari)?", "maart|mrt|maa|mar", "apr(?:il)?", "mei|may", "juni?"),
    *("juli?", "aug(?:ustus)?", "sept?(?:ember)?", "o[kc]t(?:ober)?", "nov(?:ember)?", "dec(?:ember)?"),
)
_APART = r"[-/. ]{1,2}"
_SHORT_YEAR = rf"^(\d{{1,2}}{_APART}(?:\d{{1,2}}|\p{{L}}{{3,9}}){_APART})(\d{{2}})({_BEHIND[:-1]})$"


def without_stand_in_dates(texts: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The frame with null where a system wrote zeros, nines or the end of time for want of a date."""
    return texts.with_columns(
        pl.when(~pl.col(name).str.contains(_NOTHING)).then(name).alias(name) for name in columns
    )


def days(texts: pl.Series, last_day: date, *, is_month_first: bool) -> pl.Series:
    """ISO text of whole dates; a time of day behind them tells nothing more.

    Args:
        texts: trimmed texts.
        last_day: the end of the delivery's month; a year of two digits lies at most a year beyond it.
        is_month_first: whether 05/31/1980 is this file's notation.
    """
    day = pl.col("day")
    timeless = texts.alias("day").to_frame().select(day.str.replace(_TIME_OF_DAY, ""))
    _, whole = _with_century(timeless, EARLIEST_YEAR, last_day.year + 1)
    iso = iso_dates(_with_month_number(whole)["day"], is_month_first=is_month_first)
    return (
        iso.alias("iso")
        .to_frame()
        .select(pl.when(~pl.col("iso").str.contains("-00|^0000")).then("iso"))
        .to_series()
    )


def births(texts: pl.Series, last_day: date, *, is_month_first: bool) -> pl.DataFrame:
    """ISO text of birth dates, in which 00 is unknown, and whether the year may be of two centuries.

    Args:
        texts: trimmed texts.
        last_day: the end of the delivery's month, after which nobody was born.
        is_month_first: whether 05/31/1980 is this file's notation.

    Returns:
        `birth_on`, null where it is no date or of two centuries; `is_of_two_centuries`.
    """
    day = pl.col("day")
    written = (
        texts.alias("day")
        .to_frame()
        .select(
            day.str.replace(_YEAR_ALONE, "${1}-00-00")
            .str.replace(_MONTH_AND_YEAR, "00-${1}-${2}")
            .str.replace(_YEAR_AND_MONTH, "${1}-${2}-00")
        )
    )
    is_unclear, whole = _with_century(written, OLDEST_BIRTH_YEAR, last_day.year)
    if is_month_first:
        whole = whole.select(day.str.replace(r"^00-(\d{1,2})-(\d{4})$", "${2}-${1}-00"))
    iso = iso_dates(_with_month_number(whole)["day"], is_month_first=is_month_first, is_birth=True)
    found = pl.DataFrame({"iso": iso, "is_unclear": is_unclear}).with_columns(
        is_of_two_centuries=pl.col("is_unclear") & pl.col("iso").is_not_null()
    )
    return found.select(
        pl.when(~pl.col("is_of_two_centuries")).then("iso").alias("birth_on"), "is_of_two_centuries"
    )


def _with_century(days: pl.DataFrame, earliest: int, latest: int) -> tuple[pl.Series, pl.DataFrame]:
    """Years of two digits in full where only one century lies in the bounds, and which lie in both."""
    day, year = pl.col("day"), pl.col("year")
    short = days.with_columns(year=day.str.extract(_SHORT_YEAR, 2).cast(pl.Int32))
    old, new = ((year + century).is_between(earliest, latest) for century in (1900, 2000))
    full = pl.when(new).then(pl.lit("20")).when(old).then(pl.lit("19"))
    return (
        short.select((old & new).fill_null(value=False).alias("is_unclear")).to_series(),
        short.select(
            pl.when(full.is_not_null())
            .then(
                pl.concat_str(
                    [day.str.extract(_SHORT_YEAR, 1), full, day.str.extract(r"(\d{2}" + _BEHIND[:-1] + ")$")]
                )
            )
            .otherwise(day)
            .alias("day")
        ),
    )


def _with_month_number(days: pl.DataFrame) -> pl.DataFrame:
    """`31 mei 1980` as `1980-05-31`."""
    day = pl.col("day")
    if not days["day"].str.contains(r"\p{L}{3}").any():
        return days
    for number, month in enumerate(_MONTHS, 1):
        day = day.str.replace(
            rf"(?i)^(\d{{1,2}}){_APART}(?:{month}){_APART}(\d{{4}})({_BEHIND[:-1]})$",
            f"${{2}}-{number:02}-${{1}}${{3}}",
        )
    return days.select(day)
