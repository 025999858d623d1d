"""Orders and days: what is asked of the opener once, again, late, or after a power cut."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.commands.opener import serve
from pipeline.commands.reveal import order_is_done, order_worklists, reveal
from pipeline.commands.route import route
from pipeline.commands.wiring import Run, open_run
from pipeline.store import tables
from tests.builders.deliveries import NOW, Municipality
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
)

WEDNESDAY = TUESDAY + timedelta(days=1)
SON = {"birth_on": "1980-02-11", "klantnummer": "klant-son"}
PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


@pytest.fixture
def run(place: Municipality) -> Iterator[Run]:
    with place.run(TUESDAY) as opened:
        yield opened


def one(run: Run, table: str) -> dict[str, Any]:
    (row,) = rows_in(run, table)
    return row


def actions(run: Run) -> list[tuple[str, str | None, str]]:
    """The opener's lines in the journal, in order."""
    return [
        (row["action"], row["ground"], row["result"])
        for row in rows_in(run, "journal")
        if row["actor"] == "opener"
    ]


def change_cases(run: Run, **values: Any) -> None:
    """What matching, a steward or follow-up would have done."""
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        transaction.update(tables.cases, sa.true(), values)


def shown(place: Municipality, on: date = TUESDAY, team_id: str = "noord") -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = worklist(place, team_id, on)["cases"]
    return cases


def files(place: Municipality) -> dict[str, bytes]:
    """Every file in the worklists, with its content."""
    return {
        str(path.relative_to(place.home.worklists)): path.read_bytes()
        for path in sorted(place.home.worklists.rglob("*"))
        if path.is_file()
    }


def test_same_day_again_changes_nothing(place: Municipality, run: Run) -> None:
    """No second order, no byte of the lists, and the case is still new on its first day."""
    keep(run, PAIR)
    assert reveal_here(run) is not None
    before = (files(place), rows_in(run, "cases"), rows_in(run, "disclosures"), rows_in(run, "journal"))
    assert reveal_here(run) is None
    assert before == (files(place), rows_in(run, "cases"), rows_in(run, "disclosures"), rows_in(run, "journal"))
    assert shown(place)[0]["is_new"]


@pytest.mark.parametrize(
    ("day", "after"), [(date(2026, 11, 7), date(2026, 11, 9)), (date(2026, 12, 25), date(2026, 12, 28))]
)
def test_nothing_on_a_day_of_rest_and_nothing_lost(place: Municipality, run: Run, day: date, after: date) -> None:
    """No order and no folder; on the next working day the case is there, and new."""
    keep(run, PAIR)
    with place.run(day) as resting:
        outcome = reveal(resting, wait_seconds=0)
        assert 0 == sum(outcome.counts.values())
        assert "geen werkdag" in outcome.lines[0]
        assert [] == rows_in(resting, "worklist_orders")
    assert {} == files(place)
    with place.run(after) as working:
        reveal_here(working)
    assert shown(place, after)[0]["is_new"]


def test_setting_reveals_on_any_day(place: Municipality, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """SAMENLOOP_REVEAL_ON=change does not wait for a working morning."""
    monkeypatch.setenv("SAMENLOOP_REVEAL_ON", "change")
    keep(run, PAIR)
    with place.run(date(2026, 11, 8)) as sunday:
        reveal_here(sunday)
    assert 1 == len(shown(place, date(2026, 11, 8)))


def test_change_on_the_day_itself_makes_a_new_revision(place: Municipality, run: Run) -> None:
    """A case that is found later that day is added; the first one is still new."""
    keep(run, PAIR)
    reveal_here(run)
    keep(run, [*PAIR, report("huur-a", "c", "y", **SON), report("water-a", "d", "y", **SON)])
    reveal_here(run)
    assert [True, True] == [case["is_new"] for case in shown(place)]
    assert ["2026-11-03.1", "2026-11-03.2"] == [
        f"{row['worklist_on']}.{row['revision']}"
        for row in sorted(rows_in(run, "worklist_orders"), key=lambda row: row["revision"])
    ]
    assert "2026-11-03.2" == worklist(place)["sheet_version"]


def test_case_that_moves_to_another_team_is_on_its_list_the_same_day(place: Municipality, run: Run) -> None:
    """An order that was answered for the former team does not cover it."""
    keep(run, PAIR)
    reveal_here(run)
    change_cases(run, team_id="zuid")
    reveal_here(run)
    assert 1 == len(shown(place, team_id="zuid"))


def test_case_withdrawn_after_the_order_is_not_opened(place: Municipality, run: Run) -> None:
    """The ground is judged when it is used, not when it was asked for."""
    keep(run, PAIR)
    route(run)
    order_id = order_worklists(run)
    assert order_id is not None
    change_cases(run, state="withdrawn")
    serve(run.home.path, once=True, now=NOW)
    assert order_is_done(run, order_id)
    assert "open_contacts" not in {action for action, _, _ in actions(run)}
    assert ("withheld", "GROUND_NOT_MET") == (
        one(run, "opening_requests")["verdict"],
        one(run, "opening_requests")["reason_code"],
    )
    assert "withdrawn" == one(run, "cases")["state"]
    assert [] == shown(place)


def test_order_of_an_earlier_day_is_not_answered_late(place: Municipality, run: Run) -> None:
    """An opener that was down yesterday makes today's list, where the case is new."""
    keep(run, PAIR)
    route(run)
    yesterday = order_worklists(run)
    with place.run(WEDNESDAY) as next_run:
        reveal_here(next_run)
        assert yesterday not in {row["order_id"] for row in rows_in(next_run, "worklist_orders")}
    assert not (place.home.worklists / "noord" / TUESDAY.isoformat()).exists()
    assert shown(place, WEDNESDAY)[0]["is_new"]


def test_order_that_waited_too_long_is_filed_anew(place: Municipality, run: Run) -> None:
    """The same day run again a day later finds an order that no opener takes any more; it is still answered."""
    keep(run, PAIR)
    route(run)
    order_id = order_worklists(run)
    later = NOW + timedelta(hours=25)
    with open_run(place.path, TUESDAY, "samenloop", later) as next_run:
        assert order_id == order_worklists(next_run)
        assert {"orders": 1} == serve(place.path, once=True, now=later).counts
    assert 1 == len(shown(place))


def test_power_cut_between_writing_and_marking(
    place: Municipality, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lists stand there and the store does not know: run again, and all is as after one good run."""
    keep(run, PAIR)
    cut = pytest.MonkeyPatch()
    cut.setattr("pipeline.store.openings.finish_order", lambda *_, **__: (_ for _ in ()).throw(OSError("power")))
    with pytest.raises(OSError, match="power"):
        reveal_here(run)
    cut.undo()
    written = files(place)
    assert "routed" == one(run, "cases")["state"]
    reveal_here(run)
    assert written == files(place)
    assert ("revealed", 1) == (one(run, "cases")["state"], len(rows_in(run, "disclosures")))
    assert 2 == actions(run).count(("open_contacts", "rule", "begun"))
    assert shown(place)[0]["is_new"]


def test_a_list_that_was_taken_away_is_made_again(place: Municipality, run: Run) -> None:
    """An erasure takes the day's list away: `reveal` on that day makes it again for whoever is left on it."""
    keep(run, PAIR)
    reveal_here(run)
    before = worklist(place)["cases"]
    shutil.rmtree(place.home.worklists / "noord" / TUESDAY.isoformat())
    reveal_here(run)
    assert [case["case_id"] for case in before] == [case["case_id"] for case in worklist(place)["cases"]]
