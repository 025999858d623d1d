"""The page: self-contained, safe whatever partners write, and readable for everybody."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from itertools import pairwise

import pytest

from pipeline.revealed.worklist_page import mail_link, phone_link, render_page
from tests.builders.worklists import entry, example_worklist, facts, worklist_of

VOID = {"meta", "br", "link", "img", "input", "hr"}
STYLE = resources.files("pipeline.revealed").joinpath("templates/werklijst.css").read_text(encoding="utf-8")


class Page(HTMLParser):
    """Elements in order, with the text inside each; checks that tags are balanced."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(content.decode())
        assert [] == self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render_page(example_worklist()))


def test_page_says_everything_that_the_document_says(page: Page) -> None:
    """Every name, address, phone, client number, reason and next step of the JSON stands on the page."""
    for case in example_worklist()["cases"]:
        household = case["household"]
        expected = [case["case_id"], household["address"], *case["reasons"], case["next_step"]]
        expected += [person["name"] for person in household["persons"]]
        for person in household["persons"] if case["signals"] else []:
            expected += [*person["phones"], *person["emails"]]
        expected += [signal["klantnummer"] for signal in case["signals"]]
        expected += [signal["partner_name"] for signal in case["signals"]]
        expected += [attempt["type"] for attempt in case["attempts"]]
        for text in expected:
            assert text in page.text


def test_page_asks_nothing_of_the_network(page: Page) -> None:
    """No script, image, font, frame, form or style sheet; links go to the page itself, a phone or a mailbox."""
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "link", "iframe", "form", "object", "embed", "base", "input", "button"}
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    for link in page.all("a"):
        assert re.match(r"^(#|tel:|mailto:)", link["href"] or "")
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "srcset")]


def test_page_forbids_itself_every_request(page: Page) -> None:
    """A policy inside the page stops what a future mistake would let in."""
    policy = next(meta for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert (policy["content"] or "").startswith("default-src 'none'")


def test_page_has_the_landmarks_of_accessibility(page: Page) -> None:
    """Language, title, one h1, header, main, footer, a skip link, headings without a jump, headed tables."""
    assert "nl" == page.all("html")[0]["lang"]
    assert 1 == len(page.all("h1")) == len(page.all("main")) == len(page.all("footer")) == len(page.all("header"))
    assert "#begin" == page.all("a")[0]["href"]
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(head.get("scope") in ("col", "row") for head in page.all("th"))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {f"#{name}" for name in ids}
    assert {link["href"] for link in page.all("a") if (link["href"] or "").startswith("#")} <= targets
    labelled = [
        attributes["aria-labelledby"] for _, attributes in page.elements if "aria-labelledby" in attributes
    ]
    assert {f"#{name}" for name in labelled} <= targets


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("front", "back"),
    [
        *((front, back) for front in ("ink", "soft", "link") for back in ("paper", "ground")),
        *((front, "brand-soft") for front in ("ink", "brand")),
        ("paper", "brand"),
        ("urgent", "urgent-soft"),
        ("high", "high-soft"),
        ("new", "new-soft"),
    ],
)
def test_text_stands_out(front: str, back: str) -> None:
    """Every pair of colours that carries text has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    tokens = dict(re.findall(r"--([a-z-]+):(#[0-9a-fA-F]{3,6})", STYLE))
    light, dark = sorted((_luminance(tokens[front]), _luminance(tokens[back])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_what_partners_write_stays_text() -> None:
    """Markup in a name, a client number or an address is shown, not read."""
    evil = '"><script>alert(1)</script><a href="http://x.nl">'
    case = entry(facts(1), ("stroomdal", 0, {"surname": evil, "klantnummer": evil, "house_addition": evil}))
    content = render_page(worklist_of(case))
    assert b"<script" not in content
    assert b'href="http' not in content
    assert evil in Page(content).text


def test_links_hold_checked_characters_only() -> None:
    """A phone or mailbox cannot add a header, a second recipient or another scheme."""
    assert "tel:+31612345678" == phone_link("+31 (6) 1234-5678;ext=javascript:1")[:16]
    assert re.fullmatch(r"tel:[0-9+]*", phone_link("javascript:alert(1)"))
    assert "mailto:a%3Fbcc%3Db%40x.nl@y.nl" == mail_link("a?bcc=b%40x.nl@y.nl").replace("%2540", "%40")


def test_team_without_cases_gets_a_page() -> None:
    """It says that there is nothing to do, and why it exists."""
    text = Page(render_page(worklist_of())).text
    assert "Vandaag geen zaken" in text
    assert "Wijkteam Noord" in text


def test_list_of_withdrawn_cases_alone_can_be_read() -> None:
    """Nobody needs a visit, and the page says so without a list of visits."""
    case = entry(replace(facts(1), ground="withdrawal"), ("stroomdal", 0, {}))
    text = Page(render_page(worklist_of(case))).text
    assert "Hoeft niet meer" in text
    assert "€" not in text


def test_summary_names_the_first_three_and_why(page: Page) -> None:
    """What stands above the privacy note is enough to know where to go first."""
    summary = page.text.split("Deze lijst is alleen")[0]
    for case in example_worklist()["cases"][:3]:
        assert case["household"]["persons"][0]["name"] in summary
        assert case["household"]["address"] in summary
        assert case["reasons"][0] in summary


def test_advice_not_to_tell_one_about_the_other(page: Page) -> None:
    """Where a case has two persons, each list of debts says with whom it may be discussed."""
    assert "Bespreek dit alleen met A. El Amrani." in page.text
    assert "Bespreek dit alleen met Y. El Amrani." in page.text


def test_page_of_sixty_cases_is_small() -> None:
    """Below 150 kB, so that it opens on an old phone."""
    reports = tuple((partner, 0, {}) for partner in ("woonstichting-de-brug", "stroomdal", "vaartwater"))
    case = entry(facts(1), *reports)
    content = render_page(worklist_of(*({**case, "case_id": f"Z-{number:032x}"} for number in range(60))))
    assert len(content) < 150_000
