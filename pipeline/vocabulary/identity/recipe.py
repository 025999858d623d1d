"""The token recipe tokens/4: which normalised fields together make one keyed token.

No token of a field or combination with few values: every recipe identifies. Two kinds hold a part of the birth
date, bound to initial and address, so that one slip in a date is no conflict and a generation is. A recipe with
a surname takes its sound, and is made twice when a person has a second one; both carry the same kind, so that
one may equal the other.
"""

from __future__ import annotations

FIELDS_OF_KIND: dict[str, tuple[str, ...]] = {
    "initial_address": ("initial", "postcode_key", "number_key"),
    "initial_year_address": ("initial", "birth_year_key", "postcode_key", "number_key"),
    "initial_day_address": ("initial", "birth_day_key", "postcode_key", "number_key"),
    "birth_postcode": ("birth_key", "postcode_key"),
    "name_initial_birth": ("surname_sound", "initial", "birth_key"),
    "name_email": ("surname_sound", "email_key"),
    "name_phone": ("surname_sound", "phone_key"),
    "birth_email": ("birth_key", "email_key"),
    "birth_phone": ("birth_key", "phone_key"),
    "name_address": ("surname_sound", "postcode_key", "number_key"),
}


def fields_of(kind: str, column: str) -> tuple[str, ...]:
    """The fields of a token column, in the order in which they are hashed; `_alt` takes the second surname key."""
    fields = FIELDS_OF_KIND[kind]
    if not column.endswith("_alt"):
        return fields
    return tuple("surname_sound_alt" if field == "surname_sound" else field for field in fields)
