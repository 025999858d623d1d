"""The monitor page: what it says, where it gets it from, and that it needs nothing from elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.analytics.monitor_figures import Published
from pipeline.analytics.monitor_page import figures_frame, render_monitor
from pipeline.analytics.periods import parse_period
from pipeline.vocabulary.faults import Refused
from tests.builders.analytics import FACTS, PARTNERS, Town, drawn_town

MONTHS = ("2026-10", "2026-11", "2026-12")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    made = Town(
        tmp_path_factory.mktemp("town") / "analytics.duckdb", facts=replace(FACTS, published_on="2027-06-01")
    )
    made.publish(drawn_town(2, MONTHS, 120))
    return made


def page_of(town: Town, period: str) -> str:
    return render_monitor(Published.read(town.path), parse_period(period)).decode()


def test_the_page_needs_nothing_from_elsewhere(town: Town) -> None:
    """No script, no address: styles and charts are inside, and the page forbids itself every request."""
    page = page_of(town, "2026Q4")
    assert [] == re.findall(r"(?:src|href)=\"(?!data:|#)", page)
    assert [] == re.findall(r"<script|@import|url\(", page)
    assert "default-src 'none'" in page


def test_every_chart_has_a_text_and_a_table(town: Town) -> None:
    """Who cannot see a chart reads what it shows, and finds its numbers in a table."""
    page = page_of(town, "2026Q4")
    texts = re.findall(r'<img src="data:image/svg[^"]+" alt="([^"]+)"', page)
    assert len(texts) == page.count("de cijfers in een tabel</summary>") >= 3
    assert all(len(text) > 60 for text in texts)


def test_the_page_comes_from_publish_alone(town: Town, tmp_path: Path) -> None:
    """Without schema `work` the same page is made, and none of its counts is 1 to 9."""
    copy = tmp_path / "copy.duckdb"
    with duckdb.connect(str(copy)) as connection:
        connection.execute(f"ATTACH '{town.path}' AS town (READ_ONLY)")
        connection.execute("CREATE SCHEMA publish")
        tables = connection.execute(
            "SELECT DISTINCT table_name FROM duckdb_columns() "
            "WHERE database_name = 'town' AND schema_name = 'publish'"
        ).fetchall()
        for (name,) in tables:
            connection.execute(f"CREATE TABLE publish.{name} AS SELECT * FROM town.publish.{name}")
    published = Published.read(copy)
    period = parse_period("2026Q4")
    assert page_of(town, "2026Q4") == render_monitor(published, period).decode()
    counts = figures_frame(published, period)
    assert {0} == set(counts["part_count"] % 5)
    assert counts.height > 30


def test_a_month_shows_the_last_published_quarter(town: Town) -> None:
    """A month has no cases of its own: the quarter that they are of is named."""
    assert "Zaken en opvolging: vierde kwartaal van 2026." in page_of(town, "2026-12")


def test_what_changed_is_said(town: Town) -> None:
    """Counts are compared with the month before; before the first month there is nothing to compare with."""
    assert re.search(
        r"(meer|minder|evenveel) signalen dan in november 2026: [\d.]+ tegen [\d.]+\.", page_of(town, "2026-12")
    )
    assert "Over september 2026 is niets gepubliceerd." in page_of(town, "2026-10")


def test_only_whole_periods_are_compared(tmp_path: Path) -> None:
    """One published month of a quarter is not set beside three, and the page says which months it has."""
    town = Town(tmp_path / "analytics.duckdb", facts=replace(FACTS, published_on="2027-02-10"))
    town.publish(drawn_town(2, ("2026-10", "2026-11", "2026-12", "2027-01"), 120), date(2027, 2, 10))
    page = page_of(town, "2027Q1")
    assert "niet alle signalen gepubliceerd: januari 2027 (1 van 3 maanden)." in page
    assert "Signalen: januari 2027 (1 van 3 maanden)." in page
    assert "is dus niet te zeggen." in page
    assert [] == re.findall(r"(?:meer|minder|evenveel) signalen dan|duidelijke veranderingen|dan de \d+ van", page)


@pytest.mark.parametrize("period", ["2028", "2026-09"])
def test_without_figures_nothing_is_said_to_be_unchanged(town: Town, period: str) -> None:
    """A period of which nothing is published has no changes to tell, and no lack of changes either."""
    page = page_of(town, period)
    assert "is niets gepubliceerd." in page
    assert "Wat er veranderd is, is dus niet te zeggen." in page
    assert "Geen duidelijke veranderingen" not in page


def test_a_year_says_which_quarters_it_has(town: Town) -> None:
    """Under the heading of a year stands what of it is told."""
    page = page_of(town, "2026")
    assert "Signalen: oktober 2026, november 2026 en december 2026 (3 van 12 maanden)." in page
    assert "Zaken en opvolging: vierde kwartaal van 2026 (1 van 4 kwartalen)." in page


def test_groups_stand_in_their_own_order(town: Town) -> None:
    """Days to contact go from few to many, not by the letter."""
    figures = Published.read(town.path).figures(parse_period("2026Q4"))
    groups = [one.group for one in figures if one.indicator == "contact_within"]
    assert ["0-7 dagen", "8-28 dagen", "29 dagen of meer"] == groups


def test_a_partner_that_stopped_and_a_month_without_deliveries_are_said(tmp_path: Path) -> None:
    """Who did not deliver stands under what to look at, with the month."""
    town = Town(tmp_path / "analytics.duckdb", facts=replace(FACTS, published_on="2027-06-01"))
    sources = drawn_town(2, ("2026-10", "2026-12"), 120)
    ledger = [
        {"delivery_id": f"{partner['partner_id']}-{month}", "partner_id": partner["partner_id"], "month": month}
        for month in ("2026-10", "2026-12")
        for partner in PARTNERS
        if (partner["partner_id"], month) != ("zorg", "2026-12")
    ]
    deliveries = sources["deliveries"].clear()
    rows = [
        {**dict.fromkeys(deliveries.columns), **row, "state": "admitted", "manifest_hash": "a"} for row in ledger
    ]
    for row in rows:
        row["received_at"] = "2027-01-02T06:00:00Z"
    town.publish({**sources, "deliveries": pl.DataFrame(rows, schema=deliveries.schema)})
    page = page_of(town, "2026Q4")
    assert "Niemand leverde aan over november 2026." in page
    assert "Niet alle partners leverden aan over december 2026: Zorg (0 van 1 partners)." in page
    assert "Niet alle partners leverden aan over november 2026" not in page
    nobody = "SELECT partner_count, delivered_count FROM publish.deliveries WHERE month = '2026-11'"
    assert [(1, 0)] * 4 == town.ask(nobody)


def test_a_corrected_month_says_so_with_its_reason(tmp_path: Path) -> None:
    """The figures of a closed month change visibly when a correction is large enough to be told."""
    town = Town(tmp_path / "analytics.duckdb", facts=replace(FACTS, published_on="2027-06-01"))
    full = drawn_town(2, ("2026-10",), 120)
    few = full["signals"].filter((full["signals"]["partner_id"] != "huur") | full["signals"]["is_crisis"])
    town.publish({**full, "signals": few}, date(2026, 11, 10))
    before = page_of(town, "2026-10")
    town.publish(full, date(2026, 11, 20), [("2026-10", "correction", "2026-11-15")])
    after = page_of(town, "2026-10")
    assert "verbeterd op 20 november 2026. Reden: correctie." not in before
    assert "verbeterd op 20 november 2026. Reden: correctie." in after
    assert "20 november 2026: correctie" in after


def test_before_anything_is_published_the_page_says_so(tmp_path: Path) -> None:
    """An empty municipality has a page that says when there will be figures."""
    town = Town(tmp_path / "analytics.duckdb")
    town.publish({name: frame.clear() for name, frame in drawn_town(1).items()})
    assert "Over deze periode is nog niets gepubliceerd." in page_of(town, "2026-10")


@pytest.mark.parametrize(
    ("text", "name", "count"),
    [
        ("2026-10", "2026-10", 1),
        ("2026q4", "2026Q4", 3),
        ("2026", "2026", 12),
        ("2026-01..2026-06", "2026-01..2026-06", 6),
    ],
)
def test_periods_are_months(text: str, name: str, count: int) -> None:
    """A month, a quarter, a year, or months from one to another."""
    period = parse_period(text)
    assert (name, count) == (period.name, len(period.months))


@pytest.mark.parametrize(
    "text", ["2026-13", "2026Q5", "okt", "2026-06..2026-01", "2026-01..", "../../2026-10", ""]
)
def test_other_periods_are_refused(text: str) -> None:
    """What is no period is refused before it names a file."""
    with pytest.raises(Refused, match="VALUE_INVALID"):
        parse_period(text)
