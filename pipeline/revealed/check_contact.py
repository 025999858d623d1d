"""What a partner sealed is judged before it is used: a signature says who wrote it, not that it makes sense.

One malformed contact may cost its own signal, never the worklists of a whole municipality.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

MOST_TEXT = 254
MOST_EUROS = 100_000_000
MOST_MONTHS = 1_200
_YEARS = range(1900, 2200)


def is_sound_contact(contact: Any) -> bool:
    """Whether every field has the type and size that a worklist can hold; unknown fields are left aside."""
    return isinstance(contact, Mapping) and all(
        check(contact.get(name)) for check, names in _CHECKS for name in names
    )


def _is_text(value: Any) -> bool:
    """Printable text that UTF-8 can hold; a lone surrogate cannot be written anywhere."""
    if not isinstance(value, str) or not value.strip() or len(value) > MOST_TEXT:
        return False
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def _is_text_or_none(value: Any) -> bool:
    return value is None or value == "" or _is_text(value)


def _is_day_or_none(value: Any) -> bool:
    if value is None:
        return True
    try:
        return date.fromisoformat(value).year in _YEARS
    except (TypeError, ValueError):
        return False


def _is_yes_no_or_none(value: Any) -> bool:
    return value is None or isinstance(value, bool)


def _is_count(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _is_euros(value: Any) -> bool:
    return _is_count(value, MOST_EUROS)


def _is_months(value: Any) -> bool:
    return _is_count(value, MOST_MONTHS)


def _is_count_or_none(value: Any) -> bool:
    return value is None or _is_count(value, MOST_EUROS)


def _is_house_number(value: Any) -> bool:
    return _is_text(value) or _is_count(value, 99_999)


_CHECKS: tuple[tuple[Callable[[Any], bool], tuple[str, ...]], ...] = (
    (_is_text, ("klantnummer", "surname", "postcode")),
    (_is_house_number, ("house_number",)),
    (
        _is_text_or_none,
        ("initials", "particles", "birth_on", "house_letter", "house_addition", "email", "phone", "crisis_kind"),
    ),
    (_is_day_or_none, ("since_on", "signalled_on", "crisis_on")),
    (_is_yes_no_or_none, ("is_crisis", "has_warm_handover")),
    (_is_euros, ("arrears_eur",)),
    (_is_months, ("arrears_months",)),
    (_is_count_or_none, ("contract_count",)),
)
