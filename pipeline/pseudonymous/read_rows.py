"""The parent's side of parsing: start the child, feed it, believe only its number and a frame of the right form.

Whatever happens to the child (abort, out of memory, out of time, too much output) means UNREADABLE_DATA for this
one delivery, and nothing else.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import polars as pl

from pipeline.pseudonymous import parse_rows
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.manifest import MOST_ROWS

# Address space, not memory in use: Polars maps 0.5 GB before it reads anything, and 9 bytes per byte of a file
# of sealed contacts (measured; half of that fails).
_BASE_MEMORY_BYTES = 1 << 30
_MEMORY_PER_BYTE = 12
_MOST_MEMORY_BYTES = 8 << 30
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What the child may use for a file of a given size."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float
    answer_bytes: int

    @staticmethod
    def for_size(size: int) -> ReadLimits:
        """Room for the file, its frame and the answer. Sealed contacts hardly compress."""
        megabytes = size >> 20
        return ReadLimits(
            memory_bytes=min(_BASE_MEMORY_BYTES + _MEMORY_PER_BYTE * size, _MOST_MEMORY_BYTES),
            cpu_seconds=20 + megabytes // 4,
            wall_seconds=60 + megabytes,
            answer_bytes=(64 << 20) + 4 * size,
        )


def read_rows(
    raw: bytes, schema: Mapping[str, pl.DataType], row_count: int, limits: ReadLimits | None = None
) -> pl.DataFrame:
    """Read a Parquet file of exactly these columns and this many rows in a limited child process.

    Raises:
        Refused: SCHEMA_MISMATCH, ROW_COUNT_MISMATCH, TOO_LARGE, UNREADABLE_DATA.
    """
    limits = limits or ReadLimits.for_size(len(raw))
    columns = {name: str(kind) for name, kind in schema.items()}
    order = {
        "memory_bytes": limits.memory_bytes,
        "cpu_seconds": limits.cpu_seconds,
        "most_bytes": len(raw),
        "most_rows": MOST_ROWS,
        "row_count": row_count,
        "columns": columns,
    }
    code, answer = _run_child(json.dumps(order), raw, limits)
    if code != 0:
        raise refusal_of(code, list(columns))
    try:
        frame = pl.read_ipc_stream(io.BytesIO(answer))
    except Exception:
        raise Refused("UNREADABLE_DATA") from None
    if frame.height != row_count or dict(frame.schema) != dict(schema):
        raise Refused("UNREADABLE_DATA")
    return frame


def refusal_of(code: int, columns: list[str]) -> Refused:
    """What the child's number means."""
    if parse_rows.EXIT_FIRST_COLUMN <= code < parse_rows.EXIT_FIRST_COLUMN + len(columns):
        return Refused("SCHEMA_MISMATCH", columns[code - parse_rows.EXIT_FIRST_COLUMN])
    known = {
        parse_rows.EXIT_COLUMNS: "SCHEMA_MISMATCH",
        parse_rows.EXIT_ROW_COUNT: "ROW_COUNT_MISMATCH",
        parse_rows.EXIT_TOO_MANY_ROWS: "TOO_LARGE",
    }
    return Refused(known.get(code, "UNREADABLE_DATA"))


def _run_child(order: str, raw: bytes, limits: ReadLimits) -> tuple[int, bytes]:
    child = subprocess.Popen(
        [sys.executable, "-I", str(Path(parse_rows.__file__)), order],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"POLARS_MAX_THREADS": "1", "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    deadline = threading.Timer(limits.wall_seconds, child.kill)
    feeder = threading.Thread(target=_feed, args=(child.stdin, raw), daemon=True)
    deadline.start()
    feeder.start()
    try:
        answer = _read_at_most(child.stdout, limits.answer_bytes)
        if answer is None:
            child.kill()
        code = child.wait()
    finally:
        deadline.cancel()
        child.kill()
        child.wait()
        feeder.join()
        child.stdout.close()
    return (parse_rows.EXIT_UNREADABLE, b"") if answer is None else (code, answer)


def _feed(stream: IO[bytes], raw: bytes) -> None:
    try:
        stream.write(raw)
        stream.close()
    except OSError:
        return  # the child ended before it read everything; its exit code says why


def _read_at_most(stream: IO[bytes], most: int) -> bytes | None:
    parts: list[bytes] = []
    total = 0
    while chunk := stream.read(_CHUNK_BYTES):
        total += len(chunk)
        if total > most:
            return None
        parts.append(chunk)
    return b"".join(parts)
