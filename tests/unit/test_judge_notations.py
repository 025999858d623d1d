"""Notations that a person reads at once are read; what may mean something else is refused as before."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.identified.judge_rows import Judged, judge_rows
from pipeline.identified.read_export import read_export
from pipeline.identified.read_mapping import ExportMapping
from tests.builders.partners import csv_of, row

LAST_DAY = date(2026, 10, 31)


def judge(*rows: dict[str, str]) -> Judged:
    return judge_rows(read_export(csv_of(rows).encode(), ExportMapping()), ExportMapping(), LAST_DAY)


def of_column(column: str, *texts: str) -> Judged:
    return judge(*(row(place, **{column: text}) for place, text in enumerate(texts)))


def test_a_postcode_is_read_with_what_stands_around_it() -> None:
    """A sign within it, the country before it, the place behind it."""
    texts = [
        "9901-AF",
        "NL-9901AF",
        "NL 9901 af",
        "9901.AF",
        "9901_AF",
        "9901 AF Appingedam",
        "9901AF, Appingedam",
    ]
    judged = of_column("postcode", *texts)
    assert ["9901AF"] * len(texts) == judged.rows["postcode"].to_list()


@pytest.mark.parametrize("text", ["9901", "9901AFG", "0123-AB", "B-9901AF", "9901AF 9901AG 1"])
def test_what_is_no_postcode_is_refused(text: str) -> None:
    """Other countries, other lengths, and more than one."""
    assert ["POSTCODE_INVALID"] == [fault.code for fault in of_column("postcode", text).faults]


HOUSE_NUMBERS = {
    "12_2": ("12", None, "2"),
    "12 _ A": ("12", "A", None),
    "Dorpsstraat 12": ("12", None, None),
    "Burg. van der Veenstraat 12a": ("12", "A", None),
    "1e Helmersstraat 12 A": ("12", "A", None),
    "'s-Gravenstraat 7-2": ("7", None, "2"),
    "nr. 12": ("12", None, None),
    "t/o 12": ("12", None, "TO"),
}


def test_a_house_number_is_read_behind_its_street() -> None:
    """And with an underscore before its addition."""
    judged = of_column("huisnummer", *HOUSE_NUMBERS)
    found = judged.rows.select("house_number", "house_letter", "house_addition").rows()
    assert list(HOUSE_NUMBERS.values()) == found


NO_HOUSE_NUMBERS = [
    "Postbus 12",
    "kamer 4",
    "Plein 1945",
    "Dorpsstraat",
    "Dorpsstraat 12 Kerkweg 3",
    "ligplaats 4",
]


def test_a_number_that_may_be_of_something_else_is_refused() -> None:
    """A postbus, a room, a year in a street's name, two addresses in one."""
    judged = of_column("huisnummer", *NO_HOUSE_NUMBERS)
    assert ["HOUSE_NUMBER_INVALID"] * len(NO_HOUSE_NUMBERS) == [fault.code for fault in judged.faults]


def test_months_may_have_their_word_behind_them() -> None:
    """Whole months only, as before."""
    texts = ["3 mnd", "3 mnd.", "3 maanden", "3mnd", "3,0 maanden", "3 Maand"]
    assert [3] * len(texts) == of_column("maanden_achterstand", *texts).rows["arrears_months"].to_list()
    wrong = ["2,5 mnd", "3 kwartalen", "3 jaar", "mnd", "3 min"]
    assert ["MONTHS_INVALID"] * 5 == [fault.code for fault in of_column("maanden_achterstand", *wrong).faults]


def test_white_space_may_part_thousands_and_stand_around_an_amount() -> None:
    """Also spaces that do not break, and around the sign."""
    texts = ["1 234,50", "€ 1\u00a0234,50", "1\u2009234.5 EUR", " €   1234,50 ", "'1'234,50", '"1234,50\n"']
    texts += ["1 234,50 euro", "€\u202f1234,50", "EUR\u00a01.234,50", "1\u202f234,50\u00a0€"]
    assert [123450] * len(texts) == of_column("bedrag", *texts).rows["cents"].to_list()
    assert [1200, 1200] == of_column("bedrag", "12 ,-", "€ 12,- ").rows["cents"].to_list()


TWO_AMOUNTS = [
    '"250\n300"',
    '"250\r\n300"',
    '"250 \n 300"',
    '"250,00\n€ 300"',
    '"€\n250"',
    "250\t300",
    "250   300",
    "250\u00a0\u00a0300",
    "250\u2028300",
    "250 € 300",
    "1250 90",
    "12 34,50",
    "1 234 50",
    "0 500",
    "12 , 50",
    "12, 50",
    "1 234.567",
    "1'23",
]


def test_two_amounts_in_one_cell_are_never_one() -> None:
    """Whatever stands between them: tidied and run together they would be a debt of hundreds of thousands."""
    judged = of_column("bedrag", *TWO_AMOUNTS)
    assert [("AMOUNT_INVALID", place) for place in range(1, len(TWO_AMOUNTS) + 1)] == [
        (fault.code, fault.row) for fault in judged.faults
    ]


@pytest.mark.parametrize("none", ["geen", "Geen", "n.v.t.", "-", "niet van toepassing"])
def test_no_crisis_and_no_handover_are_said_in_many_ways(none: str) -> None:
    """Whichever of the columns says so."""
    judged = judge(row(crisissignaal=none, crisissoort=none, crisisdatum=none, warme_overdracht=none))
    assert () == judged.faults
    values = judged.rows.select("is_crisis", "crisis_kind", "crisis_on", "has_warm_handover").row(0)
    assert (False, None, None, False) == values


def test_no_crisis_outweighs_a_kind_of_crisis_as_nee_does() -> None:
    """`geen` says no; an empty column leaves it to the kind."""
    rows = [
        row(place, crisissignaal=text, crisissoort="ontruiming") for place, text in enumerate(("geen", "nee", "-"))
    ]
    assert [False, False, True] == judge(*rows).rows["is_crisis"].to_list()


@pytest.mark.parametrize("none", ["geen", "Geen bezwaar", "geen bezwaar gemaakt.", "GEEN BEZWAREN", "n.v.t.", "-"])
def test_who_has_no_objection_goes_along(none: str) -> None:
    """No objection is never read as one."""
    judged = judge(row(bezwaar=none))
    assert ((), 0, 1) == (judged.faults, judged.objection_count, judged.rows.height)


UNCLEAR = [
    "?",
    "onbekend",
    "niet bekend",
    "geen toestemming",
    "niet",
    "geen reactie",
    "bezwaar",
    "ja, bezwaar",
    "3-4-2026",
]


@pytest.mark.parametrize("unclear", UNCLEAR)
def test_whoever_may_have_objected_stays(unclear: str) -> None:
    """The row is refused and says how to mend it; the client's other rows stay as well."""
    judged = judge(row(1, bezwaar=unclear), row(1, bedrag="7"), row(2))
    assert ["KL-000002"] == judged.rows["klantnummer"].to_list()
    assert [("YES_NO_INVALID", "bezwaar", 1)] == [(fault.code, fault.column, fault.row) for fault in judged.faults]


def test_none_is_no_addition_and_no_address() -> None:
    """`geen` in an optional column is no value."""
    names = ("voorletters", "huisletter", "huisnummertoevoeging", "email", "telefoon", "geboortedatum")
    judged = judge(row(huisnummer="12", **dict.fromkeys(names, "geen")))
    found = judged.rows.select("initials", "house_letter", "house_addition", "email", "phone", "birth_on").row(0)
    assert ((), (None,) * 6) == (judged.faults, found)
