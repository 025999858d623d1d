"""Who acts: the name that stands in the journal beside a decision that a person takes."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from pipeline.commands.console import Outcome, run_command
from pipeline.commands.journal_keeping.kept_head import open_working_run
from pipeline.commands.wiring import Run

ActorOption = Annotated[
    str | None, typer.Option("--actor", help="Who decides. Default: the user of this computer.")
]


def user_of_this_computer() -> str:
    """The name of the user under whom this process runs."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"


def run_as(
    command: str,
    work: Callable[[Run], Outcome],
    home: Path | None,
    day: date | None,
    *,
    as_json: bool,
    actor: str | None = None,
) -> NoReturn:
    """Run a command's work on a home, under the name of whoever acts, and leave with its exit code."""

    def opened() -> Outcome:
        with open_working_run(home, day, actor or user_of_this_computer()) as run:
            return replace(work(run), command=command)

    run_command(opened, command, as_json=as_json)
