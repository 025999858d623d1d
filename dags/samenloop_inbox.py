"""Watches the inboxes for the triggerer: a delivery that is complete leads to admission without a hand.

Only names and times of files are looked at. What was seen is kept in memory: after a restart of the triggerer what
still lies in the inbox is announced once more, which does no harm, because every step may run twice. A name that
begins with a dot belongs to a transfer that is still going on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent


class InboxTrigger(BaseEventTrigger):
    """Fires when a file that matches the pattern is new, and was the same at two looks in a row."""

    def __init__(self, homes: list[str], pattern: str, seconds: float) -> None:
        super().__init__()
        self.homes = homes
        self.pattern = pattern
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class and its arguments, as Airflow stores them."""
        arguments = {"homes": self.homes, "pattern": self.pattern, "seconds": self.seconds}
        return f"{type(self).__module__}.{type(self).__qualname__}", arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """One event for each look that finds something new; the event holds a count."""
        announced: set[tuple[str, int, int]] = set()
        before: set[tuple[str, int, int]] = set()
        while True:
            now = await asyncio.to_thread(self._look)
            settled = now & before
            if new := settled - announced:
                yield TriggerEvent({"new": len(new)})
            announced = settled
            before = now
            await asyncio.sleep(self.seconds)

    def _look(self) -> set[tuple[str, int, int]]:
        """Path, size and time of every file that matches; one that vanishes meanwhile is left out."""
        seen = set()
        for home in self.homes:
            for path in Path(home).glob(self.pattern):
                if path.name.startswith("."):
                    continue
                try:
                    status = path.lstat()
                except OSError:
                    continue
                seen.add((str(path), status.st_size, status.st_mtime_ns))
        return seen
