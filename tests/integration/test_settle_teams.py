"""Sheets of several teams on one morning: none is lost, and each receipt says whose it is and which case."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from pipeline.commands import status
from pipeline.commands.at_the_inbox import follow_up_taking
from pipeline.commands.console import Outcome, print_outcome
from pipeline.commands.settle import settle
from pipeline.store import tables
from pipeline.vocabulary.case import REVEALED
from pipeline.vocabulary.faults import RowFault
from tests.builders.deliveries import Municipality
from tests.builders.returned import NEIGHBOURS, Returned, sheet_of_neighbours
from tests.builders.stewardship import make_stewarded, put_case, put_signals, rows_of_table, stored_signal

TODAY = date(2026, 11, 10)
VISIT = {"type": "Huisbezoek", "is_reached": "Ja", "on": date(2026, 11, 4), "part_of_day": "Avond"}
TEAMS = (("noord", "Wijkteam Noord", "WK990101"), ("centrum", "Wijkteam Centrum", "WK990102"))


@pytest.fixture
def place(tmp_path: Path) -> Municipality:
    """Two teams, a case each."""
    municipality = make_stewarded(tmp_path)
    teams = [
        {"team_id": team_id, "name": name, "wijken": [wijk], "counsellors": []} for team_id, name, wijk in TEAMS
    ]
    document = {"format": "samenloop/teams/1", "teams": teams}
    municipality.home.teams_file.write_text(json.dumps(document))
    with municipality.run(TODAY) as run:
        for (case_id, _), (team_id, _, _) in zip(NEIGHBOURS, TEAMS, strict=True):
            signals = [stored_signal(partner, f"{case_id}/{partner}") for partner in ("huur-a", "energie-a")]
            put_signals(run, signals)
            put_case(run, case_id, REVEALED, signals, team_id=team_id)
    return municipality


def filled_in(case_id: str, **values: object) -> bytes:
    return Returned.opened(sheet_of_neighbours("2026-11-03.1")).fill(case_id, **values).xlsx()


def receipts(place: Municipality) -> list[str]:
    with place.run(TODAY) as run:
        paths = follow_up_taking.receipts_folder(run).glob("*.txt")
        return sorted(path.read_text() for path in paths)


def settled(place: Municipality) -> Outcome:
    with place.run(TODAY) as run:
        return settle(run)


def test_sheets_of_one_name_in_the_folders_of_their_teams_both_count(place: Municipality) -> None:
    """werklijst.xlsx of either team: two attempts, two receipts, an empty folder that stays."""
    for (case_id, _), (team_id, _, _) in zip(NEIGHBOURS, TEAMS, strict=True):
        folder = place.home.inbox_follow_up / team_id
        folder.mkdir()
        (folder / "werklijst.xlsx").write_bytes(filled_in(case_id, **VISIT))
    with place.run(TODAY) as run:
        assert "opvolging in de inbox 2" in " ".join(" ".join(status.status(run).lines).split())
    outcome = settled(place)
    with place.run(TODAY) as run:
        attempts = rows_of_table(run, tables.attempts)
    assert ([], ["Z-1", "Z-2"]) == (outcome.refused, sorted(row["case_id"] for row in attempts))
    assert 2 == len(receipts(place))
    assert [] == [path for path in place.home.inbox_follow_up.rglob("*") if path.is_file()]


def test_a_folder_of_no_team_and_one_within_a_teams_are_refused(place: Municipality) -> None:
    """One level deep and named by a team_id; whatever else is a folder stays where it is and is said."""
    (place.home.inbox_follow_up / "mevrouw").mkdir()
    (place.home.inbox_follow_up / "noord" / "november").mkdir(parents=True)
    outcome = settled(place)
    assert [RowFault("FOLLOW_UP_NOT_A_FILE")] * 2 == outcome.refused
    assert "mevrouw" not in "".join(outcome.lines)


def test_two_files_that_hold_the_same_each_have_a_receipt(place: Municipality) -> None:
    """A sheet saved as .xlsm and as .ods with equal bytes is answered twice."""
    for name in ("werklijst.xlsm", "werklijst.ods"):
        (place.home.inbox_follow_up / name).write_bytes(b"the same")
    settled(place)
    assert 2 == len(receipts(place)) == len(place.quarantined())


def test_a_receipt_names_team_number_heading_and_a_date_of_now(place: Municipality) -> None:
    """Whoever gets it knows whose sheet it was and which case on paper; no word of it is English."""
    sheet = filled_in("Z-2", **{**VISIT, "on": "gisteren"})
    (place.home.inbox_follow_up / "werklijst.xlsx").write_bytes(sheet)
    settled(place)
    (text,) = receipts(place)
    assert "Team: Wijkteam Noord, Wijkteam Centrum" in text
    line = "- Nr 2 (rij 7 van het blad), kolom Datum contact: Schrijf de datum als 10-11-2026."
    assert line in text.splitlines()


def test_a_receipt_for_lines_has_dutch_words_too(place: Municipality) -> None:
    """The text speaks of columns as the sheet does; the JSON keeps the field's name."""
    said = {"case_id": "Z-1", "attempts": [{"attempt_id": "a", "type": "Brief", "on": "2026-11-04"}]}
    (place.home.inbox_follow_up / "opvolging.jsonl").write_text(json.dumps(said) + "\n")
    settled(place)
    (text,) = receipts(place)
    assert "- rij 1, kolom Bereikt: Vul de ontbrekende waarde in." in text.splitlines()


def test_the_screen_speaks_of_columns_as_the_sheet_does(capsys: pytest.CaptureFixture[str]) -> None:
    """What `settle` prints of a refused row has the heading; another command keeps its own names."""
    for command in ("settle", "admit"):
        print_outcome(Outcome(command, refused=[RowFault("SHEET_ROW_CHANGED", "who", 3)]))
    first, second = capsys.readouterr().out.splitlines()
    assert ("(rij 3, kolom Wie)" in first, "(rij 3, kolom who)" in second) == (True, True)
