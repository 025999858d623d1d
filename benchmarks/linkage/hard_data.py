"""A second, independent and harder set: four partners, heavy errors, crowded doors.

Nothing of the practice region's own chances, slips or notations is used, only its list of surnames, and as many
others. Everything that makes matching go wrong is more frequent than in the field: see `RATES` and `hard_writing`.
They were set so that each combination of fields alone finds about the share of pairs that others measured on hard
Dutch data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from benchmarks.linkage import hard_writing as writing
from benchmarks.linkage.hard_names import surnames
from benchmarks.linkage.records import as_records
from pipeline.practice.names import DUTCH, ORIGINS, name_book

PARTNERS = ("huur", "energie", "water", "zorg")
SINGLE, COUPLE, FAMILY, LONE_PARENT, HOUSE_MATES = range(5)
RATES = {
    "kinds of household": (0.36, 0.24, 0.17, 0.09, 0.14),
    "reported by two or more": 0.14,
    "another member holds a contract": 0.4,
    "child named after a parent": 0.4,
    "twins": 0.08,
    "moved lately": 0.12,
    "next tenant is reported too": 0.5,
    "shares a mailbox": 0.35,
    "shares a telephone": 0.3,
    "name of Dutch origin": 0.72,
    "name that the practice region does not have": 0.45,
    "sole trader": 0.018,
}
SYLLABLES = [
    "jan",
    "piet",
    "kees",
    "anna",
    "maria",
    "eva",
    "tom",
    "lisa",
    "sam",
    "noor",
    "fatima",
    "ali",
    "omar",
    "emma",
    "bas",
    "ria",
    "els",
    "ger",
    "wim",
    "han",
]
CONSONANTS = np.array(list("AABBCDEEFGHHIJJJJKLLMMMMNNOPPRRSSTTVWYZ"))
MONTH_WEIGHTS = (0.3, 0.35, 0.2, 0.1, 0.05)
MOST_LETTER_PAIRS = 24 * 24


@dataclass(frozen=True)
class Population:
    """One element per person; doors are numbers of addresses."""

    household: np.ndarray
    door: np.ndarray
    former_door: np.ndarray
    surname: np.ndarray
    partner_surname: np.ndarray  # -1 where there is none
    initials: list[str]
    calling: list[str]
    birth: np.ndarray  # year, month, day
    mailbox: np.ndarray  # the person whose e-mail address is used
    telephone: np.ndarray
    is_trader: np.ndarray
    first_of: np.ndarray  # per household the number of its first person


def hard_records(signals: int, seed: int) -> pl.DataFrame:
    """About so many signals with the person, household and doors behind each."""
    chance = np.random.default_rng([seed, 7_919])
    share = RATES["reported by two or more"]
    count = round(signals / (1 + share * 1.3))
    people = _populate(chance, count)
    person, partner, months = _reported(chance, people, count, share)
    written = writing.write(chance, people, person, partner)
    return as_records(
        written,
        partner_id=pl.Series(PARTNERS).gather(partner),
        signal_id=pl.Series(range(len(person))),
        arrears_months=pl.Series(months),
        person=pl.Series(person),
        household=pl.Series(people.household[person]),
        door=pl.Series(people.door[person]),
        former_door=pl.Series(people.former_door[person]),
    )


def _populate(chance: np.random.Generator, count: int) -> Population:
    """Households and their adults; house-mates are households of one at a shared door."""
    kind = chance.choice(5, count, p=RATES["kinds of household"])
    size = np.array([1, 2, 3, 2, 1])[kind] + (kind == FAMILY) * chance.integers(0, 2, count)
    household = np.repeat(np.arange(count), size)
    first_of = np.cumsum(size) - size
    rank = np.arange(len(household)) - first_of[household]
    door = np.arange(count)
    mates = np.flatnonzero(kind == HOUSE_MATES)
    door[mates] = mates[(np.arange(len(mates)) // 4) * 4]
    moved = chance.random(count) < RATES["moved lately"]
    crowded = chance.random(count) < RATES["next tenant is reported too"]
    former = np.where(moved, np.where(crowded, chance.permutation(door), count + np.arange(count)), door)
    is_child = ((kind[household] == FAMILY) & (rank >= 2)) | ((kind[household] == LONE_PARENT) & (rank == 1))
    surname, other = _surnames(chance, kind, household, rank, is_child, first_of)
    birth = _births(chance, kind, household, rank, is_child)
    initials, calling = _initials(chance, household, is_child, first_of)
    own = np.arange(len(household))
    shares_mail = chance.random(len(own)) < RATES["shares a mailbox"]
    shares_phone = chance.random(len(own)) < RATES["shares a telephone"]
    lead = first_of[household]
    return Population(
        household=household,
        door=door[household],
        former_door=former[household],
        surname=surname,
        partner_surname=other,
        initials=initials,
        calling=calling,
        birth=birth,
        mailbox=np.where(shares_mail, lead, own),
        telephone=np.where(shares_phone, lead, own),
        is_trader=chance.random(len(own)) < RATES["sole trader"],
        first_of=first_of,
    )


def _surnames(
    chance: np.random.Generator,
    kind: np.ndarray,
    household: np.ndarray,
    rank: np.ndarray,
    is_child: np.ndarray,
    first_of: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Common names by a steep law, so that namesakes abound; half of the couples are married."""
    spans, people = name_book().surname_spans, len(household)
    is_dutch = chance.random(people) < RATES["name of Dutch origin"]
    origin = np.where(is_dutch, DUTCH, chance.integers(1, len(ORIGINS), people))
    begin, end = (np.array([span[place] for span in spans])[origin] for place in (0, 2))
    rank_of_name = np.floor((end - begin + 20.0) ** chance.random(people) - 1).astype(np.int64)
    own = begin + np.minimum(rank_of_name, end - begin - 1)
    names = surnames()
    beyond = chance.random(people) < RATES["name that the practice region does not have"]
    first, last = np.where(is_dutch, names.own, names.abroad), np.where(is_dutch, names.abroad, len(names.cores))
    own = np.where(beyond, first + np.floor((last - first) * chance.random(people) ** 1.5).astype(np.int64), own)
    head = own[first_of[household]]
    surname = np.where(is_child, head, own)
    is_married = (np.isin(kind, (COUPLE, FAMILY)) & (chance.random(len(kind)) < 0.5))[household]
    spouse = np.where(rank == 1, head, -1)
    return surname, np.where(is_married & ~is_child & (rank == 1), spouse, -1)


def _births(
    chance: np.random.Generator,
    kind: np.ndarray,
    household: np.ndarray,
    rank: np.ndarray,
    is_child: np.ndarray,
) -> np.ndarray:
    people = len(household)
    head_year = np.where(
        kind == HOUSE_MATES, chance.integers(1998, 2007, len(kind)), chance.integers(1938, 2003, len(kind))
    )
    grown = np.isin(kind, (FAMILY, LONE_PARENT))
    head_year = np.where(grown, chance.integers(1945, 1984, len(kind)), head_year)[household]
    year = np.where(rank == 0, head_year, head_year + chance.integers(-6, 7, people))
    year = np.where(is_child, np.minimum(2007, head_year + chance.integers(19, 34, people)), year)
    birth = np.stack([year, chance.integers(1, 13, people), chance.integers(1, 29, people)], axis=1)
    is_twin = is_child & (rank == 3) & (chance.random(people) < RATES["twins"])
    birth[is_twin] = birth[np.flatnonzero(is_twin) - 1]
    return birth


def _initials(
    chance: np.random.Generator,
    household: np.ndarray,
    is_child: np.ndarray,
    first_of: np.ndarray,
) -> tuple[list[str], list[str]]:
    """One to three letters; a child may have its parent's first. The calling name begins with any letter."""
    people = len(household)
    letters = chance.choice(CONSONANTS, (people, 3))
    named = is_child & (chance.random(people) < RATES["child named after a parent"])
    letters[named, 0] = letters[first_of[household[named]], 0]
    count = chance.choice([1, 2, 3], people, p=[0.42, 0.38, 0.2])
    initials = ["".join(row[:n]) for row, n in zip(letters, count, strict=True)]
    is_other = chance.random(people) < 0.25
    called = np.where(is_other, chance.choice(CONSONANTS, people), letters[:, 0])
    ends = chance.choice(SYLLABLES, people)
    return initials, [f"{letter}{end[1:]}" for letter, end in zip(called, ends, strict=True)]


def _reported(
    chance: np.random.Generator, people: Population, count: int, share: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who is reported, by which partner, for how many months."""
    many = chance.random(count) < share
    number = np.where(many, chance.choice([2, 3, 4], count, p=[0.76, 0.2, 0.04]), 1)
    ranks = chance.random((count, len(PARTNERS))).argsort(axis=1).argsort(axis=1)
    household, partner = np.nonzero(ranks < number[:, None])
    sizes = np.bincount(people.household)
    other = chance.random(len(household)) < RATES["another member holds a contract"]
    step = np.where(other, chance.integers(0, sizes[household]), 0)
    person = people.first_of[household] + step
    months = np.maximum(chance.choice(5, len(person), p=MONTH_WEIGHTS) + 1, np.where(many[household], 2, 1))
    shuffled = chance.permutation(len(person))
    return person[shuffled], partner[shuffled], months[shuffled].astype(np.int16)
