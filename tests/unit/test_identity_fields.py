"""Dates, addresses, e-mail, telephone, legal persons: notations meet, stand-ins make nothing."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.revealed.compare_fields import read_birth
from pipeline.vocabulary.identity.dates import birth_keys, iso_dates
from pipeline.vocabulary.identity.normalise import WRITTEN_COLUMNS, normalise_people
from tests.builders.people import key_lists, people


def with_key(column: str, key: str, values: list[str | None]) -> list[str | None]:
    """Those of the values that make a key."""
    return [value for value, made in zip(values, key_lists(column, key, values), strict=True) if made is not None]


def keys_of_births(values: list[str | None]) -> list[str | bool | None]:
    return key_lists("birth_on", "birth_key", values)


def test_every_notation_of_a_birth_date_is_one_key() -> None:
    """ISO, Dutch, compact, with dots, one digit, midnight behind it, or day and month swapped."""
    notations = [
        "1980-05-03",
        "03-05-1980",
        "03/05/1980",
        "19800503",
        "3-5-1980",
        "03.05.1980",
        "1980-05-03 00:00:00",
    ]
    swapped = ["1980-03-05", "05-03-1980", "5/3/1980", "1980-03-05T00:00:00"]
    assert ["1980-03-05"] * 11 == keys_of_births([*notations, *swapped])


def test_a_birth_date_that_only_exists_swapped_is_read_so() -> None:
    """05-31-1980 can only be 31 May, in every notation."""
    written: list[str | None] = ["31-05-1980", "05-31-1980", "1980-31-05", "19803105"]
    assert ["1980-05-31"] * 4 == keys_of_births(written)


NO_BIRTH = [
    *[
        "01-01-1970",
        "1970-01-01",
        "01-01-1900",
        "05-05-1900",
        "1850-02-03",
        "00-05-1980",
        "1980-00-00",
        "00-00-0000",
    ],
    *[
        "31-02-1980",
        "29-02-1900",
        "32-01-1980",
        "00-13-1980",
        "abc",
        "1980",
        "31-05-80",
        "1111-11-11",
        None,
        "",
        " - ",
    ],
]


def test_a_birth_date_that_does_not_identify_makes_no_key() -> None:
    """Stand-ins, what computers write for no date, partial and impossible dates."""
    assert [] == with_key("birth_on", "birth_key", NO_BIRTH)


def test_the_day_from_which_computers_count_tells_no_year() -> None:
    """A year would tell apart whom one partner knows no birth date of; the day after it is a date."""
    days: list[str | None] = ["01-01-1970", "1970-01-01", "02-01-1970", "01-01-1971"]
    assert [None, None, "1970", "1971"] == key_lists("birth_on", "birth_year_key", days)
    assert [(0, 0, 0), (1970, 1, 2), (1971, 0, 0)] == [
        read_birth(day) for day in ("1970-01-01", "1970-01-02", "1971-01-01")
    ]


def test_the_first_of_january_is_a_birth_date_and_no_birthday() -> None:
    """Partners who have somebody as born on 1 January agree; whoever has another day does not contradict them."""
    written: list[str | None] = ["01-01-1980", "19800101", "1980-01-02"]
    assert ["1980-01-01", "1980-01-01", "1980-01-02"] == keys_of_births(written)
    assert [None, None, "01-02"] == key_lists("birth_on", "birth_day_key", written)


def test_a_partial_date_is_legal_and_an_impossible_one_is_not() -> None:
    """Day or month 00 is kept as ISO text; 31 February is nothing."""
    written = pl.Series(
        ["00-05-1980", "1980-00-00", "19800500", "00-00-0000", "31-02-1980", "00-13-1980", "31-04-1980"]
    )
    assert ["1980-05-00", "1980-00-00", "1980-05-00", "0000-00-00", None, None, None] == iso_dates(
        written
    ).to_list()


@given(st.dates(min_value=date(1920, 1, 2)))
def test_swapping_day_and_month_never_changes_the_key(day: date) -> None:
    """Where both could be a month the key is the same either way round."""
    text = f"{day:%Y-%m-%d}"
    assume(day.day <= 12)
    one, other = birth_keys(iso_dates(pl.Series([text, f"{text[:4]}-{text[8:]}-{text[5:7]}"])))
    assert one == other


def test_postcodes_meet_and_impossible_ones_make_no_key() -> None:
    """Spaces and case make no difference; 0, SA, SD, SS and other forms do not exist."""
    good = ["1234AB", "1234 ab", " 1234  Ab ", "1234\u00a0AB"]
    bad = ["0123AB", "1234SA", "1234SD", "1234 ss", "1234", "12345", "ABCD12", "1234ABC", "1234A1", "", None]
    assert ["1234AB"] * 4 + [None] * 11 == key_lists("postcode", "postcode_key", [*good, *bad])


# Each row: ways of writing one address, as (huisnummer, huisletter, toevoeging) → (number, addition).
HOUSE_NUMBERS = [
    (
        ("12", "a"),
        [("12A", None, None), ("12-A", None, None), ("12 a", None, None), ("12", "A", None), ("12", None, "a")],
    ),
    (("12", "a"), [("12A", "A", None), ("12 a", None, "A"), ("012A", None, None), ("12/A", None, None)]),
    (
        ("12", "2"),
        [
            ("12 II", None, None),
            ("12-2", None, None),
            ("12", None, "II"),
            ("12 2hoog", None, None),
            ("12", None, "2"),
        ],
    ),
    (
        ("12", "h"),
        [
            ("12 hs", None, None),
            ("12-H", None, None),
            ("12", None, "huis"),
            ("12", None, "HS"),
            ("12hs", None, None),
        ],
    ),
    (("12", "bis"), [("12 bis", None, None), ("12bis", None, None), ("12", None, "BIS"), ("12-bis", None, None)]),
    (
        ("12", "a2"),
        [("12A2", None, None), ("12-A-2", None, None), ("12A", None, "2"), ("12", "A", "2"), ("12 a 2", "A", "2")],
    ),
    (("12", "a"), [("12", "a", "A"), ("12 a", "A", "a")]),
    (
        ("12", "1"),
        [("12", None, "1e"), ("12 I", None, None), ("12", None, "0001"), ("12", None, "eerste verdieping")],
    ),
    (("12", "2"), [("12-2e", None, None), ("12", None, "0002"), ("12", None, "tweede etage")]),
    (("12", "2"), [("12 K2", None, None), ("12", None, "kamer 2"), ("12", None, "K 02"), ("12", "K", "2")]),
    (("12", "100"), [("12-100", None, None), ("12", None, "0100")]),
    (("12", "bov"), [("12 bov", None, None), ("12", None, "BV"), ("12 boven", None, None), ("12-bv", None, None)]),
    (("12", "h"), [("12", None, "beg.gr"), ("12 begane grond", None, None), ("12", None, "benedenwoning")]),
    (
        ("12", "to"),
        [("t/o 12", None, None), ("12 t/o", None, None), ("tegenover 12", None, None), ("12", None, "TO")],
    ),
    (("12", "2"), [("12", None, "2H"), ("12 2-H", None, None), ("12-2h", None, None)]),
    (("12", "12h"), [("12", None, "12H"), ("12-12-H", None, None)]),
    (("12", "h2"), [("12", "H", "2"), ("12H2", None, None)]),
    (("12", "bis"), [("12", None, "BS"), ("12bs", None, None)]),
    (("12", "bisa"), [("12", None, "bis A"), ("12 BS", None, "A"), ("12 BS A", None, None)]),
    (("12", "rd"), [("12", None, "rood"), ("12 RD", None, None)]),
    (("12", "zw"), [("12 zwart", None, None), ("12", None, "ZW")]),
    (("12", "by"), [("bij 12", None, None), ("12", None, "BY")]),
    (
        ("12", None),
        [("12", None, None), ("12", "", " "), ("0012", None, None), ("nr. 12", None, None), ("12.0", None, None)],
    ),
]


def test_every_notation_of_a_house_number_is_one_key() -> None:
    """The letter or addition may be glued, apart, or both."""
    rows = [(expected, *written) for expected, several in HOUSE_NUMBERS for written in several]
    names = ("house_number", "house_letter", "house_addition")
    keys = normalise_people(people(*(dict(zip(names, row[1:], strict=True)) for row in rows)))
    assert [row[0] for row in rows] == keys.select("number_key", "addition_key").rows()


NO_NUMBER = ["0", "100000", "A12", "Dorpsstraat 12", "abc", "-12", "12-feb", "2026-02-12", "12?", "", None]


def test_what_is_no_house_number_makes_no_key() -> None:
    """Out of 1..99999, without a number in front, or damaged by a spreadsheet."""
    assert [] == with_key("house_number", "number_key", NO_NUMBER)


def test_an_email_address_meets_itself() -> None:
    """Case, spaces, a name around it and a +label make no difference."""
    written = [
        " J.Bos@Ziggo.NL ",
        "j.bos+energie@ziggo.nl",
        "mailto:j.bos@ziggo.nl",
        "J. Bos <j.bos@ziggo.nl>",
        "j.bos@ziggo.nl;x@y.nl",
    ]
    assert ["j.bos@ziggo.nl"] * 5 == key_lists("email", "email_key", list(written))


NO_EMAIL = [
    *[
        "onbekend@ziggo.nl",
        "ONBEKEND@ONBEKEND.NL",
        "geen@geen.nl",
        "geen.email@kpn.nl",
        "info@bakker.nl",
        "nvt@nvt.nl",
    ],
    *[
        "noreply@x.nl",
        "no-reply@x.nl",
        "x@x.nl",
        "administratie@bedrijf.nl",
        "jan",
        "jan@",
        "@x.nl",
        "jan@x",
        "jan@@x.nl",
    ],
    *["n.v.t.", "-", "", None, "onbekend1@x.nl", "jan@onbekend.nl"],
]


def test_a_stand_in_is_no_email_address() -> None:
    """Placeholders, shared desks and broken addresses make no key."""
    assert [] == with_key("email", "email_key", NO_EMAIL)


def test_a_telephone_number_meets_itself() -> None:
    """Country code, zero in brackets, spaces, a lost zero and a second number make no difference."""
    mobile = [
        "0629481735",
        "06-29481735",
        "06 29 48 17 35",
        "+31629481735",
        "+31 (0)6 29481735",
        "0031 6 29481735",
        "629481735",
    ]
    more = [
        "+310629481735",
        "31629481735",
        "06-29481735 / 030-2948173",
        "tel: 06 29481735",
        "06-29481735 (mobiel)",
        "0629481735 of 0301",
    ]
    assert ["0629481735"] * 13 == key_lists("phone", "phone_key", [*mobile, *more])


def test_a_number_from_abroad_keeps_its_country() -> None:
    """+49 and 0049 meet; they never become a Dutch number."""
    assert ["+4915129481735"] * 2 == key_lists("phone", "phone_key", ["+49 151 29481735", "0049-151-29481735"])


NO_PHONE = [
    "0600000000",
    "06-12345678",
    "0611111111",
    "0000000000",
    "0999999999",
    "0800-1234567",
    "0900 1234567",
    "112",
    "06",
    "",
    None,
]


def test_a_stand_in_is_no_telephone_number() -> None:
    """Repeated digits, digits in a row, service numbers and wrong lengths make no key."""
    assert [] == with_key("phone", "phone_key", NO_PHONE)


LEGAL = [
    *[
        "Jansen B.V.",
        "Jansen BV",
        "Bouwbedrijf De Vries b.v.",
        "Woningbeheer N.V.",
        "Stichting De Hoop",
        "Woonstichting Zuid",
    ],
    *[
        "Vereniging van Eigenaars",
        "VvE Parkzicht",
        "V.v.E. Parkzicht",
        "V.O.F. Jansen",
        "Jansen & Zn. vof",
        "Acme Ltd",
    ],
    *[
        "Müller GmbH",
        "Gemeente Utrecht",
        "gemeente amersfoort",
        "Coöperatie Boer U.A.",
        "Maatschap Tandartsen",
        "Jansen Holding",
    ],
    *[
        "Bouwbedrijf Jansen B.V. Utrecht",
        "Jansen Beheer B.V. h.o.d.n. Zon",
        "Provincie Utrecht",
        "Sportvereniging Vooruit",
        "Stichting De Hoop p/a P. Jansen",
    ],
]


def test_a_legal_person_is_known_by_its_form() -> None:
    """The form counts, also beside a contact person's initials and birth date."""
    frame = people(*({"surname": name, "initials": "P", "birth_on": "03-05-1980"} for name in LEGAL))
    assert [] == frame.filter(~normalise_people(frame)["is_legal_person"])["surname"].to_list()


def test_a_form_beside_the_first_of_january_stays_a_form() -> None:
    """1 January may be what a system writes where there is no birth date, as for B.V. Jansen."""
    assert normalise_people(people({"surname": "Jansen, B.V.", "birth_on": "01-01-1980"}))["is_legal_person"][0]


PEOPLE = [
    {"surname": "Bakkerij Jansen", "initials": "P.", "birth_on": "03-05-1980"},
    {"surname": "Schildersbedrijf De Vries", "initials": "A."},
    {"surname": "Kapsalon Bianca"},
    {"surname": "Eenmanszaak Jansen"},
    {"surname": "Jansen p/a Stichting De Hoop", "initials": "A."},
    {"surname": "Jansen (c/o Holding B.V.)", "initials": "A."},
    {"surname": "van der Kerk", "initials": "B.V."},
    {"surname": "Jansen", "initials": "B.V."},
    {"surname": "Jansen", "initials": "N.V.", "birth_on": "03-05-1980"},
    {"surname": "Jansen, B.V.", "birth_on": "03-05-1980"},
    {"surname": "B.V. Jansen", "birth_on": "03-05-1980"},
    {"surname": "B. v. Dijk"},
    {"surname": "N.v.d. Berg"},
    {"surname": "Berg, B. v.d."},
    {"surname": "İnç"},
    {"surname": "Stichter"},
    {"surname": "Gemeentewerker"},
    {"surname": None},
]


def test_a_person_or_sole_trader_stays_in() -> None:
    """A trade in the name, or initials that look like a form, make nobody a legal person."""
    frame = people(*PEOPLE)
    assert [] == frame.filter(normalise_people(frame)["is_legal_person"])["surname"].to_list()


@settings(max_examples=40)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=30))
def test_any_text_is_normalised_without_failing_and_keys_are_stable(texts: list[str]) -> None:
    """Whatever stands in the columns, there is one row out per row in, and a key is its own key."""
    once = normalise_people(people(*(dict.fromkeys(WRITTEN_COLUMNS, text) for text in texts)))
    again = {"postcode": "postcode_key", "email": "email_key", "phone": "phone_key", "house_number": "number_key"}
    twice = normalise_people(people(*({name: row[key] for name, key in again.items()} for row in once.to_dicts())))
    assert len(texts) == once.height
    assert once.select(again.values()).equals(twice.select(again.values()))
