"""Whose name it is when an administrator stands beside it: `Stichting Zeker inz. J. de Vries` is about de Vries.

Systems write a resident under administration (bewind, curatele) with the administrator in the name, before or
behind. The resident's name is what counts for keys and for the form of a legal person. Where a sign may be
something else (I.Z. may be initials, bewindvoering a trade) the name is left as it is.
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.legal_persons import has_form
from pipeline.vocabulary.identity.letters import once
from pipeline.vocabulary.identity.particles import ARTICLES, PARTICLES, TITLES, any_of

_SIGN = (
    r"(?i)\b(?:inz|inzake|i[. /]{0,2}z|q[. ]{0,2}q|t[. ]{0,2}n[. ]{0,2}v|ten name van|namens)\b"
    r"|bewind|curat|budgetbeheer|inkomensbeheer"
)
_BREAK = r"[\s,(\[/:;-]+"
_LEFT = r"^(.*\p{L}{2}.*?)"
_RIGHT = r"[\s.,:;-]*(['’\p{L}][^\d()\[\]]*\p{L})[^\p{L}\d()\[\]]*(?:[()\[\]].*)?$"

# The resident stands behind: the words that are sure, abbreviations in small letters, and those in any case behind
# what is a firm or an administrator by its name.
_CONCERNS = r"inz\b|inzake\b|ten name van\b|namens\b|bewindvoe(?:rder|rster)\s+(?:van|voor)\b|curator\s+van\b"
_ABBREVIATED = r"(?:i\.\s?z\.?|i/z|q\.\s?q\.?|t\.\s?n\.\s?v\.?|tnv|qq)"
_SURE = rf"(?i){_LEFT}{_BREAK}(?:{_CONCERNS}){_RIGHT}"
_IN_SMALL = rf"{_LEFT}{_BREAK}{_ABBREVIATED}(?:[\s:;]|\b){_RIGHT}"
_IN_ANY_CASE = rf"(?i){_LEFT}{_BREAK}(?:{_ABBREVIATED}|iz|tnv)(?:[\s:;]|\b){_RIGHT}"

# The resident stands before: the administrator between brackets, behind a comma, or said to be one.
_ROLE = (
    r"(?:beschermings)?bewind(?:voe(?:rder|rster|ring))?|curat(?:ele|or)"
    r"|(?:budget|inkomens)beheer(?:der)?"
)
_ASIDE = rf"(?i){_LEFT}(?:\s*[(\[,/;]\s*|\s+-\s+)(?:onder\s+)?(?:{_ROLE})\b[\s.:=-]*(.*)$"
_UNDER = rf"(?i){_LEFT}[\s,(\[/;-]+(?:onder|o\.?b\.?v\.?)\s+(?:{_ROLE})\b[\s.:=-]*(.*)$"
_NAMED = rf"(?i){_LEFT}\s+(?:{_ROLE})\s*(?:[:=]|\b(?:door|bij|via)\b)[\s.:=-]*(.*)$"
_ASIDE_OF_FIRM = (
    rf"(?i){_LEFT}\s*[(\[,/;:-]+\s*(?:onder\s+)?(?:beschermings)?bewind\b(?:\s+(?:van|over|voor)\b)?{_RIGHT}"
)

_ADMINISTRATOR = r"(?i)bewind|budgetbeheer|inkomensbeheer|curator"
_GOES_ON = r"(?i)^(?:en\b|&|\+|,)"


def resident_names(surnames: pl.Series) -> pl.Series:
    """The same names, without the administrator of whom is under administration."""
    if not surnames.str.contains(_SIGN).any():
        return surnames
    names = surnames.alias("name").to_frame()
    return once(names, lambda written: written.select(resident=_before(_behind(pl.col("name"))))).to_series()


def _behind(name: pl.Expr) -> pl.Expr:
    """The name behind `inz.`; where what stands behind is an administrator by name, the one before it."""
    left, right = (_part(name, (_SURE, _IN_SMALL), group) for group in (1, 2))
    firm, concerned = (_part(name, (_IN_ANY_CASE,), group) for group in (1, 2))
    return (
        pl.when(_is_name(right) & ~right.str.contains(_ADMINISTRATOR))
        .then(right)
        .when(_is_name(right) & ~_is_firm(left))
        .then(left)
        .when(_is_name(concerned) & _is_firm(firm) & ~concerned.str.contains(_ADMINISTRATOR))
        .then(concerned)
        .otherwise(name)
    )


def _before(name: pl.Expr) -> pl.Expr:
    """The name before `(bewind: …)`; where that is a firm, the one within."""
    left, rest = (_part(name, (_UNDER, _ASIDE, _NAMED), group) for group in (1, 2))
    firm, within = (_part(name, (_ASIDE_OF_FIRM,), group) for group in (1, 2))
    return (
        pl.when(_is_firm(firm) & _is_name(within) & ~_is_firm(within))
        .then(within)
        .when(_is_name(left) & ~_is_firm(left) & ~rest.str.contains(_GOES_ON) & ~_is_only_a_form(rest))
        .then(left)
        .otherwise(name)
    )


def _part(name: pl.Expr, patterns: tuple[str, ...], group: int) -> pl.Expr:
    return pl.coalesce(name.str.extract(pattern, group) for pattern in patterns).str.strip_chars(" ,(-/")


def _is_name(part: pl.Expr) -> pl.Expr:
    """Whether something is left beside particles and titles."""
    bare = part.str.replace_all(rf"(?i)\b{any_of((*PARTICLES, *ARTICLES, *TITLES))}\b", "")
    return bare.str.contains(r"\p{L}{2}").fill_null(value=False)


def _is_firm(part: pl.Expr) -> pl.Expr:
    return (has_form(part.str.to_lowercase()) | part.str.contains(_ADMINISTRATOR)).fill_null(value=False)


def _is_only_a_form(rest: pl.Expr) -> pl.Expr:
    """`Zeker, bewindvoering B.V.` names one firm."""
    return rest.str.contains(r"(?i)^[\s(]*(?:b\.? ?v|n\.? ?v|v\.? ?o\.? ?f)\b\.?[\s)]*$")
