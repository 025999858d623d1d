"""Which periods are published, when for the first time, and what replaces them.

Signals of a month leave the building when the month has ended and every partner has delivered, at the latest when
no late delivery may come any more. Follow-up leaves two full months after its period. These moments do not depend
on how anybody's case went, so they tell nothing of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.analytics.disclosure import Cells, Release, as_told, first_release, grouped, revised
from pipeline.analytics.topics import (
    DELIVERIES,
    FOLLOW_UP,
    MONTH,
    MONTHS,
    OBSERVED,
    QUARTER,
    SIGNALS,
    WIJKEN,
    Subject,
    Topic,
    months_of,
    period_of,
)
from pipeline.vocabulary.period import add_months, month_start

FOLLOW_UP_MONTHS = 2
UNKNOWN = "onbekend"

PUBLISHED, NOT_YET, TOO_SMALL, LEFT = "gepubliceerd", "nog niet", "te klein", "niet meer te tellen"
DIFFERS = "past niet bij wat al is gepubliceerd"
NEVER = "wordt niet gepubliceerd"


@dataclass(frozen=True, slots=True)
class Month:
    """What is known of a month's deliveries and terms.

    is_complete: every partner whose part in the agreement covers the month has delivered.
    is_matched: what was delivered has been matched.
    countable: the subjects of which no row has passed its term.
    one_partner_reveals: by the agreement of the month one partner can make a case, by a crisis signal or at all.
    """

    month: str
    is_complete: bool
    is_matched: bool
    countable: frozenset[str]
    one_partner_reveals: bool = False


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """What decides on moments and categories, apart from the counts."""

    today: date
    late_months: int
    months: Mapping[str, Month]
    wijken: tuple[str, ...]
    deliveries: Sequence[tuple[str, str, str]] = ()
    """(month, kind, received_on) of every admitted delivery: why a count changed."""


@dataclass(frozen=True, slots=True)
class PeriodState:
    """A period that is known, whether or not it is published."""

    subject: str
    period: str
    moment: str
    state: str
    expected_on: date


class Counts:
    """Exact cells per topic and period, with the categories that nobody is in."""

    def __init__(self, rows: Iterable[tuple[str, str, str, str, int]], plan: ReleasePlan) -> None:
        self._plan = plan
        self._cells: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
        for subject, topic, month, category, count in rows:
            self._cells[subject, topic, month][category] = count

    def cells(self, topic: Topic, period: str) -> Cells:
        """Every category of a topic with its count in a period."""
        total: dict[str, int] = dict.fromkeys(self._named(topic, period), 0)
        for month in months_of(period):
            for category, count in sorted(self._cells.get((topic.subject, topic.code, month), {}).items()):
                total[category] = total.get(category, 0) + count
        return total

    def _named(self, topic: Topic, period: str) -> tuple[str, ...]:
        if topic.categories is not None:
            return topic.categories
        named = {OBSERVED: (), WIJKEN: self._plan.wijken, MONTHS: months_of(period)}
        return named[topic.listed or OBSERVED]


def expected_on(period: str, moment: str, plan: ReleasePlan) -> date:
    """The day from which a period may be published, were every delivery to come late."""
    last = months_of(period)[-1]
    return month_start(add_months(last, 1 + (FOLLOW_UP_MONTHS if moment == FOLLOW_UP else plan.late_months)))


def decide_releases(
    subjects: Sequence[Subject], counts: Counts, known: Iterable[Release], plan: ReleasePlan
) -> tuple[list[Release], list[PeriodState]]:
    """Every release that holds from now on, and the state of every period."""
    releases = {release.key: release for release in known}
    states: list[PeriodState] = []
    for subject in subjects:
        for moment in (DELIVERIES, FOLLOW_UP):
            for period in _periods(subject, moment, plan, releases):
                key = (subject.code, period, moment)
                after = _decide(subject, moment, period, counts, releases, plan)
                if after is not None:
                    releases[key] = after
                state = PUBLISHED if key in releases else _state(subject, period, moment, plan)
                if state == TOO_SMALL and _differs(subject, period, counts, releases):
                    state = DIFFERS
                states.append(PeriodState(*key, state, expected_on(period, moment, plan)))
    return sorted(releases.values(), key=lambda release: release.key), states


def _decide(
    subject: Subject,
    moment: str,
    period: str,
    counts: Counts,
    releases: Mapping[tuple[str, str, str], Release],
    plan: ReleasePlan,
) -> Release | None:
    known = releases.get((subject.code, period, moment))
    if not is_countable(subject, period, plan):
        return known
    told = _told(subject, period, plan)
    before = releases.get((subject.code, period, DELIVERIES)) if moment == FOLLOW_UP else None
    parents = [before] if before is not None else []
    today = plan.today.isoformat()
    if known is not None:
        reason = _reason(known, plan)
        return revised(known, told, counts.cells, parents, today, reason)
    if not _is_ripe(period, moment, plan):
        return None
    return first_release(told, period, moment, counts.cells, parents, today)


def _periods(
    subject: Subject, moment: str, plan: ReleasePlan, known: Collection[tuple[str, str, str]]
) -> list[str]:
    kinds = {topic.period for topic in subject.topics if topic.moment == moment}
    periods = {period_of(month, kind) for month in plan.months for kind in kinds & {MONTH, QUARTER}}
    periods |= {period for code, period, at in known if code == subject.code and at == moment}
    return sorted(periods)


def _is_ripe(period: str, moment: str, plan: ReleasePlan) -> bool:
    months = [plan.months.get(month) for month in months_of(period)]
    if any(month and not month.is_matched for month in months):
        return False
    if plan.today >= expected_on(period, moment, plan):
        return True
    has_ended = plan.today >= month_start(add_months(months_of(period)[-1], 1))
    return moment == DELIVERIES and has_ended and all(month and month.is_complete for month in months)


def is_countable(subject: Subject, period: str, plan: ReleasePlan) -> bool:
    """Whether no row of the period has passed its term. A month that nobody knows has no rows."""
    known = [plan.months[month] for month in months_of(period) if month in plan.months]
    return bool(known) and all(subject.code in month.countable for month in known)


def counted_by_rows(subject: Subject, period: str, plan: ReleasePlan) -> Subject:
    """What the rows that are left of a period can still tell: signals go before the cases that they made."""
    months = [plan.months[month] for month in months_of(period) if month in plan.months]
    return subject if all(SIGNALS in month.countable for month in months) else subject.without_signals()


def _told(subject: Subject, period: str, plan: ReleasePlan) -> Subject:
    """What may be told of a period by the agreements of its months, and can be by what is left of them."""
    months = [plan.months[month] for month in months_of(period) if month in plan.months]
    left = counted_by_rows(subject, period, plan)
    return left.without_partners() if any(month.one_partner_reveals for month in months) else left


def _state(subject: Subject, period: str, moment: str, plan: ReleasePlan) -> str:
    if not is_countable(subject, period, plan):
        return LEFT
    if all(topic.moment != moment for topic in _told(subject, period, plan).topics):
        return NEVER
    return TOO_SMALL if _is_ripe(period, moment, plan) else NOT_YET


def _differs(
    subject: Subject, period: str, counts: Counts, releases: Mapping[tuple[str, str, str], Release]
) -> bool:
    """Whether follow-up would be told, were it not that what it cuts was told with another count."""
    before = releases.get((subject.code, period, DELIVERIES))
    return any(
        block.alone(topic.within[1]) and grouped(cells) is not None and as_told(topic, (block,), (), cells) is None
        for block in (before.blocks if before is not None else ())
        for topic in subject.topics
        if topic.moment == FOLLOW_UP and topic.within is not None and topic.within[0] == block.topic
        for cells in (counts.cells(topic, period),)
    )


def _reason(release: Release, plan: ReleasePlan) -> str:
    """Why the counts of a published period may differ: what came in for it since.

    Only days are known. What came on the day of publication may have come after it: it is the reason if nothing
    came later.
    """
    months = months_of(release.period)
    came = [(kind, day) for month, kind, day in plan.deliveries if month in months]
    later = {kind for kind, day in came if day > release.published_on}
    kinds = later or {kind for kind, day in came if day == release.published_on}
    texts = {"retraction": "intrekking", "correction": "correctie", "signals": "nieuwe aanlevering"}
    found = [text for kind, text in texts.items() if kind in kinds]
    return " en ".join(found) or "opvolging"
