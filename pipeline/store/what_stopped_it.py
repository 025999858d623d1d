"""What a database says when the system stops it, told as the system tells it of any other file.

A full disk or a file that may not be written is the same to whoever runs a command, whether a file or the database
met it first. That a database is damaged no other file can say: it is a refusal of its own. So is a table or a
column that is gone: no step takes one away.
"""

from __future__ import annotations

import errno
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from pipeline.vocabulary.faults import STEPS_OF_PLACES, Refused

SQLITE_FILE = "samenloop.db"
_SQLITE_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
_SQLITE_NOT_ALLOWED = (sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
_PRIMARY = 0xFF  # SQLite writes the kind of a kind in the higher bits
_SQLITE_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_SQLITE_LACKS = ("no such table:", "no such column:", "Could not decode to UTF-8")  # the last is Python's own
_PG_FULL = "53100"
_PG_READS_ONLY = "25006"
_PG_DAMAGED = ("XX001", "XX002", "42P01", "42703")  # a page, an index; a table, a column that is gone
DAMAGED = "DATABASE_DAMAGED"
_PG_PLACE = "SAMENLOOP_DATABASE"


def raise_as_system(error: BaseException | None) -> None:
    """Raise what the system would; an error of another kind is left to whoever asks.

    SQLite has a word of its own for a full disk and none for a file that may grow no further (`ulimit -f`): where
    such a limit is set, a write that failed met it.

    Raises:
        OSError: ENOSPC; EFBIG; EACCES with the name of the database's file.
        Refused: DATABASE_DAMAGED; NO_PERMISSION on PostgreSQL, which has no file.
    """
    code, state = getattr(error, "sqlite_errorcode", None), getattr(error, "sqlstate", None)
    if code in _SQLITE_FULL or state == _PG_FULL:
        raise OSError(errno.ENOSPC, "no space left for the database")
    largest, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if code == sqlite3.SQLITE_IOERR_WRITE and largest != resource.RLIM_INFINITY:
        raise OSError(errno.EFBIG, "a file of the database may grow no further")
    if code is not None and code & _PRIMARY in _SQLITE_NOT_ALLOWED:
        raise PermissionError(errno.EACCES, "the database may not be written", SQLITE_FILE)
    if state == _PG_READS_ONLY:
        raise Refused("NO_PERMISSION", _PG_PLACE, hint=STEPS_OF_PLACES[_PG_PLACE])
    lacks = isinstance(error, sqlite3.OperationalError) and str(error).startswith(_SQLITE_LACKS)
    if lacks or state in _PG_DAMAGED or (code is not None and code & _PRIMARY in _SQLITE_DAMAGED):
        raise Refused(DAMAGED)


def tell(context: sa.engine.ExceptionContext) -> None:
    """Listen to an engine's errors."""
    raise_as_system(context.original_exception)


@contextmanager
def told_by_a_driver() -> Iterator[None]:
    """The same of what a driver is asked without the engine, which does not hear of its errors then."""
    try:
        yield
    except Exception as error:
        raise_as_system(error)
        raise


def refuse_damaged(engine: sa.Engine) -> None:
    """Read all of a database of SQLite: whoever destroys by a damaged one may destroy what it must keep.

    Five seconds for a million signals; comparing indexes with their rows as well takes fifteen times as long.
    PostgreSQL has checksums of its own.

    Raises:
        Refused: DATABASE_DAMAGED.
    """
    if engine.dialect.name != "sqlite":
        return
    raw = engine.raw_connection()
    try:
        with told_by_a_driver():
            (said,) = raw.cursor().execute("PRAGMA quick_check(1)").fetchone()
    finally:
        raw.close()
    if said != "ok":
        raise Refused(DAMAGED)
