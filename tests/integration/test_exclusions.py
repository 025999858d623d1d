"""Who stands on the municipality's list is never shown: from the opener's folder to an empty worklist."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.commands.at_the_opener.exclusion_lists import add_exclusion
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.vocabulary.faults import Refused
from tests.builders.deliveries import Municipality
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
)

PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]
OBJECTED = {"achternaam": "Van der Berg", "voorletters": "J", "geboortedatum": "31-05-1950", "reden": "bezwaar"}


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


@pytest.fixture
def run(place: Municipality) -> Iterator[Run]:
    with place.run(TUESDAY) as opened:
        yield opened


def test_excluded_case_is_never_shown_and_its_reason_is_journalled(place: Municipality, run: Run) -> None:
    """The contact was opened to know it; list and disclosures stay empty, and no pseudonym is kept."""
    add_exclusion(place.home.opener_lists_dir, OBJECTED)
    keep(run, PAIR)
    reveal_here(run)
    assert [] == worklist(place)["cases"]
    (case,) = rows_in(run, "cases")
    assert ("excluded", "OBJECTION", None) == (case["state"], case["reason_code"], case["first_revealed_on"])
    assert [] == rows_in(run, "disclosures") + rows_in(run, "case_pseudonyms")
    assert "excluded OBJECTION" in [row["result"] for row in rows_in(run, "journal")]


def test_running_case_that_is_excluded_since_is_told_once_without_a_name(place: Municipality, run: Run) -> None:
    """Its team reads the case's number and that no visit is needed; the day after it is gone."""
    keep(run, PAIR)
    reveal_here(run)
    assert rows_in(run, "case_pseudonyms")
    add_exclusion(place.home.opener_lists_dir, OBJECTED)
    days = [TUESDAY + timedelta(days=number) for number in (1, 2)]
    for day in days:
        with place.run(day) as later:
            reveal_here(later)
    (told,) = worklist(place, on=days[0])["cases"]
    assert ("withdrawal", [], None) == (told["ground"], told["signals"], told["household"]["address"])
    assert [] == told["household"]["persons"]
    assert told["next_step"].startswith("Neem geen contact meer op.")
    assert [] == worklist(place, on=days[1])["cases"]
    assert ["excluded"] == [case["state"] for case in rows_in(run, "cases")]


def test_list_that_cannot_be_read_stops_the_opener(place: Municipality, run: Run) -> None:
    """Nothing is opened while a row may hold an objection that nobody understands."""
    lists = place.home.opener_lists_dir
    lists.mkdir()
    (lists / "lijst.csv").write_text("achternaam;reden\nBerg;bezwaar\n", encoding="utf-8")
    keep(run, PAIR)
    with pytest.raises(Refused) as caught:
        reveal_here(run)
    assert "EXCLUSIONS_INVALID" == caught.value.code
    assert "open_contacts" not in [row["action"] for row in rows_in(run, "journal")]


def test_no_name_of_the_list_is_in_the_store(place: Municipality, run: Run) -> None:
    """Every row of every table is without the names of the list."""
    add_exclusion(place.home.opener_lists_dir, OBJECTED)
    keep(run, PAIR)
    reveal_here(run)
    held = str([row for name in tables.metadata.tables for row in rows_in(run, name)]).casefold()
    assert "excluded" in held
    for written in ("van der berg", "vanderberg", "31-05-1950", "1950-05-31", "19500531", "(1950, 5, 31"):
        assert written not in held
