"""Keys of a surname: the same for every spelling that partners use of one name.

Particles, titles and trades fall away wherever they stand; ij = y, doubled consonants count once. A name of two
parts (double and maiden names) has two keys, in the order in which it was written; a name with one part may
have a second reading, when a particle may be glued to it or an article may belong to it.
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.letters import folded
from pipeline.vocabulary.identity.particles import (
    ARTICLES,
    GLUED_PERHAPS,
    GLUED_SURE,
    JOINED_PREFIXES,
    NO_NAMES,
    PARTICLES,
    TITLES,
    TRADE_ENDINGS,
    TRADES,
    any_of,
)

TRADING_AS = r"\b(?:t\.? ?)?h(?:\.? ?o\.? ?d\.? ?n\b|/o\b).*$"
AT_ANOTHERS = r"^(.*\p{L}.*?)[ ,(]+(?:p[/.]a|c[/.]o)\b.*$"
"""A person, and behind it whose address is used: `Jansen p/a Stichting Huis`."""
_CAMEL_PARTICLES = any_of(
    tuple(form for word in (*GLUED_SURE, *GLUED_PERHAPS, "v") for form in (word, word.title()))
)
_CAMEL = rf"\b({_CAMEL_PARTICLES})(\p{{Lu}}\p{{Ll}}|IJ)"
ABBREVIATED_VAN = r"\bv[./ ]{0,2}d(?:e[rn]?|r)?\b"
TRADE = rf"{any_of(TRADES)}|\p{{L}}+{any_of(TRADE_ENDINGS)}"
_NO_CONTENT = rf"\b(?:{any_of((*TITLES, *PARTICLES, *ARTICLES))}|\p{{L}})\b"
_ALL_NOISE = rf"\b(?:{any_of((*TITLES, *PARTICLES, *ARTICLES))}|{TRADE}|\p{{L}})\b"
_PARTICLES = rf"\b(?:{any_of((*PARTICLES, *ARTICLES))}|\p{{L}})\b"
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
_SOUNDS = {"ij": "y"} | {letter * 2: letter for letter in _CONSONANTS}


def surname_keys(people: pl.DataFrame) -> pl.DataFrame:
    """`surname_key` and `surname_key_alt` of the columns `particles` and `surname` as they were written."""
    written = pl.concat_str([pl.col("particles").fill_null(""), "surname"], separator=" ")
    apart = written.str.replace_all(_CAMEL, "$1 $2").str.replace_all(_CAMEL, "$1 $2")
    names = people.select(spelled=folded(apart))
    names = names.with_columns(named=pl.col("spelled").str.replace(AT_ANOTHERS, "$1").str.replace(TRADING_AS, ""))
    names = names.with_columns(words=_words(pl.coalesce(_with_letters("named"), "spelled")))
    names = names.with_columns(bare=_without(_ALL_NOISE), named=_without(_PARTICLES))
    names = names.with_columns(content=pl.coalesce(_with_letters("bare"), _with_letters("named"), "words"))
    names = names.with_columns(
        first=pl.col("content").str.extract(r"^(\S+)"), last=pl.col("content").str.extract(r" (\S+)$")
    )
    names = names.with_columns(key=_sound(_unglued("first")), part=_unglued("last"), reading=_second_reading())
    names = names.with_columns(second=_sound(pl.coalesce("part", "reading")))
    known = ~(pl.col("words").str.replace_all(" ", "").is_in(list(NO_NAMES)) | pl.col("key").is_in(list(NO_NAMES)))
    return names.select(
        surname_key=pl.when(known).then("key"),
        surname_key_alt=pl.when(known & (pl.col("second") != pl.col("key"))).then("second"),
    )


def trade_names(written: pl.Expr) -> pl.Expr:
    """Whether a surname as it was written is that of a business: a trade beside a name, or `h.o.d.n.`."""
    spelled = folded(written)
    content = _words(spelled).str.replace_all(_NO_CONTENT, " ")
    has_trade = content.str.contains(rf"\b(?:{TRADE})\b")
    has_name = content.str.replace_all(rf"\b(?:{TRADE})\b", " ").str.contains(r"\p{L}")
    return spelled.str.contains(TRADING_AS) | (has_trade & has_name)


def names_before_trading_as(written: pl.Expr) -> pl.Expr:
    """Whether somebody's name stands before the name they trade under: Jansen h.o.d.n. Taxibedrijf Jansen."""
    return folded(written).str.contains(rf"\p{{L}}{{2,}}.*?{TRADING_AS}")


def _words(named: pl.Expr) -> pl.Expr:
    """The name as words with single spaces: letters only, v/d and 't as words of their own."""
    apart = named.str.replace_all(ABBREVIATED_VAN, " vd ")
    apart = apart.str.replace_all(r"(\p{L}{2,})'([ts])\b", "$1 $2").str.replace_all(r"\bt'", "t ")
    words = apart.str.replace_all("'", "").str.replace_all(r"[^\p{L}]+", " ").str.strip_chars(" ")
    return words.str.replace_all(r"\babd (?:el|al|ul|oul)\b", "abdel").str.replace_all(
        rf"\b({any_of(JOINED_PREFIXES)}) (\p{{L}}{{2,}})", "$1$2"
    )


def _without(noise: str) -> pl.Expr:
    """The words that carry identity. Titles and trades are names themselves where nothing else is left."""
    return pl.col("words").str.replace_all(noise, " ").str.replace_all(" +", " ").str.strip_chars(" ")


def _with_letters(column: str) -> pl.Expr:
    return pl.when(pl.col(column).str.contains(r"\p{L}")).then(column)


def _unglued(column: str) -> pl.Expr:
    return pl.col(column).str.replace(rf"^(?:{any_of(GLUED_SURE)})+(\p{{L}}{{3,}})$", "$1")


def _second_reading() -> pl.Expr:
    """Another key under which a name of one part may be known elsewhere, or null.

    The article with the name (El Amrani → elamrani), the name behind an elided letter (d'Hondt → hondt), behind
    a glued *van* alone (vandeursen → deursen), behind a particle that may be glued (devries → vries).
    """
    article = pl.col("words").str.extract(rf"\b((?:{any_of(ARTICLES)} )+\p{{L}}{{2,}})").str.replace_all(" ", "")
    elided = pl.col("spelled").str.extract(r"\b\p{L}'(\p{L}{3,})")
    one_word = pl.when(pl.col("words") == pl.col("first")).then(pl.col("first").str.replace_all("ij", "y"))
    behind_van = pl.when(~pl.col("first").str.contains("^vande[rn]")).then(
        one_word.str.extract(r"^van(\p{L}{3,})$")
    )
    behind_particle = one_word.str.extract(rf"^{any_of(GLUED_PERHAPS)}(\p{{L}}{{3,}})$")
    return pl.coalesce(article, elided, behind_van, behind_particle)


def _sound(word: pl.Expr) -> pl.Expr:
    """One spelling for ij/y and for single and doubled consonants."""
    return word.str.replace_many(_SOUNDS).str.replace_many(_SOUNDS)
