"""The words of a letter: why there is a case, who saw what, and what the law wants told; and nobody else's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import subject
from pipeline.revealed.texts import TEXTS
from pipeline.store import tables
from pipeline.vocabulary.case import STATES
from tests.builders.deliveries import MONTH, Municipality, signal_id
from tests.builders.kept import Begin
from tests.builders.openings import TUESDAY, keep, report, reveal_here, rows_in
from tests.builders.stewardship import put
from tests.builders.subjects import HOUSEHOLD, MINE, NEIGHBOUR, PAIR, WIFE, make_reported

STRANGER = report("water-a", "d", "x", surname="Bakker", initials="T", birth_on="1991-07-07")


@pytest.fixture
def place(begin_here: Begin) -> Municipality:
    """A municipality with a case on a worklist and somebody else; the opener answers in this process."""
    return begin_here(make_reported)


@pytest.fixture
def home(begin_here: Begin) -> Municipality:
    """A municipality that matches on household too."""
    return begin_here(make_reported, rule=HOUSEHOLD)


def letter(outcome: Any) -> str:
    return Path(outcome.paths["letter"]).read_text("utf-8")


def test_who_was_only_compared_reads_that_no_team_saw_it(place: Municipality) -> None:
    """Opened for a list and found to be about somebody else: that it was opened is said, above the log of it."""
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, NEIGHBOUR, STRANGER])
        reveal_here(run)
        confirmed = {row["signal_id"]: row["is_confirmed"] for row in rows_in(run, "case_signals")}
        assert confirmed[signal_id("d")] is False
        text = letter(subject.access(run, {("water-a", MONTH, signal_id("d"))}))
    assert "<td>geopend</td>" in text
    assert "Uw melding is geopend om te vergelijken. Geen wijkteam zag haar." in text
    assert "Niemand" not in text


def test_the_letter_says_why_there_is_a_case(place: Municipality) -> None:
    """Who reported, that it was of one month, and the rule with its numbers; nothing reads as an appointment."""
    with place.run(TUESDAY) as run:
        text = letter(subject.access(run, MINE))
    assert "Over oktober 2026 meldden energie-a en huur-a dat u een achterstand hebt." in text
    assert "meldingen van minstens 2 verschillende organisaties over dezelfde maand" in text
    assert "elk met een achterstand van minstens 2 maanden, over dezelfde persoon." in text
    assert "(overeenkomst, versie 1)" in text
    assert [] == [word for word in ("Afspraak:", "Stand:", '<th scope="row">crisis<') if word in text]


def test_why_there_is_a_case_names_nobody_that_reported_a_housemate(home: Municipality) -> None:
    """His case has her reports too: of those he reads neither who sent them, nor that they are there."""
    with home.run(TUESDAY) as run:
        keep(run, [*PAIR, *WIFE])
        reveal_here(run)
        his = letter(subject.access(run, MINE))
        (case,) = rows_in(run, "cases")
        names = subject.named(run, None, case["case_id"])
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.connection.execute(tables.signals.delete())
        nobodys = letter(subject.access(run, names))
    assert "Over oktober 2026 meldden energie-a en huur-a dat u" in his
    assert "dezelfde persoon of hetzelfde huishouden" in his
    assert ("water-a" in his, "meldden" in nobodys) == (False, False)


@pytest.mark.parametrize("state", STATES)
def test_how_a_case_stands_is_a_sentence(place: Municipality, state: str) -> None:
    """Of every state, as a resident reads it; the words that the data steward reads are shorter."""
    with place.run(TUESDAY) as run:
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.update(tables.cases, tables.cases.c.case_id.is_not(None), {"state": state})
        text = letter(subject.access(run, MINE))
    assert TEXTS["letter_states"][state] in text


def test_a_case_that_was_taken_back_is_not_said_to_be_on_a_list(place: Municipality) -> None:
    """It is shown no more, and that is what the letter says."""
    with place.run(TUESDAY) as run:
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.update(tables.cases, tables.cases.c.case_id.is_not(None), {"mark": "retracted"})
        text = letter(subject.access(run, MINE))
    assert "De zaak wordt niet meer getoond." in text
    assert "op de lijst van een wijkteam" not in text


@pytest.mark.parametrize(
    ("names", "greeting"),
    [
        (["Fotografie Hoekbroek", "Berg"], "Beste J.P. van der Berg,"),
        (["Fotografie Hoekbroek", "Fotografie Hoekbroek"], "Beste inwoner,"),
    ],
)
def test_nobody_is_greeted_by_the_name_of_a_business(place: Municipality, names: list[str], greeting: str) -> None:
    """By the own name where any organisation has it; else as a resident."""
    reports = [{**PAIR[0]}, {**PAIR[1]}]
    for number, name in enumerate(names):
        reports[number] = report(PAIR[number]["partner_id"], "ab"[number], "x", surname=name)
    with place.run(TUESDAY) as run:
        keep(run, reports)
        text = letter(subject.access(run, {(row["partner_id"], MONTH, row["signal_id"]) for row in reports}))
    assert greeting in text
    assert "bedrijfsnaam" not in text


def test_the_letter_names_every_right_and_how_to_object_to_it(place: Municipality) -> None:
    """Restriction stands among the rights; the six weeks are about the letter, not about the use of data."""
    with place.run(TUESDAY) as run:
        for names in (MINE, {("water-a", MONTH, signal_id("nobody"))}):
            text = letter(subject.access(run, names))
            wanted = (
                "verbeteren",
                "Maak bezwaar",
                "wissen",
                "beperking van de verwerking",
                "Autoriteit Persoonsgegevens",
            )
            assert [] == [word for word in wanted if word not in text]
            _, decision = text.split("Bent u het niet eens met dit besluit?")
            assert "<b>binnen zes weken</b>" in decision
            assert "iets anders dan bezwaar tegen het gebruik van uw gegevens" in decision


def test_the_letter_tells_who_may_get_what_is_held(place: Municipality) -> None:
    """Teams, organisations, statistics, the register, and that figures are made; not where nothing is held."""
    wanted = (
        "schuldhulpverleners",
        "De organisatie die u meldde",
        "(CBS)",
        "(BRP)",
        "cijfers",
        "beslist een mens",
    )
    with place.run(TUESDAY) as run:
        text = letter(subject.access(run, MINE))
        nothing = letter(subject.access(run, {("water-a", MONTH, signal_id("nobody"))}))
    assert [] == [word for word in wanted if word not in text]
    assert "Wie uw gegevens kan krijgen" not in nothing


def test_where_to_turn_is_what_the_municipality_wrote_down(place: Municipality) -> None:
    """From contact.toml, without what a file could do in a page; what is not there is a marked blank."""
    written = (
        'gemeente = "Plein 1, <b>14 0990</b>"\nwijkteam = 14\nondertekening = """P. de Vries,\n  adviseur"""\n'
    )
    with place.run(TUESDAY) as run:
        blank = letter(subject.access(run, MINE))
        place.home.contact_file.write_text(written, encoding="utf-8")
        filled = letter(subject.access(run, MINE))
        place.home.contact_file.write_text("gemeente = Plein 1", encoding="utf-8")
        unread = letter(subject.access(run, MINE))
    assert (4, 2, 4) == tuple(text.count("<mark>[vul in: ") for text in (blank, filled, unread))
    assert "Plein 1, &lt;b&gt;14 0990&lt;/b&gt;" in filled
    assert "P. de Vries, adviseur" in filled


def test_an_earlier_version_of_a_report_is_told(place: Municipality) -> None:
    """It was corrected: what is kept of what was reported first is told, and that it counts no more."""
    first = {**PAIR[0], "is_current": False, "arrears_months": 12, "arrears_band": "2500+", "is_crisis": True}
    with place.run(TUESDAY) as run:
        keep(run, [first, report("huur-a", "a", "x", sequence=2, arrears_months=4), PAIR[1]])
        text = letter(subject.access(run, MINE))
    assert 1 == text.count("eerdere versie")
    assert "ontvangen op 2 november 2026: 12 maanden of meer achterstand, €\u00a02.500 of meer, met spoed." in text
    assert "<td>van €\u00a0500 tot en met €\u00a0999</td>" in text


def test_a_report_that_was_taken_back_is_told_as_that(place: Municipality) -> None:
    """Its row is still kept, and the day on which the organisation took it back is told with it."""
    back = dict.fromkeys(PAIR[0]) | {
        **{name: PAIR[0][name] for name in ("partner_id", "month", "signal_id", "delivery_id")},
        **{"sequence": 2, "is_retraction": True, "is_current": False, "admitted_at": "2026-11-03T23:30:00Z"},
    }
    with place.run(TUESDAY) as run:
        keep(run, [{**PAIR[0], "is_current": False}, back, PAIR[1]])
        text = letter(subject.access(run, MINE))
    assert "op 4 november 2026, door de organisatie. De melding telt niet meer." in text
    assert "eerdere versie" not in text


def test_the_letter_holds_what_was_compared_and_of_nobody_else(home: Municipality) -> None:
    """Per pair of his own reports an outcome per field; a pair with a housemate is in neither letter."""
    with home.run(TUESDAY) as run:
        keep(run, [*PAIR, *WIFE])
        reveal_here(run)
        his = letter(subject.access(run, MINE))
        (case,) = rows_in(run, "cases")
        names = subject.named(run, None, case["case_id"])
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.connection.execute(tables.signals.delete())
        nobodys = letter(subject.access(run, names))
    assert "geheime codes" in his
    compared = his.split("Per gegeven bewaren wij alleen of het gelijk is:")[1].split("</table>")[0]
    assert 1 == compared.count("<tr>")
    assert "energie-a en huur-a</th><td>achternaam gelijk, voorletters gelijk, geboortedatum gelijk" in compared
    assert "Per gegeven bewaren wij" not in nobodys


def test_until_when_collection_stops_is_told_with_what_an_organisation_was_told(place: Municipality) -> None:
    """The organisation was told a day, and so it is in the letter."""
    told = {"code": "hulp_aanvaard", "sent_on": "2026-11-20", "suspended_until_on": "2026-12-20"}
    with place.run(TUESDAY) as run:
        put(run, tables.feedback_sent, partner_id="huur-a", month=MONTH, signal_id=signal_id("a"), **told)
        assert "De datum is 20 december 2026." in letter(subject.access(run, MINE))
