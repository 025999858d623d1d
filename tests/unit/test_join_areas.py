"""The wijk of an address comes from the CBS table, and who lives elsewhere stays at the partner."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipeline.identified.join_areas import Located, join_areas
from pipeline.identified.judge_rows import judge_rows
from pipeline.identified.read_export import read_export
from pipeline.identified.read_mapping import ExportMapping
from pipeline.vocabulary.faults import Refused
from tests.builders.partners import csv_of, row

AREAS = """PC6{0}Huisnummer{0}Buurt2025{0}Wijk2025{0}Gemeente2025
9901AB{0}12{0}99010203{0}990102{0}9901
9901AB{0}14{0}99010101{0}990101{0}9901
0363XX{0}1{0}3630102{0}36301{0}363
1012AB{0}1{0}3630102{0}36301{0}363
1012AB{0}3{0}3630102{0}36301{0}363
"""


def judged(*rows: dict[str, str]) -> pl.DataFrame:
    mapping = ExportMapping()
    return judge_rows(read_export(csv_of(rows).encode(), mapping), mapping, date(2026, 10, 31)).rows


def locate(areas: str, *rows: dict[str, str], gemeente: str = "GM9901") -> Located:
    return join_areas(judged(*rows), areas.encode(), gemeente)


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_wijk_is_found_by_postcode_and_number(delimiter: str, mark: str) -> None:
    """Found: wijkcode alone. Unknown address: postcode digits alone, counted. Elsewhere: skipped and counted."""
    located = locate(
        mark + AREAS.format(delimiter),
        row(1),
        row(2, huisnummer="13"),
        row(3, postcode="1012AB", huisnummer="1"),
        row(4, postcode="1012AB", huisnummer="2"),
        row(5, postcode="9999ZZ"),
        row(6, huisnummer="14"),
    )
    assert [
        ("KL-000001", "WK990102", None),
        ("KL-000002", None, "9901"),
        ("KL-000005", None, "9999"),
        ("KL-000006", "WK990101", None),
    ] == located.rows.select("klantnummer", "wijkcode", "postcode4").rows()
    assert (2, 2) == (located.outside_count, located.without_wijk_count)


def test_an_unknown_postcode_is_judged_by_its_four_digits() -> None:
    """Known elsewhere only: outside. Of the municipality, or nowhere among several municipalities: along."""
    rows = [row(place, postcode=code) for place, code in enumerate(("1012ZZ", "9901ZZ", "9999ZZ"), 1)]
    located = locate(AREAS.format(";"), *rows)
    assert [("KL-000002", "9901"), ("KL-000003", "9999")] == located.rows.select("klantnummer", "postcode4").rows()
    assert (1, 2) == (located.outside_count, located.without_wijk_count)


def test_a_table_of_one_municipality_tells_what_lies_outside_it() -> None:
    """Digits that are not in it are elsewhere; a new street, or one slip in them, goes along without wijk."""
    alone = "\n".join(line for line in AREAS.format(";").splitlines() if line.startswith(("PC6", "9901"))) + "\n"
    rows = [row(place, postcode=code) for place, code in enumerate(("1012AB", "9901ZZ", "9999ZZ", "9901AB"), 1)]
    located = locate(alone, *rows)
    assert [("KL-000002", "9901"), ("KL-000004", None)] == located.rows.select("klantnummer", "postcode4").rows()
    assert (2, 1) == (located.outside_count, located.without_wijk_count)
    assert 4 == join_areas(judged(*rows), alone.encode(), None).rows.height
    slips = [row(place, postcode=f"{code}AB") for place, code in enumerate(("9910", "9902", "9801", "8902"), 1)]
    along = locate(alone, *slips).rows
    assert ["KL-000001", "KL-000002", "KL-000003"] == along["klantnummer"].to_list()
    assert [None] == along["wijkcode"].unique().to_list()


def test_a_table_of_another_municipality_is_refused() -> None:
    """Else everybody would be outside, and an empty delivery would replace the former one."""
    with pytest.raises(Refused) as refused:
        locate(AREAS.format(";"), row(), gemeente="GM1680")
    assert ("AREAS_INVALID", True) == (refused.value.code, "GM1680" in refused.value.hint)


def test_codes_without_leading_zeros_get_them_back() -> None:
    """The real table holds integers; codes with their letters are read too."""
    located = locate(AREAS.format(";"), row(postcode="1012 AB", huisnummer="3 hs"), gemeente="GM0363")
    assert ["WK036301"] == located.rows["wijkcode"].to_list()
    lettered = "pc6;huisnummer;buurt;wijk2025;gem2025\n1012 AB;3;BU03630102;WK036301;GM0363\n"
    assert ["WK036301"] == locate(lettered, row(postcode="1012AB", huisnummer="3"), gemeente="GM0363").rows[
        "wijkcode"
    ].to_list()


@pytest.mark.parametrize("table", ["", "a;b;c\n1;2;3\n", "PC6;Huisnummer\n9901AB;12\n", "\0\0\0"])
def test_a_table_without_its_columns_is_refused(table: str) -> None:
    """Rather than sending everybody along without a wijk."""
    with pytest.raises(Refused) as refused:
        locate(table, row())
    assert "AREAS_INVALID" == refused.value.code
