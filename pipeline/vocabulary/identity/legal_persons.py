"""Legal persons by the form in their name. They stay out; sole traders are people and stay in.

A trade in a name says nothing about the form: only the words and abbreviations below do. What may also be
initials (B.V. Jansen; Jansen, B.V.) is a form only when no birth date, and before the name no initials, stand beside it.
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.letters import folded, one_line
from pipeline.vocabulary.identity.particles import TITLES, any_of

_WORDS = (
    *(r"\p{L}*stichting", r"\p{L}*vereniging", "vennootschap", "maatschap", "cooperatie", "cooperatieve"),
    *("gemeente", "provincie", "waterschap", "hoogheemraadschap", "ministerie", "rijkswaterstaat", "belastingdienst"),
    *("kerkgenootschap", "parochie", "diaconie", "moskee", "holding", "corporation", "universiteit", "hogeschool"),
    *("ziekenhuis", "woningcorporatie", "vakbond", "pensioenfonds", "waarborgmaatschappij", "bvba", "b\\.v\\.b\\.a"),
    *(r"v\.? ?o\.? ?f", r"v\.? ?v\.? ?e"),
)
_CERTAIN = rf"(?:^|[^\p{{L}}.])(?:{'|'.join(_WORDS)})(?:$|[^\p{{L}}])"
_FOREIGN = r"(?:ltd|limited|gmbh|inc|llc|llp|plc|s\.?a\.?r\.?l|s\.?r\.?l)"
_TIGHT = r"(?:b\.?v|n\.?v|c\.?v)\b\.?"
_SPACED = r"(?:b\. ?v|b v|n\. ?v|n v|c\. ?v)\b\.?"
_AFTER_A_NAME = (
    rf"\p{{L}}{{2,}}.*[ ,(-](?:{_TIGHT}(?:$|[ ,)&-])|{_SPACED}\)?$|{_FOREIGN}\b\.?\)?$)"
)
_BEHIND_A_COMMA = rf", ?(?:{_TIGHT}|{_SPACED})$"
_BEFORE_A_NAME = rf"^(?:de )?{_TIGHT} \p{{L}}{{2,}}"


def is_legal_person(initials: pl.Expr, particles: pl.Expr, surname: pl.Expr, birth_key: pl.Expr) -> pl.Expr:
    """Whether the name is that of a legal person, a partnership or a public body."""
    name = folded(one_line(pl.concat_str([particles, surname], separator=" ", ignore_nulls=True)))
    name = name.str.replace_all(rf"\b{any_of(TITLES)}\b\.?", "").str.strip_chars(" ")
    has_birth = birth_key.is_not_null()
    behind = name.str.contains(_AFTER_A_NAME) & ~(name.str.contains(_BEHIND_A_COMMA) & has_birth)
    before = name.str.contains(_BEFORE_A_NAME) & ~has_birth & one_line(initials).is_null()
    is_legal = name.str.contains(_CERTAIN) | behind | before
    return (is_legal & ~name.str.contains(r"\beenmanszaak\b")).fill_null(False)
