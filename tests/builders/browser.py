"""The installed Chromium, driven without a network: the page as it is seen, and axe-core's judgement of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
WCAG_22_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def chromium_path() -> str | None:
    """Where the browser is: named by SAMENLOOP_TEST_CHROMIUM, or installed by the distribution."""
    named = os.environ.get("SAMENLOOP_TEST_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def started_browser(path: str) -> Iterator[Browser]:
    """One browser process. Root needs it without its sandbox; it only ever reads pages that we made."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened_page(
    browser: Browser, html: Path, width: int, height: int = 900, media: str = "screen"
) -> Iterator[Page]:
    """A page at a width in CSS pixels, on screen or on paper; axe may look in spite of the page's own policy."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, bypass_csp=True, offline=True, locale="nl-NL"
    )
    try:
        page = context.new_page()
        page.emulate_media(media="print" if media == "print" else "screen")
        page.goto(html.as_uri())
        yield page
    finally:
        context.close()


def violations(page: Page) -> list[tuple[str, str]]:
    """(rule, first element) of everything that axe-core finds against WCAG 2.2 AA and its best practices."""
    options = {"runOnly": list(WCAG_22_AA), "resultTypes": ["violations"]}
    response: dict[str, Any] = Axe().run(page, options=options).response
    return [(found["id"], found["nodes"][0]["html"]) for found in response["violations"]]


def runs_off(page: Page) -> int:
    """By how many CSS pixels the page is wider than its window."""
    return int(page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth"))
