"""An attempt that was written down by mistake is taken back, and stays so until a newer sheet says otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from pipeline.stewardship.read_follow_up import FollowUp, read_line, read_sheet_row
from pipeline.stewardship.record_follow_up import CaseBook
from pipeline.stewardship.weigh_result import CaseResult
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS, REVEALED
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.outcome import WITHDRAWN_NOT_REACHED, WITHDRAWN_REACHED
from tests.builders.follow_up import NO_CONTACT, after, attempt, book, line, settled, visit

MISTAKE = {"is_reached": WITHDRAWN_REACHED}
NEWER = "2026-11-05.1"


def returned(*files: FollowUp | RowFault, known: CaseBook | None = None) -> CaseBook:
    """The book after each row came in as a file of its own."""
    known = known or book()
    for row in files:
        known = after(known, settled(row, known=known))
    return known


def counting(known: CaseBook) -> list[tuple[str, bool]]:
    """Kind and whether somebody was reached, of the attempts that count."""
    kept = [item for _, item in known.attempts.values() if not item.is_withdrawn]
    return sorted((item.contact_type, item.is_reached) for item in kept)


def sheet_row(**changes: Any) -> FollowUp:
    return read_sheet_row(visit(**changes), 1)


@pytest.mark.parametrize("word", [WITHDRAWN_REACHED, WITHDRAWN_REACHED.upper(), "  vergissing:  was ja "])
def test_a_mistake_on_a_sheet_no_longer_counts(word: str) -> None:
    """Chosen, or typed in any case."""
    assert [] == counting(returned(sheet_row(), sheet_row(is_reached=word)))


def test_only_what_is_said_again_is_taken_back() -> None:
    """Of the same day: what was reached, another part of the day, another kind of contact."""
    others = [sheet_row(is_reached="Nee"), sheet_row(part_of_day="Ochtend"), sheet_row(type="Telefoon")]
    known = returned(*others, sheet_row(), sheet_row(**MISTAKE))
    assert [("Huisbezoek", False), ("Huisbezoek", True), ("Telefoon", True)] == counting(known)
    known = returned(sheet_row(is_reached=WITHDRAWN_NOT_REACHED), known=known)
    assert [("Huisbezoek", True), ("Telefoon", True)] == counting(known)


def test_right_and_wrong_may_stand_on_one_sheet_in_any_order() -> None:
    """The mistake, that it is one, and what was meant: returned once or twice, one attempt counts."""
    for order in permutations([sheet_row(**MISTAKE), sheet_row(is_reached="Nee"), sheet_row(type="Telefoon")]):
        known = returned(sheet_row())
        once = after(known, settled(*order, known=known))
        assert [("Huisbezoek", False), ("Telefoon", True)] == counting(once)
        assert settled(*order, known=once).is_empty


def test_the_sheet_of_before_does_not_bring_it_back() -> None:
    """A copy of the sheet with the mistake comes in late: nothing changes, and its team hears why."""
    known = returned(sheet_row(), sheet_row(**MISTAKE))
    late = settled(sheet_row(by="cd"), known=known)
    assert (True, [RowFault("ATTEMPT_WITHDRAWN", "attempts", 1)]) == (late.is_empty, late.told)


def test_a_newer_sheet_brings_it_back_and_then_the_older_mistake_is_old() -> None:
    """Who took the wrong one back says it again on a later list."""
    known = returned(sheet_row(), sheet_row(**MISTAKE), sheet_row(sheet_version=NEWER))
    assert [("Huisbezoek", True)] == counting(known)
    assert settled(sheet_row(**MISTAKE), known=known).is_empty
    assert [] == counting(returned(sheet_row(**MISTAKE, sheet_version=NEWER), known=known))


def test_what_was_never_written_down_cannot_be_taken_back() -> None:
    """The row is refused; a result on it does not count either."""
    settlement = settled(sheet_row(**MISTAKE, result=NO_CONTACT))
    assert [RowFault("ATTEMPT_UNKNOWN", "attempts", 1)] == settlement.refused
    assert settlement.is_empty


def test_an_attempt_of_another_case_cannot_be_taken_back() -> None:
    """An id belongs to one case."""
    known = returned(read_line(line(attempts=[attempt()]), 1))
    other = read_line(line(case_id="Z-2", withdrawn_attempts=["a-1"]), 1)
    assert ["CASE_NOT_SHOWN"] == [fault.code for fault in settled(other, known=known).refused]
    shown = CaseBook(
        {**known.cases, "Z-2": replace(known.cases["Z-1"], case_id="Z-2")}, known.attempts, known.results
    )
    assert ["ATTEMPT_UNKNOWN"] == [fault.code for fault in settled(other, known=shown).refused]


def test_a_line_takes_back_by_number_with_or_without_a_version() -> None:
    """A team's own system names the attempt; what it corrects afterwards stays withdrawn."""
    for version in ("2026-11-03.1", None):
        taken_back = read_line(line(sheet_version=version, withdrawn_attempts=["a-1"]), 1)
        known = returned(read_line(line(attempts=[attempt(), attempt("a-2")]), 1), taken_back)
        assert [("Huisbezoek", True)] == counting(known)
        corrected = settled(read_line(line(attempts=[attempt(is_reached=False)]), 1), known=known)
        assert (True, ["ATTEMPT_WITHDRAWN"]) == (corrected.is_empty, [fault.code for fault in corrected.told])


def test_a_line_names_an_attempt_of_a_case_that_merged_under_the_case_that_lives() -> None:
    """The list shows it there: it is said again, corrected and taken back; under a third case it is not."""
    merged = {"a-1": ("Z-3", returned(read_line(line(attempts=[attempt()]), 1)).attempts["a-1"][1])}
    known = replace(book(), attempts=merged, absorbed={"Z-1": frozenset({"Z-3"})})
    for said in ({"attempts": [attempt(is_reached=False)]}, {"withdrawn_attempts": ["a-1"]}):
        settlement = settled(read_line(line(**said), 1), known=known)
        assert ([], ["a-1"]) == (settlement.refused, list(settlement.corrected_attempts))
        assert 1 == len(settled(read_line(line(**said), 1), known=replace(known, absorbed={})).refused)


def test_a_withdrawal_is_no_contact() -> None:
    """It puts no case in progress, gives a result no day, and bars no appointment; a closed case stays closed."""
    known = returned(sheet_row())
    fresh = CaseBook(book().cases, known.attempts, {})
    taken_back = settled(sheet_row(**MISTAKE, next_appointment_on=date(2026, 11, 3)), known=fresh)
    assert ({}, []) == (taken_back.states, taken_back.refused)
    ended = settled(sheet_row(**MISTAKE, result=NO_CONTACT), known=known)
    assert date(2026, 11, 10) == ended.results["Z-1"].result_on
    assert {} == settled(sheet_row(**MISTAKE), known=CaseBook(book(CLOSED).cases, known.attempts, {})).states


def test_a_copy_of_the_sheet_with_the_mistake_is_no_contact_either() -> None:
    """What was taken back puts no shown case in progress, gives a result no day, and bars no appointment."""
    known = returned(sheet_row(), sheet_row(**MISTAKE))
    fresh = CaseBook(book().cases, known.attempts, {})
    late = settled(sheet_row(next_appointment_on=date(2026, 11, 3)), known=fresh)
    assert ({}, [], ["ATTEMPT_WITHDRAWN"]) == (late.states, late.refused, [fault.code for fault in late.told])
    ended = settled(sheet_row(result=NO_CONTACT), known=fresh)
    assert ({"Z-1": (REVEALED, CLOSED)}, date(2026, 11, 10)) == (ended.states, ended.results["Z-1"].result_on)


def test_a_case_of_which_no_attempt_is_left_is_not_taken_up() -> None:
    """The mistake was its only attempt: the case is as it was, and a visit that is no mistake takes it up."""
    known = returned(sheet_row(), sheet_row(**MISTAKE))
    assert (REVEALED, REVEALED) == (book().cases["Z-1"].state, known.cases["Z-1"].state)
    known = returned(sheet_row(part_of_day="Middag"), known=known)
    assert IN_PROGRESS == known.cases["Z-1"].state
    assert {} == settled(sheet_row(), sheet_row(**MISTAKE)).states


def test_a_case_that_was_tried_besides_stays_in_progress() -> None:
    """Also by an attempt on a case that merged into it, or on the very row."""
    known = returned(sheet_row(), sheet_row(type="Telefoon"), sheet_row(**MISTAKE))
    assert IN_PROGRESS == known.cases["Z-1"].state
    other = {"a-3": ("Z-3", read_line(line(attempts=[attempt("a-3")]), 1).attempts[0])}
    known = returned(sheet_row())
    merged = replace(known, attempts={**known.attempts, **other}, absorbed={"Z-1": frozenset({"Z-3"})})
    assert {} == settled(sheet_row(**MISTAKE), known=merged).states
    swapped = line(attempts=[attempt("a-2")], withdrawn_attempts=["a-1"])
    known = returned(read_line(line(attempts=[attempt()]), 1))
    assert {} == settled(read_line(swapped, 1), known=known).states


@pytest.mark.parametrize("result", [NO_CONTACT, None], ids=["result of before", "opened again"])
def test_a_case_that_ended_before_stays_taken_up(result: str | None) -> None:
    """It runs again because arrears rose, or because a team said so: without an attempt too."""
    stands = CaseResult(result=result, result_on=date(2026, 11, 5))
    known = returned(sheet_row(), known=book(IN_PROGRESS, Z_1=stands))
    assert {} == settled(sheet_row(**MISTAKE), known=known).states


@pytest.mark.parametrize(
    ("value", "code", "column"),
    [
        ("a-1", "LINE_INVALID", "withdrawn_attempts"),
        ([f"a-{number}" for number in range(101)], "LINE_INVALID", "withdrawn_attempts"),
        ([1], "VALUE_INVALID", "attempt_id"),
        (["a 1"], "VALUE_INVALID", "attempt_id"),
    ],
)
def test_a_line_that_takes_back_badly_is_refused(value: Any, code: str, column: str) -> None:
    """Not a list, too long a list, no number."""
    with pytest.raises(Refused) as caught:
        read_line(line(withdrawn_attempts=value), 1)
    assert (code, column) == (caught.value.code, caught.value.column)


def test_a_withdrawal_alone_is_not_a_blank_row() -> None:
    """Neither on a sheet nor in a line."""
    assert not sheet_row(**MISTAKE).is_blank
    assert not read_line({"case_id": "Z-1", "withdrawn_attempts": ["a-1"]}, 1).is_blank
