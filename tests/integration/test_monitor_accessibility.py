"""The monitor page in a real browser: WCAG 2.2 AA at every size, without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from pipeline.analytics.dictionary_page import render_dictionary
from pipeline.analytics.monitor_figures import Published
from pipeline.analytics.monitor_page import render_monitor
from pipeline.analytics.periods import parse_period
from tests.builders.analytics import FACTS, Town, drawn_town
from tests.builders.browser import opened_page, runs_off, started_browser, violations

pytestmark = pytest.mark.browser

SIZES = {"desktop": (1280, "screen"), "phone": (320, "screen"), "paper": (720, "print")}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with started_browser(chromium) as started:
        yield started


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("monitor")
    town = Town(folder / "analytics.duckdb", facts=replace(FACTS, published_on="2027-06-01"))
    town.publish(drawn_town(2, size=120))
    path = folder / "monitor.html"
    path.write_bytes(render_monitor(Published.read(town.path), parse_period("2026Q4")))
    return path


def test_axe_finds_nothing_in_the_dictionary(browser: Browser, tmp_path: Path) -> None:
    """The data dictionary is readable on a phone, and says of every table what it is."""
    path = tmp_path / "dictionary.html"
    path.write_bytes(render_dictionary())
    with opened_page(browser, path, 320) as page:
        assert ([], 0) == (violations(page), runs_off(page))


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_against_wcag_22_aa(browser: Browser, page_file: Path, size: str) -> None:
    """No violation at desktop width, on the smallest phone and on paper; nothing runs off the side."""
    width, media = SIZES[size]
    with opened_page(browser, page_file, width, media=media) as page:
        for details in page.locator("details").all():
            details.evaluate("element => element.open = true")
        assert ([], 0) == (violations(page), runs_off(page))
