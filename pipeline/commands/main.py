"""The command line `samenloop`: every command in its own file, loaded only when it is asked for.

A module has the name of its command, so one look at the arguments tells which to load; `--help` loads them all.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import typer

from pipeline import __version__

# In the order in which `--help` shows them. Each module has `register(app)`.
COMMAND_MODULES = (
    "demo",
    "sample",
    "partner",
    "admit",
    "match",
    "reveal",
    "settle",
    "publish",
    "retire",
    "day",
    "opener",
    "status",
    "deliveries",
    "review",
    "journal",
    "agreement",
    "keys",
    "airflow",
)

HELP = """Early warning of household debt, without names before there is a case.

Start with `samenloop demo`, or make a practice region by hand:

  samenloop sample region --households 2000 --seed 1 --month 2026-10
"""


def make_app(arguments: Sequence[str] = ()) -> typer.Typer:
    """The command line, or the part of it that the arguments ask for."""
    app = typer.Typer(
        name="samenloop",
        help=HELP,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback(invoke_without_command=True)
    def root(version: bool = typer.Option(False, "--version", help="Show the version and stop.")) -> None:
        if version:
            typer.echo(f"samenloop {__version__}")
            raise typer.Exit

    for name in [name for name in COMMAND_MODULES if name in arguments[:1]] or COMMAND_MODULES:
        importlib.import_module(f"pipeline.commands.{name}").register(app)
    return app


def main() -> None:
    """Entry point of the console script."""
    sys.exit(make_app(sys.argv[1:])())
