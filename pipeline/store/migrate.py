"""Migrations of the store, run when it is opened and only when they are needed.

Alembic is loaded when there is something to do: on every other day the numbers of the files tell enough, and a
command starts a third of a second sooner.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa

from pipeline.store.rights import grant_rights
from pipeline.vocabulary.faults import Refused

MIGRATIONS = Path(__file__).with_name("migrations")
_NOT_ALLOWED = "42501"
_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String))


@lru_cache(maxsize=1)
def revisions() -> tuple[str, ...]:
    """Every revision, oldest first: a migration's file begins with its number."""
    return tuple(sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))


def is_up_to_date(connection: sa.Connection) -> bool:
    """Whether no migration is lacking; reads only."""
    return current_revision(connection) == revisions()[-1]


def bring_up_to_date(engine: sa.Engine) -> None:
    """Run the migrations that the database lacks, in one transaction.

    Raises:
        Refused: DATABASE_NEWER when a newer version of Samenloop made the database.
    """
    with engine.begin() as connection:
        current = current_revision(connection)
        if current == revisions()[-1]:
            return
        if current is not None and current not in revisions():
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
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    revision: str | None = connection.scalar(sa.select(_VERSION.c.version_num))
    return revision


def bring_to(connection: sa.Connection, revision: str) -> None:
    """Run the migrations up to a revision, in the transaction of the caller.

    Raises:
        Refused: DATABASE_NEWER when this version does not know the revision.
    """
    if revision != "head" and revision not in revisions():
        raise Refused("DATABASE_NEWER")
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
