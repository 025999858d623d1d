"""What a returned row means: lines and cells as teams write them, read or refused."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.stewardship.answer_follow_up import told_name, words_of
from pipeline.stewardship.read_follow_up import FORMULA, read_line, read_sheet_row
from pipeline.vocabulary import faults
from pipeline.vocabulary.faults import FAULTS, Refused, RowFault
from tests.builders.follow_up import HELP, NO_CONTACT, attempt, line, sheet, visit

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas" / "follow_up"


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"case_id": None}, "VALUE_MISSING", "case_id"),
        ({"case_id": "Z-1; DROP"}, "CASE_UNKNOWN", "case_id"),
        ({"attempts": [attempt(type="Bezoek")]}, "CHOICE_UNKNOWN", "type"),
        ({"attempts": [attempt(on="04-11-2026")]}, "DATE_INVALID", "on"),
        ({"attempts": [attempt(on=None)]}, "VALUE_MISSING", "on"),
        ({"attempts": [attempt(is_reached="ja")]}, "YES_NO_INVALID", "is_reached"),
        ({"attempts": [attempt(part_of_day="Nacht")]}, "CHOICE_UNKNOWN", "part_of_day"),
        ({"attempts": [attempt(on="20261104")]}, "DATE_INVALID", "on"),
        ({"attempts": [attempt(by="x" * 41)]}, "TEXT_TOO_LONG", "by"),
        ({"attempts": [attempt(by="a\x1bb")]}, "VALUE_INVALID", "by"),
        ({"attempts": [attempt(name="Jansen")]}, "LINE_INVALID", "attempts"),
        ({"attempts": "a-1"}, "LINE_INVALID", "attempts"),
        ({"attempts": [attempt(f"a-{number}") for number in range(101)]}, "LINE_INVALID", "attempts"),
        ({"result": "Opgelost"}, "CHOICE_UNKNOWN", "result"),
        ({"result": [HELP]}, "CHOICE_UNKNOWN", "result"),
        ({"result_on": "2026-11-05"}, "RESULT_MISSING", "result"),
        ({"is_unsafe": 1}, "YES_NO_INVALID", "is_unsafe"),
        ({"next_appointment_on": "2026-02-30"}, "DATE_INVALID", "next_appointment_on"),
        ({"note": "free text"}, "LINE_INVALID", None),
    ],
)
def test_a_wrong_line_is_refused_by_code_and_column(
    changes: dict[str, Any], code: str, column: str | None
) -> None:
    """A line with one wrong value names the code, the column and the row, and nothing else."""
    with pytest.raises(Refused) as refusal:
        read_line(line(**changes), 7)
    assert RowFault(code, column, 7) == refusal.value.as_row_fault()


@pytest.mark.parametrize("content", [None, [], "text", 3])
def test_a_line_that_is_no_object_is_refused(content: Any) -> None:
    """Whatever JSON a line holds, only an object is a follow-up."""
    with pytest.raises(Refused) as refusal:
        read_line(content, 1)
    assert "LINE_INVALID" == refusal.value.code


@pytest.mark.parametrize(
    "written",
    [
        date(2026, 11, 4),
        "2026-11-04",
        "04-11-2026",
        "4/11/2026",
        "4-11-26",
        "4.11.2026",
        "4-11-2026 00:00",
        "4 nov 2026",
        "4-nov.-26",
        "wo 4 november 2026",
        46330,
        46330.0,
        "46330",
    ],
)
def test_a_sheet_may_write_a_date_as_people_do(written: Any) -> None:
    """A date, text with the day first, ISO text and a bare spreadsheet number are the same day."""
    (recorded,) = read_sheet_row(visit(on=written), 1).attempts
    assert date(2026, 11, 4) == recorded.attempted_on


@pytest.mark.parametrize(
    "written",
    [
        "31-02-2026",
        "gisteren",
        "11/2026",
        "4 november",
        "4 xyz 2026",
        "11/13/2026",
        12,
        "2026-13-01",
        True,
        "٤-11-2026x",
    ],
)
def test_an_unreadable_date_in_a_sheet_is_refused(written: Any) -> None:
    """What is no day is refused on its column."""
    with pytest.raises(Refused) as refusal:
        read_sheet_row(visit(on=written), 1)
    assert ("DATE_INVALID", "on") == (refusal.value.code, refusal.value.column)


@pytest.mark.parametrize(
    ("written", "meant"), [("ja", True), ("JA ", True), ("nee", False), (True, True), ("n", False)]
)
def test_yes_and_no_are_read_in_any_case(written: Any, meant: bool) -> None:
    """Ja, JA, j and a tick box are yes."""
    assert meant == read_sheet_row(sheet(is_unsafe=written), 1).is_unsafe


def test_choices_are_read_without_regard_to_case_and_spaces() -> None:
    """A choice that was typed instead of picked still counts, in its own spelling."""
    follow_up = read_sheet_row(visit(type=" huisbezoek", result=NO_CONTACT.upper()), 1)
    assert ("Huisbezoek", NO_CONTACT) == (follow_up.attempts[0].contact_type, follow_up.result)


def test_a_formula_is_never_taken() -> None:
    """A cell with a formula refuses its row, whatever the formula would give."""
    with pytest.raises(Refused) as refusal:
        read_sheet_row(visit(by=FORMULA), 3)
    assert RowFault("FORMULA_FOUND", "by", 3) == refusal.value.as_row_fault()


def test_an_untouched_row_is_blank_and_a_name_alone_is_no_attempt() -> None:
    """A row nobody filled in, or with only who will do it, says nothing."""
    assert read_sheet_row(sheet(), 1).is_blank
    assert read_sheet_row(sheet(by="ab"), 1).is_blank


@pytest.mark.parametrize(
    ("probe", "written", "meant"),
    [
        ("12/31/2026", "11/4/2026", date(2026, 11, 4)),
        ("12/31/2026", "11-4-2026", date(2026, 4, 11)),
        ("31/12/2026", "11/4/2026", date(2026, 4, 11)),
        ("1/2/2026", "11/4/2026", date(2026, 4, 11)),
        (None, "11/4/2026", date(2026, 4, 11)),
        (None, "4 maart 2026", date(2026, 3, 4)),
        (None, "4-maa-2026", date(2026, 3, 4)),
        (None, 36526, date(2000, 1, 1)),
        (None, 73050, date(2099, 12, 31)),
    ],
)
def test_months_come_first_only_where_the_row_shows_that_they_do(probe: Any, written: Any, meant: date) -> None:
    """31 December came back as 12/31, and the date is written alike; else the day comes first."""
    assert meant == read_sheet_row(visit(date_probe=probe, on=written), 1).attempts[0].attempted_on


def test_who_went_there_has_room_for_forty_letters() -> None:
    """As long as the schema says, in a line and in a sheet; no longer."""
    assert "x" * 40 == read_line(line(attempts=[attempt(by="x" * 40)]), 1).attempts[0].attempted_by
    with pytest.raises(Refused) as refusal:
        read_sheet_row(visit(by="x" * 41), 1)
    assert ("TEXT_TOO_LONG", "by") == (refusal.value.code, refusal.value.column)


def test_a_part_of_the_day_alone_is_half_an_attempt() -> None:
    """Somebody was there; who forgot the rest is asked, and it is not dropped in silence."""
    with pytest.raises(Refused) as refusal:
        read_sheet_row(sheet(part_of_day="Avond"), 1)
    assert ("VALUE_MISSING", "type") == (refusal.value.code, refusal.value.column)


def test_half_an_attempt_in_a_sheet_is_refused() -> None:
    """An attempt without its date, kind or outcome is refused on the empty column."""
    for column in ("type", "is_reached", "on"):
        with pytest.raises(Refused) as refusal:
            read_sheet_row({**visit(), column: None}, 1)
        assert ("VALUE_MISSING", column) == (refusal.value.code, refusal.value.column)


def test_the_same_visit_on_two_sheets_has_one_id() -> None:
    """Two colleagues who return the same visit record it once; another part of the day is another attempt."""
    ids = {
        read_sheet_row(visit(by=by), row).attempts[0].attempt_id for row, by in ((1, "ab"), (9, "cd"), (2, None))
    }
    other = read_sheet_row(visit(part_of_day="Ochtend"), 1).attempts[0].attempt_id
    assert 1 == len(ids)
    assert other not in ids


def test_examples_fit_the_schema_and_faulty_files_are_refused_by_their_name() -> None:
    """What schemas/follow_up shows is what the reader takes, and refuses by the code and column in the name."""
    schema = Draft202012Validator(json.loads((SCHEMAS / "follow_up.schema.json").read_text()))
    for text in (SCHEMAS / "example.jsonl").read_text().splitlines():
        assert schema.is_valid(json.loads(text))
        assert not read_line(json.loads(text), 1).is_blank
    faulty = sorted((SCHEMAS / "faulty").glob("*.jsonl"))
    assert faulty
    for path in faulty:
        code, _, column = path.name.partition("--")[0].partition(".")
        assert not schema.is_valid(json.loads(path.read_text())), path.name
        with pytest.raises(Refused) as refusal:
            read_line(json.loads(path.read_text()), 1)
        assert (code, column or None) == (refusal.value.code, refusal.value.column)


@pytest.mark.parametrize(
    ("name", "is_told"),
    [
        ("werklijst.xlsx", True),
        ("werklijst (1) kopie van wijkteam-noord 03-11-2026.xlsx", True),
        ("WERKLIJST_Noord.csv", True),
        ("werklijst Jansen.xlsx", False),
        ("noord - opvolging mevrouw De Vries.xlsx", False),
        ("", False),
    ],
)
def test_the_name_of_a_file_is_repeated_only_when_it_says_nothing(name: str, is_told: bool) -> None:
    """A receipt names the file when every word of it is a worklist's, a team's or a number."""
    assert is_told == (told_name(name, words_of(["wijkteam-noord", "Wijkteam Noord"])) is not None)


def test_every_refusal_has_a_next_step() -> None:
    """All codes that follow-up uses stand in the fault table, with Dutch that a counsellor understands."""
    used = {"CASE_UNKNOWN", "CASE_NOT_SHOWN", "CASE_TWICE", "CHOICE_UNKNOWN", "FORMULA_FOUND", "DATE_AHEAD"}
    used |= {"DATE_BEFORE_CASE", "RESULT_MISSING", "LINE_INVALID", "SHEET_UNKNOWN", "FOLLOW_UP_MACRO"}
    assert used <= set(FAULTS)


def test_every_fault_has_a_code_of_its_own() -> None:
    """Two rows of the fault table with one code would hide one of the two next steps."""
    codes = [row[0] for row in faults._ROWS]
    assert len(codes) == len(set(codes))
