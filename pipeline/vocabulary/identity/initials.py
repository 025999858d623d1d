"""Initials as letters in order, whether written with dots, spaces, in one piece, or as a calling name.

A part of one name gives one letter: Th., Chr. and Jan are one part, J.P. and JP two. Capitals that can be read
as a name count as one: what is cut may still agree, what is made up may not.
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.letters import plain_letters
from pipeline.vocabulary.identity.names import ABBREVIATED_VAN, AT_ANOTHERS, TRADING_AS
from pipeline.vocabulary.identity.particles import ARTICLES, PARTICLES, TITLES, any_of

MOST_INITIALS = 10
_SEVERAL_LETTERS = ("th", "chr", "ph", "ch", "sj", "tj", "st", "fr", "jac", "joh", "jb", "wm", "kl", "hk", "hr")
_NO_INITIALS = r"(?i)^\W*(?:onbekend|onb|nvt|n\.v\.t\.?|geen|unknown|xx+|nn)\W*$"


def initial_letters(people: pl.DataFrame) -> pl.Series:
    """Lower-case letters of the column `initials`; where it is empty, of a first name inside `surname`."""
    plain = people.select(given=plain_letters(pl.col("initials")), surname="surname")
    plain = plain.with_columns(given=pl.when(~pl.col("given").str.contains(_NO_INITIALS)).then("given"))
    plain = plain.with_columns(surname=plain_letters(pl.when(pl.col("given").is_null()).then("surname")))
    written = pl.coalesce("given", _inside_surname(pl.col("surname")))
    written = written.str.replace_all(rf"(?i)\b{any_of(TITLES)}\b\.?", " ").str.replace_all(r"\([^)]*\)", " ")
    parts = written.str.replace_all("'", "").str.replace_all(r"(?i)\bij", "Y")
    parts = parts.str.replace_all(rf"(?i)\b(\p{{L}}){_endings()}\.", "$1 ").str.replace_all(r"[^\p{L}]+", " ")
    for several in (r"\b(\p{Lu})\p{Ll}+\b", rf"\b(\p{{L}}){_endings()}\b", _NAME_IN_ONE_CASE):
        parts = parts.str.replace_all(several, "$1")
    letters = parts.str.replace_all(" ", "").str.to_lowercase().str.head(MOST_INITIALS)
    return plain.select(initials=letters.str.extract("(.+)")).to_series()


_NAME_IN_ONE_CASE = r"(?i)\b(\p{L})(?:\p{L}*[aeiouy]\p{L}+|\p{L}+[aeiouy])\b"


def _endings() -> str:
    """What follows the first letter in an abbreviation of several letters, whatever that first letter is."""
    return any_of(tuple(sorted({word[1:] for word in _SEVERAL_LETTERS})))


def _inside_surname(surname: pl.Expr) -> pl.Expr:
    """The first name in `Jansen, P.J.`, `P.J. Jansen` or `Kapsalon P.J. Jansen`; null where there is none."""
    plain = surname.str.replace("(?i)" + AT_ANOTHERS, "$1").str.replace("(?i)" + TRADING_AS, "")
    plain = plain.str.replace_all("(?i)" + ABBREVIATED_VAN, " ")
    plain = plain.str.replace_all(rf"(?i)(?:^|[\s']){any_of((*PARTICLES, *ARTICLES))}\b", " ")
    behind = plain.str.extract(r",([^,]*\p{L}[^,]*)$")
    before = plain.str.extract(r"^\s*(?:\p{L}{4,}\s+)?((?:\p{Lu}\.[\s-]?)+)\s*\p{L}{2,}")
    return pl.coalesce(behind, before)
