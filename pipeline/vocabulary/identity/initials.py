"""Initials as letters in order, whether written with dots, spaces, in one piece, or as a calling name.

A part of one name gives one letter: Th., Chr. and Jan are one part, J.P. and JP two. Capitals that can be read
as a name count as one: what is cut may still agree, what is made up may not.
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.letters import once, plain_letters
from pipeline.vocabulary.identity.names import ABBREVIATED_VAN, AT_ANOTHERS, TRADING_AS
from pipeline.vocabulary.identity.particles import ARTICLES, PARTICLES, TITLES, any_of

MOST_INITIALS = 10
_SEVERAL_LETTERS = ("th", "chr", "ph", "ch", "sj", "tj", "st", "fr", "jac", "joh", "jb", "wm", "kl", "hk", "hr")
_NO_INITIALS = r"(?i)^\W*(?:onbekend|onb|nvt|n\.v\.t\.?|geen|unknown|xx+|nn)\W*$"


def initial_letters(people: pl.DataFrame) -> pl.Series:
    """Lower-case letters of the column `initials`; where it is empty, of a first name inside `surname`."""
    given = pl.col("given")
    plain = once(people.select("initials"), _given).with_columns(people["surname"])
    beside = plain.select(surname=pl.when(given.is_null()).then("surname"))
    named = plain.select(given).hstack(once(beside, lambda names: names.select(inside=_inside_surname())))
    return once(named.select(written=pl.coalesce("given", "inside")), _letters).to_series()


def _given(people: pl.DataFrame) -> pl.DataFrame:
    plain = people.select(given=plain_letters(pl.col("initials")))
    return plain.select(pl.when(~pl.col("given").str.contains(_NO_INITIALS)).then("given"))


def _letters(people: pl.DataFrame) -> pl.DataFrame:
    written = pl.col("written")
    written = written.str.replace_all(rf"(?i)\b{any_of(TITLES)}\b\.?", " ").str.replace_all(r"\([^)]*\)", " ")
    parts = written.str.replace_all("'", "").str.replace_all(r"(?i)\bij", "Y")
    parts = parts.str.replace_all(rf"(?i)\b(\p{{L}}){_endings()}\.", "$1 ").str.replace_all(r"[^\p{L}]+", " ")
    for several in (r"\b(\p{Lu})\p{Ll}+\b", rf"\b(\p{{L}}){_endings()}\b", _NAME_IN_ONE_CASE):
        parts = parts.str.replace_all(several, "$1")
    letters = parts.str.replace_all(" ", "").str.to_lowercase().str.head(MOST_INITIALS)
    return people.select(initials=letters.str.extract("(.+)"))


_NAME_IN_ONE_CASE = r"(?i)\b(\p{L})(?:\p{L}*[aeiouy]\p{L}+|\p{L}+[aeiouy])\b"


def _endings() -> str:
    """What follows the first letter in an abbreviation of several letters, whatever that first letter is."""
    return any_of(tuple(sorted({word[1:] for word in _SEVERAL_LETTERS})))


def _inside_surname() -> pl.Expr:
    """The first name in `Jansen, P.J.`, `P.J. Jansen` or `Kapsalon P.J. Jansen`; null where there is none."""
    plain = (
        plain_letters(pl.col("surname"))
        .str.replace("(?i)" + AT_ANOTHERS, "$1")
        .str.replace("(?i)" + TRADING_AS, "")
    )
    plain = plain.str.replace_all("(?i)" + ABBREVIATED_VAN, " ")
    plain = plain.str.replace_all(rf"(?i)(?:^|[\s']){any_of((*PARTICLES, *ARTICLES))}\b", " ")
    behind = plain.str.extract(r",([^,]*\p{L}[^,]*)$")
    before = plain.str.extract(r"^\s*(?:\p{L}{4,}\s+)?((?:\p{Lu}\.[\s-]?)+)\s*\p{L}{2,}")
    return pl.coalesce(behind, before)
