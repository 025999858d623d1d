"""What returned follow-up changes: attempts, results and states of cases.

An attempt counts once, by its id; the same id with other content corrects it. One that was written down by mistake
is withdrawn: it stays known, so that the sheet it came from does not bring it back. A first attempt puts a case in
progress, and when none is left that counts it goes back; an end result closes it, and a team that says so opens it
again. A row that cannot be taken is refused as a whole, and the rest counts; on a case that the municipality
stopped, attempts count and nothing else. No day lies before the first list that a case was on: it is a typing
error, and would make the figures of how soon a team went wrong. The store may have lost that list, by a restore or
by an opener that was stopped; a row that comes back from it is proof enough. A next appointment lies within ninety
days and not before what it follows: a mistyped year would take a case out of sight.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from pipeline.stewardship.read_follow_up import SHEET_ATTEMPT, Attempt, FollowUp, sheet_attempt_id
from pipeline.stewardship.weigh_attempts import WeighedAttempts, weigh_attempts
from pipeline.stewardship.weigh_result import CaseResult, Weighed, day_of_version, version_key, weigh
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS, MERGED, REVEALED, SEEN_STATES, check_transition
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.period import month_start

MOST_APPOINTMENT_DAYS = 90
KEPT_LATER = "later_kept"
KEPT_EARLIER = "earlier_kept"
_KEPT = {"RESULT_REPLACED": KEPT_LATER, "RESULT_OVERRULED": KEPT_EARLIER}


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A case as far as follow-up needs it. `was_shown`: it, or a case that merged into it, was on a worklist.

    `first_shown_on`: the day of the first of those worklists, where it is known.
    """

    case_id: str
    month: str
    state: str
    was_shown: bool
    merged_into: str | None = None
    team_id: str | None = None
    first_shown_on: date | None = None


@dataclass(frozen=True, slots=True)
class CaseBook:
    """What is known of the cases that rows name: cases by id, attempts by id with their case, results by case.

    `absorbed`: a case to the cases that merged into it, however far on.
    """

    cases: Mapping[str, KnownCase]
    attempts: Mapping[str, tuple[str, Attempt]]
    results: Mapping[str, CaseResult]
    absorbed: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Settlement:
    """What must be written, and `told`, what the team must know.

    `repeated_attempts`: said again as they stand, by a newer sheet. `states`: case to its state before and after.
    """

    new_attempts: dict[str, tuple[str, Attempt]] = field(default_factory=dict)
    corrected_attempts: dict[str, tuple[str, Attempt]] = field(default_factory=dict)
    repeated_attempts: dict[str, tuple[str, Attempt]] = field(default_factory=dict)
    results: dict[str, CaseResult] = field(default_factory=dict)
    states: dict[str, tuple[str, str]] = field(default_factory=dict)
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    told: list[RowFault] = field(default_factory=list)
    refused: list[RowFault] = field(default_factory=list)
    new_result_count: int = 0
    rows_counted: int = 0
    rows_blank: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing new was said."""
        attempts = self.new_attempts or self.corrected_attempts or self.repeated_attempts
        return not (attempts or self.results or self.states)


def settle_rows(rows: Iterable[FollowUp | RowFault], book: CaseBook, today: date) -> Settlement:
    """Decide on the rows of one returned file, in order; refused rows change nothing."""
    desk = _Desk(book, today)
    for row in rows:
        if isinstance(row, RowFault):
            desk.settlement.refused.append(row)
        elif row.is_blank:
            desk.settlement.rows_blank += 1
        else:
            desk.take(row)
    return desk.settlement


class _Desk:
    """Goes through the rows of one file; later rows see what earlier rows changed."""

    def __init__(self, book: CaseBook, today: date) -> None:
        self.book = book
        self.today = today
        self.settlement = Settlement()

    def take(self, row: FollowUp) -> None:
        try:
            case = self._case_of(row)
            self._check_days(row, case)
            row = self._with_known_mistakes(row, case)
            attempts = weigh_attempts(row, case.case_id, self._attempt)
            counting = replace(row, attempts=attempts.counting)
            self._check_appointment(counting)
            before = self._state_of(case)
            weighed = weigh(counting, self._result(case), before, self.today)
            is_untried = attempts.has_mistakes and self._is_untried(case, attempts)
            after = self._state_after(counting, before, weighed, is_untried=is_untried)
        except Refused as refusal:
            self.settlement.refused.append(RowFault(refusal.code, refusal.column, row.row))
            return
        self._tell_of_twins(row, case, attempts)
        self._write_attempts(row, attempts)
        self._write_result(row, case, weighed)
        self.settlement.new_result_count += weighed.is_closing
        if after != before:
            first = self.settlement.states.pop(case.case_id, (before, before))[0]
            if after != first:
                self.settlement.states[case.case_id] = (first, after)
        self.settlement.rows_counted += 1

    def _case_of(self, row: FollowUp) -> KnownCase:
        """The case a row is about; one that merged is followed to the case that lives on."""
        case = self.book.cases.get(row.case_id)
        seen: set[str] = set()
        while case is not None and case.state == MERGED and case.merged_into and case.case_id not in seen:
            seen.add(case.case_id)
            case = self.book.cases.get(case.merged_into)
        if case is None:
            raise Refused("CASE_UNKNOWN", "case_id")
        if not case.was_shown:
            raise Refused("CASE_NOT_SHOWN", "case_id")
        return case

    def _check_days(self, row: FollowUp, case: KnownCase) -> None:
        first = _first_day(row, case)
        days: list[tuple[str, date | None]] = [("on", attempt.attempted_on) for attempt in row.attempts]
        days += [("result_on", row.result_on), ("next_appointment_on", row.next_appointment_on)]
        for column, day in days:
            if day is not None and day > self.today and column != "next_appointment_on":
                raise Refused("DATE_AHEAD", column)
            if day is not None and day < first:
                raise Refused("DATE_BEFORE_CASE", column)

    def _check_appointment(self, row: FollowUp) -> None:
        appointment = row.next_appointment_on
        if appointment is None:
            return
        if appointment > self.today + timedelta(days=MOST_APPOINTMENT_DAYS):
            raise Refused("APPOINTMENT_TOO_FAR", "next_appointment_on")
        known = [attempt.attempted_on for attempt in row.attempts]
        sheet_day = day_of_version(row.sheet_version)
        known += [sheet_day] if sheet_day is not None else []
        if any(appointment < day for day in known):
            raise Refused("APPOINTMENT_BEFORE_CONTACT", "next_appointment_on")

    def _with_known_mistakes(self, row: FollowUp, case: KnownCase) -> FollowUp:
        """The row with the ids of the attempts that it takes back; nothing in it is of another case."""
        own = {case.case_id, row.case_id, *self.book.absorbed.get(case.case_id, ())}
        for attempt in row.attempts:
            known = self._attempt(attempt.attempt_id)
            if known is not None and known[0] not in own:
                raise Refused("CASE_TWICE", "attempt_id")
        return replace(row, withdrawn=tuple(self._meant(row, attempt_id, own) for attempt_id in row.withdrawn))

    def _meant(self, row: FollowUp, attempt_id: str, own: Collection[str]) -> str:
        """The attempt that a row takes back: on a sheet also one of a case that merged, which the list shows.

        Where an older sheet took back the one of its own row already, this one means another; the same sheet
        returned again does not.
        """
        ids = [attempt_id]
        if row.mistake is not None and row.mistake.attempt_id == attempt_id:
            ids += [sheet_attempt_id(case_id, row.mistake) for case_id in sorted(own) if case_id != row.case_id]
        known = {one: found[1] for one in ids if (found := self._attempt(one)) is not None and found[0] in own}
        if not known:
            raise Refused("ATTEMPT_UNKNOWN", "attempts")
        said_in = version_key(row.sheet_version)
        spoken = (
            one for one, it in known.items() if not (it.is_withdrawn and version_key(it.sheet_version) < said_in)
        )
        return next(spoken, next(iter(known)))

    def _attempt(self, attempt_id: str) -> tuple[str, Attempt] | None:
        for known in (
            self.settlement.new_attempts,
            self.settlement.corrected_attempts,
            self.settlement.repeated_attempts,
            self.book.attempts,
        ):
            if attempt_id in known:
                return known[attempt_id]
        return None

    def _state_of(self, case: KnownCase) -> str:
        return self.settlement.states.get(case.case_id, ("", case.state))[1]

    def _is_untried(self, case: KnownCase, weighed: WeighedAttempts) -> bool:
        """Whether no attempt that counts is left of a case, and it never ended either."""
        ended = self._result(case)
        if ended.result is not None or ended.is_reopened:
            return False
        return all(attempt.is_withdrawn for attempt in self._standing(case, weighed))

    def _standing(self, case: KnownCase, weighed: WeighedAttempts) -> list[Attempt]:
        """The attempts of a case and of what merged into it, as they stand after a row."""
        own = {case.case_id, *self.book.absorbed.get(case.case_id, ())}
        said = self.settlement
        layers = (said.repeated_attempts, said.corrected_attempts, said.new_attempts, weighed.stand)
        stand = dict(self.book.attempts)
        for layer in layers:
            stand |= layer
        return [attempt for case_id, attempt in stand.values() if case_id in own]

    def _tell_of_twins(self, row: FollowUp, case: KnownCase, weighed: WeighedAttempts) -> None:
        """A visit of which the part of the day was filled in later counts as a second one: whoever went knows."""
        new = [one for one in weighed.counting if self._attempt(one.attempt_id) is None]
        others = [one for one in self._standing(case, weighed) if not one.is_withdrawn] if new else []
        if any(_may_be_one(one, other) for one in new for other in others):
            self.settlement.told.append(RowFault("ATTEMPT_TWICE", "part_of_day", row.row))

    def _state_after(self, row: FollowUp, before: str, weighed: Weighed, *, is_untried: bool) -> str:
        """A case that is on its way back to a worklist takes attempts, but cannot end before it is there."""
        after = before
        if before == REVEALED and row.attempts:
            after = IN_PROGRESS
        if before == IN_PROGRESS and is_untried:
            check_transition(after, REVEALED)
            after = REVEALED
        if weighed.is_closing:
            if before not in SEEN_STATES:
                raise Refused("CASE_NOT_SHOWN", "result")
            check_transition(after, CLOSED)
            after = CLOSED
        if weighed.is_reopening:
            check_transition(after, IN_PROGRESS)
            after = IN_PROGRESS
        return after

    def _result(self, case: KnownCase) -> CaseResult:
        return self.settlement.results.get(case.case_id) or self.book.results.get(case.case_id) or CaseResult()

    def _write_attempts(self, row: FollowUp, weighed: WeighedAttempts) -> None:
        for attempt_id, stands in weighed.stand.items():
            self._keep_attempt(attempt_id, stands)
        self.settlement.told += [RowFault(code, "attempts", row.row) for code in weighed.told]

    def _keep_attempt(self, attempt_id: str, stands: tuple[str, Attempt]) -> None:
        """Keep what stands as new, as said otherwise, or as said again by a newer sheet."""
        settlement, known = self.settlement, self.book.attempts.get(attempt_id)
        for place in (settlement.new_attempts, settlement.corrected_attempts, settlement.repeated_attempts):
            place.pop(attempt_id, None)
        if known is None:
            settlement.new_attempts[attempt_id] = stands
        elif known == (stands[0], replace(stands[1], sheet_version=known[1].sheet_version)):
            if known != stands:
                settlement.repeated_attempts[attempt_id] = stands
        else:
            settlement.corrected_attempts[attempt_id] = stands

    def _write_result(self, row: FollowUp, case: KnownCase, weighed: Weighed) -> None:
        for code, column in weighed.told:
            self.settlement.told.append(RowFault(code, column, row.row))
            if code in _KEPT:
                self.settlement.conflicts.append((case.case_id, _KEPT[code]))
        if weighed.result != self._result(case):
            self.settlement.results[case.case_id] = weighed.result


def _may_be_one(one: Attempt, other: Attempt) -> bool:
    """Whether two attempts on sheets differ only in that one of them lacks the part of the day."""
    said, also = (
        (it.attempt_id.startswith(SHEET_ATTEMPT), it.contact_type, it.is_reached, it.attempted_on)
        for it in (one, other)
    )
    return said == also and said[0] and (one.part_of_day is None) != (other.part_of_day is None)


def _first_day(row: FollowUp, case: KnownCase) -> date:
    """The first day that a row may speak of: that of the case's first list, or of the earlier one it came from."""
    first_of_month = month_start(case.month)
    if case.first_shown_on is None:
        return first_of_month
    sheet_day = day_of_version(row.sheet_version) or case.first_shown_on
    return max(first_of_month, min(case.first_shown_on, sheet_day))
