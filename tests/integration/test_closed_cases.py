"""Whether a closed case may be opened again is in the journal: what matching takes up is shown, no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.commands.retire import retire
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS, MERGED, MOVED
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
)
from tests.integration.test_continuity_tampering import (
    PAIR,
    STRANGER,
    closed_by_its_team,
    journalled,
    opened_since,
)

NEXT_DAY = TUESDAY + timedelta(days=1)
UNTOUCHED_UNTIL = date(2027, 6, 1)
HIGHER = [report("huur-a", "a", "x", arrears_months=7, band="1000-2499"), PAIR[1]]
NEIGHBOURS = (report("huur-a", "n", "z", **STRANGER), report("water-a", "w", "z", **STRANGER))
FOUND_THE_SAME = (report("huur-a", "n", "x", **STRANGER), report("water-a", "w", "x", **STRANGER))


def arrears_rise(run: Run) -> None:
    """A partner corrects its arrears upward."""
    keep(run, HIGHER)


def met_again(run: Run) -> None:
    """Taken back, and reported again."""
    keep(run, PAIR[:1])
    keep(run, PAIR)


def takes_in_a_running_one(run: Run) -> None:
    """A case that a team works on turns out to be the same."""
    keep(run, [*PAIR, *NEIGHBOURS])
    reveal_here(run)
    keep(run, [*PAIR, *FOUND_THE_SAME])


@pytest.mark.parametrize("happens", [arrears_rise, met_again, takes_in_a_running_one])
def test_what_matching_takes_up_again_is_on_the_next_list(tmp_path: Path, happens: Callable[[Run], None]) -> None:
    """Whatever makes matching call a closed case running again, the opener opens it and its team sees it."""
    place = make_municipality_with_opener(tmp_path)
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
        case_id = closed_by_its_team(run)
        happens(run)
        last = rows_in(run, "journal")[-1]["seq"]
    with place.run(NEXT_DAY) as later:
        assert IN_PROGRESS == {row["case_id"]: row["state"] for row in rows_in(later, "cases")}[case_id]
        reveal_here(later)
        assert (set(), [case_id]) == (journalled(later), opened_since(later, last))
    assert [case_id] == [case["case_id"] for case in worklist(place, on=NEXT_DAY)["cases"]]


@pytest.mark.parametrize("state", ["revealed", "in_progress", "routed"])
def test_a_case_that_closed_untouched_and_is_called_running_is_not_opened(tmp_path: Path, state: str) -> None:
    """Closed by nobody's word is closed too: the journal says so, and goes before the state in the store."""
    place = make_municipality_with_opener(tmp_path)
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
    with place.run(UNTOUCHED_UNTIL) as run:
        held = run.store.all(sa.select(tables.signals))
        retire(run)
        assert [CLOSED] == [row["state"] for row in rows_in(run, "cases")]
        last = rows_in(run, "journal")[-1]["seq"]
        call(run, state=state)
        with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
            transaction.connection.execute(tables.signals.delete())
            transaction.insert(tables.signals, held)
    with place.run(UNTOUCHED_UNTIL + timedelta(days=1)) as later:
        reveal_here(later)
        assert ([], {("refuse_case", "CASE_CLOSED")}) == (opened_since(later, last), journalled(later))
    assert [] == worklist(place, on=later.today)["cases"]


@pytest.mark.parametrize("state", ["in_progress", "merged", "withdrawn", "joined"])
def test_matching_does_not_bear_out_a_forged_state(tmp_path: Path, state: str) -> None:
    """A closed case that is called something else and then changes: what matching journals opens nothing."""
    place = make_municipality_with_opener(tmp_path)
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
        closed_by_its_team(run)
        last = rows_in(run, "journal")[-1]["seq"]
        call(run, state=state)
        keep(run, HIGHER)
    with place.run(NEXT_DAY) as later:
        reveal_here(later)
        assert ([], {("refuse_case", "CASE_CLOSED")}) == (opened_since(later, last), journalled(later))
    assert [] == worklist(place, on=NEXT_DAY)["cases"]


def test_a_closed_case_that_merges_is_said_to_be_closed_no_more(tmp_path: Path) -> None:
    """Taken apart again it is asked like any other: the journal's last word is the merge."""
    place = make_municipality_with_opener(tmp_path)
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
    with place.run(NEXT_DAY) as run:
        keep(run, [*PAIR, *NEIGHBOURS])
        reveal_here(run)
        (younger,) = (row["case_id"] for row in rows_in(run, "cases") if row["opened_on"] == f"{NEXT_DAY}")
        closed_by_its_team(run, younger)
        keep(run, [*PAIR, *FOUND_THE_SAME])
        lines = [row for row in rows_in(run, "journal") if (row["action"], row["object"]) == (MOVED, younger)]
    assert [CLOSED, MERGED] == [line["result"] for line in lines]


def call(run: Run, **values: Any) -> None:
    """What somebody does who can write to the table of cases, and to no other."""
    with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
        transaction.connection.execute(tables.cases.update().values(**values))
