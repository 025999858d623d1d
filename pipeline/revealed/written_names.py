"""A name as people write it, from the way a partner's system does: KAMP, VAN DE becomes van de Kamp.

Only order, capitals and dots change, never a letter. What has capitals and small letters already is left as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.revealed.texts import sentence
from pipeline.vocabulary.identity.names import names_before_trading_as, trade_names
from pipeline.vocabulary.identity.particles import ARTICLES, PARTICLES, TRADE_ENDINGS, TRADES

_SMALL_WORDS = frozenset((*PARTICLES, *ARTICLES, "'t", "v.d.", "v/d", "'s", "h.o.d.n.", "hodn", "h/o"))
_INITIAL = re.compile(r"(?<=[\s.])IJ(?![^\s.])|^IJ(?=[\s.])|[^\s.]")
"""A letter; IJ is one where it stands between dots, as in J.IJ., and two where nothing is between any letters."""
_PERHAPS_TRADE = re.compile("|".join((*map(re.escape, (*TRADES, *TRADE_ENDINGS)), r"h\W*o\W*d", "h/o")))
"""Found in every trade name, and seldom in another: the normaliser itself takes a thousand times as long."""
_UNSEEN = dict.fromkeys(
    [0xAD, 0x61C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
)
"""Characters without a shape. Some turn the reading order of all that follows on the line, on every worklist."""
_CALLING_NAME = re.compile(r"[a-zà-ÿ]{2}")


def full_name(contact: Mapping[str, Any]) -> str:
    """Initials and surname of a contact; a trade name is said to be one, and has none unless a person is named."""
    name = surname(contact)
    whole = f"{_initials(contact)} {name}".strip()
    if not is_trade_name(contact):
        return whole
    has_person = _is(names_before_trading_as(pl.lit(name)))
    return sentence("page", "trade_name", name=whole if has_person else name)


def is_trade_name(contact: Mapping[str, Any]) -> bool:
    """Whether the surname is that of a business, by the words that the normaliser takes for a trade."""
    name = surname(contact)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _PERHAPS_TRADE.search(plain) is not None and _is(trade_names(pl.lit(name)))


def surname(contact: Mapping[str, Any]) -> str:
    """Particles and surname of a contact."""
    particles, name = (" ".join(_seen(contact.get(part)).split()) for part in ("particles", "surname"))
    before, comma, behind = name.rpartition(",")
    if comma and behind.split() and all(word.lower() in _SMALL_WORDS for word in behind.split()):
        name, particles = before.strip(), particles or behind.strip()
    if particles.isupper():
        particles = particles.lower()
    return f"{particles} {_in_case(name)}".strip()


def is_in_one_case(contact: Mapping[str, Any]) -> bool:
    """Whether a partner's system wrote the surname in capitals or small letters only."""
    name = str(contact["surname"])
    return name.isupper() or name.islower()


def _seen(text: Any) -> str:
    """What a reader sees of a text."""
    return str(text or "").translate(_UNSEEN)


def _is(said: pl.Expr) -> bool:
    return bool(pl.select(said).item())


def _initials(contact: Mapping[str, Any]) -> str:
    given = _seen(contact.get("initials")).strip()
    letters = re.sub(r"[\s.]", "", given)
    if letters.isalpha() and not _CALLING_NAME.search(given):
        return "".join(f"{letter}." for letter in _INITIAL.findall(given.upper()))
    return given


def _in_case(name: str) -> str:
    if not (name.isupper() or name.islower()):
        return name
    words = [word if word in _SMALL_WORDS else _capitalised(word) for word in name.lower().split()]
    return " ".join(words)


def _capitalised(word: str) -> str:
    """Each part of a hyphenated word with its capital; the Dutch IJ is one letter."""
    parts = [f"IJ{part[2:]}" if part.startswith("ij") else part[:1].upper() + part[1:] for part in word.split("-")]
    return "-".join(parts)
