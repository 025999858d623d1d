"""The analysts' database as a file: written aside, made durable, and put in place in one go.

Whoever has the former file open goes on reading it; whoever opens the path finds the former or the new one, never
half of one. What a killed run left aside is removed by the next.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipeline.analytics.described_tables import DescribedTable, described_schemas
from pipeline.analytics.topics import Subject, Topic

PARTIAL_SUFFIX = ".partial"
_STOPPED = {  # what DuckDB says of the system
    "No space left": errno.ENOSPC,
    "File too large": errno.EFBIG,
    "Disk quota exceeded": errno.EDQUOT,
    "Permission denied": errno.EACCES,
    "Read-only file system": errno.EROFS,
}
_NOT_FOR_ALL = 0o640


Tables = Mapping[str, pl.DataFrame]
CountRow = tuple[str, str, str, str, int]


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into the file beside the rows: made when they have been counted."""

    work: Tables
    publish: Tables


Decide = Callable[[Sequence[CountRow]], Contents]
"""Exact counts (subject, topic, month, category, count) → counts and indicators of both schemas. What it keeps
elsewhere must be kept when it returns: the file is put in place after it."""


def write_snapshot(path: Path, rows: Tables, subjects: Sequence[Subject], decide: Decide) -> Contents:
    """Replace the file at `path`. One writer at a time; the caller sees to that.

    Args:
        path: where analysts find the file.
        rows: the row-level tables of `work`; every described column must be there, others are left out.
        subjects: what is counted in them.
        decide: what is made of the counts.

    Raises:
        OSError: the disk is full, or may not be written; the former file is still there.
    """
    sweep(path)
    partial = path.with_name(f".{path.name}{PARTIAL_SUFFIX}")
    try:
        contents = _write(partial, rows, subjects, decide)
        partial.chmod(_NOT_FOR_ALL)
        _sync(partial)
        partial.replace(path)
        _sync(path.parent)
    except duckdb.Error as error:
        raise_as_system(error, path)
        raise
    finally:
        sweep(path)
    return contents


def raise_as_system(error: duckdb.Error, path: Path) -> None:
    """Raise what the system said to DuckDB; an error of another kind is left to whoever asks.

    Raises:
        OSError: no room, or no rights.
        MemoryError: not enough of it.
    """
    if isinstance(error, duckdb.OutOfMemoryException):
        raise MemoryError from None
    for said, number in _STOPPED.items():
        if said in str(error):
            raise OSError(number, os.strerror(number), path.name) from None


def sweep(path: Path) -> None:
    """Remove what a run that was killed left beside the file."""
    for left in path.parent.glob(f".{path.name}{PARTIAL_SUFFIX}*"):
        left.unlink(missing_ok=True)


def _write(partial: Path, rows: Tables, subjects: Sequence[Subject], decide: Decide) -> Contents:
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": "",
    }
    with duckdb.connect(str(partial), config=config) as connection:
        connection.begin()
        for schema in described_schemas():
            for statement in schema.statements():
                connection.execute(statement)
        _fill_schema(connection, "work", rows)
        contents = decide(
            [row for subject in subjects for topic in subject.topics for row in _count(connection, subject, topic)]
        )
        _fill_schema(connection, "work", contents.work)
        _fill_schema(connection, "publish", contents.publish)
        connection.commit()
        connection.execute("CHECKPOINT")
    return contents


def _count(connection: duckdb.DuckDBPyConnection, subject: Subject, topic: Topic) -> list[CountRow]:
    return connection.execute(subject.count_sql(topic)).fetchall()


def _fill_schema(connection: duckdb.DuckDBPyConnection, name: str, frames: Tables) -> None:
    (schema,) = (schema for schema in described_schemas() if schema.name == name)
    for table in schema.tables:
        if table.name in frames:
            _fill(connection, table, frames[table.name])


def _fill(connection: duckdb.DuckDBPyConnection, table: DescribedTable, rows: pl.DataFrame) -> None:
    names = [column.name for column in table.columns]
    connection.register("filling", rows.select(names).to_arrow())
    columns = ", ".join(f'"{name}"' for name in names)
    place = f"{table.schema}.{table.name}"
    connection.execute(f"INSERT INTO {place} ({columns}) SELECT {columns} FROM filling")  # noqa: S608 - own names
    connection.unregister("filling")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
