"""Households and the persons in them, as columns of numbers; nobody has a written name yet.

Shares follow the Dutch population roughly: singles, couples, families, lone parents, adult relatives, students
who share a house. What makes matching hard is made here, because it is true of people: a son with his father's
initial, twins, partners with another surname, many persons at one address, birthdays that the register does not
know.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.practice.chance import Chance, Flags, Ids
from pipeline.practice.names import DUTCH, MAN, ORIGIN_SHARES, POLISH, WOMAN, NameBook

SINGLE, COUPLE, FAMILY, LONE_PARENT, RELATIVES, STUDENT = range(6)
KIND_SHARES = (0.38, 0.28, 0.23, 0.07, 0.04)
STUDENT_SHARE = 0.03
STUDENT_HOUSE = (3, 7)
HEAD, PARTNER, CHILD, RELATIVE = range(4)
REFERENCE_YEAR = 2026
MOST_FIRST_NAMES = 4

SAME_ORIGIN = 0.86
SAME_SEX_COUPLE = 0.03
MARRIED = 0.62
TWINS = 0.04
NAMED_AFTER_PARENT = 0.25
UNKNOWN_BIRTHDAY = 0.012
SOLE_TRADER = 0.06
MOVED_RECENTLY = 0.05
OWN_NAME, PARTNERS_NAME, PARTNER_THEN_OWN, OWN_THEN_PARTNER = range(4)
USED_NAMES = {WOMAN: (0.28, 0.2, 0.44, 0.08), MAN: (0.96, 0.01, 0.01, 0.02)}
"""How married women and men write their surname: own, the partner's, or both."""


@dataclass(frozen=True)
class Households:
    """One element per household."""

    kind: Ids
    address: Ids
    former_address: Ids  # of those who moved lately; elsewhere the address itself
    head_origin: Ids


@dataclass(frozen=True)
class People:
    """One element per person; positions in the name book and in the households."""

    household: Ids
    role: Ids
    sex: Ids
    origin: Ids
    surname: Ids
    partner_surname: Ids  # -1 when not married
    partner: Ids  # the person they are married to or live with, or -1
    used_name: Ids
    first_names: NDArray[np.int64]  # shape (persons, 4); -1 where there are fewer
    birth_year: Ids
    birth_month: Ids  # 0 when the register does not know
    birth_day: Ids
    is_sole_trader: Flags

    def is_adult(self) -> Flags:
        """Whether the person may hold a contract."""
        return REFERENCE_YEAR - self.birth_year >= 19

    def __len__(self) -> int:
        return len(self.household)


def student_houses(chance: Chance, households: int) -> tuple[int, Ids]:
    """How many households are students, and the house of each of them, counted from 0."""
    students = max(STUDENT_HOUSE[0], round(STUDENT_SHARE * households))
    sizes = chance.whole("student house", *STUDENT_HOUSE, np.arange(students, dtype=np.int64))
    house = np.repeat(np.arange(students, dtype=np.int64), sizes)[:students]
    return students, house


def count_addresses(chance: Chance, households: int) -> int:
    """How many addresses these households live at; students share theirs."""
    students, house = student_houses(chance, households)
    return households - students + int(house[-1]) + 1


def build_households(chance: Chance, count: int, municipality: Ids) -> Households:
    """Kinds and addresses, given the municipality of each address. The students come last, house by house.

    Who moved lately came from another address of the same municipality.
    """
    students, house = student_houses(chance, count)
    ids = np.arange(count, dtype=np.int64)
    kind = chance.pick("household kind", KIND_SHARES, ids)
    kind[count - students :] = STUDENT
    dwelling = np.r_[ids[: count - students], count - students + house]
    address = chance.order("who lives where", len(municipality))[dwelling]
    has_moved = chance.happens("moved", MOVED_RECENTLY, ids)
    begins, ends = (np.searchsorted(municipality, municipality[address], side=side) for side in ("left", "right"))
    elsewhere = chance.whole("from where", begins, ends - 1, ids)
    return Households(
        kind=kind,
        address=address,
        former_address=np.where(has_moved, elsewhere, address),
        head_origin=chance.pick("origin", ORIGIN_SHARES, ids),
    )


def build_people(chance: Chance, households: Households, book: NameBook) -> People:
    """Everybody: heads first, in the order of their households, then partners, children, relatives."""
    kind = households.kind
    ids = np.arange(len(kind), dtype=np.int64)
    has_partner = np.isin(kind, (COUPLE, FAMILY))
    children = np.where(np.isin(kind, (FAMILY, LONE_PARENT)), 1 + chance.pick("children", (40, 42, 14, 4), ids), 0)
    relatives = np.where(kind == RELATIVES, chance.whole("relatives", 1, 2, ids), 0)
    household = np.r_[ids, ids[has_partner], np.repeat(ids, children), np.repeat(ids, relatives)]
    role = np.repeat(
        np.array([HEAD, PARTNER, CHILD, RELATIVE]),
        [len(ids), has_partner.sum(), children.sum(), relatives.sum()],
    )
    rank = np.r_[
        np.zeros(len(ids), np.int64), np.zeros(has_partner.sum(), np.int64), _ranks(children), _ranks(relatives)
    ]
    person = np.arange(len(household), dtype=np.int64)
    partner_of_household = np.full(len(ids), -1, dtype=np.int64)
    partner_of_household[has_partner] = len(ids) + np.arange(has_partner.sum())
    sex = _sexes(chance, household, role, person)
    origin = _origins(chance, households, household, role, person)
    birth_year = _birth_years(chance, kind, household, role, rank, person)
    twin_of = _twins(chance, role, rank, household)
    birth_year = birth_year[twin_of]
    birth_month, birth_day = _birthdays(chance, origin, birth_year, twin_of)
    partner = _partners(household, role, partner_of_household)
    surname = _surnames(chance, book, household, role, origin, partner_of_household, person)
    is_married = (partner >= 0) & chance.happens("married", MARRIED, household)
    return People(
        household=household,
        role=role,
        sex=sex,
        origin=origin,
        surname=surname,
        partner_surname=np.where(is_married, surname[partner], -1),
        partner=partner,
        used_name=_used_names(chance, sex, is_married, person),
        first_names=_first_names(chance, book, household, role, origin, sex, birth_year, partner_of_household),
        birth_year=birth_year,
        birth_month=birth_month,
        birth_day=birth_day,
        is_sole_trader=chance.happens("sole trader", SOLE_TRADER, person) & (REFERENCE_YEAR - birth_year >= 21),
    )


def _ranks(counts: Ids) -> Ids:
    """0, 1, 2 within each household."""
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    return np.arange(counts.sum(), dtype=np.int64) - starts


def _sexes(chance: Chance, household: Ids, role: Ids, person: Ids) -> Ids:
    sex = chance.whole("sex", WOMAN, MAN, person)
    head = sex[household]
    differs = ~chance.happens("same sex", SAME_SEX_COUPLE, household)
    return np.where(role == PARTNER, np.where(differs, 1 - head, head), sex)


def _origins(chance: Chance, households: Households, household: Ids, role: Ids, person: Ids) -> Ids:
    head = households.head_origin[household]
    other = chance.pick("origin of partner", ORIGIN_SHARES, person)
    same = chance.happens("same origin", SAME_ORIGIN, person)
    return np.where((role == PARTNER) & ~same, other, head)


def _birth_years(chance: Chance, kind: Ids, household: Ids, role: Ids, rank: Ids, person: Ids) -> Ids:
    least = np.array([22, 24, 28, 26, 38, 19])[kind]
    most = np.array([88, 84, 52, 54, 78, 25])[kind]
    head = chance.whole("age", least, most, np.arange(len(kind), dtype=np.int64))[household]
    age = np.where(role == PARTNER, np.maximum(20, head + chance.whole("age of partner", -6, 6, person)), head)
    child = np.maximum(0, head - chance.whole("age at first child", 21, 34, household) - 2 * rank)
    grown = np.clip(head - chance.whole("age of relative", 19, 27, household) - 3 * rank, 19, 60)
    age = np.where(role == CHILD, np.minimum(child, 26), np.where(role == RELATIVE, grown, age))
    return REFERENCE_YEAR - age


def _twins(chance: Chance, role: Ids, rank: Ids, household: Ids) -> Ids:
    """For each person whose birthday it is: a twin has that of the child before it."""
    person = np.arange(len(role), dtype=np.int64)
    may_be = np.isin(role, (CHILD, RELATIVE)) & (rank == 1)
    return np.where(may_be & chance.happens("twins", TWINS, household), person - 1, person)


def _birthdays(chance: Chance, origin: Ids, birth_year: Ids, twin_of: Ids) -> tuple[Ids, Ids]:
    month = chance.whole("birth month", 1, 12, twin_of)
    longest = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])[month]
    day = chance.whole("birth day", 1, longest, twin_of)
    is_older_migrant = ~np.isin(origin, (DUTCH, POLISH)) & (birth_year < 1985)
    is_unknown = is_older_migrant & chance.happens("birthday unknown", 10 * UNKNOWN_BIRTHDAY, twin_of)
    is_first_january = is_unknown & chance.happens("first of January", 0.7, twin_of)
    month = np.where(is_first_january, 1, np.where(is_unknown, 0, month))
    return month, np.where(is_first_january, 1, np.where(is_unknown, 0, day))


def _partners(household: Ids, role: Ids, partner_of_household: Ids) -> Ids:
    of_head = partner_of_household[household]
    return np.where(role == HEAD, of_head, np.where(role == PARTNER, household, -1))


def _surnames(
    chance: Chance, book: NameBook, household: Ids, role: Ids, origin: Ids, partner_of_household: Ids, person: Ids
) -> Ids:
    """Children bear the surname of one parent: mostly that of the head, else that of the other."""
    own = book.draw_surnames(chance, "surname", origin, person)
    of_head, partner = own[household], partner_of_household[household]
    of_partner = np.where(partner >= 0, own[partner], own)
    whose = chance.pick("surname of children", (70, 30), household)
    inherited = np.where(whose == 0, of_head, of_partner)
    shares_name = chance.happens("relative of one name", 0.75, household)
    return np.where(role == CHILD, inherited, np.where((role == RELATIVE) & shares_name, of_head, own))


def _used_names(chance: Chance, sex: Ids, is_married: Flags, person: Ids) -> Ids:
    woman = chance.pick("used name of women", USED_NAMES[WOMAN], person)
    man = chance.pick("used name of men", USED_NAMES[MAN], person)
    return np.where(is_married, np.where(sex == WOMAN, woman, man), OWN_NAME)


def _first_names(
    chance: Chance,
    book: NameBook,
    household: Ids,
    role: Ids,
    origin: Ids,
    sex: Ids,
    birth_year: Ids,
    partner_of_household: Ids,
) -> NDArray[np.int64]:
    """One to four names; some children bear the first name of the parent of their sex."""
    person = np.arange(len(household), dtype=np.int64)
    columns = [book.draw_first_names(chance, f"first name {place}", origin, sex, person) for place in range(4)]
    is_dutch, is_older = origin == DUTCH, birth_year < 1972
    shares = np.where(
        (is_dutch & is_older)[:, None],
        np.array([0.3, 0.72, 0.93, 1.0]),
        np.where(is_dutch[:, None], np.array([0.5, 0.82, 0.96, 1.0]), np.array([0.8, 0.98, 1.0, 1.0])),
    )
    count = 1 + (chance.uniform("number of names", person)[:, None] >= shares).sum(axis=1)
    names = np.stack([np.where(place < count, column, -1) for place, column in enumerate(columns)], axis=1)
    partner = partner_of_household[household]
    parent = np.where(
        sex[household] == sex, household, np.where((partner >= 0) & (sex[partner] == sex), partner, -1)
    )
    is_named_after = np.isin(role, (CHILD, RELATIVE)) & (parent >= 0)
    is_named_after &= chance.happens("named after parent", NAMED_AFTER_PARENT, person)
    names[is_named_after, 0] = names[parent[is_named_after], 0]
    return names
