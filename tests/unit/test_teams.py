"""teams.json: the example holds, and each faulty file is refused by the field that its name gives."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.teams import Teams

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas" / "teams"
SCHEMA = Draft202012Validator(json.loads((SCHEMAS / "teams.schema.json").read_text(encoding="utf-8")))


def test_example_is_read_as_it_says() -> None:
    """Capacity, working days and leave of the example mean what they say."""
    document = json.loads((SCHEMAS / "example.json").read_text(encoding="utf-8"))
    SCHEMA.validate(document)
    teams = Teams.from_dict(document)
    first, second = teams.teams[0].counsellors
    days = [date(2026, 10, day) for day in (14, 16, 20, 23, 26)]
    assert [False, True, False, False, True] == [first.is_present(day) for day in days]
    assert (2, 3, 4) == (first.capacity, second.capacity, teams.teams[0].capacity)
    assert date(2026, 10, 23) == first.absent_until(days[2])


@pytest.mark.parametrize("path", sorted((SCHEMAS / "faulty").glob("*.json")), ids=lambda path: path.stem)
def test_faulty_file_is_refused_by_its_field(path: Path) -> None:
    """Code and field stand in the name of the file; it breaks the schema too."""
    document = json.loads(path.read_text(encoding="utf-8"))
    code, column = path.stem.split(".")
    assert not SCHEMA.is_valid(document)
    with pytest.raises(Refused) as caught:
        Teams.from_dict(document)
    assert (code, column) == (caught.value.code, caught.value.column)


def test_counsellor_stands_in_one_place() -> None:
    """Two people with one number would share work and leave."""
    document = json.loads((SCHEMAS / "example.json").read_text(encoding="utf-8"))
    document["regional_service"]["counsellors"][0]["counsellor_id"] = "n1"
    with pytest.raises(Refused) as caught:
        Teams.from_dict(document)
    assert "counsellor_id" == caught.value.column


def test_a_wijk_in_two_teams_is_named() -> None:
    """Whoever mends the file need not search; what is no code of a wijk is not repeated."""
    document = json.loads((SCHEMAS / "example.json").read_text(encoding="utf-8"))
    first, second = document["teams"][:2]
    for code, said in (
        ("WK990109", "Een wijk (WK990109) staat er twee keer in."),
        ("Jansen", "Een wijk staat er"),
    ):
        first["wijken"], second["wijken"] = [code], [code]
        with pytest.raises(Refused) as caught:
            Teams.from_dict(document)
        assert ("TEAMS_INVALID", "wijken") == (caught.value.code, caught.value.column)
        assert said in caught.value.next_step
        assert "Jansen" not in caught.value.next_step


def test_a_team_id_that_stands_twice_is_called_that() -> None:
    """It says nothing of wijken."""
    document = json.loads((SCHEMAS / "example.json").read_text(encoding="utf-8"))
    document["teams"][1]["team_id"] = document["teams"][0]["team_id"]
    with pytest.raises(Refused) as caught:
        Teams.from_dict(document)
    assert ("TEAMS_INVALID", "team_id") == (caught.value.code, caught.value.column)
