"""What a row says of a case as a whole, weighed against what was said before.

Of two end results the one with the later date stands, of the same date the one that came in last; consent goes
with the result that it was given for. A sheet that is older than the one that spoke last takes nothing back; what
is left aside is told. A closed case is opened again where a team says that its result was not right; then only a
newer sheet or a later day ends it, so that the same mistake returned twice does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from pipeline.stewardship.read_follow_up import FollowUp
from pipeline.vocabulary.case import CLOSED, EXCLUDED
from pipeline.vocabulary.outcome import REOPEN


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What teams said about a case as a whole. One per case.

    A day without a result is the day on which the case was opened again.
    """

    result: str | None = None
    result_on: date | None = None
    has_consent: bool = False
    next_appointment_on: date | None = None
    is_unsafe: bool = False
    sheet_version: str | None = None

    @property
    def is_reopened(self) -> bool:
        """Whether a result was taken back and none came since."""
        return self.result is None and self.result_on is not None


@dataclass(frozen=True, slots=True)
class Weighed:
    """What stands after a row; `told` are code and column of what was left aside."""

    result: CaseResult
    is_closing: bool = False
    is_reopening: bool = False
    told: tuple[tuple[str, str | None], ...] = ()


def version_key(sheet_version: str | None) -> tuple[int, ...]:
    """Orders sheet versions by the numbers in them: the tenth of a day comes after the ninth."""
    return tuple(int(digits) for digits in re.findall(r"\d{1,9}", sheet_version or ""))


def day_of_version(sheet_version: str | None) -> date | None:
    """The day of the list that a sheet was made from; None where the version does not say."""
    try:
        return date.fromisoformat((sheet_version or "")[:10])
    except ValueError:
        return None


def weigh(row: FollowUp, before: CaseResult, state: str, today: date) -> Weighed:
    """What stands of a case in this state once the row was taken."""
    known, said = version_key(before.sheet_version), version_key(row.sheet_version)
    is_newer, is_older = said > known, bool(said) and said < known
    result = replace(
        before,
        is_unsafe=bool(row.is_unsafe) or (before.is_unsafe and not (row.is_unsafe is False and is_newer)),
    )
    if state == EXCLUDED:
        return Weighed(result, told=(("CASE_STOPPED", None),))
    is_kept_unsafe = row.is_unsafe is False and result.is_unsafe
    if row.result == REOPEN:
        weighed = _reopened(row, result, state, today, is_older=is_older)
    else:
        weighed = _ended(row, result, today, is_newer=is_newer, is_older=is_older)
    weighed = _with_appointment(row, weighed, is_newer=is_newer, is_older=is_older)
    if is_kept_unsafe:
        weighed = replace(weighed, told=(*weighed.told, ("UNSAFE_LEFT_ASIDE", "is_unsafe")))
    keeps_version = is_older or (before.is_reopened and not weighed.is_closing)
    if weighed.result != before and not keeps_version:
        newest = replace(weighed.result, sheet_version=row.sheet_version or before.sheet_version)
        return replace(weighed, result=newest)
    return weighed


def _reopened(row: FollowUp, before: CaseResult, state: str, today: date, *, is_older: bool) -> Weighed:
    if state != CLOSED:
        return Weighed(before)
    if is_older or (before.result_on is not None and (row.result_on or today) < before.result_on):
        return Weighed(before, told=(("RESULT_OVERRULED", "result"),))
    return Weighed(replace(before, result=None, result_on=today, has_consent=False), is_reopening=True)


def _ended(row: FollowUp, before: CaseResult, today: date, *, is_newer: bool, is_older: bool) -> Weighed:
    told: list[tuple[str, str | None]] = []
    said_on = row.result_on or max((attempt.attempted_on for attempt in row.attempts), default=today)
    is_closing = _is_new_result(row, said_on, before, is_newer=is_newer, is_older=is_older)
    result = before
    if is_closing:
        is_other = before.result not in (None, row.result)
        result = replace(
            before, result=row.result, result_on=said_on, has_consent=before.has_consent and not is_other
        )
    if row.result is not None and before.is_reopened and not is_closing:
        told.append(("RESULT_AFTER_REOPENING", "result"))
    elif row.result is not None and before.result not in (None, row.result):
        told.append(("RESULT_REPLACED" if is_closing else "RESULT_OVERRULED", "result"))
    if row.has_consent is not None:
        is_about_it = row.result in (None, before.result)
        if is_closing or (is_about_it and not is_older):
            result = replace(result, has_consent=row.has_consent)
        elif row.has_consent != before.has_consent:
            told.append(("CONSENT_LEFT_ASIDE", "has_consent_for_feedback"))
    return Weighed(result, is_closing, told=tuple(told))


def _is_new_result(row: FollowUp, said_on: date, before: CaseResult, *, is_newer: bool, is_older: bool) -> bool:
    """Whether the row's end result takes the place of the one that stands.

    Without a date of its own, or of the same date, a sheet that is older undoes nothing that came after it.
    """
    if row.result is None:
        return False
    if before.is_reopened:
        return is_newer or (
            row.result_on is not None and before.result_on is not None and said_on > before.result_on
        )
    if before.result is None or before.result_on is None:
        return True
    if row.result_on is None:
        return row.result != before.result and not is_older and said_on >= before.result_on
    if said_on == before.result_on:
        return row.result != before.result and not is_older
    return said_on > before.result_on


def _with_appointment(row: FollowUp, weighed: Weighed, *, is_newer: bool, is_older: bool) -> Weighed:
    """An older sheet's appointment counts only where none stands; of two on one sheet the last, and so told."""
    stands = weighed.result.next_appointment_on
    if row.next_appointment_on is None or row.next_appointment_on == stands:
        return weighed
    told = weighed.told
    if stands is not None and not is_newer:
        code = "APPOINTMENT_LEFT_ASIDE" if is_older else "APPOINTMENT_REPLACED"
        told = (*told, (code, "next_appointment_on"))
    if stands is not None and is_older:
        return replace(weighed, told=told)
    return replace(weighed, result=replace(weighed.result, next_appointment_on=row.next_appointment_on), told=told)
