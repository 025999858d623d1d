"""Which faults there are, and in which order they come.

Kinds take turns, so that any first part of the plan has every kind; `kill`, which fits everywhere, has three turns
for one of another. Within a kind each moment (a checkpoint of a command) comes once before any comes twice.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC

from pipeline.vocabulary.period import AMSTERDAM
from tests.simulation.processes import Place, shifted
from tests.simulation.region import ROTATE, Day
from tests.simulation.seam import ACK_LOST, DATABASE_GONE, KILL, NO_SPACE

SQLITE, POSTGRESQL = "sqlite", "postgresql"
# Killed at the moment of a commit: the process dies with an open transaction, on PostgreSQL with its connection,
# and with the writer lock where the command has taken it. Whoever waits for these, or comes next, must get on.
HOLDING = "kill of who holds the pool"
AT_RANDOM, FILE_LIMIT, TWO, ONE_OF_TWO, CLOCK = (
    "kill at random",
    "file-size limit",
    "two schedulers",
    "one of two killed",
    "clock jumped",
)
KINDS = (KILL, HOLDING, AT_RANDOM, NO_SPACE, FILE_LIMIT, ACK_LOST, TWO, ONE_OF_TWO, DATABASE_GONE, CLOCK)
TURNS = (
    KILL,
    HOLDING,
    NO_SPACE,
    ACK_LOST,
    KILL,
    TWO,
    ONE_OF_TWO,
    DATABASE_GONE,
    KILL,
    CLOCK,
    FILE_LIMIT,
    AT_RANDOM,
)
FILE_BYTES = (128, 4096, 20_000, 60_000, 150_000, 400_000, 1_500_000)
RANDOM_KILLS = 6
TWICE_RUN = 3
JUMPED_HOURS = (-2.0, -1.0, -0.25, 0.25, 1.0, 2.0)
_SEED = 20261125


@dataclass(frozen=True, slots=True)
class Fault:
    """One disturbance. `amount` is what the kind needs: a share of the command's time, bytes, hours."""

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
    """A home just before a command, and what the command passes and makes of it when nothing disturbs it.

    `analytics` are the rows of every analysts' file that was read undisturbed, by its digest.
    """

    place: Place
    day: Day
    step: str
    passed: tuple[str, ...]
    state: dict[str, list[str]]
    seconds: float
    analytics: Mapping[str, list[str]]


def plan(database: str, prepared: Sequence[Prepared]) -> list[Fault]:
    """Every fault on a database, in an order of which any first part is a fair sample."""
    dice = random.Random(f"{_SEED}/{database}")
    found: dict[str, list[tuple[int, float, Fault]]] = {kind: [] for kind in KINDS}
    met: Counter[tuple[str, str, str]] = Counter()
    for one in dice.sample(prepared, len(prepared)):
        for fault in _faults_of(database, one, dice):
            moment = (fault.kind, fault.step, fault.checkpoint)
            met[moment] += 1
            found[fault.kind].append((met[moment], dice.random(), fault))
    queues = {
        kind: deque(fault for *_, fault in sorted(mine, key=lambda it: it[:2])) for kind, mine in found.items()
    }
    planned = []
    while any(queues.values()):
        planned += [queues[kind].popleft() for kind in TURNS if queues[kind]]
    return planned


def _faults_of(database: str, one: Prepared, dice: random.Random) -> list[Fault]:
    """Every fault on one command of a day."""
    found = []
    seen: Counter[str] = Counter()

    def add(kind: str, checkpoint: str = "", amount: float = 0.0) -> None:
        found.append(Fault(database, one.day.name, one.step, kind, checkpoint, seen[checkpoint], amount))

    for checkpoint in one.passed:
        seen[checkpoint] += 1
        add(HOLDING if checkpoint.startswith("commit ") else KILL, checkpoint)
        if checkpoint.startswith(("write", "mkdir", "link", "commit ")):
            add(NO_SPACE, checkpoint)
        if checkpoint.startswith("committed"):
            add(ACK_LOST, checkpoint)
            add(CLOCK, checkpoint, dice.choice(_jumps(one.day)))
            if one.step != ROTATE:
                add(ONE_OF_TWO, checkpoint, round(dice.random(), 3))
        if checkpoint.startswith("commit") and database == POSTGRESQL:
            add(DATABASE_GONE, checkpoint)
    for _ in range(RANDOM_KILLS):
        add(AT_RANDOM, amount=round(dice.uniform(0.02, 0.9), 3))
    for limit in FILE_BYTES:
        add(FILE_LIMIT, amount=limit)
    for turn in range(TWICE_RUN if one.step != ROTATE else 0):  # asked for two keys, it makes two
        add(TWO, amount=turn)
    return found


def _jumps(day: Day) -> list[float]:
    """By how much the clock may jump on this day without making another day of it, here or in UTC."""
    zones = (UTC, AMSTERDAM)
    dates = [day.now.astimezone(zone).date() for zone in zones]
    return [
        hours
        for hours in JUMPED_HOURS
        if dates == [shifted(day, hours).now.astimezone(zone).date() for zone in zones]
    ]
