"""What a partner sealed may be anything; what a worklist gets from it is sound."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.revealed.check_contact import is_sound_contact
from pipeline.revealed.worklist_page import render_page
from pipeline.revealed.worklist_sheet import render_sheet
from tests.builders.worklists import CONTACT, entry, facts, worklist_of


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("klantnummer", None),
        ("klantnummer", " "),
        ("klantnummer", 12),
        ("surname", "\ud800"),
        ("surname", "x" * 255),
        ("surname", ["x"]),
        ("postcode", None),
        ("house_number", True),
        ("arrears_eur", -1),
        ("arrears_eur", 1.5),
        ("arrears_eur", 10**12),
        ("arrears_months", None),
        ("arrears_months", True),
        ("since_on", "yesterday"),
        ("since_on", "1066-10-14"),
        ("crisis_on", 20261001),
        ("is_crisis", "ja"),
        ("phone", 612345678),
        ("crisis_kind", 1),
        ("contract_count", -1),
        ("contract_count", "twee"),
    ],
)
def test_malformed_contact_is_not_sound(field: str, value: Any) -> None:
    """A field of another type or size is seen before anything is made of it."""
    assert is_sound_contact(CONTACT)
    assert not is_sound_contact({**CONTACT, field: value})


def test_longest_text_is_sound() -> None:
    """What a partner may seal, a worklist holds: the limit itself is no fault."""
    assert is_sound_contact({**CONTACT, "surname": "x" * 254})


def test_what_is_no_contact_at_all_is_not_sound() -> None:
    """A list, a text or nothing."""
    assert not any(is_sound_contact(value) for value in ([], "x", None, {}))


ANY_TEXT = st.text(max_size=40)
CONTACTS = st.fixed_dictionaries(
    {},
    optional={
        "surname": ANY_TEXT,
        "initials": ANY_TEXT | st.none(),
        "particles": ANY_TEXT | st.none(),
        "klantnummer": ANY_TEXT,
        "email": ANY_TEXT | st.none(),
        "phone": ANY_TEXT | st.none(),
        "birth_on": ANY_TEXT | st.none(),
        "postcode": ANY_TEXT,
        "house_number": ANY_TEXT,
        "house_letter": ANY_TEXT | st.none(),
        "house_addition": ANY_TEXT | st.none(),
        "crisis_kind": ANY_TEXT | st.none(),
        "is_crisis": st.booleans(),
        "since_on": st.dates().map(str) | st.none(),
        "crisis_on": st.dates().map(str) | st.none(),
    },
)


@settings(max_examples=40)
@given(CONTACTS)
def test_sound_contact_can_always_be_shown(changes: dict[str, Any]) -> None:
    """Whatever passes the check can be written as page and sheet."""
    contact = {**CONTACT, **changes}
    if not is_sound_contact(contact):
        return
    document = worklist_of(entry(facts(1), ("stroomdal", 0, contact), ("vaartwater", 0, {})))
    assert render_page(document)
    assert render_sheet(document)
