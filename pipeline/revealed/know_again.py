"""How a household is known again in a later month, among revealed cases only and without storing who it is.

A person has a pseudonym of surname, initial and birth date, one of initial, birth date and door, and one of
surname, initial and door. The last one counts only where one of the two reports has no birth date: behind one door
father and son may share an initial. Every combination identifies; a pseudonym is made under each case key that is
there, and written under the newest only. Beside it stands a proof of the case it was written for: a pseudonym that
somebody moved to another case in the database is not believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline.revealed.compare_fields import Identity
from pipeline.vault.continuity import binding, pseudonym
from pipeline.vault.keyring import KeyFile

NAME_BIRTH = "name_birth"
BIRTH_DOOR = "birth_door"
NAME_DOOR = "name_door"
NAME_DOOR_NO_BIRTH = "name_door_no_birth"

Person = Sequence[Identity]
"""What the partners reported of one person."""


class Pseudonym(NamedTuple):
    """One pseudonym as it stands in the store; `kind` says which fields it was made of."""

    key_id: str
    kind: str
    value: bytes


class BoundPseudonym(NamedTuple):
    """A pseudonym with the proof of the case that it was written for."""

    key_id: str
    kind: str
    value: bytes
    proof: bytes


def bound_to(
    case_id: str, pseudonyms: Iterable[Pseudonym], case_keys: Iterable[KeyFile]
) -> frozenset[BoundPseudonym]:
    """These pseudonyms as they are kept with a case; those of a key that is gone are left out."""
    secrets = {key.key_id: key.secret.value for key in case_keys}
    return frozenset(
        BoundPseudonym(*one, binding(secrets[one.key_id], case_id, one.kind, one.value))
        for one in pseudonyms
        if one.key_id in secrets
    )


def written_for(persons: Iterable[Person], case_keys: Sequence[KeyFile]) -> frozenset[Pseudonym]:
    """The pseudonyms to keep with a revealed case, under the newest case key."""
    return frozenset(
        Pseudonym(key.key_id, kind, value)
        for key in case_keys[-1:]
        for person in persons
        for kind, value in _made(person, key)
    )


def looked_up_for(persons: Iterable[Person], case_keys: Sequence[KeyFile]) -> frozenset[Pseudonym]:
    """The stored pseudonyms that mean one of these persons, under every case key that is there."""
    return frozenset(
        Pseudonym(key.key_id, meant, value)
        for person in persons
        for key in case_keys
        for kind, value in _made(person, key)
        for meant in _MEANS[kind]
    )


_MEANS = {
    NAME_BIRTH: (NAME_BIRTH,),
    BIRTH_DOOR: (BIRTH_DOOR,),
    NAME_DOOR: (NAME_DOOR_NO_BIRTH,),
    NAME_DOOR_NO_BIRTH: (NAME_DOOR, NAME_DOOR_NO_BIRTH),
}


def _made(person: Person, key: KeyFile) -> Iterator[tuple[str, bytes]]:
    has_birth = any(identity.birth[0] for identity in person)
    for identity in person:
        initial = identity.initials[:1]
        birth = "-".join(f"{part:02}" for part in identity.birth) if all(identity.birth) else ""
        door = (identity.postcode, identity.number, identity.addition)
        is_door_known = bool(identity.postcode and identity.number)
        if not initial:
            continue
        if birth and is_door_known:
            yield BIRTH_DOOR, pseudonym(key.secret.value, BIRTH_DOOR, (initial, birth, *door[:2]))
        for surname in identity.surnames:
            if birth:
                yield NAME_BIRTH, pseudonym(key.secret.value, NAME_BIRTH, (surname, initial, birth))
            if is_door_known:
                kind = NAME_DOOR if has_birth else NAME_DOOR_NO_BIRTH
                yield kind, pseudonym(key.secret.value, NAME_DOOR, (surname, initial, *door))
