"""Every command ends with a promised exit code, and with `--json` it prints one object, whatever went wrong."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest
import typer

from pipeline.commands import wiring
from pipeline.commands.console import Outcome, print_outcome, run_command
from pipeline.commands.main import main
from pipeline.vocabulary.faults import Refused
from tests.builders.deliveries import make_municipality


@pytest.mark.parametrize(
    ("error", "code"),
    [(OSError(errno.ENOSPC, "no space"), "DISK_FULL"), (Refused("NOT_FOUND", "case"), "NOT_FOUND")],
)
def test_what_stops_a_command_is_one_object_too(
    error: Exception, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A disk without room is a refusal like others: exit 2, its code on stdout, the next step on stderr."""

    def work() -> Outcome:
        raise error

    with pytest.raises(typer.Exit) as left:
        run_command(work, "admit", as_json=True)
    captured = capsys.readouterr()
    printed = json.loads(captured.out)
    assert (2, "admit", [code]) == (
        left.value.exit_code,
        printed["command"],
        [one["code"] for one in printed["refused"]],
    )
    assert f"→ {Refused(code).next_step}" in captured.err


def test_a_bug_is_one_object_too(capsys: pytest.CaptureFixture[str]) -> None:
    """A script that reads the object learns of a bug, and nothing of what the failing call held."""

    def work() -> Outcome:
        raise ValueError("Jan Kanarie")

    with pytest.raises(typer.Exit) as left:
        run_command(work, "admit", as_json=True)
    captured = capsys.readouterr()
    assert (70, ["BUG"]) == (left.value.exit_code, [one["code"] for one in json.loads(captured.out)["refused"]])
    assert "Kanarie" not in captured.out + captured.err
    assert "No step was kept by half; steps before it may be done." in captured.err


@pytest.mark.parametrize("words", [["day", "--bogus"], ["deliveries", "list", "--bogus"]])
def test_a_wrong_option_is_one_object_too(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever mistypes an option in a script gets exit 2, and the command's whole name in the object."""
    monkeypatch.setattr(sys, "argv", ["samenloop", *words, "--json"])
    with pytest.raises(SystemExit) as left:
        main()
    printed = json.loads(capsys.readouterr().out)
    assert (2, " ".join(words[:-1]), "USAGE") == (
        left.value.code,
        printed["command"],
        printed["refused"][0]["code"],
    )


def test_who_interrupts_while_it_loads_reads_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with 130 at any moment, as a shell expects."""

    def interrupted(_arguments: list[str]) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.commands.main.make_app", interrupted)
    with pytest.raises(SystemExit) as left:
        main()
    assert 130 == left.value.code


@pytest.mark.parametrize("words", [["keys", "check"], ["status"]])
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_an_answer_that_finds_no_room_is_a_full_disk(tmp_path: Path, words: list[str], options: list[str]) -> None:
    """Sent to a file on a full disk: said once, and Python says nothing of its own."""
    place = make_municipality(tmp_path)
    command = [sys.executable, "-m", "pipeline.commands.main", *words, "--home", str(place.path), *options]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    lines = [line for line in done.stderr.splitlines() if line]
    assert (2, 2) == (done.returncode, len(lines)), done.stderr
    assert lines[0].startswith("DISK_FULL")


def test_people_read_dutch_words_and_no_noughts(capsys: pytest.CaptureFixture[str]) -> None:
    """What did not happen is not said; scripts still find every count in the object."""
    print_outcome(Outcome("admit", {"admitted": 2, "held": 0}, paths={"worklist team-a": "x"}))
    assert "  aanleveringen toegelaten: 2\n  werklijst team-a: x\n" == capsys.readouterr().out


def test_sixty_worklists_do_not_fill_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    """The first eight places of a kind are named, the others counted."""
    print_outcome(Outcome("reveal", paths={f"worklist team-{number}": "x" for number in range(60)}))
    lines = capsys.readouterr().out.splitlines()
    assert (9, "  … en nog 52 maal werklijst; --json noemt ze alle") == (len(lines), lines[-1])


def test_a_home_needs_the_schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that was installed without them says so before it touches anything."""
    monkeypatch.setattr(wiring, "SCHEMAS", tmp_path / "none")
    with pytest.raises(Refused, match=r"^INSTALLATION_INCOMPLETE$"), wiring.open_run(tmp_path):
        pass
