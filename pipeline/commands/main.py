"""The command line `samenloop`: every command in its own file, loaded only when it is asked for.

A module has the name of its command, so one look at the arguments tells which to load; `--help` loads them all.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from pipeline import __version__
from pipeline.commands.console import EXIT_ALL_REFUSED, EXIT_INTERRUPTED, EXIT_SOMETHING_REFUSED, Outcome
from pipeline.commands.file_rights import close_to_others
from pipeline.vocabulary.faults import RowFault

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
    "report",
    "export",
    "retire",
    "day",
    "opener",
    "status",
    "deliveries",
    "review",
    "subject",
    "journal",
    "processing",
    "migrate",
    "backup",
    "restore",
    "agreement",
    "keys",
    "airflow",
    "year",
)

PRACTICE = (["sample"], ["demo"], ["year"])
"""Nobody in what these make exists, and whoever tries them looks at it in his own way."""

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
    arguments = sys.argv[1:]
    if arguments[:1] not in PRACTICE:
        close_to_others()
    try:
        code = make_app(arguments)(prog_name="samenloop", standalone_mode=False)
    except typer.Abort:
        code = EXIT_SOMETHING_REFUSED
    except KeyboardInterrupt:  # while it is loaded; of a command that runs, the command line says the same
        code = EXIT_INTERRUPTED
    except TyperException as error:
        code = _leave_with_usage(error, arguments)
    sys.exit(code)


def _leave_with_usage(error: TyperException, arguments: Sequence[str]) -> int:
    """Say what is wrong with the way a command was asked for; where `--json` stands there, as one object too."""
    error.show()  # type: ignore[attr-defined]  # every exception that a command line raises has it
    if "--json" in arguments:
        context = getattr(error, "ctx", None)
        words = context.command_path.split()[1:] if context is not None else []
        typer.echo(Outcome(" ".join(words), refused=[RowFault("USAGE")]).as_json())
    return EXIT_ALL_REFUSED


if __name__ == "__main__":
    main()
