"""Follow-up in the inbox that may not be read, or changes meanwhile: none is lost, none stops the others."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.channels import folder
from pipeline.commands.at_the_inbox import follow_up_taking
from pipeline.commands.settle import settle
from pipeline.store import tables
from pipeline.vocabulary.case import REVEALED
from pipeline.vocabulary.faults import Refused
from tests.builders.deliveries import TODAY, Municipality
from tests.builders.stewardship import make_stewarded, put_case, put_signals, rows_of_table, stored_signal


@pytest.fixture
def place(tmp_path: Path) -> Municipality:
    """A municipality with one shown case, and a team whose folder is in the inbox."""
    made = make_stewarded(tmp_path)
    with made.run(TODAY) as run:
        signals = [stored_signal(partner, f"Z-1/{partner}") for partner in ("huur-a", "energie-a")]
        put_signals(run, signals)
        put_case(run, "Z-1", REVEALED, signals)
    (made.home.inbox_follow_up / "noord").mkdir()
    return made


def written(attempt_id: str) -> str:
    attempt = {"attempt_id": attempt_id, "type": "Huisbezoek", "is_reached": True, "on": TODAY.isoformat()}
    return json.dumps({"case_id": "Z-1", "sheet_version": "x", "attempts": [attempt]}) + "\n"


def attempts(run: Any) -> list[str]:
    return sorted(row["attempt_id"] for row in rows_of_table(run, tables.attempts))


def refusing(function: str, which: str, trouble: Exception) -> Any:
    """The same function of the channel, but of one file or folder it raises."""
    real = getattr(folder, function)

    def called(*args: Any, **options: Any) -> Any:
        if which in (Path(str(part)).name for part in args):
            raise trouble
        return real(*args, **options)

    return called


@pytest.mark.parametrize(
    ("function", "which"),
    [("read_file_and_status", "a.jsonl"), ("list_entries", "noord"), ("opened_folder", "noord")],
)
def test_what_may_not_be_read_is_left_and_stops_nothing(
    place: Municipality, monkeypatch: pytest.MonkeyPatch, function: str, which: str
) -> None:
    """A file, or a team's folder, of another user stays and is said; the others count, and it does later."""
    closed = place.home.inbox_follow_up / ("a.jsonl" if which == "a.jsonl" else "noord/a.jsonl")
    closed.write_text(written("a"))
    (place.home.inbox_follow_up / "b.jsonl").write_text(written("b"))
    with place.run(TODAY) as run:
        with monkeypatch.context() as patch:
            patch.setattr(folder, function, refusing(function, which, PermissionError(errno.EACCES, "closed")))
            outcome = settle(run)
        assert (["NO_PERMISSION"], ["b"]) == ([fault.code for fault in outcome.refused], attempts(run))
        assert closed.exists()
        assert any("blijft in de inbox" in line for line in outcome.lines)
        assert ([], ["a", "b"]) == (settle(run).refused, attempts(run))
        assert not closed.exists()


def test_what_may_not_be_taken_out_counts_once(place: Municipality, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was recorded and may not be removed is said, stops nothing, and counts no second time."""
    for name in ("a", "b"):
        (place.home.inbox_follow_up / f"{name}.jsonl").write_text(written(name))

    def closed(path: Path, *_: Any) -> None:
        if path.name == "a.jsonl":
            raise PermissionError(errno.EACCES, "closed")
        path.unlink()

    with place.run(TODAY) as run:
        with monkeypatch.context() as patch:
            patch.setattr(follow_up_taking, "_take_out", closed)
            assert ["NO_PERMISSION"] == [fault.code for fault in settle(run).refused]
        assert ["a.jsonl", "noord"] == sorted(path.name for path in place.home.inbox_follow_up.iterdir())
        assert ([], ["a", "b"]) == (settle(run).refused, attempts(run))


@pytest.mark.parametrize("trouble", [OSError(errno.ENOSPC, ""), Refused("WRITER_LOCK_LOST")])
def test_a_full_disk_or_a_lost_lock_is_no_fault_of_the_file(
    place: Municipality, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    """These stop the command, and the file waits for the next run."""
    path = place.home.inbox_follow_up / "a.jsonl"
    path.write_text(written("a"))
    with place.run(TODAY) as run:
        with monkeypatch.context() as patch:
            patch.setattr(follow_up_taking, "_keep", lambda *_: (_ for _ in ()).throw(trouble))
            with pytest.raises(type(trouble)):
                settle(run)
        assert (True, []) == (path.exists(), attempts(run))


def test_a_file_that_is_edited_in_its_place_while_it_is_read_is_read_again(
    place: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same length and in the same file, the second word counts too."""
    path = place.home.inbox_follow_up / "a.jsonl"
    path.write_text(written("a"))
    keep = follow_up_taking._keep

    def edit(*args: Any) -> None:
        keep(*args)
        with path.open("r+") as stream:
            stream.write(written("z"))
        os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))

    with place.run(TODAY) as run:
        with monkeypatch.context() as patch:
            patch.setattr(follow_up_taking, "_keep", edit)
            settle(run)
        assert (True, ["a"]) == (path.exists(), attempts(run))
        settle(run)
        assert (False, ["a", "z"]) == (path.exists(), attempts(run))
