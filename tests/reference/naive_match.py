"""Which signals make a case, as the agreement says it: every pair is looked at, one by one.

A signal is a dict with partner_id, signal_id, arrears_months, is_crisis and the token columns (bytes or None).
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

Signal = dict[str, Any]
Case = tuple[str, str, frozenset[tuple[str, str]]]  # lane, evidence, (partner, signal) pairs

MOST_SHARING = 24


def match(
    signals: list[Signal],
    min_partners: int = 2,
    min_months: int = 2,
    match_on: tuple[str, ...] = ("person",),
    reveals_crisis: bool = False,
) -> set[Case]:
    """The cases of one month."""
    cases: set[Case] = set()
    taken: set[tuple[str, str]] = set()
    common = values_of_too_many(signals)

    enough_months = [signal for signal in signals if signal["arrears_months"] >= min_months]
    firm = groups(enough_months, firmly_same_person, common)
    cases_without = [person for person in firm if partners(person) >= min_partners]
    torn = [
        person
        for person in firm
        if person not in cases_without
        and sum(any(same_person(a, b, common) for a in person for b in case) for case in cases_without) > 1
    ]

    def same_person_here(a: Signal, b: Signal, common: set[tuple[str, bytes]]) -> bool:
        apart = [person for person in (*cases_without, *torn) if a in person or b in person]
        is_in_case = any(a in case or b in case for case in cases_without)
        if len(apart) == 2 and is_in_case:
            return firmly_same_person(a, b, common)
        return same_person(a, b, common)

    persons = groups(enough_months, same_person_here, common)
    sets = groups(enough_months, same_person_or_household, common) if "household" in match_on else persons
    for members in sets:
        if partners(members) >= min_partners:
            inside = [person for person in persons if names(person) <= names(members)]
            by_person = any(partners(person) >= min_partners for person in inside)
            cases.add(("matched", "person" if by_person else "household", names(members)))
            taken |= names(members)

    if reveals_crisis:
        matched = [signal for signal in signals if name(signal) in taken]
        left_over = [signal for signal in signals if signal["is_crisis"] and name(signal) not in taken]
        for person in groups(left_over, firmly_same_person, common):
            met = [one for one in matched if any(firmly_same_person(one, other, common) for other in person)]
            if met:
                (had,) = (case for case in cases if min(map(name, met)) in case[2])
                cases = cases - {had} | {(*had[:2], had[2] | names(person))}
                taken |= names(person)
        left_over = [signal for signal in signals if signal["is_crisis"] and name(signal) not in taken]
        cases |= {("crisis", "person", names(person)) for person in groups(left_over, same_person, common)}
    return cases


def same_person(a: Signal, b: Signal, common: set[tuple[str, bytes]]) -> bool:
    """Whether anything says so, be it initial and address alone."""
    return firmly_same_person(a, b, common) or (
        share(a, b, common, "initial_address")
        and not conflict(a, b, "initial_year_address", "initial_day_address")
    )


def firmly_same_person(a: Signal, b: Signal, common: set[tuple[str, bytes]]) -> bool:
    """Whether more than initial and address says so."""
    return (
        share(a, b, common, "name_initial_birth")
        or share(a, b, common, "birth_postcode")
        or share(a, b, common, "birth_email")
        or share(a, b, common, "birth_phone")
        or (share(a, b, common, "name_email") and not conflict(a, b, "name_initial_birth"))
        or (share(a, b, common, "name_phone") and not conflict(a, b, "name_initial_birth"))
        or (
            share(a, b, common, "name_address")
            and not conflict(a, b, "initial_address")
            and not conflict(a, b, "initial_year_address", "initial_day_address")
            and not conflict(a, b, "birth_postcode")
        )
    )


def share(a: Signal, b: Signal, common: set[tuple[str, bytes]], kind: str) -> bool:
    return any((kind, value) not in common for value in values(a, kind) & values(b, kind))


def conflict(a: Signal, b: Signal, *kinds: str) -> bool:
    known = any(values(a, kind) and values(b, kind) for kind in kinds)
    return known and not any(values(a, kind) & values(b, kind) for kind in kinds)


def same_person_or_household(a: Signal, b: Signal, common: set[tuple[str, bytes]]) -> bool:
    shared = {("name_address", value) for value in values(a, "name_address") & values(b, "name_address")}
    return bool(shared - common) or same_person(a, b, common)


def groups(signals: list[Signal], linked: Any, common: set[tuple[str, bytes]]) -> list[list[Signal]]:
    """Put everybody in a set of their own, then join the sets of every linked pair."""
    group_of = {name(signal): [signal] for signal in signals}
    for a, b in combinations(signals, 2):
        mine, theirs = group_of[name(a)], group_of[name(b)]
        if mine is not theirs and linked(a, b, common):
            mine += theirs
            for signal in theirs:
                group_of[name(signal)] = mine
    return list({id(group): group for group in group_of.values()}.values())


def values_of_too_many(signals: list[Signal]) -> set[tuple[str, bytes]]:
    holders: dict[tuple[str, bytes], set[tuple[str, str]]] = {}
    for signal in signals:
        for kind in KINDS:
            for value in values(signal, kind):
                holders.setdefault((kind, value), set()).add(name(signal))
    return {value for value, who in holders.items() if len(who) > MOST_SHARING}


def values(signal: Signal, kind: str) -> set[bytes]:
    """The values of a kind: the surname as it is, and its other half when the name is double."""
    return {value for value in (signal[f"t_{kind}"], signal.get(f"t_{kind}_alt")) if value is not None}


def name(signal: Signal) -> tuple[str, str]:
    return signal["partner_id"], signal["signal_id"]


def names(signals: list[Signal]) -> frozenset[tuple[str, str]]:
    return frozenset(map(name, signals))


def partners(signals: list[Signal]) -> int:
    return len({signal["partner_id"] for signal in signals})


KINDS = (
    "initial_address",
    "initial_year_address",
    "initial_day_address",
    "birth_postcode",
    "name_initial_birth",
    "name_email",
    "name_phone",
    "birth_email",
    "birth_phone",
    "name_address",
)
