"""A month's token or store key is changed in an emergency: partners deliver again one by one, and cases stand."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.match import match_month
from pipeline.commands.status import status
from pipeline.vocabulary.case import MARK_RETRACTED, OPENED, REVEALED, WITHDRAWN
from tests.builders.deliveries import GEMEENTE, MONTH, Municipality
from tests.builders.openings import (
    FATHER,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
)

OLD, NEW = (f"token-{GEMEENTE}-{MONTH}-1 store-{GEMEENTE}-{MONTH}-{number}" for number in (1, 2))
LANDLORD, ENERGY, WATER = ("huur-a", "a"), ("energie-a", "b"), ("water-a", "c")


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


def signal(client: tuple[str, str], under: str, person: str = "x", **changes: Any) -> dict[str, Any]:
    """A row as admission keeps it under these keys: its token equals none that was kept under others."""
    row = report(*client, person, sequence=1 + (under == NEW), **changes)
    return {**row, "tokens_under": under, "t_name_initial_birth": _token(person, under)}


def _token(person: str, under: str) -> bytes:
    return hashlib.sha256(f"{person} {under}".encode()).digest()[:16]


def now(place: Municipality, *rows: dict[str, Any]) -> list[tuple[str, str | None]]:
    """State and mark of the cases once these signals, and no others, were matched."""
    with place.run() as run:
        keep(run, rows)
        return sorted((case["state"], case["mark"]) for case in rows_in(run, "cases"))


def shown(place: Municipality, *rows: dict[str, Any]) -> None:
    with place.run() as run:
        keep(run, rows)
        reveal_here(run)


def asked_again(place: Municipality) -> tuple[int, list[str]]:
    """What the steward reads of who must deliver again."""
    with place.run() as run:
        outcome = status(run)
    lines = [line for line in outcome.lines if "opslagsleutel" in line]
    return outcome.counts["deliveries_with_old_store_key"], lines


def test_a_shown_case_stands_until_every_partner_delivered_again(place: Municipality) -> None:
    """No team reads that a visit is off while the second partner must still deliver; then all is as ever."""
    shown(place, signal(LANDLORD, OLD), signal(ENERGY, OLD))
    assert (0, []) == asked_again(place)
    assert [(REVEALED, None)] == now(place, signal(LANDLORD, NEW), signal(ENERGY, OLD))
    count, (line,) = asked_again(place)
    assert (1, True, False) == (count, "energie-a (2026-10)" in line, "huur-a" in line)
    with place.run() as run:
        assert "1 zaak blijft staan onder twee sleutels" in match_month(run, MONTH).lines[0]
    assert [(REVEALED, None)] == now(place, signal(LANDLORD, NEW), signal(ENERGY, NEW))
    assert (0, []) == asked_again(place)
    shown(place, signal(LANDLORD, NEW), signal(ENERGY, NEW))
    assert 1 == len(worklist(place)["cases"])


def test_a_correction_brings_only_its_own_rows_under_the_new_key(place: Municipality) -> None:
    """A partner of whom other rows stand under the former key must still deliver again."""
    shown(place, signal(LANDLORD, NEW), signal(ENERGY, NEW), signal(("energie-a", "e"), OLD, "y"))
    count, (line,) = asked_again(place)
    assert (1, True) == (count, "energie-a (2026-10)" in line)


def test_nobody_else_comes_into_a_case_that_stands(place: Municipality) -> None:
    """Tokens cannot tell that the client is somebody else now; the opener can, and shows who was shown before."""
    shown(place, signal(LANDLORD, OLD), signal(ENERGY, OLD))
    other = {"surname": "Kanarie", "initials": "K", "birth_on": "1985-02-03", "email": None, "phone": None}
    shown(place, signal(LANDLORD, NEW, "z", **other), signal(ENERGY, OLD))
    said = json.dumps(worklist(place)["cases"])
    assert (True, False) == (FATHER["surname"] in said, "Kanarie" in said)


def test_a_new_case_is_found_between_who_delivered_again(place: Municipality) -> None:
    """The case that stands goes on with those, the last one joins it, and whom both newly report is another."""
    now(place, signal(LANDLORD, OLD), signal(ENERGY, OLD))
    again = signal(LANDLORD, NEW), signal(WATER, NEW)
    assert [(OPENED, None)] == now(place, *again, signal(ENERGY, OLD))
    others = signal(("huur-a", "d"), NEW, "y"), signal(("water-a", "e"), NEW, "y")
    assert [(OPENED, None)] * 2 == now(place, *again, *others, signal(ENERGY, OLD))
    assert [(OPENED, None)] * 2 == now(place, *again, *others, signal(ENERGY, NEW))
    with place.run() as run:
        assert [2, 3] == sorted(case["partner_count"] for case in rows_in(run, "cases"))


def test_a_case_that_was_taken_back_stays_so(place: Municipality) -> None:
    """Under the former key its signals were about two people already, and no new key makes them one again."""
    shown(place, signal(LANDLORD, OLD), signal(ENERGY, OLD))
    assert [(REVEALED, MARK_RETRACTED)] == now(place, signal(LANDLORD, OLD, "z"), signal(ENERGY, OLD))
    assert [(REVEALED, MARK_RETRACTED)] == now(place, signal(LANDLORD, NEW, "z"), signal(ENERGY, OLD))


def test_what_was_kept_before_keys_were_noted_counts_as_no_other_key(place: Municipality) -> None:
    """A database that is brought up to date does not know under which key its rows stand."""
    before = [{**signal(who, OLD), "tokens_under": None} for who in (LANDLORD, ENERGY)]
    now(place, *before)
    assert [(WITHDRAWN, None)] == now(place, signal(LANDLORD, OLD, "z"), before[1])


@pytest.mark.parametrize(
    "left", [[signal(LANDLORD, NEW)], [signal(LANDLORD, NEW), signal(ENERGY, OLD, arrears_months=1)]]
)
def test_who_is_no_longer_reported_is_no_case(place: Municipality, left: list[dict[str, Any]]) -> None:
    """A key holds nobody: a signal that is gone, or of too few months, counts no more than it did."""
    now(place, signal(LANDLORD, OLD), signal(ENERGY, OLD))
    assert [(WITHDRAWN, None)] == now(place, *left)


def test_a_correction_under_one_key_parts_them(place: Municipality) -> None:
    """Where all signals of a case stand under one key, tokens tell who it is about."""
    now(place, signal(LANDLORD, OLD), signal(ENERGY, OLD))
    assert [(WITHDRAWN, None)] == now(place, signal(LANDLORD, OLD, "z"), signal(ENERGY, OLD))
