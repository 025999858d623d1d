"""Who acts: the name that stands in the journal beside a decision that a person takes."""

from __future__ import annotations

import os
import pwd
from typing import Annotated

import typer

ActorOption = Annotated[
    str | None, typer.Option("--actor", help="Who decides. Default: the user of this computer.")
]


def user_of_this_computer() -> str:
    """The name of the user under whom this process runs."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"
