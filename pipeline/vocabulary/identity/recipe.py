"""The token recipe tokens/1: which normalised fields together make one keyed token.

No token of a field or combination with few values: every recipe identifies. A recipe with a surname is made twice
when a person has a second surname key; both carry the same kind, so that one may equal the other.
"""

from __future__ import annotations

FIELDS_OF_KIND: dict[str, tuple[str, ...]] = {
    "initial_birth_address": ("initial", "birth_key", "postcode_key", "number_key"),
    "name_birth_postcode": ("surname_key", "birth_key", "postcode_key"),
    "name_initial_birth": ("surname_key", "initial", "birth_key"),
    "name_initial_address": ("surname_key", "initial", "postcode_key", "number_key"),
    "email_initial": ("email_key", "initial"),
    "phone_initial": ("phone_key", "initial"),
    "email_birth": ("email_key", "birth_key"),
    "phone_birth": ("phone_key", "birth_key"),
    "name_address": ("surname_key", "postcode_key", "number_key"),
}


def fields_of(kind: str, column: str) -> tuple[str, ...]:
    """The fields of a token column, in the order in which they are hashed; `_alt` takes the second surname key."""
    fields = FIELDS_OF_KIND[kind]
    if not column.endswith("_alt"):
        return fields
    return tuple("surname_key_alt" if field == "surname_key" else field for field in fields)
