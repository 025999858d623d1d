"""How a store is reached: an engine for SQLite or PostgreSQL, and the connection that takes whole frames."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from pipeline.store import what_stopped_it

READS_ONLY = "samenloop_reads_only"


def sqlite_engine(url: URL) -> sa.Engine:
    """An engine on a file; a transaction that does not say READS_ONLY takes the file's lock when it begins."""
    engine = sa.create_engine(url, connect_args={"timeout": 60})

    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver would begin a transaction later than we do
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        # A transaction that will write takes the lock at once: an upgrade in the middle cannot wait, it fails.
        reads_only = connection.get_execution_options().get(READS_ONLY, False)
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine


def postgresql_engine(url: URL, schema: str) -> sa.Engine:
    """An engine on a municipality's schema, which is made when it is missing."""

    def made() -> sa.Engine:
        return sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args={"options": f"-csearch_path={schema}"},
            pool_pre_ping=True,
        )

    engine = made()
    with engine.begin() as connection:
        if sa.inspect(connection).has_schema(schema):
            return engine
        connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
    engine.dispose()
    return made()  # what an engine knows of its schema it asked once, of one that was not there


class BulkConnection:
    """The connection to PostgreSQL that frames go over. It is kept for the next one: a new one takes 40 ms."""

    def __init__(self, url: URL, schema: str | None) -> None:
        options = {"options": f"-csearch_path={schema}"}
        plain = url.set(drivername="postgresql", query={**url.query, **options})
        self._address = plain.render_as_string(hide_password=False)
        self._kept: Any = None

    @contextmanager
    def lent(self) -> Iterator[Any]:
        """For one transaction; what was not committed at its end is undone, and no snapshot stays open."""
        with what_stopped_it.told_by_a_driver():
            if self._kept is None or not self._answers():
                self._connect()
            try:
                yield self._kept
                self._kept.rollback()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Give it back, whatever state it is in."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()

    def _connect(self) -> None:
        # The driver brings pandas along; who works on SQLite need not wait for it.
        import adbc_driver_postgresql.dbapi

        self._kept = adbc_driver_postgresql.dbapi.connect(self._address)

    def _answers(self) -> bool:
        """Whether the database did not go away since; one that returned is connected to anew."""
        try:
            with self._kept.cursor() as cursor:
                cursor.execute("SELECT 1")
                cursor.fetchone()
        except self._kept.Error:
            self.close()
            return False
        return True
