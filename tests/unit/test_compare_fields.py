"""How the opener compares one field of two contacts."""

from __future__ import annotations

import pytest

from pipeline.revealed.compare_fields import CONFLICT, EQUAL, MISSING, SIMILAR, compare_initials, compare_surnames


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("jp", "jp", EQUAL),
        ("jp", "", MISSING),
        ("j", "jp", SIMILAR),
        ("p", "jp", SIMILAR),
        ("jp", "jmp", SIMILAR),
        ("pm", "jpm", SIMILAR),
        ("pj", "jp", SIMILAR),
        ("pj", "jpm", SIMILAR),
        ("nlt", "jlt", SIMILAR),
        ("nltm", "nlsm", SIMILAR),
        ("ml", "nlmp", CONFLICT),
        ("mj", "jpm", CONFLICT),
        ("jj", "jp", CONFLICT),
        ("jp", "jm", CONFLICT),
        ("nlt", "jlm", CONFLICT),
        ("j", "m", CONFLICT),
    ],
)
def test_initials_keep_their_order(one: str, other: str, expected: str) -> None:
    """Cut, swapped and one wrong letter of three are similar; letters from here and there are another person."""
    assert expected == compare_initials(one, other)
    assert expected == compare_initials(other, one)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("wieringa", "wyringa", SIMILAR),
        ("hoekstra", "hokstra", SIMILAR),
        ("brinkhuisen", "brenkhyzen", SIMILAR),
        ("wisniewska", "wysnezka", SIMILAR),
        ("boehm", "bohm", SIMILAR),
        ("bue", "bu", SIMILAR),
        ("bos", "bosz", SIMILAR),
        ("koc", "kos", SIMILAR),
        ("li", "lie", SIMILAR),
        ("bos", "vos", CONFLICT),
        ("bos", "blom", CONFLICT),
        ("li", "le", CONFLICT),
        ("li", "wu", CONFLICT),
        ("jansen", "visser", CONFLICT),
    ],
)
def test_surnames_are_similar_by_sound_and_by_slip(one: str, other: str, expected: str) -> None:
    """What tokens call equal is no conflict to the opener; in a short name the first letter must be the same."""
    assert expected == compare_surnames((one,), (other,))
    assert expected == compare_surnames((other,), (one,))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("gebre", "ghi"), ("gebreghi",), EQUAL),
        (("gebre", "ghi"), ("gebre",), SIMILAR),
        (("gebre", "selasie"), ("selasiegebre",), CONFLICT),
        (("jansen", "vries"), ("vries", "jansen"), EQUAL),
    ],
)
def test_two_parts_may_be_one_part_with_a_space_in_it(
    one: tuple[str, ...], other: tuple[str, ...], expected: str
) -> None:
    """In the order in which they are written; one of the parts alone is half of the name."""
    assert expected == compare_surnames(one, other)
    assert expected == compare_surnames(other, one)
