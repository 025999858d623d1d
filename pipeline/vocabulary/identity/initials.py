"""Initials as letters in order, whether written with dots, spaces, in one piece, or as a calling name.

A part of one name gives one letter: Th., Chr. and Jan are one part, J.P. and JP two. Capitals that can be read
as a name count as one: what is cut may still agree, what is made up may not.
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.letters import once, plain_letters
from pipeline.vocabulary.identity.names import ABBREVIATED_VAN, AT_ANOTHERS, TRADE, TRADING_AS
from pipeline.vocabulary.identity.particles import (
    ARTICLES,
    BEHIND_A_NAME,
    BETWEEN_NAMES,
    PARTICLES,
    SALUTATIONS,
    TITLES,
    any_of,
)

MOST_INITIALS = 10
SEVERAL_LETTERS = ("th", "chr", "ph", "ch", "sj", "tj", "st", "fr", "jac", "joh", "jb", "wm", "kl", "hk")
NO_INITIALS = r"(?i)^\W*(?:onbekend|onb|nvt|n\.v\.t\.?|geen|unknown|xx+|nn)\W*$"


def initial_letters(people: pl.DataFrame) -> pl.Series:
    """Lower-case letters of the column `initials`; where it is empty, of a first name inside `surname`."""
    given = pl.col("given")
    plain = once(people.select("initials"), _given).with_columns(people["surname"])
    beside = plain.select(surname=pl.when(given.is_null()).then("surname"))
    # In most files everybody has initials, and twenty patterns need not be made ready.
    is_needed = beside["surname"].null_count() < beside.height
    inside = once(beside, lambda names: names.select(inside=_inside_surname())) if is_needed else beside
    named = plain.select(given).hstack(inside.select(inside=pl.first()))
    return once(named.select(written=pl.coalesce("given", "inside")), _letters).to_series()


def _given(people: pl.DataFrame) -> pl.DataFrame:
    plain = people.select(given=plain_letters(pl.col("initials")).str.replace(_SECOND_PERSON, "$1"))
    plain = plain.select(pl.col("given").str.replace(_LETTERS_LIKE_A_TITLE, "$1$3$5$7$9.$2$4$6$8$10."))
    is_given = ~pl.col("given").str.contains(NO_INITIALS) & ~pl.col("given").str.contains(_ONLY_TITLES)
    return plain.select(pl.when(is_given).then("given"))


def _letters(people: pl.DataFrame) -> pl.DataFrame:
    written = pl.col("written")
    written = written.str.replace_all(rf"(?i)\b(?:de\s+)?{any_of(TITLES)}\b\.?", " ").str.replace_all(
        r"\([^)]*\)", " "
    )
    parts = written.str.replace_all("'", "").str.replace_all(r"(?i)\bij", "Y")
    parts = parts.str.replace_all(rf"(?i)\b(\p{{L}}){_endings()}\.", "$1 ").str.replace_all(r"[^\p{L}]+", " ")
    for several in (r"\b(\p{Lu})\p{Ll}+\b", rf"\b(\p{{L}}){_endings()}\b", _NAME_IN_ONE_CASE):
        parts = parts.str.replace_all(several, "$1")
    letters = parts.str.replace_all(" ", "").str.to_lowercase().str.head(MOST_INITIALS)
    return people.select(initials=letters.str.extract("(.+)"))


_NAME_IN_ONE_CASE = r"(?i)\b(\p{L})(?:\p{L}*[aeiouy]\p{L}+|\p{L}+[aeiouy])\b"


def _endings() -> str:
    """What follows the first letter in an abbreviation of several letters, whatever that first letter is."""
    return any_of(tuple(sorted({word[1:] for word in SEVERAL_LETTERS})))


_ONLY_TITLES = rf"(?i)^\W*(?:(?:de\s+)?{any_of((*SALUTATIONS, *BEHIND_A_NAME))}\b\W*)+$"
# In a column of initials capitals are initials, though mr., dr., hr. and mej. are titles.
_LETTERS_LIKE_A_TITLE = r"^(?:([DHIJMS])(R)|(E)([NOV])|(C)(S)|(O)(F)|(ME)(J))$"
_TITLE_BEFORE = rf"(?i)^(?:\s*(?:de\s+)?{any_of((*SALUTATIONS, *BEHIND_A_NAME))}\b[./\s]*)+"
_NOTE_BEHIND = rf"(?i)(?:\s*\([^)]*\)|[\s,]+{any_of(BEHIND_A_NAME)}\b\.?)+\s*$"
# Behind it stand the initials of another: `L.P.A. en A.J.M.`, `J. e/o M.`, `JP/MA`.
_SECOND_PERSON = r"(?i)^(.*?\p{L}[^\p{L}]*?)(?:\s(?:en|of|e/[ov]|en/of)(?:\s.*)?|[&+/].*\p{L}.*)$"
# Behind it stands another name: of whom one is married to, or of who lives there too.
_SECOND_NAME = (
    rf"^(.*\p{{L}}{{2,}}.*?)[\s,]+(?:(?i:{any_of(BETWEEN_NAMES)}|e/[ov]|en/of)\b|(?:e\.[aov]|c\.s)\b"
    r"|E\.[OV]\.?\s+\p{L}{2,}).*$"
)
_MAY_BE_A_NOTE = r"(?i)^\W*(?:c\.?s|e\.?[ov]|[bcn]\.?v|v\.?o\.?f)\.?$"
_ELIDED = r"(?i)(?:^|([\s,]))'\s?[tsn]\b|\b[dl]'$"
_DOTTED = rf"(?:(?:\p{{L}}|(?i:{any_of(SEVERAL_LETTERS)}|ij))\.[\s-]*)"
_ONE_LETTER = rf"(?:{_DOTTED}|\p{{Lu}}[\s-]+)"
# What is left of van, 't, 's, d', l' and O' where a system lost dot or apostrophe. A dotted capital is an initial.
_PERHAPS_A_PARTICLE = r"(?:(?:^|\s)(?:[DLOSTV]|[dlostv]\.?))+\s*$"
_PERHAPS_A_PARTICLE_BEHIND = r"(?:(?:^|\s)(?:[STV]|[dlstv]\.?))+\s*$"
_VAN_IN_CAPITALS = r"^([^\p{Ll}]*\s)?V\.(\s[^\p{Ll}]*)?$"
_LETTER_BEHIND_A_TITLE = r"^\s*[DLOST]\s*$"


def _inside_surname() -> pl.Expr:
    """The letters in `Dhr. P.J. Jansen`, `P J JANSEN`, `Jansen P.J.`, `Jansen, Pieter` or `Kapsalon P.J. Jansen`.

    Null where there are none, and where what could be one may be what a system left of a particle. Of two people
    in one name they are the first one's.
    """
    written = (
        plain_letters(pl.col("surname"))
        .str.replace("(?i)" + AT_ANOTHERS, "$1")
        .str.replace("(?i)" + TRADING_AS, "")
    )
    untitled = written.str.replace(_TITLE_BEFORE, "")
    plain = untitled.str.replace(_NOTE_BEHIND, "").str.replace(_SECOND_NAME, "$1")
    plain = plain.str.replace_all(rf"(?i){ABBREVIATED_VAN}\.?", " ").str.replace(_VAN_IN_CAPITALS, "$1 $2")
    plain = plain.str.replace_all(_ELIDED, "$1 ")
    plain = plain.str.replace_all(rf"(?i)(?:^|\s)'?{any_of((*PARTICLES, *ARTICLES))}\b", " ")
    letters = plain.str.extract(rf"^\s*({_ONE_LETTER}+)\p{{L}}{{2,}}")
    before = _certain(letters, _PERHAPS_A_PARTICLE)
    titled = pl.when((untitled != written) & letters.str.contains(_LETTER_BEHIND_A_TITLE)).then(letters)
    traded = plain.str.extract(rf"^\s*\p{{L}}{{4,}}\s+({_DOTTED}+)\p{{L}}{{2,}}")
    comma = plain.str.extract(r",([^,]*\p{L}[^,]*)$")
    comma = pl.when(~comma.str.contains(rf"(?i)\b(?:{TRADE})\b")).then(comma)
    behind = plain.str.extract(rf"\p{{L}}{{2,}}\.?\s+({_ONE_LETTER}*(?:\p{{Lu}}|\p{{L}}\.))$")
    behind = _certain(pl.when(~behind.str.contains(_MAY_BE_A_NOTE)).then(behind), _PERHAPS_A_PARTICLE)
    return pl.coalesce(_certain(comma, _PERHAPS_A_PARTICLE_BEHIND), before, titled, traded, behind)


def _certain(letters: pl.Expr, perhaps: str) -> pl.Expr:
    """Without the last letters if they may be a particle: what is cut may still agree, what is made up may not."""
    return letters.str.replace(perhaps, "").str.extract(r"(.*\p{L}.*)")
