"""Keys of a surname: the same for every spelling that partners use of one name.

Particles, titles and trades fall away wherever they stand; ij = y, doubled consonants count once. A name of two
parts (double and maiden names) has two keys, in the order in which it was written; a name with one part may
have a second reading, when a particle may be glued to it or an article may belong to it.
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.letters import folded, one_line
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

_TRADING_AS = r"\b(?:t\.? ?)?h\.? ?o\.? ?d\.? ?n\b.*$"
_CAMEL_PARTICLES = any_of(tuple(form for word in (*GLUED_SURE, *GLUED_PERHAPS, "v") for form in (word, word.title())))
_CAMEL = rf"\b({_CAMEL_PARTICLES})(\p{{Lu}}\p{{Ll}}|IJ)"
ABBREVIATED_VAN = r"\bv[./ ]{0,2}d(?:e[rn]?|r)?\b"
_TRADE = rf"{any_of(TRADES)}|\p{{L}}+{any_of(TRADE_ENDINGS)}"
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
_SOUNDS = {"ij": "y"} | {letter * 2: letter for letter in _CONSONANTS}


def surname_keys(particles: pl.Expr, surname: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """(surname_key, surname_key_alt) of the columns voorvoegsels and achternaam as they were written."""
    written = pl.concat_str([particles.fill_null(""), surname], separator=" ")
    apart = written.str.replace_all(_CAMEL, "$1 $2").str.replace_all(_CAMEL, "$1 $2")
    spelled = folded(one_line(apart))
    words = _words(spelled)
    content = _content(words)
    first, last = content.str.extract(r"^(\S+)"), content.str.extract(r" (\S+)$")
    key = _sound(_unglued(first))
    second = pl.coalesce(last.pipe(_unglued), _second_reading(spelled, words, first)).pipe(_sound)
    known = ~words.str.replace_all(" ", "").is_in(list(NO_NAMES)) & ~key.is_in(list(NO_NAMES))
    return pl.when(known).then(key), pl.when(known & second.ne(key)).then(second)


def _words(spelled: pl.Expr) -> pl.Expr:
    """The name as words with single spaces: letters only, v/d and 't as words of their own."""
    named = spelled.str.replace(_TRADING_AS, "")
    named = pl.when(named.str.contains(r"\p{L}")).then(named).otherwise(spelled)
    named = named.str.replace_all(ABBREVIATED_VAN, " vd ")
    named = named.str.replace_all(r"(\p{L}{2,})'([ts])\b", "$1 $2").str.replace_all(r"\bt'", "t ")
    named = named.str.replace_all("'", "").str.replace_all(r"[^\p{L}]+", " ").str.strip_chars(" ")
    return named.str.replace_all(r"\babd (?:el|al|ul|oul)\b", "abdel").str.replace_all(
        rf"\b({any_of(JOINED_PREFIXES)}) (\p{{L}}{{2,}})", "$1$2"
    )


def _content(words: pl.Expr) -> pl.Expr:
    """The words that carry identity. Titles and trades are names themselves where nothing else is left."""
    bare = _without(words, rf"\b(?:{any_of((*TITLES, *PARTICLES, *ARTICLES))}|{_TRADE}|\p{{L}})\b")
    named = _without(words, rf"\b(?:{any_of((*PARTICLES, *ARTICLES))}|\p{{L}})\b")
    return pl.coalesce(bare, named, words)


def _without(words: pl.Expr, noise: str) -> pl.Expr:
    less = words.str.replace_all(noise, " ").str.replace_all(" +", " ").str.strip_chars(" ")
    return pl.when(less.str.len_bytes() > 0).then(less)


def _unglued(word: pl.Expr) -> pl.Expr:
    return word.str.replace(rf"^(?:{any_of(GLUED_SURE)})+(\p{{L}}{{3,}})$", "$1")


def _second_reading(spelled: pl.Expr, words: pl.Expr, first: pl.Expr) -> pl.Expr:
    """Another key under which a name of one part may be known elsewhere, or null.

    The article with the name (El Amrani → elamrani), the name behind an elided letter (d'Hondt → hondt), behind
    a glued *van* alone (vandeursen → deursen), behind a particle that may be glued (devries → vries).
    """
    article = words.str.extract(rf"\b((?:{any_of(ARTICLES)} )+\p{{L}}{{2,}})").str.replace_all(" ", "")
    elided = spelled.str.extract(r"\b\p{L}'(\p{L}{3,})")
    one_word = pl.when(words == first).then(first.str.replace_all("ij", "y"))
    behind_van = pl.when(~one_word.str.contains("^vande[rn]")).then(one_word.str.extract(r"^van(\p{L}{3,})$"))
    behind_particle = one_word.str.extract(rf"^{any_of(GLUED_PERHAPS)}(\p{{L}}{{3,}})$")
    return pl.coalesce(article, elided, behind_van, behind_particle)


def _sound(word: pl.Expr) -> pl.Expr:
    """One spelling for ij/y and for single and doubled consonants."""
    return word.str.replace_many(_SOUNDS).str.replace_many(_SOUNDS)
