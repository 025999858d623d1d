"""Room and leave on real lists: what waits stays sealed and visible, a case keeps its holder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.opener import serve
from pipeline.commands.reveal import order_worklists
from pipeline.commands.route import route
from pipeline.commands.status import status
from pipeline.commands.wiring import Run
from tests.builders.deliveries import NOW, Municipality
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
)

WEDNESDAY = TUESDAY + timedelta(days=1)


def household(number: int, **contact: Any) -> list[dict[str, Any]]:
    """A matched household of its own."""
    who = {"initials": "ABCDEFGH"[number], "house_number": str(20 + number), "house_letter": None, **contact}
    birth = {"birth_on": f"19{60 + number}-05-17", "email": None, "phone": None}
    return [
        report("huur-a", f"h{number}", f"p{number}", **who, **birth),
        report("energie-a", f"e{number}", f"p{number}", **who, **birth),
    ]


THREE = [row for number in range(3) for row in household(number)]


def write_teams(place: Municipality, region: Sequence[dict[str, Any]] = (), **north: Any) -> None:
    teams = [
        {"team_id": "noord", "name": "Wijkteam Noord", "wijken": ["WK990101"], **north},
        {"team_id": "zuid", "name": "Wijkteam Zuid", "wijken": ["WK990102"]},
    ]
    regional = {"name": "Regio", "counsellors": list(region)}
    document = {"format": "samenloop/teams/1", "teams": teams, "regional_service": regional}
    place.home.teams_file.write_text(json.dumps(document))


def anna(**changes: Any) -> dict[str, Any]:
    return {"counsellor_id": "n1", "name": "Anna Een", **changes}


BEN = {"counsellor_id": "n2", "name": "Ben Twee"}


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


@pytest.fixture
def run(place: Municipality) -> Iterator[Run]:
    with place.run(TUESDAY) as opened:
        yield opened


def reveal_on(place: Municipality, day: Any) -> list[dict[str, Any]]:
    with place.run(day) as opened:
        reveal_here(opened)
    cases: list[dict[str, Any]] = worklist(place, on=day)["cases"]
    return cases


def opened_cases(run: Run) -> list[str]:
    return [row["object"] for row in rows_in(run, "journal") if row["action"] == "open_contacts"]


def test_what_does_not_fit_is_not_opened_and_is_counted_everywhere(place: Municipality, run: Run) -> None:
    """One a day: the others wait, sealed, on the page, in the status, and come on the next days in turn."""
    write_teams(place, capacity=1)
    with place.run(TUESDAY) as first:
        keep(first, THREE)
    assert 1 == len(reveal_on(place, TUESDAY))
    assert 2 == worklist(place)["waiting_count"]
    assert 1 == len(opened_cases(run))
    with place.run(TUESDAY) as shown:
        counts = status(shown).counts
    assert (2, 1) == (counts["cases_waiting_for_room"], counts["cases_revealed"])
    assert ["no_room", "no_room"] == [case["reason_code"] for case in rows_in(run, "cases") if case["reason_code"]]
    assert [2, 3, 3] == [len(reveal_on(place, TUESDAY + timedelta(days=number))) for number in (1, 2, 3)]
    assert 0 == worklist(place, on=TUESDAY + timedelta(days=3))["waiting_count"]


def test_second_run_of_a_day_opens_no_more(place: Municipality, run: Run) -> None:
    """Room that was used is used: asked again on the same day, nothing is ordered."""
    write_teams(place, counsellors=[anna(capacity=1), {**BEN, "capacity": 1}])
    with place.run(TUESDAY) as first:
        keep(first, THREE)
        reveal_here(first)
        before = [rows_in(first, name) for name in ("cases", "worklist_orders", "team_days")]
        route(first)
        assert order_worklists(first) is None
        assert before == [rows_in(first, name) for name in ("cases", "worklist_orders", "team_days")]
    assert {"Anna Een", "Ben Twee"} == {case["case_holder"]["name"] for case in worklist(place)["cases"]}


def test_the_regional_service_keeps_what_it_got(place: Municipality, run: Run) -> None:
    """Given to it because the team's own was full: later that day and the next morning it is still its case."""
    write_teams(place, region=[{"counsellor_id": "r1", "name": "Rik Regio"}], counsellors=[anna(capacity=1)])
    with place.run(TUESDAY) as first:
        keep(first, THREE)
    holders = {case["case_id"]: case["case_holder"]["name"] for case in reveal_on(place, TUESDAY)}
    assert ["Anna Een", "Rik Regio", "Rik Regio"] == sorted(holders.values())
    before = rows_in(run, "cases")
    for day in (TUESDAY, WEDNESDAY):
        with place.run(day) as again:
            assert 0 == route(again).counts["routed"]
    assert before == rows_in(run, "cases")
    assert holders == {case["case_id"]: case["case_holder"]["name"] for case in reveal_on(place, WEDNESDAY)}


def test_crisis_is_opened_without_room(place: Municipality, run: Run) -> None:
    """A household about to be evicted does not wait for a team that is full."""
    write_teams(place, capacity=0)
    evicted = household(5, is_crisis=True, crisis_kind="ontruiming", crisis_on="2026-11-20")
    with place.run(TUESDAY) as first:
        keep(first, [*THREE, *evicted])
    assert ["spoed"] == [case["urgency"] for case in reveal_on(place, TUESDAY)]
    assert 3 == worklist(place)["waiting_count"]


def test_case_stays_with_its_holder_and_a_colleague_stands_in(place: Municipality, run: Run) -> None:
    """On leave: the list says whose case it is, until when he is away, and who goes; then he is back."""
    write_teams(place, counsellors=[anna()])
    with place.run(TUESDAY) as first:
        keep(first, household(1))
    reveal_on(place, TUESDAY)
    leave = {"from_on": WEDNESDAY.isoformat(), "until_on": WEDNESDAY.isoformat()}
    write_teams(place, counsellors=[anna(absences=[leave]), BEN])
    (case,) = reveal_on(place, WEDNESDAY)
    assert {
        "counsellor_id": "n1",
        "name": "Anna Een",
        "service": None,
        "is_absent": True,
        "absent_until_on": WEDNESDAY.isoformat(),
        "stand_in": "Ben Twee",
    } == case["case_holder"]
    assert [{"name": "Anna Een", "until_on": WEDNESDAY.isoformat()}] == worklist(place, on=WEDNESDAY)["absences"]
    (case,) = reveal_on(place, WEDNESDAY + timedelta(days=1))
    assert ("Anna Een", False, None) == tuple(
        case["case_holder"][name] for name in ("name", "is_absent", "stand_in")
    )


def test_new_case_goes_to_who_is_there(place: Municipality, run: Run) -> None:
    """Nothing new is given to somebody on leave."""
    leave = {"from_on": TUESDAY.isoformat(), "until_on": WEDNESDAY.isoformat()}
    write_teams(place, counsellors=[anna(absences=[leave]), BEN])
    with place.run(TUESDAY) as first:
        keep(first, THREE)
    assert {"Ben Twee"} == {case["case_holder"]["name"] for case in reveal_on(place, TUESDAY)}


def test_cases_of_a_team_that_is_gone_go_on_elsewhere(place: Municipality, run: Run) -> None:
    """The team that serves the area now has them on its next list; where nobody does, the steward sees them."""
    with place.run(TUESDAY) as first:
        keep(first, THREE)
    reveal_on(place, TUESDAY)
    only = {"team_id": "zuid", "name": "Wijkteam Zuid", "wijken": ["WK990102"]}
    place.home.teams_file.write_text(json.dumps({"format": "samenloop/teams/1", "teams": [only]}))
    with place.run(WEDNESDAY) as nobody:
        reveal_here(nobody)
        assert ["no_team"] * 3 == [case["reason_code"] for case in rows_in(nobody, "cases")]
        assert 3 == status(nobody).counts["cases_unroutable"]
    both = {**only, "wijken": ["WK990101", "WK990102"]}
    place.home.teams_file.write_text(json.dumps({"format": "samenloop/teams/1", "teams": [both]}))
    with place.run(WEDNESDAY + timedelta(days=1)) as later:
        reveal_here(later)
    cases = worklist(place, "zuid", WEDNESDAY + timedelta(days=1))["cases"]
    assert [False] * 3 == [case["is_new"] for case in cases]


def test_team_that_went_between_order_and_answer_loses_nothing(place: Municipality, run: Run) -> None:
    """The opener opens nothing for a team that is not there; the next order asks for the team that is."""
    with place.run(TUESDAY) as first:
        keep(first, THREE)
        route(first)
        order_worklists(first)
    only = {"team_id": "zuid", "name": "Wijkteam Zuid", "wijken": ["WK990101", "WK990102"]}
    place.home.teams_file.write_text(json.dumps({"format": "samenloop/teams/1", "teams": [only]}))
    serve(place.home.path, once=True, now=NOW)
    assert [] == opened_cases(run)
    with place.run(TUESDAY) as again:
        reveal_here(again)
    assert 3 == len(worklist(place, "zuid")["cases"])


def test_as_many_openings_as_the_agreement_expects_raise_no_alarm(place: Municipality) -> None:
    """The ceiling itself is not passed."""
    place.agreement["thresholds"] = {"openings_per_day": 3}
    place.write_documents()
    with place.run(TUESDAY) as first:
        keep(first, THREE)
        reveal_here(first)
        assert 3 == len(worklist(place)["cases"])
        assert "opening_ceiling" not in {row["action"] for row in rows_in(first, "journal")}


def test_opening_ceiling_raises_an_alarm(place: Municipality, run: Run) -> None:
    """More openings on a day than the agreement expects: a line in the journal and in the steward's list."""
    place.agreement["thresholds"] = {"openings_per_day": 2}
    place.write_documents()
    with place.run(TUESDAY) as first:
        keep(first, THREE)
        reveal_here(first)
        (line,) = [row for row in rows_in(first, "journal") if row["action"] == "opening_ceiling"]
        assert {"opened": 3, "ceiling": 2} == line["counts"]
        shown = status(first)
    assert 1 == shown.counts["days_over_opening_ceiling"]
    assert any(
        f"Op {TUESDAY:%d-%m-%Y} zijn 3 zaken geopend, meer dan de grens van 2" in text for text in shown.lines
    )
