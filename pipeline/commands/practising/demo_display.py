"""The demo's progress: a line for each step, with what is at work and how long it took."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

WAITING, BUSY, GOOD, BAD = "waiting", "busy", "good", "bad"
_SIGNS = {WAITING: ("·", "dim"), GOOD: ("✓", "green"), BAD: ("✗", "red")}


class Display:
    """On a terminal a live list, elsewhere a line when a step ends; always where stderr led at the beginning."""

    def __init__(self, steps: Sequence[str], labels: Mapping[str, str]) -> None:
        self._steps, self._labels = steps, labels
        self._states = dict.fromkeys(steps, WAITING)
        self._work = dict.fromkeys(steps, "")
        self._began: dict[str, float] = {}
        self._took: dict[str, float] = {}
        self._spinner = Spinner("dots")
        self._live: Live | None = None
        self._out = os.fdopen(os.dup(2), "w", encoding="utf-8")

    def __enter__(self) -> Display:
        if self._out.isatty():
            console = Console(file=self._out, highlight=False)
            self._live = Live(console=console, refresh_per_second=8, get_renderable=self._table)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
        self._out.close()

    def start(self, step: str) -> None:
        """A step begins."""
        self._states[step] = BUSY
        self._began[step] = time.monotonic()

    def work(self, step: str, what: str) -> None:
        """A step is at work on something."""
        self._work[step] = what

    def end(self, step: str, *, is_good: bool = True) -> None:
        """A step ended; to say it twice does no harm."""
        if self._states[step] != BUSY:
            return
        self._states[step] = GOOD if is_good else BAD
        self._took[step] = time.monotonic() - self._began[step]
        if self._live is None:
            sign, _ = _SIGNS[self._states[step]]
            self._out.write(f"  {sign} {self._labels[step]}  {self._took[step]:.0f} s\n")
            self._out.flush()

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 1))
        for step in self._steps:
            state = self._states[step]
            if state == BUSY:
                seconds = time.monotonic() - self._began[step]
                table.add_row(self._spinner, self._labels[step], f"{seconds:.0f} s", Text(self._work[step], "dim"))
            else:
                sign, style = _SIGNS[state]
                took = f"{self._took[step]:.0f} s" if step in self._took else ""
                table.add_row(
                    Text(sign, style), Text(self._labels[step], "" if step in self._took else "dim"), took, ""
                )
        return table
