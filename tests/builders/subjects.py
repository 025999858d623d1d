"""A resident of whom two partners reported, a neighbour, and a municipality whose opener answers requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import subject
from pipeline.commands.opener import serve
from pipeline.commands.wiring import Run
from tests.builders.deliveries import MONTH, NOW, Municipality, signal_id, write_secret
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    write_opening_key,
)

PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]
NEIGHBOUR = report(
    "water-a", "c", "y", surname="Jansen", initials="K", birth_on="1990-03-04", email=None, phone=None
)
HOUSEHOLD = {"min_partners": 2, "min_months": 2, "late_months": 2, "match_on": ["person", "household"]}
HER = {"initials": "Z", "birth_on": "1951-09-09", "email": None, "phone": None}
WIFE = [report("huur-a", "w1", "x", **HER), report("water-a", "w2", "x", **HER)]
MINE = {("huur-a", MONTH, signal_id("a"))}
NOVEMBER = "2026-11"
DECEMBER = date(2026, 12, 1)
LATER = [
    report("huur-a", "a2", "x", month=NOVEMBER, klantnummer="klant-a", arrears_months=4),
    report("water-a", "w2", "x", month=NOVEMBER, klantnummer="klant-w", arrears_months=2),
]


def make_reported(path: Path, **changes: Any) -> Municipality:
    """A municipality with a case on a worklist and somebody else."""
    made = make_municipality_with_opener(path, **changes)
    write_secret(made, "municipal-signing-1", "municipal-signing", "municipal-signing")
    with made.run(TUESDAY) as run:
        keep(run, [*PAIR, NEIGHBOUR])
        reveal_here(run)
    return made


def make_couple(path: Path) -> Municipality:
    """A municipality that matches on household too; of one, husband and wife were shown together."""
    made = make_reported(path, rule=HOUSEHOLD)
    with made.run(TUESDAY) as run:
        keep(run, [*PAIR, *WIFE])
        reveal_here(run)
    return made


def let_opener_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the opener finds that it answered in this process, and looks again at once."""

    def alive(run: Run, *_: object) -> bool:
        serve(run.home.path, once=True, now=NOW)
        return True

    monkeypatch.setattr(subject, "is_alive", lambda _store, _now: alive(opened[-1]))
    monkeypatch.setattr(subject, "POLL_SECONDS", 0.01)
    opened: list[Run] = []
    real: Callable[..., Any] = subject._wait

    def wait(run: Run, request_id: str) -> Any:
        opened.append(run)
        return real(run, request_id)

    monkeypatch.setattr(subject, "_wait", wait)


def make_reported_again(path: Path) -> Municipality:
    """The household was reported in November too, and that case joined the one of October."""
    made = make_reported(path)
    reported_again(made)
    return made


def reported_again(place: Municipality) -> None:
    """The household was reported in November too, and that case joined the one of October."""
    write_opening_key(place, NOVEMBER)
    with place.run(DECEMBER) as run:
        keep(run, [*PAIR, NEIGHBOUR, *LATER])
        reveal_here(run)
        assert ["joined", "revealed"] == sorted(row["state"] for row in rows_in(run, "cases"))
