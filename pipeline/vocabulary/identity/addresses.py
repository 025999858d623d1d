"""Postcode, house number and addition in one form, wherever a system put the letter.

The number is digits only. The addition is whatever follows: 12A, 12-A, 12 a and 12 + A are one; II is 2, hs and
huis are h. Source of the postcode form: the Dutch postcode system (no leading 0, not SA, SD, SS).
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.letters import folded, one_line

_POSTCODE = r"^[1-9][0-9]{3}[A-Z]{2}$"
_NUMBER = r"(?i)^(?:(?:nr|no|nummer|huisnummer)\.? *)?0*([1-9]\d{0,4})(?:[.,]0+)?(?:[^\d].*)?$"
_BEHIND = r"(?i)^(?:(?:nr|no|nummer|huisnummer)\.? *)?\d+(?:[.,]0+$)?(.*)$"
# What a spreadsheet makes of 2-12 or 12-2, and text that cannot follow a house number.
_DAMAGED = (
    r"(?i)^\d{1,2}[- ]?(?:jan|feb|mrt|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec)\b"
    r"|^\d{4}-\d\d-\d\d|^\d{1,2}-\d{1,2}-\d{4}$"
)
_ADDITION = r"^[\p{L}\d .,/'+()-]{1,20}$"
_ADDITION_WORDS = (
    (r"\b(?:appartement|app|apt|ap|kamer|kmr|unit|woning|nr|no|toev)\b", " "),
    (r"\b(\d) ?(?:e|ste|de)? ?(?:hoog|hg|verdieping|verd|etage|et)\b", "$1"),
    (r"\b(?:begane grond|beneden|parterre|huis|hs|bg)\b", "h"),
    (r"\b(?:tegenover|to|t o)\b", "to"),
    (r"\b(?:bij|by)\b", "by"),
    (r"\biii\b", "3"),
    (r"\bii\b", "2"),
    (r"\biv\b", "4"),
    (r"\bi\b", "1"),
)


def postcode_key(postcode: pl.Expr) -> pl.Expr:
    """`1234AB`, or null where it is not a Dutch postcode."""
    squeezed = one_line(postcode).str.replace_all(" ", "").str.to_uppercase()
    is_good = squeezed.str.contains(_POSTCODE) & ~squeezed.str.tail(2).is_in(["SA", "SD", "SS"])
    return pl.when(is_good).then(squeezed)


def number_key(house_number: pl.Expr) -> pl.Expr:
    """The digits of a house number from 1 to 99999; null where the column is not readable as one."""
    text = one_line(house_number)
    behind = text.str.extract(_BEHIND).str.strip_chars(" ")
    is_good = ~text.str.contains(_DAMAGED) & ((behind == "") | behind.str.contains(_ADDITION))
    return pl.when(is_good).then(text.str.extract(_NUMBER))


def written_addition(house_number: pl.Expr, letter: pl.Expr, addition: pl.Expr) -> pl.Expr:
    """Letter and addition as written, in capitals, each once, from the three columns; null where there is none."""
    glued = _piece(one_line(house_number).str.extract(_BEHIND))
    apart = pl.concat_str([_piece(one_line(letter)), _piece(one_line(addition))], separator=" ", ignore_nulls=True)
    return _joined(glued, pl.when(apart != "").then(apart))


def addition_key(house_number: pl.Expr, letter: pl.Expr, addition: pl.Expr) -> pl.Expr:
    """Letters and digits of the addition in one notation; null where there is none."""
    key = folded(written_addition(house_number, letter, addition))
    for pattern, word in _ADDITION_WORDS:
        key = key.str.replace_all(pattern, word)
    key = key.str.replace_all(r"[^\p{L}\d]+", "")
    return pl.when(key != "").then(key)


def _piece(text: pl.Expr) -> pl.Expr:
    piece = text.str.to_uppercase().str.replace_all(r"[^\p{L}\d]+", " ").str.strip_chars(" ")
    return pl.when(piece != "").then(piece)


def _joined(glued: pl.Expr, apart: pl.Expr) -> pl.Expr:
    """Both, unless one already says what the other says."""
    one, other = glued.str.replace_all(" ", ""), apart.str.replace_all(" ", "")
    return (
        pl.when(apart.is_null())
        .then(glued)
        .when(glued.is_null() | other.str.starts_with(one) | other.str.ends_with(one))
        .then(apart)
        .when(one.str.starts_with(other) | one.str.ends_with(other))
        .then(glued)
        .otherwise(pl.concat_str([glued, apart], separator=" "))
    )
