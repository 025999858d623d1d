"""Every command ends with a promised exit code, and with `--json` it prints one object, whatever went wrong."""

from __future__ import annotations

import errno
import json

import pytest
import typer

from pipeline.commands.console import Outcome, run_command
from pipeline.vocabulary.faults import Refused


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
