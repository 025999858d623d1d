"""`make faults`: strike every command of eight days at every checkpoint, run it again, compare the states.

A fault is one disturbance of one command, in a copy of the home as it was before that command. Whatever it was,
the command is run again once, and then nothing may be lost, doubled, leaked or stuck. The tally is kept line by
line, so that an interrupted run goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import astuple, dataclass
from datetime import UTC
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pipeline.commands.wiring import AMSTERDAM
from tests.simulation import processes
from tests.simulation.processes import STEPS, Disturbance, Place
from tests.simulation.region import DAYS, Day
from tests.simulation.seam import ACK_LOST, DATABASE_GONE, KILL, NO_SPACE, Strike, bring_back

SQLITE, POSTGRESQL = "sqlite", "postgresql"
AT_RANDOM, FILE_LIMIT, TWO, ONE_OF_TWO, CLOCK = (
    "kill at random",
    "file-size limit",
    "two schedulers",
    "one of two killed",
    "clock jumped",
)
KINDS = (KILL, AT_RANDOM, NO_SPACE, FILE_LIMIT, ACK_LOST, TWO, ONE_OF_TWO, DATABASE_GONE, CLOCK)
FILE_BYTES = (4096, 20_000, 60_000, 150_000, 400_000, 1_500_000)
RANDOM_KILLS = 6
JUMPED_HOURS = (-2.0, -1.0, -0.25, 0.25, 1.0, 2.0)
OUTCOMES = ("injected", "lost", "doubled", "leaked", "stuck")
TALLY = Path("var/faults")
_FINE = (0, 1)  # done, and done though something was refused
_SEED = 20261125


@dataclass(frozen=True, slots=True)
class Fault:
    """One disturbance. `amount` is what the kind needs: seconds, bytes, hours."""

    database: str
    day: str
    step: str
    kind: str
    checkpoint: str = ""
    occurrence: int = 0
    amount: float = 0.0

    @property
    def key(self) -> str:
        """Its name in the tally."""
        return "|".join(str(part) for part in astuple(self))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A home just before a command, and what the command passes and makes of it when nothing disturbs it."""

    place: Place
    day: Day
    step: str
    passed: tuple[str, ...]
    state: dict[str, list[str]]
    seconds: float


def prepare(database: str, work: Path, url: str | None, day_count: int) -> Iterator[Prepared]:
    """Live through the days undisturbed, and keep the home before each command."""
    place = processes.make_place(work / database / "undisturbed", url)
    for day in DAYS[:day_count]:
        processes.arrive(place, day)
        for step in STEPS:
            before = place.copied_to(work / database / f"{day.name}-{step}")
            if processes.run_step(place, day, step) not in _FINE:
                raise RuntimeError(f"{database} {day.name} {step}: {place.log.read_text()[-2000:]}")
            passed = json.loads(place.trace.read_text())
            kept = _kept_state(place, day)
            yield Prepared(before, day, step, tuple(passed), kept["state"], 0.4)


def _kept_state(place: Place, day: Day) -> dict[str, Any]:
    path = place.path / "state.json"

    def work() -> None:
        from pipeline.commands.wiring import open_run
        from tests.simulation.state import leaks, state_of

        with open_run(place.home, day.on, now=day.now) as run:
            found = {"state": state_of(run), "leaks": leaks(place.home, run.store, place.log, place.path / "tmp")}
        path.write_text(json.dumps(found))

    processes.done_in_child(place, work)
    kept: dict[str, Any] = json.loads(path.read_text())
    path.unlink()
    return kept


def plan(database: str, prepared: Sequence[Prepared]) -> list[Fault]:
    """Every fault on a database, moments that come once first, so that any first part is a fair sample."""
    by_turn: list[tuple[int, float, Fault]] = []
    dice = random.Random(f"{_SEED}/{database}")
    for one in prepared:
        seen: Counter[str] = Counter()

        def add(turn: int, kind: str, checkpoint: str = "", occurrence: int = 0, amount: float = 0.0) -> None:
            fault = Fault(database, one.day.name, one.step, kind, checkpoint, occurrence, amount)  # noqa: B023
            by_turn.append((turn, dice.random(), fault))

        for checkpoint in one.passed:
            seen[checkpoint] += 1
            turn = seen[checkpoint]
            add(turn, KILL, checkpoint, turn)
            if checkpoint.startswith(("write", "mkdir", "commit ")):
                add(turn + 1, NO_SPACE, checkpoint, turn)
            if checkpoint.startswith("committed"):
                add(turn, ACK_LOST, checkpoint, turn)
                add(turn + 1, CLOCK, checkpoint, turn, dice.choice(_jumps(one.day)))
                add(turn + 1, ONE_OF_TWO, checkpoint, turn)
            if checkpoint.startswith("commit") and database == POSTGRESQL:
                add(turn, DATABASE_GONE, checkpoint, turn)
        for turn in range(1, RANDOM_KILLS + 1):
            add(turn, AT_RANDOM, amount=round(dice.uniform(0.01, one.seconds), 3))
        for turn, limit in enumerate(FILE_BYTES, start=1):
            add(turn, FILE_LIMIT, amount=limit)
        for turn in range(1, 4):
            add(turn, TWO, amount=turn)
    return [fault for _, _, fault in sorted(by_turn, key=lambda item: item[:2])]


def _jumps(day: Day) -> list[float]:
    """By how much the clock may jump on this day without making another day of it, here or in UTC."""
    zones = (UTC, AMSTERDAM)
    dates = [day.now.astimezone(zone).date() for zone in zones]
    return [
        hours
        for hours in JUMPED_HOURS
        if dates == [processes.shifted(day, hours).now.astimezone(zone).date() for zone in zones]
    ]


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
    if again not in _FINE or None in codes:
        line["stuck"] = 1
    else:
        from tests.simulation.state import compared

        kept = _kept_state(place, before.day)
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
        found.write_text(json.dumps(leaks(place.home, store, place.log, place.path / "tmp")))

    processes.done_in_child(place, work)
    names: list[str] = json.loads(found.read_text())
    found.unlink()
    return names


def _disturbed(fault: Fault, before: Prepared, place: Place) -> list[int | None]:
    day, step = before.day, before.step
    if fault.kind == TWO:
        return processes.wait_for([processes.start(place, day, step) for _ in range(2)], None)
    kind = KILL if fault.kind in (CLOCK, ONE_OF_TWO) else fault.kind
    strike = Strike(kind, fault.checkpoint, fault.occurrence) if fault.checkpoint else None
    how = Disturbance(
        strike,
        fault.amount if fault.kind == AT_RANDOM else None,
        int(fault.amount) if fault.kind == FILE_LIMIT else None,
    )
    if fault.kind == ONE_OF_TWO:
        pids = [processes.start(place, day, step, how), processes.start(place, day, step)]
        return processes.wait_for(pids, None)
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
    parser.add_argument("--most", type=int, help="inject no more than so many in all, a fair sample")
    parser.add_argument("--days", type=int, default=len(DAYS), help="only the first so many days")
    parser.add_argument("--only", help="only faults whose name in the tally holds this text")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument(
        "--fresh", action="store_true", help="forget the tally of an earlier run; else what went well stands"
    )
    parser.add_argument("--tally", type=Path, default=TALLY, help="folder of the tally")
    asked = parser.parse_args(arguments)
    from tests.builders.postgres import own_postgres_url

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # the database server is ours: it ends with us
    asked.tally.mkdir(parents=True, exist_ok=True)
    tally = asked.tally / "tally.jsonl"
    if asked.fresh:
        tally.unlink(missing_ok=True)
    processes.preload()
    work = Path(tempfile.mkdtemp(prefix="samenloop-faults-"))
    try:
        with own_postgres_url() if POSTGRESQL in asked.databases else nullcontext(None) as server:
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


def _run(
    asked: argparse.Namespace, databases: Sequence[str], work: Path, url: str | None, tally: Path
) -> set[str]:
    known = {line["key"] for line in read_tally(tally) if not _is_bad(line)}
    prepared: dict[tuple[str, str, str], Prepared] = {}
    plans = []
    for database in databases:
        mine = list(prepare(database, work, url if database == POSTGRESQL else None, asked.days))
        prepared |= {(database, one.day.name, one.step): one for one in mine}
        plans.append([fault for fault in plan(database, mine) if (asked.only or "") in fault.key])
    _list_checkpoints(asked.tally / "checkpoints.txt", prepared.values())
    share = None if asked.most is None else -(-asked.most // len(plans))
    in_turn = zip_longest(*(own[:share] for own in plans))
    faults = [fault for turn in in_turn for fault in turn if fault is not None]
    run_plan([fault for fault in faults if fault.key not in known], prepared, work, tally, asked.workers)
    return {fault.key for fault in faults}


def _list_checkpoints(path: Path, prepared: Iterable[Prepared]) -> None:
    """What each command passed, a line each, beside the tally."""
    path.write_text(
        "".join(f"{line}\n" for line in sorted({f"{one.step} {it}" for one in prepared for it in one.passed}))
    )


if __name__ == "__main__":
    for variable in ("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        if os.environ.get(variable) != "1":
            # Read when a library is loaded: one thread each, since the faults themselves run side by side.
            os.environ[variable] = "1"
            os.environ["GX_ANALYTICS_ENABLED"] = "False"
            os.execv(sys.executable, [sys.executable, "-m", "tests.simulation.faults", *sys.argv[1:]])
    sys.exit(main())
