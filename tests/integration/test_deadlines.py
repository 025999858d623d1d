"""What is said when a deadline passes, and that it is said once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.commands.admit import admit
from pipeline.commands.deadlines import late_partners, report_late_partners, report_late_worklists
from pipeline.commands.wiring import Run
from pipeline.store.tables import journal, worklist_orders
from tests.builders.deliveries import Municipality, make_delivery, make_municipality

DUE = date(2026, 11, 6)


@pytest.fixture
def municipality(tmp_path: Path, database: str) -> Municipality:
    return make_municipality(tmp_path)


def lines(run: Run, action: str) -> list[tuple[str, str]]:
    rows = run.store.all(sa.select(journal).where(journal.c.action == action).order_by(journal.c.seq))
    return [(row["object"], row["result"]) for row in rows]


def test_a_partner_that_did_not_deliver_is_named_once_a_day(municipality: Municipality) -> None:
    """The journal names each late partner and month once a day; what was refused counts as not delivered."""
    make_delivery(municipality, "huur-a")
    make_delivery(municipality, "water-a", data_bytes=lambda content: content[:-1] + bytes([content[-1] ^ 1]))
    with municipality.run(DUE) as run:
        admit(run)
        assert ["energie-a", "water-a"] == late_partners(run)
        said = report_late_partners(run)
        assert [True, True] == ["2026-10" in line and "06-11-2026" in line for line in said]
        report_late_partners(run)
        assert [("energie-a 2026-10", "not delivered"), ("water-a 2026-10", "not delivered")] == lines(
            run, "partner_late"
        )
    with municipality.run(date(2026, 11, 9)) as run:
        report_late_partners(run)
        assert 4 == len(lines(run, "partner_late"))


def test_nobody_is_named_before_the_day(municipality: Municipality) -> None:
    """Before the agreed working day nothing is said."""
    with municipality.run(date(2026, 11, 5)) as run:
        assert [] == report_late_partners(run)
        assert [] == lines(run, "partner_late")


def test_an_order_that_nobody_answers_is_a_late_worklist(municipality: Municipality) -> None:
    """An order of today that is still filed is said, with what to do; once it is done nothing is said."""
    with municipality.run(DUE) as run:
        assert [] == report_late_worklists(run)
        row = {
            "order_id": "W-1",
            "worklist_on": DUE.isoformat(),
            "revision": 1,
            "state": "filed",
            "fingerprint": "x",
            "filed_at": run.now,
        }
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.insert(worklist_orders, [row])
        [line] = report_late_worklists(run)
        assert "samenloop opener" in line
        assert [("worklist 2026-11-06", "opener busy")] == lines(run, "worklist_late")
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.update(worklist_orders, worklist_orders.c.order_id == "W-1", {"state": "done"})
        assert [] == report_late_worklists(run)
