"""werklijst.xlsx: the same worklist as a sheet, with columns to fill in and everything else protected.

Every text goes in as text, so that what looks like a formula stays inert. A case has one row for each attempt of
the day, so that three tries need no second file; what is said of the case as a whole goes on its first row. Same
document, same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from pipeline.revealed.sheet_annexes import write_choices, write_guide, write_signals
from pipeline.revealed.sheet_looks import Formats, set_print
from pipeline.revealed.texts import TEXTS, day_and_date, euros, joined, sentence
from pipeline.revealed.worklist_page import (
    also_of,
    appointment_of,
    crisis_of,
    earlier_attempts,
    earlier_result_of,
    empty_of,
    holder_of,
    last_attempts,
    names_of,
    notices_of,
    older_of,
    short_date,
    signals_of,
    tags_of,
)
from pipeline.vocabulary.case import GROUND_WITHDRAWAL
from pipeline.vocabulary.worklist_sheet import (
    ATTEMPT_FIELDS,
    ATTEMPT_ROWS,
    CASE_ID_HEADING,
    DATE_PROBE_HEADING,
    FOLLOW_UP_COLUMNS,
    ROW_CODE_HEADING,
    SHEET_NAME,
    SHEET_VERSION_HEADING,
    WHERE,
    WHO,
    SheetColumn,
    row_code,
)

_HEADER_ROW = 2
_INFO = (
    ("Nr", 4),
    ("Stand", 12),
    ("Uiterlijk", 11),
    (WHO.heading, 26),
    (WHERE.heading, 17),
    ("Bereiken", 27),
    ("Waarom", 44),
    ("Meldingen", 52),
)
_CHOICES_SHEET = "Keuzes"
_LINE_POINTS = 13.0


def render_sheet(worklist: Mapping[str, Any]) -> bytes:
    """The workbook of a worklist document."""
    buffer = BytesIO()
    book = Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    day = datetime.fromisoformat(worklist["date"])
    book.set_properties({"title": f"Werklijst {worklist['team_name']}", "created": day})
    formats = Formats(book)
    cases_sheet = book.add_worksheet(SHEET_NAME)
    signals_sheet = book.add_worksheet("Meldingen")
    guide = book.add_worksheet("Uitleg")
    choices = book.add_worksheet(_CHOICES_SHEET)
    write_choices(choices)
    _write_cases(cases_sheet, worklist, formats)
    write_signals(signals_sheet, worklist, formats)
    write_guide(guide, worklist, formats)
    book.close()
    return buffer.getvalue()


def _write_cases(sheet: Worksheet, worklist: Mapping[str, Any], formats: Formats) -> None:
    cases = worklist["cases"]
    open_from = len(_INFO)
    hidden_from = open_from + len(FOLLOW_UP_COLUMNS)
    sheet.write_string(
        0,
        0,
        f"{worklist['team_name']}: werklijst {day_and_date(worklist['date'])} {worklist['date'][:4]}",
        formats.title,
    )
    told = [TEXTS["page"]["privacy"] if cases else empty_of(worklist), *notices_of(worklist)]
    sheet.write_string(1, 0, " ".join(told))
    sheet.set_row(1, 20)
    for column, (heading, width) in enumerate(_INFO):
        sheet.set_column(column, column, width)
        sheet.write_string(_HEADER_ROW, column, heading, formats.head)
    for column, follow_up in enumerate(FOLLOW_UP_COLUMNS, open_from):
        sheet.set_column(column, column, _width_of(follow_up))
        sheet.write_string(_HEADER_ROW, column, follow_up.heading, formats.head_open)
    hidden = (CASE_ID_HEADING, SHEET_VERSION_HEADING, ROW_CODE_HEADING, DATE_PROBE_HEADING)
    for column, heading in enumerate(hidden, hidden_from):
        sheet.set_column(column, column, 14, None, {"hidden": True})
        sheet.write_string(_HEADER_ROW, column, heading, formats.head)
    row = _HEADER_ROW
    for case in cases:
        for attempt in range(1, ATTEMPT_ROWS + 1):
            row += 1
            where, who = _write_row(sheet, row, attempt, case, worklist["date"], formats)
            code = row_code(case["case_id"], worklist["sheet_version"], where, who)
            for column, text in enumerate((case["case_id"], worklist["sheet_version"], code), hidden_from):
                sheet.write_string(row, column, text, formats.cell)
            probe = datetime(int(worklist["date"][:4]), 12, 31)
            sheet.write_datetime(row, hidden_from + len(hidden) - 1, probe, formats.date)
    last_row = max(row, _HEADER_ROW + 1)
    for number, follow_up in enumerate(FOLLOW_UP_COLUMNS):
        _limit_choice(sheet, _HEADER_ROW + 1, last_row, open_from + number, number, follow_up)
    sheet.freeze_panes(_HEADER_ROW + 1, 4)
    sheet.protect("", {"select_locked_cells": True, "format_columns": True, "format_rows": True})
    set_print(sheet, worklist, last_row, open_from - 1, _HEADER_ROW)


def _write_row(
    sheet: Worksheet, row: int, attempt: int, case: Mapping[str, Any], today: str, formats: Formats
) -> tuple[str, str]:
    """One row of a case; the first holds everything, the next repeat where and who. Returns these two."""
    is_first = attempt == 1
    texts = (
        _case_texts(case) if is_first else (names_of(case), str(case["household"]["address"] or ""), "", "", "")
    )
    look = formats.cell if is_first else formats.quiet
    sheet.write_number(row, 0, case["priority"], formats.bold if is_first else formats.quiet)
    if is_first:
        lines = max(_line_count(text, width) for text, (_, width) in zip(texts, _INFO[3:], strict=True))
        sheet.set_row(row, _LINE_POINTS * max(3, lines) + 4)
        tags = tags_of(case, today)
        is_urgent = any(kind == "danger" for kind, _ in tags)
        sheet.write_string(row, 1, "\n".join(word for _, word in tags), formats.urgent if is_urgent else look)
    else:
        sheet.write_string(row, 1, sentence("sheet", "attempt", number=attempt), look)
    appointment = "" if case["ground"] == GROUND_WITHDRAWAL else appointment_of(case, today)
    if is_first and appointment:
        sheet.write_string(row, 2, appointment, look)
    elif is_first and case["is_contact_due"]:
        sheet.write_datetime(row, 2, datetime.fromisoformat(case["due_on"]), formats.date)
    else:
        sheet.write_blank(row, 2, None, look)
    for column, text in enumerate(texts, 3):
        sheet.write_string(row, column, text, formats.bold if is_first and column == 3 else look)
    for column, follow_up in enumerate(FOLLOW_UP_COLUMNS, len(_INFO)):
        is_open = is_first or follow_up.field in ATTEMPT_FIELDS
        filled_in = formats.open_date if follow_up.is_date else formats.open
        sheet.write_blank(row, column, None, filled_in if is_open else formats.quiet)
    return texts[1], texts[0]


def _case_texts(case: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    """Who, where, how to reach, why and next step, what was reported."""
    persons = case["household"]["persons"]
    who = "\n".join(_person_text(person) for person in persons) or names_of(case)
    others = [sentence("page", "also_reported", address=one) for one in case["household"]["other_addresses"]]
    where = "\n".join(part for part in (case["household"]["address"], *others) if part)
    reach = "\n".join(part for person in persons for part in _reach(case, person))
    why = "\n".join(_why(case))
    reported = "\n".join(
        _signal_text(case, signal, person) for person in persons for signal in signals_of(case, person)
    )
    return who, where, reach, why, reported


def _reach(case: Mapping[str, Any], person: Mapping[str, Any]) -> list[str]:
    """Phones and mailboxes of one person, under the name where the case has more persons."""
    ways = [f"{way}{also_of(case, person, way)}" for way in (*person["phones"], *person["emails"])]
    if len(case["household"]["persons"]) == 1:
        return ways
    return [f"{person['name']}:", *(ways or [TEXTS["page"]["no_reach"]])]


def _why(case: Mapping[str, Any]) -> list[str]:
    """Reasons, what to do, who has the case, what was tried."""
    lines = [TEXTS["page"]["unsafe"]] if case["is_unsafe"] else []
    lines += [*case["reasons"], f"→ {case['next_step']}", *([case["because"]] if case["because"] else [])]
    if earlier_result_of(case):
        lines.append(earlier_result_of(case))
    if case.get("case_holder"):
        lines.append(holder_of(case))
    if case.get("gone_partners"):
        lines.append(sentence("page", "gone", partners=joined(case["gone_partners"])))
    earlier = earlier_attempts(case)
    return [*lines, *(_attempt_text(attempt) for attempt in last_attempts(case)), *([earlier] if earlier else [])]


def _attempt_text(attempt: Mapping[str, Any]) -> str:
    part = f" {attempt['part_of_day'].lower()}" if attempt["part_of_day"] else ""
    by = f" ({attempt['by']})" if attempt["by"] else ""
    reached = "bereikt" if attempt["is_reached"] else "niet bereikt"
    return f"{short_date(attempt['on'])}{part}: {attempt['type']}, {reached}{by}"


def _person_text(person: Mapping[str, Any]) -> str:
    year = f" ({person['birth_year']})" if person["birth_year"] else ""
    others = f", ook {' en '.join(person['also_known_as'])}" if person["also_known_as"] else ""
    return f"{person['name']}{year}{others}"


def _signal_text(case: Mapping[str, Any], signal: Mapping[str, Any], person: Mapping[str, Any]) -> str:
    whose = f"{person['name']}: " if len(case["household"]["persons"]) > 1 else ""
    since = f", sinds {short_date(signal['since_on'])}" if signal["since_on"] else ""
    amount = euros(signal["arrears_eur"])
    owed = f"{signal['arrears_months']} mnd, {amount}{since}"
    crisis = ", crisissignaal" if signal["is_crisis"] else ""
    crisis += f": {crisis_of(signal)}" if crisis_of(signal) else ""
    older = f", {older_of(case, signal)}" if older_of(case, signal) else ""
    return f"{whose}{signal['partner_name']}: {owed}{crisis}{older} (klant {signal['klantnummer']})"


def _line_count(text: str, width: int) -> int:
    """How many lines a text takes in a column, a little generously."""
    return sum(max(1, math.ceil(len(line) / (1.3 * width))) for line in text.split("\n"))


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
