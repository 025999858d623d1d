"""A sample of `make faults`, and proof that the harness sees what it must see."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.region import person
from tests.simulation.state import canaries, compared

COMMITS = {
    "admit": {"admit_delivery"},
    "match": {"match_month"},
    "reveal": {"order_worklists", "note_openings", "answer_openings", "hand_over_worklists"},
}
FILES = ("write outbox/", "rename outbox/", "rename inbox/", "remove quarantine/", "rename .analytics.duckdb")


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_sample_of_faults_loses_doubles_and_leaks_nothing(tmp_path: Path, database: str) -> None:
    """A command that was struck and is run again leaves what it leaves undisturbed; its commits were struck at."""
    asked = ["--databases", database, "--days", "2", "--most", "8", "--workers", "1", "--tally", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation.faults", *asked], capture_output=True, text=True, check=False
    )
    assert (0, "") == (done.returncode, done.stderr if done.returncode else "")
    lines = [json.loads(line) for line in (tmp_path / "tally.jsonl").read_text().splitlines()]
    assert (8, 0) == (len(lines), sum(line["lost"] + line["doubled"] + line["leaked"] for line in lines))
    passed = (tmp_path / "checkpoints.txt").read_text().splitlines()
    for step, names in COMMITS.items():
        for name in names:
            assert {f"{step} commit {name}", f"{step} committed {name}"} <= set(passed)
    assert [] == [start for start in FILES if not any(line.partition(" ")[2].startswith(start) for line in passed)]


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
