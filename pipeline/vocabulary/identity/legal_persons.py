"""Legal persons by the form in their name. They stay out; sole traders are people and stay in.

A trade in a name says nothing about the form: only the words and abbreviations below do. What may also be
initials (B.V. Jansen; Jansen, B.V.) is a form only when no birth date, and before the name no initials either,
stand beside it. At whose address somebody is reached (p/a, c/o) says nothing about who that is.
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.letters import folded
from pipeline.vocabulary.identity.names import AT_ANOTHERS
from pipeline.vocabulary.identity.particles import TITLES, any_of

_WORDS = (
    *(r"\p{L}*stichting", r"\p{L}*vereniging", "vennootschap", "maatschap", "cooperatie", "cooperatieve"),
    *(
        "gemeente",
        "provincie",
        "waterschap",
        "hoogheemraadschap",
        "ministerie",
        "rijkswaterstaat",
        "belastingdienst",
    ),
    *("kerkgenootschap", "parochie", "diaconie", "moskee", "holding", "corporation", "universiteit", "hogeschool"),
    *(
        "ziekenhuis",
        "woningcorporatie",
        "vakbond",
        "pensioenfonds",
        "waarborgmaatschappij",
        "bvba",
        "b\\.v\\.b\\.a",
    ),
    *(r"v\.? ?o\.? ?f", r"v\.? ?v\.? ?e"),
)
_CERTAIN = rf"(?:^|[^\p{{L}}.])(?:{'|'.join(_WORDS)})(?:$|[^\p{{L}}])"
_FOREIGN = r"(?:ltd|limited|gmbh|inc|llc|llp|plc|s\.?a\.?r\.?l|s\.?r\.?l)"
_TIGHT = r"(?:b\.?v|n\.?v|c\.?v)\b\.?"
_SPACED = r"(?:b\. ?v|b v|n\. ?v|n v|c\. ?v)\b\.?"
_AFTER_A_NAME = rf"\p{{L}}{{2,}}.*[ ,(-](?:{_TIGHT}(?:$|[ ,)&-])|{_SPACED}\)?$|{_FOREIGN}\b\.?\)?$)"
_BEHIND_A_COMMA = rf", ?(?:{_TIGHT}|{_SPACED})$"
_BEFORE_A_NAME = rf"^(?:de )?{_TIGHT} \p{{L}}{{2,}}"


def has_form(name: pl.Expr) -> pl.Expr:
    """Whether a folded name holds the form of a legal person, whoever else is named beside it."""
    return name.str.contains(_CERTAIN) | name.str.contains(_AFTER_A_NAME)


def legal_persons(people: pl.DataFrame, birth_days: pl.Series) -> pl.Series:
    """Whether `initials`, `particles` and `surname` are a legal person's, a partnership's or a public body's."""
    written = folded(pl.concat_str(["particles", "surname"], separator=" ", ignore_nulls=True))
    bare = (
        written.str.replace(AT_ANOTHERS, "$1")
        .str.replace_all(rf"\b{any_of(TITLES)}\b\.?", "")
        .str.strip_chars(" ")
    )
    names = people.select(name=bare, initials=pl.col("initials")).with_columns(birth_days.alias("born"))
    name, has_birth = pl.col("name"), pl.col("born").is_not_null()
    behind = name.str.contains(_AFTER_A_NAME) & ~(name.str.contains(_BEHIND_A_COMMA) & has_birth)
    before = name.str.contains(_BEFORE_A_NAME) & ~has_birth & pl.col("initials").is_null()
    is_legal = (name.str.contains(_CERTAIN) | behind | before) & ~name.str.contains(r"\beenmanszaak\b")
    return names.select(is_legal_person=is_legal.fill_null(False)).to_series()
