"""`samenloop retire` again, or after a run that was killed: the same state, the same report, nothing forgotten."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.store import tables
from pipeline.vocabulary import case as words
from tests.builders.deliveries import Municipality
from tests.builders.retirement import DUE, counts_of, delivery, fill_files, line, make_month, report, retired
from tests.builders.stewardship import (
    make_stewarded,
    put,
    put_case,
    put_line,
    put_signals,
    rows_of_table,
    stored_signal,
)


@pytest.fixture
def municipality(tmp_path: Path, database: str) -> Municipality:
    """A month with a case in each state; on both databases."""
    return make_month(tmp_path)


@pytest.fixture
def local(tmp_path: Path) -> Municipality:
    """A month with a case in each state, where the kind of database makes no difference."""
    return make_month(tmp_path)


@pytest.mark.parametrize("place_of_death", ["processings.retire_lines", "retire_lines", "retire_files"])
def test_what_earlier_runs_saw_is_not_forgotten_by_a_killed_one(
    local: Municipality, monkeypatch: pytest.MonkeyPatch, place_of_death: str
) -> None:
    """What is due by the day of an earlier run goes all the same when the run that should delete it was killed."""
    with local.run(DUE) as run:
        put_line(run, **line("2026-10-01T00:00:00Z"))
    fill_files(local)
    retired(local, date(2026, 11, 3))

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"pipeline.commands.retire.{place_of_death}", die)
        with pytest.raises(KeyboardInterrupt):
            retired(local, date(2031, 12, 1))
    retired(local, date(2031, 12, 1))
    with local.run(DUE) as run:
        assert [] == [row for row in rows_of_table(run, tables.journal) if row["action"] == "probe"]
    assert [] == list(local.home.receipts.iterdir())


def test_run_twice_is_the_same_state_and_the_same_report(municipality: Municipality) -> None:
    """The second run of a day deletes nothing, and its report tells what the day deleted."""
    fill_files(municipality)
    retired(municipality, date(2026, 11, 3))
    retired(municipality, DUE)
    once, told = snapshot(municipality), report(municipality, DUE)
    retired(municipality, DUE)
    assert once == snapshot(municipality)
    assert told == report(municipality, DUE)


def snapshot(place: Municipality, today: date = DUE) -> dict[str, Any]:
    """The state that must be the same: no instants, no sequence numbers."""
    with place.run(today) as run:
        found: dict[str, Any] = {}
        for name, table in tables.metadata.tables.items():
            if table is tables.journal_seals:
                continue
            skipped = {"seq", "at", "changed_at", "retired_at", "recorded_at", "seen_at"}
            skipped |= {"previous_hash", "line_hash", "journal_seq"}
            rows = [
                {key: str(value) for key, value in row.items() if key not in skipped}
                for row in rows_of_table(run, table)
            ]
            found[name] = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
    found["files"] = sorted(
        str(path.relative_to(place.path)) for path in place.path.rglob("*") if "samenloop.db" not in path.name
    )
    return found


KILLED_IN = (
    "pipeline.store.retirement.retire_cases",
    "pipeline.store.retirement.scrub_deliveries",
    "pipeline.commands.erasing.file_retiring.count_files",
    "pipeline.commands.erasing.file_retiring.folder.remove",
    "pipeline.commands.key_keeping.key_destruction.note_months_over",
    "pipeline.commands.key_keeping.key_destruction.overwrite_and_remove",
    "pipeline.store.retirement_ledger.clean_pages",
    "pipeline.store.retirement_ledger.finish_run",
)


def prepared(path: Path) -> Municipality:
    place = make_stewarded(path)
    with place.run(date(2026, 11, 3)) as run:
        signals = [stored_signal(partner, f"Z/{partner}") for partner in ("huur-a", "energie-a")]
        put_signals(run, signals)
        put_case(run, "Z-opened", words.OPENED, signals)
        put_signals(run, [stored_signal("water-a", "earlier", "2026-09")])
        put_case(run, "Z-old", words.WITHHELD, [], month="2024-10")
        put(run, tables.deliveries, **delivery("huur-a_2024-10_0001", month="2024-10"))
    fill_files(place)
    retired(place, date(2026, 11, 3))
    return place


@pytest.mark.parametrize("place_of_death", KILLED_IN)
def test_killed_anywhere_the_next_run_completes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place_of_death: str
) -> None:
    """Every count, file, key and row ends as in a run that nobody disturbed."""
    disturbed = prepared(tmp_path / "disturbed")
    undisturbed = prepared(tmp_path / "undisturbed")

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place_of_death, die)
        with pytest.raises(KeyboardInterrupt):
            retired(disturbed, DUE)
    retired(disturbed, DUE)
    retired(undisturbed, DUE)
    assert snapshot(undisturbed) == snapshot(disturbed)
    assert report(undisturbed, DUE) == report(disturbed, DUE)


def test_a_run_that_was_killed_on_its_day_is_told_the_next_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a killed run deleted stands in the report of its own day, written by the next."""
    place = prepared(tmp_path)

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.store.retirement.retire_cases", die)
        with pytest.raises(KeyboardInterrupt):
            retired(place, DUE)
    retired(place, date(2027, 5, 2))
    assert (3, 0, 0) == counts_of(report(place, DUE))["signals"]
    assert "signals" not in counts_of(report(place, date(2027, 5, 2)))
