"""A command of a day in a process of its own: forked from one that has everything loaded, struck, started again.

Whoever calls this has used no frame and no database before: a fork does not take threads along.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import shutil
import signal
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import typer

from pipeline.commands.console import Outcome, run_command
from pipeline.commands.wiring import Run, open_run
from tests.builders.deliveries import Municipality
from tests.simulation.region import GIVEN, STEPS, Day, make_region
from tests.simulation.seam import Seam, Strike

STUCK_SECONDS = 300.0  # a machine that is busy with much else
_TURN_SECONDS = 0.002
_NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@dataclass(frozen=True)
class Place:
    """A home, its database, and what lies beside them: what the processes said, and their temporary files."""

    path: Path
    url: str | None = None

    @property
    def home(self) -> Path:
        """The municipality's home."""
        return self.path / "home"

    @property
    def media(self) -> Path:
        """Where backups go."""
        return self.path / "media"

    @property
    def log(self) -> Path:
        """Everything that the processes said."""
        return self.path / "log"

    @property
    def mark(self) -> Path:
        """Is there when a strike has hit."""
        return self.path / "struck"

    @property
    def trace(self) -> Path:
        """What an undisturbed process passed."""
        return self.path / "trace.json"

    def copied_to(self, path: Path) -> Place:
        """The same place again, with a database of its own."""
        shutil.copytree(self.home, path / "home", symlinks=True)
        if self.media.exists():
            shutil.copytree(self.media, path / "media")
        if self.url is None:
            return Place(path)
        server, _, name = self.url.rpartition("/")
        other = f"samenloop_faults_{os.getpid()}_{path.name}".replace("-", "_")
        _on_server(server, f'CREATE DATABASE "{other}" TEMPLATE "{name}"')
        return Place(path, f"{server}/{other}")

    def remove(self) -> None:
        """Take it away, database included."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self.url is not None:
            server, _, name = self.url.rpartition("/")
            _on_server(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _on_server(server: str, statement: str) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(statement)


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What is done to a process; nothing by default."""

    strike: Strike | None = None
    kill_after: float | None = None
    file_bytes: int | None = None


def in_child(place: Place, work: Callable[[], int], before: Callable[[], None] | None = None) -> int:
    """Start `work` in a fork of this process; what it says goes to the log. Returns its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 99
    try:
        handle = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        temporary = place.path / "tmp"
        temporary.mkdir(exist_ok=True)
        os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
        os.environ.pop("SAMENLOOP_DATABASE", None)
        if place.url is not None:
            os.environ["SAMENLOOP_DATABASE"] = place.url
        if before is not None:
            before()
        code = work()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def done_in_child(place: Place, work: Callable[[], None]) -> None:
    """Do some work in a child and be sure that it succeeded.

    Raises:
        RuntimeError: it did not; the message is the end of the log.
    """

    def worked() -> int:
        work()
        return 0

    if wait_for([in_child(place, worked)], None)[0] != 0:
        raise RuntimeError(place.log.read_text(errors="replace")[-3000:])


def start(place: Place, day: Day, step: str, how: Disturbance | None = None) -> int:
    """Start one command of a day. Returns its process id."""
    how = how or Disturbance()
    seam = Seam((place.home, place.media), how.strike, place.mark, place.url)

    def prepare() -> None:
        seam.install()
        if how.file_bytes is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (how.file_bytes, resource.RLIM_INFINITY))

    def command() -> Outcome:
        if step in GIVEN:
            from tests.simulation.given import give

            return give(step, place.home, place.media, day)
        with open_run(place.home, day.on, now=day.now) as run:
            if step == "reveal":
                return _reveal(run, day)
            outcome: Outcome = getattr(importlib.import_module(f"pipeline.commands.{step}"), step)(run)
            return outcome

    def work() -> int:
        code = 99
        try:
            run_command(command, step, as_json=True)
        except typer.Exit as end:
            code = int(end.exit_code)
        resource.setrlimit(resource.RLIMIT_FSIZE, _NO_LIMIT)
        seam.keep_trace(place.trace)
        return code

    return in_child(place, work, prepare)


def _reveal(run: Run, day: Day) -> Outcome:
    """`reveal` with the opener in the same process, so that both are struck alike."""
    from pipeline.commands.opener import serve
    from pipeline.commands.reveal import order_worklists, reveal
    from pipeline.commands.route import route

    route(run)
    order_worklists(run)
    serve(run.home.path, once=True, now=day.now)
    return reveal(run, wait_seconds=1)


def wait_for(pids: list[int], kill_after: float | None, mark: Path | None = None) -> list[int | None]:
    """Exit codes of children, minus the signal that ended one; None for one that got stuck and was ended.

    Args:
        pids: of children.
        kill_after: seconds after which the first is killed, if it still runs.
        mark: touched when it was.
    """
    codes: dict[int, int | None] = {}
    began = time.monotonic()
    while len(codes) < len(pids):
        for pid in pids:
            if pid not in codes:
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    codes[pid] = os.waitstatus_to_exitcode(status)
        passed = time.monotonic() - began
        if kill_after is not None and passed > kill_after and pids[0] not in codes:
            kill_after = None
            os.kill(pids[0], signal.SIGKILL)
            if mark is not None:
                mark.touch()
        if passed > STUCK_SECONDS:
            for pid in pids:
                if pid not in codes:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                    codes[pid] = None
        time.sleep(_TURN_SECONDS)
    return [codes[pid] for pid in pids]


def wait_until_halted(pid: int) -> None:
    """Wait until a child stands still, or has ended, or is stuck; `wait_for` learns the same of it afterwards."""
    began = time.monotonic()
    what = os.WSTOPPED | os.WEXITED | os.WNOWAIT | os.WNOHANG
    while os.waitid(os.P_PID, pid, what) is None and time.monotonic() - began < STUCK_SECONDS:
        time.sleep(_TURN_SECONDS)


def run_step(place: Place, day: Day, step: str, how: Disturbance | None = None) -> int | None:
    """Run one command of a day to its end. Returns its exit code; see `wait_for`."""
    return wait_for([start(place, day, step, how)], how.kill_after if how else None, place.mark)[0]


def arrive(place: Place, day: Day) -> None:
    """Let arrive what comes before a day begins."""

    def work() -> None:
        documents = [json.loads((place.home / f"{name}.json").read_text()) for name in ("agreement", "directory")]
        day.arrive(Municipality(place.home, *documents))

    done_in_child(place, work)


def make_place(path: Path, url: str | None) -> Place:
    """A municipality before its first day."""
    place = Place(path, url)
    path.mkdir(parents=True)

    def work() -> None:
        make_region(path)

    done_in_child(place, work)
    return place


def shifted(day: Day, hours: float) -> Day:
    """The same day by a clock that jumped."""
    return replace(day, now=day.now + timedelta(hours=hours))


def preload() -> None:
    """Load what the days need; the child that parses, proven elsewhere, is done without."""
    for name in (*STEPS, "opener", "journal_keeping.journal_verifying"):
        importlib.import_module(f"pipeline.commands.{name}")
    import multiprocessing.reduction
    import multiprocessing.synchronize  # noqa: F401

    import adbc_driver_postgresql.dbapi  # noqa: F401
    import great_expectations  # noqa: F401
    import holidays
    import polars as pl

    from pipeline.commands import reveal
    from pipeline.pseudonymous import accept_delivery, parse_rows
    from tests.simulation import given, state  # noqa: F401

    def read(raw: bytes, schema: Any, row_count: int) -> pl.DataFrame:
        columns = {name: str(kind) for name, kind in schema.items()}
        frame: pl.DataFrame = parse_rows.parse(raw, columns, row_count, row_count)[1]
        return frame

    accept_delivery.read_rows = read  # type: ignore[assignment]
    reveal.POLL_SECONDS = 0.02
    reveal.may_open = lambda _home: False  # type: ignore[assignment]
    holidays.country_holidays("NL", years=2026)  # loads the calendar of every country
    gc.freeze()  # what is loaded stays shared with every fork
