"""Known people through a day with everything that can go wrong in it, and every place where they must not be."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.privacy.leaks import leaking_files, values_by_client
from tests.privacy.search_bytes import Needles

DAY, MONTH = "2026-11-03", "2026-10"
PROGRAM = Path(sys.executable).with_name("samenloop")


@dataclass
class Watched:
    """What processes said, and what others could see of them while they ran."""

    said: list[bytes] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)
    codes: list[int] = field(default_factory=list)

    def run(self, arguments: Sequence[str | Path], environment: dict[str, str]) -> None:
        """Run one command and look at it and its children until it ends."""
        process = subprocess.Popen(
            [str(PROGRAM), *map(str, arguments)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        ended = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(process.pid, ended))
        watcher.start()
        self.said += process.communicate()
        self.codes.append(process.returncode)
        ended.set()
        watcher.join()

    def _watch(self, pid: int, ended: threading.Event) -> None:
        while not ended.wait(0.05):
            for one in (pid, *_children(pid)):
                for name in ("cmdline", "environ"):
                    try:
                        self.seen.add(Path(f"/proc/{one}/{name}").read_bytes())
                    except OSError:
                        continue


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        direct = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []
    return [*direct, *(below for child in direct for below in _children(child))]


@dataclass(frozen=True)
class Morning:
    """A region after the day, the processes as watched, and the folder for temporary files."""

    region: Path
    watched: Watched
    temporary: Path

    @property
    def home(self) -> Path:
        return self.region / "municipality"


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    """Three partners; one delivery is changed on its way, an export lies in the inbox as it is, a sheet is odd."""
    place = tmp_path_factory.mktemp("canaries")
    region, temporary = place / "region", place / "tmp"
    temporary.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(place), "TMPDIR": str(temporary), "LC_ALL": "C.UTF-8"}
    watched = Watched()
    watched.run(["sample", region, "--households", "120", "--seed", "9", "--month", MONTH], environment)
    home = region / "municipality"
    partners = sorted((region / "partners").iterdir())[:3]
    for partner in partners:
        export = partner / f"export-{MONTH}.csv"
        papers = ["--agreement", home / "agreement.json", "--keys", partner / "keys.json", "--month", MONTH]
        watched.run(["partner", "check", export], environment)
        watched.run(
            ["partner", "seal", export, *papers, "--out", home / "inbox" / "deliveries", "--json"], environment
        )
    changed = home / "inbox" / "deliveries" / f"{partners[0].name}_{MONTH}_0001" / "signals.sealed"
    changed.write_bytes(changed.read_bytes()[:-9] + b"x" * 9)
    export = (partners[1] / f"export-{MONTH}.csv").read_bytes()
    (home / "inbox" / "deliveries" / "achterstanden.csv").write_bytes(export)
    (home / "inbox" / "follow_up" / "werklijst.csv").write_bytes(b"case_id;Wie\n" + export)
    (home / "inbox" / "follow_up" / "lijst.jsonl").write_bytes(export)
    for _ in range(2):
        watched.run(["day", "--home", home, "--date", DAY], environment)
    watched.run(["status", "--home", home, "--date", DAY], environment)
    watched.run(["journal", "show", "--home", home, "--date", DAY, "--json"], environment)
    watched.run(["backup", "--home", home, "--out", place / "backup", "--date", DAY], environment)
    return Morning(region, watched, temporary)


@pytest.fixture(scope="module")
def needles(morning: Morning) -> Needles:
    return Needles(set().union(*values_by_client(morning.region).values()))


def test_the_day_was_run_and_things_went_wrong(morning: Morning) -> None:
    """A day in which nothing is refused, or nobody revealed, would prove little."""
    assert 70 not in morning.watched.codes
    assert {0, 1} <= set(morning.watched.codes)
    said = b"".join(morning.watched.said)
    assert b"CHECKSUM_ERROR" in said
    assert b"NOT_A_FOLDER" in said
    assert list((morning.home / "outbox" / "worklists").rglob("werklijst.json"))
    assert list((morning.region.parent / "backup").rglob("*"))


def test_nobody_stands_in_what_commands_say(morning: Morning, needles: Needles) -> None:
    """Output and errors of every command, also of those that refuse."""
    assert 0 == needles.found_in(b"\n".join(morning.watched.said))


def test_nobody_stands_where_other_users_look(morning: Morning, needles: Needles) -> None:
    """Arguments and environment of the commands and of every child they start."""
    assert len(morning.watched.seen) > 10
    assert 0 == needles.found_in(b"\n".join(sorted(morning.watched.seen)))


def test_nobody_stands_in_files_but_worklists_and_the_export_in_quarantine(
    morning: Morning, needles: Needles
) -> None:
    """Store, receipts, quarantine, analytics, reports, backup, temporary files; a plain export stays as it is."""
    values = set().union(*values_by_client(morning.region).values())
    places = [morning.home, morning.temporary, morning.region.parent / "backup"]
    found = leaking_files(values, *places, leave_out=morning.home / "outbox" / "worklists")
    assert {"achterstanden.csv"} == {line.partition(":")[0] for line in found}
    assert leaking_files(values, morning.home / "outbox" / "worklists")
