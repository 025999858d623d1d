"""The population register beside the opener, against a stand-in made from its public specification."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.wiring import Run
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
from tests.builders.population_register import KEY, resident, stand_in

PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]
NO_BIRTH = [report(name, name, "x", birth_on=None) for name in ("huur-a", "energie-a")]
DEAD = {"is_deceased": True}


@pytest.fixture
def place(tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


@pytest.fixture
def run(place: Municipality) -> Iterator[Run]:
    with place.run(TUESDAY) as opened:
        yield opened


def turn_on(place: Municipality, url: str) -> None:
    (place.home.opener_keys_dir / "brp.json").write_text(json.dumps({"url": url, "api_key": KEY}))


@pytest.mark.parametrize(
    ("people", "rows", "expected"),
    [
        ([resident()], PAIR, ("revealed", None)),
        ([resident(**DEAD)], PAIR, ("excluded", "DECEASED")),
        ([resident(gemeente="0344")], PAIR, ("excluded", "MOVED_AWAY")),
        ([], PAIR, ("revealed", None)),
        ([resident(), resident(voornamen="Johan", **DEAD)], PAIR, ("revealed", None)),
        ([resident(), resident(voornamen="Karel", **DEAD)], PAIR, ("revealed", None)),
        ([resident(voornamen="Karel", **DEAD)], PAIR, ("revealed", None)),
        ([resident(**DEAD)], NO_BIRTH, ("excluded", "DECEASED")),
        ([resident(geslachtsnaam="Jansen", voorvoegsel="", **DEAD)], NO_BIRTH, ("revealed", None)),
        ([resident(gemeente="0344")], NO_BIRTH, ("revealed", None)),
    ],
)
def test_register_says_who_died_or_left(
    place: Municipality,
    run: Run,
    people: list[dict[str, Any]],
    rows: list[dict[str, Any]],
    expected: tuple[str, str | None],
) -> None:
    """One hit that fits keeps a household in mourning or gone from being visited; doubt says nothing."""
    with stand_in(people) as (url, _):
        turn_on(place, url)
        keep(run, rows)
        reveal_here(run)
    (case,) = rows_in(run, "cases")
    assert expected == (case["state"], case["reason_code"])
    assert (expected[0] == "revealed") == bool(worklist(place)["cases"])


def test_what_is_asked_is_what_the_specification_knows_and_no_number_of_a_citizen(
    place: Municipality, run: Run
) -> None:
    """The key goes in a header, the person in the body, and the fields are the names to compare."""
    with stand_in([resident()]) as (url, asked):
        turn_on(place, url)
        keep(run, PAIR)
        reveal_here(run)
    assert {"/haalcentraal/api/brp/personen"} == {question["path"] for question in asked}
    assert {KEY} == {question["key"] for question in asked}
    assert "burgerservicenummer" not in json.dumps(asked)
    assert all(
        ["naam.voornamen", "naam.voorvoegsel", "naam.geslachtsnaam"] == question["fields"] for question in asked
    )


@pytest.mark.parametrize("status", [500, 401])
def test_silent_register_makes_the_case_wait(place: Municipality, run: Run, status: int) -> None:
    """Not shown today, and asked about again as soon as the register answers."""
    keep(run, PAIR)
    with stand_in([resident()], status) as (url, _):
        turn_on(place, url)
        reveal_here(run)
    assert [] == worklist(place)["cases"]
    assert ["routed"] == [case["state"] for case in rows_in(run, "cases")]
    with stand_in([resident()]) as (url, _), place.run(TUESDAY + timedelta(days=1)) as later:
        turn_on(place, url)
        reveal_here(later)
    assert 1 == len(worklist(place, on=TUESDAY + timedelta(days=1))["cases"])


def test_running_case_is_not_asked_about_again(place: Municipality, run: Run) -> None:
    """The register is asked once per household, when it is shown for the first time."""
    keep(run, PAIR)
    with stand_in([resident()]) as (url, asked):
        turn_on(place, url)
        reveal_here(run)
        before = len(asked)
        with place.run(TUESDAY + timedelta(days=1)) as later:
            reveal_here(later)
        assert before == len(asked) > 0


def test_settings_that_cannot_be_read_stop_the_opener(place: Municipality, run: Run) -> None:
    """A municipality that turned it on is not served without it."""
    (place.home.opener_keys_dir / "brp.json").write_text("{")
    keep(run, PAIR)
    with pytest.raises(Refused) as caught:
        reveal_here(run)
    assert "REGISTER_INVALID" == caught.value.code
