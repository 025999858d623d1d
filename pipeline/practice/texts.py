"""Changes of written text, vectorised: diacritics off, slips of the pen, particles cut short.

Every function takes and gives columns; which rows change and how is decided by the caller's draws.
"""

from __future__ import annotations

import unicodedata

import polars as pl

SPELLINGS = (
    ("ss", "s"),
    ("s", "ss"),
    ("ij", "y"),
    ("ei", "ij"),
    ("ij", "ei"),
    ("dt", "t"),
    ("ck", "k"),
    ("k", "ck"),
    ("c", "k"),
    ("ph", "f"),
    ("ou", "au"),
    ("au", "ou"),
    ("aa", "ae"),
    ("oe", "u"),
    ("th", "t"),
    ("gt", "cht"),
    ("z", "s"),
    ("ü", "ue"),
    ("ö", "oe"),
    ("uij", "ui"),
    ("oo", "o"),
    ("ee", "e"),
    ("ll", "l"),
    ("nn", "n"),
)
"""Spellings that are taken for one another in the field."""

ABBREVIATIONS = {
    "van der": "v.d.",
    "van den": "v.d.",
    "van de": "v.d.",
    "van 't": "v 't",
    "van": "v.",
    "de": "d.",
    "in 't": "i/'t",
    "ter": "t.",
    "ten": "t.",
}
_LETTERS_WITHOUT_DECOMPOSITION = {
    "ł": "l",
    "Ł": "L",
    "ı": "i",
    "ø": "o",
    "Ø": "O",
    "ß": "ss",
    "đ": "d",
    "Đ": "D",
    "’": "'",
}
_SLIP_LETTERS = "aeiorntlsm"
DELETED, SWAPPED, DOUBLED, REPLACED = range(4)


def without_diacritics(text: pl.Expr) -> pl.Expr:
    """`Yıldız` becomes `Yildiz`."""
    plain = text.str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    return plain.str.replace_many(_LETTERS_WITHOUT_DECOMPOSITION)


def encodable(text: str, encoding: str) -> str:
    """The text with letters that the encoding lacks written plainly, as an older system stores them."""
    if encoding.startswith("utf-8"):
        return text
    plain: dict[str, str | int | None] = {}
    for letter in set(text):
        try:
            letter.encode(encoding)
        except UnicodeEncodeError:
            bare = "".join(
                part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part)
            )
            plain[letter] = _LETTERS_WITHOUT_DECOMPOSITION.get(bare, bare)
    return text.translate(str.maketrans(plain))


def misspelt(text: pl.Expr, which: pl.Expr) -> pl.Expr:
    """Another spelling of the same sound, or the text itself when that spelling does not occur in it.

    `which` is a place in SPELLINGS. The first letter stays.
    """
    expression = text
    for place, (usual, other) in enumerate(SPELLINGS):
        changed = text.str.slice(0, 1) + text.str.slice(1).str.replace(usual, other, literal=True)
        expression = pl.when(which == place).then(changed).otherwise(expression)
    return expression


def mistyped(text: pl.Expr, kind: pl.Expr, place: pl.Expr) -> pl.Expr:
    """One letter deleted, swapped with the next, doubled or replaced; `place` is a number from 0 to 1."""
    length = text.str.len_chars().cast(pl.Int64)
    at = (pl.lit(1) + place * (length - 2)).floor().cast(pl.Int64).clip(lower_bound=1)
    before, letter, behind = text.str.slice(0, at), text.str.slice(at, 1), text.str.slice(at + 1)
    following = text.str.slice(at + 1, 1)
    other = pl.lit(_SLIP_LETTERS).str.slice((place * 9973).floor().cast(pl.Int64) % len(_SLIP_LETTERS), 1)
    slip = (
        pl.when(kind == DELETED)
        .then(before + behind)
        .when(kind == SWAPPED)
        .then(before + following + letter + text.str.slice(at + 2))
        .when(kind == DOUBLED)
        .then(before + letter + letter + behind)
        .otherwise(before + other + behind)
    )
    return pl.when(length > 3).then(slip).otherwise(text)


def abbreviated(particle: pl.Expr) -> pl.Expr:
    """`van der` becomes `v.d.`; what has no abbreviation stays."""
    return particle.replace(ABBREVIATIONS)


def spaced_before(text: pl.Expr) -> pl.Expr:
    """The text with a blank behind it, unless it is empty: for what stands in front of a name."""
    return pl.when(text == "").then(pl.lit("")).otherwise(text + " ")
