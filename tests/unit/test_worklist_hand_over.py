"""Handing over: three files with one content, each whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.revealed import hand_over_worklist
from pipeline.revealed.hand_over_worklist import JSON, PAGE, SHEET, hand_over
from pipeline.revealed.worklist import as_json
from tests.builders.worklists import entry, example_worklist, facts, worklist_of

OTHER = worklist_of(entry(facts(9), ("stroomdal", 0, {}), ("vaartwater", 0, {})))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_folder_holds_page_sheet_and_json(tmp_path: Path) -> None:
    """`<team>/<date>/werklijst.{html,xlsx,json}` and nothing else."""
    folder = hand_over(tmp_path, example_worklist())
    assert tmp_path / "noord" / "2026-10-06" == folder
    assert {PAGE, SHEET, JSON} == set(contents(folder))
    assert as_json(example_worklist()) == (folder / JSON).read_bytes()


def test_same_list_twice_is_the_same_files(tmp_path: Path) -> None:
    """Not a byte differs."""
    first = contents(hand_over(tmp_path, example_worklist()))
    assert first == contents(hand_over(tmp_path, example_worklist()))


def test_disk_that_is_full_leaves_the_former_list_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is replaced before everything was written; what is left behind is gone after the next run."""
    folder = hand_over(tmp_path, example_worklist())
    before = contents(folder)
    really = hand_over_worklist._write_aside

    def write_half(path: Path, content: bytes) -> None:
        really(path, content[: len(content) // 2])
        if path.name.endswith(JSON):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(hand_over_worklist, "_write_aside", write_half)
    with pytest.raises(OSError, match="No space"):
        hand_over(tmp_path, OTHER)
    assert before == {name: content for name, content in contents(folder).items() if not name.startswith(".")}
    monkeypatch.undo()
    hand_over(tmp_path, OTHER)
    assert {PAGE, SHEET, JSON} == set(contents(folder))
    assert as_json(OTHER) == (folder / JSON).read_bytes()
