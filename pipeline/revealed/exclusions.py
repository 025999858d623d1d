"""Who must not be shown: the municipality's list, compared in plaintext with the persons of a confirmed case.

A row means somebody by name and birth date, by name and door, or, without a name, everybody behind a door. A
person is on the list when the pair is one person by the table of confirm_rules, when surname and whole birth date
are equal and no initial speaks against it, or when the row knows no more than surname and door and both are equal.
Two first names with one letter do not take a row away from anybody: what is on the list is often the official one.
Doubt is no ground to leave a household without help.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipeline.revealed.compare_fields import CONFLICT, EQUAL, Identity, compare
from pipeline.revealed.confirm_rules import is_one_person
from pipeline.vocabulary.exclusion import REASONS


@dataclass(frozen=True, slots=True, repr=False)
class ExclusionRow:
    """One row of the list; `until_on` is the last day on which it holds."""

    identity: Identity
    reason_code: str
    until_on: date | None


class ExclusionList:
    """The rows that hold on a day, found by name, by birth date or by door."""

    def __init__(self, rows: Iterable[ExclusionRow], today: date) -> None:
        self._rows: dict[tuple[str | int, ...], list[ExclusionRow]] = {}
        self.row_count = 0
        for row in rows:
            if row.until_on is not None and row.until_on < today:
                continue
            self.row_count += 1
            for place in _places(row.identity):
                self._rows.setdefault(place, []).append(row)

    def reason_for(self, identities: Iterable[Identity]) -> str | None:
        """The gravest reason why one of these persons may not be shown, if there is one."""
        found = {row.reason_code for row in self.rows_about(identities)}
        return next((reason for reason in REASONS if reason in found), None)

    def rows_about(self, identities: Iterable[Identity]) -> list[ExclusionRow]:
        """The rows that mean one of these persons; one that is found in several ways more than once."""
        return [
            row
            for identity in identities
            for place in _places(identity)
            for row in self._rows.get(place, ())
            if is_meant(row.identity, identity)
        ]


def is_meant(listed: Identity, person: Identity) -> bool:
    """Whether a row of the list is about this person."""
    outcome = compare(listed, person)
    if not listed.surnames:
        return outcome.address == EQUAL
    if not listed.initials and not listed.birth[0]:
        return outcome.surname == EQUAL and outcome.address == EQUAL
    if outcome.surname == EQUAL and outcome.birth == EQUAL and outcome.initials != CONFLICT:
        return True
    return is_one_person(outcome) or is_one_person(compare(replace(listed, given=()), person))


def is_usable(identity: Identity) -> bool:
    """Whether a row says enough to mean somebody: a door, or a name with a birth date that is not 1 January."""
    return bool((identity.postcode and identity.number) or (identity.surnames and all(identity.birth)))


def _places(identity: Identity) -> Sequence[tuple[str | int, ...]]:
    """Under which a row is kept and a person looked up: whoever is meant by a row shares a place with it.

    No row knows e-mail or telephone, so by the table whole birth dates are equal, or the door is equal or similar
    (a typing error leaves the digits of a postcode or its letters), or surnames are equal and birth dates similar.
    """
    places: list[tuple[str | int, ...]] = []
    if all(identity.birth):
        places.append(identity.birth)
    if identity.birth[0]:
        places += [(surname,) for surname in identity.surnames]
    if identity.postcode and identity.number:
        places += [(part, identity.number) for part in (identity.postcode[:4], identity.postcode[4:])]
    return places
