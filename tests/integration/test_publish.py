"""Publishing from a store, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.analytics.disclosure import Block, Group, Release
from pipeline.commands.analysts_inputs import release_plan
from pipeline.commands.match import match
from pipeline.commands.publish import _release as release_of
from pipeline.commands.publish import _row as row_of
from pipeline.commands.publish import publish
from pipeline.commands.route import route
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.store.published import keep_published, published
from pipeline.store.reports import analytics_sources
from tests.builders.matching import NOW, deliver, make_run

PERSONS = """
    partner | client | months | name   | initial | born       | crisis
    huur    | 1      | 4      | Jansen | A       | 1980-05-31 | no
    energie | 7      | 3      | Jansen | A       | 1980-05-31 | yes
    water   | 4      | 2      | Yilmaz | E       | 1991-02-03 | no
"""


@pytest.fixture
def run(database: str, tmp_path: Path) -> Run:
    return make_run(database, tmp_path)


def ask(run: Run, question: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(run.home.analytics), read_only=True) as connection:
        return connection.execute(question).fetchall()


def test_an_empty_store_publishes_empty_tables(run: Run) -> None:
    """The first publication needs no delivery."""
    outcome = publish(run)
    names = ("signals", "cases", "worklist_counts", "deliveries", "refusals", "releases", "releases_new")
    assert dict.fromkeys(names, 0) == outcome.counts
    assert {"analytics": str(run.home.analytics)} == outcome.paths


def test_the_agreement_of_a_month_says_whether_one_partner_reveals(run: Run) -> None:
    """A newer version that no longer lets a crisis signal reveal changes nothing for months before it."""
    (now,) = run.agreements
    former = replace(now, valid_until=date(2026, 10, 31), lanes={"crisis": "reveal"})
    newer = replace(now, version=now.version + 1, valid_from=date(2026, 11, 1), lanes={"crisis": "count"})
    deliver(run, PERSONS)
    changed = replace(run, agreements=(former, newer), today=date(2026, 12, 7))
    plan = release_plan(changed, analytics_sources(changed.store))
    assert {"2026-10": True, "2026-11": False, "2026-12": False} == {
        month: known.one_partner_reveals for month, known in plan.months.items()
    }


def test_every_edition_of_a_release_is_kept(run: Run) -> None:
    """What was told first can still be compared with when the third edition is decided, after any restart."""
    editions = [(Group(("a", "b"), count), Group(("c",), 30)) for count in (62, 47, 80)]
    block = Block("signals", "2026-10", "wijk", editions[2], tuple(editions[:2]))
    release = Release("signals", "2026-10", "deliveries", (block,), 3, "2026-11-03", "2026-12-01", "correctie")
    keep_published(run.store, [row_of(release)], **NOW)
    assert [release] == [release_of(row) for row in published(run.store)]


def test_signals_cases_and_lists_are_published(run: Run) -> None:
    """What was matched, routed and shown stands in the file, counted by wijk, partner type and month."""
    deliver(run, PERSONS)
    match(run)
    route(run)
    with run.store.transaction("reveal", **NOW) as transaction:
        (case,) = transaction.all(tables.cases.select())
        shown = {"order_id": "o", "case_id": case["case_id"], "worklist_on": "2026-10-12", "team_id": "noord"}
        transaction.insert(
            tables.disclosures, [{**shown, "ground": "rule", "is_new": True, "disclosed_at": NOW["at"]}]
        )
    publish(run)
    assert [("Energie", 3, True, True), ("Huur", 4, False, True), ("Water", 2, False, False)] == ask(
        run, "SELECT partner_type, arrears_months, is_crisis, case_no IS NOT NULL FROM work.signals ORDER BY 1"
    )
    assert [("routed", "noord", 2, 2, True)] == ask(
        run, "SELECT state, team_id, partner_count, signal_count, is_crisis FROM work.cases"
    )
    assert [("2026-10", "WK990101", "Energie", 1), ("2026-10", "WK990101", "Huur", 1)] == ask(
        run, "SELECT month, wijkcode, partner_type, case_count FROM work.worklist_counts ORDER BY ALL"
    )


def test_refused_rows_are_counted_per_fault(run: Run) -> None:
    """The ledger's list of refused rows becomes a count per fault and column, without row numbers."""
    faults = [{"code": "OUT_OF_RANGE", "column": "arrears_months", "row": row} for row in (3, 9)]
    ledger = {
        "delivery_id": "huur_2026-10_0001",
        "manifest_hash": "aa",
        "partner_id": "huur",
        "month": "2026-10",
        "sequence": 1,
        "kind": "signals",
        "state": "admitted",
        "response_code": "OK",
        "row_count": 12,
        "admitted_count": 10,
        "refused_count": 2,
        "refused_rows": faults,
        "received_at": NOW["at"],
        "decided_at": NOW["at"],
        "decided_by": "samenloop",
    }
    with run.store.transaction("admit_delivery", **NOW) as transaction:
        transaction.insert(tables.deliveries, [ledger])
    publish(run)
    columns = "state, r.fault_code, column_name, r.row_count"
    question = f"SELECT {columns} FROM work.deliveries JOIN work.refusals r USING (delivery_no)"
    assert [("admitted", "OUT_OF_RANGE", "arrears_months", 2)] == ask(run, question)
