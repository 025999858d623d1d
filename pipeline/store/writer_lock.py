"""One writer per municipality at a time, also when its connection to the database is lost on the way.

On SQLite the lock is a file's, which goes with the process. On PostgreSQL it is an advisory lock of a session, and
a session can end while its writer lives on: by a time-out, a proxy, a restart. So each transaction of a writer
takes a second lock until it commits and looks then whether the first is still held; whoever takes the first lock
waits for the second one once, so it never begins beside a transaction that was still under way.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from pipeline.vocabulary.faults import Refused

_IS_HELD = sa.text(
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = :pid AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND objid = (hashtext(:name)::bigint & 4294967295)::oid"
)


@dataclass(frozen=True, slots=True)
class PostgresLock:
    """The lock as its holder has it.

    Attributes:
        schema: of the municipality.
        pid: the database's process for the session that holds it.
        step: what it was taken for.
    """

    schema: str
    pid: int
    step: str

    def enter(self, connection: sa.Connection) -> None:
        """Make sure, until this transaction ends, that nobody else is the writer.

        Raises:
            Refused: WRITER_LOCK_LOST.
        """
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_key(_writing(self.schema)))))
        if connection.execute(_IS_HELD, {"pid": self.pid, "name": _name(self.schema)}).first() is None:
            raise Refused("WRITER_LOCK_LOST", hint=f"({self.step})")


@contextmanager
def postgres_lock(engine: sa.Engine, schema: str, step: str) -> Iterator[PostgresLock]:
    """Hold the lock on a session that is never in a transaction: such a one may be ended for being idle."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        pid = connection.execute(sa.select(sa.func.pg_backend_pid())).scalar_one()
        connection.execute(sa.select(sa.func.pg_advisory_lock(_key(_name(schema)))))
        try:
            for take_or_give in (sa.func.pg_advisory_lock, sa.func.pg_advisory_unlock):
                connection.execute(sa.select(take_or_give(_key(_writing(schema)))))
            yield PostgresLock(schema, pid, step)
        finally:
            _give_back(connection, schema)


def _give_back(connection: sa.Connection, schema: str) -> None:
    """A session that is gone has given its lock back already; what its writer kept was kept under the lock."""
    try:
        connection.execute(sa.select(sa.func.pg_advisory_unlock(_key(_name(schema)))))
    except sa.exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise


@contextmanager
def file_lock(path: Path | None) -> Iterator[None]:
    """Hold the lock of a file; the system gives it back when the process ends."""
    if path is None:
        yield
        return
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _name(schema: str) -> str:
    return f"samenloop/{schema}"


def _writing(schema: str) -> str:
    return f"samenloop/{schema}/writing"


def _key(name: str) -> sa.ColumnElement[int]:
    return sa.func.hashtext(name)
