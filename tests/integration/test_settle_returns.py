"""The worklist itself comes back: filled in, saved by another office, mixed up, late, or as another file."""

from __future__ import annotations

import json
import tempfile
import warnings
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.commands.at_the_inbox import follow_up_taking
from pipeline.commands.settle import settle
from pipeline.commands.wiring import SCHEMAS
from pipeline.store import tables
from pipeline.vocabulary.case import CLOSED, EXCLUDED, IN_PROGRESS, REVEALED
from pipeline.vocabulary.faults import RowFault
from pipeline.vocabulary.outcome import REOPEN
from pipeline.vocabulary.worklist_sheet import CASE_ID_HEADING, SHEET_VERSION_HEADING
from tests.builders.deliveries import Municipality
from tests.builders.returned import (
    HEADINGS,
    NEIGHBOURS,
    Returned,
    converted,
    sheet_of_neighbours,
    soffice_path,
)
from tests.builders.stewardship import make_stewarded, put_case, put_signals, rows_of_table, stored_signal

TODAY = date(2026, 11, 10)
VERSION = "2026-11-03.1"
HELP = "Vervolghulp en/of verwijzing"
NO_CONTACT = "Definitief geen contact kunnen krijgen"
VISIT = {"type": "Huisbezoek", "is_reached": "Ja", "on": date(2026, 11, 4), "part_of_day": "Avond"}
CALL = {"type": "Telefoon", "is_reached": "Nee", "on": date(2026, 11, 4), "part_of_day": "Ochtend"}
RECEIPT_SCHEMA = Draft202012Validator(json.loads((SCHEMAS / "follow_up" / "receipt.schema.json").read_text()))
FIXTURES = Path(__file__).resolve().parents[1] / "vectors"


@pytest.fixture
def place(tmp_path: Path) -> Municipality:
    """Two neighbours on a worklist of the third of November."""
    municipality = make_stewarded(tmp_path)
    with municipality.run(TODAY) as run:
        for case_id, _ in NEIGHBOURS:
            signals = [stored_signal(partner, f"{case_id}/{partner}") for partner in ("huur-a", "energie-a")]
            put_signals(run, signals)
            put_case(run, case_id, REVEALED, signals)
    return municipality


@pytest.fixture
def worklist() -> Returned:
    return Returned.opened(sheet_of_neighbours(VERSION))


def settled(place: Municipality, content: bytes, name: str = "werklijst.xlsx", today: date = TODAY) -> Any:
    """What `settle` makes of one returned file."""
    (place.home.inbox_follow_up / name).write_bytes(content)
    with place.run(today) as run:
        return settle(run)


def kept(place: Municipality, table: Any = tables.attempts) -> list[dict[str, Any]]:
    with place.run(TODAY) as run:
        return rows_of_table(run, table)


def states(place: Municipality) -> dict[str, str]:
    return {row["case_id"]: row["state"] for row in kept(place, tables.cases)}


def last_receipt(place: Municipality) -> tuple[dict[str, Any], str]:
    """The newest receipt as JSON and as text."""
    with place.run(TODAY) as run:
        paths = follow_up_taking.receipts_folder(run).glob("*.json")
        path = max(paths, key=lambda found: found.stat().st_mtime_ns)
    document: dict[str, Any] = json.loads(path.read_text())
    assert RECEIPT_SCHEMA.is_valid(document)
    return document, path.with_suffix(".txt").read_text()


def test_three_attempts_of_a_day_fit_on_one_sheet(place: Municipality, worklist: Returned) -> None:
    """Each row of a case is an attempt; returned again, and by a colleague, they count once."""
    third = {**CALL, "part_of_day": "Middag"}
    worklist.fill("Z-1", 1, **CALL).fill("Z-1", 2, **VISIT, by="ab").fill("Z-1", 3, **third)
    assert 3 == settled(place, worklist.xlsx()).counts["attempts"]
    assert 0 == settled(place, worklist.fill("Z-1", 2, by="cd").xlsx(), "werklijst (1).xlsx").counts["attempts"]
    assert {"Z-1"} == {row["case_id"] for row in kept(place)}


def test_untouched_worklist_is_blank_and_refuses_nothing(place: Municipality, worklist: Returned) -> None:
    """Whoever returns the list without filling it in hears that nothing was said."""
    outcome = settled(place, worklist.xlsx())
    assert (6, 0, []) == (outcome.counts["rows_blank"], outcome.counts["attempts"], outcome.refused)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_copied_tab_that_says_something_else_refuses_the_file(
    place: Municipality, worklist: Returned, is_first: bool
) -> None:
    """Filled in on "Werklijst (2)": which of the two counts only the team knows."""
    copy = worklist.book.copy_worksheet(worklist.sheet)
    if is_first:
        worklist.book.move_sheet(copy, -len(worklist.book.sheetnames) + 1)
    copy.cell(worklist.row_of("Z-1"), worklist.column(HEADINGS["result"]), HELP)
    assert ["SHEET_TWICE"] == [fault.code for fault in settled(place, worklist.xlsx()).refused]
    assert "verwijder het andere tabblad" in last_receipt(place)[1]
    assert {REVEALED} == set(states(place).values())


def test_a_copied_tab_that_says_nothing_more_is_left_aside(place: Municipality, worklist: Returned) -> None:
    """A team that keeps a copy within the file loses nothing by it."""
    worklist.fill("Z-1", **VISIT).book.copy_worksheet(worklist.sheet)
    assert 1 == settled(place, worklist.fill("Z-2", **CALL).xlsx()).counts["attempts"] - 1


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_heading_that_stands_twice_refuses_the_file(place: Municipality, worklist: Returned, kind: str) -> None:
    """A copied column: what stands in the other one would be lost."""
    worklist.fill("Z-1", **VISIT, result=HELP)
    worklist.sheet.insert_cols(worklist.column(HEADINGS["result"]))
    worklist.sheet.cell(3, worklist.column(HEADINGS["result"]) - 1, f" {HEADINGS['result'].lower()} ")
    content = worklist.xlsx() if kind == "xlsx" else worklist.csv()
    assert ["SHEET_HEADING_TWICE"] == [fault.code for fault in settled(place, content, f"terug.{kind}").refused]
    assert [] == kept(place)


@pytest.mark.parametrize(
    ("heading", "value", "column"),
    [
        ("Wie", "F. Jansen", "who"),
        ("Waar", "9901 AB 99", "where"),
        (CASE_ID_HEADING, "Z-2", "case_id"),
        (SHEET_VERSION_HEADING, "2026-11-09.1", "case_id"),
        ("row_code", "abcdef-ab-cd", "case_id"),
        ("row_code", "iets anders", "row_code"),
    ],
)
def test_a_changed_protected_cell_refuses_its_row_and_the_rest_counts(
    place: Municipality, worklist: Returned, heading: str, value: str, column: str
) -> None:
    """A row that may be about somebody else is not taken; the receipt says so in Dutch, without a value."""
    worklist.fill("Z-1", **VISIT).fill("Z-2", **VISIT)
    row = worklist.row_of("Z-1")
    outcome = settled(place, worklist.change("Z-1", heading, value).xlsx())
    document, text = last_receipt(place)
    assert ([RowFault("SHEET_ROW_CHANGED", column, row - 3)], ["Z-2"]) == (
        outcome.refused,
        [attempt["case_id"] for attempt in kept(place)],
    )
    assert (row, True) == (document["refused"][0]["sheet_row"], "beveiligde cel" in text)
    assert value not in text.replace("zaaknummer", "")


def test_half_a_sheet_that_was_sorted_is_noticed(place: Municipality, worklist: Returned) -> None:
    """Names and addresses that changed places with the neighbours' refuse both rows."""
    for heading in ("Wie", "Waar"):
        column = worklist.column(heading)
        cells = [worklist.sheet.cell(worklist.row_of(case_id), column) for case_id in ("Z-1", "Z-2")]
        cells[0].value, cells[1].value = cells[1].value, cells[0].value
    outcome = settled(place, worklist.fill("Z-1", **VISIT).fill("Z-2", **VISIT).xlsx())
    assert (["SHEET_ROW_CHANGED"] * 2, []) == ([fault.code for fault in outcome.refused], kept(place))


def test_columns_without_names_may_be_left_out(place: Municipality, worklist: Returned) -> None:
    """A team that takes names and addresses off the sheet before it mails it is not punished for that."""
    for heading in ("Wie", "Waar", "Bereiken"):
        worklist.sheet.delete_cols(worklist.column(heading))
    outcome = settled(place, worklist.fill("Z-1", **VISIT).xlsx())
    assert (1, []) == (outcome.counts["attempts"], outcome.refused)


@pytest.mark.parametrize(
    ("separator", "encoding"), [(";", "cp1252"), (",", "utf-8-sig"), ("\t", "utf-16"), (";", "utf-8")]
)
def test_saved_as_csv_in_any_locale_it_counts(
    place: Municipality, worklist: Returned, separator: str, encoding: str
) -> None:
    """Semicolon, comma or tab, Western letters or Unicode, dates as text, a name that lost letters: all count."""
    worklist.fill("Z-1", **{**VISIT, "on": "4-11-2026"}, result=HELP, result_on=date(2026, 11, 5))
    worklist.fill("Z-2", **CALL)
    outcome = settled(place, worklist.csv(separator, encoding), "werklijst.csv")
    assert (2, 1, []) == (outcome.counts["attempts"], outcome.counts["results"], outcome.refused)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("{0.month}/{0.day}/{0.year}", "5-11-2026"),
        ("{0.day:02d}/{0.month:02d}/{0.year}", "5-11-2026"),
        ("{0.year}-{0.month:02d}-{0.day:02d} 00:00:00", "5 november 2026"),
        ("{0.month:02d}-{0.day:02d}-{0:%y}", "5/11/2026"),
        ("{0:%d-%b-%y}", "5-11-26"),
    ],
)
def test_csv_of_an_office_that_writes_dates_otherwise_counts(
    place: Municipality, worklist: Returned, written: str, typed: str
) -> None:
    """11/4 is the fourth of November where the probe came back as 12/31; what was typed otherwise stays Dutch."""
    worklist.fill("Z-1", **VISIT, result=HELP, result_on=typed)
    outcome = settled(place, worklist.csv(written=written), "werklijst.csv")
    assert [] == outcome.refused
    (attempt,), (result,) = kept(place), kept(place, tables.results)
    assert ("2026-11-04", "2026-11-05") == (attempt["attempted_on"], result["result_on"])


def test_csv_with_columns_moved_and_left_out_counts(place: Municipality, worklist: Returned) -> None:
    """The headings say what a column is, wherever it went."""
    said = reversed([HEADINGS[field] for field in VISIT])
    wanted = [SHEET_VERSION_HEADING, *said, CASE_ID_HEADING, "Waar", "row_code"]
    outcome = settled(place, worklist.fill("Z-2", **VISIT).csv(columns=wanted), "werklijst.csv")
    assert (1, []) == (outcome.counts["attempts"], outcome.refused)


def test_formula_in_csv_is_refused(place: Municipality, worklist: Returned) -> None:
    """What a spreadsheet would compute is not taken, in csv as in xlsx."""
    outcome = settled(place, worklist.fill("Z-1", **VISIT, by="=1+1").csv(), "werklijst.csv")
    assert [("FORMULA_FOUND", "by")] == [(fault.code, fault.column) for fault in outcome.refused]


def test_two_counsellors_on_one_case_are_told_and_nothing_is_lost(place: Municipality, worklist: Returned) -> None:
    """Both attempts count, the later end result stands and that is told; what did not stand lies under seal."""
    settled(place, worklist.fill("Z-1", **VISIT, result=HELP, result_on=date(2026, 11, 6)).xlsx())
    other = Returned.opened(sheet_of_neighbours(VERSION))
    other.fill("Z-1", **CALL, by="cd", result=NO_CONTACT, result_on=date(2026, 11, 5))
    outcome = settled(place, other.xlsx(), "werklijst van collega.xlsx")
    document, text = last_receipt(place)
    assert (2, HELP) == (len(kept(place)), kept(place, tables.results)[0]["result"])
    assert (1, [], "taken") == (outcome.counts["results_conflicting"], outcome.refused, document["result"])
    assert (["RESULT_OVERRULED"], True) == ([row["code"] for row in document["told"]], "Let op:" in text)
    (name,) = place.quarantined()
    with place.run(TODAY) as run:
        sealed = Returned.opened(follow_up_taking.open_refused(run, name))
    assert NO_CONTACT == sealed.sheet.cell(sealed.row_of("Z-1"), sealed.column("Resultaat")).value
    newer = other.fill("Z-1", result_on=date(2026, 11, 9)).xlsx()
    settled(place, newer, "werklijst (2).xlsx")
    assert (NO_CONTACT, "RESULT_REPLACED") == (
        kept(place, tables.results)[0]["result"],
        last_receipt(place)[0]["told"][0]["code"],
    )


def test_wrong_result_is_taken_back_on_the_sheet_and_does_not_come_back(
    place: Municipality, worklist: Returned
) -> None:
    """The case runs again without a result; the mistaken sheet returned once more ends nothing and says why."""
    mistaken = worklist.fill("Z-1", result="Inwoner is overleden").xlsx()
    settled(place, mistaken)
    settled(place, worklist.fill("Z-1", result=REOPEN).xlsx())
    assert {"Z-1": IN_PROGRESS, "Z-2": REVEALED} == states(place)
    outcome = settled(place, mistaken, "werklijst (1).xlsx")
    assert ({"Z-1": IN_PROGRESS, "Z-2": REVEALED}, []) == (states(place), outcome.refused)
    assert "Deze zaak is weer geopend." in last_receipt(place)[1]
    (result,) = kept(place, tables.results)
    assert (None, False) == (result["result"], result["has_consent_for_feedback"])


def test_visit_to_a_case_that_the_municipality_stopped_is_kept(place: Municipality, worklist: Returned) -> None:
    """The team could not know: its attempt counts, the case stays stopped, and the receipt says both."""
    with place.run(TODAY) as run, run.store.transaction("test", at="x", actor="x") as transaction:
        transaction.update(tables.cases, tables.cases.c.case_id == "Z-1", {"state": EXCLUDED})
    outcome = settled(place, worklist.fill("Z-1", **VISIT, result=HELP).xlsx())
    assert ([], 1, EXCLUDED) == (outcome.refused, len(kept(place)), states(place)["Z-1"])
    document, text = last_receipt(place)
    assert (["CASE_STOPPED"], True) == (
        [fault["code"] for fault in document["told"]],
        "De gemeente heeft deze zaak gestopt." in text,
    )


def test_list_of_last_month_still_counts_and_one_that_was_deleted_is_explained(
    place: Municipality, worklist: Returned
) -> None:
    """A late return is recorded on its case; a case that is gone after its term refuses its row alone."""
    with place.run(TODAY) as run, run.store.transaction("test", at=run.now, actor="test") as transaction:
        transaction.update(tables.cases, tables.cases.c.case_id == "Z-2", {"case_id": "Z-22"})
    outcome = settled(place, worklist.fill("Z-1", **VISIT).fill("Z-2", **VISIT).xlsx(), today=date(2026, 12, 15))
    assert (1, ["CASE_UNKNOWN"]) == (outcome.counts["attempts"], [fault.code for fault in outcome.refused])
    assert "bewaartermijn" in last_receipt(place)[1]


def test_list_of_a_team_that_no_longer_exists_counts(place: Municipality, worklist: Returned) -> None:
    """Teams merge; what they did before stays done."""
    teams = json.loads(place.home.teams_file.read_text())
    teams["teams"] = [
        {**team, "team_id": f"nieuw-{team['team_id']}", "name": "Nieuw team"} for team in teams["teams"]
    ]
    place.home.teams_file.write_text(json.dumps(teams))
    outcome = settled(place, worklist.fill("Z-1", **VISIT, result=HELP).xlsx(), "werklijst-noord.xlsx")
    with place.run(TODAY) as run:
        states = {row["case_id"]: row["state"] for row in rows_of_table(run, tables.cases)}
    assert (1, CLOSED) == (outcome.counts["attempts"], states["Z-1"])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("werklijst.xlsm", "FOLLOW_UP_MACRO"),
        ("werklijst.xlsb", "FOLLOW_UP_MACRO"),
        ("werklijst.ods", "FOLLOW_UP_KIND"),
        ("werklijst.xls", "FOLLOW_UP_KIND"),
        ("werklijst.pdf", "FOLLOW_UP_KIND"),
    ],
)
def test_another_kind_of_file_says_how_to_save_it(
    place: Municipality, worklist: Returned, name: str, code: str
) -> None:
    """Nothing of it is read, it leaves the inbox under seal, and the receipt says what to do."""
    outcome = settled(place, worklist.fill("Z-1", **VISIT).xlsx(), name)
    assert ([RowFault(code)], []) == (outcome.refused, kept(place))
    assert ".xlsx" in last_receipt(place)[1]


def test_a_file_with_pictures_of_a_whole_mail_is_refused_and_the_next_one_counts(
    place: Municipality, worklist: Returned
) -> None:
    """Eleven megabytes of photographs in the sheet, and one too large even to keep, hold nobody up."""
    buffer = BytesIO(worklist.fill("Z-1", **VISIT).xlsx())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_STORED) as package:
        package.writestr("xl/media/foto.jpg", b"\xff" * (11 << 20))
    huge = place.home.inbox_follow_up / "mail.eml"
    with huge.open("wb") as stream:
        stream.truncate(follow_up_taking.MOST_KEPT_BYTES + 1)
    (place.home.inbox_follow_up / "zwaar.xlsx").write_bytes(buffer.getvalue())
    outcome = settled(place, worklist.xlsx(), "werklijst.xlsx")
    assert ([RowFault("FOLLOW_UP_TOO_LARGE")] * 2, 1) == (outcome.refused, outcome.counts["attempts"])
    assert [huge] == list(place.home.inbox_follow_up.iterdir())


@pytest.fixture
def soffice() -> str:
    """LibreOffice; where it is missing its own files, committed, stand in for it (the next test)."""
    path = soffice_path()
    if path is None:
        message = "NO LIBREOFFICE: the round trip ran on committed files only. Install libreoffice-calc."
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)
    return path


def as_filled_in_at_the_office() -> bytes:
    """The sheet whose LibreOffice versions are committed: `python -m tests.integration.test_settle_returns`."""
    worklist = Returned.opened(sheet_of_neighbours(VERSION))
    worklist.fill("Z-1", 1, **CALL).fill("Z-1", 2, **VISIT, by="Öz")
    return worklist.fill("Z-2", **VISIT, result=HELP, result_on=date(2026, 11, 5), is_unsafe="Nee").xlsx()


@pytest.mark.parametrize(("kind", "locale"), [("xlsx", "nl-NL"), ("csv", "nl-NL"), ("csv", "en-US")])
def test_sheet_comes_back_through_libreoffice(
    place: Municipality, tmp_path: Path, soffice: str, kind: str, locale: str
) -> None:
    """Opened and saved in a Dutch or an American office, every row still says what it said."""
    source = tmp_path / "werklijst.xlsx"
    source.write_bytes(as_filled_in_at_the_office())
    assert_all_rows_count(place, converted(soffice, source, kind, tmp_path, locale).read_bytes(), kind)


@pytest.mark.parametrize("name", ["nl-NL.xlsx", "nl-NL.csv", "en-US.csv"])
def test_what_libreoffice_saved_earlier_is_read(place: Municipality, name: str) -> None:
    """The same, of files that LibreOffice 7.4 made and that are kept with the tests."""
    content = (FIXTURES / f"worklist-by-libreoffice-{name}").read_bytes()
    assert_all_rows_count(place, content, name.rpartition(".")[2])


def assert_all_rows_count(place: Municipality, content: bytes, kind: str) -> None:
    outcome = settled(place, content, f"werklijst.{kind}")
    assert (3, 1, []) == (outcome.counts["attempts"], outcome.counts["results"], outcome.refused)
    with place.run(TODAY) as run:
        states = {row["case_id"]: row["state"] for row in rows_of_table(run, tables.cases)}
    assert {"Z-1": IN_PROGRESS, "Z-2": CLOSED} == states
    assert {"2026-11-04"} == {row["attempted_on"] for row in kept(place)}
    assert "Öz" in {row["attempted_by"] for row in kept(place)}


def keep_libreoffice_files(soffice: str) -> None:
    """Make the committed files anew."""
    for name in ("nl-NL.xlsx", "nl-NL.csv", "en-US.csv"):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "werklijst.xlsx"
            source.write_bytes(as_filled_in_at_the_office())
            locale, _, kind = name.rpartition(".")
            made = converted(soffice, source, kind, Path(folder), locale)
            (FIXTURES / f"worklist-by-libreoffice-{name}").write_bytes(made.read_bytes())


if __name__ == "__main__":
    keep_libreoffice_files(soffice_path() or "soffice")
