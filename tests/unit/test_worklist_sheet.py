"""The sheet: the same worklist, inert, protected but for what a team fills in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.revealed.describe_case import describe_case
from pipeline.revealed.worklist_page import render_page
from pipeline.revealed.worklist_sheet import render_sheet
from pipeline.vocabulary.worklist_sheet import (
    ATTEMPT_FIELDS,
    ATTEMPT_ROWS,
    CASE_ID_HEADING,
    FOLLOW_UP_COLUMNS,
    ROW_CODE_HEADING,
    SHEET_NAME,
    SHEET_VERSION_HEADING,
    WHERE,
    WHO,
    row_code,
)
from tests.builders.worklists import (
    TODAY,
    agreement,
    attempt,
    entry,
    example_worklist,
    facts,
    shown,
    worklist_of,
)

HEADER_ROW = 3
HIDDEN = (CASE_ID_HEADING, SHEET_VERSION_HEADING, ROW_CODE_HEADING)


@pytest.fixture(scope="module")
def book() -> Workbook:
    return load_workbook(BytesIO(render_sheet(example_worklist())))


def columns(sheet: Worksheet) -> dict[str, int]:
    """Number of each column by its heading."""
    return {str(cell.value): cell.column for cell in sheet[HEADER_ROW] if cell.value}


def test_sheet_says_what_the_document_says(book: Workbook) -> None:
    """Names, addresses, ways to reach, reasons, amounts and client numbers of every case."""
    text = "\n".join(
        str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value
    )
    for case in example_worklist()["cases"]:
        for expected in (case["case_id"], case["household"]["address"], *case["reasons"], case["next_step"]):
            assert expected in text
        for person in case["household"]["persons"]:
            assert person["name"] in text
        for signal in case["signals"]:
            assert signal["klantnummer"] in text


def test_sheet_says_what_threatens_and_when(book: Workbook) -> None:
    """The crisis stands with its day beside the case and in the list of reports."""
    for name, expected in (
        (SHEET_NAME, "crisissignaal: ontruiming 22-10-2026"),
        ("Meldingen", "ontruiming 22-10-2026"),
    ):
        assert any(expected in str(cell.value) for row in book[name].iter_rows() for cell in row)


def cell(case: dict[str, Any], heading: str) -> Any:
    """What stands under a heading in the first row of a case."""
    sheet = load_workbook(BytesIO(render_sheet(worklist_of(case))))[SHEET_NAME]
    return sheet.cell(HEADER_ROW + 1, columns(sheet)[heading]).value


def test_ways_to_reach_stand_under_the_name_of_their_person() -> None:
    """Of two persons in a case nobody calls the one about the debts of the other; a shared number says so."""
    son = {"initials": "Y.", "birth_on": "2003-01-17", "phone": "0644234785", "email": None}
    silent = {"initials": "Z.", "birth_on": "2005-01-17", "phone": None, "email": None}
    case = entry(facts(1), ("stroomdal", 0, {}), ("zorgzaam", 1, son), ("vaartwater", 2, silent))
    assert [
        "J.P. van der Berg:",
        "06-44234785 (ook van Y. van der Berg)",
        "jp.vanderberg@post.nl",
        "Y. van der Berg:",
        "0644234785 (ook van J.P. van der Berg)",
        "Z. van der Berg:",
        "Geen telefoonnummer of e-mailadres bekend",
    ] == cell(case, "Bereiken").split("\n")
    assert "06-44234785</a> (ook van Y. van der Berg)" in render_page(worklist_of(case)).decode()
    alone = entry(facts(1), ("stroomdal", 0, {}))
    assert "06-44234785\njp.vanderberg@post.nl" == cell(alone, "Bereiken")


def test_second_address_says_that_it_is_one() -> None:
    """Two addresses below each other are not one."""
    case = entry(facts(1), ("stroomdal", 0, {}), ("zorgzaam", 0, {"house_number": "18"}))
    assert ["9901 AB 18A", "ook gemeld: 9901 AB 12A"] == cell(case, WHERE.heading).split("\n")


def test_by_when_is_told_as_on_the_page() -> None:
    """The appointment that stands, else the last day for a contact that is still due, else nothing."""
    called = attempt(1, "Telefoon", "2026-09-29", "Avond")
    for changes, expected in (
        ({}, datetime(2026, 11, 3)),
        ({"attempts": (called,), "opened_on": date(2026, 8, 3)}, None),
        ({"next_appointment_on": "2026-10-08"}, "afspraak 8-10-2026"),
        ({"next_appointment_on": "2026-10-06", "attempts": (called,)}, "afspraak vandaag"),
        ({"next_appointment_on": "2026-10-08", "ground": "withdrawal"}, None),
    ):
        assert expected == cell(entry(facts(1, **changes), ("stroomdal", 0, {})), "Uiterlijk")


def test_report_of_an_older_month_says_so() -> None:
    """What was not repeated in the newest month of a case is not read as of today, on the page or the sheet."""
    older, newer = shown(("stroomdal", 0, {}), ("vaartwater", 0, {}))
    older = replace(older, month="2026-01")
    case = describe_case(facts(1, months=("2026-01", "2026-10")), "person", (older, newer), agreement(), TODAY)
    page, told = render_page(worklist_of(case)).decode(), cell(case, "Meldingen").split("\n")
    assert ["melding van januari 2026" in line for line in told] == ["Stroomdal" in line for line in told]
    assert "Energie · klantnummer 00004815 · melding van januari 2026</small>" in page
    assert 1 == page.count(" · melding van januari 2026")
    book = load_workbook(BytesIO(render_sheet(worklist_of(case))))
    months = {row[2].value: row[9].value for row in book["Meldingen"].iter_rows(min_row=2)}
    assert {"Stroomdal Energie": "januari 2026", "Vaartwater": "oktober 2026"} == months


def test_guide_of_the_sheet_says_how_to_move_an_appointment(book: Workbook) -> None:
    """An empty cell changes nothing, so a new date is the way."""
    lines = [str(row[0].value) for row in book["Uitleg"].iter_rows()]
    assert any("Vul de nieuwe datum in" in line and "Een lege cel verandert niets" in line for line in lines)


def test_formula_text_is_inert() -> None:
    """What begins with = + - @ in any field of a partner is a text cell."""
    case = entry(
        facts(1),
        (
            "stroomdal",
            0,
            {
                "surname": "=1+1",
                "initials": "+1",
                "klantnummer": "@SUM(A1)",
                "house_addition": "-2",
                "phone": "-31612340987",
                "email": '=HYPERLINK("http://x.nl")@x.nl',
            },
        ),
    )
    book = load_workbook(BytesIO(render_sheet(worklist_of(case))))
    kinds = {cell.data_type for sheet in book.worksheets for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert not [link for sheet in book.worksheets for link in sheet._hyperlinks]


def test_only_follow_up_cells_can_be_changed(book: Workbook) -> None:
    """Every sheet is protected; of a case its follow-up columns are open, of its next rows an attempt."""
    assert all(sheet.protection.sheet for sheet in book.worksheets)
    sheet = book[SHEET_NAME]
    found = columns(sheet)
    fillable = {column.field: found[column.heading] for column in FOLLOW_UP_COLUMNS}
    of_attempts = {fillable[field] for field in ATTEMPT_FIELDS}
    for number, row in enumerate(sheet.iter_rows(min_row=HEADER_ROW + 1, max_row=HEADER_ROW + 5 * ATTEMPT_ROWS)):
        expected = of_attempts if number % ATTEMPT_ROWS else set(fillable.values())
        assert expected == {cell.column for cell in row if not cell.protection.locked}


def test_choices_are_the_national_terms(book: Workbook) -> None:
    """Each column with a closed list has a drop-down of it; each date column takes dates only."""
    sheet = book[SHEET_NAME]
    found = columns(sheet)
    for column in FOLLOW_UP_COLUMNS:
        cell = sheet.cell(HEADER_ROW + 1, found[column.heading]).coordinate
        covering = [rule for rule in sheet.data_validations.dataValidation if cell in rule.sqref]
        kinds = ["list"] if column.choices else ["date"] if column.is_date else []
        assert kinds == [rule.type for rule in covering]
        if column.choices:
            source = str(covering[0].formula1).lstrip("=").split("!")[1].replace("$", "")
            assert list(column.choices) == [choice.value for (choice,) in book["Keuzes"][source]]


def test_each_row_says_which_case_and_version_it_is(book: Workbook) -> None:
    """Hidden columns hold case id, sheet version and row code for the way back; each attempt has its own row."""
    sheet = book[SHEET_NAME]
    found = columns(sheet)
    document = example_worklist()
    case_ids = [case["case_id"] for case in document["cases"] for _ in range(ATTEMPT_ROWS)]
    for row, case_id in enumerate(case_ids, HEADER_ROW + 1):
        where, who = (str(sheet.cell(row, found[column.heading]).value or "") for column in (WHERE, WHO))
        code = row_code(case_id, document["sheet_version"], where, who)
        told = [sheet.cell(row, found[heading]).value for heading in HIDDEN]
        assert [case_id, document["sheet_version"], code] == told
    for heading in HIDDEN:
        letter = sheet.cell(HEADER_ROW, found[heading]).column_letter
        group = next(dim for dim in sheet.column_dimensions.values() if dim.min <= found[heading] <= dim.max)
        assert group.hidden, letter
    assert len(set(case_ids)) == len(document["cases"])


def test_row_code_tells_apart_what_matters_and_nothing_else() -> None:
    """Another case, version, address or person changes its own part; spaces and lost letters change none."""
    code = row_code("Z-1", "2026-10-06.1", "9901 AB 12A", "F. Yılmaz-Öztürk (1991)").split("-")
    others = (("Z-2", 0), ("2026-10-07.1", 0), ("9901 AB 12B", 1), ("F. Yılmaz (1991)", 2))
    given = ["Z-1", "2026-10-06.1", "9901 AB 12A", "F. Yılmaz-Öztürk (1991)"]
    for place, (text, part) in enumerate(others):
        other = row_code(*[*given[:place], text, *given[place + 1 :]]).split("-")
        assert code[part] != other[part]
    assert code == row_code("Z-1", "2026-10-06.1", "9901  AB\n12a", "F. Y?lmaz-?zt?rk (1991)").split("-")


def test_sheet_is_ready_for_screen_and_paper(book: Workbook) -> None:
    """The header stays in sight and on every page; one page wide, landscape, A4; the choices are hidden."""
    sheet = book[SHEET_NAME]
    assert "E4" == sheet.freeze_panes
    assert "$3:$3" == sheet.print_title_rows
    assert ("landscape", "9") == (sheet.page_setup.orientation, str(sheet.page_setup.paperSize))
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert 0 == sheet.page_setup.fitToHeight
    assert "hidden" == book["Keuzes"].sheet_state


def test_same_list_makes_the_same_bytes() -> None:
    """A list handed over twice is the same file."""
    assert render_sheet(example_worklist()) == render_sheet(example_worklist())


def test_list_without_cases_can_be_opened() -> None:
    """A team without cases gets a sheet that says so."""
    sheet = load_workbook(BytesIO(render_sheet(worklist_of())))[SHEET_NAME]
    assert "geen" in str(sheet["A2"].value)
