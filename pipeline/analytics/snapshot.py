"""The analysts' database as a file: written aside, made durable, and put in place in one go.

Whoever has the former file open goes on reading it; whoever opens the path finds the former or the new one, never
half of one. What a killed run left aside is removed by the next.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl

from pipeline.analytics.described_tables import DescribedTable, described_schemas

PARTIAL_SUFFIX = ".partial"
_NO_ROOM = "No space left"


def write_snapshot(path: Path, tables: Mapping[str, Mapping[str, pl.DataFrame]]) -> None:
    """Replace the file at `path`. One writer at a time; the caller sees to that.

    Args:
        path: where analysts find the file.
        tables: per schema and table the rows; every described column must be there, others are left out.

    Raises:
        OSError: the disk is full; the former file is still there.
    """
    sweep(path)
    partial = path.with_name(f".{path.name}{PARTIAL_SUFFIX}")
    try:
        _write(partial, tables)
        _sync(partial)
        partial.replace(path)
        _sync(path.parent)
    except duckdb.Error as error:
        if _NO_ROOM not in str(error):
            raise
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
    finally:
        sweep(path)


def sweep(path: Path) -> None:
    """Remove what a run that was killed left beside the file."""
    for left in path.parent.glob(f".{path.name}{PARTIAL_SUFFIX}*"):
        left.unlink(missing_ok=True)


def _write(partial: Path, tables: Mapping[str, Mapping[str, pl.DataFrame]]) -> None:
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
            for table in schema.tables:
                _fill(connection, table, tables[schema.name][table.name])
        connection.commit()
        connection.execute("CHECKPOINT")


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
