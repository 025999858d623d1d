"""What a partner's earlier months are compared by, and what is remembered of what it was told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.store import deliveries, feedback, tables
from tests.builders.deliveries import Municipality, make_municipality
from tests.builders.openings import TUESDAY
from tests.builders.retirement import delivery
from tests.builders.stewardship import put, put_signals, rows_of_table, stored_signal

MONTH, BEFORE, AFTER = "2026-10", "2026-09", "2026-11"
COUNTED = ("admitted", "warned", "released")


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    """A municipality with an empty store."""
    return make_municipality(tmp_path)


def test_a_volume_is_compared_with_the_newest_lists_of_the_partners_own_earlier_months(
    place: Municipality,
) -> None:
    """Of each month before, the last list that counts; no correction, nobody else's, and not the month itself."""
    rows: list[dict[str, Any]] = [
        {"month": "2026-08", "sequence": 1, "row_count": 10},
        {"month": BEFORE, "sequence": 2, "row_count": 22},
        {"month": BEFORE, "sequence": 1, "row_count": 21},
        {"month": BEFORE, "sequence": 3, "row_count": 3, "kind": "correction"},
        {"month": BEFORE, "sequence": 4, "row_count": 4, "state": "refused"},
        {"month": BEFORE, "sequence": 5, "row_count": 5, "partner_id": "water-a"},
        {"month": MONTH, "sequence": 1, "row_count": 6},
        {"month": AFTER, "sequence": 1, "row_count": 7},
    ]
    with place.run(TUESDAY) as run:
        for number, row in enumerate(rows):
            put(run, tables.deliveries, **delivery(f"d-{number}", **row))
        found = deliveries.volumes_before(run.store, "huur-a", MONTH, COUNTED)
    assert {"2026-08": 10, BEFORE: 22} == found


def test_shares_are_compared_with_the_partners_own_signals_of_earlier_months(place: Municipality) -> None:
    """What was replaced counts no more, nor does the month itself or what somebody else reported."""
    with place.run(TUESDAY) as run:
        counting = stored_signal("huur-a", "a", BEFORE, wijkcode=None, arrears_months=3, is_crisis=True)
        others = [
            stored_signal("huur-a", "b", BEFORE, is_current=False),
            stored_signal("water-a", "c", BEFORE),
            stored_signal("huur-a", "d", MONTH),
        ]
        put_signals(run, [counting, *others])
        (row,) = deliveries.figures_before(run.store, "huur-a", MONTH)
    names = ("month", "row_count", "without_wijk_count", "crisis_count", "months_sum")
    assert (BEFORE, 1, 1, 1, 3) == tuple(row[name] for name in names)


def test_of_one_signal_and_day_the_last_word_is_remembered(place: Municipality) -> None:
    """Told otherwise later, both words are known; told the same again, its last day is; of others nothing else."""
    word = {"partner_id": "huur-a", "month": MONTH, "signal_id": "x", "code": "opgepakt", "sent_on": "2026-11-20"}
    changes = [{}, {"partner_id": "water-a"}, {"month": BEFORE}, {"signal_id": "y"}]
    with place.run(TUESDAY) as run:
        for change in changes:
            put(run, tables.feedback_sent, **word | change)

        def told(code: str, on: str) -> set[tuple[str, str]]:
            columns = ("month", "signal_id", "code", "suspended_until_on")
            row = pl.DataFrame([(MONTH, "x", code, None)], schema=dict.fromkeys(columns, pl.String), orient="row")
            with run.store.writer_lock("test"):
                feedback.write_sent(run.store, "huur-a", on, row, {}, at=run.now, actor="test")
            held = rows_of_table(run, tables.feedback_sent)
            mine = [
                one
                for one in held
                if (one["partner_id"], one["month"], one["signal_id"]) == ("huur-a", MONTH, "x")
            ]
            assert len(changes) - 1 == len(held) - len(mine)
            return {(one["code"], one["sent_on"]) for one in mine}

        first, second = ("opgepakt", "2026-11-20"), ("overleden", "2026-11-21")
        assert {first, second} == told(*second)
        assert {first, ("geen_inwoner", "2026-11-21")} == told("geen_inwoner", "2026-11-21")
        assert {("opgepakt", "2026-11-22"), ("geen_inwoner", "2026-11-21")} == told("opgepakt", "2026-11-22")
