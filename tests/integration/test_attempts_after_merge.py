"""Two cases that turn out to be one: contact sought with either counts for it, until it was a mistake."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.at_the_opener.exclusion_lists import ADDED_FILE, add_exclusion
from pipeline.commands.settle import settle
from pipeline.vocabulary.case import EXCLUDED, IN_PROGRESS, MERGED, REVEALED
from pipeline.vocabulary.faults import RowFault
from pipeline.vocabulary.outcome import WITHDRAWN_REACHED
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
from tests.builders.returned import Returned

WEDNESDAY = TUESDAY + timedelta(days=1)
THURSDAY = TUESDAY + timedelta(days=2)
ONE = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]
OTHER = [report("water-a", "c", "y"), report("huur-a", "d", "y")]
SAME = [*ONE, report("water-a", "c", "x", sequence=2), report("huur-a", "d", "x", sequence=2)]
RISEN = [
    report(partner_id, label, person, sequence=2, arrears_months=4)
    for partner_id, label, person in (
        ("huur-a", "a", "x"),
        ("energie-a", "b", "x"),
        ("water-a", "c", "y"),
        ("huur-a", "d", "y"),
    )
]
OBJECTED = {"achternaam": "Van der Berg", "voorletters": "J", "geboortedatum": "31-05-1950", "reden": "bezwaar"}
VISIT = {"type": "Huisbezoek", "on": TUESDAY, "part_of_day": "Avond"}


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    """Two cases on Tuesday's list."""
    municipality = make_municipality_with_opener(tmp_path)
    shown(municipality, TUESDAY, [*ONE, *OTHER])
    return municipality


def shown(place: Municipality, day: date, signals: list[dict[str, Any]] | None = None) -> None:
    """Make the lists of a day, of these signals if they changed."""
    with place.run(day) as run:
        if signals is not None:
            keep(run, signals)
        reveal_here(run)


def merged(place: Municipality, day: date = WEDNESDAY) -> tuple[str, str]:
    """Ids of the case that lives on and of the one that merged into it."""
    with place.run(day) as run:
        cases = rows_in(run, "cases")
    (gone,) = [case for case in cases if case["state"] == MERGED]
    return str(gone["merged_into"]), str(gone["case_id"])


def returned(place: Municipality, day: date, sheet_of: date, case_id: str, reached: str) -> list[RowFault]:
    """Return the sheet of a day with the visit on the rows of a case; what is refused."""
    path = place.home.worklists / "noord" / str(sheet_of) / "werklijst.xlsx"
    sheet = Returned.opened(path.read_bytes()).fill(case_id, **VISIT, is_reached=reached)
    (place.home.inbox_follow_up / "terug.xlsx").write_bytes(sheet.xlsx())
    with place.run(day) as run:
        return settle(run).refused


def listed(place: Municipality, day: date) -> list[str]:
    """Days of the attempts that stand with the only case on a day's list."""
    shown(place, day)
    (case,) = worklist(place, on=day)["cases"]
    return [attempt["on"] for attempt in case["attempts"]]


def which_lives(place: Municipality) -> tuple[str, str]:
    """The same ids before the cases merge: of two that were opened together that of the first signal lives on."""
    with place.run(TUESDAY) as run:
        members = rows_in(run, "case_signals")
    first = min(members, key=lambda row: (row["partner_id"], row["signal_id"]))["case_id"]
    (second,) = {row["case_id"] for row in members} - {first}
    return first, second


def states(place: Municipality) -> dict[str, str]:
    with place.run(THURSDAY) as run:
        return {case["case_id"]: case["state"] for case in rows_in(run, "cases")}


def test_contact_sought_with_the_case_that_merged_puts_the_other_in_progress(place: Municipality) -> None:
    """The next list shows that it was taken up, and so its partners hear; a mistake takes that back."""
    living, gone = which_lives(place)
    assert [] == returned(place, TUESDAY, TUESDAY, gone, "Ja")
    shown(place, WEDNESDAY, SAME)
    assert {living: IN_PROGRESS, gone: MERGED} == states(place)
    assert [] == returned(place, WEDNESDAY, WEDNESDAY, living, WITHDRAWN_REACHED)
    assert {living: REVEALED, gone: MERGED} == states(place)
    shown(place, THURSDAY)
    assert {living: REVEALED, gone: MERGED} == states(place)


def test_contact_sought_before_a_case_was_kept_out_counts_when_it_is_shown_again(place: Municipality) -> None:
    """It was in progress, then on the exclusion list, and comes back with other evidence when it is off it."""
    case_id, other = which_lives(place)
    assert [] == returned(place, TUESDAY, TUESDAY, case_id, "Nee")
    add_exclusion(place.home.opener_lists_dir, OBJECTED)
    shown(place, WEDNESDAY)
    assert {EXCLUDED} == set(states(place).values())
    (place.home.opener_lists_dir / ADDED_FILE).unlink()
    shown(place, THURSDAY, RISEN)
    assert {case_id: IN_PROGRESS, other: REVEALED} == states(place)


def test_a_mistake_on_the_case_that_merged_is_taken_back_on_the_list_that_shows_it(place: Municipality) -> None:
    """The visit stands with the case that lives on; the sheet's "Vergissing" takes it away, once and for all."""
    living, gone = which_lives(place)
    assert [] == returned(place, TUESDAY, TUESDAY, gone, "Ja")
    shown(place, WEDNESDAY, SAME)
    assert (living, gone) == merged(place)
    assert [str(TUESDAY)] == [attempt["on"] for attempt in worklist(place, on=WEDNESDAY)["cases"][0]["attempts"]]
    for _ in range(2):
        assert [] == returned(place, WEDNESDAY, WEDNESDAY, living, WITHDRAWN_REACHED)
    with place.run(WEDNESDAY) as run:
        assert [(gone, True)] == [(row["case_id"], bool(row["is_withdrawn"])) for row in rows_in(run, "attempts")]
    assert [] == listed(place, THURSDAY)


def test_the_same_visit_on_both_is_taken_back_one_list_at_a_time(place: Municipality) -> None:
    """One sheet takes back one of them, however often it is returned; the next list shows the other."""
    for case_id in which_lives(place):
        assert [] == returned(place, TUESDAY, TUESDAY, case_id, "Ja")
    shown(place, WEDNESDAY, SAME)
    living, _ = merged(place)
    for day, left in ((WEDNESDAY, 1), (THURSDAY, 0)):
        for _ in range(2):
            assert [] == returned(place, day, day, living, WITHDRAWN_REACHED)
        assert [str(TUESDAY)] * left == listed(place, day + timedelta(days=1))


def test_what_neither_wrote_down_cannot_be_taken_back(place: Municipality) -> None:
    """The row is refused, as on a case that nothing merged into."""
    shown(place, WEDNESDAY, SAME)
    living, _ = merged(place)
    refused = returned(place, WEDNESDAY, WEDNESDAY, living, WITHDRAWN_REACHED)
    assert ["ATTEMPT_UNKNOWN"] == [fault.code for fault in refused]


def test_the_old_sheet_with_the_mistake_puts_the_merged_case_not_in_progress(place: Municipality) -> None:
    """Written down and taken back on the case that merged: a copy of that sheet is no contact."""
    living, gone = which_lives(place)
    for reached in ("Ja", WITHDRAWN_REACHED):
        assert [] == returned(place, TUESDAY, TUESDAY, gone, reached)
    shown(place, WEDNESDAY, SAME)
    assert [] == returned(place, WEDNESDAY, TUESDAY, gone, "Ja")
    assert {living: REVEALED, gone: MERGED} == states(place)
    assert [] == returned(place, WEDNESDAY, WEDNESDAY, living, "Ja")
    assert {living: IN_PROGRESS, gone: MERGED} == states(place)
