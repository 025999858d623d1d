"""Where a process can be struck: each change of the file system, and each commit, by a name without ids.

Nothing of this is in the product. Python reports every change of a file before it happens (audit hooks), and
SQLAlchemy commits in one place; both are watched in a child process of the harness. So a new step has its
checkpoints the day it is written. The state after a change is the state before the next one; a commit has both.
"""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine.default import DefaultDialect

from pipeline.store.connect import Store, Transaction

KILL = "kill"
HALT = "halt"
ACK_LOST = "acknowledgement lost"
NO_SPACE = "no space"
DATABASE_GONE = "database gone"
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES = {
    "os.rename": "rename",
    "os.remove": "remove",
    "os.mkdir": "mkdir",
    "os.rmdir": "rmdir",
    "os.link": "link",
}
_IDS = (
    (re.compile(r"[0-9a-f]{8,}"), "*"),
    (re.compile(r"\d+(?:[-_]\d+)*"), "#"),
    (re.compile(r"(huur|energie|water)-a|noord|zuid"), "x"),
)


@dataclass(frozen=True, slots=True)
class Strike:
    """What happens at which passing of which checkpoint."""

    kind: str
    checkpoint: str
    occurrence: int


class Seam:
    """Counts what a process passes, and strikes once."""

    def __init__(self, folders: Sequence[Path], strike: Strike | None, mark: Path, url: str | None) -> None:
        self.passed: list[str] = []
        self._folders = tuple((f"{folder.resolve()}{os.sep}", folder.name) for folder in folders)
        self._strike, self._mark, self._url = strike, mark, url
        self._seen: Counter[str] = Counter()
        self._transaction = "unnamed"
        self._is_busy = False

    def install(self) -> None:
        """Watch this process from now on. There is no way back: it is a child's last preparation."""
        sys.addaudithook(self._on_event)
        real_transaction, real_commit, seam = Store.transaction, DefaultDialect.do_commit, self

        @contextmanager
        def transaction(store: Store, name: str, **options: Any) -> Iterator[Transaction]:
            before, seam._transaction = seam._transaction, name
            try:
                with real_transaction(store, name, **options) as opened:
                    yield opened
            finally:
                seam._transaction = before

        def do_commit(dialect: DefaultDialect, connection: Any) -> None:
            name = seam._transaction
            seam.passes(f"commit {name}")
            real_commit(dialect, connection)
            seam.passes(f"committed {name}")

        Store.transaction = transaction  # type: ignore[method-assign, assignment]
        DefaultDialect.do_commit = do_commit  # type: ignore[method-assign, assignment]

    def passes(self, checkpoint: str) -> None:
        """Write the checkpoint down, and strike if it is the one."""
        self._is_busy = True
        try:
            self.passed.append(checkpoint)
            self._seen[checkpoint] += 1
            strike = self._strike
            if strike and (strike.checkpoint, strike.occurrence) == (checkpoint, self._seen[checkpoint]):
                self._mark.touch()
                self._hit(strike.kind, checkpoint)
        finally:
            self._is_busy = False

    def _hit(self, kind: str, checkpoint: str) -> None:
        if kind == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        elif kind == HALT:
            os.kill(os.getpid(), signal.SIGSTOP)
        elif kind == NO_SPACE and not checkpoint.startswith("commit"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        elif kind == NO_SPACE and self._url:
            raise psycopg.errors.DiskFull("could not extend file")
        elif kind == NO_SPACE:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        elif kind == ACK_LOST:
            lost = "the server closed the connection unexpectedly"
            raise psycopg.OperationalError(lost) if self._url else sqlite3.OperationalError("disk I/O error")
        elif kind == DATABASE_GONE and self._url:
            take_away(self._url)

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._is_busy:
            return
        if event == "open":
            path, mode, flags = arguments
            writes = any(sign in mode for sign in "wax+") if isinstance(mode, str) else bool(flags & _WRITES)
            if writes and isinstance(path, str | bytes):
                self._on_path("write", os.fsdecode(path))
        elif event in _CHANGES:
            folder = arguments[-1] if isinstance(arguments[-1], int) and arguments[-1] >= 0 else None
            path = os.fsdecode(arguments[0])
            self._is_busy = True
            try:
                place = str(Path(f"/proc/self/fd/{folder}").readlink()) if folder is not None else ""
                full = os.path.join(place, path)  # noqa: PTH118 - no more events than needed
                is_there = event == "os.mkdir" and Path(full).exists()  # made once more, it stays as it is
            finally:
                self._is_busy = False
            if not is_there:
                self._on_path(_CHANGES[event], full)

    def _on_path(self, what: str, path: str) -> None:
        for start, name in self._folders:
            if path.startswith(start):
                inside = without_ids(path.removeprefix(start))
                self.passes(f"{what} {inside if name == 'home' else f'{name}/{inside}'}")

    def keep_trace(self, path: Path) -> None:
        """Write down what was passed."""
        self._is_busy = True
        path.write_text(json.dumps(self.passed))


def without_ids(path: str) -> str:
    """A path by its kind: days, hashes, partners and teams are alike."""
    for pattern, sign in _IDS:
        path = pattern.sub(sign, path)
    return path


def take_away(url: str) -> None:
    """What a database does that goes away: every session ends in the middle of whatever it did, none begins."""
    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))


def bring_back(url: str) -> None:
    """The database is there again."""
    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
