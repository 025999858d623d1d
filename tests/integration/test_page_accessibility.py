"""The worklist page in a real browser: WCAG 2.2 AA at every size, without a network, whatever the theme."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from pipeline.revealed.worklist_page import render_page
from pipeline.revealed.worklist_theme import read_theme
from tests.builders.browser import opened_page, runs_off, started_browser, violations
from tests.builders.worklists import attempt, entry, example_worklist, facts, worklist_of

pytestmark = pytest.mark.browser

WITHDRAWN = entry(replace(facts(1), ground="withdrawal"), ("stroomdal", 0, {}))
PAGES: dict[str, dict[str, Any]] = {
    "every kind of case": example_worklist(),
    "no case": worklist_of(),
    "only hoeft niet meer": worklist_of(WITHDRAWN),
}
SIZES = {"desktop": (1280, "screen"), "phone": (320, "screen"), "paper": (720, "print")}
TEXT_SPACING = (
    "* {line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}"
    "p {margin-bottom:2em!important}"
)
DARK_RED = b":root{--samenloop-brand:#7a0000;--utrecht-link-color:#7a0000;--samenloop-font:Georgia,serif}"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with started_browser(chromium) as started:
        yield started


def written(folder: Path, worklist: dict[str, Any], theme: str = "") -> Path:
    path = folder / "werklijst.html"
    path.write_bytes(render_page(worklist, theme))
    return path


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_against_wcag_22_aa(browser: Browser, tmp_path: Path, name: str, size: str) -> None:
    """No violation at desktop width, on the smallest phone and on paper; nothing runs off the side."""
    width, media = SIZES[size]
    with opened_page(browser, written(tmp_path, PAGES[name]), width, media=media) as page:
        assert ([], 0) == (violations(page), runs_off(page))


def test_axe_finds_nothing_with_a_theme(browser: Browser, tmp_path: Path) -> None:
    """A municipality's own colours and letters reach the page, and it stays accessible."""
    with opened_page(browser, written(tmp_path, PAGES["every kind of case"], read_theme(DARK_RED)), 1280) as page:
        shown = page.evaluate("getComputedStyle(document.querySelector('header')).backgroundColor")
        assert ("rgb(122, 0, 0)", []) == (shown, violations(page))


def test_page_can_be_read_with_wide_text_and_large_letters(browser: Browser, tmp_path: Path) -> None:
    """Text spacing of WCAG 1.4.12 and letters of twice the size (1.4.4) push nothing off the page."""
    for style, width in ((TEXT_SPACING, 320), ("html {font-size:200%}", 640)):
        with opened_page(browser, written(tmp_path, PAGES["every kind of case"]), width) as page:
            page.add_style_tag(content=style)
            assert 0 == runs_off(page)


def test_page_asks_for_nothing_but_itself(browser: Browser, tmp_path: Path) -> None:
    """Opening the page makes one request: the file."""
    html = written(tmp_path, PAGES["every kind of case"])
    asked: list[str] = []
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(html.as_uri())
    page.get_by_role("link", name="J.P. van der Berg").first.click()
    is_in_view = page.evaluate("document.querySelector('#zaak-1').getBoundingClientRect().top < innerHeight")
    context.close()
    assert ([html.as_uri()], True) == ([url.partition("#")[0] for url in dict.fromkeys(asked)], is_in_view)


def test_paper_keeps_the_warnings_and_is_not_wasted(browser: Browser, tmp_path: Path) -> None:
    """Begin hier says on paper too what is unsafe; thirteen cases and the round take six sheets of A4 at most."""
    unsafe = replace(facts(9), is_unsafe=True)
    crisis = {"is_crisis": True, "crisis_kind": "ontruiming", "crisis_on": "2026-10-22"}
    others = [
        entry(facts(number), ("stroomdal", 0, {"house_number": str(number)}), ("vaartwater", 0, {}))
        for number in range(10, 22)
    ]
    list_of_13 = worklist_of(entry(unsafe, ("stroomdal", 0, crisis), ("vaartwater", 0, {})), *others)
    with opened_page(browser, written(tmp_path, list_of_13), 720, media="print") as page:
        assert page.locator(".first").get_by_text("Onveilig", exact=True).is_visible()
        paper = page.pdf(prefer_css_page_size=True)
        size = [float(number) for number in re.findall(rb"MediaBox \[0 0 ([\d.]+) ([\d.]+)", paper)[0]]
        assert [595, 842] == [round(number) for number in size]
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) <= 6


def test_paper_cuts_no_case_in_two_and_has_the_table_of_points(browser: Browser, tmp_path: Path) -> None:
    """Whoever holds one sheet holds whole cases, and reads on paper what the points are for."""
    case = entry(facts(1), ("stroomdal", 0, {}), ("vaartwater", 0, {}), ("zorgzaam", 0, {}))
    worklist = worklist_of(*({**case, "case_id": f"Z-{number}"} for number in range(12)))
    with opened_page(browser, written(tmp_path, worklist), 720, media="print") as page:
        assert "avoid" == page.evaluate("getComputedStyle(document.querySelector('article')).breakInside")
        assert page.locator("details td").first.is_visible()
        assert page.evaluate("document.querySelector('details table').getBoundingClientRect().height") > 100


WORDS_IN_TWO = """() => [...document.querySelectorAll('article td, article thead th')].flatMap(cell => {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), broken = [];
    while (texts.nextNode()) for (const word of texts.currentNode.data.matchAll(/[^ \\n]+/g)) {
        const range = document.createRange();
        range.setStart(texts.currentNode, word.index);
        range.setEnd(texts.currentNode, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map(rect => rect.top)).size > 1) broken.push(word[0]);
    }
    return broken;
})"""


def test_no_word_of_an_attempt_is_broken_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    """At the width of a usual phone what was tried is read in whole words, whoever tried."""
    tried = tuple(
        {**attempt(number, kind, "2026-09-29", "Middag"), "by": "Gerard Groenewegen"}
        for number, kind in enumerate(("Huisbezoek", "Telefonisch contact", "Schriftelijk contact"))
    )
    case = entry(facts(1, attempts=tried), ("stroomdal", 0, {}), ("vaartwater", 0, {}))
    with opened_page(browser, written(tmp_path, worklist_of(case)), 390) as page:
        assert [] == page.evaluate(WORDS_IN_TWO)


def test_one_tap_takes_a_whole_address(browser: Browser, tmp_path: Path) -> None:
    """An address is text that is selected as a whole, to be put into a route planner; it is no link to a map."""
    with opened_page(browser, written(tmp_path, PAGES["every kind of case"]), 360) as page:
        page.locator(".where b").first.click()
        assert "9901 AB 12A" == page.evaluate("String(getSelection())").strip()


def test_keyboard_reaches_the_list_first_and_shows_where_it_is(browser: Browser, tmp_path: Path) -> None:
    """The first Tab shows the way past the header; what has the focus has an outline of at least two pixels."""
    with opened_page(browser, written(tmp_path, PAGES["every kind of case"]), 1280) as page:
        page.keyboard.press("Tab")
        skip = page.evaluate(
            "[document.activeElement.hash, document.activeElement.getBoundingClientRect().top >= 0]"
        )
        page.keyboard.press("Tab")
        outline = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert (["#begin", True], True) == (skip, outline >= 2)
