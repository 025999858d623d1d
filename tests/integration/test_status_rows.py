"""What `samenloop status` counts, each beside rows that look like it and are something else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.status import status
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.vocabulary.case import (
    CLOSED,
    DOUBTFUL,
    IN_PROGRESS,
    JOINED,
    LANE_CRISIS,
    MARK_RETRACTED,
    MERGED,
    OPENED,
    REVEALED,
    ROUTED,
    WITHDRAWN,
)
from tests.builders.deliveries import Municipality
from tests.builders.stewardship import WHEN, make_stewarded, put, put_case, put_signals, stored_signal
from tests.integration.test_status import delivery, order

TUESDAY = date(2026, 11, 3)


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    return make_stewarded(tmp_path)


def counts_of(place: Municipality, *names: str, today: date = TUESDAY) -> tuple[int, ...]:
    with place.run(today) as run:
        counts = status(run).counts
    return tuple(counts[name] for name in names)


def text_of(place: Municipality, today: date = TUESDAY) -> list[str]:
    with place.run(today) as run:
        return [" ".join(line.split()) for line in status(run).lines]


def change_member(run: Run, signal: Mapping[str, Any], **values: Any) -> None:
    held = tables.case_signals.c
    with run.store.transaction("test", at=WHEN, actor="test") as transaction:
        transaction.update(tables.case_signals, held.signal_id == signal["signal_id"], values)


def attempt(
    run: Run, number: int, case_id: str, contact_type: str, on: str = "2026-10-20", **changes: Any
) -> None:
    row = {"attempt_id": f"A-{number}", "case_id": case_id, "contact_type": contact_type, "attempted_on": on}
    put(run, tables.attempts, **{**row, "is_reached": False, "recorded_at": WHEN, **changes})


def test_signals_that_count_and_those_of_them_that_a_team_has_seen(place: Municipality) -> None:
    """Not what was replaced or taken back, left its case or was found to be about another person."""
    shown, closed, waiting, left, other, alone = (
        stored_signal("huur-a", label) for label in ("shown", "closed", "waiting", "left", "other", "alone")
    )
    replaced = stored_signal("huur-a", "replaced", is_current=False)
    taken_back = stored_signal("huur-a", "taken back", is_retraction=True, sealed_contact=None, is_crisis=True)
    namesakes = [stored_signal("energie-a", "shown"), stored_signal("huur-a", "shown", "2026-09")]
    with place.run(TUESDAY) as run:
        put_signals(run, [shown, closed, waiting, left, other, alone, replaced, taken_back, *namesakes])
        put_case(run, "Z-shown", REVEALED, [shown, left, other, replaced, taken_back])
        put_case(run, "Z-closed", CLOSED, [closed])
        put_case(run, "Z-waiting", ROUTED, [waiting])
        change_member(run, left, is_active=False)
        change_member(run, other, is_confirmed=False)
    assert (8, 2, 4) == counts_of(place, "signals", "signals_in_seen_cases", "single_signals")


def test_crisis_signals_that_stand_in_no_case(place: Municipality) -> None:
    """Not one that is in a case, was replaced or was taken back; a case that was withdrawn holds nothing."""
    rows = {label: stored_signal("huur-a", label, is_crisis=True) for label in ("held", "freed", "left", "alone")}
    gone = [
        stored_signal("huur-a", "replaced", is_crisis=True, is_current=False),
        stored_signal("huur-a", "taken back", is_crisis=True, is_retraction=True, sealed_contact=None),
    ]
    with place.run(TUESDAY) as run:
        put_signals(run, [*rows.values(), *gone, stored_signal("huur-a", "no crisis")])
        put_case(run, "Z-held", DOUBTFUL, [rows["held"], rows["left"]])
        put_case(run, "Z-freed", WITHDRAWN, [rows["freed"]])
        change_member(run, rows["left"], is_active=False)
    assert (3, 4) == counts_of(place, "crisis_signals", "single_signals")


LATE = {"due_on": "2026-11-02"}


def test_cases_that_are_late_for_their_first_contact(place: Municipality) -> None:
    """From the day after; a visit or an answered letter is a contact, and what was withdrawn is none."""
    with place.run(TUESDAY) as run:
        for case_id in ("Z-late", "Z-wrote", "Z-answered", "Z-called", "Z-withdrawn"):
            put_case(run, case_id, IN_PROGRESS, **LATE)
        put_case(run, "Z-today", REVEALED, due_on="2026-11-03")
        put_case(run, "Z-closed", CLOSED, **LATE)
        put_case(run, "Z-waits", ROUTED, **LATE)
        put_case(run, "Z-back", REVEALED, mark=MARK_RETRACTED, **LATE)
        attempt(run, 1, "Z-wrote", "Brief")
        attempt(run, 2, "Z-answered", "Brief", is_reached=True)
        attempt(run, 3, "Z-called", "Telefoon")
        attempt(run, 4, "Z-withdrawn", "Huisbezoek", is_reached=True, is_withdrawn=True)
    assert (3,) == counts_of(place, "cases_overdue")


def test_a_visit_in_a_merged_case_is_one_of_the_case_that_it_merged_into(place: Municipality) -> None:
    """And of no other case: these stay late."""
    with place.run(TUESDAY) as run:
        for case_id in ("Z-absorbing", "Z-late"):
            put_case(run, case_id, IN_PROGRESS, **LATE)
        put_case(run, "Z-absorbed", MERGED, merged_into="Z-absorbing")
        attempt(run, 1, "Z-absorbed", "Huisbezoek")
    assert (1,) == counts_of(place, "cases_overdue")


def test_cases_per_lane_taken_back_and_without_a_team(place: Municipality) -> None:
    """Only those that a team was shown and has not closed; what no team serves yet is counted apart."""
    nobody = {"team_id": None, "reason_code": "no_team"}
    with place.run(TUESDAY) as run:
        put_case(run, "Z-matched", REVEALED)
        put_case(run, "Z-crisis", IN_PROGRESS, lane=LANE_CRISIS)
        put_case(run, "Z-crisis-closed", CLOSED, lane=LANE_CRISIS)
        put_case(run, "Z-crisis-waits", ROUTED, lane=LANE_CRISIS)
        put_case(run, "Z-back", REVEALED, mark=MARK_RETRACTED)
        put_case(run, "Z-back-closed", CLOSED, mark=MARK_RETRACTED)
        put_case(run, "Z-nobody", IN_PROGRESS, **nobody)
        put_case(run, "Z-nobody-yet", OPENED, **nobody)
        put_case(run, "Z-not-routed-yet", OPENED, team_id=None)
        put_case(run, "Z-nobody-closed", CLOSED, **nobody)
    names = ("shown_matched", "shown_crisis", "retracted", "shown_without_team", "unroutable")
    assert (1, 1, 1, 1, 2) == counts_of(place, *(f"cases_{name}" for name in names))


def test_deliveries_of_the_months_that_may_still_come(place: Municipality) -> None:
    """Not of months before; but what is held waits whatever its month, and a refused one may have none."""
    with place.run(TUESDAY) as run:
        for number, (month, state) in enumerate(
            [
                ("2026-09", "admitted"),
                ("2026-09", "released"),
                ("2026-09", "warned"),
                ("2026-08", "admitted"),
                ("2026-08", "held"),
                ("2026-08", "refused"),
                (None, "refused"),
            ]
        ):
            changes = {"delivery_id": f"D-{number}", "month": month, "refused_count": number + 1}
            put(run, tables.deliveries, **delivery("huur-a", state, **changes))
    names = ("deliveries_admitted", "deliveries_held", "deliveries_refused", "rows_refused")
    assert (3, 1, 1, 6) == counts_of(place, *names)


def test_orders_that_wait_are_those_for_worklists(place: Municipality) -> None:
    """What was handed over waits no more, and a file for another system is no worklist."""
    with place.run(TUESDAY) as run:
        put(run, tables.worklist_orders, **order("W-1", "2026-11-02", "done"))
        put(run, tables.worklist_orders, **order("W-2", "2026-11-03", "filed"))
        put(run, tables.worklist_orders, **order("W-3", "2026-11-01", "filed"), purpose="ddas")
    assert (1,) == counts_of(place, "orders_waiting")
    assert any("De werklijst van 03-11-2026 wacht" in line for line in text_of(place))


def ask(run: Run, number: int, order_id: str, case_id: str, **changes: Any) -> None:
    row = {"request_id": f"R-{number}", "order_id": order_id, "case_id": case_id, "ground": "rule"}
    answered = {"state": "answered", "reason_code": "PERSON", "case_revision": 1}
    put(run, tables.opening_requests, **{**row, **answered, "filed_at": WHEN, "filed_by": "test", **changes})


def test_a_doubt_is_as_old_as_the_day_on_which_it_was_asked_last(place: Municipality) -> None:
    """Of a case that was asked twice the second day counts; one that was not asked began when it was opened."""
    with place.run(TUESDAY) as run:
        put(run, tables.worklist_orders, **order("W-1", "2026-10-26", "done"))
        put(run, tables.worklist_orders, **order("W-2", "2026-10-29", "done"))
        for case_id, opened_on in (("Z-asked", "2026-10-01"), ("Z-unasked", "2026-10-28")):
            put_case(run, case_id, DOUBTFUL, opened_on=opened_on)
        put_case(run, "Z-other", REVEALED, opened_on="2026-10-01")
        ask(run, 1, "W-1", "Z-asked")
        ask(run, 2, "W-2", "Z-asked")
        ask(run, 3, "W-1", "Z-other")
    assert (2, 4) == counts_of(place, "cases_doubtful", "doubtful_oldest_working_days")
    with place.run(TUESDAY) as run, run.store.transaction("test", at=WHEN, actor="test") as transaction:
        transaction.update(tables.cases, tables.cases.c.case_id == "Z-unasked", {"state": REVEALED})
    assert (1, 3) == counts_of(place, "cases_doubtful", "doubtful_oldest_working_days")


def test_days_on_which_more_was_opened_than_the_agreement_expects(place: Municipality) -> None:
    """Of the last fourteen days; what was not answered, or had no ground, was not opened."""
    place.agreement["thresholds"] = {"openings_per_day": 1}
    place.write_documents()
    days = {"2026-10-19": (1, 1), "2026-10-20": (1, 1), "2026-11-02": (1, 0), "2026-11-03": (1,)}
    with place.run(TUESDAY) as run:
        for number, (day, opened) in enumerate(days.items()):
            put(run, tables.worklist_orders, **order(f"W-{number}", day, "done"))
            for at, is_opened in enumerate(opened):
                reason = "PERSON" if is_opened else "GROUND_NOT_MET"
                ask(run, 10 * number + at, f"W-{number}", f"Z-{at}", reason_code=reason)
        ask(run, 99, "W-3", "Z-9", state="filed")
    assert (1,) == counts_of(place, "days_over_opening_ceiling")
    assert any("Op 20-10-2026 zijn 2 zaken geopend" in line for line in text_of(place))


def test_what_is_deleted_next_are_signals_that_count_and_cases_that_ended(place: Municipality) -> None:
    """Per month, the oldest first; a case that runs is not deleted, and what was replaced is not counted."""
    rows = [stored_signal("huur-a", "one"), stored_signal("energie-a", "two")]
    with place.run(TUESDAY) as run:
        put_signals(run, [*rows, stored_signal("huur-a", "old", is_current=False)])
        for case_id, state in (("Z-1", CLOSED), ("Z-2", JOINED), ("Z-3", REVEALED), ("Z-4", DOUBTFUL)):
            put_case(run, case_id, state)
        put_case(run, "Z-5", MERGED, month="2026-09")
    lines = text_of(place)
    assert any(line.startswith("signalen van 2026-10 2 ") for line in lines)
    assert any(line.startswith("zaken van 2026-09 1 ") for line in lines)
    assert any(line.startswith("zaken van 2026-10 2 ") for line in lines)


def test_cases_that_close_because_nobody_recorded_anything(place: Municipality) -> None:
    """Shown long ago and nothing since; not after a visit or a later month, nor once taken back or closed."""
    shown = {"first_revealed_on": "2026-04-20"}
    with place.run(TUESDAY) as run:
        for case_id in ("Z-silent", "Z-withdrawn", "Z-visited", "Z-reported-again"):
            put_case(run, case_id, REVEALED, **shown)
        put_case(run, "Z-back", REVEALED, mark=MARK_RETRACTED, **shown)
        put_case(run, "Z-closed", CLOSED, **shown)
        put_case(run, "Z-later", JOINED, joined_to="Z-reported-again")
        attempt(run, 1, "Z-visited", "Huisbezoek")
        attempt(run, 2, "Z-withdrawn", "Huisbezoek", is_withdrawn=True)
    assert (2,) == counts_of(place, "cases_closing_untouched")
