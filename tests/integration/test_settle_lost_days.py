"""A list that a team really had counts, also where the store has forgotten the day of it."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.at_the_inbox import follow_up_taking
from pipeline.commands.at_the_opener import answer_order
from pipeline.commands.backup import backup
from pipeline.commands.key_keeping.key_making import BACKUP, new_municipal_key
from pipeline.commands.restore import restore
from pipeline.commands.route import route
from pipeline.commands.settle import settle
from pipeline.vocabulary.case import IN_PROGRESS
from pipeline.vocabulary.faults import RowFault
from tests.builders.deliveries import GEMEENTE, Municipality
from tests.builders.openings import TUESDAY, keep, make_municipality_with_opener, reveal_here, rows_in
from tests.builders.returned import Returned
from tests.builders.subjects import PAIR

MONDAY = TUESDAY - timedelta(days=1)
WEDNESDAY = TUESDAY + timedelta(days=1)
VISIT = {"type": "Huisbezoek", "part_of_day": "Avond", "is_reached": "Ja"}


def sheet_of_tuesday(place: Municipality, **values: Any) -> Returned:
    """Tuesday's sheet as it lies in the outbox, filled in for the only case."""
    with place.run(TUESDAY) as run:
        (case,) = rows_in(run, "cases")
    path = place.home.worklists / case["team_id"] / str(TUESDAY) / "werklijst.xlsx"
    return Returned.opened(path.read_bytes()).fill(case["case_id"], **values)


def returned(place: Municipality, sheet: Returned, kind: str = "xlsx", day: date = WEDNESDAY) -> list[RowFault]:
    """What is refused of the sheet when it is returned that day."""
    content = sheet.csv() if kind == "csv" else sheet.xlsx()
    (place.home.inbox_follow_up / f"terug.{kind}").write_bytes(content)
    with place.run(day) as run:
        return settle(run).refused


def kept(place: Municipality) -> tuple[list[str], list[str]]:
    """Days of the attempts, and states of the cases."""
    with place.run(WEDNESDAY) as run:
        days = [row["attempted_on"] for row in rows_in(run, "attempts")]
        return days, [row["state"] for row in rows_in(run, "cases")]


def stopped_before_it_was_kept(place: Municipality, patch: pytest.MonkeyPatch) -> None:
    """Tuesday's lists lie in the outbox, and the opener stops before the store knows."""

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with place.run(TUESDAY) as run, patch.context() as context:
        keep(run, PAIR)
        context.setattr(answer_order, "_finish", die)
        with pytest.raises(KeyboardInterrupt):
            reveal_here(run)


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_visit_of_the_day_on_which_the_opener_was_stopped_counts(
    place: Municipality, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The case is on the books since Wednesday; the row itself bears out that it was on Tuesday's list."""
    stopped_before_it_was_kept(place, monkeypatch)
    sheet = sheet_of_tuesday(place, **VISIT, on=TUESDAY)
    with place.run(WEDNESDAY) as run:
        reveal_here(run)
        assert [str(WEDNESDAY)] == [row["first_revealed_on"] for row in rows_in(run, "cases")]
    assert [] == returned(place, sheet, kind)
    assert ([str(TUESDAY)], [IN_PROGRESS]) == kept(place)


def test_a_day_before_the_list_that_was_filled_in_is_refused(
    place: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tuesday's sheet bears out Tuesday, and no day before it."""
    stopped_before_it_was_kept(place, monkeypatch)
    sheet = sheet_of_tuesday(place, **VISIT, on=MONDAY)
    with place.run(WEDNESDAY) as run:
        reveal_here(run)
    assert [RowFault("DATE_BEFORE_CASE", "on", 1)] == returned(place, sheet)
    assert [] == kept(place)[0]


def test_what_a_team_did_after_the_backup_counts_after_the_next_lists(tmp_path: Path) -> None:
    """Backup on Monday, list and visit on Tuesday, restore on Wednesday: the receipt's next step brings it in."""
    place = make_municipality_with_opener(tmp_path)
    shutil.copy(place.home.opener_keys_dir / "trust.json", place.home.keys_dir / "trust.json")
    new_municipal_key(place.path, BACKUP, GEMEENTE, date(2026, 1, 1))
    with place.run(MONDAY) as run:
        keep(run, PAIR)
        route(run)
    with place.run(MONDAY) as run:
        file = Path(backup(run, tmp_path.parent / f"{tmp_path.name}-media").paths["backup"])
    with place.run(TUESDAY) as run:
        reveal_here(run)
    sheet = sheet_of_tuesday(place, **VISIT, on=TUESDAY)
    for path in place.path.glob("samenloop.db*"):
        path.unlink()
    (place.path / "wisregister.jsonl").touch()
    told = restore(place.path, file, None, WEDNESDAY, "test")
    assert told.lines[-1].startswith("Zijn de volgende werklijsten er?")
    assert ["CASE_NOT_SHOWN"] == [fault.code for fault in returned(place, sheet)]
    with place.run(WEDNESDAY) as run:
        (receipt,) = follow_up_taking.receipts_folder(run).glob("*.txt")
        assert "Lever deze lijst opnieuw in als de volgende werklijst er is" in receipt.read_text()
        reveal_here(run)
    assert [] == returned(place, sheet)
    assert ([str(TUESDAY)], [IN_PROGRESS]) == kept(place)
