"""An export that holds a BSN is refused as a whole, by its headers or by its numbers."""

from __future__ import annotations

import pytest

from pipeline.identified.export_columns import COLUMNS, names_bsn
from tests.builders.exports import bsn, read, refusal
from tests.builders.partners import csv_of, row


@pytest.mark.parametrize(
    "header",
    [
        "bsn",
        "BSN",
        "Burgerservicenummer",
        "klant_bsn",
        "BSN-nummer",
        "sofinr",
        "bsnKlant",
        "A-nummer",
        "BRP A-nummer",
    ],
)
def test_a_header_that_names_the_bsn_refuses_the_file(header: str) -> None:
    """Even without one value in it."""
    assert ("BSN_FOUND", "bsn") == refusal(csv_of([row()], columns=[*COLUMNS, header]))


def test_other_headers_do_not_name_the_bsn() -> None:
    """Only the words themselves."""
    assert [] == [
        name
        for name in (*COLUMNS, "abonnement", "website", "absnr", "sofie", "aanmaningnummer", "a")
        if names_bsn(name)
    ]


@pytest.mark.parametrize(
    "written",
    [
        lambda number: number,
        lambda number: f"{number[:4]}.{number[4:6]}.{number[6:]}",
        lambda number: f"{number[:3]} {number[3:6]} {number[6:]}",
        lambda number: f"{number[:4]}-{number[4:6]}-{number[6:]}",
        lambda number: f"{number[:4]}/{number[4:6]}/{number[6:]}",
        lambda number: f"'{number}",
        lambda number: f"{number}.0",
    ],
)
def test_a_column_of_numbers_that_pass_the_eleven_test_refuses_the_file(written: object) -> None:
    """In every column, known or not, written with or without dots and spaces."""
    assert callable(written)
    rows = [{**row(place), "relatie": written(number)} for place, number in enumerate(bsn(123456700, 20))]
    assert ("BSN_FOUND", "kolom 21") == refusal(csv_of(rows, columns=[*COLUMNS, "relatie"]))
    rows = [{**one, "klantnummer": one["relatie"]} for one in rows]
    assert ("BSN_FOUND", "klantnummer") == refusal(csv_of(rows))


@pytest.mark.parametrize("word", ["n.v.t.", "Onbekend", "-", "N/A"])
def test_words_for_nothing_do_not_hide_a_bsn(word: str) -> None:
    """The share is of what is filled in."""
    numbers = [*bsn(123456700, 20), *[word] * 20]
    rows = [{**row(place), "relatie": number} for place, number in enumerate(numbers)]
    assert ("BSN_FOUND", "kolom 21") == refusal(csv_of(rows, columns=[*COLUMNS, "relatie"]))


def test_a_lost_leading_zero_does_not_hide_a_bsn() -> None:
    """Eight digits are read as nine when the values differ."""
    rows = [{**row(place), "relatie": number.lstrip("0")} for place, number in enumerate(bsn(12345670, 25))]
    assert ("BSN_FOUND", "kolom 21") == refusal(csv_of(rows, columns=[*COLUMNS, "relatie"]))


def test_fewer_than_twenty_values_or_a_lower_share_is_no_bsn() -> None:
    """19 values, or 17 of 20, are not enough; one date that happens to pass is not either."""
    numbers = bsn(123456700, 20)
    few = [{**row(place), "relatie": number} for place, number in enumerate(numbers[:19])]
    low = [
        {**row(place), "relatie": number if place < 17 else "123456781"} for place, number in enumerate(numbers)
    ]
    assert 19 == read(csv_of(few, columns=[*COLUMNS, "relatie"])).rows.height
    assert 20 == read(csv_of(low, columns=[*COLUMNS, "relatie"])).rows.height
    assert "020261007" in bsn(20261001, 1)
    assert 40 == read(csv_of([row(place, signaaldatum="20261007") for place in range(40)])).rows.height
