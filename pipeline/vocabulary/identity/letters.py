"""Letters as one alphabet: case, diacritics, letters without a decomposition, apostrophes, invisible characters.

Decomposable letters lose their marks (é → e, ş → s, ğ → g); the others are folded by the table below, so that
a system that drops diacritics and one that keeps them agree. Letters that were read in another encoding than they
were written in (JosÃ© for José) are read back.
"""

from __future__ import annotations

import re
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


def _misread() -> dict[str, str]:
    """What a letter of two bytes or a mark of three becomes when each byte is read by itself, and the letter."""
    letters = [chr(code) for code in (*range(0xC0, 0x180), *range(0x218, 0x21C), 0x259) if chr(code).isalpha()]
    table = {}
    for letter in (*letters, *"´’‘–—"):
        written = letter.encode()
        for encoding in ("latin-1", "cp1252"):
            table[written.decode(encoding, "replace")] = letter
    return {text: letter for text, letter in table.items() if "\ufffd" not in text}


MISREAD = _misread()
_PERHAPS_MISREAD = f"[{''.join(sorted({text[0] for text in MISREAD}))}]"
_LOST = "[?\ufffd]"
_GIVEN_NAME_CUT = {"initials": rf"(^|[\s.-]){_LOST}+\p{{Ll}}+", "surname": rf"(,\s*){_LOST}+\p{{Ll}}+"}
_FIRST_LETTER_CUT = rf"(^|[\s.(-]){_LOST}+(\p{{L}}{{2}})"


def mended(names: pl.DataFrame) -> pl.DataFrame:
    """Names in which misread letters are read back; a letter of which only `?` is left falls away.

    With a `?` for it a name would be two. Without it the sound is often the same, and else the opener sees one
    typing error. Between a small letter and a capital `?` may be a hyphen, and stays. A given name of which the
    first letter is lost tells no initial, and goes.
    """
    found = names.select(pl.all().str.contains(_PERHAPS_MISREAD).any()).row(0)
    read = names.with_columns(
        pl.col(name).str.replace_many(MISREAD)
        for name, is_found in zip(names.columns, found, strict=True)
        if is_found
    )
    found = read.select(pl.all().str.contains(_LOST).any()).row(0)
    return read.with_columns(
        pl.col(name)
        .str.replace_all(rf"(\p{{L}}){_LOST}+(\p{{Ll}})", "$1$2")
        .str.replace_all(rf"(\p{{Lu}}){_LOST}+(\p{{Lu}})", "$1$2")
        .str.replace_all(_GIVEN_NAME_CUT.get(name, "^$()"), "$1")
        .str.replace_all(_FIRST_LETTER_CUT, "$1$2")
        for name, is_found in zip(names.columns, found, strict=True)
        if is_found
    )


_SIGNS = bytes(range(0x80, 0x100)).decode("cp1252", "ignore")
_READ_BACK = MISREAD | {
    text: sign for sign in _SIGNS if "\ufffd" not in (text := sign.encode().decode("cp1252", "replace"))
}
"""With the signs that are half of a misread letter: what was misread twice (AndrÃƒÂ©) is read back in steps."""
_ANY_MISREAD = re.compile("|".join(map(re.escape, sorted(_READ_BACK, key=len, reverse=True))))
_HALF_A_LETTER = re.compile(f"{_PERHAPS_MISREAD[:-1]}Â]|{_LOST}|[\x80-\x9f]")
_MOST_MISREADINGS = 3


def read_back(text: str) -> str:
    """One text to be shown, in which misread letters are read back; a letter that is lost stays as it is."""
    for _ in range(_MOST_MISREADINGS):
        text = _ANY_MISREAD.sub(lambda found: _READ_BACK[found[0]], text)
    return text


def has_lost_letters(text: str) -> bool:
    """Whether a text has `?` for a letter, or was misread and cannot be read back whole."""
    rest = _ANY_MISREAD.sub("", text)
    return re.search(_LOST, text) is not None or (rest != text and _HALF_A_LETTER.search(rest) is not None)


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
