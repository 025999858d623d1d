"""Who is a client of whom: the tenure of each household, the holder of each contract, the weight of trouble.

A corporation serves only its tenants; rent, energy and water have one holder per household, a health policy has
one per adult who is insured there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.practice.chance import Chance, Flags, Floats, Ids
from pipeline.practice.partners import ENERGIE, KAMERHOF, NIEUWE_ERVEN, PARTNERS, WATER, WATERKANT, ZORG
from pipeline.practice.people import LONE_PARENT, REFERENCE_YEAR, STUDENT, Households, People

TENURE_SHARES = ((WATERKANT, 0.24), (NIEUWE_ERVEN, 0.14), (KAMERHOF, 0.04))
FEWEST_TENANTS = 3
STUDENT_HOUSES_OF_KAMERHOF = 0.6
SERVED = {ENERGIE: 0.6, WATER: 0.97, ZORG: 0.45}
HELD_BY_PARTNER = 0.3
POLICY_OF_ANOTHER_ADULT = 0.5
TENANT_WEIGHT, OWNER_WEIGHT, LONE_PARENT_WEIGHT, OLDER_WEIGHT = 1.6, 0.35, 1.8, 0.4


@dataclass(frozen=True)
class Contracts:
    """Per household and partner who may be reported; per household how likely trouble is."""

    is_served: NDArray[np.bool_]  # shape (households, partners)
    holder: NDArray[np.int64]  # shape (households, partners): a person
    other_policy: Ids  # per household another insured adult, or -1
    same_door: Ids  # per household one that lives where it lives, or where it lived before; or -1
    trouble: Floats


def build_contracts(chance: Chance, households: Households, people: People) -> Contracts:
    """Contracts of every household; every partner has some clients, however small the region."""
    count = len(households.kind)
    ids = np.arange(count, dtype=np.int64)
    is_served = np.zeros((count, len(PARTNERS)), dtype=np.bool_)
    tenure = _tenure(chance, households)
    for partner, _ in TENURE_SHARES:
        is_served[:, partner] = tenure == partner
    is_main_tenant = _is_first_at_address(households)
    for partner in (ENERGIE, WATER, ZORG):
        is_served[:, partner] = chance.happens(f"client of {PARTNERS[partner].partner_id}", SERVED[partner], ids)
    for partner in (ENERGIE, WATER):
        is_served[:, partner] &= is_main_tenant
    holder, other_policy = _holders(chance, people, count)
    return Contracts(
        is_served, holder, other_policy, _same_doors(households), _trouble(households, people, tenure)
    )


def _tenure(chance: Chance, households: Households) -> Ids:
    """The landlord of each household, or -1 for owners and tenants of others; quotas, so that none is empty."""
    count = len(households.kind)
    is_student = households.kind == STUDENT
    tenure = np.full(count, -1, dtype=np.int64)
    queue = chance.order("tenure", count)
    queue = queue[~is_student[queue]]
    begin = 0
    for partner, share in TENURE_SHARES:
        end = begin + max(FEWEST_TENANTS, round(share * count))
        tenure[queue[begin:end]] = partner
        begin = end
    students = np.flatnonzero(is_student)
    is_room = chance.happens("room of Kamerhof", STUDENT_HOUSES_OF_KAMERHOF, households.address[students])
    tenure[students[is_room]] = KAMERHOF
    return tenure


def _is_first_at_address(households: Households) -> Flags:
    """One household per address has the meters in its name."""
    _, first = np.unique(households.address, return_index=True)
    flags = np.zeros(len(households.address), dtype=np.bool_)
    flags[first] = True
    return flags


def _same_doors(households: Households) -> Ids:
    """Who moved lately left an address to others; students share theirs."""
    count = len(households.address)
    occupant = np.full(max(households.address.max(), households.former_address.max()) + 1, -1, dtype=np.int64)
    occupant[households.address[::-1]] = np.arange(count)[::-1]
    order = np.argsort(households.address, kind="stable")
    following = np.roll(order, -1)
    mates = np.full(count, -1, dtype=np.int64)
    mates[order] = np.where(households.address[following] == households.address[order], following, -1)
    has_moved = households.former_address != households.address
    return np.where(has_moved, occupant[households.former_address], mates)


def _holders(chance: Chance, people: People, count: int) -> tuple[NDArray[np.int64], Ids]:
    ids = np.arange(count, dtype=np.int64)
    partner = people.partner[:count]
    adults = np.flatnonzero(people.is_adult() | (np.arange(len(people)) < count))
    adults = adults[np.argsort(people.household[adults], kind="stable")]
    numbers = np.bincount(people.household[adults], minlength=count)
    starts = np.cumsum(numbers) - numbers
    another = adults[
        starts + np.where(numbers > 1, chance.whole("another adult", 1, np.maximum(1, numbers - 1), ids), 0)
    ]
    holder = np.repeat(ids[:, None], len(PARTNERS), axis=1)
    for place, row in enumerate(PARTNERS):
        by_partner = (partner >= 0) & chance.happens(f"holder/{row.partner_id}", HELD_BY_PARTNER, ids)
        holder[:, place] = np.where(by_partner, partner, ids)
    by_another = chance.happens("policy of another", POLICY_OF_ANOTHER_ADULT, ids)
    holder[:, ZORG] = np.where(by_another, another, ids)
    rest = np.where(by_another, ids, another)
    return holder, np.where(rest == holder[:, ZORG], -1, rest)


def _trouble(households: Households, people: People, tenure: Ids) -> Floats:
    """How likely arrears are: by tenure, kind and age of the head, by nothing else."""
    age = REFERENCE_YEAR - people.birth_year[: len(tenure)]
    weight = np.where(tenure >= 0, TENANT_WEIGHT, OWNER_WEIGHT)
    weight = weight * np.where(households.kind == LONE_PARENT, LONE_PARENT_WEIGHT, 1.0)
    return weight * np.where(age > 70, OLDER_WEIGHT, 1.0)
