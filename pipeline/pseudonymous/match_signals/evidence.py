"""What two signals must share to be about one person, and what takes that away again.

Each kind of token that two signals share is evidence. Four kinds leave the birth date open, which more specific
kinds hold: when both signals have a more specific token and share none, the date differs (father and son, a
shared telephone) and the general token counts for nothing. At one address year and birthday are two tokens: one
of them may hold a typing error. Any evidence that is left makes the pair one person, until the opener has seen
both. A value that very many signals share identifies nobody and is no evidence at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.vocabulary.frames import HOUSEHOLD_TOKEN_KINDS, PERSON_TOKEN_KINDS, TOKEN_KINDS

MOST_SHARING = 24
"""Most signals of one month that may share a token value. A person has one signal per partner, a few at most;
what more signals share is a placeholder that slipped through, an administrator's address or a reception's
telephone. The bound also keeps the number of pairs linear in the number of signals."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row of the evidence table: a token kind, and the kinds that take it away.

    They do when both signals have one of them and no value of any is shared.
    """

    kind: str
    vetoed_by: tuple[str, ...]
    reason: str


PERSON_EVIDENCE: tuple[Evidence, ...] = (
    Evidence("name_initial_birth", (), "same surname, initial and birth date"),
    Evidence("name_birth_postcode", (), "same surname, birth date and postcode"),
    Evidence("email_birth", (), "same e-mail address and birth date"),
    Evidence("phone_birth", (), "same telephone and birth date"),
    Evidence(
        "initial_address",
        ("initial_year_address", "initial_day_address"),
        "same initial and address, unless birth year and birthday differ",
    ),
    Evidence(
        "name_initial_postcode",
        ("name_initial_birth",),
        "same surname, initial and postcode, unless the birth dates differ",
    ),
    Evidence("email_initial", ("email_birth",), "same e-mail address and initial, unless the birth dates differ"),
    Evidence("phone_initial", ("phone_birth",), "same telephone and initial, unless the birth dates differ"),
)
HOUSEHOLD_EVIDENCE: tuple[Evidence, ...] = (Evidence("name_address", (), "same surname and address"),)

_PERSON_KINDS = {kind for row in PERSON_EVIDENCE for kind in (row.kind, *row.vetoed_by)}
assert set(PERSON_TOKEN_KINDS) == _PERSON_KINDS
assert {row.kind for row in HOUSEHOLD_EVIDENCE} == set(HOUSEHOLD_TOKEN_KINDS)


def weigh_pairs(pairs: pl.DataFrame, signals: pl.DataFrame) -> pl.DataFrame:
    """Decide for each candidate pair whether it is one person, and whether it is one household.

    Args:
        pairs: `left`, `right` (row numbers in `signals`) and one Boolean `shares_<kind>` per kind looked for.
        signals: the rows with their token columns.

    Returns:
        `left`, `right`, `is_person`, `is_household`; pairs that are neither are left out.
    """
    vetoes = sorted({kind for row in PERSON_EVIDENCE for kind in row.vetoed_by})
    columns = [column for kind in vetoes for column in TOKEN_KINDS[kind]]
    left = signals.select(columns)[pairs["left"]]
    right = signals.select(pl.col(columns).name.suffix("_right"))[pairs["right"]]
    weighed = pl.concat([pairs, left, right], how="horizontal").select(
        "left",
        "right",
        is_person=pl.any_horizontal(_counts(row) for row in PERSON_EVIDENCE),
        is_household=pl.any_horizontal(
            pl.lit(value=False),  # where the agreement does not match on household, these kinds are not looked for
            *(pl.col(f"shares_{row.kind}") for row in HOUSEHOLD_EVIDENCE if f"shares_{row.kind}" in pairs.columns),
        ),
    )
    return weighed.filter(pl.col("is_person") | pl.col("is_household"))


def _counts(row: Evidence) -> pl.Expr:
    shares = pl.col(f"shares_{row.kind}")
    if not row.vetoed_by:
        return shares
    differs = pl.any_horizontal(_both_have(kind) for kind in row.vetoed_by)
    return shares & ~(differs & ~pl.any_horizontal(_in_common(kind) for kind in row.vetoed_by))


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
