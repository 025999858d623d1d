"""`make faults`: strike every command of ten days at every checkpoint, run it again, compare the states.

A fault is one disturbance of one command, in a copy of the home as it was before that command. Whatever it was,
the command is run again once, and then nothing may be lost, doubled, leaked or stuck. The tally is kept line by
line, so that an interrupted run goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tests.simulation import processes
from tests.simulation.plan import (
    AT_RANDOM,
    CLOCK,
    FILE_LIMIT,
    HOLDING,
    KINDS,
    ONE_OF_TWO,
    POSTGRESQL,
    SQLITE,
    TWO,
    Fault,
    Prepared,
    plan,
)
from tests.simulation.processes import Disturbance, Place
from tests.simulation.region import DAYS, GIVEN, Day
from tests.simulation.seam import HALT, KILL, Strike, bring_back

OUTCOMES = ("injected", "lost", "doubled", "leaked", "stuck")
TALLY = Path("var/faults")
_IN_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 3 * 1024**3
_STRUCK_BY = {CLOCK: KILL, HOLDING: KILL, ONE_OF_TWO: HALT}
_FINE = (0, 1)  # done, and done though something was refused
_DONE_BEFORE = 2  # said to a person who gives a command again


def prepare(database: str, work: Path, url: str | None, days: Sequence[Day]) -> Iterator[Prepared]:
    """Live through the days undisturbed, and keep the home before each command.

    Raises:
        RuntimeError: a command fails, or somebody is found where they may not be, though nothing was disturbed.
    """
    place = processes.make_place(work / database / "undisturbed", url)
    analytics: dict[str, list[str]] = {}
    for day in days:
        processes.arrive(place, day)
        for step in day.steps:
            before = place.copied_to(work / database / f"{day.name}-{step}".replace(" ", "-"))
            seconds = _seconds_of(database, place, day, step)
            kept = _kept_state(place, day, analytics)
            if kept["leaks"]:
                raise RuntimeError(f"{database} {day.name} {step}: found in {', '.join(kept['leaks'])}")
            analytics[kept["analytics"]] = kept["state"]["analytics"]
            yield Prepared(before, day, step, _passed(place), kept["state"], seconds, analytics)


def live_through(database: str, work: Path, url: str | None, days: Sequence[Day]) -> Iterator[tuple[str, str]]:
    """What each command passes when nothing is disturbed, and no more than that."""
    place = processes.make_place(work / database / "undisturbed", url)
    for day in days:
        processes.arrive(place, day)
        for step in day.steps:
            _seconds_of(database, place, day, step)
            yield from ((step, checkpoint) for checkpoint in _passed(place))


def _seconds_of(database: str, place: Place, day: Day, step: str) -> float:
    """Run a command of which nothing should go wrong; how long it took."""
    began = time.monotonic()
    if (code := processes.run_step(place, day, step)) not in _FINE:
        raise RuntimeError(f"{database} {day.name} {step} {code}: {place.log.read_text()[-2000:]}")
    return time.monotonic() - began


def _passed(place: Place) -> tuple[str, ...]:
    return tuple(json.loads(place.trace.read_text()))


def _kept_state(place: Place, day: Day, analytics: Mapping[str, list[str]]) -> dict[str, Any]:
    path = place.path / "state.json"

    def work() -> None:
        from pipeline.commands.wiring import open_run
        from tests.simulation.state import analytics_digest, leaks, state_of

        with open_run(place.home, day.on, now=day.now) as run:
            found = {
                "state": state_of(run, place.media, analytics),
                "analytics": analytics_digest(run.home.analytics),
            }
            beside = (place.log, place.media, place.path / "tmp")
            found["leaks"] = leaks(place.home, run.store, *beside, gone=day.gone)
        path.write_text(json.dumps(found))

    processes.done_in_child(place, work)
    kept: dict[str, Any] = json.loads(path.read_text())
    path.unlink()
    return kept


def inject(fault: Fault, before: Prepared, place: Place) -> dict[str, Any]:
    """Disturb, look for leaks, run again, compare. Returns a line of the tally."""
    codes = _disturbed(fault, before, place)
    if place.url is not None:
        bring_back(place.url)
    is_injected = place.mark.exists() or fault.kind == TWO or (fault.kind == FILE_LIMIT and codes[0] not in _FINE)
    line: dict[str, Any] = {"key": fault.key, "kind": fault.kind, "database": fault.database, "codes": codes}
    line |= dict.fromkeys(OUTCOMES, 0) | {"injected": int(is_injected)}
    leaked = set(_leaks(place, before.day))
    day = processes.shifted(before.day, fault.amount) if fault.kind == CLOCK else before.day
    again = processes.run_step(place, day, before.step)
    details = [f"codes {codes}, again {again}"]
    is_done = again in _FINE or (before.step in GIVEN and again == _DONE_BEFORE)
    if not is_done or None in codes:
        line["stuck"] = 1
    else:
        from tests.simulation.state import compared

        kept = _kept_state(place, before.day, before.analytics)
        leaked.update(kept["leaks"])
        lost, doubled = compared(before.state, kept["state"])
        line |= {"lost": len(lost), "doubled": len(doubled)}
        details += [f"LOST {item}" for item in lost] + [f"DOUBLED {item}" for item in doubled]
    line["leaked"] = len(leaked)
    details += [f"LEAKED in {name}" for name in sorted(leaked)]
    if _is_bad(line):
        line["details"] = "\n".join([*details, place.log.read_text(errors="replace")[-6000:]])
    return line


def _leaks(place: Place, day: Day) -> list[str]:
    """Where somebody stands who may not, at the moment after the disturbance."""
    found = place.path / "leaks.json"

    def work() -> None:
        from pipeline.commands.wiring import Home, open_store
        from tests.builders.deliveries import GEMEENTE
        from tests.simulation.state import leaks

        store = open_store(Home(place.home), GEMEENTE, is_bare=True)
        found.write_text(json.dumps(leaks(place.home, store, place.log, place.media, place.path / "tmp")))

    processes.done_in_child(place, work)
    names: list[str] = json.loads(found.read_text())
    found.unlink()
    return names


def _disturbed(fault: Fault, before: Prepared, place: Place) -> list[int | None]:
    day, step = before.day, before.step
    if fault.kind == TWO:
        return processes.wait_for([processes.start(place, day, step) for _ in range(2)], None)
    kind = _STRUCK_BY.get(fault.kind, fault.kind)
    strike = Strike(kind, fault.checkpoint, fault.occurrence) if fault.checkpoint else None
    how = Disturbance(
        strike,
        fault.amount * before.seconds if fault.kind == AT_RANDOM else None,
        int(fault.amount) if fault.kind == FILE_LIMIT else None,
    )
    if fault.kind == ONE_OF_TWO:
        # It halts where it will be killed: if both began together, the other could leave it nothing to do.
        first = processes.start(place, day, step, how)
        processes.wait_until_halted(first)
        return processes.wait_for([first, processes.start(place, day, step)], fault.amount * before.seconds)
    return [processes.run_step(place, day, step, how)]


def run_plan(faults: Sequence[Fault], prepared: dict[tuple[str, str, str], Prepared], work: Path, tally: Path,
             workers: int) -> None:  # fmt: skip
    """Inject all, several at a time, each from a process of its own; the tally gets a line for each."""
    running: dict[int, Place] = {}
    is_seen = sys.stderr.isatty()
    for number, fault in enumerate(faults):
        if len(running) >= workers:
            _end_one(running)
        before = prepared[fault.database, fault.day, fault.step]
        place = before.place.copied_to(work / f"fault-{number}")
        pid = os.fork()
        if not pid:
            _inject_and_leave(fault, before, place, tally)
        running[pid] = place
        if is_seen:
            print(f"\r{number + 1} of {len(faults)}", end="", file=sys.stderr, flush=True)
    while running:
        _end_one(running)


def _end_one(running: dict[int, Place]) -> None:
    pid, _ = os.waitpid(-1, 0)
    running.pop(pid).remove()


def _inject_and_leave(fault: Fault, before: Prepared, place: Place, tally: Path) -> None:
    try:
        try:
            line = inject(fault, before, place)
        except Exception:  # the harness must not stop for it, nor the fault pass for harmless
            line = {"key": fault.key, "kind": fault.kind, "database": fault.database, "codes": []}
            line |= dict.fromkeys(OUTCOMES, 0) | {"injected": 1, "stuck": 1, "details": traceback.format_exc()}
        handle = os.open(tally, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.write(handle, f"{json.dumps(line)}\n".encode())
    finally:
        os._exit(0)


def table(lines: Sequence[dict[str, Any]]) -> list[str]:
    """Kind and database with their counts, as Markdown."""
    rows = ["| kind of fault | database | " + " | ".join(OUTCOMES) + " |", "|---|---|" + "--:|" * len(OUTCOMES)]
    total: Counter[str] = Counter()
    for kind in KINDS:
        for database in (SQLITE, POSTGRESQL):
            mine = [line for line in lines if (line["kind"], line["database"]) == (kind, database)]
            counts = {name: sum(bool(line[name]) for line in mine if line["injected"]) for name in OUTCOMES}
            total.update(counts)
            if counts["injected"]:
                rows.append(f"| {kind} | {database} | {' | '.join(f'{counts[name]:,}' for name in OUTCOMES)} |")
    return [*rows, "| **all** | | " + " | ".join(f"**{total[name]:,}**" for name in OUTCOMES) + " |"]


@contextmanager
def _empty_database(server: str) -> Iterator[str]:
    import psycopg

    base, name = server.rsplit("/", 1)[0], f"samenloop_faults_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield f"{base}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            left = connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s", (f"samenloop_faults_{os.getpid()}%",)
            )
            for (found,) in left.fetchall():
                connection.execute(f'DROP DATABASE "{found}" WITH (FORCE)')


def read_tally(path: Path) -> list[dict[str, Any]]:
    """What is known so far, the last word on each fault; a line that was cut off counts for nothing."""
    lines = {}
    for text in path.read_text().splitlines() if path.exists() else ():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        lines[line["key"]] = line
    return list(lines.values())


def _is_bad(line: dict[str, Any]) -> bool:
    return any(line[outcome] for outcome in OUTCOMES[1:])


def main(arguments: Sequence[str] | None = None) -> int:
    """Inject what the tally lacks and print the table; 1 when anything was lost, doubled, leaked or stuck."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.faults", description=__doc__)
    parser.add_argument("--databases", nargs="+", choices=(SQLITE, POSTGRESQL), default=[SQLITE, POSTGRESQL])
    parser.add_argument(
        "--most", type=int, help="inject no more than so many in all, a fair sample; 0: only list what is passed"
    )
    parser.add_argument("--days", type=int, default=len(DAYS), help="only the first so many days")
    parser.add_argument(
        "--only", nargs="+", default=[""], help="only faults whose name in the tally holds one of these"
    )
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument(
        "--fresh", action="store_true", help="forget the tally of an earlier run; else what went well stands"
    )
    parser.add_argument("--tally", type=Path, default=TALLY, help="folder of the tally")
    asked = parser.parse_args(arguments)
    from tests.builders.postgres import postgres_url

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # the database server is ours: it ends with us
    asked.tally.mkdir(parents=True, exist_ok=True)
    tally = asked.tally / "tally.jsonl"
    if asked.fresh:
        tally.unlink(missing_ok=True)
    processes.preload()
    work = Path(tempfile.mkdtemp(prefix="samenloop-faults-", dir=_quick_folder()))
    try:
        with postgres_url() if POSTGRESQL in asked.databases else nullcontext(None) as server:
            databases = [name for name in asked.databases if name == SQLITE or server is not None]
            with _empty_database(server) if server else nullcontext(None) as url:
                chosen = _run(asked, databases, work, url, tally)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    lines = [line for line in read_tally(tally) if line["key"] in chosen]
    print("\n".join(table(lines)))
    bad = [line for line in lines if _is_bad(line)]
    for line in bad[:5]:
        print(f"\n{line['key']}\n{line.get('details', '')[:3000]}")
    missing = set(asked.databases) - set(databases)
    if missing:
        print(f"NO POSTGRESQL: nothing was injected on {', '.join(sorted(missing))}.")
    return 1 if bad or missing else 0


def _quick_folder() -> Path | None:
    """Memory that looks like a disk, where there is enough: a sync is still asked there, and costs nothing."""
    if not os.access(_IN_MEMORY, os.W_OK) or shutil.disk_usage(_IN_MEMORY).free < _ROOM_BYTES:
        return None
    return _IN_MEMORY


def _run(
    asked: argparse.Namespace, databases: Sequence[str], work: Path, url: str | None, tally: Path
) -> set[str]:
    known = {line["key"] for line in read_tally(tally) if not _is_bad(line)}
    prepared: dict[tuple[str, str, str], Prepared] = {}
    plans = []
    if asked.most == 0:
        passed = live_through(databases[0], work, url if databases[0] == POSTGRESQL else None, DAYS[: asked.days])
        _list_checkpoints(asked.tally / "checkpoints.txt", passed)
        return set()
    for database in databases:
        mine = list(prepare(database, work, url if database == POSTGRESQL else None, DAYS[: asked.days]))
        prepared |= {(database, one.day.name, one.step): one for one in mine}
        plans.append([fault for fault in plan(database, mine) if any(text in fault.key for text in asked.only)])
    passed = ((one.step, checkpoint) for one in prepared.values() for checkpoint in one.passed)
    _list_checkpoints(asked.tally / "checkpoints.txt", passed)
    print(f"The whole plan: {sum(map(len, plans)):,} faults.", file=sys.stderr)
    share = None if asked.most is None else -(-asked.most // len(plans))
    in_turn = zip_longest(*(own[:share] for own in plans))
    faults = [fault for turn in in_turn for fault in turn if fault is not None]
    run_plan([fault for fault in faults if fault.key not in known], prepared, work, tally, asked.workers)
    return {fault.key for fault in faults}


def _list_checkpoints(path: Path, passed: Iterable[tuple[str, str]]) -> None:
    """What each command passed, a line each, beside the tally."""
    path.write_text("".join(f"{step} {checkpoint}\n" for step, checkpoint in sorted(set(passed))))


if __name__ == "__main__":
    for variable in ("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        if os.environ.get(variable) != "1":
            # Read when a library is loaded: one thread each, since the faults themselves run side by side.
            os.environ[variable] = "1"
            os.environ["GX_ANALYTICS_ENABLED"] = "False"
            os.execv(sys.executable, [sys.executable, "-m", "tests.simulation.faults", *sys.argv[1:]])
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # an ordinary exit prints pages of what DuckDB's bindings did not free, below the table
