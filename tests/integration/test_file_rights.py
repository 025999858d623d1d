"""Files that commands and opener write are closed to other users of the computer."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.openings import TUESDAY, keep, make_municipality_with_opener, report

RUN = "from pipeline.commands.main import main; main()"


def open_to_others(place: Path, before: set[Path]) -> list[Path]:
    """What was made since and others may read or write."""
    made = [path for path in place.rglob("*") if path not in before and not path.is_symlink()]
    assert made
    return [path for path in made if stat.S_IMODE(path.lstat().st_mode) & 0o007]


@pytest.mark.parametrize("mask", [0o022, 0o007])
def test_what_a_day_writes_is_closed_to_others(tmp_path: Path, mask: int) -> None:
    """Database, worklists, analytics and reports are for the user and the group that the caller gives them to."""
    place = make_municipality_with_opener(tmp_path)
    with place.run(TUESDAY) as run:
        keep(run, [report("huur-a", "a", "x"), report("energie-a", "b", "x")])
    before = set(place.path.rglob("*"))
    command = [sys.executable, "-c", RUN, "day", "--home", str(place.path)]
    subprocess.run([*command, "--date", str(TUESDAY)], umask=mask, check=False, capture_output=True)
    assert [] == open_to_others(place.path, before)
    (page,) = place.path.glob("outbox/worklists/noord/*/werklijst.json")
    assert 0o666 & ~mask & ~0o007 == stat.S_IMODE(page.stat().st_mode)


def test_an_opener_of_its_own_closes_what_it_writes(tmp_path: Path) -> None:
    """Started by itself it writes nothing that others may read."""
    place = make_municipality_with_opener(tmp_path)
    place.home.database.unlink()
    command = [sys.executable, "-m", "pipeline.commands.opener", "--home", str(place.path), "--once"]
    before = set(place.path.rglob("*"))
    assert 0 == subprocess.run(command, umask=0o022, check=False, capture_output=True, env=os.environ).returncode
    assert [] == open_to_others(place.path, before)
