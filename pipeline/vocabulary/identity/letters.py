"""Letters as one alphabet: case, diacritics, letters without a decomposition, apostrophes, invisible characters.

Decomposable letters lose their marks (é → e, ş → s, ğ → g); the others are folded by the table below, so that
a system that drops diacritics and one that keeps them agree.
"""

from __future__ import annotations

from collections.abc import Callable

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


_UNTIDY = r"^ | $|  |[^\S ]|[\p{Cc}\p{Cf}]"


def tidy(texts: pl.DataFrame) -> pl.DataFrame:
    """String columns trimmed, with single spaces and without invisible characters; null where nothing is left."""
    dirty = texts.select(pl.all().str.contains(_UNTIDY).any()).row(0)
    return texts.select(
        _one_line(pl.col(name)) if is_dirty else pl.when(pl.col(name) != "").then(name)
        for name, is_dirty in zip(texts.columns, dirty, strict=True)
    )


def _one_line(text: pl.Expr) -> pl.Expr:
    spaced = text.str.replace_all(r"\s+", " ").str.replace_all(r"[\p{Cc}\p{Cf}]+", "")
    return spaced.str.replace_all(" +", " ").str.extract(r"([^ ](?:.*[^ ])?)")


def plain_letters(text: pl.Expr) -> pl.Expr:
    """Text without diacritics, with one kind of apostrophe and hyphen; case is kept."""
    marked = text.str.replace_many(APOSTROPHES).str.normalize("NFKD")
    return marked.str.replace_all(r"\p{M}+", "").str.replace_many(APOSTROPHES | HYPHENS | FOLDS)


def folded(text: pl.Expr) -> pl.Expr:
    """`plain_letters` in lower case."""
    return plain_letters(text).str.to_lowercase()


def once(written: pl.DataFrame, work: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """What `work` makes of these columns, done once for each way of writing: people share much of it."""
    ways = written.unique(maintain_order=True)
    known = ways.hstack(work(ways).select(pl.all().name.prefix("made_")))
    found = written.join(known, on=written.columns, how="left", nulls_equal=True, maintain_order="left")
    return found.select(pl.col("^made_.*$").name.map(lambda name: name.removeprefix("made_")))
