"""Terms: what is due on a day, and what may not go yet."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.stewardship.prove_destruction import LABELS, Destruction, proofs
from pipeline.stewardship.retire_records import (
    CASES,
    CLASSES,
    JOURNAL,
    QUARANTINE,
    SIGNALS,
    Terms,
    due_cases,
    ended_months,
)
from pipeline.vocabulary.agreement import Agreement


def agreement(
    version: int = 1, valid_from: str = "2026-01-01", valid_until: str | None = None, **retention: int
) -> Agreement:
    return Agreement.from_dict(
        {
            "format": "samenloop/agreement/1",
            "agreement_id": "a",
            "version": version,
            "gemeentecode": "GM9901",
            "municipality": "Oefenstad",
            "valid_from": valid_from,
            "valid_until": valid_until,
            "partners": [
                {"partner_id": "huur-a", "partner_type": "Huur", "name": "H", "valid_from": "2026-01-01"}
            ],
            "lanes": {"crisis": "count"},
            "retention": retention,
        }
    )


def terms(today: date, *versions: Agreement) -> Terms:
    return Terms(versions or (agreement(),), today)


def case(case_id: str = "Z-1", state: str = "closed", **changes: Any) -> dict[str, Any]:
    row = {"case_id": case_id, "month": "2026-10", "state": state, "mark": None, "merged_into": None}
    return {**row, "result_on": None, "last_attempt_on": None, **changes}


@pytest.mark.parametrize(
    ("today", "is_due"),
    [(date(2026, 10, 31), False), (date(2027, 4, 30), False), (date(2027, 5, 1), True), (date(2030, 1, 1), True)],
)
def test_a_month_is_due_on_the_first_day_after_its_term(today: date, is_due: bool) -> None:
    """Six months after October is until the end of April, not a day less or more."""
    assert is_due == terms(today).is_due(SIGNALS, "2026-10")
    assert date(2027, 5, 1) == terms(today).next_due_on(SIGNALS, "2026-10")


def test_due_before_and_is_due_say_the_same() -> None:
    """The date in the report is the first day of the first month that is kept, in every class and on every day."""
    for data_class in CLASSES:
        for today in (date(2027, 1, 1), date(2027, 2, 28), date(2028, 12, 31)):
            ruler = terms(today)
            kept_from = ruler.due_before(data_class)
            assert not ruler.is_due(data_class, f"{kept_from:%Y-%m}")
            last_due = date.fromordinal(kept_from.toordinal() - 1)
            assert ruler.is_due(data_class, f"{last_due:%Y-%m}")


def test_the_shorter_of_two_terms_holds() -> None:
    """A longer term later does not stretch what was promised; a shorter one holds at once."""
    first = agreement(1, valid_until="2026-10-31", signals=6)
    longer, shorter = agreement(2, "2026-11-01", signals=12), agreement(2, "2026-11-01", signals=3)
    assert terms(date(2027, 5, 1), first, longer).is_due(SIGNALS, "2026-10")
    assert terms(date(2027, 2, 1), first, shorter).is_due(SIGNALS, "2026-10")
    assert not terms(date(2027, 5, 1), first, longer).is_due(SIGNALS, "2026-11")


def test_a_month_for_which_deliveries_may_still_come_is_not_due() -> None:
    """A term shorter than the window for late deliveries waits for that window."""
    short = agreement(signals=0)
    assert not terms(date(2026, 12, 31), short).is_due(SIGNALS, "2026-10")
    assert terms(date(2027, 1, 1), short).is_due(SIGNALS, "2026-10")


def test_every_date_of_a_term_waits_for_late_deliveries() -> None:
    """The day in a report and the day in a resident's letter are those on which the signals really go."""
    short = terms(date(2026, 12, 31), agreement(signals=0))
    assert (date(2026, 10, 1), date(2027, 1, 1)) == (
        short.due_before(SIGNALS),
        short.next_due_on(SIGNALS, "2026-10"),
    )


def test_instants_are_dated_by_the_retirement_that_saw_them() -> None:
    """The clock of the machine is never compared with D: runs say which instants belong to which day."""
    runs = [
        {"retired_on": "2026-11-03", "retired_at": "2031-01-01T06:00:00Z"},
        {"retired_on": "2026-12-01", "retired_at": "2020-01-01T06:00:00Z"},
    ]
    assert "" == terms(date(2026, 12, 31)).seen_until(QUARANTINE, runs)
    assert "2031-01-01T06:00:00Z" == terms(date(2027, 1, 1)).seen_until(QUARANTINE, runs)
    assert "2031-01-01T06:00:00Z" == terms(date(2028, 1, 1)).seen_until(QUARANTINE, runs)
    assert "" == terms(date(2027, 1, 1)).seen_until(JOURNAL, runs)


def test_the_journal_goes_up_to_the_last_line_that_a_due_run_had_seen() -> None:
    """Of several runs that are due the one that saw most; what saw nothing, or is not due, counts for nothing."""
    runs = [
        {"retired_on": "2026-11-03", "journal_seq": 10},
        {"retired_on": "2026-11-04", "journal_seq": 20},
        {"retired_on": "2026-11-05", "journal_seq": None},
        {"retired_on": "2030-11-03", "journal_seq": 90},
    ]
    assert (0, 20) == (terms(date(2027, 1, 1)).journal_until(runs), terms(date(2032, 1, 1)).journal_until(runs))


@pytest.mark.parametrize(("mistyped", "seen"), [("2016-11-04", 20), ("2086-11-04", 10)])
def test_a_run_that_was_given_another_day_makes_nothing_old_and_keeps_nothing_longer(
    mistyped: str, seen: int
) -> None:
    """A run of years ago stands for the day before it; one far ahead hands its lines on to the next run."""
    runs = [
        {"retired_on": day, "retired_at": at, "journal_seq": seq}
        for day, at, seq in (
            ("2026-11-03", "2026-11-03T03:00:00Z", 10),
            (mistyped, "2026-11-04T03:00:00Z", 20),
            ("2026-12-05", "2026-12-05T03:00:00Z", 30),
        )
    ]
    kept, gone, later = date(2031, 11, 30), date(2031, 12, 1), date(2032, 1, 1)
    assert [0, seen, 30] == [terms(day).journal_until(runs) for day in (kept, gone, later)]
    assert "" == terms(date(2026, 12, 31)).seen_until(QUARANTINE, runs)
    assert runs[seen // 10 - 1]["retired_at"] == terms(date(2027, 1, 1)).seen_until(QUARANTINE, runs)


def test_a_closed_case_belongs_to_the_month_of_its_end() -> None:
    """The term runs from the last that was done, not from the month of the signals."""
    closed = case(result_on="2027-02-03", last_attempt_on="2027-03-09")
    months = agreement(cases=24)
    assert [] == due_cases([closed], set(), terms(date(2029, 3, 31), months))
    assert ["Z-1"] == due_cases([closed], set(), terms(date(2029, 4, 1), months))


@pytest.mark.parametrize("state", ["withdrawn", "withheld", "excluded", "lapsed"])
def test_a_case_that_was_never_closed_belongs_to_its_own_month(state: str) -> None:
    """What was recorded before it was taken back does not keep it longer."""
    ended = case(state=state, result_on="2027-02-03", last_attempt_on="2027-03-09")
    months = agreement(cases=24)
    assert [] == due_cases([ended], set(), terms(date(2028, 10, 31), months))
    assert ["Z-1"] == due_cases([ended], set(), terms(date(2028, 11, 1), months))


@pytest.mark.parametrize("state", ["opened", "routed", "doubtful", "revealed", "in_progress"])
def test_a_case_that_is_not_ended_is_never_due(state: str) -> None:
    """What somebody still works on, or what must lapse first, stays."""
    assert [] == due_cases([case(state=state)], set(), terms(date(2040, 1, 1)))


def test_a_case_that_was_taken_back_after_it_was_shown_is_ended() -> None:
    """A retracted case has nothing left to do and goes by the term of cases."""
    assert ["Z-1"] == due_cases([case(state="revealed", mark="retracted")], set(), terms(date(2028, 11, 1)))


def test_what_merged_stays_as_long_as_the_case_it_points_to() -> None:
    """A team may still return a sheet with the former number, through a chain of merges too."""
    merged = [
        case("Z-1", "merged", merged_into="Z-2"),
        case("Z-2", "merged", merged_into="Z-3"),
        case("Z-3", "closed", result_on="2027-06-01"),
    ]
    living = {"Z-2", "Z-3"}
    assert [] == due_cases(merged, living, terms(date(2028, 11, 1)))
    assert ["Z-1", "Z-2", "Z-3"] == due_cases(merged, living, terms(date(2029, 7, 1)))


@pytest.mark.parametrize(("state", "pointer"), [("merged", "merged_into"), ("joined", "joined_to")])
def test_what_points_to_a_case_goes_with_it_or_after_it(state: str, pointer: str) -> None:
    """As long as that case is there it stays; when it has gone already, erased perhaps, nothing keeps it."""
    pointing = case("Z-1", state, **{"joined_to": None, pointer: "Z-2"})
    day = terms(date(2040, 1, 1))
    assert [] == due_cases([pointing], {"Z-2"}, day)
    assert ["Z-1"] == due_cases([pointing], set(), day)


def test_keys_of_a_month_go_when_its_last_signal_has_gone() -> None:
    """Due months without signals are over; a running case keeps the keys of its month."""
    today = terms(date(2027, 6, 1))
    assert ["2026-09", "2026-11"] == ended_months(["2026-09", "2026-10", "2026-11", "2026-12"], {"2026-10"}, today)


def test_the_report_says_when_something_should_have_gone() -> None:
    """A proof that counts what is left is not complete, and says so in both forms."""
    names = dict.fromkeys(LABELS, "2026-05-01")
    classes = proofs({SIGNALS: 6, CASES: 24}, names, {SIGNALS: 5}, {SIGNALS: 2}, {SIGNALS: (3, "loopt nog")})
    report = Destruction(
        "GM9901", "Oefenstad", "2026-11-03", 1, classes, ("k-1",), ("k-2",), ("2026-04",), 41, True, False
    )
    text = report.text().decode()
    assert (2, False) == (report.remaining_count, report.document()["is_complete"])
    assert all(part in text for part in ("LET OP: 2", "bewaard: 3, want loopt nog", "k-1", "k-2", "PostgreSQL"))
    assert "bij hun zaak blijven: 41." in text
    assert list(LABELS) == [row["data_class"] for row in report.document()["classes"]]
