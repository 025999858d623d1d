"""Contacts for the spec tables of confirming: two partners that report, and their signals opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.revealed.confirm_match import KnownSignal
from pipeline.revealed.disclose_case import identities_of
from tests.spec.tables import Row, Spec, rows

YEAR = 2026
HEADER = "partner | client | initials | name | born | address | e-mail | phone"
CONFIRMED = "confirmed | PERSON | huur 1, energie 7"
LIKELY = "confirmed | PERSON_LIKELY | huur 1, energie 7"
UNCERTAIN = "doubtful | PERSON_UNCERTAIN |"
STRANGERS = "withheld | DIFFERENT_PERSONS |"
HOUSEMATES = "withheld | ONE_HOUSEHOLD_ONLY |"


def pair(title: str, why: str, one: str, other: str, expected: str, setting: str = "") -> Spec:
    """Two partners that report, and what the opener decides."""
    return Spec(
        title,
        why,
        given=f"{HEADER}\nhuur | 1 | {one}\nenergie | 7 | {other}",
        expected=f"verdict | reason | shown\n{expected}",
        setting=setting,
    )


def contact(row: Row) -> Mapping[str, Any]:
    """The contact of a row of a given table."""
    postcode, _, number = row["address"].partition(" ")
    return {
        "initials": row["initials"],
        "particles": None,
        "surname": row["name"],
        "birth_on": row["born"] or None,
        "postcode": postcode,
        "house_number": number,
        "email": row.get("e-mail") or None,
        "phone": row.get("phone") or None,
    }


def known(given: str) -> list[KnownSignal]:
    """The signals of a given table, opened."""
    found = rows(given)
    identities = identities_of([contact(row) for row in found])
    return [
        KnownSignal(
            row["partner"],
            row["client"],
            int(row.get("months") or 2),
            identity,
            YEAR,
            is_crisis=row.get("crisis") == "yes",
        )
        for row, identity in zip(found, identities, strict=True)
    ]
