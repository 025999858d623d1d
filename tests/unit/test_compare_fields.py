"""How the opener compares one field of two contacts."""

from __future__ import annotations

import pytest

from pipeline.revealed.compare_fields import (
    CONFLICT,
    EQUAL,
    MISSING,
    NAMED,
    SIMILAR,
    Identity,
    compare,
    compare_initials,
    compare_surnames,
)


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


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("9901AB 12 A", "9901AB 12 A", EQUAL),
        ("9901AB 12 A", "9901AB 12", SIMILAR),
        ("9901AB 12 A", "9901AB 12 B", CONFLICT),
        ("9901AB 12 A", "9901AD 12 A", SIMILAR),
        ("9901AB 12 A", "9901AD 12", CONFLICT),
        ("9901AB 12", "9901AB 14", CONFLICT),
        ("9901AB 112", "9901AB 121", CONFLICT),
        ("9901AB 12", "9901AB", MISSING),
    ],
)
def test_an_address_is_similar_with_one_slip(one: str, other: str, expected: str) -> None:
    """In the postcode, where the addition agrees; a number that is near is the neighbours'."""
    outcomes = [
        compare(_living_at(left), _living_at(right)).address for left, right in ((one, other), (other, one))
    ]
    assert [expected, expected] == outcomes


@pytest.mark.parametrize(
    ("number", "name", "birth", "expected"),
    [
        ("14", "berg", (1980, 5, 31), SIMILAR),
        ("2", "berg", (1980, 5, 31), SIMILAR),
        ("84", "berg", (1980, 5, 31), CONFLICT),
        ("14", "visser", (1980, 5, 31), CONFLICT),
        ("14", "berg", (1980, 5, 30), CONFLICT),
        ("14", "berg", (0, 0, 0), CONFLICT),
    ],
)
def test_a_house_number_has_a_slip_only_where_all_else_agrees(
    number: str, name: str, birth: tuple[int, int, int], expected: str
) -> None:
    """Neighbours of one name have numbers as near, and another birth date."""
    one = Identity(("berg",), "j", (1980, 5, 31), "9901AB", "12", "", "", "")
    other = Identity((name,), "jp", birth, "9901AB", number, "", "", "")
    assert [expected, expected] == [compare(one, other).address, compare(other, one).address]


def test_of_a_number_of_one_digit_another_digit_is_another_house() -> None:
    """Number 3 is next door to number 5."""
    one, other = (Identity(("berg",), "j", (1980, 5, 31), "9901AB", number, "", "", "") for number in "35")
    assert CONFLICT == compare(one, other).address


@pytest.mark.parametrize("double", [("smit", "bakker"), ("sloot", "bakker")])
def test_a_name_of_two_is_no_given_name(double: tuple[str, str]) -> None:
    """A word that many bear as a surname is one, and so is whatever stands before a hyphen."""
    one = Identity(double, "", (0, 0, 0), "9901AB", "12", "", "", "", has_hyphen=double[0] == "sloot")
    other = Identity(("bakker",), "s", (0, 0, 0), "9901AB", "12", "", "", "")
    assert (SIMILAR, MISSING) == (compare(one, other).surname, compare(one, other).initials)


def _living_at(address: str) -> Identity:
    postcode, number, addition = [*address.split(), "", ""][:3]
    return Identity(("berg",), "j", (0, 0, 0), postcode, number, addition, "", "")


@pytest.mark.parametrize(
    ("surnames", "initials", "expected"),
    [
        (("niels", "berg"), "", (EQUAL, SIMILAR)),
        (("berg", "niels"), "", (SIMILAR, MISSING)),
        (("njm", "berg"), "", (EQUAL, EQUAL)),
        (("jan", "berg"), "", (SIMILAR, MISSING)),
        (("nar", "berg"), "", (EQUAL, SIMILAR)),
        (("nijman", "berg"), "", (EQUAL, SIMILAR)),
        (("kees", "berg"), "", (SIMILAR, MISSING)),
        (("niels", "visser"), "", (CONFLICT, MISSING)),
        (("niels", "berg"), "k", (SIMILAR, CONFLICT)),
        (("devries", "vries"), "", (CONFLICT, MISSING)),
    ],
)
def test_a_given_name_among_the_surnames_is_told_by_the_other(
    surnames: tuple[str, ...], initials: str, expected: tuple[str, str]
) -> None:
    """What is left is the other's surname, and what falls away agrees with initials that only the other has."""
    one = Identity(surnames, initials, (0, 0, 0), "9901AB", "12", "", "", "")
    other = Identity(("berg",), "njm", (0, 0, 0), "9901AB", "12", "", "", "")
    for found in (compare(one, other), compare(other, one)):
        assert expected == (found.surname, found.initials)


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("a.wildlaan@post.nl", NAMED),
        ("awilllaan@post.nl", CONFLICT),
        ("info@wildlaan.nl", CONFLICT),
        ("rogeing@post.nl", CONFLICT),
        ("rogeingwildlaan@post.nl", NAMED),
        ("wildlaanhuis@post.nl", CONFLICT),
        ("", CONFLICT),
    ],
)
def test_an_email_address_names_the_other(email: str, expected: str) -> None:
    """Before the @, and the name that the other partner knows; one's own name in it says nothing."""
    one = Identity(("rogeing",), "a", (0, 0, 0), "9901AB", "12", "", email, "")
    other = Identity(("wildlan", "wildlaan"), "a", (0, 0, 0), "9901AB", "12", "", "", "")
    assert [expected, expected] == [compare(one, other).name, compare(other, one).name]
