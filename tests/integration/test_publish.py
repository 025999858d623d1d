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
from pipeline.commands.report import report
from pipeline.commands.route import route
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.store.published import keep_published, published
from pipeline.store.reports import analytics_sources
from pipeline.vocabulary.case import IN_PROGRESS, MARK_RETRACTED, REVEALED
from pipeline.vocabulary.faults import Refused
from tests.builders.matching import NOW, deliver, make_run
from tests.builders.stewardship import make_stewarded, put, put_case, put_signals, stored_signal
from tests.integration.test_status import delivery

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


GONE = {"is_current": False}
TAKEN_BACK = {"is_retraction": True, "sealed_contact": None, "sequence": 2}


def test_what_was_taken_back_is_counted_as_the_columns_say(database: str, tmp_path: Path) -> None:
    """No signal or attempt that was replaced or taken back; a case keeps its row, its mark, and no signal."""
    shown = [stored_signal(partner, "shown") for partner in ("huur-a", "energie-a", "water-a")]
    back = [stored_signal("huur-a", "back", **GONE), stored_signal("energie-a", "back")]
    alone = [stored_signal("water-a", "alone", **GONE), stored_signal("water-a", "alone", sequence=2)]
    told = [stored_signal("huur-a", "back", **TAKEN_BACK), stored_signal("water-a", "never", **TAKEN_BACK)]
    with make_stewarded(tmp_path).run() as run:
        put_signals(run, [*shown, *back, *alone, *told])
        put_case(run, "Z-shown", REVEALED, shown)
        put_case(run, "Z-back", IN_PROGRESS, back, mark=MARK_RETRACTED)
        with run.store.transaction("match_month", **NOW) as transaction:
            left = tables.case_signals.c.partner_id == "water-a"
            transaction.update(tables.case_signals, left, {"is_active": False})
        for number, is_withdrawn in enumerate([False, True]):
            tried = {"attempt_id": f"A-{number}", "contact_type": "Brief", "attempted_on": "2026-11-02"}
            said = {"is_reached": is_withdrawn, "is_withdrawn": is_withdrawn, "recorded_at": NOW["at"]}
            put(run, tables.attempts, case_id="Z-shown", **tried, **said)
        publish(run)
        columns = "is_retracted, standing, signal_count, attempt_count, is_reached"
        assert [(False, "getoond", 2, 1, False), (True, "getoond", 2, 0, False)] == ask(
            run, f"SELECT {columns} FROM work.cases ORDER BY 1"
        )
        held = [("Energie", "enkelvoudig", False), ("Energie", "met andere partner", True)]
        held += [("Huur", "met andere partner", True)]
        held += [("Water", "enkelvoudig", False), ("Water", "enkelvoudig", False)]
        assert held == ask(
            run, "SELECT partner_type, position, case_no IS NOT NULL FROM work.signals ORDER BY ALL"
        )
        assert [(1, 0)] == ask(run, "SELECT open_case_count, untouched_case_count FROM work.workload")
        counted = "SELECT topic, item_count FROM work.counts WHERE period = '2026-10' AND category = "
        assert [("total", 5)] == ask(run, f"{counted} 'alle'")
        assert [("position", 2)] == ask(run, f"{counted} 'in een zaak'")


def whole_of(page: Path) -> list[str]:
    """How many signals stand behind the share of crisis signals, in the figures beside a page."""
    head, *lines = page.with_suffix(".csv").read_text(encoding="utf-8-sig").splitlines()
    rows = [dict(zip(head.split(";"), line.split(";"), strict=True)) for line in lines]
    return [row["whole_count"] for row in rows if row["indicator"] == "share_crisis"]


def test_a_report_counts_no_signal_that_was_taken_back(database: str, tmp_path: Path) -> None:
    """Five of thirty before the month was published, ten after: the figures say 25, then 15, and the page why."""
    place = make_stewarded(tmp_path)
    rows = [stored_signal("huur-a", f"{number}", is_current=number >= 5) for number in range(30)]
    taken = [stored_signal("huur-a", f"{number}", **TAKEN_BACK) for number in range(5)]
    with place.run(date(2026, 12, 7)) as run:
        put_signals(run, [*rows, *taken])
        for partner in ("huur-a", "energie-a", "water-a"):
            put(run, tables.deliveries, **delivery(partner, "admitted"))
        publish(run)
        page = Path(report(run, "2026-10").paths["monitor"])
        assert (["25"], False) == (whole_of(page), "Reden: intrekking." in page.read_text(encoding="utf-8"))
        with run.store.transaction("test", **NOW) as transaction:
            ids = [row["signal_id"] for row in rows[5:15]]
            transaction.update(tables.signals, tables.signals.c.signal_id.in_(ids), GONE)
        later = {"delivery_id": "huur-a_2026-10_0002", "sequence": 2, "received_at": "2026-12-08T06:00:00Z"}
        put(run, tables.deliveries, **delivery("huur-a", "admitted", kind="retraction", **later))
    with place.run(date(2026, 12, 9)) as run:
        publish(run)
        report(run, "2026-10")
        told = "SELECT revision, reason FROM publish.releases WHERE period = '2026-10' AND moment = 'deliveries'"
        assert [(2, "intrekking")] == ask(run, told)
    assert (["15"], True) == (whole_of(page), "Reden: intrekking." in page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("period", ["2019-01", "2027-06", "2019Q1", "2019", "2019-01..2019-06"])
def test_no_page_is_made_of_a_period_that_never_was(run: Run, period: str) -> None:
    """A mistyped month is refused with the months that there are, and leaves no file behind."""
    deliver(run, PERSONS)
    match(run)
    publish(run)
    with pytest.raises(Refused, match="PERIOD_UNKNOWN") as refused:
        report(run, period)
    assert "(2026-10 tot en met 2026-1" in refused.value.next_step
    assert [] == list(run.home.reports.glob("*"))


@pytest.mark.parametrize("period", ["2026-10", "2026Q4", "2026", "2026-06..2026-10"])
def test_a_page_is_made_of_a_period_that_is_known_in_part(run: Run, period: str) -> None:
    """One month of it that is published or still expected is enough; the page says what is not there."""
    deliver(run, PERSONS)
    match(run)
    publish(run)
    assert 1 == report(run, period).counts["pages_new"]
