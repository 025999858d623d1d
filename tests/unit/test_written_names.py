"""How a person is called on a worklist: as people write a name, with the initials that any partner knows."""

from __future__ import annotations

import json

import polars as pl
import pytest

from pipeline.revealed.written_names import full_name, is_trade_name
from pipeline.vocabulary.identity.names import trade_names
from tests.builders.worklists import entry, facts


def test_person_is_named_by_the_fullest_name_and_reached_in_every_way() -> None:
    """Initials as most partners know them, other surnames beside it, each phone once, only the year of birth."""
    case = entry(
        facts(1),
        ("stroomdal", 0, {"initials": "J", "phone": "0644234785", "birth_on": None}),
        ("vaartwater", 0, {"surname": "Visser", "particles": None, "phone": "0687650001"}),
        ("zorgzaam", 0, {}),
    )
    (person,) = case["household"]["persons"]
    assert "J.P. van der Berg" == person["name"]
    assert ["Visser"] == person["also_known_as"]
    assert 1986 == person["birth_year"]
    assert ["0644234785", "0687650001"] == person["phones"]
    assert "03-14" not in json.dumps(case)


@pytest.mark.parametrize(
    ("initials", "particles", "surname", "expected"),
    [
        ("JP", None, "BERG, VAN DER", "J.P. van der Berg"),
        ("J\u200b.P.", "van der\u2066", "Berg\u202e", "J.P. van der Berg"),
        ("E", "VAN DE", "KAMP", "E. van de Kamp"),
        ("j.", None, "de vries-ijsselstein", "J. de Vries-IJsselstein"),
        ("A. M.", "van 't", "Hof", "A.M. van 't Hof"),
        ("Piet", None, "Jansen", "Piet Jansen"),
        (None, None, "El Amrani", "El Amrani"),
        ("F.", None, "Yılmaz-Öztürk", "F. Yılmaz-Öztürk"),
        ("J.", None, "Jansen, P.J.", "J. Jansen, P.J."),
        ("", None, ",", ","),
        ("I.", None, "Eenmanszaak Osman", "Eenmanszaak Osman (bedrijfsnaam)"),
        ("I.", None, "KAPSALON OSMAN", "Kapsalon Osman (bedrijfsnaam)"),
        ("A.M.", None, "Taxibedrijf d.Gaarduin", "Taxibedrijf d.Gaarduin (bedrijfsnaam)"),
        ("A.M.", None, "Schoonmaakdienst Gaarduin", "Schoonmaakdienst Gaarduin (bedrijfsnaam)"),
        ("I.", None, "Eetcafé de Kroon", "Eetcafé de Kroon (bedrijfsnaam)"),
        ("I.", None, "Eenmanszaak Café Osman", "Eenmanszaak Café Osman (bedrijfsnaam)"),
        (
            *("A", None, "Jansen h.o.d.n. Taxibedrijf Jansen"),
            "A. Jansen h.o.d.n. Taxibedrijf Jansen (bedrijfsnaam)",
        ),
        (
            *("A", None, "JANSEN H.O.D.N. TAXIBEDRIJF JANSEN"),
            "A. Jansen h.o.d.n. Taxibedrijf Jansen (bedrijfsnaam)",
        ),
        ("A", None, "h.o.d.n. Taxibedrijf Jansen", "h.o.d.n. Taxibedrijf Jansen (bedrijfsnaam)"),
        ("A", "de", "Garage", "A. de Garage"),
        ("A", "van der", "Werken", "A. van der Werken"),
        ("J.L.C.IJ.", None, "Vos", "J.L.C.IJ. Vos"),
        ("IJ. J.", None, "Vos", "IJ.J. Vos"),
        ("JIJ", None, "Vos", "J.I.J. Vos"),
        ("I.", None, "Bakkerij", "I. Bakkerij"),
    ],
)
def test_name_is_written_as_people_do(
    initials: str | None, particles: str | None, surname: str, expected: str
) -> None:
    """Capitals, order and dots of a partner's system do not reach the counsellor; letters are never changed."""
    contact = {"initials": initials, "particles": particles, "surname": surname}
    assert expected == full_name(contact)


def test_name_with_capitals_and_small_letters_goes_before_one_without() -> None:
    """Of two spellings of one name the readable one is shown, with the initials that the other partner knows."""
    case = entry(facts(1), ("stroomdal", 0, {"surname": "BERG"}), ("vaartwater", 0, {"initials": "J."}))
    assert "J.P. van der Berg" == case["household"]["persons"][0]["name"]


def shown_name(*contacts: tuple[str | None, str | None, str]) -> str:
    """The name of one person of whom partners know (initials, particles, surname)."""
    names = [dict(zip(("initials", "particles", "surname"), contact, strict=True)) for contact in contacts]
    partners = ("stroomdal", "vaartwater", "zorgzaam")
    case = entry(facts(1), *((partner, 0, name) for partner, name in zip(partners, names, strict=False)))
    return str(case["household"]["persons"][0]["name"])


def test_an_initial_that_one_partner_knows_is_not_lost() -> None:
    """Which surname reads best says nothing about who knows the initials."""
    assert "J. Hofsla" == shown_name((None, None, "Hofsla"), ("J", None, "HOFSLA"))
    assert "J.P. Hofsla" == shown_name((None, None, "Hofsla"), ("J", None, "HOFSLA"), ("JP", None, "HOFSLA"))


def test_initials_of_another_surname_or_against_those_known_are_left_aside() -> None:
    """Nobody is given the initials that go with another name."""
    assert "Hofsla" == shown_name((None, None, "Hofsla"), (None, None, "Hofsla"), ("K.L.M.", None, "Visser"))
    assert "J. Hofsla" == shown_name(("J", None, "Hofsla"), ("K.L.M.", None, "HOFSLA"))


def test_name_of_a_person_goes_before_that_of_their_business() -> None:
    """A sole trader is asked for by name, however many partners know the business."""
    trade = ("A.M.", None, "Taxibedrijf Gaarduin")
    assert "A.M. Gaarduin" == shown_name(trade, trade, (None, None, "GAARDUIN"))


@pytest.mark.parametrize(
    "name", ["EETCAFÉ JANSEN", "Jansen h. o. d. n. Zon", "Jansen h/o Zon", "Jansen t.h.o.d.n. Zon"]
)
def test_no_trade_name_is_passed_over_by_the_first_look(name: str) -> None:
    """Capitals, accents and every way to write trading as: what the normaliser takes for a trade is one here."""
    assert pl.select(trade_names(pl.lit(name))).item()
    assert is_trade_name({"surname": name})
