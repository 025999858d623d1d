"""Which cases belong on the lists of a day: what runs, and once, what was taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.commands.wiring import Run
from pipeline.store import openings, tables
from pipeline.vocabulary import case as words
from tests.builders.deliveries import Municipality, make_municipality
from tests.builders.openings import TUESDAY
from tests.builders.stewardship import WHEN, put, put_case

DAY = TUESDAY.isoformat()
MONDAY, FRIDAY = "2026-11-02", "2026-10-30"
TOLD, SHOWN = words.GROUND_WITHDRAWAL, words.GROUND_RUNNING


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    """A municipality with an empty store."""
    return make_municipality(tmp_path)


def listed(run: Run, *lists: tuple[str, int, str]) -> None:
    """The case stood on these lists: day, revision of the day's order, and ground."""
    for day, revision, ground in lists:
        order = {"order_id": f"W-{day}.{revision}", "worklist_on": day, "revision": revision, "state": "done"}
        put(run, tables.worklist_orders, **order, fingerprint="ab", filed_at=WHEN)
        row = {"order_id": order["order_id"], "case_id": "Z-1", "worklist_on": day, "team_id": "noord"}
        put(run, tables.disclosures, **row, ground=ground, is_new=False, disclosed_at=WHEN)


def due(run: Run) -> list[str]:
    return [str(row["case_id"]) for row in openings.due_cases(run.store, DAY)]


def test_what_has_a_team_and_is_not_closed_is_on_the_lists(place: Municipality) -> None:
    """New ones and running ones, in the order of their numbers; nothing that waits for somebody or has ended."""
    with place.run(TUESDAY) as run:
        for state in reversed(words.STATES):
            put_case(run, f"Z-{state}", state, mark=None)
        assert ["Z-in_progress", "Z-revealed", "Z-routed"] == due(run)


@pytest.mark.parametrize(
    ("lists", "is_due"),
    [
        ([], True),
        ([(MONDAY, 1, SHOWN)], True),
        ([(MONDAY, 1, TOLD)], False),
        ([(FRIDAY, 1, SHOWN), (MONDAY, 1, TOLD)], False),
        ([(FRIDAY, 1, TOLD), (MONDAY, 1, SHOWN)], True),
        ([(MONDAY, 1, SHOWN), (MONDAY, 2, TOLD)], False),
        ([(MONDAY, 1, TOLD), (MONDAY, 2, SHOWN)], True),
        ([(MONDAY, 1, SHOWN), (DAY, 1, TOLD)], True),
        ([(MONDAY, 1, TOLD), (DAY, 1, SHOWN)], True),
    ],
)
def test_that_a_case_was_taken_back_is_told_on_one_day(
    place: Municipality, lists: list[tuple[str, int, str]], is_due: bool
) -> None:
    """Every list of that day says it; later days say nothing, unless it was shown again since."""
    with place.run(TUESDAY) as run:
        put_case(run, "Z-1", words.REVEALED, mark=words.MARK_RETRACTED)
        listed(run, *lists)
        assert (["Z-1"] if is_due else []) == due(run)


@pytest.mark.parametrize(("state", "is_due"), [(words.JOINED, True), (words.WITHDRAWN, False)])
def test_what_joined_a_case_keeps_it_running(place: Municipality, state: str, is_due: bool) -> None:
    """Its first month was taken back and told; a later month that joined it is still there, or not any more."""
    with place.run(TUESDAY) as run:
        put_case(run, "Z-1", words.REVEALED, mark=words.MARK_RETRACTED)
        listed(run, (MONDAY, 1, TOLD))
        put_case(run, "Z-2", state, month="2026-11", joined_to="Z-1")
        assert (["Z-1"] if is_due else []) == due(run)
        assert [True] * is_due == [bool(row["has_joined"]) for row in openings.due_cases(run.store, DAY)]
