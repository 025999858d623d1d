"""A sample of `make faults`, and proof that the harness sees what it must see."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.plan import AT_RANDOM, FILE_LIMIT, KINDS, SQLITE, TURNS, Prepared, plan
from tests.simulation.processes import Place
from tests.simulation.region import DAYS, person
from tests.simulation.seam import DATABASE_GONE
from tests.simulation.state import canaries, compared

COMMITS = {
    "admit": {"admit_delivery"},
    "match": {"match_month"},
    "reveal": {"order_worklists", "note_openings", "answer_openings", "hand_over_worklists"},
}
GIVEN_COMMITS = {
    "deliveries release": {"release_delivery"},
    "review accept": {"review_case"},
    "backup": {"back_up"},
    "subject erase": {"erase_subject"},
    "restore": {"restore"},
}
GIVEN_FILES = (
    "keys rotate link keys/",
    "keys rotate rename .directory.json",
    "backup rename media/",
    "subject erase rename .wisregister.jsonl",
    "subject erase remove outbox/worklists",
)
FAULTS = 12
FILES = ("write outbox/", "rename outbox/", "rename inbox/", "remove quarantine/", "rename .analytics.duckdb")


def run_faults(*asked: str) -> list[str]:
    """Run the harness; the checkpoints that it listed, by command."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation.faults", *asked], capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return (Path(asked[-1]) / "checkpoints.txt").read_text().splitlines()


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_sample_of_faults_loses_doubles_and_leaks_nothing(tmp_path: Path, database: str) -> None:
    """A command that was struck, in whichever way, and is run again leaves what it leaves undisturbed."""
    asked = ["--databases", database, "--days", "2", "--most", str(FAULTS), "--workers", "1"]
    passed = run_faults(*asked, "--tally", str(tmp_path))
    lines = [json.loads(line) for line in (tmp_path / "tally.jsonl").read_text().splitlines()]
    assert (FAULTS, 0) == (len(lines), sum(line["lost"] + line["doubled"] + line["leaked"] for line in lines))
    kinds = set(KINDS) - ({DATABASE_GONE} if database == SQLITE else set())
    assert kinds == {line["kind"] for line in lines}
    # A command may end before its hour strikes, or write less than the limit.
    assert kinds - {AT_RANDOM, FILE_LIMIT} <= {line["kind"] for line in lines if line["injected"]}
    for step, names in COMMITS.items():
        for name in names:
            assert {f"{step} commit {name}", f"{step} committed {name}"} <= set(passed)
    assert [] == [start for start in FILES if not any(line.partition(" ")[2].startswith(start) for line in passed)]


def test_what_a_person_commands_has_checkpoints(tmp_path: Path) -> None:
    """Releases, reviews, new keys, backups, erasures and restores can be struck at their commits and files."""
    passed = run_faults("--databases", SQLITE, "--days", "7", "--most", "0", "--tally", str(tmp_path))
    commits = {f"{step} {what} {name}" for step, names in GIVEN_COMMITS.items() for name in names
               for what in ("commit", "committed")}  # fmt: skip
    assert set() == commits - set(passed)
    assert [] == [start for start in GIVEN_FILES if not any(line.startswith(start) for line in passed)]


def test_any_first_part_of_the_plan_has_every_kind() -> None:
    """Kinds take turns, and no moment comes twice before each came once."""
    passed = ("write a", "commit b", "committed b") * 3
    prepared = [Prepared(Place(Path()), day, "admit", passed, {}, 1.0, {}) for day in DAYS]
    planned = plan("postgresql", prepared)
    assert set(KINDS) == {fault.kind for fault in planned[: len(TURNS)]}
    kills = [fault.checkpoint for fault in planned if fault.kind == "kill"]
    assert [{"write a", "committed b"}] * 2 == [set(kills[:2]), set(kills[2:4])]


def test_what_differs_is_lost_or_doubled() -> None:
    """One row too few is lost, one too many doubled; an opening that was begun again is neither."""
    begun = json.dumps({"action": "open_contacts"})
    other = json.dumps({"action": "open_case"})
    expected = {"table cases": ["a", "b"], "table journal": [begun, other]}
    found = {"table cases": ["a", "a"], "table journal": [begun, begun, other]}
    assert (["table cases: b"], ["table cases: a"]) == compared(expected, found)


def test_what_a_killed_run_counted_adds_up_with_the_next() -> None:
    """Two lines on files that were destroyed are as good as one of their sum, and no better than that."""

    def line(count: int) -> str:
        counts = {"deleted": count}
        row = {"action": "retire", "object": "receipts", "counts": counts, "transaction_name": "retire_files"}
        return json.dumps(row)

    halves = {"table journal": [line(12), line(17)]}
    assert ([], []) == compared({"table journal": [line(29)]}, halves)
    assert [1, 1] == [len(found) for found in compared({"table journal": [line(30)]}, halves)]


def test_a_canary_is_found_in_disguise() -> None:
    """In capitals, and in hexadecimal."""
    surname = person("anna")["surname"]
    assert [True, True, False] == [
        bool(canaries(("anna",)).found_in(content))
        for content in (surname.upper().encode(), surname.encode().hex().encode(), b"x" * 400)
    ]
