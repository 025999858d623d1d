"""The five things that a privacy officer can do alone: typed in this order they give what the runbook shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.stewardship.verify_journal import CHANGED, DROPPED, REWRITTEN, SWAPPED, TRUNCATED
from pipeline.vocabulary.faults import FAULTS

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"
HEADING = "## De privacyfunctionaris: vijf dingen die u alleen kunt"
CASE = re.compile(r"Z-[0-9a-f]{32}")
SIGNAL = re.compile(r"[a-z-]+/\d{4}-\d{2}/[0-9a-f]{32}")
BACKUP = re.compile(r"media/reservekopie-GM9901-\w{4}-\d\d-\w+\.samenloop")
ALSO_FOR_OTHERS = ("JOURNAL_NOT_HELD", "DATABASE_DAMAGED")
OF_VERIFYING = ("JOURNAL_SEAL_BROKEN", "JOURNAL_UNSEALED", "RESTORE_UNPROVEN", *ALSO_FOR_OTHERS)
ASKED = re.compile(r"^Typ het klantnummer: (\d+)$", re.M)


def section() -> str:
    text = RUNBOOK.read_text(encoding="utf-8")
    return re.split(r"^## ", text.partition(HEADING)[2], maxsplit=1, flags=re.M)[0]


def steps() -> list[tuple[str, str]]:
    """Commands in order, each with what the runbook shows of it."""
    found: list[tuple[str, str]] = []
    for language, block in re.findall(r"^```(sh|console)\n(.*?)^```", section(), re.M | re.S):
        if language == "sh":
            found.append((block, ""))
            continue
        for one in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, shown = one.partition("\n")
            found.append((command, shown))
    return found


def test_the_five_things_in_this_order(tmp_path: Path) -> None:
    """In an empty folder, with the reader's own numbers, each command ends and begins as the runbook says."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "NO_COLOR": "1"}
    own: dict[re.Pattern[str], str] = {}
    for command, shown in steps():
        typed = command
        for pattern, value in own.items():
            typed = pattern.sub(value, typed)
        number = ASKED.search(shown)
        done = subprocess.run(
            ["bash", "-eu", "-c", typed],
            cwd=tmp_path,
            env=environment,
            input=number[1] if number else "",
            capture_output=True,
            text=True,
            check=False,
        )
        for pattern in (CASE, SIGNAL, BACKUP):
            if pattern not in own and (seen := pattern.search(done.stdout)):
                own[pattern] = seen[0]
        expected = 1 if shown.startswith("HET JOURNAAL IS NIET HEEL") else 2 if "LEDGER_BEHIND" in shown else 0
        assert expected == done.returncode, (typed, done.stderr)
        if shown and number is None:
            said = (done.stdout or done.stderr).splitlines()
            assert plain(shown.splitlines()[0]) == plain(said[0]), typed


def plain(line: str) -> str:
    """A line without what is another on each region: numbers, times, names of teams, widths of columns."""
    return " ".join(re.sub(r"[0-9][0-9:TZ.-]*|Wijkteam [\w ]+", "# ", line).split())


@pytest.mark.parametrize("code", [CHANGED, DROPPED, SWAPPED, TRUNCATED, REWRITTEN, *OF_VERIFYING])
def test_what_verifying_finds_points_to_what_helps(code: str) -> None:
    """Who verifies is the privacy officer: he is sent to his step of the runbook, and not to himself."""
    step = FAULTS[code].next_step
    assert ("datalek" in step, "Klopt het journaal?" in step) == (True, True)
    assert code in ALSO_FOR_OTHERS or "privacyfunctionaris" not in step
    told = section().partition("### 2. Klopt het journaal?")[2].partition("### 3.")[0]
    assert [] == [word for word in ("bewijs", "--head", "72 uur") if word not in told]


def test_whoever_types_a_command_need_not_guess_where() -> None:
    """Each command of these five things that works on a home or on keys says on which, in the text too."""
    commands = re.findall(r"`(samenloop [^`]+)`", section()) + [command for command, _ in steps()]
    works = re.compile(
        r"^samenloop (journal (list|show|verify|confirm-restore)|processing list|subject|backup|retire)"
    )
    asked = [command for command in commands if works.match(command) and len(command.split()) > 3]
    assert len(asked) > 10
    assert [] == [command for command in asked if "--home" not in command]
