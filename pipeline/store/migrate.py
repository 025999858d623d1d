"""Migrations of the store, run when it is opened and only when they are needed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from pipeline.store.rights import grant_rights
from pipeline.vocabulary.faults import Refused

_NOT_ALLOWED = "42501"


@lru_cache(maxsize=1)
def _scripts() -> tuple[Config, ScriptDirectory]:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config, ScriptDirectory.from_config(config)


def is_up_to_date(connection: sa.Connection) -> bool:
    """Whether no migration is lacking; reads only."""
    return current_revision(connection) == _scripts()[1].get_current_head()


def bring_up_to_date(engine: sa.Engine) -> None:
    """Run the migrations that the database lacks, in one transaction.

    Raises:
        Refused: DATABASE_NEWER when a newer version of Samenloop made the database.
    """
    _, scripts = _scripts()
    with engine.begin() as connection:
        current = current_revision(connection)
        if current == scripts.get_current_head():
            return
        if current is not None and not _is_known(current):
            raise Refused("DATABASE_NEWER")
        try:
            bring_to(connection, "head")
        except sa.exc.ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) == _NOT_ALLOWED:
                raise Refused("DATABASE_OLDER") from None
            raise
        if connection.dialect.name != "sqlite":
            grant_rights(connection)


def current_revision(connection: sa.Connection) -> str | None:
    """The revision of the tables; None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def bring_to(connection: sa.Connection, revision: str) -> None:
    """Run the migrations up to a revision, in the transaction of the caller.

    Raises:
        Refused: DATABASE_NEWER when this version does not know the revision.
    """
    if revision != "head" and not _is_known(revision):
        raise Refused("DATABASE_NEWER")
    config, _ = _scripts()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _is_known(revision: str) -> bool:
    return revision in {script.revision for script in _scripts()[1].walk_revisions()}
