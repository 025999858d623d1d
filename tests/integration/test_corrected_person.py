"""A partner corrects whose a client number is: who it is now was reported once, and is shown to nobody for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.store import tables
from pipeline.vocabulary.case import REVEALED
from tests.builders.deliveries import Municipality
from tests.builders.openings import (
    FATHER,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
)

BEFORE = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]
OTHER = {
    **{"surname": "Kanarie", "particles": None, "initials": "K", "birth_on": "1985-02-03"},
    **{"postcode": "9901ZZ", "house_number": "99", "house_letter": None, "email": None, "phone": None},
}
SOMEBODY_ELSE = report("huur-a", "a", "z", sequence=2, **OTHER)
MOVED = {"postcode": "9901ZZ", "house_number": "99", "house_letter": None}


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    made = make_municipality_with_opener(tmp_path)
    shown(made, BEFORE)
    return made


def shown(place: Municipality, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries of the list once these signals, and no others, were matched."""
    with place.run() as run:
        keep(run, rows)
        reveal_here(run)
    entries: list[dict[str, Any]] = worklist(place)["cases"]
    return entries


def test_a_team_that_hears_no_visit_is_needed_reads_of_whom_it_knows_alone(place: Municipality) -> None:
    """The list names the one who was shown, as the partner whose word did not change still says."""
    (entry,) = shown(place, [SOMEBODY_ELSE, BEFORE[1]])
    said = json.dumps(entry)
    assert ("withdrawal", True, False) == (entry["ground"], FATHER["surname"] in said, "Kanarie" in said)


def test_where_nobody_is_left_the_team_reads_no_name(place: Municipality) -> None:
    """Both partners were wrong about the person: the visit is off, and of whom it is now nothing is told."""
    other = report("energie-a", "b", "q", sequence=2, **{**OTHER, "surname": "Kanaries", "birth_on": "1990-09-09"})
    (entry,) = shown(place, [SOMEBODY_ELSE, other])
    assert ("withdrawal", False) == (entry["ground"], "Kanarie" in json.dumps(entry))


def test_a_running_case_does_not_take_the_other_person_in(place: Municipality) -> None:
    """Somebody who writes to the store takes away that the case was taken back: the proof is of a person."""
    shown(place, [SOMEBODY_ELSE, BEFORE[1]])
    with place.run() as run, run.store.transaction("forge", at=run.now, actor="x") as transaction:
        transaction.update(tables.cases, sa.true(), {"mark": None})
    with place.run() as run:
        reveal_here(run)
    (entry,) = worklist(place)["cases"]
    said = json.dumps(entry)
    assert ("running", True, False) == (entry["ground"], FATHER["surname"] in said, "Kanarie" in said)


def test_a_person_who_moved_is_the_same(place: Municipality) -> None:
    """A correction of an address, a telephone or a typing error takes nobody off a list."""
    moved = [report(*client, "x", sequence=2, **MOVED) for client in (("huur-a", "a"), ("energie-a", "b"))]
    (entry,) = shown(place, moved)
    assert "withdrawal" != entry["ground"]
    misspelt = report("huur-a", "a", "x", sequence=3, surname=f"{FATHER['surname']}e")
    (entry,) = shown(place, [misspelt, moved[1]])
    assert "withdrawal" != entry["ground"]
    with place.run() as run:
        assert [REVEALED] == [case["state"] for case in rows_in(run, "cases")]
        assert [True, True] == [row["is_confirmed"] for row in rows_in(run, "case_signals")]
