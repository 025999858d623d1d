"""A name as people write it, from the way a partner's system does: KAMP, VAN DE becomes van de Kamp.

Order, capitals and dots change, and letters that were read in another encoding are read back; nothing is added.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.revealed.texts import sentence
from pipeline.revealed.written_words import SMALL_WORDS, given_names, in_case, is_in_one_case
from pipeline.vocabulary.identity.letters import has_lost_letters, read_back
from pipeline.vocabulary.identity.names import names_before_trading_as, trade_names
from pipeline.vocabulary.identity.particles import TITLES, TRADE_ENDINGS, TRADES

_PERHAPS_TRADE = re.compile("|".join((*map(re.escape, (*TRADES, *TRADE_ENDINGS)), r"h\W*o\W*d", "h/o")))
"""Found in every trade name, and seldom in another: the normaliser itself takes a thousand times as long."""
_UNSEEN = dict.fromkeys(
    [0xAD, 0x61C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
)
"""Characters without a shape. Some turn the reading order of all that follows on the line, on every worklist."""
_GIVEN = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’ -])*")
_NO_GIVEN = re.compile(r"bewind|beheer|curat|stichting", re.IGNORECASE)
_NOTE = re.compile(r"(?:c\.?\s?s|e\.?\s?[aov])\.?", re.IGNORECASE)
"""Cum suis and the like: what is behind the comma is about others."""
_MOST_GIVEN = 4


def full_name(contact: Mapping[str, Any], given: str | None = None) -> str:
    """Initials and surname of a contact; a trade name is said to be one, and has none unless a person is named.

    Args:
        contact: as a partner sealed it.
        given: initials or names to show instead of the contact's own, as `initials` gives them.
    """
    name = surname(contact)
    whole = f"{initials(contact) if given is None else given} {name}".strip()
    if not is_trade_name(contact):
        return whole
    has_person = _is(names_before_trading_as(pl.lit(name)))
    return sentence("page", "trade_name", name=whole if has_person else name)


def is_trade_name(contact: Mapping[str, Any]) -> bool:
    """Whether the surname is that of a business, by the words that the normaliser takes for a trade."""
    name = surname(contact)
    return _is_perhaps_trade(name) and _is(trade_names(pl.lit(name)))


def initials(contact: Mapping[str, Any]) -> str:
    """Letters with dots or names of a contact, also where they stand behind a comma in the surname."""
    return given_names(_parts(contact)[0])


def surname(contact: Mapping[str, Any]) -> str:
    """Particles and surname of a contact."""
    _, particles, name = _parts(contact)
    if particles.isupper():
        particles = particles.lower()
    return f"{particles} {in_case(name)}".strip()


def is_readable(contact: Mapping[str, Any]) -> bool:
    """Whether a partner's system wrote the surname in capitals and small letters."""
    return not is_in_one_case(_parts(contact)[2])


def is_damaged(contact: Mapping[str, Any]) -> bool:
    """Whether a letter of the name was lost on its way."""
    return has_lost_letters(
        " ".join(str(contact.get(part) or "") for part in ("initials", "particles", "surname"))
    )


def _parts(contact: Mapping[str, Any]) -> tuple[str, str, str]:
    """Initials, particles and surname as a reader sees them, each in its place."""
    given, particles, name = (_seen(contact.get(part)) for part in ("initials", "particles", "surname"))
    name, particles = _without_particles(re.sub(r"(?<=\w) - (?=\w)", "-", name), particles)
    if not given:
        given, particles, name = _apart(particles, name)
        name, particles = _without_particles(name, particles)
    return given, particles, name


def _apart(particles: str, name: str) -> tuple[str, str, str]:
    """`Berg, Jan van den` as `Jan`, `van den` and `Berg`; any other name as it is, without initials."""
    before, _, behind = name.rpartition(",")
    words = behind.split()
    small = len(words)
    while small > 1 and words[small - 1].lower() in SMALL_WORDS:
        small -= 1
    given = given_names(" ".join(words[:small]))
    is_given = (
        _GIVEN.fullmatch(" ".join(words)) is not None
        and re.search(r"\w{2}", before) is not None
        and small <= _MOST_GIVEN
        and words[0].lower() not in SMALL_WORDS
        and not any(_is_title(word) for word in given.split())
        and not _NO_GIVEN.search(name)
        and not _NOTE.fullmatch(" ".join(words))
        and not _is_perhaps_trade(name)
    )
    return (given, particles or " ".join(words[small:]), before.strip()) if is_given else ("", particles, name)


def _is_title(word: str) -> bool:
    """Dots between capitals are those of initials: e.v. is a title, E.V. is none."""
    return (word.replace(".", "") if word.islower() else word.strip(".").lower()) in TITLES


def _without_particles(name: str, particles: str) -> tuple[str, str]:
    """`Berg, van den` as `Berg` and `van den`."""
    before, comma, behind = name.rpartition(",")
    if comma and behind.split() and all(word.lower() in SMALL_WORDS for word in behind.split()):
        return before.strip(), particles or behind.strip()
    return name, particles


def _seen(text: Any) -> str:
    """What a reader sees of a text; a misread letter keeps its case in a system that writes capitals."""
    written = str(text or "").translate(_UNSEEN)
    read = read_back(written)
    if written.isupper() and not read.isupper():
        read = read.lower()
    return " ".join(unicodedata.normalize("NFC", read).split())


def _is_perhaps_trade(name: str) -> bool:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _PERHAPS_TRADE.search(plain) is not None


def _is(said: pl.Expr) -> bool:
    return bool(pl.select(said).item())
