"""What a list says of how a household's case went before: how it ended, and where a visit was not safe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.settle import settle
from pipeline.commands.wiring import Run
from pipeline.vocabulary.outcome import REOPEN
from tests.builders.deliveries import Municipality
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
    write_opening_key,
)
from tests.builders.returned import Returned

NOVEMBER, DECEMBER = "2026-11", "2026-12"
LATER = date(2026, 12, 1)
HELP = "Vervolghulp en/of verwijzing"
OCTOBER = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]
RISEN = [
    report("huur-a", "c", "y", month=NOVEMBER, arrears_months=5),
    report("energie-a", "d", "y", month=NOVEMBER, arrears_months=5),
]
VISIT = {"type": "Huisbezoek", "is_reached": "Ja", "on": TUESDAY, "part_of_day": "Avond"}

STRANGER = {
    "initials": "P.",
    "particles": None,
    "surname": "Visser",
    "birth_on": "1961-02-03",
    "house_number": "99",
    "email": None,
    "phone": None,
}


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    """A case on Tuesday's list."""
    municipality = make_municipality_with_opener(tmp_path)
    write_opening_key(municipality, NOVEMBER)
    shown(municipality, TUESDAY, OCTOBER)
    return municipality


def shown(place: Municipality, day: date, signals: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """The list of a day, of these signals if they changed."""
    with place.run(day) as run:
        if signals is not None:
            keep(run, signals)
        reveal_here(run)
    cases: list[dict[str, Any]] = worklist(place, on=day)["cases"]
    return cases


def returned(place: Municipality, day: date, **values: Any) -> None:
    """Return the day's sheet with these values for its only case."""
    path = place.home.worklists / "noord" / str(day) / "werklijst.xlsx"
    (case,) = worklist(place, on=day)["cases"]
    sheet = Returned.opened(path.read_bytes()).fill(case["case_id"], **values)
    (place.home.inbox_follow_up / "terug.xlsx").write_bytes(sheet.xlsx())
    with place.run(day) as run:
        assert [] == settle(run).refused


def page(place: Municipality, day: date) -> str:
    return (place.home.worklists / "noord" / str(day) / "werklijst.html").read_text()


@pytest.fixture
def run(place: Municipality) -> Iterator[Run]:
    with place.run(LATER) as opened:
        yield opened


def test_the_day_on_which_a_case_ended_stays_the_same_on_every_list(place: Municipality) -> None:
    """Taken up again on the first of December: the lists of that day and of later ones say when it ended."""
    returned(place, TUESDAY, **VISIT, result=HELP)
    for day in (LATER, LATER + timedelta(days=1), LATER + timedelta(days=2)):
        (case,) = shown(place, day, [*OCTOBER, *RISEN] if day == LATER else None)
        assert (str(TUESDAY), HELP) == (case["earlier_result_on"], case["earlier_result"])
        assert f"Eerder afgerond op {TUESDAY.day} november 2026 ({HELP})" in page(place, day)


def test_a_result_that_was_not_right_is_no_earlier_end(place: Municipality) -> None:
    """The team opened the case again itself: nobody reported it anew, and the list does not say so."""
    returned(place, TUESDAY, **VISIT, result=HELP)
    returned(place, TUESDAY, result=REOPEN)
    (case,) = shown(place, TUESDAY + timedelta(days=1))
    assert (None, None) == (case["earlier_result"], case["earlier_result_on"])
    assert "Eerder afgerond" not in page(place, TUESDAY + timedelta(days=1))
    assert "None" not in page(place, TUESDAY + timedelta(days=1))


def test_the_warning_goes_along_to_a_new_case_of_the_household(place: Municipality, run: Run) -> None:
    """What was taken back is not joined, so the household is new; that a visit was not safe is not."""
    returned(place, TUESDAY, **VISIT, is_unsafe="Ja")
    shown(place, TUESDAY + timedelta(days=1), OCTOBER[:1])
    for day in (LATER, LATER + timedelta(days=1)):
        (case,) = shown(place, day, [*OCTOBER[:1], *RISEN] if day == LATER else None)
        assert ([NOVEMBER], True) == (case["months"], case["is_unsafe"])
    assert 2 == len(rows_in(run, "results"))
    assert [case["case_id"]] == [
        row["object"] for row in rows_in(run, "journal") if row["action"] == "keep_warning"
    ]
    returned(place, LATER, is_unsafe="Nee")
    (case,) = shown(place, LATER + timedelta(days=2))
    assert not case["is_unsafe"]


def test_a_warning_that_was_taken_away_does_not_come_back_with_the_next_month(place: Municipality) -> None:
    """The case that goes on has its own mark; an older one of the household says no more."""
    december = [report("huur-a", "e", "w", month=DECEMBER), report("energie-a", "f", "w", month=DECEMBER)]
    write_opening_key(place, DECEMBER)
    returned(place, TUESDAY, **VISIT, is_unsafe="Ja")
    shown(place, TUESDAY + timedelta(days=1), OCTOBER[:1])
    shown(place, LATER, [*OCTOBER[:1], *RISEN])
    returned(place, LATER, is_unsafe="Nee")
    (case,) = shown(place, date(2027, 1, 4), [*OCTOBER[:1], *RISEN, *december])
    assert ([NOVEMBER, DECEMBER], False) == (case["months"], case["is_unsafe"])


def test_no_warning_where_none_was_or_where_it_was_taken_away(place: Municipality, run: Run) -> None:
    """A newer list took it away before the household came again."""
    returned(place, TUESDAY, **VISIT, is_unsafe="Ja")
    shown(place, TUESDAY + timedelta(days=1))
    returned(place, TUESDAY + timedelta(days=1), is_unsafe="Nee")
    shown(place, TUESDAY + timedelta(days=2), OCTOBER[:1])
    (case,) = shown(place, LATER, [*OCTOBER[:1], *RISEN])
    assert ([NOVEMBER], False) == (case["months"], case["is_unsafe"])
    assert "keep_warning" not in {row["action"] for row in rows_in(run, "journal")}


def test_another_household_has_no_warning(place: Municipality) -> None:
    """The mark is of whom it was about, not of the neighbours."""
    returned(place, TUESDAY, **VISIT, is_unsafe="Ja")
    others = [report(p, f"{p}/z", "z", month=NOVEMBER, **STRANGER) for p in ("huur-a", "water-a")]
    cases = shown(place, LATER, [*OCTOBER, *others])
    assert [(["2026-10"], True), ([NOVEMBER], False)] == sorted(
        (case["months"], case["is_unsafe"]) for case in cases
    )
