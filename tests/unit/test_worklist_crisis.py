"""A crisis on the worklist: no appointment, no withdrawal and no passed day takes it out of sight."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from pipeline.revealed.worklist_page import render_page
from pipeline.revealed.worklist_sheet import render_sheet
from pipeline.vocabulary.worklist_sheet import SHEET_NAME
from tests.builders.worklists import attempt, entry, facts, worklist_of

NO_PHONE = {"phone": None}


def crisis(on: str | None, kind: str | None = "ontruiming", **changes: Any) -> dict[str, Any]:
    """What a report of a crisis on that day says."""
    return {"is_crisis": True, "crisis_kind": kind, "crisis_on": on, **changes}


def in_crisis(number: int, on: str | None, appointment: str | None, **changes: Any) -> dict[str, Any]:
    """A case in crisis with an appointment."""
    given = facts(number, next_appointment_on=appointment, **changes)
    return entry(given, ("woonstichting-de-brug", 0, crisis(on)), ("vaartwater", 0, {}))


def page_of(*cases: dict[str, Any]) -> str:
    """The page, without its style."""
    return re.sub(r"<style>.*?</style>", "", render_page(worklist_of(*cases)).decode(), flags=re.S)


def tags_on_page(case: dict[str, Any]) -> list[str]:
    """The tags of its card."""
    card = page_of(case).partition("<article")[2].partition("</div>")[0]
    return re.findall(r'<b class="[a-z]+">([^<]*)</b>', card)


def states_on_sheet(case: dict[str, Any]) -> list[str]:
    """The words in its column Stand."""
    sheet = load_workbook(BytesIO(render_sheet(worklist_of(case))))[SHEET_NAME]
    return str(sheet["B4"].value).split("\n")


@pytest.mark.parametrize(
    ("on", "appointment", "heading", "tag"),
    [
        ("2026-10-22", "2026-10-23", "Spoed (1)", "Spoed"),
        ("2026-10-05", "2026-10-08", "Spoed (1)", "Spoed"),
        ("2026-10-22", "2026-10-22", "Loopt al: eerder geprobeerd (1)", "Crisis, met afspraak"),
        (None, "2026-10-08", "Loopt al: eerder geprobeerd (1)", "Crisis, met afspraak"),
    ],
)
def test_only_an_appointment_in_time_takes_the_haste_away(
    on: str | None, appointment: str, heading: str, tag: str
) -> None:
    """A crisis before its appointment stays under urgent; heading, count, tag, round and sheet say the same."""
    case = in_crisis(1, on, appointment)
    page = page_of(case, in_crisis(2, "2026-12-01", None))
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", page_of(case))
    is_urgent = tag == "Spoed"
    assert [heading] == [told for told in headings if told.endswith("(1)")]
    assert (f"<b>{1 + is_urgent}</b> spoed" in page, "<b>1</b> loopt al" in page) == (True, not is_urgent)
    assert tag == tags_on_page(case)[0] == states_on_sheet(case)[0]
    day = f"{int(appointment[8:])}-10-2026"
    round_day = f"afspraak <bdi>{day}</bdi> · {'Spoed, ' if is_urgent else ''}ontruiming"
    assert round_day in page.partition('id="ronde"')[2]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("ontruiming", "Let op: de afspraak is pas na de ontruiming. Vraag of het eerder kan."),
        ("afsluiting", "Let op: de afspraak is pas na de afsluiting. Vraag of het eerder kan."),
        ("eindelevering", "Let op: de afspraak is pas na het einde van de levering. Vraag of het eerder kan."),
        (None, "Let op: de afspraak is pas na de dag van het crisissignaal. Vraag of het eerder kan."),
    ],
)
def test_appointment_after_the_crisis_is_warned_about(kind: str | None, expected: str) -> None:
    """Whoever reads when the appointment is, reads that it comes too late; in time nothing is said."""
    reports = (("woonstichting-de-brug", 0, crisis("2026-10-22", kind)), ("vaartwater", 0, {}))
    late, timely = (
        entry(facts(1, next_appointment_on=on), *reports)["next_step"] for on in ("2026-10-23", "2026-10-22")
    )
    assert f"Er is een afspraak op 23 oktober 2026. {expected}" == late
    assert "Er is een afspraak op 22 oktober 2026." == timely


@pytest.mark.parametrize(
    ("kind", "contact", "expected"),
    [
        ("ontruiming", {}, "Bel eerst. Vraag of de ontruiming doorging."),
        ("afsluiting", {}, "Bel eerst. Vraag of de afsluiting doorging."),
        ("eindelevering", {}, "Bel eerst. Vraag of de levering stopte."),
        (None, {}, "Bel eerst. Vraag hoe het nu gaat."),
        ("afsluiting", NO_PHONE, "Ga langs en vraag of de afsluiting doorging."),
    ],
)
def test_after_the_day_of_a_crisis_the_first_thing_is_to_ask(
    kind: str | None, contact: dict[str, Any], expected: str
) -> None:
    """Nobody is sent to a door behind which nobody lives any more; an appointment that stands is told as well."""
    report = ("stroomdal", 0, crisis("2026-10-05", kind, **contact))
    assert expected == entry(facts(1), report)["next_step"]
    meeting = entry(facts(1, next_appointment_on="2026-10-08"), report)["next_step"]
    assert f"Er is een afspraak op 8 oktober 2026. {expected}" == meeting
    reached = {**attempt(1, "Telefoon", "2026-10-06", "Ochtend"), "is_reached": True}
    after = entry(facts(1, next_appointment_on="2026-10-08", attempts=(reached,)), report)["next_step"]
    assert "Er is een afspraak op 8 oktober 2026." == after


def test_unsafe_mark_does_not_hide_the_appointment() -> None:
    """The warning comes first, then when they meet, or that nobody wrote down how it went."""
    warned = "Ga niet alleen. Overleg eerst met uw teamleider."
    told = [
        entry(facts(1, next_appointment_on=on, is_unsafe=True), ("stroomdal", 0, {}))["next_step"]
        for on in (None, "2026-10-06", "2026-10-05")
    ]
    assert [
        warned,
        f"{warned} Er is een afspraak op 6 oktober 2026.",
        f"{warned} De afspraak van 5 oktober 2026 is voorbij: schrijf op hoe het ging.",
    ] == told


def test_crisis_that_stands_after_a_withdrawal_is_told_on_top() -> None:
    """Where to begin and the sheet's first lines name it, its tag is red, and it goes before the other ones."""
    gone = {"ground": "withdrawal", "is_new": False, "gone_partner_ids": ("stroomdal",)}
    stands = entry(facts(9, **gone), ("stroomdal", 0, {}), ("woonstichting-de-brug", 0, crisis("2026-10-22")))
    others = [entry(facts(number, **gone), ("stroomdal", 0, {}), ("vaartwater", 0, {})) for number in (1, 2)]
    document = worklist_of(*others, stands)
    told = (
        "Bij 1 zaak die niet meer hoeft, blijft een crisis staan: J.P. van der Berg (nr 1). "
        "Overleg vandaag met uw teamleider."
    )
    assert told in render_page(document).decode().partition("Deze lijst is alleen")[0]
    assert told in str(load_workbook(BytesIO(render_sheet(document)))[SHEET_NAME]["A2"].value)
    assert ["Crisis blijft staan", "Hoeft niet meer"] == tags_on_page(stands) == states_on_sheet(stands)
    assert ["Hoeft niet meer"] == tags_on_page(others[0])
    both = page_of(stands, {**stands, "case_id": "Z-2"})
    assert "Bij 2 zaken die niet meer hoeven, blijft een crisis staan: " in both


def test_crisis_that_is_over_or_taken_back_is_not_told_on_top() -> None:
    """There is nothing left to discuss: its day is over, its partner took it back, or the municipality stopped."""
    both = ("stroomdal", "woonstichting-de-brug")
    for on, changes in (
        ("2026-10-05", {"gone_partner_ids": ("stroomdal",)}),
        ("2026-10-22", {"gone_partner_ids": both}),
        ("2026-10-22", {"gone_partner_ids": ("stroomdal",), "is_excluded": True}),
    ):
        given = facts(1, ground="withdrawal", is_new=False, **changes)
        case = entry(given, ("stroomdal", 0, {}), ("woonstichting-de-brug", 0, crisis(on)))
        assert "blijft een crisis staan" not in page_of(case)
        assert ["Hoeft niet meer"] == tags_on_page(case)


def test_where_to_begin_says_what_is_today() -> None:
    """An appointment is told before the last day, and today is called today, in the round too."""
    called = attempt(1, "Telefoon", "2026-10-05", "Avond")
    reports = (("stroomdal", 0, {}), ("vaartwater", 0, {}))
    for changes, expected, in_round in (
        ({"next_appointment_on": "2026-10-06", "attempts": (called,)}, "afspraak vandaag", "afspraak vandaag"),
        ({"next_appointment_on": "2026-10-08"}, "afspraak <bdi>8-10-2026</bdi>", "afspraak <bdi>8-10-2026</bdi>"),
        ({"due_on": "today"}, "uiterlijk vandaag", "vandaag"),
        ({}, "uiterlijk dinsdag 3 november", "<bdi>3-11-2026</bdi>"),
    ):
        due_on = facts(1).opened_on if changes.get("due_on") else None
        case = entry(facts(1, **{**changes, "due_on": due_on}), *reports)
        page = page_of(case, entry(facts(2), *reports))
        assert f"9901 AB 12A · {expected}</p>" in page.partition("Deze lijst is alleen")[0]
        assert f"<td>{in_round}</td>" in page.partition('id="ronde"')[2]


def test_page_tells_the_order_in_which_urgent_cases_stand() -> None:
    """Who is late, then the earliest day, and at the end what is over: so they stand, and so it is published."""
    late = {"is_new": False, "ground": "running", "opened_on": date(2026, 9, 8)}
    document = worklist_of(
        in_crisis(4, "2026-10-02", None, **late),
        in_crisis(3, "2026-10-30", None),
        in_crisis(2, "2026-10-12", None),
        in_crisis(1, "2026-11-20", None, **late),
    )
    assert ["1", "2", "3", "4"] == [case["case_id"][-1] for case in document["cases"]]
    told = (
        "Bij spoed staat bovenaan wie te laat is, daarna de vroegste datum. "
        "Een crisis die voorbij is, staat onderaan de spoed."
    )
    book = load_workbook(BytesIO(render_sheet(document)))
    assert told in render_page(document).decode()
    assert any(told in str(row[0].value) for row in book["Uitleg"].iter_rows())


def test_where_to_begin_says_when_it_may_not_be_one_person() -> None:
    """Whoever reads only the first three lines asks first with whom she speaks."""
    reports = (("stroomdal", 0, {}), ("vaartwater", 0, {}))
    doubt = "Let op: het is niet zeker dat dit één persoon is. Vraag eerst met wie u spreekt."
    told = [page_of(entry(facts(1), *reports, is_likely=is_likely)) for is_likely in (True, False)]
    assert [True, False] == [doubt in page.partition("Deze lijst is alleen")[0] for page in told]
