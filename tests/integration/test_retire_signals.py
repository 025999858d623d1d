"""Which signals of a month that is over are kept: those of a case that a team works on, and no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.vocabulary import case as words
from tests.builders.deliveries import MONTH, signal_row
from tests.builders.retirement import DUE, make_month, retired
from tests.builders.stewardship import put, put_case, put_signals, rows_of_table, stored_signal

SIGNAL = stored_signal("water-a", "x")


def member(case_id: str, **changes: Any) -> dict[str, Any]:
    """The signal as one of a case."""
    key = {name: SIGNAL[name] for name in ("partner_id", "month", "signal_id")}
    return {**key, "case_id": case_id, "is_active": True, "is_confirmed": True, **changes}


def held_by(case_id: str, **changes: Any) -> Callable[[Run], None]:
    return lambda run: put(run, tables.case_signals, **member(case_id, **changes))


def of_case(state: str, **changes: Any) -> Callable[[Run], None]:
    return lambda run: put_case(run, "Z-x", state, [SIGNAL], **changes)


@pytest.mark.parametrize(
    ("how", "is_kept"),
    [
        (held_by("Z-running"), True),
        (held_by("Z-running", is_confirmed=None), True),
        (held_by("Z-running", is_confirmed=False), False),
        (held_by("Z-running", is_active=False), False),
        (held_by("Z-closed"), False),
        (of_case(words.REVEALED), True),
        (of_case(words.REVEALED, mark=words.MARK_RETRACTED), False),
        (of_case(words.JOINED, joined_to="Z-running"), True),
        (of_case(words.JOINED, joined_to="Z-closed"), False),
        (of_case(words.MERGED, merged_into="Z-running"), False),
    ],
    ids=[
        "of a running case",
        "not compared yet",
        "about somebody else",
        "left the case",
        "of a closed case",
        "of a shown case",
        "of a case that was taken back",
        "joined a running case",
        "joined a closed case",
        "of a case that merged",
    ],
)
def test_signal_stays_only_for_a_case_that_is_worked_on(
    tmp_path: Path, how: Callable[[Run], None], is_kept: bool
) -> None:
    """What nobody works on goes on its day, whatever case it was in."""
    place = make_month(tmp_path)
    with place.run(DUE) as run:
        put_signals(run, [SIGNAL])
        how(run)
    retired(place, DUE)
    with place.run(DUE) as run:
        left = {(row["partner_id"], row["signal_id"]) for row in rows_of_table(run, tables.signals)}
    assert is_kept == (("water-a", SIGNAL["signal_id"]) in left)


@pytest.mark.parametrize(("partner_id", "month"), [("water-a", MONTH), ("huur-a", "2026-09")])
def test_signal_of_the_same_number_is_another_signal(tmp_path: Path, partner_id: str, month: str) -> None:
    """A number says something with its partner and its month: a running case keeps its own signals alone."""
    place = make_month(tmp_path)
    with place.run(DUE) as run:
        put_signals(run, [stored_signal(partner_id, "Z-running/huur-a", month)])
    retired(place, DUE)
    with place.run(DUE) as run:
        same = signal_row("Z-running/huur-a")["signal_id"]
        left = [row for row in rows_of_table(run, tables.signals) if row["signal_id"] == same]
    assert [("huur-a", MONTH)] == [(row["partner_id"], row["month"]) for row in left]
