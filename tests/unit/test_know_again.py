"""Knowing a household again in a later month: which reports mean one person, under which key."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.revealed.disclose_case import identities_of
from pipeline.revealed.know_again import looked_up_for, written_for
from pipeline.vault.continuity import binding, confirmation, pseudonym
from pipeline.vault.keyring import KeyFile, Secret
from tests.builders.deliveries import key_bytes
from tests.builders.openings import FATHER


def case_key(number: int) -> KeyFile:
    day = date(2026, number, 1)
    return KeyFile(f"case-{number}", "case", "municipality", day, day, None, Secret(key_bytes(f"case/{number}")))


FIRST, SECOND = case_key(1), case_key(2)
NO_BIRTH = {"birth_on": None}
MOVED = {"postcode": "9902XY", "house_number": "7", "house_letter": None}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, True),
        ({}, MOVED, True),
        ({}, {"surname": "Jansen", "particles": None}, True),
        ({}, NO_BIRTH, True),
        (NO_BIRTH, {}, True),
        (NO_BIRTH, NO_BIRTH, True),
        ({}, {"surname": "Jansen", "particles": None, "house_letter": None}, True),
        ({"birth_on": "1950-01-01"}, {"birth_on": "1950-01-01"} | MOVED, False),
        ({}, {"initials": "K."}, False),
        ({}, {"birth_on": "1980-02-11"}, False),
        (NO_BIRTH, NO_BIRTH | MOVED, False),
        (NO_BIRTH, NO_BIRTH | {"initials": "K."}, False),
        ({}, NO_BIRTH | {"house_addition": "2"}, False),
        ({}, {"surname": "Jansen", "particles": None} | MOVED, False),
    ],
)
def test_person_is_known_again(before: dict[str, str], after: dict[str, str], expected: bool) -> None:
    """Name and birth date, or birth date and door, or name and door where a birth date is missing; no less."""
    one, other = identities_of([{**FATHER, **before}, {**FATHER, **after}])
    written, asked = written_for([[one]], [FIRST]), looked_up_for([[other]], [FIRST])
    assert expected == bool(written & asked)


def test_newest_key_writes_and_every_key_reads() -> None:
    """After a rotation what was written under the former key is still found; nothing new is written under it."""
    (who,) = identities_of([FATHER])
    before, after = written_for([[who]], [FIRST]), written_for([[who]], [FIRST, SECOND])
    assert not before & after
    asked = looked_up_for([[who]], [FIRST, SECOND])
    assert {"case-1", "case-2"} == {one.key_id for one in (before | after) & asked}
    assert not before & looked_up_for([[who]], [SECOND])


def test_person_without_initial_has_no_pseudonym() -> None:
    """A surname behind a door may be anybody who lives there."""
    (who,) = identities_of([{**FATHER, "initials": None}])
    assert frozenset() == written_for([[who]], [FIRST])


def test_pseudonym_has_a_known_answer() -> None:
    """A changed recipe fails here and not as a household that is never known again."""
    assert (
        "6b94d1fa6626b4efe4185d00d4acde3f" == pseudonym(bytes(32), "name_birth", ("berg", "j", "1950-05-31")).hex()
    )


def test_proof_of_a_confirmed_signal_holds_for_that_signal_and_case_alone() -> None:
    """Moved to another case, partner, month or signal, or looked at with another case key, it is no proof."""
    one, other = ("Z-1", "huur-a", "2026-10", "aa"), ("Z-2", "water-a", "2026-11", "bb")
    moved = [one, *((*one[:place], other[place], *one[place + 1 :]) for place in range(4))]
    proofs = {confirmation(bytes(32), row[0], row[1:]) for row in moved}
    assert 5 == len(proofs)
    assert confirmation(bytes([1] * 32), one[0], one[1:]) not in proofs


def test_pseudonym_is_bound_to_one_case_and_one_kind() -> None:
    """Moved to another case, called another kind, or with another value: the proof beside it does not hold."""
    made = [("Z-1", "name_birth", b"a"), ("Z-2", "name_birth", b"a"), ("Z-1", "birth_door", b"a")]
    made += [("Z-1", "name_birth", b"b")]
    assert 4 == len({binding(bytes(32), *one) for one in made})
    assert pseudonym(bytes(32), "name_birth", ("Z-1", b"a".hex())) != binding(bytes(32), *made[0])


def test_one_report_with_a_birth_date_is_enough_to_tell_father_from_son() -> None:
    """The other partner lacks it; the son of one initial behind that door is another person all the same."""
    father, undated, son = identities_of([FATHER, {**FATHER, **NO_BIRTH}, {**FATHER, "birth_on": "1980-02-11"}])
    assert not written_for([[father, undated]], [FIRST]) & looked_up_for([[son]], [FIRST])
    assert not written_for([[son]], [FIRST]) & looked_up_for([[father, undated]], [FIRST])
