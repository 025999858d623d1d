"""What a database says when the system stops it, told as the system tells it of any other file.

A full disk or a file that may not be written is the same to whoever runs a command, whether a file or the database
met it first. A table or a column that is gone is no mistake of the program: somebody took it away.
"""

from __future__ import annotations

import errno
import resource
import sqlite3

import sqlalchemy as sa

from pipeline.vocabulary.faults import Refused

SQLITE_FILE = "samenloop.db"
_SQLITE_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
_SQLITE_NOT_ALLOWED = (sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
_PRIMARY = 0xFF  # SQLite writes the kind of a kind in the higher bits
_PG_FULL = "53100"
_SQLITE_DAMAGED = ("no such table:", "no such column:", "Could not decode to UTF-8")
_PG_DAMAGED = ("42P01", "42703")
DAMAGED = "DATABASE_DAMAGED"


def raise_as_system(error: BaseException | None) -> None:
    """Raise what the system would; an error of another kind is left to whoever asks.

    SQLite has a word of its own for a full disk and none for a file that may grow no further (`ulimit -f`): where
    such a limit is set, a write that failed met it.

    Raises:
        OSError: ENOSPC; EFBIG; EACCES with the name of the database's file.
    """
    code, state = getattr(error, "sqlite_errorcode", None), getattr(error, "sqlstate", None)
    if code in _SQLITE_FULL or state == _PG_FULL:
        raise OSError(errno.ENOSPC, "no space left for the database")
    largest, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if code == sqlite3.SQLITE_IOERR_WRITE and largest != resource.RLIM_INFINITY:
        raise OSError(errno.EFBIG, "a file of the database may grow no further")
    if code is not None and code & _PRIMARY in _SQLITE_NOT_ALLOWED:
        raise PermissionError(errno.EACCES, "the database may not be written", SQLITE_FILE)


def tell(context: sa.engine.ExceptionContext) -> None:
    """Listen to an engine's errors.

    Raises:
        OSError: as raise_as_system.
        Refused: DATABASE_DAMAGED.
    """
    error = context.original_exception
    raise_as_system(error)
    is_damaged = isinstance(error, sqlite3.OperationalError) and str(error).startswith(_SQLITE_DAMAGED)
    if is_damaged or getattr(error, "sqlstate", None) in _PG_DAMAGED:
        raise Refused(DAMAGED) from None
