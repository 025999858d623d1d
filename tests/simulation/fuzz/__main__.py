"""`make fuzz`: all inputs through all targets, a tally from which a stopped run goes on, and a table at the end.

Exit 0 when nothing was found, 1 when something was; each find lies below var/fuzz/finds by target and number, and
goes to the corpus once it is mended.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.simulation.fuzz.target import ACCEPTED, REFUSED, UNCHANGED, Target
from tests.simulation.fuzz.targets import TARGETS, by_name
from tests.simulation.fuzz.workers import (
    CHILD_ENDED,
    CRASH,
    LEAK,
    TOO_MUCH_MEMORY,
    TOO_SLOW,
    WRONG,
    Result,
    run_chunk,
)

PLACE = Path("var/fuzz")
CHUNK = 1000
HEADINGS = (
    "target",
    "inputs",
    "refused",
    "unchanged",
    "accepted",
    "child ended",
    "crashes",
    "wrong",
    "leaks",
    "MB",
)


@dataclass
class Line:
    """The tally of one target."""

    chunks: list[int] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    finds: list[list[Any]] = field(default_factory=list)
    memory_kb: int = 0
    child_memory_kb: int = 0
    seconds: float = 0.0

    def add(self, chunk: int, result: Result, seconds: float) -> None:
        """A chunk is done."""
        self.chunks.append(chunk)
        self.outcomes.update(result.outcomes)
        self.finds.extend([list(find) for find in result.finds])
        self.memory_kb = max(self.memory_kb, result.memory_kb)
        self.child_memory_kb = max(self.child_memory_kb, result.child_memory_kb)
        self.seconds += seconds


class Tally:
    """What was done so far, kept on disk after each chunk."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.path = PLACE / f"tally-{seed}.json"
        self.lock = threading.Lock()
        held = json.loads(self.path.read_text()) if self.path.exists() else {}
        self.lines = {name: Line(**{**line, "outcomes": Counter(line["outcomes"])}) for name, line in held.items()}

    def line(self, target: Target) -> Line:
        """The line of a target."""
        return self.lines.setdefault(target.name, Line())

    def add(self, target: Target, chunk: int, result: Result, seconds: float) -> None:
        """Count a chunk, and lay down what it found."""
        with self.lock:
            self.line(target).add(chunk, result, seconds)
            for number, kind, _what in result.finds:
                place = PLACE / "finds" / target.name / f"{kind.replace(' ', '-')}-{self.seed}-{number}"
                place.mkdir(parents=True, exist_ok=True)
                for name, content in target.input_of(self.seed, number).items():
                    (place / name).write_bytes(content)
            aside = self.path.with_suffix(".part")
            aside.write_text(json.dumps({name: vars(line) for name, line in self.lines.items()}))
            aside.replace(self.path)


def main() -> int:
    """Run what the tally does not have yet, then print the table."""
    options = _options()
    PLACE.mkdir(parents=True, exist_ok=True)
    tally = Tally(options.seed)
    wanted = [by_name(name) for name in options.target] or list(TARGETS)
    todo = [
        (target, start, min(start + CHUNK, inputs))
        for target in wanted
        for inputs in [max(1, round(target.inputs * options.share))]
        for start in range(0, inputs, CHUNK)
        if start not in tally.line(target).chunks
    ]
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar,
        ThreadPoolExecutor(options.processes) as pool,
    ):
        task = bar.add_task("hostile inputs", total=sum(stop - start for _, start, stop in todo))
        jobs = [pool.submit(_run, tally, *one, lambda count: bar.advance(task, count)) for one in todo]
        for job in jobs:
            job.result()
    _print(tally, wanted)
    return 1 if any(tally.line(target).finds for target in wanted) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=1.0, help="of all inputs; 0.1 is a tenth")
    parser.add_argument("--target", action="append", default=[], choices=[target.name for target in TARGETS])
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def _run(tally: Tally, target: Target, start: int, stop: int, advance: Callable[[int], None]) -> None:
    began = time.monotonic()
    result = run_chunk(target.name, tally.seed, start, stop, advance)
    tally.add(target, start, result, time.monotonic() - began)


def _print(tally: Tally, wanted: list[Target]) -> None:
    console = Console(width=None if sys.stdout.isatty() else 120)
    for title, is_through_child in (("through the layers", False), ("through the capped child", True)):
        chosen = [target for target in wanted if target.is_through_child == is_through_child]
        if not chosen:
            continue
        table = Table(*HEADINGS, title=f"{title}, seed {tally.seed}", title_justify="left")
        rows = [_cells(tally.line(target), is_through_child=is_through_child) for target in chosen]
        for target, cells in zip(chosen, rows, strict=True):
            table.add_row(target.name, *(f"{cell:,}" for cell in cells))
        sums = [sum(column) for column in zip(*rows, strict=True)]
        table.add_row("all", *(f"{cell:,}" for cell in sums[:-1]), f"{max(row[-1] for row in rows):,}")
        console.print(table)
    for target in wanted:
        for number, kind, what in tally.line(target).finds[:20]:
            console.print(f"{target.name} {number}: {kind}: {what}", markup=False)


def _cells(line: Line, *, is_through_child: bool) -> list[int]:
    count = line.outcomes
    memory = line.child_memory_kb if is_through_child else line.memory_kb
    return [
        sum(count.values()),
        count[REFUSED],
        count[UNCHANGED],
        count[ACCEPTED],
        count[CHILD_ENDED],
        count[CRASH] + count[TOO_SLOW] + count[TOO_MUCH_MEMORY],
        count[WRONG],
        count[LEAK],
        memory >> 10,
    ]


if __name__ == "__main__":
    sys.exit(main())
