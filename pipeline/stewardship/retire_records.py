"""What is due for deletion, by the terms of the agreement, and the report that proves it.

Every class of data has a term in months, counted after the month a record belongs to; on the first day thereafter
it is due. A month falls under the shorter of two terms: that of the agreement that ruled it and of the newest one.
Records that carry an instant and no day are dated by the first retirement that saw them, so that the date of the
run stays the only clock. A month's signals wait until no delivery for it may arrive any more; a case that a team
still works on keeps its signals until it is closed; keys of a month go when its last signal has gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.vocabulary.agreement import Agreement, version_for
from pipeline.vocabulary.case import (
    CLOSED,
    DOUBTFUL,
    EXCLUDED,
    IN_PROGRESS,
    JOINED,
    LAPSED,
    MARK_RETRACTED,
    MERGED,
    OPENED,
    REVEALED,
    ROUTED,
    WITHDRAWN,
    WITHHELD,
)
from pipeline.vocabulary.period import add_months, month_of, month_start

SIGNALS = "signals"
CASES = "cases"
DELIVERIES = "deliveries"
QUARANTINE = "quarantine"
RECEIPTS = "receipts"
WORKLISTS = "worklists"
JOURNAL = "journal"
ANALYTICS = "analytics"
CLASSES = (SIGNALS, CASES, DELIVERIES, QUARANTINE, RECEIPTS, WORKLISTS, JOURNAL, ANALYTICS)

LAPSING_STATES = (OPENED, ROUTED, DOUBTFUL)
WORKED_ON_STATES = (REVEALED, IN_PROGRESS)
_POINTER = {MERGED: "merged_into", JOINED: "joined_to"}
ENDED_STATES = (CLOSED, WITHDRAWN, WITHHELD, EXCLUDED, MERGED, LAPSED, JOINED)


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms that hold on a day."""

    versions: tuple[Agreement, ...]
    today: date

    @property
    def newest(self) -> Agreement:
        """The newest version of the agreement."""
        return max(self.versions, key=lambda version: version.version)

    def months(self, data_class: str, month: str) -> int:
        """How many months a record of this month is kept after it."""
        ruling = version_for(self.versions, month) or self.newest
        return min(ruling.retention_months(data_class), self.newest.retention_months(data_class))

    def is_due(self, data_class: str, month: str) -> bool:
        """Whether the term of what belongs to this month has ended."""
        now = month_of(self.today)
        kept = self.months(data_class, month)
        if data_class == SIGNALS:
            kept = max(kept, self.newest.rule.late_months)
        return add_months(month, kept) < now

    def due_months(self, data_class: str, months: Iterable[str]) -> list[str]:
        """The months whose term has ended, in order."""
        return sorted(month for month in set(months) if self.is_due(data_class, month))

    def due_before(self, data_class: str) -> date:
        """What belongs to a day before this one is due, by the newest version."""
        kept = self.newest.retention_months(data_class)
        if data_class == SIGNALS:
            kept = max(kept, self.newest.rule.late_months)
        return month_start(add_months(month_of(self.today), -kept))

    def next_due_on(self, data_class: str, month: str) -> date:
        """The day on which what belongs to this month becomes due."""
        kept = self.months(data_class, month)
        if data_class == SIGNALS:
            kept = max(kept, self.newest.rule.late_months)
        return month_start(add_months(month, kept + 1))

    def seen_until(self, data_class: str, runs: Iterable[Mapping[str, Any]]) -> str:
        """Instants up to this one belong to a day that is due; empty when none does.

        Args:
            data_class: the class.
            runs: earlier retirements, retired_on and retired_at.
        """
        due = (str(run["retired_at"]) for day, run in _days_of(runs) if self.is_due(data_class, day[:7]))
        return max(due, default="")

    def journal_until(self, runs: Iterable[Mapping[str, Any]]) -> int:
        """The last line of the journal that a run of a day that is due had seen; 0 when there is none.

        Args:
            runs: earlier retirements, retired_on, retired_at and journal_seq.
        """
        due = (run["journal_seq"] or 0 for day, run in _days_of(runs) if self.is_due(JOURNAL, day[:7]))
        return max(due, default=0)


def _days_of(runs: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Earlier runs in the order in which they ran, each with the day that it stands for: its own or a later one.

    What a run saw is not older than what an earlier run saw: one that was given a day of years ago makes nothing
    old. One that was given a day far ahead keeps nothing longer, as long as the clock says that it ran before it.
    """
    latest = ""
    for run in sorted(runs, key=lambda run: run.get("journal_seq") or 0):
        own = str(run["retired_on"])
        latest = max(latest, own)
        yield min(latest, max(own, str(run.get("retired_at", ""))[:10])), run


def month_of_case(case: Mapping[str, Any]) -> str:
    """The month a case belongs to: that of its end, when it was closed, else its own.

    Args:
        case: month, state, result_on and last_attempt_on (ISO text or None).
    """
    days = [case["result_on"], case["last_attempt_on"]] if case["state"] == CLOSED else []
    return max([str(case["month"]), *(str(day)[:7] for day in days if day)])


def due_cases(cases: Sequence[Mapping[str, Any]], living: Collection[str], terms: Terms) -> list[str]:
    """Ids of cases that are due. What merged or joined stays as long as the case it points to: that one goes on.

    Args:
        cases: case_id, month, state, mark, merged_into, joined_to, result_on, last_attempt_on.
        living: ids of all cases that there are.
        terms: the terms.
    """
    due = {str(case["case_id"]) for case in cases if _is_ended(case) and terms.is_due(CASES, month_of_case(case))}
    pointing = {str(case["case_id"]): case[_POINTER[case["state"]]] for case in cases if case["state"] in _POINTER}
    while kept := {case_id for case_id in due if pointing.get(case_id) in living and pointing[case_id] not in due}:
        due -= kept
    return sorted(due)


def case_goes_on(case_id: str, cases: Mapping[str, Mapping[str, Any]], terms: Terms) -> date | None:
    """The first day on which a case is due, as it stands now; None while a team works on it or where it points.

    What no team saw yet lapses when its month's signals are due, and goes no sooner.

    Args:
        case_id: of the case.
        cases: all that there are, by id, as for due_cases.
        terms: the terms.
    """
    days: list[date] = []
    seen: set[str] = set()
    while case_id in cases and case_id not in seen:
        case = cases[case_id]
        if case["state"] in LAPSING_STATES and not _is_ended(case):
            days.append(terms.next_due_on(SIGNALS, str(case["month"])))
        elif not _is_ended(case):
            return None
        days.append(terms.next_due_on(CASES, month_of_case(case)))
        seen.add(case_id)
        case_id = str(case[_POINTER[case["state"]]]) if case["state"] in _POINTER else ""
    return max(days, default=None)


def _is_ended(case: Mapping[str, Any]) -> bool:
    """Whether nobody works on it any more; what was taken back after it was shown has nothing left to do."""
    return case["state"] in ENDED_STATES or case["mark"] == MARK_RETRACTED


def ended_months(key_months: Iterable[str], months_with_signals: Collection[str], terms: Terms) -> list[str]:
    """Months whose keys can open nothing that may still be opened."""
    return [month for month in terms.due_months(SIGNALS, key_months) if month not in months_with_signals]
