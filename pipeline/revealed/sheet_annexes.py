"""The other sheets of werklijst.xlsx: every melding on its own row, how to use the list, the choices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from xlsxwriter.worksheet import Worksheet

from pipeline.revealed.sheet_looks import Formats, set_print
from pipeline.revealed.texts import TEXTS, long_month
from pipeline.revealed.worklist_page import crisis_of, points_table, signals_of
from pipeline.vocabulary.worklist_sheet import FOLLOW_UP_COLUMNS

_SIGNAL_COLUMNS = (
    ("Nr", 5),
    ("Wie", 26),
    ("Organisatie", 28),
    ("Soort", 12),
    ("Klantnummer", 18),
    ("Maanden", 9),
    ("Bedrag", 10),
    ("Sinds", 12),
    ("Crisis", 26),
    ("Melding van", 15),
)


def write_choices(sheet: Worksheet) -> None:
    """The lists behind the drop-downs, out of sight."""
    for column, follow_up in enumerate(FOLLOW_UP_COLUMNS):
        for row, choice in enumerate(follow_up.choices):
            sheet.write_string(row, column, choice)
    sheet.protect("")
    sheet.hide()


def write_signals(sheet: Worksheet, worklist: Mapping[str, Any], formats: Formats) -> None:
    """What each partner reported, a row each."""
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
    set_print(sheet, worklist, max(row, 1), len(_SIGNAL_COLUMNS) - 1, 0)


def _write_signal(
    sheet: Worksheet, row: int, number: int, name: str, signal: Mapping[str, Any], formats: Formats
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
    crisis = (crisis_of(signal) or "ja") if signal["is_crisis"] else ""
    sheet.write_string(row, 8, crisis, formats.urgent)
    sheet.write_string(row, 9, long_month(signal["month"]), formats.cell)


def write_guide(sheet: Worksheet, worklist: Mapping[str, Any], formats: Formats) -> None:
    """How a team fills the list in."""
    sheet.set_column(0, 0, 100)
    sheet.write_string(0, 0, "Zo gebruikt u deze lijst", formats.title)
    table = (f"{what}: {points}" for what, points in points_table())
    told = ("privacy", "footer", "points_how")
    lines = (*TEXTS["sheet"]["intro"], *(TEXTS["page"][name] for name in told), *table)
    for row, line in enumerate(lines, 2):
        sheet.write_string(row, 0, line, formats.plain)
    sheet.write_string(len(lines) + 3, 0, f"Versie {worklist['sheet_version']}", formats.plain)
    sheet.protect("")
