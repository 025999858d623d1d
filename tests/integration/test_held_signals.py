"""What the store holds about somebody, asked for by the names of signals: no more, no less, nobody else's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.wiring import Run
from pipeline.store import subjects, tables
from pipeline.vocabulary.case import REVEALED
from tests.builders.deliveries import MONTH, Municipality, make_municipality
from tests.builders.openings import TUESDAY
from tests.builders.stewardship import WHEN, put, put_case, put_signals, stored_signal

SIGNAL = stored_signal("huur-a", "a")
NAME = ("huur-a", MONTH, SIGNAL["signal_id"])
OTHERS = [{"partner_id": "water-a"}, {"month": "2026-09"}, {"signal_id": "0" * 32}]


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    """A municipality with an empty store."""
    return make_municipality(tmp_path)


def test_the_newest_contact_that_was_sent_of_a_signal_is_held(place: Municipality) -> None:
    """A correction goes before what it corrects; a retraction has no contact: what it took back is held still."""
    rows: list[dict[str, Any]] = [
        {"sequence": 1, "is_current": False, "sealed_contact": b"one"},
        {"sequence": 2, "is_current": False, "sealed_contact": b"two"},
        {"sequence": 3, "is_retraction": True, "sealed_contact": None},
        *({**change, "sequence": 4, "sealed_contact": b"of another"} for change in OTHERS),
    ]
    with place.run(TUESDAY) as run:
        put_signals(run, [SIGNAL | row for row in rows])
        held = subjects.signals_named(run.store, {NAME})
    assert [(2, b"two")] == [(row["sequence"], bytes(row["sealed_contact"])) for row in held]


def test_feedback_is_found_by_partner_month_and_signal(place: Municipality) -> None:
    """What was said of another month, or by a number that another partner gave, is not about this one."""
    told = {"partner_id": "huur-a", "month": MONTH, "signal_id": NAME[2], "sent_on": "2026-11-20"}
    with place.run(TUESDAY) as run:
        for change in ({}, *OTHERS):
            code = "overleden" if change else "opgepakt"
            put(run, tables.feedback_sent, **told | change, code=code, suspended_until_on=None)
        found = subjects.feedback_on(run.store, {NAME})
    assert [("huur-a", MONTH, "opgepakt")] == [(row["partner_id"], row["month"], row["code"]) for row in found]


@pytest.mark.parametrize(
    ("changes", "is_of_case"),
    [({}, True), ({"is_confirmed": None}, False), ({"is_confirmed": False}, False), ({"is_active": False}, False)],
)
def test_a_case_is_found_by_every_signal_that_stood_in_it(
    place: Municipality, changes: dict[str, Any], is_of_case: bool
) -> None:
    """Also by one that left it, or that was refused in it: lists showed it, and the opener tells whose it is.

    Named by the case alone, only who was confirmed there is meant.
    """
    other = stored_signal("energie-a", "b")
    with place.run(TUESDAY) as run:
        put_case(run, "Z-1", REVEALED, [SIGNAL, other])
        if changes:
            with run.store.transaction("test", at=WHEN, actor="test") as transaction:
                row = tables.case_signals.c.signal_id == NAME[2]
                transaction.update(tables.case_signals, row, changes)
        found = [row["case_id"] for row in subjects.cases_holding(run.store, {NAME})]
        names = subjects.names_in_cases(run.store, ["Z-1"])
        of_case = subjects.confirmed_in_cases(run.store, ["Z-1"])
    assert (["Z-1"], True) == (found, NAME in names)
    assert is_of_case == (NAME in of_case)


def filed(run: Run) -> list[str]:
    return [str(row["request_id"]) for row in subjects.filed_requests(run.store, "2026-11-03T00:00:00Z")]


def test_requests_wait_for_hours_and_in_their_order(place: Municipality) -> None:
    """The oldest comes first; what was answered, and what nobody waits for any more, does not wait."""
    row = {"kind": "access", "state": "filed", "filed_by": "p.devries"}
    with place.run(TUESDAY) as run:
        for request_id, filed_at, state in (
            ("S-second", "2026-11-03T09:00:00Z", "filed"),
            ("S-first", "2026-11-03T00:00:00Z", "filed"),
            ("S-stale", "2026-11-02T23:59:59Z", "filed"),
            ("S-done", "2026-11-03T08:00:00Z", "done"),
        ):
            changes = {"request_id": request_id, "filed_at": filed_at, "state": state}
            put(run, tables.subject_requests, **row | changes)
        assert ["S-first", "S-second"] == filed(run)
