"""The worklist as a document: what promised formats, order and reasons ask of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from jsonschema import Draft202012Validator

from pipeline.revealed.priority import PRIORITY_ROWS
from pipeline.revealed.worklist import as_json, is_late
from pipeline.revealed.worklist_page import points_table, render_page
from pipeline.revealed.worklist_sheet import render_sheet
from tests.builders.worklists import EXAMPLE, TODAY, attempt, entry, example_worklist, facts, worklist_of


def render_sheet_text(case: dict[str, Any]) -> bytes:
    """Every text of the sheet of one case."""
    with ZipFile(BytesIO(render_sheet(worklist_of(case)))) as book:
        return book.read("xl/sharedStrings.xml")


SCHEMA = json.loads(EXAMPLE.with_name("worklist.schema.json").read_text(encoding="utf-8"))
CRISIS = {"is_crisis": True, "crisis_kind": "afsluiting", "crisis_on": "2026-10-20"}


def test_example_is_what_the_opener_makes() -> None:
    """The example beside the schema is the builder's worklist, byte for byte."""
    assert EXAMPLE.read_bytes() == as_json(example_worklist())


def test_example_and_empty_list_follow_the_schema() -> None:
    """A full list, a list without cases, and one of which cases did not open are valid."""
    validator = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for document in (example_worklist(), worklist_of(), {**worklist_of(), "unread_count": 40}):
        assert [] == [error.message for error in validator.iter_errors(document)]


def test_schema_knows_every_field() -> None:
    """A field that the schema does not document is an error."""
    document = example_worklist()
    document["cases"][0]["street"] = "x"
    assert not Draft202012Validator(SCHEMA).is_valid(document)


def test_priority_counts_from_one_in_order_of_urgency() -> None:
    """A crisis comes first, what needs no visit comes last, and numbers have no gap."""
    cases = worklist_of(
        entry(replace(facts(1), ground="withdrawal"), ("stroomdal", 0, {})),
        entry(facts(2), ("stroomdal", 0, {}), ("vaartwater", 0, {})),
        entry(facts(3), ("stroomdal", 0, CRISIS), ("vaartwater", 0, {})),
        entry(facts(4), ("stroomdal", 0, {}), ("vaartwater", 0, {}), ("zorgzaam", 0, {})),
    )["cases"]
    assert [1, 2, 3, 4] == [case["priority"] for case in cases]
    assert ["3", "4", "2", "1"] == [case["case_id"][-1] for case in cases]


def test_order_of_entries_does_not_matter() -> None:
    """The same cases in another order make the same document."""
    entries = [entry(facts(number), ("stroomdal", 0, {}), ("vaartwater", 0, {})) for number in range(4)]
    assert worklist_of(*entries) == worklist_of(*reversed(entries))


def test_case_that_was_tried_comes_after_one_that_was_not() -> None:
    """Between equals the household that nobody called on goes first."""
    reports: tuple[tuple[str, int, dict[str, Any]], ...] = (("stroomdal", 0, {}), ("vaartwater", 0, {}))
    tried = replace(facts(1), attempts=(attempt(1, "Brief", "2026-10-05", "Ochtend"),))
    cases = worklist_of(entry(tried, *reports), entry(facts(2), *reports))["cases"]
    assert ["2", "1"] == [case["case_id"][-1] for case in cases]


def test_due_date_never_moves_back() -> None:
    """A term that was set before stays, and a crisis shortens it."""
    reports = (("stroomdal", 0, {}), ("vaartwater", 0, {}))
    set_before = replace(facts(1), due_on=date(2026, 10, 12))
    assert "2026-10-12" == entry(set_before, *reports)["due_on"]
    assert "2026-10-09" == entry(set_before, ("stroomdal", 0, CRISIS), *reports)["due_on"]


@pytest.mark.parametrize(
    ("changes", "contact", "expected"),
    [
        ({}, CRISIS, "Er dreigt afsluiting van energie op 20 oktober 2026."),
        ({}, {**CRISIS, "crisis_on": None}, "Er dreigt afsluiting van energie."),
        ({}, {**CRISIS, "crisis_kind": None}, "Er is een crisissignaal van Stroomdal Energie."),
        ({"due_on": date(2026, 10, 2)}, {}, "Het eerste contact had op 2 oktober 2026 gelegd moeten zijn."),
        (
            {},
            {},
            "2 organisaties melden een achterstand, tot 3 maanden en samen €\u00a02.480: "
            "Stroomdal Energie en Vaartwater.",
        ),
        (
            {"is_grown": True},
            {},
            "Sinds uw vorige lijst kwam er een melding bij of liep de achterstand op.",
        ),
        ({"months": ("2026-09", "2026-10")}, {}, "Dit huishouden is in oktober 2026 opnieuw gemeld."),
        (
            {"ground": "withdrawal"},
            {},
            "Er zijn nu te weinig meldingen. Een bezoek hoeft niet meer.",
        ),
        (
            {"ground": "withdrawal", "gone_partner_ids": ("stroomdal",)},
            {},
            "Stroomdal Energie trok een melding in. De rest is te weinig voor een bezoek. "
            "Een bezoek hoeft niet meer.",
        ),
        (
            {"ground": "withdrawal", "gone_partner_ids": ("stroomdal", "vaartwater")},
            {},
            "Stroomdal Energie en Vaartwater trokken hun meldingen in. Een bezoek hoeft niet meer.",
        ),
    ],
)
def test_first_reason_says_what_presses_most(
    changes: dict[str, Any], contact: dict[str, Any], expected: str
) -> None:
    """The first sentence is the crisis, else the passed term, else who reports."""
    case = entry(replace(facts(1), **changes), ("stroomdal", 0, contact), ("vaartwater", 0, {}))
    assert expected == case["reasons"][0]


def test_case_that_is_taken_up_again_has_a_term_and_says_how_it_ended() -> None:
    """What was tried before it was closed neither ends the new term nor makes it stand back."""
    reached = {**attempt(1, "Telefoon", "2026-09-15", "Avond"), "is_reached": True}
    again = facts(
        1,
        is_new=False,
        ground="running",
        opened_on=date(2026, 9, 8),
        term_from_on=TODAY,
        attempts=(reached,),
        earlier_result="Vervolghulp en/of verwijzing",
        earlier_result_on="2026-09-20",
    )
    case = entry(again, ("stroomdal", 0, CRISIS), ("vaartwater", 0, {}))
    assert ("2026-10-09", True) == (case["due_on"], case["is_contact_due"])
    assert case["next_step"].startswith("Ga liefst vandaag nog langs.")
    told = "Eerder afgerond op 20 september 2026 (Vervolghulp en/of verwijzing); nu opnieuw gemeld."
    for content in (render_page(worklist_of(case)), render_sheet_text(case)):
        assert told in content.decode()


def test_letter_does_not_end_the_term_of_a_crisis() -> None:
    """Until somebody called, visited or was reached the page says by when, and the case can be late."""
    wrote = facts(1, is_new=False, ground="running", opened_on=date(2026, 9, 8))
    letter = {**attempt(1, "Brief", "2026-09-09", "Ochtend")}
    case = entry(replace(wrote, attempts=(letter,)), ("stroomdal", 0, CRISIS), ("vaartwater", 0, {}))
    assert (True, True) == (case["is_contact_due"], is_late(case, TODAY.isoformat()))
    assert "Uiterlijk vrijdag 11 september." in render_page(worklist_of(case)).decode()
    visit = attempt(2, "Huisbezoek", "2026-09-10", "Middag")
    called = entry(replace(wrote, attempts=(letter, visit)), ("stroomdal", 0, CRISIS), ("vaartwater", 0, {}))
    assert (False, False) == (called["is_contact_due"], is_late(called, TODAY.isoformat()))


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, "Stroomdal Energie meldt een achterstand van 3 maanden, €\u00a01.240."),
        (2, "Stroomdal Energie meldt achterstanden tot 3 maanden, samen €\u00a02.480."),
    ],
)
def test_one_amount_is_not_called_a_sum(count: int, expected: str) -> None:
    """Together is said of two amounts or more."""
    assert expected == entry(facts(1), *([("stroomdal", 0, {})] * count))["reasons"][0]


def test_points_are_told_with_what_they_are_for() -> None:
    """The sentence names the rows of the table that count, with their points, and they add up."""
    reports = (("stroomdal", 0, {"arrears_eur": 700}), ("vaartwater", 0, {"arrears_eur": 90, "arrears_months": 6}))
    case = entry(facts(1, attempts=(attempt(1, "Telefoon", "2026-10-06", "Avond"),)), *reports)
    assert (
        "25 punten, omdat: een half jaar of meer (+20), "
        "bedrag boven de grens voor energie (+10), één keer geprobeerd (\u22125)."
    ) == case["because"]
    plain = entry(facts(2), *((partner, 0, {"arrears_eur": 90, "arrears_months": 2}) for partner, _, _ in reports))
    assert "0 punten: niets telt extra mee." == plain["because"]


def test_every_row_of_the_table_has_its_words() -> None:
    """What counts can be read in Dutch, on the page and in the sheet."""
    case = entry(facts(1), ("stroomdal", 0, {}), ("vaartwater", 0, {}))
    for content in (render_page(worklist_of(case)), render_sheet_text(case)):
        text = content.decode()
        assert [] == [what for what, _ in points_table() if what not in text]
    assert len(PRIORITY_ROWS) == len({what for what, _ in points_table()})


def test_case_that_grew_stands_above_what_just_goes_on_until_somebody_tries() -> None:
    """A third partner puts it above its equals and asks for a new attempt, on later days too."""
    called = attempt(1, "Telefoon", "2026-10-01", "Avond")
    reports = (("stroomdal", 0, {"arrears_eur": 90}), ("vaartwater", 0, {"arrears_eur": 90}))
    old = {"is_new": False, "ground": "running", "opened_on": date(2026, 9, 20), "attempts": (called,)}
    grown = entry(facts(1, **old, grown_on=date(2026, 10, 5)), *reports)
    more = entry(facts(2, **old), *((partner, 0, {"arrears_months": 12}) for partner, _, _ in reports))
    assert ["1", "2"] == [case["case_id"][-1] for case in worklist_of(more, grown)["cases"]]
    assert grown["next_step"].startswith("Er is iets veranderd")
    again = {**old, "attempts": (called, attempt(2, "Telefoon", "2026-10-05", "Avond"))}
    assert not entry(facts(1, **again, grown_on=date(2026, 10, 5)), *reports)["is_renewed"]


def test_crisis_day_that_has_passed_is_not_told_as_to_come() -> None:
    """After the day of a shut-off the sentence says what was announced."""
    for on, expected in (
        ("2026-10-22", "Er dreigt ontruiming op"),
        ("2026-10-05", "De ontruiming was aangekondigd op"),
    ):
        crisis = {"is_crisis": True, "crisis_kind": "ontruiming", "crisis_on": on}
        assert entry(facts(1), ("woonstichting-de-brug", 0, crisis))["reasons"][0].startswith(expected)


def test_what_is_likely_is_said_with_what_to_ask() -> None:
    """A case of which it is not sure that it is one person says so."""
    reports = (("stroomdal", 0, {}), ("zorgzaam", 0, {"initials": "K."}))
    said = entry(facts(1), *reports, is_likely=True)["reasons"][-1]
    assert "Let op: het is niet zeker dat dit één persoon is. Vraag eerst met wie u spreekt." == said
    assert "niet zeker" not in " ".join(entry(facts(1), *reports)["reasons"])


@pytest.mark.parametrize("evidence", ["person", "household", "reviewed"])
def test_reasons_are_one_or_two_sentences(evidence: str) -> None:
    """However much there is to say, a counsellor reads two sentences, and a doubt or what changed beside them."""
    late = replace(facts(1), due_on=date(2026, 10, 2), is_grown=True, months=("2026-09", "2026-10"))
    for case in (facts(1), late):
        for contact in ({}, CRISIS):
            reasons = entry(case, ("stroomdal", 0, contact), ("zorgzaam", 1, {}), evidence=evidence)["reasons"]
            assert 1 <= len(reasons) <= 2
            assert all(reason.endswith(".") and ".." not in reason for reason in reasons)


def test_withdrawn_case_says_who_was_there() -> None:
    """Whoever went already must explain, so the list says what was done, when and by whom."""
    tried = (attempt(1, "Brief", "2026-09-28", "Ochtend"), attempt(2, "Huisbezoek", "2026-10-01", "Middag"))
    case = entry(replace(facts(1), ground="withdrawal", attempts=tried), ("stroomdal", 0, {}))
    assert [
        "Er zijn nu te weinig meldingen. Een bezoek hoeft niet meer.",
        "Laatste poging: Huisbezoek op 1 oktober 2026, door L. Smit, niemand bereikt.",
    ] == case["reasons"]


def test_crisis_that_still_stands_is_told_when_another_partner_withdrew() -> None:
    """Nobody says that it is over while an eviction stands; what the withdrawing partner reported is not told."""
    evicts = {"is_crisis": True, "crisis_kind": "ontruiming", "crisis_on": "2026-11-06"}
    taken_back = facts(1, ground="withdrawal", gone_partner_ids=("stroomdal",))
    case = entry(taken_back, ("stroomdal", 0, CRISIS), ("woonstichting-de-brug", 0, evicts))
    assert (
        "Let op, dit blijft staan: ontruiming op 6 november 2026, gemeld door Woonstichting De Brug.",
        "Overleg vandaag met uw teamleider over de crisis die blijft staan.",
    ) == (case["reasons"][1], case["next_step"])
    all_gone = replace(taken_back, gone_partner_ids=("stroomdal", "woonstichting-de-brug"))
    gone = entry(all_gone, ("stroomdal", 0, CRISIS), ("woonstichting-de-brug", 0, evicts))
    assert "ontruiming" not in " ".join([*gone["reasons"], gone["next_step"]])


@pytest.mark.parametrize(
    ("appointment", "expected"),
    [
        (None, "Staat er nog een afspraak? Zeg die af via uw teamleider."),
        ("2026-10-08", "Zeg de afspraak van 8 oktober 2026 af via uw teamleider."),
        ("2026-10-01", "Staat er nog een afspraak? Zeg die af via uw teamleider."),
    ],
)
def test_case_that_the_municipality_stopped_asks_for_no_explanation(
    appointment: str | None, expected: str
) -> None:
    """Nobody goes there again, not to explain either; an appointment is called off by way of the team lead."""
    case = entry(facts(1, ground="withdrawal", is_excluded=True, next_appointment_on=appointment))
    assert f"Neem geen contact meer op. {expected}" == case["next_step"]
    assert "De gemeente heeft besloten dat deze zaak stopt. Ga niet meer langs." == case["reasons"][0]


def test_withdrawn_case_tells_who_and_no_debt() -> None:
    """To say that a visit is not needed, no amount is needed either."""
    case = entry(replace(facts(1), ground="withdrawal"), ("stroomdal", 0, {}))
    assert ([], "J.P. van der Berg") == (case["signals"], case["household"]["persons"][0]["name"])
    assert case["due_on"] is None


def test_case_without_contact_still_stands_on_the_list() -> None:
    """A running case whose contacts were all replaced is not lost."""
    case = entry(replace(facts(1), ground="running", is_new=False))
    assert (None, []) == (case["household"]["address"], case["signals"])
    assert case["reasons"]


def test_address_of_most_partners_comes_first() -> None:
    """Two partners outvote one; the landlord outvotes one other."""
    moved = {"house_number": "44", "house_letter": None}
    most = entry(facts(1), ("stroomdal", 0, moved), ("vaartwater", 0, moved), ("woonstichting-de-brug", 0, {}))
    assert ("9901 AB 44", ["9901 AB 12A"]) == (
        most["household"]["address"],
        most["household"]["other_addresses"],
    )
    landlord = entry(facts(1), ("stroomdal", 0, moved), ("woonstichting-de-brug", 0, {}))
    assert "9901 AB 12A" == landlord["household"]["address"]


def test_placeholder_phone_is_not_shown() -> None:
    """Nobody is reached at a stand-in."""
    case = entry(facts(1), ("stroomdal", 0, {"phone": "0600000000", "email": "onbekend@onbekend.nl"}))
    (person,) = case["household"]["persons"]
    assert ([], []) == (person["phones"], person["emails"])


def test_appointment_and_safety_decide_the_next_step() -> None:
    """A safety mark goes before an appointment, an appointment before a new attempt."""
    reports = (("stroomdal", 0, {}), ("vaartwater", 0, {}))
    meeting = replace(facts(1), next_appointment_on=TODAY.isoformat())
    assert "Er is een afspraak op 6 oktober 2026." == entry(meeting, *reports)["next_step"]
    assert entry(replace(meeting, is_unsafe=True), *reports)["next_step"].startswith("Ga niet alleen.")


def test_next_step_follows_from_what_was_written_down_last() -> None:
    """After a contact it asks for what follows, after an appointment how it went, and no other part of the day."""
    reports = (("stroomdal", 0, {}), ("vaartwater", 0, {}))
    spoke = {**attempt(1, "Telefoon", "2026-10-01", "Avond"), "is_reached": True}
    called = attempt(2, "Telefoon", "2026-10-02", "Avond")
    told = {
        name: entry(facts(1, **changes), *reports)["next_step"]
        for name, changes in {
            "called": {"attempts": (called,)},
            "spoke": {"attempts": (spoke, called)},
            "missed": {"attempts": (spoke, called), "next_appointment_on": "2026-10-05"},
            "told": {"attempts": (spoke, called), "next_appointment_on": "2026-10-02"},
        }.items()
    }
    contact = "U had contact op 1 oktober 2026: spreek een vervolg af of vul een resultaat in."
    assert {
        "called": "Probeer het op een ander dagdeel of op een andere manier.",
        "spoke": contact,
        "missed": "De afspraak van 5 oktober 2026 is voorbij: schrijf op hoe het ging.",
        "told": contact,
    } == told
