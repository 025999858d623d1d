"""What a returned row does to attempts, results and states."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pipeline.stewardship.read_follow_up import FollowUp, read_line, read_sheet_row
from pipeline.stewardship.record_follow_up import CaseBook, KnownCase
from pipeline.stewardship.weigh_result import CaseResult, version_key
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS, OPENED, REVEALED
from pipeline.vocabulary.faults import RowFault
from tests.builders.follow_up import HELP, NO_CONTACT, after, attempt, book, line, settled, visit


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
        ({"next_appointment_on": "2062-10-05"}, "APPOINTMENT_TOO_FAR", "next_appointment_on"),
        ({"next_appointment_on": "2027-02-09"}, "APPOINTMENT_TOO_FAR", "next_appointment_on"),
        ({"next_appointment_on": "2026-11-02"}, "APPOINTMENT_BEFORE_CONTACT", "next_appointment_on"),
        (
            {"attempts": [attempt(on="2026-11-05")], "next_appointment_on": "2026-11-04"},
            "APPOINTMENT_BEFORE_CONTACT",
            "next_appointment_on",
        ),
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


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"attempts": [attempt(on="2026-11-02")]}, "on"),
        ({"result": HELP, "result_on": "2026-11-02"}, "result_on"),
    ],
)
def test_a_day_before_the_case_was_on_a_list_is_refused(changes: dict[str, Any], column: str) -> None:
    """Within the month of the case, and still before any team could know of it."""
    known = book()
    cases = {key: replace(case, first_shown_on=date(2026, 11, 3)) for key, case in known.cases.items()}
    known = replace(known, cases=cases)
    settlement = settled(read_line(line(**changes), 1), known=known)
    assert ([RowFault("DATE_BEFORE_CASE", column, 1)], {}) == (settlement.refused, settlement.states)


def test_a_visit_on_the_day_of_the_first_list_counts() -> None:
    """A crisis is visited on the day it is told."""
    known = book()
    cases = {key: replace(case, first_shown_on=date(2026, 11, 4)) for key, case in known.cases.items()}
    ended = line(attempts=[attempt(on="2026-11-04")], result=HELP, result_on="2026-11-04")
    settlement = settled(read_line(ended, 1), known=replace(known, cases=cases))
    assert ([], {"Z-1": (REVEALED, CLOSED)}) == (settlement.refused, settlement.states)


@pytest.mark.parametrize(
    ("version", "on", "codes"),
    [
        ("2026-11-03.1", "2026-11-03", []),
        ("2026-11-03.1", "2026-11-02", ["DATE_BEFORE_CASE"]),
        ("2026-11-06.1", "2026-11-05", []),
        ("2026-11-06.1", "2026-11-04", ["DATE_BEFORE_CASE"]),
        ("2026-09-30.1", "2026-10-01", []),
        ("2026-09-30.1", "2026-09-30", ["DATE_BEFORE_CASE"]),
        ("lijst 3", "2026-11-04", ["DATE_BEFORE_CASE"]),
        (None, "2026-11-04", ["DATE_BEFORE_CASE"]),
    ],
)
def test_the_sheet_of_a_row_bears_out_that_the_case_was_on_its_list(
    version: str | None, on: str, codes: list[str]
) -> None:
    """First shown on 5 November by the books: an earlier list that a team had counts, never before the month."""
    known = book()
    cases = {key: replace(case, first_shown_on=date(2026, 11, 5)) for key, case in known.cases.items()}
    said = read_line(line(sheet_version=version, attempts=[attempt(on=on)]), 1)
    settlement = settled(said, known=replace(known, cases=cases))
    assert codes == [fault.code for fault in settlement.refused]


def test_an_appointment_may_lie_ahead() -> None:
    """The day of the contact, and the ninetieth day from today, are fine days for an appointment."""
    for day in ("2026-11-04", "2026-12-01", "2027-02-08"):
        settlement = settled(read_line(line(attempts=[attempt()], next_appointment_on=day), 1))
        assert date.fromisoformat(day) == settlement.results["Z-1"].next_appointment_on


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
        told = [RowFault("UNSAFE_LEFT_ASIDE", "is_unsafe", 1)] if expected else []
        assert told == settlement.told


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


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["ATTEMPT_TWICE"]),
        ({"part_of_day": "Ochtend"}, ["ATTEMPT_TWICE"]),
        ({"part_of_day": None}, []),
        ({"is_reached": "Nee"}, []),
        ({"type": "Telefoon"}, []),
        ({"on": date(2026, 11, 5)}, []),
        ({"case_id": "Z-9"}, []),
    ],
)
@pytest.mark.parametrize("is_in_one_file", [True, False])
def test_the_part_of_the_day_filled_in_later_counts_as_two_and_is_told(
    changes: dict[str, Any], expected: list[str], is_in_one_file: bool
) -> None:
    """Whether it was one visit the team knows; either order of the two is told, and a copy of it no more."""
    blank = book()
    blank = replace(blank, cases={**blank.cases, "Z-9": KnownCase("Z-9", "2026-10", REVEALED, was_shown=True)})
    without, other = read_sheet_row(visit(part_of_day=None), 1), read_sheet_row(visit(**changes), 2)
    for rows in ((without, other), (other, without)):
        if is_in_one_file:
            settlement, known = settled(*rows, known=blank), blank
        else:
            known = after(blank, settled(rows[0], known=blank))
            settlement = settled(rows[1], known=known)
        assert [(code, "part_of_day") for code in expected] == [
            (fault.code, fault.column) for fault in settlement.told
        ]
        assert [] == settled(*rows, known=after(known, settlement)).told


def test_a_part_of_the_day_beside_a_mistake_is_no_second_attempt() -> None:
    """The one without was taken back before."""
    wrong = visit(part_of_day=None, is_reached="Vergissing: was Ja")
    rows = [read_sheet_row(row, number) for number, row in enumerate((visit(part_of_day=None), wrong, visit()), 1)]
    assert [] == settled(*rows).told
