"""The one place where a partner's bytes are parsed: a child process with little memory and nothing to steal.

A crafted Parquet file can abort the process that reads it, or ask for all memory, so the child reads it: no
environment, no files to write, limits on memory and processor time, bytes in and bytes out over pipes. It takes
columns, types and row counts from the file's own metadata before it reads a value, and answers with the rows as
an Arrow stream or with a number. It never answers with text: libraries quote values in their messages.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

EXIT_ROW_COUNT = 10
EXIT_TOO_MANY_ROWS = 11
EXIT_COLUMNS = 12
EXIT_UNREADABLE = 13
EXIT_FIRST_COLUMN = 32  # this number plus n: the n-th column is missing or has another type

_MAGIC = b"PAR1"


def limit_self(memory_bytes: int, cpu_seconds: int) -> None:
    """Give up what a reader of one file does not need. Called before anything foreign is touched."""
    limits = (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    )
    for kind, most in limits:
        resource.setrlimit(kind, (most, most))


def parse(raw: bytes, wanted: dict[str, str], row_count: int, most_rows: int) -> tuple[int, Any]:
    """Judge the file by its metadata, then read it.

    Args:
        raw: the Parquet file.
        wanted: column → type name, in order.
        row_count: rows that the manifest states.
        most_rows: rows that are accepted at all.

    Returns:
        (0, frame), or (exit code, None).
    """
    import io

    import polars as pl

    if len(raw) < 12 or raw[:4] != _MAGIC or raw[-4:] != _MAGIC:
        return EXIT_UNREADABLE, None
    found = {name: str(kind) for name, kind in pl.read_parquet_schema(io.BytesIO(raw)).items()}
    for index, (name, kind) in enumerate(wanted.items()):
        if found.get(name) != kind:
            return EXIT_FIRST_COLUMN + index, None
    if list(found) != list(wanted):
        return EXIT_COLUMNS, None
    stated = pl.scan_parquet(io.BytesIO(raw)).select(pl.len()).collect().item()
    if stated > most_rows:
        return EXIT_TOO_MANY_ROWS, None
    if stated != row_count:
        return EXIT_ROW_COUNT, None
    frame = pl.read_parquet(io.BytesIO(raw), columns=list(wanted), glob=False, hive_partitioning=False)
    if frame.height != row_count or {name: str(kind) for name, kind in frame.schema.items()} != wanted:
        return EXIT_UNREADABLE, None
    return 0, frame


def main(task: str) -> int:
    """The child's whole life: limits, read standard input, judge, write standard output."""
    order = json.loads(task)
    limit_self(order["memory_bytes"], order["cpu_seconds"])
    try:
        raw = sys.stdin.buffer.read(order["most_bytes"] + 1)
        if len(raw) > order["most_bytes"]:
            return EXIT_UNREADABLE
        code, frame = parse(raw, order["columns"], order["row_count"], order["most_rows"])
        if frame is not None:
            import polars as pl

            frame.write_ipc_stream(sys.stdout.buffer, compat_level=pl.CompatLevel.oldest())
            sys.stdout.buffer.flush()
    except BaseException:
        # Whatever it was, the answer is a number: the message may hold a value.
        return EXIT_UNREADABLE
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
