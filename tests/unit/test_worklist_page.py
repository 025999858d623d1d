"""The page: self-contained, safe whatever partners write, and readable for everybody."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from pipeline.revealed.worklist_page import mail_link, phone_link, render_page
from pipeline.revealed.worklist_theme import style
from tests.builders.worklists import TODAY, attempt, entry, example_worklist, facts, worklist_of

VOID = {"meta", "br", "link", "img", "input", "hr"}
STYLE = style()
VANDAAG = "Vandaag: laatste dag, afspraak, of een afspraak die voorbij is"


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
    assert all(head.get("scope") in ("col", "row", "rowgroup") for head in page.all("th"))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {f"#{name}" for name in ids}
    assert {link["href"] for link in page.all("a") if (link["href"] or "").startswith("#")} <= targets
    labelled = [
        attributes["aria-labelledby"] for _, attributes in page.elements if "aria-labelledby" in attributes
    ]
    assert {f"#{name}" for name in labelled} <= targets


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


def test_team_whose_cases_wait_for_room_is_not_told_to_do_nothing() -> None:
    """An empty list beside cases that wait says when to look again, and explains no order."""
    waiting = Page(render_page({**worklist_of(), "waiting_count": 10})).text
    assert "10 nieuwe zaken wachten op ruimte." in waiting
    assert "U hoeft niets te doen" not in waiting
    assert "U hoeft niets te doen" in Page(render_page(worklist_of())).text
    assert "De volgorde ligt vast" not in waiting


def test_team_whose_cases_did_not_open_is_not_told_that_there_are_none() -> None:
    """Neither on an empty list nor on one of what needs no visit any more."""
    stopped = entry(replace(facts(1), ground="withdrawal"), ("stroomdal", 0, {}))
    for cases in ([], [stopped]):
        text = Page(render_page({**worklist_of(*cases), "unread_count": 40})).text
        assert "Let op: niet al uw zaken staan hier" in text
        assert "40 zaken kunnen vandaag niet worden getoond." in text
        for words in ("U hoeft niets te doen", "Vandaag geen zaken", "niemand om te bezoeken"):
            assert words not in text


def test_round_says_what_presses_though_it_was_tried() -> None:
    """A crisis keeps its word and its day in the round, after an attempt too."""
    crisis = {"is_crisis": True, "crisis_kind": "ontruiming", "crisis_on": "2026-11-06"}
    tried = entry(facts(1, attempts=TRIED), ("woonstichting-de-brug", 0, crisis), ("vaartwater", 0, {}))
    text = Page(render_page(worklist_of(tried, running(2)))).text.partition("Ronde langs de deuren")[2]
    assert "loopt · Spoed, ontruiming 6-11-2026" in text


def test_short_dates_stay_on_one_line() -> None:
    """On a phone no date of a report, an attempt or the round is broken at its hyphens."""
    content = re.sub(
        r'<style>.*?</style>|<p class="id">.*?</p>', "", render_page(example_worklist()).decode(), flags=re.S
    )
    found = re.findall(r"(.{5})\b\d{1,2}-\d{1,2}-\d{4}\b", content)
    assert found
    assert {"<bdi>"} == set(found)


def test_list_of_withdrawn_cases_alone_can_be_read() -> None:
    """Nobody needs a visit, and the page says so without a list of visits."""
    case = entry(replace(facts(1), ground="withdrawal"), ("stroomdal", 0, {}))
    text = Page(render_page(worklist_of(case))).text
    assert "Hoeft niet meer" in text
    assert "€" not in text


def running(number: int, **changes: Any) -> dict[str, Any]:
    """A case of an earlier day that nobody tried yet."""
    given = {
        "is_new": False,
        "ground": "running",
        "opened_on": date(2026, 9, 8),
        "first_revealed_on": "2026-09-08",
    }
    return entry(facts(number, **{**given, **changes}), ("stroomdal", 0, {}), ("vaartwater", 0, {}))


TRIED = (attempt(1, "Telefoon", "2026-09-29", "Avond"),)


@pytest.mark.parametrize(
    ("section", "case"),
    [
        ("Spoed (1)", entry(facts(1), ("stroomdal", 0, {"is_crisis": True, "crisis_kind": "afsluiting"}))),
        ("Te laat: het eerste contact had er al moeten zijn (1)", running(1, due_on=date(2026, 10, 5))),
        (f"{VANDAAG} (1)", running(1, due_on=TODAY)),
        (f"{VANDAAG} (1)", running(1, next_appointment_on="2026-10-06", attempts=TRIED)),
        (f"{VANDAAG} (1)", running(1, next_appointment_on="2026-10-02", attempts=TRIED)),
        ("Nieuw of nog niet bezocht (1)", entry(facts(1), ("stroomdal", 0, {}))),
        ("Nieuw of nog niet bezocht (1)", running(1, opened_on=TODAY)),
        ("Loopt al: eerder geprobeerd (1)", running(1, attempts=TRIED)),
        ("Loopt al: eerder geprobeerd (1)", running(1, next_appointment_on="2026-10-08", attempts=TRIED)),
        ("Hoeft niet meer (1)", running(1, ground="withdrawal")),
    ],
)
def test_case_stands_under_the_heading_that_says_what_is_asked(section: str, case: dict[str, Any]) -> None:
    """Urgent, overdue, due today, new, in progress and not needed any more are told apart by headings."""
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", render_page(worklist_of(case)).decode())
    assert [section] == [heading for heading in headings if heading.endswith("(1)")]


def test_urgent_stands_above_overdue_above_today_above_new_above_running() -> None:
    """The numbers of the list follow the headings, whatever the points."""
    crisis = {"is_crisis": True, "crisis_kind": "ontruiming"}
    document = worklist_of(
        running(5, attempts=TRIED),
        entry(facts(4), *((partner, 0, {"arrears_months": 12}) for partner in ("stroomdal", "vaartwater"))),
        running(3, due_on=TODAY),
        running(2, due_on=date(2026, 10, 5)),
        entry(facts(1), ("woonstichting-de-brug", 0, crisis)),
    )
    assert [f"Z-{number:032x}" for number in range(1, 6)] == [case["case_id"] for case in document["cases"]]


def test_of_urgent_cases_the_earliest_date_comes_first() -> None:
    """Water that stops on the 25th stands above energy that stops on the 28th, however much is owed."""

    def crisis(number: int, on: str, *others: str) -> dict[str, Any]:
        first = ("stroomdal", 0, {"is_crisis": True, "crisis_kind": "afsluiting", "crisis_on": on})
        return entry(facts(number), first, *((partner, 0, {"arrears_months": 12}) for partner in others))

    document = worklist_of(
        crisis(3, "2026-10-28", "vaartwater", "zorgzaam"), crisis(1, "2026-10-20"), crisis(2, "2026-10-25")
    )
    assert [f"Z-{number:032x}" for number in (1, 2, 3)] == [case["case_id"] for case in document["cases"]]


def test_crisis_that_is_over_comes_after_those_that_are_to_come() -> None:
    """What is to come on 6 November stands above what was over in September, tried or not, late or not."""

    def crisis(number: int, on: str, **changes: Any) -> dict[str, Any]:
        report = {"is_crisis": True, "crisis_kind": "afsluiting", "crisis_on": on}
        return entry(facts(number, **changes), ("stroomdal", 0, report), ("vaartwater", 0, {"arrears_months": 12}))

    late = {"is_new": False, "opened_on": date(2026, 9, 8)}
    document = worklist_of(crisis(2, "2026-09-15", **late), crisis(1, "2026-11-06"), crisis(3, "2026-10-01"))
    assert [f"Z-{number:032x}" for number in (1, 2, 3)] == [case["case_id"] for case in document["cases"]]


def test_each_crisis_stands_with_its_report() -> None:
    """Of two crises the page says in each row what threatens and when, and the reason names the one to come."""
    case = entry(
        facts(1),
        ("stroomdal", 0, {"is_crisis": True, "crisis_kind": "eindelevering", "crisis_on": "2026-10-05"}),
        ("woonstichting-de-brug", 0, {"is_crisis": True, "crisis_kind": "ontruiming", "crisis_on": "2026-11-06"}),
        ("vaartwater", 0, {"is_crisis": True}),
    )
    text = Page(render_page(worklist_of(case))).text
    for expected in (
        "crisissignaal: einde levering 5-10-2026",
        "crisissignaal: ontruiming 6-11-2026",
        "klantnummer 00004817 · crisissignaal",
    ):
        assert expected in text
    assert "Er dreigt ontruiming op 6 november 2026." == case["reasons"][0]


def test_counts_on_top_add_up(page: Page) -> None:
    """So many visits, and so many cases under each heading: nobody is counted twice."""
    summary = page.text.split("Begin hier")[1].split("J.P. van der Berg")[0]
    visits, *parts = [int(number) for number in re.findall(r"\d+", summary)][:-1]
    cases = example_worklist()["cases"]
    withdrawn = sum(case["ground"] == "withdrawal" for case in cases)
    assert (len(cases) - withdrawn, len(cases)) == (visits, sum(parts))


def test_round_goes_by_postcode_and_house_number(page: Page) -> None:
    """Every address once, in the order of the street, under its neighbourhood; 7A comes before 12A."""
    part = page.text.partition("Ronde langs de deuren")[2]
    places = [part.index(address) for address in ("Postcode 9901", "9901 AB 3-2", "9901 AB 7A", "9901 AB 12A")]
    assert sorted(places) == places
    assert "9901 AB 44A" not in part


def test_unsafe_visit_is_warned_about_before_anything_else(page: Page) -> None:
    """The warning stands above the address, and in the round."""
    card = page.text.partition("4. F. Yılmaz-Öztürk")[2]
    assert 0 < card.index("een eerder bezoek was niet veilig") < card.index("9901 AB 18")
    assert "Onveilig" in page.text.partition("Ronde langs de deuren")[2]


def test_of_many_attempts_the_newest_are_shown_and_the_rest_is_counted() -> None:
    """Four lines, newest first, and one sentence about what came before; the JSON keeps them all."""
    attempts = tuple(attempt(day, "Telefoon", f"2026-09-{day:02d}", "Avond") for day in range(1, 8))
    text = Page(render_page(worklist_of(running(1, attempts=attempts)))).text
    shown = re.findall(r"(\d+)-9-2026, avond", text)
    assert ["7", "6", "5", "4"] == shown
    assert "Daarvoor 3 pogingen sinds 1 september 2026, niemand bereikt." in text
    spoke = ({**attempts[0], "is_reached": True}, *attempts[1:])
    assert ", waarvan 1 keer bereikt." in Page(render_page(worklist_of(running(1, attempts=spoke)))).text
    assert "Daarvoor" not in Page(render_page(worklist_of(running(1, attempts=attempts[:4])))).text


def test_page_tells_who_has_the_case_who_is_away_and_what_waits() -> None:
    """Case holder and stand-in stand with the case; absences and cases that wait for room stand on top."""
    holder = {
        "counsellor_id": "c-1",
        "name": "Rika Schimsen",
        "service": "RSD",
        "is_absent": True,
        "absent_until_on": "2026-10-09",
        "stand_in": "Gerard Groenewegen",
    }
    case = {**entry(facts(1), ("stroomdal", 0, {})), "case_holder": holder, "gone_partners": ["Vaartwater"]}
    absences = [{"name": "Rika Schimsen", "until_on": "2026-10-09"}, {"name": "Ali Kaya", "until_on": None}]
    text = Page(render_page({**worklist_of(case), "waiting_count": 4, "absences": absences})).text
    for expected in (
        "Zaakhouder: Rika Schimsen, RSD. Afwezig tot en met 9 oktober 2026. Vandaag: Gerard Groenewegen.",
        "4 nieuwe zaken wachten op ruimte.",
        "Rika Schimsen is afwezig tot en met 9 oktober 2026.",
        "Ali Kaya is er vandaag niet.",
        "Ingetrokken sinds uw vorige lijst: Vaartwater.",
    ):
        assert expected in text


def test_summary_names_the_first_three_and_why(page: Page) -> None:
    """What stands above the privacy note is enough to know where to go first."""
    summary = page.text.split("Deze lijst is alleen")[0]
    for case in example_worklist()["cases"][:3]:
        assert case["household"]["persons"][0]["name"] in summary
        assert case["household"]["address"] in summary
        assert case["reasons"][0] in summary


def test_advice_not_to_tell_one_about_the_other(page: Page) -> None:
    """Each list of debts says with whom it may be discussed, and with whom not."""
    assert "Bespreek dit alleen met A. El Amrani, niet met huisgenoten." in page.text
    assert "Bespreek dit alleen met Y. El Amrani, niet met huisgenoten." in page.text


def test_page_of_sixty_cases_is_small() -> None:
    """Below 150 kB, so that it opens on an old phone."""
    reports = tuple((partner, 0, {}) for partner in ("woonstichting-de-brug", "stroomdal", "vaartwater"))
    holder = {"case_holder": {"name": "Marja van de Dambak", "stand_in": None}}
    cases = [{**entry(facts(1), *reports, is_likely=number % 10 == 0), **holder} for number in range(60)]
    content = render_page(worklist_of(*({**case, "case_id": f"Z-{at:032x}"} for at, case in enumerate(cases))))
    assert len(content) < 150_000
