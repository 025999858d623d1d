"""What happens to the cases of a month when its sets are proposed: opened, changed, merged, withdrawn, reopened.

A case keeps its id as long as it shares a signal with what is proposed. Earlier opened goes first: each live case
takes the free set that it shares most signals with; when none is free it merges into the case that took it. Only
what nobody knows again is a new case. So the sets that live afterwards are exactly the proposed ones, whatever was
known before; what teams have seen is never taken back in silence, it is marked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.pseudonymous.describe_sets import ProposedSet, SignalKey
from pipeline.vocabulary import case as words
from pipeline.vocabulary.case import check_transition

OPENED = "open_case"
CHANGED = "change_case"
REOPENED = "reopen_case"
MERGED = "merge_case"
POINTED = "point_merged_case"
WITHDRAWN = "withdraw_case"
RETRACTED = "mark_retracted_case"

STATE_AFTER_CHANGE = {
    words.OPENED: words.OPENED,
    words.ROUTED: words.OPENED,
    words.DOUBTFUL: words.ROUTED,
    words.WITHHELD: words.OPENED,
    words.EXCLUDED: words.OPENED,
    words.JOINED: words.OPENED,
    words.WITHDRAWN: words.OPENED,
    words.MERGED: words.OPENED,
    words.REVEALED: words.REVEALED,
    words.IN_PROGRESS: words.IN_PROGRESS,
    words.CLOSED: words.CLOSED,
}
"""Whoever has not seen the case must be told of the change: route and confirm again. Who has, goes on with it."""

_GONE = (words.WITHDRAWN, words.MERGED)


@dataclass(frozen=True, slots=True)
class Case:
    """A case as matching knows it. `signals` are those it consists of now, `former` those it ever had besides."""

    case_id: str
    state: str
    lane: str
    evidence: str
    signals: frozenset[SignalKey]
    former: frozenset[SignalKey]
    partner_count: int
    months_max: int
    is_crisis: bool
    wijkcode: str | None
    postcode4: str | None
    digest: str
    revision: int
    opened_at: str
    mark: str | None = None
    merged_into: str | None = None
    first_revealed_on: str | None = None
    reason_code: str | None = None

    @property
    def age(self) -> tuple[str, SignalKey, str]:
        """Orders cases by when they were opened; equal ones by their first signal."""
        return self.opened_at, min(self.signals | self.former, default=("", "")), self.case_id


@dataclass(frozen=True, slots=True)
class Decision:
    """One case that becomes another: `action` is the word for the journal, `before` is None for a new case."""

    action: str
    before: Case | None
    after: Case


def decide(
    proposed: Iterable[ProposedSet],
    known: Iterable[Case],
    new_ids: Iterator[str],
    now: str,
    held: Collection[str] = (),
) -> list[Decision]:
    """What must change so that the live cases of a month are the proposed sets; nothing when they are already.

    After an emergency change of a month's token or store key nothing equals between who delivered again and who
    still must. A case that none of the sets is about is not lost for that alone.

    Args:
        proposed: all sets of the month; no signal stands in two of them.
        known: all cases of the month, the withdrawn and merged ones included.
        new_ids: ids for new cases.
        now: the instant at which new cases are opened.
        held: ids of cases whose signals stand under two keys and meet the rule as far as tokens are not asked.
    """
    sets = sorted(proposed, key=lambda item: min(item.signals))
    by_age = sorted(known, key=lambda case: case.age)
    live = [case for case in by_age if case.state not in (*_GONE, words.LAPSED)]
    gone = [case for case in by_age if case.state in _GONE]
    lapsed = [case for case in by_age if case.state == words.LAPSED]

    owners: dict[int, Case] = {}
    absorbed = _claim(live, sets, owners)
    _claim(gone, sets, owners)
    _claim(lapsed, sets, owners)

    merging: dict[str, list[Case]] = defaultdict(list)
    for case, into in absorbed:
        merging[into].append(case)
    decisions: list[Decision] = []
    for number, item in enumerate(sets):
        owner = owners.get(number)
        if owner is None:
            decisions.append(_open(item, next(new_ids), now))
        elif owner.state != words.LAPSED:
            decisions.append(_meet(owner, item, merging[owner.case_id]))
    decisions += [_merge(case, into) for case, into in absorbed]
    kept = {case.case_id for case in (*owners.values(), *(case for case, _ in absorbed))}
    decisions += [_lose(case) for case in live if case.case_id not in kept and case.case_id not in held]
    decisions += _follow_on([case for case in gone if case.case_id not in kept], absorbed)
    return [_checked(decision) for decision in decisions if decision.before != decision.after]


def _claim(cases: Sequence[Case], sets: Sequence[ProposedSet], owners: dict[int, Case]) -> list[tuple[Case, str]]:
    """Let each case in turn take the free set that it shares most with, of equals the first.

    Returns:
        Cases that share signals with sets of others only, with the case that has the best of these.
    """
    set_of = {key: number for number, item in enumerate(sets) for key in item.signals}
    late = []
    for case in cases:
        known_by = case.signals | case.former if case.state in _GONE else case.signals
        shared = Counter(set_of[key] for key in known_by if key in set_of)
        free = {number: count for number, count in shared.items() if number not in owners}
        if free:
            owners[_best(free)] = case
        elif shared:
            late.append((case, owners[_best(shared)].case_id))
    return late


def _best(shared: Mapping[int, int]) -> int:
    return min(shared, key=lambda number: (-shared[number], number))


def _open(item: ProposedSet, case_id: str, now: str) -> Decision:
    blank = Case(
        case_id,
        words.OPENED,
        item.lane,
        item.evidence,
        frozenset(),
        frozenset(),
        0,
        0,
        False,
        None,
        None,
        "",
        0,
        now,
    )
    return Decision(OPENED, None, _holding(blank, item))


def _meet(case: Case, item: ProposedSet, merging: Sequence[Case]) -> Decision:
    """The case whose set this is: as it was, or changed."""
    is_changed = case.digest != item.digest or case.state in _GONE
    after = case
    if is_changed:
        after = replace(_holding(case, item), state=STATE_AFTER_CHANGE[case.state], reason_code=None)
    seen_on = [one.first_revealed_on for one in (case, *merging) if one.first_revealed_on is not None]
    after = replace(
        after,
        mark=case.mark if after.reason_code == words.KEY_REVOKED else None,
        merged_into=None,
        first_revealed_on=min(seen_on, default=None),
        state=words.IN_PROGRESS if _must_be_taken_up_again(case, item, merging) else after.state,
    )
    return Decision(REOPENED if case.state in _GONE else CHANGED, case, after)


def _must_be_taken_up_again(case: Case, item: ProposedSet, merging: Sequence[Case]) -> bool:
    """A closed case that was taken back and is met again, whose arrears rose, or that takes in a running one.

    Of one that was stopped for a revoked key nothing was taken back: its reports stand in the store as they were.
    """
    return case.state == words.CLOSED and (
        (case.mark == words.MARK_RETRACTED and case.reason_code != words.KEY_REVOKED)
        or item.months_max > case.months_max
        or any(one.state != words.CLOSED for one in merging)
    )


def _holding(case: Case, item: ProposedSet) -> Case:
    return replace(
        case,
        lane=item.lane,
        evidence=item.evidence,
        signals=item.signals,
        former=(case.former | case.signals) - item.signals,
        partner_count=item.partner_count,
        months_max=item.months_max,
        is_crisis=item.is_crisis,
        wijkcode=item.wijkcode,
        postcode4=item.postcode4,
        digest=item.digest,
        revision=case.revision + 1,
    )


def _merge(case: Case, into: str) -> Decision:
    after = replace(
        case,
        state=words.MERGED,
        merged_into=into,
        signals=frozenset(),
        former=case.former | case.signals,
        mark=None,
        revision=case.revision + 1,
    )
    return Decision(MERGED, case, after)


def _follow_on(gone: Sequence[Case], absorbed: Sequence[tuple[Case, str]]) -> list[Decision]:
    """Cases that merged earlier into one that merges now point on to the case that lives."""
    goes_on_as = {case.case_id: into for case, into in absorbed}
    return [
        Decision(
            POINTED, case, replace(case, merged_into=goes_on_as.get(case.merged_into or "", case.merged_into))
        )
        for case in gone
    ]


def _lose(case: Case) -> Decision:
    """The rule is no longer met: withdrawn when nobody saw it, else marked so that its team hears of it."""
    if case.state in words.SEEN_STATES:
        return Decision(RETRACTED, case, replace(case, mark=words.MARK_RETRACTED))
    after = replace(
        case,
        state=words.WITHDRAWN,
        signals=frozenset(),
        former=case.former | case.signals,
        reason_code=None,
        revision=case.revision + 1,
    )
    return Decision(WITHDRAWN, case, after)


def _checked(decision: Decision) -> Decision:
    if decision.before is not None:
        check_transition(decision.before.state, decision.after.state)
    return decision
