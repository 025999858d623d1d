"""What a returned row means, and what it does to attempts, results and states."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.stewardship.answer_follow_up import told_name, words_of
from pipeline.stewardship.read_follow_up import FORMULA, FollowUp, read_line, read_sheet_row
from pipeline.stewardship.record_follow_up import (
    CaseBook,
    CaseResult,
    KnownCase,
    Settlement,
    settle_rows,
    version_key,
)
from pipeline.vocabulary import faults
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS, MERGED, OPENED, REVEALED
from pipeline.vocabulary.faults import FAULTS, Refused, RowFault

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas" / "follow_up"
TODAY = date(2026, 11, 10)
NO_CONTACT = "Definitief geen contact kunnen krijgen"
HELP = "Vervolghulp en/of verwijzing"


def line(**changes: Any) -> dict[str, Any]:
    return {"case_id": "Z-1", "sheet_version": "2026-11-03.1", **changes}


def attempt(attempt_id: str = "a-1", **changes: Any) -> dict[str, Any]:
    base = {"attempt_id": attempt_id, "type": "Huisbezoek", "is_reached": True, "on": "2026-11-04"}
    return {**base, "part_of_day": "Avond", "by": "ab", **changes}


def sheet(**changes: Any) -> dict[str, Any]:
    return {"case_id": "Z-1", "sheet_version": "2026-11-03.1", **changes}


def visit(**changes: Any) -> dict[str, Any]:
    return sheet(
        **{"type": "Huisbezoek", "is_reached": "Ja", "on": date(2026, 11, 4), "part_of_day": "Avond", **changes}
    )


def book(state: str = REVEALED, **results: CaseResult) -> CaseBook:
    cases = {
        "Z-1": KnownCase("Z-1", "2026-10", state, was_shown=True),
        "Z-2": KnownCase("Z-2", "2026-10", OPENED, was_shown=False),
        "Z-3": KnownCase("Z-3", "2026-10", MERGED, was_shown=True, merged_into="Z-1"),
    }
    return CaseBook(cases, {}, {key.replace("_", "-"): value for key, value in results.items()})


def settled(*rows: FollowUp | RowFault, known: CaseBook | None = None) -> Settlement:
    return settle_rows(rows, known or book(), TODAY)


def after(known: CaseBook, settlement: Settlement) -> CaseBook:
    """What is known once a settlement was written."""
    cases = {
        case_id: replace(case, state=settlement.states.get(case_id, ("", case.state))[1])
        for case_id, case in known.cases.items()
    }
    attempts = {**known.attempts, **settlement.new_attempts, **settlement.corrected_attempts}
    return CaseBook(cases, attempts, {**known.results, **settlement.results})


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
        ({"attempts": [attempt(by="x" * 41)]}, "TEXT_TOO_LONG", "by"),
        ({"attempts": [attempt(name="Jansen")]}, "LINE_INVALID", "attempts"),
        ({"attempts": "a-1"}, "LINE_INVALID", "attempts"),
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


def test_a_first_attempt_puts_a_case_in_progress() -> None:
    """revealed → in progress by an attempt."""
    settlement = settled(read_line(line(attempts=[attempt()]), 1))
    assert {"Z-1": (REVEALED, IN_PROGRESS)} == settlement.states
    assert ["a-1"] == list(settlement.new_attempts)


def test_an_end_result_closes_a_case() -> None:
    """A result closes, also when it comes with the first attempt."""
    both = settled(read_line(line(attempts=[attempt()], result=NO_CONTACT, result_on="2026-11-05"), 1))
    alone = settled(read_line(line(result=NO_CONTACT, result_on="2026-11-05"), 1))
    assert {"Z-1": (REVEALED, CLOSED)} == both.states == alone.states


def test_a_returned_file_twice_changes_nothing() -> None:
    """The same rows once more, in the same file or a later one, find everything done."""
    rows = [
        read_line(line(attempts=[attempt()], is_unsafe=True, next_appointment_on="2026-11-12"), 1),
        read_sheet_row(visit(result=HELP), 2),
    ]
    known = book()
    once = settled(*rows, known=known)
    assert settled(*rows, *rows, known=known).states == once.states
    assert settled(*rows, known=after(known, once)).is_empty


def test_an_attempt_with_the_same_id_corrects_and_does_not_count_again() -> None:
    """Another content under a known id replaces what was recorded."""
    known = after(book(), settled(read_line(line(attempts=[attempt()]), 1)))
    settlement = settled(read_line(line(attempts=[attempt(is_reached=False)]), 1), known=known)
    assert {} == settlement.new_attempts
    assert [False] == [item.is_reached for _, item in settlement.corrected_attempts.values()]


def test_an_attempt_id_of_another_case_is_refused() -> None:
    """One id cannot count for two cases."""
    known = book()
    known = CaseBook({**known.cases, "Z-9": KnownCase("Z-9", "2026-10", REVEALED, was_shown=True)}, {}, {})
    settlement = settled(
        read_line(line(attempts=[attempt()]), 1),
        read_line(line(case_id="Z-9", attempts=[attempt()]), 2),
        known=known,
    )
    assert [RowFault("CASE_TWICE", "attempt_id", 2)] == settlement.refused


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"case_id": "Z-99", "is_unsafe": True}, "CASE_UNKNOWN", "case_id"),
        ({"case_id": "Z-2", "is_unsafe": True}, "CASE_NOT_SHOWN", "case_id"),
        ({"attempts": [attempt(on="2026-11-11")]}, "DATE_AHEAD", "on"),
        ({"result": HELP, "result_on": "2026-11-11"}, "DATE_AHEAD", "result_on"),
        ({"attempts": [attempt(on="2025-11-04")]}, "DATE_BEFORE_CASE", "on"),
        ({"next_appointment_on": "2025-11-04"}, "DATE_BEFORE_CASE", "next_appointment_on"),
    ],
)
def test_a_row_that_cannot_be_is_refused_and_the_rest_counts(
    changes: dict[str, Any], code: str, column: str
) -> None:
    """A row about an unknown case or an impossible day changes nothing; its neighbours count."""
    good = read_line(line(attempts=[attempt("good")]), 2)
    settlement = settled(read_line(line(**changes), 1), good)
    assert [RowFault(code, column, 1)] == settlement.refused
    assert (["good"], 1) == (list(settlement.new_attempts), settlement.rows_counted)


def test_an_appointment_may_lie_ahead() -> None:
    """Tomorrow is a fine day for an appointment."""
    settlement = settled(read_line(line(next_appointment_on="2026-12-01"), 1))
    assert date(2026, 12, 1) == settlement.results["Z-1"].next_appointment_on
    assert {} == settlement.states


def result_of(*results: tuple[str, str | None, str]) -> CaseResult:
    """The result that stands after rows (result, result_on, sheet_version) came in, one file each."""
    known = book()
    for row, (result, on, version) in enumerate(results, 1):
        said = FollowUp(row, "Z-1", version, result=result, result_on=on and date.fromisoformat(on))
        known = after(known, settled(said, known=known))
    return known.results["Z-1"]


@pytest.mark.parametrize(
    ("first", "second", "stands"),
    [
        ((HELP, "2026-11-05", "2026-11-03.1"), (NO_CONTACT, "2026-11-06", "2026-11-04.1"), NO_CONTACT),
        ((HELP, "2026-11-06", "2026-11-03.1"), (NO_CONTACT, "2026-11-05", "2026-11-04.1"), HELP),
        ((HELP, "2026-11-05", "2026-11-03.1"), (NO_CONTACT, "2026-11-05", "2026-11-03.1"), NO_CONTACT),
        ((HELP, "2026-11-05", "2026-11-04.1"), (NO_CONTACT, "2026-11-05", "2026-11-03.1"), HELP),
        ((HELP, "2026-11-05", "2026-11-04.1"), (NO_CONTACT, None, "2026-11-03.1"), HELP),
        ((HELP, "2026-11-05", "2026-11-03.1"), (NO_CONTACT, None, "2026-11-04.1"), NO_CONTACT),
    ],
)
def test_of_two_end_results_the_later_one_stands(first: Any, second: Any, stands: str) -> None:
    """The later date wins; of one date the one that came last, unless its sheet is older."""
    assert stands == result_of(first, second).result


def test_a_conflict_is_told() -> None:
    """Two different end results are a line in the journal, whichever stands."""
    known = after(book(), settled(FollowUp(1, "Z-1", result=HELP, result_on=date(2026, 11, 6))))
    later = settled(FollowUp(1, "Z-1", result=NO_CONTACT, result_on=date(2026, 11, 7)), known=known)
    earlier = settled(FollowUp(1, "Z-1", result=NO_CONTACT, result_on=date(2026, 11, 5)), known=known)
    assert [("Z-1", "later_kept")] == later.conflicts
    assert [("Z-1", "earlier_kept")] == earlier.conflicts


def test_a_case_that_was_taken_up_again_is_not_closed_by_the_old_sheet() -> None:
    """Closed, reopened because arrears rose: the result that stood before does not close it once more."""
    said = FollowUp(1, "Z-1", "2026-11-03.1", result=HELP, result_on=date(2026, 11, 5))
    known = after(book(), settled(said))
    reopened = CaseBook({"Z-1": KnownCase("Z-1", "2026-10", IN_PROGRESS, was_shown=True)}, {}, known.results)
    assert {} == settled(said, known=reopened).states
    again = replace(said, result_on=date(2026, 11, 9))
    assert {"Z-1": (IN_PROGRESS, CLOSED)} == settled(again, known=reopened).states


def test_an_unsafe_mark_goes_only_by_a_newer_sheet() -> None:
    """Whoever says "safe" must have had the sheet that warns."""
    unsafe = FollowUp(1, "Z-1", "2026-11-03.1", is_unsafe=True)
    known = after(book(), settled(unsafe))
    for version, expected in (
        ("2026-11-03.1", True),
        (None, True),
        ("2026-11-02.4", True),
        ("2026-11-04.1", False),
    ):
        settlement = settled(FollowUp(1, "Z-1", version, is_unsafe=False), known=known)
        assert expected == after(known, settlement).results["Z-1"].is_unsafe


def test_an_older_sheet_does_not_take_back_appointment_or_consent() -> None:
    """A sheet that comes back late changes neither the newer appointment nor the newer "no"."""
    newer = FollowUp(1, "Z-1", "2026-11-05.1", next_appointment_on=date(2026, 11, 20), has_consent=False)
    older = FollowUp(1, "Z-1", "2026-11-03.1", next_appointment_on=date(2026, 11, 12), has_consent=True)
    known = after(book(), settled(newer))
    result = after(known, settled(older, known=known)).results["Z-1"]
    assert (date(2026, 11, 20), False) == (result.next_appointment_on, result.has_consent)


def test_follow_up_of_a_merged_case_counts_for_the_case_that_lives_on() -> None:
    """A sheet of before the merge still counts."""
    settlement = settled(read_line(line(case_id="Z-3", attempts=[attempt()]), 1))
    assert {"Z-1": (REVEALED, IN_PROGRESS)} == settlement.states
    assert ["Z-1"] == [case_id for case_id, _ in settlement.new_attempts.values()]


def test_a_case_on_its_way_back_to_a_worklist_takes_attempts_but_no_end() -> None:
    """Shown before, not shown now: the visit counts, the result waits for the new list."""
    known = CaseBook({"Z-1": KnownCase("Z-1", "2026-10", OPENED, was_shown=True)}, {}, {})
    tried = settled(read_line(line(attempts=[attempt()]), 1), known=known)
    ended = settled(read_line(line(attempts=[attempt()], result=HELP), 1), known=known)
    assert (1, {}) == (len(tried.new_attempts), tried.states)
    assert ([RowFault("CASE_NOT_SHOWN", "result", 1)], {}) == (ended.refused, ended.new_attempts)


def test_sheet_versions_are_ordered_by_their_numbers() -> None:
    """The tenth list of a day comes after the ninth; no version comes first."""
    versions = ["2026-11-03.10", None, "2026-11-03.9", "2026-10-30.2"]
    assert [None, "2026-10-30.2", "2026-11-03.9", "2026-11-03.10"] == sorted(versions, key=version_key)


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
