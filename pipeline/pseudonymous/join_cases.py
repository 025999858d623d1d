"""What becomes of a household that was shown in another month: one case goes on, and a repeat makes no new visit.

Whose case it is, the opener knows by pseudonyms; here only counts are compared. A running case takes the new
signals in. A closed one is reopened when the arrears rose: a partner that did not report before, more months, a
higher band, or a crisis that was not there; more months in a lower band is somebody who pays. Otherwise the new
case is a repeat, which is counted and told, and not visited. What was taken back, and what lies further back than
`repeat_months`, is left alone: then the household is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.vocabulary.case import (
    CLOSED,
    JOINED_REPEAT,
    JOINED_ROSE,
    JOINED_RUNNING,
    MARK_RETRACTED,
    SEEN_STATES,
)
from pipeline.vocabulary.frames import BAND_CODES
from pipeline.vocabulary.period import add_months

REPEAT_MONTHS = 6


@dataclass(frozen=True, slots=True)
class Report:
    """What one partner reported, as far as it stands in the clear."""

    partner_id: str
    month: str
    arrears_months: int
    arrears_band: str
    is_crisis: bool


@dataclass(frozen=True, slots=True)
class SeenCase:
    """A case of the same household that a team saw, with all that was reported in it and in what joined it."""

    case_id: str
    month: str
    state: str
    mark: str | None
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """The case that goes on, and why the new one joins it."""

    case_id: str
    reason_code: str


def choose_join(
    month: str, reports: Iterable[Report], seen: Iterable[SeenCase], repeat_months: int = REPEAT_MONTHS
) -> Join | None:
    """The case that a confirmed case of `month` joins, if there is one: a running one first, then the newest."""
    first, last = add_months(month, -repeat_months), add_months(month, repeat_months)
    fitting = [
        case
        for case in seen
        if case.state in SEEN_STATES
        and case.mark != MARK_RETRACTED
        and case.month != month
        and first <= max([case.month, *(report.month for report in case.reports)]) <= last
    ]
    if not fitting:
        return None
    best = max(fitting, key=lambda case: (case.state != CLOSED, case.month, case.case_id))
    if best.state != CLOSED:
        return Join(best.case_id, JOINED_RUNNING)
    return Join(best.case_id, JOINED_ROSE if has_risen(best.reports, reports) else JOINED_REPEAT)


def has_risen(before: Iterable[Report], after: Iterable[Report]) -> bool:
    """Whether any partner reports more than the newest that it reported before, or reports for the first time."""
    known = _newest(before)
    return any(
        partner_id not in known or _is_higher(report, known[partner_id]) or _is_new_crisis(report, known)
        for partner_id, report in _newest(after).items()
    )


def _newest(reports: Iterable[Report]) -> dict[str, Report]:
    newest: dict[str, Report] = {}
    for report in reports:
        held = newest.get(report.partner_id)
        if held is None or (held.month, _weight(held)) < (report.month, _weight(report)):
            newest[report.partner_id] = report
    return newest


def _weight(report: Report) -> tuple[int, int]:
    return report.arrears_months, BAND_CODES.index(report.arrears_band)


def _is_higher(after: Report, before: Report) -> bool:
    """A higher band, or more months in a band that is not lower."""
    months, band = (one - other for one, other in zip(_weight(after), _weight(before), strict=True))
    return band > 0 or (months > 0 and band >= 0)


def _is_new_crisis(report: Report, known: Mapping[str, Report]) -> bool:
    return report.is_crisis and not known[report.partner_id].is_crisis
