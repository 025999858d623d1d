"""Postcode, house number and addition in one form, wherever a system put the letter.

The number is digits only. The addition is whatever follows: 12A, 12-A, 12 a and 12 + A are one; II is 2, hs and
huis are h, K2 and kamer 2 are 2. An H behind one digit is for hoog: 2H is the second floor, as 2hg is. Source of
the postcode form: the Dutch postcode system (no leading 0, not SA, SD, SS).
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.letters import folded

_POSTCODE = r"^[1-9][0-9]{3}[A-Z]{2}$"
_NUMBER = r"(?i)^(?:(?:nr|no|nummer|huisnummer)\.? *)?0*([1-9]\d{0,4})(?:[.,]0+)?(?:[^\d].*)?$"
_BEHIND = r"(?i)^(?:(?:nr|no|nummer|huisnummer)\.? *)?\d+(?:[.,]0+$)?(.*)$"
# What a spreadsheet makes of 2-12 or 12-2, and text that cannot follow a house number.
_DAMAGED = (
    r"(?i)^\d{1,2}[- ]?(?:jan|feb|mrt|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec)\b"
    r"|^\d{4}-\d\d-\d\d|^\d{1,2}-\d{1,2}-\d{4}$"
)
# A berth or plot that has the number of the house it lies beside.
_BESIDE = ((r"(?i)^(?:t/?o|tegenover)\.? *(\d.*)$", "$1 to"), (r"(?i)^(?:b/?y|bij)\.? *(\d.*)$", "$1 by"))
_ADDITION = r"^[\p{L}\d .,/'+()-]{0,20}$"
_ADDITION_WORDS = (
    (r"\b(?:appartement|app|apt|ap|kamer|kmr|unit|woning|nr|no|toev)\b", " "),
    *(
        (rf"\b{word}\b", number)
        for word, number in (("eerste", "1"), ("tweede", "2"), ("derde", "3"), ("vierde", "4"))
    ),
    (r"\b(\d) ?(?:e|ste|de)? ?(?:hoog|hg|h|verdieping|verd|etage|et)\b", "$1"),
    (r"\b(\d)e\b", "$1"),
    (r"\bk ?(\d{1,3})\b", "$1"),
    (r"\b0+(\d)", "$1"),
    (r"\b(?:boven|bovenwoning|bov|bv)\b", "bov"),
    (r"\b(?:beg(?:ane)? ?gr(?:ond)?|beneden|benedenwoning|parterre|huis|hs|bg)\b", "h"),
    (r"\bbs\b", "bis"),
    (r"\brood\b", "rd"),
    (r"\bzwart\b", "zw"),
    (r"\b(?:tegenover|to|t o)\b", "to"),
    (r"\b(?:bij|by)\b", "by"),
    (r"\biii\b", "3"),
    (r"\bii\b", "2"),
    (r"\biv\b", "4"),
    (r"\bi\b", "1"),
)


def postcode_keys(postcodes: pl.Series) -> pl.Series:
    """`1234AB`, or null where it is not a Dutch postcode."""
    code = pl.col("code")
    squeezed = code.str.replace_all(" ", "").str.to_uppercase()
    is_good = code.str.contains(_POSTCODE) & ~code.str.tail(2).is_in(["SA", "SD", "SS"])
    return (
        postcodes.to_frame("code").select(squeezed).select(postcode_key=pl.when(is_good).then("code")).to_series()
    )


def house_numbers(people: pl.DataFrame) -> pl.DataFrame:
    """House numbers of the columns `house_number`, `house_letter` and `house_addition` as they were written.

    Returns:
        `number_key`: digits from 1 to 99999, null where the column is not readable as a house number;
        `written_addition`: letter and addition in capitals, each once, null where there is none;
        `addition_key`: the same in one notation.
    """
    number, letter = pl.col("number"), pl.col("letter")
    written = pl.col("house_number")
    for pattern, behind in _BESIDE:
        written = written.str.replace(pattern, behind)
    parts = people.select(number=written, letter=_piece("house_letter"), addition=_piece("house_addition"))
    parts = parts.with_columns(addition=pl.when(letter.ne_missing(pl.col("addition"))).then("addition"))
    parts = parts.with_columns(
        behind=number.str.extract(_BEHIND).str.strip_chars(" "),
        glued=_capitals(number.str.extract(_BEHIND)),
        apart=pl.concat_str(["letter", "addition"], separator=" ", ignore_nulls=True).str.extract("(.+)"),
    )
    is_good = ~number.str.contains(_DAMAGED) & pl.col("behind").str.contains(_ADDITION)
    parts = parts.with_columns(
        number_key=pl.when(is_good).then(number.str.extract(_NUMBER)), written_addition=_joined()
    )
    written = pl.col("written_addition")
    has_additions = parts["written_addition"].null_count() < parts.height
    return parts.select("number_key", written, addition_key=_addition_key(written) if has_additions else written)


def _addition_key(written: pl.Expr) -> pl.Expr:
    key = folded(written)
    for pattern, word in _ADDITION_WORDS:
        key = key.str.replace_all(pattern, word)
    return key.str.replace_all(r"[^\p{L}\d]+", "").str.extract("(.+)")


def _piece(column: str) -> pl.Expr:
    return _capitals(pl.col(column))


def _capitals(text: pl.Expr) -> pl.Expr:
    piece = text.str.to_uppercase().str.replace_all(r"[^\p{L}\d]+", " ").str.strip_chars(" ")
    return piece.str.extract("(.+)")


def _joined() -> pl.Expr:
    """What is glued to the number and what stands apart, unless one already says what the other says."""
    one, other = (pl.col(name).str.replace_all(" ", "") for name in ("glued", "apart"))
    return (
        pl.when(pl.col("apart").is_null())
        .then("glued")
        .when(pl.col("glued").is_null() | other.str.starts_with(one) | other.str.ends_with(one))
        .then("apart")
        .when(one.str.starts_with(other) | one.str.ends_with(other))
        .then("glued")
        .otherwise(pl.concat_str(["glued", "apart"], separator=" "))
    )
