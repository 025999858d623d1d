"""Who objected is never sent along, also where nobody can tell who it was."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.identified.judge_rows import Judged, judge_retractions, judge_rows
from pipeline.identified.read_mapping import ExportMapping
from pipeline.vocabulary.faults import Refused
from tests.builders.exports import read, workbook
from tests.builders.partners import csv_of, row

LAST_DAY = date(2026, 10, 31)


def judge(*rows: dict[str, str]) -> Judged:
    return judge_rows(read(csv_of(rows)), ExportMapping(), LAST_DAY)


@pytest.mark.parametrize("client", ["", "8,7E+17"])
@pytest.mark.parametrize("objection", ["ja", "?", "3-4-2026"])
def test_an_objection_of_nobody_knows_whom_stops_the_file(client: str, objection: str) -> None:
    """Any other row may be of that client; the rows are named, so that one look mends them."""
    with pytest.raises(Refused) as refused:
        judge(row(1), row(2, klantnummer=client, bezwaar=objection))
    told = refused.value.as_row_fault()
    assert ("OBJECTION_OF_NOBODY", "klantnummer", 2) == (told.code, told.column, told.row)
    assert "Rij 2;" in refused.value.next_step
    with pytest.raises(Refused) as refused:
        judge(*(row(klantnummer=client, bezwaar=objection, bedrag=str(euros)) for euros in range(12)), row(1))
    assert refused.value.hint.startswith("Rijen 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 en 2 andere;")


def test_an_objection_in_merged_cells_stops_the_file() -> None:
    """A workbook keeps a merged client number in its first row alone."""
    header = ["klantnummer", "achternaam", "postcode", "huisnummer", "bedrag", "maanden_achterstand", "bezwaar"]
    rows = [[1001, "Jansen", "9901AB", 12, 500, 3, "nee"], [None, None, None, None, None, 2, "ja"]]
    with pytest.raises(Refused) as refused:
        judge_rows(read(workbook([header, *rows])), ExportMapping(), LAST_DAY)
    assert ("OBJECTION_OF_NOBODY", 2) == (refused.value.code, refused.value.row)


def test_without_an_objection_a_row_of_nobody_stops_no_other() -> None:
    """It is refused alone, and a retraction asks nothing of objections."""
    assert [2] == judge(row(1, klantnummer=""), row(2, bezwaar="geen bezwaar")).rows["row"].to_list()
    export = read(csv_of([row(1), row(klantnummer="", bezwaar="ja")]), kind="retraction")
    assert ["KL-000001"] == judge_retractions(export).rows["klantnummer"].to_list()
