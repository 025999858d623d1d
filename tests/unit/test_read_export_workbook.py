"""An export that is a workbook: real dates and numbers, the right sheet, and no file that fills the memory."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter

from pipeline.identified.export_columns import COLUMNS
from pipeline.identified.judge_rows import Judged, judge_retractions, judge_rows
from pipeline.identified.read_mapping import ExportMapping
from tests.builders.exports import clients, read, refusal, workbook
from tests.builders.partners import row


def test_a_workbook_is_read_with_its_real_dates_and_numbers() -> None:
    """Dates become ISO, whole numbers have no decimals, three decimals do not become thousands."""
    names = [
        "klantnummer",
        "achternaam",
        "geboortedatum",
        "postcode",
        "huisnummer",
        "bedrag",
        "maanden_achterstand",
    ]
    first = [12345678901, "Müller", datetime(1980, 5, 31), "9901AB", 12, 123.456, 3]
    second = ["0012", "Żółć", "31-05-1980", "9901 AB", "12A", "1.234,50", "2"]
    export = read(workbook([["Overzicht"], [], names, first, [], second], first=1))
    texts = export.rows.select(*names).rows()
    assert ("12345678901", "Müller", "1980-05-31 00:00:00", "9901AB", "12", "123.46", "3") == texts[0]
    assert tuple(second) == texts[1]
    assert [1, 3] == export.rows["row"].to_list()


NEEDED = ["klantnummer", "achternaam", "postcode", "huisnummer", "bedrag", "maanden_achterstand"]


def of_clients(*numbers: object, head: str = "klantnummer") -> Judged:
    mapping = ExportMapping(columns={"klantnummer": head} if head == "Relatie" else {})
    rows: list[list[object]] = [
        [number, "Jansen", "9901AB", place, 123.456, 3.0000001] for place, number in enumerate(numbers, 1)
    ]
    return judge_rows(read(workbook([[head, *NEEDED[1:]], *rows]), mapping), mapping, date(2026, 10, 31))


LONG = [871687140012345678, 871687140012345691.0, 10**15, 1.5e22, 1234567890123456.5]


@pytest.mark.parametrize("head", ["klantnummer", "Klantnr", "Relatie"])
def test_a_client_number_of_more_digits_than_a_spreadsheet_keeps_is_refused(head: str) -> None:
    """Rounded, three clients would be one. As text such a number is whole; fifteen digits are kept."""
    judged = of_clients(*LONG, "871687140012345678", "871687140012345691", 10**15 - 1, head=head)
    assert [("VALUE_INVALID", "klantnummer")] * len(LONG) == [
        (fault.code, fault.column) for fault in judged.faults
    ]
    kept = ["871687140012345678", "871687140012345691", "999999999999999"]
    assert kept == judged.rows["klantnummer"].to_list()


def test_such_a_number_is_not_retracted_either() -> None:
    """It would take back another client."""
    judged = judge_retractions(
        read(workbook([["klantnummer"], [871687140012345678], ["KL-1"]]), kind="retraction")
    )
    assert [("VALUE_INVALID", 1)] == [(fault.code, fault.row) for fault in judged.faults]
    assert ["KL-1"] == judged.rows["klantnummer"].to_list()


def test_a_client_number_with_decimals_is_never_rounded_into_another() -> None:
    """Amounts are, to cents, and months, which a formula makes a little more than whole."""
    judged = of_clients(12345.678, 12345.679)
    expected = [("12345.678", 12346, 3), ("12345.679", 12346, 3)]
    assert expected == judged.rows.select("klantnummer", "cents", "arrears_months").rows()


def test_the_sheet_with_the_export_is_found() -> None:
    """The first sheet with known columns, or the one that mapping.toml names; others with content are counted."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.add_worksheet("Toelichting").write_row(0, 0, ["Dit is", "uitleg"])
    for name, client in (("Een", "KL-1"), ("Twee", "KL-2")):
        page = book.add_worksheet(name)
        page.write_row(0, 0, list(COLUMNS))
        page.write_row(1, 0, [row(klantnummer=client)[column] for column in COLUMNS])
    book.close()
    assert [(1, "KL-1")] == clients(read(target.getvalue()))
    assert (2, 0) == tuple(
        read(target.getvalue(), mapping).other_sheet_count
        for mapping in (ExportMapping(), ExportMapping(sheet="Twee"))
    )
    assert [(1, "KL-2")] == clients(read(target.getvalue(), ExportMapping(sheet="Twee")))
    assert ("MAPPING_INVALID", "file.sheet") == refusal(target.getvalue(), ExportMapping(sheet="Drie"))


def test_a_workbook_that_would_fill_the_memory_is_refused_before_it_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unpacked size, number of parts, and one cell far to the right."""
    good = workbook([["klantnummer"], ["KL-1"]])
    far = workbook([["klantnummer"], [None] * 300 + ["x"]])
    assert ("TOO_LARGE", None) == refusal(far, kind="retraction")
    monkeypatch.setattr("pipeline.identified.read_xlsx.MOST_UNPACKED_BYTES", 1000)
    assert ("TOO_LARGE", None) == refusal(good, kind="retraction")
    monkeypatch.undo()
    monkeypatch.setattr("pipeline.identified.read_xlsx.MOST_PARTS", 3)
    assert ("TOO_LARGE", None) == refusal(good, kind="retraction")


def test_a_workbook_that_lies_about_its_size_is_refused() -> None:
    """The parts are read to their end before the library sees them."""
    content = bytearray(workbook([["klantnummer"], *([f"KL-{number}"] for number in range(500))]))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        part = next(one for one in archive.infolist() if "worksheets/" in one.filename)
    stated = part.file_size.to_bytes(4, "little")
    place = content.rindex(stated)
    content[place : place + 4] = (part.file_size // 2).to_bytes(4, "little")
    assert ("EXPORT_UNREADABLE", None) == refusal(bytes(content), kind="retraction")
