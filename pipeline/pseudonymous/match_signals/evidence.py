"""What two signals must share to be about one person, and what takes that away again.

Each kind of token that two signals share is evidence. Four kinds leave the initial or the birth date open, which
more specific kinds hold: when both signals have a more specific token and share none, that field differs (a
couple, father and son, a shared telephone) and the general token counts for nothing. At one address birth year
and birthday are two tokens: one of them may hold a typing error. Any evidence that is left makes the pair one
person, until the opener has seen both. A value that very many signals share identifies nobody and is no evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.vocabulary.frames import TOKEN_KINDS

MOST_SHARING = 24
"""Most signals of one month that may share a token value. A person has one signal per partner, a few at most;
what more signals share is a placeholder that slipped through, an administrator's address or a reception's
telephone. The bound also keeps the number of pairs linear in the number of signals."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row of the evidence table: a token kind, and the groups of kinds that take it away.

    A group does when both signals have one of its kinds and no value of any is shared.
    """

    kind: str
    vetoes: tuple[tuple[str, ...], ...]
    reason: str


_BIRTH_AT_ADDRESS = ("initial_year_address", "initial_day_address")
PERSON_EVIDENCE: tuple[Evidence, ...] = (
    Evidence("name_initial_birth", (), "same surname, initial and birth date"),
    Evidence("birth_postcode", (), "same birth date and postcode"),
    Evidence(
        "initial_address",
        (_BIRTH_AT_ADDRESS,),
        "same initial and address, unless birth year and birthday differ",
    ),
    Evidence(
        "name_email",
        (("name_initial_birth",),),
        "same surname and e-mail address, unless the initial or the birth date differs",
    ),
    Evidence(
        "name_phone",
        (("name_initial_birth",),),
        "same surname and telephone, unless the initial or the birth date differs",
    ),
    Evidence("birth_email", (), "same birth date and e-mail address"),
    Evidence("birth_phone", (), "same birth date and telephone"),
    Evidence(
        "name_address",
        (("initial_address",), _BIRTH_AT_ADDRESS, ("birth_postcode",)),
        "same surname and address, unless the initial or the birth date differs",
    ),
)
JOINS_NO_CASES = "initial_address"
"""House-mates, and parent and child, share an initial and an address by chance. Alone it joins signals into a
case, and never two persons who each are one."""
HOUSEHOLD_EVIDENCE = "name_address"
"""Same surname and address, whoever of them it is: joins where the agreement also matches on household."""

assert set(TOKEN_KINDS) == {
    kind for row in PERSON_EVIDENCE for kind in (row.kind, *(kind for group in row.vetoes for kind in group))
}


def weigh_pairs(pairs: pl.DataFrame, signals: pl.DataFrame) -> pl.DataFrame:
    """Decide for each candidate pair whether it is one person, and whether it is one household.

    Args:
        pairs: `left`, `right` (row numbers in `signals`) and one Boolean `shares_<kind>` per kind looked for.
        signals: the rows with their token columns.

    Returns:
        `left`, `right`, `is_person`, `is_household`; pairs that are neither are left out. `joins_cases` is whether
        the pair is one person also without JOINS_NO_CASES.
    """
    vetoes = sorted({kind for row in PERSON_EVIDENCE for group in row.vetoes for kind in group})
    columns = [column for kind in vetoes for column in TOKEN_KINDS[kind]]
    left = signals.select(columns)[pairs["left"]]
    right = signals.select(pl.col(columns).name.suffix("_right"))[pairs["right"]]
    weighed = pl.concat([pairs, left, right], how="horizontal").select(
        "left",
        "right",
        is_person=pl.any_horizontal(_counts(row) for row in PERSON_EVIDENCE),
        joins_cases=pl.any_horizontal(_counts(row) for row in PERSON_EVIDENCE if row.kind != JOINS_NO_CASES),
        is_household=pl.col(f"shares_{HOUSEHOLD_EVIDENCE}"),
    )
    return weighed.filter(pl.col("is_person") | pl.col("is_household"))


def _counts(row: Evidence) -> pl.Expr:
    """Whether the kind is shared and no group of its vetoes differs."""
    return pl.all_horizontal(pl.col(f"shares_{row.kind}"), *(~_differs(group) for group in row.vetoes))


def _differs(group: tuple[str, ...]) -> pl.Expr:
    is_known = pl.any_horizontal(_both_have(kind) for kind in group)
    return is_known & ~pl.any_horizontal(_in_common(kind) for kind in group)


def _both_have(kind: str) -> pl.Expr:
    columns = TOKEN_KINDS[kind]
    return pl.any_horizontal(pl.col(column).is_not_null() for column in columns) & pl.any_horizontal(
        pl.col(f"{column}_right").is_not_null() for column in columns
    )


def _in_common(kind: str) -> pl.Expr:
    return pl.any_horizontal(
        (pl.col(mine) == pl.col(f"{theirs}_right")).fill_null(value=False)
        for mine in TOKEN_KINDS[kind]
        for theirs in TOKEN_KINDS[kind]
    )
