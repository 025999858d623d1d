"""Rows are judged strictly, faults are named without values, and the rows of one client become one signal."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.identified.fold_clients import fold_clients
from pipeline.identified.join_areas import without_areas
from pipeline.identified.judge_rows import Judged, judge_retractions, judge_rows
from pipeline.identified.read_export import read_export
from pipeline.identified.read_mapping import ExportMapping
from pipeline.vocabulary.faults import FAULTS
from tests.builders.partners import csv_of, row

LAST_DAY = date(2026, 10, 31)


def judge(*rows: dict[str, str], mapping: ExportMapping = ExportMapping()) -> Judged:  # noqa: B008 - it is frozen
    return judge_rows(read_export(csv_of(rows).encode(), mapping), mapping, LAST_DAY)


def faults(judged: Judged) -> list[tuple[int | None, str | None, str]]:
    assert {fault.code for fault in judged.faults} <= set(FAULTS)
    return [(fault.row, fault.column, fault.code) for fault in judged.faults]


def test_a_good_row_becomes_values() -> None:
    """Texts are read by the promised notations; the address comes in one form."""
    judged = judge(row(crisissignaal="ja", crisissoort="Ontruiming", crisisdatum="2026-11-20"))
    values = judged.rows.drop("row", "keys").row(0, named=True)
    assert values == {
        "klantnummer": "KL-000001",
        "initials": "J.P.",
        "particles": "van der",
        "surname": "Canarie",
        "birth_on": "1980-05-31",
        "postcode": "9901AB",
        "house_number": "12",
        "house_letter": "A",
        "house_addition": None,
        "email": "kanarie.vogel@voorbeeld.example",
        "phone": "06-29481735",
        "cents": 123450,
        "arrears_months": 3,
        "since_on": "2026-07-01",
        "signalled_on": "2026-10-15",
        "crisis_on": "2026-11-20",
        "is_crisis": True,
        "crisis_kind": "ontruiming",
        "has_warm_handover": True,
    }


AMOUNTS = {
    "1234.50": 123450,
    "1234,50": 123450,
    "1.234,50": 123450,
    "€ 1.234,50": 123450,
    "€1234.5": 123450,
    "EUR 1234,50": 123450,
    "1.234": 123400,
    "123.456,78": 12345678,
    "1,234.50": 123450,
    "1234": 123400,
    "12,-": 1200,
    "0": 0,
    "0,05": 5,
    "€ 999": 99900,
}


def test_amounts_are_read_in_every_promised_notation() -> None:
    """With and without sign and thousands; cents are kept exactly."""
    small = {text: cents for text, cents in AMOUNTS.items() if cents <= 100_000_000}
    judged = judge(*(row(place, bedrag=text) for place, text in enumerate(small)))
    assert list(small.values()) == judged.rows["cents"].to_list()


def test_a_decimal_point_can_be_stated() -> None:
    """Then a comma parts thousands."""
    judged = judge(
        *(row(place, bedrag=text) for place, text in enumerate(("1,234.50", "1,234", "1234.5", "1.234"))),
        mapping=ExportMapping(has_decimal_point=True),
    )
    assert [123450, 123400, 123450] == judged.rows["cents"].to_list()
    assert [(4, "bedrag", "AMOUNT_INVALID")] == faults(judged)


@pytest.mark.parametrize("has_decimal_point", [False, True])
def test_an_amount_below_a_euro_is_never_read_as_hundreds(has_decimal_point: bool) -> None:
    """No thousand begins with a nought; what is written with two decimals at most keeps its cents."""
    texts = ("0.500", "0,500", "0.50", "0,5", "0500")
    judged = judge(
        *(row(place, bedrag=text) for place, text in enumerate(texts)),
        mapping=ExportMapping(has_decimal_point=has_decimal_point),
    )
    assert [(1, "bedrag", "AMOUNT_INVALID"), (2, "bedrag", "AMOUNT_INVALID")] == faults(judged)
    assert [50, 50, 50000] == judged.rows["cents"].to_list()


DATES = ["2026-07-01", "01-07-2026", "01/07/2026", "20260701", "1-7-2026", "01.07.2026", "2026-07-01 00:00:00"]


def test_dates_are_read_in_every_promised_notation() -> None:
    """For every column of dates."""
    rows = [row(place, ontstaansdatum=text, signaaldatum=text) for place, text in enumerate(DATES)]
    judged = judge(*rows)
    assert {("2026-07-01", "2026-07-01")} == set(judged.rows.select("since_on", "signalled_on").rows())


def test_month_first_dates_can_be_stated() -> None:
    """05/06/1980 is then 6 May."""
    one = row(geboortedatum="05/06/1980", signaaldatum="2026-10-15", ontstaansdatum="07/31/2026")
    judged = judge(one, mapping=ExportMapping(is_month_first=True))
    assert ["2026-07-31"] == judged.rows["since_on"].to_list()
    assert ["1980-05-06"] == judged.rows["birth_on"].to_list()


FAULTY: list[tuple[dict[str, str], str, str]] = [
    ({"klantnummer": ""}, "klantnummer", "VALUE_MISSING"),
    ({"klantnummer": "1,23457E+11"}, "klantnummer", "VALUE_INVALID"),
    ({"klantnummer": "x" * 65}, "klantnummer", "TEXT_TOO_LONG"),
    ({"achternaam": " "}, "achternaam", "VALUE_MISSING"),
    ({"achternaam": "12345"}, "achternaam", "VALUE_INVALID"),
    ({"achternaam": "x" * 201}, "achternaam", "TEXT_TOO_LONG"),
    ({"voorletters": "x" * 201}, "voorletters", "TEXT_TOO_LONG"),
    ({"email": "x" * 250 + "@x.nl"}, "email", "TEXT_TOO_LONG"),
    ({"postcode": ""}, "postcode", "VALUE_MISSING"),
    ({"postcode": "0123AB"}, "postcode", "POSTCODE_INVALID"),
    ({"postcode": "1234SS"}, "postcode", "POSTCODE_INVALID"),
    ({"postcode": "9901"}, "postcode", "POSTCODE_INVALID"),
    ({"huisnummer": ""}, "huisnummer", "VALUE_MISSING"),
    ({"huisnummer": "0"}, "huisnummer", "HOUSE_NUMBER_INVALID"),
    ({"huisnummer": "100000"}, "huisnummer", "HOUSE_NUMBER_INVALID"),
    ({"huisnummer": "12-feb"}, "huisnummer", "HOUSE_NUMBER_INVALID"),
    ({"bedrag": ""}, "bedrag", "VALUE_MISSING"),
    ({"bedrag": "-12,50"}, "bedrag", "AMOUNT_INVALID"),
    ({"bedrag": "12,50-"}, "bedrag", "AMOUNT_INVALID"),
    ({"bedrag": "1,234"}, "bedrag", "AMOUNT_INVALID"),
    ({"bedrag": "12.34.5"}, "bedrag", "AMOUNT_INVALID"),
    ({"bedrag": "0.500"}, "bedrag", "AMOUNT_INVALID"),
    ({"bedrag": "€ 00.500"}, "bedrag", "AMOUNT_INVALID"),
    ({"bedrag": "0.500,00"}, "bedrag", "AMOUNT_INVALID"),
    ({"bedrag": "0,500.00"}, "bedrag", "AMOUNT_INVALID"),
    ({"bedrag": "012.500"}, "bedrag", "AMOUNT_INVALID"),
    ({"bedrag": "twaalf"}, "bedrag", "AMOUNT_INVALID"),
    ({"bedrag": "1.000.001"}, "bedrag", "OUT_OF_RANGE"),
    ({"bedrag": "9" * 30}, "bedrag", "AMOUNT_INVALID"),
    ({"maanden_achterstand": ""}, "maanden_achterstand", "VALUE_MISSING"),
    ({"maanden_achterstand": "-2"}, "maanden_achterstand", "MONTHS_INVALID"),
    ({"maanden_achterstand": "2,5"}, "maanden_achterstand", "MONTHS_INVALID"),
    ({"maanden_achterstand": "twee"}, "maanden_achterstand", "MONTHS_INVALID"),
    ({"maanden_achterstand": "241"}, "maanden_achterstand", "OUT_OF_RANGE"),
    ({"geboortedatum": "31-02-1980"}, "geboortedatum", "DATE_INVALID"),
    ({"geboortedatum": "ooit"}, "geboortedatum", "DATE_INVALID"),
    ({"geboortedatum": "01-11-2026"}, "geboortedatum", "DATE_IN_FUTURE"),
    ({"ontstaansdatum": "32-01-2026"}, "ontstaansdatum", "DATE_INVALID"),
    ({"ontstaansdatum": "00-01-2026"}, "ontstaansdatum", "DATE_INVALID"),
    ({"ontstaansdatum": "2026-11-01"}, "ontstaansdatum", "DATE_IN_FUTURE"),
    ({"signaaldatum": "31-12-2031"}, "signaaldatum", "DATE_IN_FUTURE"),
    ({"crisisdatum": "2028-01-01"}, "crisisdatum", "DATE_IN_FUTURE"),
    ({"crisissignaal": "misschien"}, "crisissignaal", "YES_NO_INVALID"),
    ({"warme_overdracht": "2"}, "warme_overdracht", "YES_NO_INVALID"),
    ({"bezwaar": "weet niet"}, "bezwaar", "YES_NO_INVALID"),
    ({"crisissoort": "brand"}, "crisissoort", "CRISIS_KIND_INVALID"),
]


def test_every_fault_is_refused_by_row_column_and_code_and_the_rest_goes_on() -> None:
    """One faulty row never stops another."""
    rows = [row(2 * place + 2, **changes) for place, (changes, _, _) in enumerate(FAULTY)]
    goods = [row(2 * place + 1) for place in range(len(FAULTY))]
    judged = judge(*(one for pair in zip(goods, rows, strict=True) for one in pair))
    assert [(2 * place + 2, column, code) for place, (_, column, code) in enumerate(FAULTY)] == faults(judged)
    assert [2 * place + 1 for place in range(len(FAULTY))] == judged.rows["row"].to_list()


def test_all_faults_of_a_row_are_named_at_once() -> None:
    """So that it need be mended once."""
    judged = judge(row(postcode="x", bedrag="y", geboortedatum="z"))
    assert {"postcode", "bedrag", "geboortedatum"} == {column for _, column, _ in faults(judged)}


def test_words_for_nothing_are_nothing() -> None:
    """Stand-ins that systems write in optional columns make no fault and no value."""
    changes = {"geboortedatum": "onbekend", "email": "n.v.t.", "telefoon": "-", "voorletters": "NULL"}
    changes |= {"ontstaansdatum": "00-00-0000", "signaaldatum": "0000-00-00 00:00:00", "crisisdatum": "#N/A"}
    changes |= {"bezwaar": "", "crisissignaal": "", "warme_overdracht": "-", "crisissoort": "nan"}
    judged = judge(row(**changes), row(2, geboortedatum="01-01-1900", ontstaansdatum="01-01-1900"))
    assert () == judged.faults
    empty = ("birth_on", "email", "phone", "initials", "since_on", "signalled_on", "crisis_on", "crisis_kind")
    assert [None] * len(empty) == list(judged.rows.select(empty).row(0))
    assert (False, False) == judged.rows.select("is_crisis", "has_warm_handover").row(0)
    assert (None, None) == judged.rows.select("birth_on", "since_on").row(1)


def test_partial_birth_dates_go_along() -> None:
    """Day or month 00 is legal in the population register."""
    judged = judge(row(geboortedatum="00-05-1980"), row(2, geboortedatum="19800000"))
    assert ["1980-05-00", "1980-00-00"] == judged.rows["birth_on"].to_list()


@pytest.mark.parametrize("yes", ["ja", "JA", "j", "true", "1", "x", "Ja "])
def test_a_client_who_objected_stays_with_all_rows(yes: str) -> None:
    """Whatever is wrong with them: nothing about the client is reported, it is only counted."""
    judged = judge(row(1, bezwaar=yes, postcode="fout"), row(1, bedrag="7"), row(2), row(1, bedrag="fout"))
    assert ["KL-000002"] == judged.rows["klantnummer"].to_list()
    assert (3, ()) == (judged.objection_count, judged.faults)


def test_a_client_whose_objection_cannot_be_read_stays_too() -> None:
    """The unreadable row is refused, the client's other rows stay."""
    judged = judge(row(1, bezwaar="jaaa"), row(1, bedrag="7"), row(2))
    assert ["KL-000002"] == judged.rows["klantnummer"].to_list()
    assert [(1, "bezwaar", "YES_NO_INVALID")] == faults(judged)


@pytest.mark.parametrize("damage", [";te veel", ';"open', "\0", ";" * 70_000])
def test_a_client_in_a_line_that_cannot_be_read_stays_too(damage: str) -> None:
    """The damaged line may say that this client objected, and nobody can tell; other clients go on."""
    lines = csv_of([row(1, bedrag="7"), row(2), row(1, bezwaar="ja")]).splitlines()
    lines[-1] += damage
    export = read_export("\n".join(lines).encode(), ExportMapping())
    judged = judge_rows(export, ExportMapping(), LAST_DAY)
    assert [3] == [fault.row for fault in export.faults]
    assert (["KL-000002"], 1) == (judged.rows["klantnummer"].to_list(), judged.objection_count)


def test_without_a_column_for_objections_a_damaged_line_keeps_nobody_back() -> None:
    """Then the line cannot hold an objection, and the rest goes on."""
    lines = [line.rpartition(";")[0] for line in csv_of([row(1, bedrag="7"), row(2), row(1)]).splitlines()]
    export = read_export("\n".join([*lines[:-1], lines[-1] + ";te veel"]).encode(), ExportMapping())
    judged = judge_rows(export, ExportMapping(), LAST_DAY)
    assert (["KL-000001", "KL-000002"], 0) == (judged.rows["klantnummer"].to_list(), judged.objection_count)


def test_legal_persons_stay_and_sole_traders_go_along() -> None:
    """Counted, not refused, also when something else is wrong with the row."""
    names = ["Jansen B.V.", "Stichting De Hoop", "Bakkerij Jansen", "Gemeente Utrecht"]
    judged = judge(*(row(place, achternaam=name, voorvoegsels="") for place, name in enumerate(names)))
    assert ["Bakkerij Jansen"] == judged.rows["surname"].to_list()
    assert 3 == judged.legal_person_count
    assert () == judge(row(achternaam="Jansen B.V.", postcode="fout")).faults
    assert [("LEGAL_PERSON", "achternaam", place) for place in (1, 2, 4)] == [
        (remark.code, remark.column, remark.row) for remark in judged.remarks
    ]


def test_who_objected_is_on_no_list_also_under_the_name_of_a_firm() -> None:
    """The list of firms goes beside the delivery; who objected is only counted."""
    assert () == judge(row(1, bezwaar="ja"), row(1, achternaam="Jansen B.V.", bedrag="7")).remarks


TOTALS = [
    "Totaal",
    "TOTAAL:",
    "Subtotaal oktober",
    "sub-totaal",
    "Eindtotaal",
    "Total",
    "Som",
    "Aantal klanten: 3",
]
NO_TOTALS = ["TOTAAL-01", "SOM00012", "Totalis", "12 totaal"]


def total(text: str) -> dict[str, str]:
    """As a spreadsheet ends: a word, a sum, and nobody."""
    return {**dict.fromkeys(row(), ""), "klantnummer": text, "bedrag": "1234,50"}


def test_a_row_of_totals_is_told_as_that_alone() -> None:
    """Nobody is asked to fill in its name; a row with a person in it, or a number that only looks so, is none."""
    judged = judge(*map(total, TOTALS), row(1, klantnummer="Som"), *map(total, NO_TOTALS))
    expected = [(number, "klantnummer", "ROW_IS_TOTAL") for number in range(1, len(TOTALS) + 1)]
    assert expected == faults(judged)[: len(TOTALS)]
    assert {"VALUE_MISSING"} == {code for _, _, code in faults(judged)[len(TOTALS) :]}
    assert ["Som"] == judged.rows["klantnummer"].to_list()


def test_a_total_is_never_retracted() -> None:
    """It would be sealed as a client; a number that only looks so is a client."""
    lines = ["klantnummer", "KL-1", *TOTALS, *NO_TOTALS]
    judged = judge_retractions(read_export("\n".join(lines).encode(), ExportMapping(), "retraction"))
    assert ["ROW_IS_TOTAL"] * len(TOTALS) == [code for _, _, code in faults(judged)]
    assert ["KL-1", *NO_TOTALS] == judged.rows["klantnummer"].to_list()


def test_retractions_are_judged_by_client_number_alone() -> None:
    """Other columns do not matter."""
    export = read_export(b"klantnummer;bedrag\nKL-1;x\n;1\n1,2E+11;1\n", ExportMapping(), "retraction")
    judged = judge_retractions(export)
    assert ["KL-1"] == judged.rows["klantnummer"].to_list()
    assert [(2, "klantnummer", "VALUE_MISSING"), (3, "klantnummer", "VALUE_INVALID")] == faults(judged)


def fold(*rows: dict[str, str]) -> list[dict[str, Any]]:
    return fold_clients(without_areas(judge(*rows).rows).rows).to_dicts()


def test_the_rows_of_a_client_are_one_signal() -> None:
    """Months most, euros summed and rounded half up, since first, crisis and handover any."""
    (signal,) = fold(
        row(bedrag="10,25", maanden_achterstand="2", ontstaansdatum="01-08-2026", warme_overdracht="nee"),
        row(bedrag="10.25", maanden_achterstand="5", ontstaansdatum="01-03-2026", signaaldatum="20-10-2026"),
        row(bedrag="1.000,00", crisissignaal="ja", crisissoort="afsluiting", crisisdatum="01-12-2026"),
    )
    expected = {
        "arrears_eur": 1021,
        "arrears_months": 5,
        "since_on": "2026-03-01",
        "signalled_on": "2026-10-20",
        "is_crisis": True,
        "crisis_kind": "afsluiting",
        "crisis_on": "2026-12-01",
        "has_warm_handover": True,
        "contract_count": 3,
        "has_differing_rows": False,
    }
    assert expected == {name: signal[name] for name in expected}


def test_half_a_euro_is_rounded_up_and_less_is_not() -> None:
    """Per client, not per row."""
    assert [1, 0, 2] == [
        signal["arrears_eur"]
        for signal in fold(
            row(1, bedrag="0,50"), row(2, bedrag="0,49"), row(3, bedrag="0,90"), row(3, bedrag="0,60")
        )
    ]


def test_the_row_that_says_most_tells_who_the_client_is() -> None:
    """And it is counted when the rows differ in name or address."""
    (signal,) = fold(row(bedrag="1", email="", telefoon="", huisnummer="99"), row(bedrag="2"))
    assert ("12", "A", True) == (signal["house_number"], signal["house_letter"], signal["has_differing_rows"])


def test_clients_stay_apart_and_in_order() -> None:
    """Leading zeros and case belong to a client number."""
    assert ["007", "7", "a", "A"] == [
        signal["klantnummer"] for signal in fold(*(row(klantnummer=number) for number in ("007", "7", "a", "A")))
    ]


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 10**7), st.integers(0, 24)), min_size=1, max_size=25))
def test_folding_keeps_every_cent_and_the_most_months(rows: list[tuple[int, int, int]]) -> None:
    """For any contracts, in any order; exact copies aside."""
    distinct = list(dict.fromkeys(rows))
    written = [
        row(client, bedrag=f"{cents // 100},{cents % 100:02}", maanden_achterstand=str(months))
        for client, cents, months in distinct
    ]
    for signal in fold(*written):
        own = [(cents, months) for client, cents, months in distinct if f"KL-{client:06}" == signal["klantnummer"]]
        assert (sum(cents for cents, _ in own) + 50) // 100 == signal["arrears_eur"]
        assert max(months for _, months in own) == signal["arrears_months"]


@settings(max_examples=30)
@given(st.lists(st.lists(st.text(max_size=12), min_size=20, max_size=20), min_size=1, max_size=15))
def test_any_text_in_any_column_is_judged_without_failing(texts: list[list[str]]) -> None:
    """Each row goes along, is refused, objects or is no person; never a crash, never a row lost uncounted."""
    from pipeline.identified.export_columns import COLUMNS
    from pipeline.identified.read_export import Export

    frame = pl.DataFrame(texts, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    export = Export(frame.with_row_index("row", 1), (), len(texts), 0)
    judged = judge_rows(export, ExportMapping(), LAST_DAY)
    refused = len({fault.row for fault in judged.faults})
    assert len(texts) == judged.rows.height + refused + judged.objection_count + judged.legal_person_count
