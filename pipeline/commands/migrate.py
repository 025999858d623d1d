"""`samenloop migrate`: make or bring up to date the tables of a municipality, and say who may do what to them.

On SQLite every command does so by itself. In a deployment on PostgreSQL the steps and the opener may not: this
runs before them, as the owner of the tables.
"""

from __future__ import annotations

import typer

from pipeline.commands.console import Outcome, run_command
from pipeline.commands.documents import read_directory
from pipeline.commands.options import HomeOption, JsonOption
from pipeline.commands.wiring import Home, home_path, open_store
from pipeline.store.copies import revision_of
from pipeline.vocabulary.faults import Refused

COMMAND = "migrate"


def migrate(home: Home) -> Outcome:
    """Bring the tables up to date.

    Raises:
        Refused: HOME_MISSING, DATABASE_UNREACHABLE, DATABASE_NEWER, DATABASE_OLDER.
    """
    if not home.directory_file.is_file():
        raise Refused("HOME_MISSING", hint=f"({home.path.name})")
    store = open_store(home, read_directory(home.directory_file).gemeentecode)
    try:
        return Outcome(COMMAND, {"revision": int(revision_of(store))}, lines=["De tabellen zijn bij."])
    finally:
        store.close()


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def command(home: HomeOption = None, as_json: JsonOption = False) -> None:
        """Bring the tables up to date, as their owner; needed on PostgreSQL only.

        Example: samenloop migrate --home region/municipality
        """
        run_command(lambda: migrate(Home(home_path(home))), COMMAND, as_json=as_json)
