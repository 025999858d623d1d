"""Tokens propose, this confirms: whether the contacts of a proposed case are one person or one household.

Pairs are judged by the table of confirm_rules; a person is what the pairs "same person" connect. A person with two
birth dates, or two first names, is taken apart again: pairs that know the birth date count then, and a signal
without one joins the only person with whom it shares more than a name. The agreement's rule is checked once more
on what was confirmed, with the months that the partners signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations

from pipeline.revealed.compare_fields import (
    CONFLICT,
    EQUAL,
    MISSING,
    OTHER_NAMES,
    SIMILAR,
    WHOLE,
    Comparison,
    Identity,
    compare,
)
from pipeline.revealed.confirm_rules import (
    DIFFERENT,
    DOUBTFUL,
    LIKELY,
    SAME_HOUSEHOLD,
    SAME_PERSON,
    VERDICT_OF_REASON,
    PairRule,
    judge_pair,
)
from pipeline.vocabulary.agreement import CERTAIN, Rule
from pipeline.vocabulary.case import EVIDENCE_HOUSEHOLD, EVIDENCE_PERSON, EVIDENCE_REVIEWED, VERDICT_CONFIRMED

Group = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KnownSignal:
    """An opened, verified signal: who it is about and what its partner signed."""

    partner_id: str
    signal_id: str
    arrears_months: int
    identity: Identity
    year: int  # in which the signal was given
    is_crisis: bool = False
    month: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """(partner_id, signal_id), unique within a month."""
        return self.partner_id, self.signal_id

    @property
    def name(self) -> tuple[str, str, str]:
        """(partner_id, month, signal_id)."""
        return self.partner_id, self.month, self.signal_id


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """Two signals of a case, by position, with the outcome per field and the row that decided."""

    one: int
    other: int
    comparison: Comparison
    rule: PairRule


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The verdict on a case. `persons` groups the positions of the signals that may be shown."""

    verdict: str
    reason_code: str
    evidence: str | None
    persons: tuple[Group, ...]
    pairs: tuple[PairVerdict, ...]

    @property
    def confirmed(self) -> Group:
        """Positions of the signals that may be shown, in order."""
        return tuple(sorted(position for person in self.persons for position in person))

    @property
    def is_likely(self) -> bool:
        """Whether the one person that may be shown hangs together by what is likely, not by what is sure alone."""
        if self.evidence != EVIDENCE_PERSON:
            return False
        sure = [pair for pair in self.pairs if pair.rule.verdict == SAME_PERSON]
        return any(len(components(person, sure)) > 1 for person in self.persons)


def confirm(
    signals: Sequence[KnownSignal], rule: Rule, *, is_reviewed: bool = False, shows_crisis: bool = False
) -> Confirmation:
    """Judge a proposed case: confirmed, doubtful or withheld, with the reason.

    Args:
        signals: the signals of the case whose signature was found good.
        rule: the rule of the agreement version for the case's month.
        is_reviewed: the data steward accepted the case, so doubtful pairs count as one person.
        shows_crisis: a crisis signal is shown with its person whatever its months, as the agreement says.
    """
    pairs = judge_pairs(signals)
    counted = [position for position, signal in enumerate(signals) if signal.arrears_months >= rule.min_months]
    few = _too_few(signals, counted, rule)
    if few is not None:
        return _verdict(few, pairs)
    same = _count_as_one(rule, is_reviewed=is_reviewed)
    persons, mixed = _persons(counted, pairs, same, keep_mixed=is_reviewed)
    meeting = tuple(person for person in persons if _meets(signals, person, rule))
    homes = [home for home in _households(counted, pairs, same) if _meets(signals, home, rule)]
    if EVIDENCE_HOUSEHOLD in rule.match_on:
        shown = [tuple(person for person in persons if set(person) <= set(home)) for home in homes]
    else:
        shown = [tuple(person for person in meeting if set(person) <= set(home)) for home in homes]
    shown = [group for group in shown if group]
    if shows_crisis:
        crises = [at for at, signal in enumerate(signals) if signal.is_crisis and at not in counted]
        fits = {at: _persons((*counted, at), pairs, same, keep_mixed=is_reviewed)[0] for at in crises}
        shown = [_with_crises(group, persons, fits) for group in shown]
    if is_reviewed and shown:
        return _confirmed("REVIEWED", EVIDENCE_REVIEWED, tuple(chain(*shown)), pairs)
    if len(shown) == 1 and meeting:
        confirmed = _confirmed("PERSON", EVIDENCE_PERSON, shown[0], pairs)
        return replace(confirmed, reason_code="PERSON_LIKELY") if confirmed.is_likely else confirmed
    if len(shown) == 1:
        return _confirmed("HOUSEHOLD", EVIDENCE_HOUSEHOLD, shown[0], pairs)
    if shown:
        return _verdict("TWO_PERSONS", pairs)
    return _verdict(_why_not(signals, counted, pairs, rule, mixed=mixed), pairs)


def confirm_running(
    signals: Sequence[KnownSignal], rule: Rule, kept: frozenset[tuple[str, str]], *, is_reviewed: bool = False
) -> Confirmation:
    """A case that was shown before: what was confirmed then stays, and signals of the same persons join.

    Where the agreement matches on household, signals of that household join too. Whether the rule is still met is
    not asked: a visit may be under way.

    Args:
        signals: the signals of the case whose signature was found good.
        rule: the rule of the agreement version for the case's month.
        kept: (partner_id, signal_id) of what was confirmed before.
        is_reviewed: the data steward accepted the case.
    """
    pairs = judge_pairs(signals)
    positions = range(len(signals))
    same = _count_as_one(rule, is_reviewed=is_reviewed)
    crises = [at for at in positions if signals[at].is_crisis and signals[at].arrears_months < rule.min_months]
    counted = [at for at in positions if at not in crises]
    alone, _ = _persons(counted, pairs, same, keep_mixed=is_reviewed)
    fits = {at: _persons((*counted, at), pairs, same, keep_mixed=is_reviewed)[0] for at in crises}
    told = _with_crises(alone, alone, fits)
    persons = (*told, *((at,) for at in crises if not any(at in person for person in told)))
    groups = _households(positions, pairs, same) if EVIDENCE_HOUSEHOLD in rule.match_on else persons
    known = {at for at in positions if (signals[at].partner_id, signals[at].signal_id) in kept}
    joined = {at for group in groups if known & set(group) for at in group}
    shown = tuple(person for person in persons if set(person) <= joined)
    is_one = len([person for person in shown if not set(person) <= set(crises)]) <= 1
    evidence = EVIDENCE_PERSON if is_one else EVIDENCE_HOUSEHOLD
    return Confirmation(VERDICT_CONFIRMED, "RUNNING", evidence, shown, pairs)


def persons_under(rule: Rule, signals: Sequence[KnownSignal], confirmation: Confirmation) -> tuple[Group, ...]:
    """What was confirmed under one rule, as the persons that it is about under another."""
    crises = {at for at, one in enumerate(signals) if one.is_crisis and one.arrears_months < rule.min_months}
    counted = [at for at in range(len(signals)) if at not in crises]
    persons, _ = _persons(counted, confirmation.pairs, _count_as_one(rule, is_reviewed=False))
    confirmed = set(confirmation.confirmed)
    shown = (tuple(at for at in person if at in confirmed) for person in (*persons, *((at,) for at in crises)))
    return tuple(person for person in shown if person)


def _count_as_one(rule: Rule, *, is_reviewed: bool) -> set[str]:
    """The verdicts that count as one person: sure, likely unless the agreement asks for certainty, reviewed."""
    if is_reviewed:
        return {SAME_PERSON, LIKELY, DOUBTFUL}
    return {SAME_PERSON} if rule.certainty == CERTAIN else {SAME_PERSON, LIKELY}


def judge_pairs(signals: Sequence[KnownSignal]) -> tuple[PairVerdict, ...]:
    """Every pair of signals with the outcome per field."""
    verdicts = []
    for one, other in combinations(range(len(signals)), 2):
        comparison = compare(signals[one].identity, signals[other].identity, signals[one].year)
        verdicts.append(PairVerdict(one, other, comparison, judge_pair(comparison)))
    return tuple(verdicts)


def _persons(
    positions: Iterable[int], pairs: Sequence[PairVerdict], same: set[str], *, keep_mixed: bool = False
) -> tuple[tuple[Group, ...], bool]:
    """Groups of signals about one person, and whether a group with two birth dates was taken apart."""
    edges = [pair for pair in pairs if pair.rule.verdict in same]
    if not keep_mixed:
        edges = _without_likely_contradictions(positions, edges, pairs)
    groups: list[Group] = []
    mixed = False
    for group in components(positions, edges):
        has_two_births = _has_two_births(group, pairs)
        if keep_mixed or not (has_two_births or _has_two_names(group, pairs)):
            groups.append(group)
            continue
        mixed = mixed or has_two_births
        inside = _within(group, edges)
        certain = [pair for pair in inside if pair.comparison.birth != MISSING]
        told = _telling(inside, components(group, certain), _dated(group, pairs))
        for part in components(group, [*certain, *told]):
            is_still_mixed = _has_two_births(part, pairs) or _has_two_names(part, pairs)
            groups += components(part, ()) if is_still_mixed else (part,)
    return tuple(groups), mixed


def _without_likely_contradictions(
    positions: Iterable[int], edges: Sequence[PairVerdict], pairs: Sequence[PairVerdict]
) -> list[PairVerdict]:
    """The pairs, without those that are likely in a group of which two signals are judged to be two persons.

    A signal with no more than surname and address is likely the husband, and as likely his wife.
    """
    kept = []
    for group in components(positions, edges):
        has_two = any(pair.rule.verdict in (SAME_HOUSEHOLD, DIFFERENT) for pair in _within(group, pairs))
        kept += [pair for pair in _within(group, edges) if not (has_two and pair.rule.verdict == LIKELY)]
    return kept


def _with_crises(
    shown: tuple[Group, ...], everybody: Iterable[Group], persons_with: Mapping[int, Iterable[Group]]
) -> tuple[Group, ...]:
    """The persons, each with the crisis signals that are about them and nobody else; these count for no rule.

    Args:
        shown: the persons.
        everybody: all persons of the case, without these signals.
        persons_with: by crisis signal, the persons of the case as they are when it is one of their signals.
    """
    told = list(shown)
    for crisis, persons in persons_with.items():
        about = next(set(person) for person in persons if crisis in person)
        fitting = [person for person in everybody if set(person) <= about]
        if len(fitting) == 1 and fitting[0] in shown:
            number = shown.index(fitting[0])
            told[number] = tuple(sorted((*told[number], crisis)))
    return tuple(told)


def _dated(group: Group, pairs: Iterable[PairVerdict]) -> set[int]:
    """Signals with a birth date, of a group in which two dates conflict: each can be compared with one of them."""
    told = [pair for pair in _within(group, pairs) if pair.comparison.birth != MISSING]
    return {position for pair in told for position in (pair.one, pair.other)}


def _telling(pairs: Iterable[PairVerdict], parts: Sequence[Group], dated: set[int]) -> list[PairVerdict]:
    """Pairs that still tell which of several persons a signal without a birth date is about.

    They share e-mail, phone or two initials, and the signal shares none of these with another of the persons.
    A signal with a date is one of those persons itself: it never draws one without a date to it.
    """
    part_of = {position: number for number, part in enumerate(parts) for position in part}
    alone = {part[0] for part in parts if len(part) == 1} - dated
    telling = [
        pair
        for pair in pairs
        if pair.comparison.birth == MISSING
        and (pair.comparison.reach == EQUAL or pair.comparison.letters == WHOLE)
    ]
    found = []
    for signal in alone:
        mine = [pair for pair in telling if signal in (pair.one, pair.other)]
        if len({part_of[at] for pair in mine for at in (pair.one, pair.other)} - {part_of[signal]}) == 1:
            found += mine
    return found


def _has_two_births(group: Group, pairs: Iterable[PairVerdict]) -> bool:
    """Whether two birth dates conflict and no third is near to both, which would be one date misspelt twice."""
    inside = _within(group, pairs)
    near: dict[int, set[int]] = {position: set() for position in group}
    for pair in inside:
        if pair.comparison.birth in (EQUAL, SIMILAR):
            near[pair.one].add(pair.other)
            near[pair.other].add(pair.one)
    return any(pair.comparison.birth == CONFLICT and not near[pair.one] & near[pair.other] for pair in inside)


def _has_two_names(group: Group, pairs: Iterable[PairVerdict]) -> bool:
    """Whether two first names contradict each other: Johannes and Jeroen, held together by a J. of either."""
    return any(pair.comparison.letters == OTHER_NAMES for pair in _within(group, pairs))


def _households(positions: Iterable[int], pairs: Iterable[PairVerdict], same: set[str]) -> tuple[Group, ...]:
    """Groups of signals about one household.

    Doubt whether two contacts at one address are one person is no doubt that they are one household.
    """
    return components(
        positions,
        [
            pair
            for pair in pairs
            if pair.rule.verdict in same | {SAME_HOUSEHOLD}
            or (pair.rule.verdict in (LIKELY, DOUBTFUL) and pair.comparison.address in (EQUAL, SIMILAR))
        ],
    )


def _too_few(signals: Sequence[KnownSignal], counted: Sequence[int], rule: Rule) -> str | None:
    if len({signal.partner_id for signal in signals}) < rule.min_partners:
        return "PARTNERS_NOT_MET"
    return None if _meets(signals, counted, rule) else "MONTHS_NOT_MET"


def _why_not(
    signals: Sequence[KnownSignal],
    counted: Sequence[int],
    pairs: Sequence[PairVerdict],
    rule: Rule,
    *,
    mixed: bool,
) -> str:
    """The reason why nothing was confirmed; doubtful when doubtful pairs would have met the rule."""

    def would_meet(verdicts: set[str]) -> bool:
        joined = components(counted, [pair for pair in pairs if pair.rule.verdict in verdicts])
        return any(_meets(signals, group, rule) for group in joined)

    if mixed and would_meet(_count_as_one(rule, is_reviewed=False)):
        return "TWO_BIRTH_DATES"
    if would_meet({SAME_PERSON, LIKELY, DOUBTFUL}):
        return "PERSON_UNCERTAIN"
    return "ONE_HOUSEHOLD_ONLY" if would_meet({SAME_PERSON, SAME_HOUSEHOLD}) else "DIFFERENT_PERSONS"


def _meets(signals: Sequence[KnownSignal], group: Iterable[int], rule: Rule) -> bool:
    return len({signals[position].partner_id for position in group}) >= rule.min_partners


def _confirmed(
    reason_code: str, evidence: str, persons: tuple[Group, ...], pairs: tuple[PairVerdict, ...]
) -> Confirmation:
    return Confirmation(VERDICT_CONFIRMED, reason_code, evidence, persons, pairs)


def _verdict(reason_code: str, pairs: tuple[PairVerdict, ...]) -> Confirmation:
    return Confirmation(VERDICT_OF_REASON[reason_code], reason_code, None, (), pairs)


def _within(group: Group, pairs: Iterable[PairVerdict]) -> list[PairVerdict]:
    members = set(group)
    return [pair for pair in pairs if pair.one in members and pair.other in members]


def components(positions: Iterable[int], edges: Iterable[PairVerdict]) -> tuple[Group, ...]:
    """Connected groups of positions, each in order, by their first position."""
    leader = {position: position for position in positions}

    def find(position: int) -> int:
        while leader[position] != position:
            leader[position] = leader[leader[position]]
            position = leader[position]
        return position

    for edge in edges:
        if edge.one in leader and edge.other in leader:
            first, second = sorted((find(edge.one), find(edge.other)))
            leader[second] = first
    groups: dict[int, list[int]] = {}
    for position in leader:
        groups.setdefault(find(position), []).append(position)
    return tuple(tuple(sorted(group)) for _, group in sorted(groups.items()))
