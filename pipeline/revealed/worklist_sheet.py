"""werklijst.xlsx: the same worklist as a sheet, with columns to fill in and everything else protected.

Every text goes in as text, so that what looks like a formula stays inert. Same document, same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from pipeline.revealed.texts import TEXTS, day_and_date, euros
from pipeline.revealed.worklist import is_late
from pipeline.revealed.worklist_page import names_of, short_date, signals_of, state_of
from pipeline.vocabulary.case import GROUND_WITHDRAWAL
from pipeline.vocabulary.worklist_sheet import (
    CASE_ID_HEADING,
    FOLLOW_UP_COLUMNS,
    SHEET_NAME,
    SHEET_VERSION_HEADING,
    SheetColumn,
)

_HEADER_ROW = 2
_INFO = (
    ("Nr", 4),
    ("Stand", 12),
    ("Uiterlijk", 11),
    ("Wie", 26),
    ("Waar", 17),
    ("Bereiken", 27),
    ("Waarom", 44),
    ("Meldingen", 52),
)
_SIGNAL_COLUMNS = (
    ("Nr", 5),
    ("Wie", 26),
    ("Organisatie", 28),
    ("Soort", 12),
    ("Klantnummer", 18),
    ("Maanden", 9),
    ("Bedrag", 10),
    ("Sinds", 12),
    ("Crisis", 16),
)
_CHOICES_SHEET = "Keuzes"
_LINE_POINTS = 13.0
_A4 = 9


class _Formats:
    """The few looks of the sheet."""

    def __init__(self, book: Workbook) -> None:
        base = {
            "font_name": "Arial",
            "font_size": 10,
            "valign": "top",
            "text_wrap": True,
            "border": 1,
            "border_color": "#D5DDE4",
        }
        self.title = book.add_format(
            {"font_name": "Arial", "font_size": 16, "bold": True, "font_color": "#14466F"}
        )
        self.plain = book.add_format({"font_name": "Arial", "font_size": 10, "text_wrap": True, "valign": "top"})
        self.head = book.add_format({**base, "bold": True, "bg_color": "#14466F", "font_color": "#FFFFFF"})
        self.head_open = book.add_format({**base, "bold": True, "bg_color": "#FFE699"})
        self.cell = book.add_format(base)
        self.bold = book.add_format({**base, "bold": True})
        self.urgent = book.add_format({**base, "bold": True, "font_color": "#A3201A"})
        self.date = book.add_format({**base, "num_format": "dd-mm-yyyy", "align": "left"})
        self.money = book.add_format({**base, "num_format": "€ #,##0"})
        self.open = book.add_format({**base, "locked": False, "bg_color": "#FFFBEA"})
        self.open_date = book.add_format(
            {**base, "locked": False, "bg_color": "#FFFBEA", "num_format": "dd-mm-yyyy", "align": "left"}
        )


def render_sheet(worklist: Mapping[str, Any]) -> bytes:
    """The workbook of a worklist document."""
    buffer = BytesIO()
    book = Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    day = datetime.fromisoformat(worklist["date"])
    book.set_properties({"title": f"Werklijst {worklist['team_name']}", "created": day})
    formats = _Formats(book)
    cases_sheet = book.add_worksheet(SHEET_NAME)
    signals_sheet = book.add_worksheet("Meldingen")
    guide = book.add_worksheet("Uitleg")
    choices = book.add_worksheet(_CHOICES_SHEET)
    _write_choices(choices)
    _write_cases(cases_sheet, worklist, formats)
    _write_signals(signals_sheet, worklist, formats)
    _write_guide(guide, worklist, formats)
    book.close()
    return buffer.getvalue()


def _write_cases(sheet: Worksheet, worklist: Mapping[str, Any], formats: _Formats) -> None:
    cases = worklist["cases"]
    open_from = len(_INFO)
    hidden_from = open_from + len(FOLLOW_UP_COLUMNS)
    sheet.write_string(
        0,
        0,
        f"{worklist['team_name']}: werklijst {day_and_date(worklist['date'])} {worklist['date'][:4]}",
        formats.title,
    )
    sheet.write_string(1, 0, TEXTS["page"]["privacy"] if cases else TEXTS["page"]["empty"])
    sheet.set_row(1, 20)
    for column, (heading, width) in enumerate(_INFO):
        sheet.set_column(column, column, width)
        sheet.write_string(_HEADER_ROW, column, heading, formats.head)
    for column, follow_up in enumerate(FOLLOW_UP_COLUMNS, open_from):
        sheet.set_column(column, column, _width_of(follow_up))
        sheet.write_string(_HEADER_ROW, column, follow_up.heading, formats.head_open)
    for column, heading in enumerate((CASE_ID_HEADING, SHEET_VERSION_HEADING), hidden_from):
        sheet.set_column(column, column, 14, None, {"hidden": True})
        sheet.write_string(_HEADER_ROW, column, heading, formats.head)
    for row, case in enumerate(cases, _HEADER_ROW + 1):
        _write_case(sheet, row, case, worklist, formats)
        sheet.write_string(row, hidden_from, case["case_id"], formats.cell)
        sheet.write_string(row, hidden_from + 1, worklist["sheet_version"], formats.cell)
    last_row = max(_HEADER_ROW + len(cases), _HEADER_ROW + 1)
    for number, follow_up in enumerate(FOLLOW_UP_COLUMNS):
        _limit_choice(sheet, _HEADER_ROW + 1, last_row, open_from + number, number, follow_up)
    sheet.freeze_panes(_HEADER_ROW + 1, 4)
    sheet.protect("", {"select_locked_cells": True, "format_columns": True, "format_rows": True})
    _set_print(sheet, worklist, last_row, open_from - 1, _HEADER_ROW)


def _write_case(
    sheet: Worksheet, row: int, case: Mapping[str, Any], worklist: Mapping[str, Any], formats: _Formats
) -> None:
    texts = _case_texts(case)
    lines = max(_line_count(text, width) for text, (_, width) in zip(texts, _INFO[3:], strict=True))
    sheet.set_row(row, _LINE_POINTS * max(3, lines) + 4)
    is_urgent = case["urgency"] == "spoed" and case["ground"] != GROUND_WITHDRAWAL
    sheet.write_number(row, 0, case["priority"], formats.bold)
    sheet.write_string(row, 1, _state_text(case, worklist["date"]), formats.urgent if is_urgent else formats.cell)
    if case["due_on"]:
        sheet.write_datetime(row, 2, datetime.fromisoformat(case["due_on"]), formats.date)
    else:
        sheet.write_blank(row, 2, None, formats.cell)
    for column, text in enumerate(texts, 3):
        sheet.write_string(row, column, text, formats.bold if column == 3 else formats.cell)
    for column, follow_up in enumerate(FOLLOW_UP_COLUMNS, len(_INFO)):
        sheet.write_blank(row, column, None, formats.open_date if follow_up.is_date else formats.open)


def _case_texts(case: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    """Who, where, how to reach, why and next step, what was reported."""
    persons = case["household"]["persons"]
    who = "\n".join(_person_text(person) for person in persons) or names_of(case)
    where = "\n".join(
        part for part in (case["household"]["address"], *case["household"]["other_addresses"]) if part
    )
    reach = "\n".join(part for person in persons for part in (*person["phones"], *person["emails"]))
    why = "\n".join((*case["reasons"], f"→ {case['next_step']}"))
    reported = "\n".join(
        _signal_text(signal, person, len(persons)) for person in persons for signal in signals_of(case, person)
    )
    return who, where, reach, why, reported


def _person_text(person: Mapping[str, Any]) -> str:
    year = f" ({person['birth_year']})" if person["birth_year"] else ""
    others = f", ook {' en '.join(person['also_known_as'])}" if person["also_known_as"] else ""
    return f"{person['name']}{year}{others}"


def _signal_text(signal: Mapping[str, Any], person: Mapping[str, Any], person_count: int) -> str:
    whose = f"{person['name']}: " if person_count > 1 else ""
    since = f", sinds {short_date(signal['since_on'])}" if signal["since_on"] else ""
    amount = euros(signal["arrears_eur"])
    owed = f"{signal['arrears_months']} mnd, {amount}{since}"
    return f"{whose}{signal['partner_name']}: {owed} (klant {signal['klantnummer']})"


def _state_text(case: Mapping[str, Any], today: str) -> str:
    words = [TEXTS["states"][state_of(case)]]
    if case["ground"] != GROUND_WITHDRAWAL and case["urgency"] != "gewoon":
        words.insert(0, TEXTS["urgency"][case["urgency"]])
    if is_late(case, today):
        words.append(TEXTS["states"]["late"])
    return "\n".join(words)


def _line_count(text: str, width: int) -> int:
    """How many lines a text takes in a column, a little generously."""
    return sum(max(1, math.ceil(len(line) / (1.15 * width))) for line in text.split("\n"))


def _limit_choice(
    sheet: Worksheet, first: int, last: int, column: int, number: int, follow_up: SheetColumn
) -> None:
    """A drop-down, or a date that can be a date."""
    if follow_up.choices:
        letter = chr(ord("A") + number)
        rule: dict[str, Any] = {
            "validate": "list",
            "source": f"={_CHOICES_SHEET}!${letter}$1:${letter}${len(follow_up.choices)}",
            "error_title": "Kies uit de lijst",
            "error_message": "Kies een van de mogelijkheden uit het lijstje in deze cel.",
        }
    elif follow_up.is_date:
        rule = {
            "validate": "date",
            "criteria": "between",
            "minimum": date(2020, 1, 1),
            "maximum": date(2099, 12, 31),
            "error_title": "Geen datum",
            "error_message": "Schrijf de datum als 31-10-2026.",
        }
    else:
        return
    sheet.data_validation(first, column, last, column, rule)


def _width_of(follow_up: SheetColumn) -> int:
    if follow_up.is_date:
        return 13
    longest = max((len(choice) for choice in follow_up.choices), default=14)
    return max(10, min(34, longest + 3))


def _write_choices(sheet: Worksheet) -> None:
    for column, follow_up in enumerate(FOLLOW_UP_COLUMNS):
        for row, choice in enumerate(follow_up.choices):
            sheet.write_string(row, column, choice)
    sheet.protect("")
    sheet.hide()


def _write_signals(sheet: Worksheet, worklist: Mapping[str, Any], formats: _Formats) -> None:
    for column, (heading, width) in enumerate(_SIGNAL_COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, formats.head)
    row = 0
    for case in worklist["cases"]:
        for person in case["household"]["persons"]:
            for signal in signals_of(case, person):
                row += 1
                _write_signal(sheet, row, case["priority"], person["name"], signal, formats)
    sheet.freeze_panes(1, 0)
    sheet.protect("", {"format_columns": True})
    _set_print(sheet, worklist, max(row, 1), len(_SIGNAL_COLUMNS) - 1, 0)


def _write_signal(
    sheet: Worksheet, row: int, number: int, name: str, signal: Mapping[str, Any], formats: _Formats
) -> None:
    sheet.write_number(row, 0, number, formats.bold)
    texts = (name, signal["partner_name"], signal["partner_type"], signal["klantnummer"])
    for column, text in enumerate(texts, 1):
        sheet.write_string(row, column, text, formats.cell)
    sheet.write_number(row, 5, signal["arrears_months"], formats.cell)
    sheet.write_number(row, 6, signal["arrears_eur"], formats.money)
    if signal["since_on"]:
        sheet.write_datetime(row, 7, datetime.fromisoformat(signal["since_on"]), formats.date)
    else:
        sheet.write_string(row, 7, "onbekend", formats.cell)
    kind = TEXTS["crisis_kinds"].get(signal["crisis_kind"], "ja") if signal["is_crisis"] else ""
    sheet.write_string(row, 8, kind, formats.urgent)


def _write_guide(sheet: Worksheet, worklist: Mapping[str, Any], formats: _Formats) -> None:
    sheet.set_column(0, 0, 100)
    sheet.write_string(0, 0, "Zo gebruikt u deze lijst", formats.title)
    lines = (*TEXTS["sheet"]["intro"], TEXTS["page"]["privacy"], TEXTS["page"]["footer"])
    for row, line in enumerate(lines, 2):
        sheet.write_string(row, 0, line, formats.plain)
    sheet.write_string(len(lines) + 3, 0, f"Versie {worklist['sheet_version']}", formats.plain)
    sheet.protect("")


def _set_print(
    sheet: Worksheet, worklist: Mapping[str, Any], last_row: int, last_column: int, header_row: int
) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.repeat_rows(header_row)
    sheet.print_area(0, 0, last_row, last_column)
    team = str(worklist["team_name"]).replace("&", "&&")
    sheet.set_footer(f"&L{team}, {short_date(worklist['date'])}&CVertrouwelijk&R&P / &N")
