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
        (None, None, "Jansema, Pieter", "Pieter Jansema"),
        (None, None, "JANSEMA, PIETER", "Pieter Jansema"),
        (None, None, "Langeveld, B.V.", "B.V. Langeveld"),
        (None, None, "JANSEN, P.J.", "P.J. Jansen"),
        (None, None, "Berg, Jan van den", "Jan van den Berg"),
        (None, None, "Berg, van den, Jan", "Jan van den Berg"),
        (None, None, "Jansen, dhr. P.J.", "P.J. Jansen"),
        (None, None, "van den Bergh - El Amraoui, Samira", "Samira van den Bergh-El Amraoui"),
        (None, None, "Jansen, de Vries", "Jansen, de Vries"),
        (None, None, "Jansen, erven", "Jansen, erven"),
        (None, None, "Jansen, c.s.", "Jansen, c.s."),
        (None, None, "Jansen, e.v. de Vries", "Jansen, e.v. de Vries"),
        (None, None, "Jansen, bewindvoering Zeker", "Jansen, bewindvoering Zeker"),
        (None, None, "Jansen, kamer 3", "Jansen, kamer 3"),
        (None, None, "Jansen, Kapsalon", "Jansen, Kapsalon (bedrijfsnaam)"),
    ],
)
def test_name_is_written_as_people_do(
    initials: str | None, particles: str | None, surname: str, expected: str
) -> None:
    """Capitals, order and dots of a partner's system do not reach the counsellor; letters are never changed."""
    contact = {"initials": initials, "particles": particles, "surname": surname}
    assert expected == full_name(contact)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("MEHMET", "Mehmet"),
        ("mehmet", "Mehmet"),
        ("FATIMA ZAHRA", "Fatima Zahra"),
        ("FATIMA Z.", "Fatima Z."),
        ("ABD EL KARIM", "Abd el Karim"),
        ("JEAN-PIERRE", "Jean-Pierre"),
        ("JAN PIET", "Jan Piet"),
        ("JAN P", "Jan P."),
        ("KEES & ANNE", "Kees & Anne"),
        ("CHRIS", "Chris"),
        ("IŞIL", "Işıl"),
        ("ÉLODIE", "Élodie"),
        ("MEHMET EN FATIMA", "Mehmet en Fatima"),
        ("JAM", "J.A.M."),
        ("JPMA", "J.P.M.A."),
        ("AJMC", "A.J.M.C."),
        ("jp", "J.P."),
        ("Jp", "J.P."),
        ("MW F", "F."),
        ("MW. F", "F."),
        ("de heer J.P.", "J.P."),
        ("MR", "M.R."),
        ("MEJ", "M.E.J."),
        ("MW", ""),
        ("ONBEKEND", ""),
        ("ERVEN J", "Erven J."),
        ("Sj.", "Sj."),
        ("Sj", "Sj."),
        ("Tj.", "Tj."),
        ("Th.M.", "Th.M."),
        ("TH.M.", "Th.M."),
        ("th.m.", "Th.M."),
        ("Chr.M.", "Chr.M."),
        ("Oe.", "Oe."),
        ("OE", "O.E."),
        ("SJ", "S.J."),
        ("Jo", "Jo"),
        ("J. en M.", "J. en M."),
        ("J EN M", "J. en M."),
        ("Đ", "Đ."),
        ("Ã–.", "Ö."),
    ],
)
def test_letters_are_letters_and_names_are_names(written: str, expected: str) -> None:
    """A name in capitals is not spelt out, a title is no initial, and an initial of two letters is one."""
    assert f"{expected} Vos".lstrip() == full_name({"initials": written, "particles": None, "surname": "Vos"})


@pytest.mark.parametrize(
    ("particles", "written", "expected"),
    [
        (None, "DE VRIES/JANSEN", "de Vries/Jansen"),
        (None, "VAN DER MEER-DE VRIES", "van der Meer-de Vries"),
        ("VAN DER", "MEER-DE VRIES", "van der Meer-de Vries"),
        (None, "V/D BERG", "v/d Berg"),
        (None, "DE VRIES E/V JANSEN", "de Vries e/v Jansen"),
        (None, "VAN 'T HOF", "van 't Hof"),
        (None, "O'BRIEN", "O'Brien"),
        (None, "D’SOUZA", "D’Souza"),
        (None, "SA'ID", "Sa'id"),
        (None, "DO", "Do"),
        (None, "le", "Le"),
        ("VAN", "LE", "van Le"),
        (None, "BERG VAN DEN", "Berg van den"),
        (None, "IŞIK", "Işık"),
        (None, "IŞIK YILMAZ", "Işık Yılmaz"),
        (None, "İNCİ", "İnci"),
        (None, "ŞAHİN", "Şahin"),
        (None, "YILDIZ", "Yildiz"),
        (None, "IONIŢĂ", "Ioniţă"),
        (None, "PeÃ±a", "Peña"),
        (None, "NÃºÃ±ez", "Núñez"),
        (None, "AndrÃƒÂ©", "André"),
        (None, "È˜tefÄƒnescu", "Ștefănescu"),
        (None, "PEÃ‘A", "Peña"),
        (None, "PEÃ±A", "Peña"),
        (None, "Pe?a", "Pe?a"),
        (None, "Åkerman", "Åkerman"),
    ],
)
def test_surname_has_its_capitals_and_its_letters(particles: str | None, written: str, expected: str) -> None:
    """Particles inside, elided letters, Turkish capitals and letters read in another encoding come out right."""
    assert expected == full_name({"initials": None, "particles": particles, "surname": written})


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


@pytest.mark.parametrize(
    ("expected", "contacts"),
    [
        (
            "Abdelkarim Bouchikhi",
            [(name, None, "Bouchikhi") for name in ("Abdelkarim", "ABD EL KARIM", "A.E.K.")],
        ),
        ("Mehmet Yildiz", [("MEHMET", None, "YILDIZ"), ("Mehmet", None, "Yildiz")]),
        ("Jan Vos", [("Jan", None, "VOS"), ("JAN", None, "Vos")]),
        ("F. Berkane", [("MW F", None, "BERKANE"), ("Mw F", None, "BERKANE")]),
        ("F. Berkane", [("MW F", None, "BERKANE"), ("F", None, "BERKANE")]),
        ("Đ. Đorđević", [("Đ", None, "Đorđević"), ("Ä\x90", None, "Ä\x90orÄ‘eviÄ‡")]),
        ("Đ. Đorđević", [("Đ", None, "Đorđević"), ("Ä", None, "ÄorÄ‘eviÄ‡"), ("Ä", None, "ÄorÄ‘eviÄ‡")]),
        ("A. Peña", [("A", None, "Peña"), ("A", None, "PeÃ±a"), ("A", None, "Pe?a")]),
        ("A. Núñez", [("A", None, "Nú?ez"), ("A", None, "Nú?ez"), ("A", None, "Núñez")]),
        ("Pe?a", [(None, None, "Pe?a"), (None, None, "Pe?a")]),
        ("J.P. Hofsla", [("J.P.", None, "Hofsl?"), ("J", None, "Hofsla")]),
        ("Ö. Hofsla", [("Ö", None, "Hofsla"), ("?.", None, "Hofsla")]),
        (
            "Samira van den Bergh-El Amraoui",
            [("S", "van den", "Bergh-El Amraoui"), (None, None, "van den Bergh - El Amraoui, Samira")],
        ),
        ("B.V. Langeveld", [("B.V.", None, "Langeveld"), (None, None, "Langeveld, B.V.")]),
    ],
)
def test_of_all_forms_that_partners_wrote_the_one_that_reads_right_is_shown(
    expected: str, contacts: list[tuple[str | None, str | None, str]]
) -> None:
    """A lost letter, a name without spaces or another order does not win for being longer."""
    assert expected == shown_name(*contacts)


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
