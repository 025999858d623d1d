"""Targets in the inboxes: returned sheets and lines, names of files and folders, the list of exclusions."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import xlsxwriter

from pipeline.channels import folder, returned_sheet
from pipeline.channels.returned_files import (
    HEADINGS,
    SHEET_KINDS,
    SheetRows,
    is_waiting,
    order_of,
    read_lines,
    read_sheet,
    refusal_of,
    rows_answered,
)
from pipeline.commands.admit import arrivals
from pipeline.commands.admit import is_waiting as is_arrival_waiting
from pipeline.commands.at_the_opener.exclusion_lists import COLUMNS, REASON, read_exclusions
from pipeline.stewardship.answer_follow_up import Answer, told_versions, words_of
from pipeline.stewardship.read_follow_up import FORMULA, FollowUp, read_line, read_sheet_row
from pipeline.stewardship.record_follow_up import CaseBook, KnownCase, settle_rows
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.outcome import CONTACT_TYPES, RESULT_CHOICES
from pipeline.vocabulary.worklist_sheet import SHEET_NAME
from tests.simulation.fuzz import mutations as m
from tests.simulation.fuzz.second_reader import check_follow_up
from tests.simulation.fuzz.target import ACCEPTED, REFUSED, Parts, Target, expect, look_for_leak

TODAY = date(2026, 11, 3)
CASE = "case-1"
_BOOK = CaseBook({CASE: KnownCase(CASE, "2026-10", "revealed", was_shown=True)}, {}, {})
_LINE = {
    "case_id": CASE,
    "sheet_version": "2026-11-02.1",
    "attempts": [
        {
            "attempt_id": "a-1",
            "type": "Huisbezoek",
            "is_reached": True,
            "on": "2026-11-02",
            "part_of_day": "Middag",
            "by": m.CANARY,
        }
    ],
    "next_appointment_on": "2026-11-10",
    "is_unsafe": False,
    "result": "Inwoner is overleden",
    "result_on": "2026-11-02",
    "has_consent_for_feedback": True,
}
_CELLS = {
    "case_id": CASE,
    "sheet_version": "2026-11-02.1",
    "type": "Huisbezoek",
    "is_reached": "ja",
    "on": "02-11-2026",
    "part_of_day": "Middag",
    "by": m.CANARY,
    "next_appointment_on": "46336",
    "is_unsafe": "nee",
    "result": "Inwoner is overleden",
    "result_on": "2026-11-02",
    "has_consent_for_feedback": "ja",
}


def _make_lines(_good: None, chance: m.Chance) -> Parts:
    lines = [m.written_json(m.mutated_document(_LINE, chance, 3), chance) for _ in range(chance.randint(1, 3))]
    raw = b"\n".join(line.replace(b"\n", b" ") for line in lines)
    return {"lines.jsonl": m.mutated_bytes(raw, chance) if chance.random() < 0.3 else raw}


def _judge_lines(_good: None, parts: Parts) -> str:
    rows = [_one(read_line, line, row) for row, line in read_lines(parts["lines.jsonl"])]
    return _settled(rows, parts["lines.jsonl"], None)


def _one(read: Any, content: Any, row: int) -> FollowUp | RowFault:
    try:
        follow_up: FollowUp = read(content, row)
    except Refused as refusal:
        return refusal.as_row_fault()
    return follow_up


def _settled(rows: list[FollowUp | RowFault], raw: bytes, heading_row: int | None) -> str:
    """What the rows change, and the answer that the team gets: it is written, so it must be text."""
    settlement = settle_rows(rows, _BOOK, TODAY)
    look_for_leak(settlement.refused)
    counted = [row for row in rows if isinstance(row, FollowUp)]
    for row in counted:
        check_follow_up(row, set(CONTACT_TYPES), set(RESULT_CHOICES))
    expect(
        len(rows) == settlement.rows_counted + settlement.rows_blank + len(settlement.refused),
        "rows in = counted + blank + refused",
    )
    for _, attempt in settlement.new_attempts.values():
        expect(attempt.attempted_on <= TODAY, "an attempt in the future")
    answer = Answer(
        file_id="follow-up-0",
        name=f"{m.CANARY}.xlsx",
        received_on=TODAY.isoformat(),
        rows_counted=settlement.rows_counted,
        rows_blank=settlement.rows_blank,
        refused=tuple(settlement.refused),
        sheet_versions=told_versions(row.sheet_version for row in counted),
        heading_row=heading_row,
        known_words=words_of(["noord"]),
    )
    look_for_leak([], answer.json().decode(), answer.text().decode())
    return ACCEPTED if settlement.rows_counted else REFUSED


def _sheet_rows(chance: m.Chance) -> list[list[str]]:
    fields = list(HEADINGS.items())
    if chance.random() < 0.3:
        chance.shuffle(fields)
    headings = [heading for heading, _ in fields]
    if chance.random() < 0.15:
        headings[chance.randrange(len(headings))] = m.hostile_text(chance.choice(headings), chance)
    rows = []
    for _ in range(chance.randint(1, 3)):
        cells = {field: m.CANARY for _, field in fields} | _CELLS
        for _ in range(chance.randint(0, 3)):
            field = chance.choice(list(cells))
            cells[field] = m.hostile_text(cells[field], chance)
        rows.append([cells[field] for _, field in fields])
    return [headings, *rows]


def _make_csv(_good: None, chance: m.Chance) -> Parts:
    text = io.StringIO()
    rows = _sheet_rows(chance)
    writer = csv.writer(text, delimiter=chance.choice(";,\t"), escapechar="\\", lineterminator="\r\n")
    writer.writerows([cell.encode("utf-8", "ignore").decode() for cell in row] for row in rows)
    raw = text.getvalue().encode(chance.choice(("utf-8", "utf-8-sig", "cp1252", "utf-16")), "replace")
    return {"sheet.csv": m.mutated_bytes(raw, chance) if chance.random() < 0.5 else raw}


def _make_xlsx(_good: None, chance: m.Chance) -> Parts:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(chance.choice((SHEET_NAME, "Blad1")))
    top = chance.choice((0, 0, 3, 25))
    for line, cells in enumerate(_sheet_rows(chance), top):
        for place, cell in enumerate(cells):
            kind = chance.random()
            if line > top and kind < 0.04:
                sheet.write_number(line, place, chance.choice((46336, 46336.5, 1e300, -1, 0, 2**53)))
            elif line > top and kind < 0.06:
                sheet.write_formula(line, place, f'=HYPERLINK("{m.CANARY}")', value=m.CANARY)
            elif line > top and kind < 0.08:
                sheet.write_boolean(line, place, True)
            else:
                sheet.write_string(line, place, cell[:32_000])
    book.close()
    return {
        "sheet.xlsx": m.mutated_archive(buffer.getvalue(), chance) if chance.random() < 0.7 else buffer.getvalue()
    }


def _judge_sheet(_good: None, parts: Parts) -> str:
    """As the child and then its parent do, in one process."""
    ((name, raw),) = parts.items()
    kind = SHEET_KINDS[Path(name).suffix]
    order = order_of(kind)
    try:
        read = returned_sheet.read_csv if kind == "csv" else returned_sheet.read_xlsx
        code, answer = read(raw, order)
        said = json.dumps(answer).encode()
    except KeyboardInterrupt:
        raise
    except BaseException:
        return REFUSED  # `returned_sheet.main` answers with a number then
    if code != 0:
        raise refusal_of(code)
    return _judge_rows(rows_answered(said, FORMULA), raw)


def _judge_rows(sheet: SheetRows, raw: bytes) -> str:
    rows = [_one(read_sheet_row, cells, row) for row, cells in sheet.rows]
    return _settled(rows, raw, sheet.heading_row)


def _judge_through_child(_good: None, parts: Parts) -> str:
    ((name, raw),) = parts.items()
    return _judge_rows(read_sheet(raw, SHEET_KINDS[Path(name).suffix], FORMULA), raw)


@dataclass(frozen=True)
class _Place:
    path: Path


@lru_cache(maxsize=1)
def _place() -> _Place:
    _KEPT.append(tempfile.TemporaryDirectory(prefix="samenloop-fuzz-"))
    return _Place(Path(_KEPT[-1].name))


_KEPT: list[Any] = []
_STRICT_NAME = re.compile(rb"[a-z0-9-]{2,32}_20[0-9]{2}-(0[1-9]|1[0-2])_(?!0000)[0-9]{4}")


def _make_name(_good: _Place, chance: m.Chance) -> Parts:
    name = m.mutated_bytes(b"huur-a_2026-10_0001", chance, 2)
    if chance.random() < 0.3:
        name = m.hostile_text("huur-a_2026-10_0001", chance).encode("utf-8", "surrogatepass")
    if chance.random() < 0.2:
        name += chance.choice((b".refusals.csv", b".part", b".xlsx", b".jsonl", b" ", b".tmp", m.CANARY.encode()))
    name = name.replace(b"/", b"_").replace(b"\0", b"_")[:255]
    kind = chance.choice((b"folder", b"file", b"link"))
    return {"name": b"x" if name in (b"", b".", b"..") else name, "kind": kind}


def _judge_name(good: _Place, parts: Parts) -> str:
    """What lies in an inbox under any name is listed, and gets a handle that says nothing of a name."""
    inbox = good.path / "inbox"
    shutil.rmtree(inbox, ignore_errors=True)
    inbox.mkdir()
    path = os.path.join(os.fsencode(inbox), parts["name"])  # noqa: PTH118 - a name that is not text
    if parts["kind"] == b"folder":
        os.mkdir(path)  # noqa: PTH102 - as above
    elif parts["kind"] == b"file":
        with open(path, "wb") as made:  # noqa: PTH123 - as above
            made.write(b"x")
    else:
        os.symlink(b"nowhere", path)  # noqa: PTH211 - as above
    entries = folder.list_entries(inbox)
    expect(len(entries) == 1 and os.fsencode(entries[0].name) == parts["name"], "seen as it is")
    is_waiting(entries[0].name)
    found = arrivals(inbox)
    is_list = parts["kind"] == b"file" and parts["name"].endswith(b".refusals.csv")
    expect(len(found) == 1 or is_list, "nothing is passed over")
    for arrival in found:
        is_arrival_waiting(arrival)
        is_strict = _STRICT_NAME.fullmatch(parts["name"]) is not None
        expect((arrival.name is not None) == is_strict, "a name by the letter, or none")
        expect(re.fullmatch(r"[a-z0-9_-]{1,64}", arrival.handle) is not None, "a handle that may be logged")
        if not is_strict:
            look_for_leak([], arrival.handle)
            return REFUSED
    return ACCEPTED


def _make_list(_good: _Place, chance: m.Chance) -> Parts:
    good = {
        "achternaam": m.CANARY,
        "voorletters": "J.P.",
        "geboortedatum": "31-05-1980",
        "postcode": "9901 AB",
        "huisnummer": "12",
        "reden": "bezwaar",
        "tot": "2027-01-01",
    }
    rows = [dict(good), {**good, "reden": "overleden", "tot": ""}]
    for _ in range(chance.randint(0, 3)):
        row = chance.choice(rows)
        name = chance.choice(list(row))
        row[name] = m.hostile_text(row[name], chance).encode("utf-8", "ignore").decode()
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=chance.choice(";,"), escapechar="\\", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    raw = text.getvalue().encode(chance.choice(("utf-8", "utf-8-sig", "cp1252")), "replace")
    return {"lijst.csv": m.mutated_bytes(raw, chance) if chance.random() < 0.6 else raw}


def _judge_list(good: _Place, parts: Parts) -> str:
    """A list is read whole or refused whole: a row that is passed over would be a visit to who objected."""
    place = good.path / "lists"
    place.mkdir(exist_ok=True)
    (place / "lijst.csv").write_bytes(parts["lijst.csv"])
    read = read_exclusions(place, date(1900, 1, 1))
    raw = parts["lijst.csv"]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    lines = [line for line in csv.reader(io.StringIO(text), delimiter=delimiter) if line]
    expect(read.row_count == len(lines) - 1, "every row of a list counts")
    expect(REASON in [cell.strip().lower() for cell in lines[0]], "a list without reasons")
    return ACCEPTED


TARGETS = (
    Target("follow-up-lines", 12_000, lambda: None, _make_lines, _judge_lines),
    Target("follow-up-csv", 8_000, lambda: None, _make_csv, _judge_sheet, is_child=True),
    Target("follow-up-xlsx", 800, lambda: None, _make_xlsx, _judge_sheet, is_child=True),
    Target("names", 3_000, _place, _make_name, _judge_name),
    Target("exclusions", 1_000, _place, _make_list, _judge_list),
    Target("child-csv", 250, lambda: None, _make_csv, _judge_through_child, is_through_child=True),
    Target("child-xlsx", 250, lambda: None, _make_xlsx, _judge_through_child, is_through_child=True),
)
