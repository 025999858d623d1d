"""Letters as one alphabet: case, diacritics, letters without a decomposition, apostrophes, invisible characters.

Decomposable letters lose their marks (é → e, ş → s, ğ → g); the others are folded by the table below, so that
a system that drops diacritics and one that keeps them agree.
"""

from __future__ import annotations

import polars as pl

FOLDS = {
    "ł": "l",
    "ı": "i",
    "ß": "ss",
    "ø": "o",
    "æ": "ae",
    "œ": "oe",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ħ": "h",
    "ŋ": "n",
    "ŧ": "t",
    "ə": "e",
    "Ł": "L",
    "ẞ": "SS",
    "Ø": "O",
    "Æ": "AE",
    "Œ": "OE",
    "Đ": "D",
    "Ð": "D",
    "Þ": "TH",
    "Ħ": "H",
    "Ŋ": "N",
    "Ŧ": "T",
    "Ə": "E",
}
APOSTROPHES = dict.fromkeys("’‘‛ʼʻʹ′´`＇", "'")
HYPHENS = dict.fromkeys("‐‑‒–—−", "-")


def one_line(text: pl.Expr) -> pl.Expr:
    """Trimmed text with single spaces and without invisible characters; null when nothing is left."""
    spaced = text.str.replace_all(r"[\s\u{a0}]+", " ").str.replace_all(r"[\p{Cc}\p{Cf}]+", "")
    trimmed = spaced.str.strip_chars(" ")
    return pl.when(trimmed.str.len_bytes() > 0).then(trimmed)


def plain_letters(text: pl.Expr) -> pl.Expr:
    """Text without diacritics, with one kind of apostrophe and hyphen; case is kept."""
    folded = text.str.replace_many(FOLDS | APOSTROPHES | HYPHENS)
    return folded.str.normalize("NFKD").str.replace_all(r"\p{M}+", "")


def folded(text: pl.Expr) -> pl.Expr:
    """`plain_letters` in lower case."""
    return plain_letters(text.str.to_lowercase())
