"""Texts of an export become values, or null where they are in none of the promised notations.

Amounts 1234.50, 1234,50, 1.234,50, 1 234,50, with or without €, as cents; yes and no as systems write them.
Words that systems write for "nothing" are nothing. A postcode or house number with a country, a place or a street
around it is freed of that. Dates are in `parse_dates`.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

MOST_CENTS = 100_000_000
CRISIS_KINDS = ("ontruiming", "afsluiting", "eindelevering")
_NOTHING = (
    "-",
    "--",
    "?",
    ".",
    "n.v.t.",
    "n.v.t",
    "nvt",
    "null",
    "none",
    "nan",
    "nat",
    "#n/a",
    "#n/b",
    "n/a",
    "onbekend",
    "niet bekend",
    "niet van toepassing",
)
# In the column of objections these leave open whether somebody objected, so that there they are no nothing.
_NOBODY_KNOWS = ("?", "onbekend", "niet bekend")
_NONE = ("geen",)
_NO_CRISIS = ("geen", "geen crisis", "nee", "neen", "n", "no", "false", "onwaar", "0")
_YES = ("ja", "j", "yes", "y", "true", "waar", "1", "x")
_NO = ("nee", "neen", "n", "no", "false", "onwaar", "0", "geen")
_NO_OBJECTION = ("geen bezwaar", "geen bezwaren", "geen bezwaar gemaakt", "nee, geen bezwaar")
_POSTCODE = r"(?i)^(?:NL)?[\s.-]*(\d{4})[\s._-]*([A-Z]{2})(?:[\s,]+\p{L}.*)?$"
_BEHIND_A_STREET = (
    r"^(?:\d{1,2}(?:e|ste|de)\s+)?['’]?\p{L}[^\d,;/()]*?\p{L}{2,}[^\d,;/()]*"
    r"\s(\d{1,4}(?:[ -]?\p{L}{1,3}|-\d{1,3})?)$"
)
# What bears a number and is no street, and a year in the name of a street.
_NO_STREET = (
    r"(?i)\b(?:postbus|pb|antwoordnummer|kamer|kmr|unit|app|appartement|apt|bus|box|verdieping|etage|hoog|kavel"
    r"|perceel|ligplaats|standplaats|plaats|woonwagen|blok|flat|nr|no|nummer|huisnummer|tegenover|bij|by|naast|achter"
    r"|boven|onder|hoek)\b|\s(?:18|19)\d{2}$"
)


def without_stand_ins(texts: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The frame with null where these columns hold a word for nothing."""
    return _without(texts, columns, _NOTHING)


def without_words_for_none(
    texts: pl.DataFrame, columns: Sequence[str], *, objection: str, crisis_kind: str
) -> pl.DataFrame:
    """The frame with null where a column says that there is none of what it holds, in the words of that column."""
    texts = _without(texts, [objection], tuple(word for word in _NOTHING if word not in _NOBODY_KNOWS))
    return _without(_without(texts, columns, _NONE), [crisis_kind], (*_NOTHING, *_NO_CRISIS))


def _without(texts: pl.DataFrame, columns: Sequence[str], words: Sequence[str]) -> pl.DataFrame:
    return texts.with_columns(
        pl.when(~pl.col(name).str.to_lowercase().is_in(list(words))).then(name).alias(name) for name in columns
    )


def postcode(text: pl.Expr) -> pl.Expr:
    """A postcode without the country before it, the place behind it, or a sign within it; else as it is."""
    return text.str.replace(_POSTCODE, "${1}${2}")


def house_number(text: pl.Expr) -> pl.Expr:
    """A house number without the street before it; an underscore parts number and addition as a hyphen does."""
    hyphened = text.str.replace_all(r"\s*_\s*", "-")
    behind_street = pl.when(~hyphened.str.contains(_NO_STREET)).then(hyphened.str.extract(_BEHIND_A_STREET))
    return pl.coalesce(behind_street, hyphened)


def with_parted_amounts(amount: pl.Expr) -> pl.Expr:
    """An untidy amount with a slash where a line break, a tab or more spaces may stand between two amounts.

    Tidied, 250 above 300 would read as 250 300, which is one amount.
    """
    parted = amount.str.strip_chars().str.replace_all(r"\s*[\s--\p{Zs}]\s*", " / ")
    return parted.str.replace_all(r"(\d)\s{2,}(\d)", "${1} / ${2}")


def cents(amount: pl.Expr, *, has_decimal_point: bool) -> pl.Expr:
    """Whole cents of an amount; null where it is unreadable, ambiguous (0.500, 1,234) or negative.

    Args:
        amount: text.
        has_decimal_point: whether 1,234.50 is this file's notation; else 1.234 is more than a thousand.
    """
    bare = amount.str.to_uppercase().str.replace_all(r"^(?:EURO?|[€\s'])+|(?:EURO?|[€\s'])+$", "")
    bare = bare.str.replace(r"\s?(?:,-+|[.,]--)$", "")
    thousands, decimal = (",", r"\.") if has_decimal_point else (r"\.", ",")
    # No thousand begins with a nought: 0.500 may be fifty cents, and is refused instead of guessed.
    grouped = rf"^([1-9]\d{{0,2}}(?:{thousands}\d{{3}})+)(?:{decimal}\d{{1,2}})?$"
    # The other notation too, where its two separators leave no doubt.
    grouped_otherwise = rf"^([1-9]\d{{0,2}}(?:{decimal}\d{{3}})+){thousands}\d{{1,2}}$"
    # White space parts thousands and nothing else: 1250 90 may be two amounts.
    spaced = r"^([1-9]\d{0,2}(?:[\s']\d{3})+)(?:[.,]\d{1,2})?$"
    plain = r"^(\d+)(?:[.,]\d{1,2})?$"
    whole = pl.coalesce(bare.str.extract(pattern) for pattern in (plain, grouped, grouped_otherwise, spaced))
    behind = bare.str.extract(r"[.,](\d{1,2})$").fill_null("0").str.pad_end(2, "0")
    euros = whole.str.replace_all(r"[.,\s']", "").cast(pl.Int64, strict=False)
    return euros * 100 + behind.cast(pl.Int64, strict=False)


def whole_number(number: pl.Expr) -> pl.Expr:
    """A whole number from 0, also with the word months behind it; decimals must be zeros."""
    digits = number.str.extract(r"(?i)^(\d{1,9})(?:[.,]0+)?(?:\s?(?:mnd|mnden|mnds|maand|maanden|m)\b\.?)?$")
    return digits.cast(pl.Int64, strict=False)


def yes_no(answer: pl.Expr) -> pl.Expr:
    """True, False, or null where it is neither."""
    word = answer.str.to_lowercase()
    no = word.str.strip_chars(" .!").is_in([*_NO, *_NO_OBJECTION])
    return pl.when(word.is_in(list(_YES))).then(True).when(no).then(False)
