"""Which database an address names: `sqlite:////…`, a file by its whole path, or `postgresql://…`.

An address may hold a password, so what is wrong with it is never told by quoting it. Nothing is made here: where
the folder of a file is not there, the address is mistyped.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from pipeline.vocabulary.faults import Refused

_SQLITE = ("sqlite", "sqlite+pysqlite")
_POSTGRESQL = ("postgresql", "postgres")


def read_url(url: str | URL | Path) -> URL:
    """The address of a database that this program can work with; of a path, whatever signs stand in it.

    Raises:
        Refused: DATABASE_URL_INVALID.
    """
    if isinstance(url, Path):
        return URL.create("sqlite", database=str(url))
    try:
        address = make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # no address at all; a port that is no number
        raise Refused("DATABASE_URL_INVALID") from None
    if not (_is_file(address) or _is_postgresql(address)):
        raise Refused("DATABASE_URL_INVALID")
    return address


def _is_file(address: URL) -> bool:
    """A file in a folder that is there. A path from the current folder is another file in each folder."""
    path = Path(address.database or "")
    is_plain = address.drivername in _SQLITE and not address.host and not address.query
    return is_plain and path.is_absolute() and path.parent.is_dir() and not path.is_dir()


def _is_postgresql(address: URL) -> bool:
    """Whether the driver knows every option; whether somebody answers there is seen later."""
    if address.get_backend_name() not in _POSTGRESQL:
        return False
    from psycopg import ProgrammingError  # who works on SQLite need not wait for it
    from psycopg.conninfo import make_conninfo

    try:
        make_conninfo("", **{name: str(value) for name, value in address.query.items()})
    except ProgrammingError:
        return False
    return True
