"""Which contracts are in arrears in which month, for how many months and how much.

The region has a fixed number of places for trouble. Each place runs through episodes of its own length; who is
in it during an episode is a draw. So a month's arrears follow from the seed and that month alone, most of them
go on into the next month, and their number stays level however many months are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.practice.chance import Chance, Flags, Floats, Ids, pick_by_weight
from pipeline.practice.contracts import Contracts
from pipeline.practice.partners import PARTNERS, ZORG
from pipeline.vocabulary.period import month_start

NATIONAL_SIGNALS_PER_1000 = 4.0
MOST_SIGNALS_PER_1000 = 200.0
SIGNALS_OF_A_SMALL_REGION = 300
NATIONAL_OVERLAP = 0.11
MOST_OVERLAP = 0.6

EPISODE_MONTHS = (18, 18, 15, 12, 10, 8, 6, 5, 3, 2, 2, 1)
"""Weights of episodes of 1 to 12 months among those that run at any moment."""
PARTNERS_IN_OVERLAP = (0, 0, 76, 20, 4)
JOINS_LATER = 0.12
BOTH_POLICIES = 0.15
SAME_DOOR = 0.4
GROWS, STANDS_STILL = 0.7, 0.25
HAS_WARM_HANDOVER, HAS_OBJECTION = 0.05, 0.04
FEWEST_CRISIS_DAYS = 30
"""Supply ends at least 20 working days after the notice."""


@dataclass(frozen=True)
class Density:
    """How much trouble the region has in a month."""

    signals: float
    overlap: float  # share of signals of households with two or more partners in the month


def density(inhabitants: int, signals_per_1000: float | None) -> Density:
    """The national rate for regions from 75,000 inhabitants; smaller ones are denser, so that there is work.

    Where trouble is denser, more of it falls together.
    """
    rate = signals_per_1000
    if rate is None:
        level = SIGNALS_OF_A_SMALL_REGION / inhabitants * 1000
        rate = min(max(NATIONAL_SIGNALS_PER_1000, level), MOST_SIGNALS_PER_1000)
    overlap = NATIONAL_OVERLAP * max(1.0, rate / NATIONAL_SIGNALS_PER_1000) ** 0.5
    return Density(rate * inhabitants / 1000, min(overlap, MOST_OVERLAP))


@dataclass(frozen=True)
class _Episodes:
    """Who is in trouble in one month: one element per place, or per signal once partners are chosen."""

    household: Ids
    partner: Ids
    number: Ids  # of place and episode together, for draws that hold during the episode
    age: Ids  # months since the episode began


def month_arrears(
    chance: Chance, contracts: Contracts, level: Density, month: str, businesses: int
) -> pl.DataFrame:
    """All arrears of a month that a partner reports, one row per client number, in no order.

    Columns: partner, holder, is_business, is_second, household, months, cents, since_on, signalled_on, is_crisis,
    crisis_on, has_warm_handover, has_objection. The holder is a person, or a business where is_business.
    """
    instant = _month_number(month)
    found = [_overlaps(chance, contracts, level, instant)]
    found += [_singles(chance, contracts, level, instant, place) for place in range(len(PARTNERS))]
    found.append(_same_door(chance, contracts, _joined(found)))
    people = _joined(found)
    holder = contracts.holder[people.household, people.partner]
    rows = _rows(chance, people, holder, np.zeros(len(holder), dtype=np.bool_), instant)
    both = _both_policies(chance, contracts, found[0])
    rows_other = _rows(
        chance, both, contracts.other_policy[both.household], np.zeros(len(both.age), np.bool_), instant
    )
    firms = _joined([_firms(chance, level, instant, place, businesses) for place in range(len(PARTNERS))])
    rows_firms = _rows(chance, firms, firms.household, np.ones(len(firms.age), np.bool_), instant)
    frame = pl.concat([rows, rows_other, rows_firms]).unique(
        ["partner", "holder", "is_business"], keep="first", maintain_order=True
    )
    return _with_second_numbers(chance, frame)


def _month_number(month: str) -> int:
    start = month_start(month)
    return start.year * 12 + start.month - 1


def _episodes(chance: Chance, name: str, places: int, instant: int) -> tuple[Ids, Ids]:
    """Number and age of the episode that each place is in."""
    ids = np.arange(places, dtype=np.int64)
    length = 1 + chance.pick(f"{name}/length", EPISODE_MONTHS, ids)
    run = instant + chance.whole(f"{name}/phase", 0, 10_000, ids)
    return ids * 1_000_000 + run // length, run % length


def _overlaps(chance: Chance, contracts: Contracts, level: Density, instant: int) -> _Episodes:
    """Households that two or more partners report."""
    mean = np.average(np.arange(len(PARTNERS_IN_OVERLAP)), weights=PARTNERS_IN_OVERLAP)
    number, age = _episodes(chance, "overlap", max(2, round(level.overlap * level.signals / mean)), instant)
    fits = np.flatnonzero(contracts.is_served.sum(axis=1) >= 2)
    household = fits[pick_by_weight(chance.uniform("overlap/who", number), contracts.trouble[fits])]
    wanted = chance.pick("overlap/partners", PARTNERS_IN_OVERLAP, number)
    columns = np.arange(len(PARTNERS), dtype=np.int64)
    keys = chance.uniform("overlap/which", number[:, None] + 0 * columns, 0 * number[:, None] + columns)
    keys = np.where(contracts.is_served[household], keys, 2.0)
    rank = keys.argsort(axis=1).argsort(axis=1)
    later = chance.happens("overlap/later", JOINS_LATER, number[:, None] + 0 * columns, rank)
    is_in = (rank < wanted[:, None]) & (keys < 2.0) & ~(later & (age[:, None] < 1) & (rank > 0))
    slot, partner = np.nonzero(is_in)
    return _Episodes(household[slot], partner.astype(np.int64), number[slot], age[slot])


def _singles(chance: Chance, contracts: Contracts, level: Density, instant: int, partner: int) -> _Episodes:
    """Clients whom only this partner reports, as far as it knows."""
    share = PARTNERS[partner].share_of_signals
    places = max(1, round((1 - level.overlap) * level.signals * share))
    name = f"single/{PARTNERS[partner].partner_id}"
    number, age = _episodes(chance, name, places, instant)
    fits = np.flatnonzero(contracts.is_served[:, partner])
    household = fits[pick_by_weight(chance.uniform(f"{name}/who", number), contracts.trouble[fits])]
    return _Episodes(household, np.full(len(age), partner, dtype=np.int64), number + (partner + 1) * 10**13, age)


def _firms(chance: Chance, level: Density, instant: int, partner: int, businesses: int) -> _Episodes:
    """Legal persons; each is a client of one partner, so none of them is ever a match."""
    row = PARTNERS[partner]
    places = (
        0 if row.business_rate == 0 else max(1, round(level.signals * row.share_of_signals * row.business_rate))
    )
    number, age = _episodes(chance, f"firm/{row.partner_id}", places, instant)
    own = np.arange(partner, businesses, len(PARTNERS), dtype=np.int64)
    firm = own[chance.whole(f"firm/{row.partner_id}/who", 0, len(own) - 1, number)]
    return _Episodes(firm, np.full(places, partner, dtype=np.int64), number + (partner + 11) * 10**13, age)


def _both_policies(chance: Chance, contracts: Contracts, overlaps: _Episodes) -> _Episodes:
    """Some households owe the premiums of two adults at once."""
    chosen = (
        (overlaps.partner == ZORG)
        & (contracts.other_policy[overlaps.household] >= 0)
        & chance.happens("both policies", BOTH_POLICIES, overlaps.number)
    )
    return _Episodes(
        overlaps.household[chosen],
        overlaps.partner[chosen],
        overlaps.number[chosen] + 10**15,
        overlaps.age[chosen],
    )


def _same_door(chance: Chance, contracts: Contracts, reported: _Episodes) -> _Episodes:
    """Trouble of house-mates, and of those who live where somebody in trouble lived before."""
    household = contracts.same_door[reported.household]
    is_in = (household >= 0) & chance.happens("same door", SAME_DOOR, reported.number)
    household, number, age = household[is_in], reported.number[is_in], reported.age[is_in]
    columns = np.arange(len(PARTNERS), dtype=np.int64)
    keys = chance.uniform("same door/which", number[:, None] + 0 * columns, 0 * number[:, None] + columns)
    keys = np.where(contracts.is_served[household], keys, 2.0)
    is_served = keys.min(axis=1) < 2.0
    return _Episodes(
        household[is_served], keys.argmin(axis=1)[is_served], number[is_served] + 2 * 10**15, age[is_served]
    )


def _joined(parts: list[_Episodes]) -> _Episodes:
    names = ("household", "partner", "number", "age")
    return _Episodes(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _rows(chance: Chance, episodes: _Episodes, holder: Ids, is_business: Flags, instant: int) -> pl.DataFrame:
    partner, number = episodes.partner, episodes.number
    months = _months(chance, partner, number, episodes.age)
    who = holder * 2 + is_business
    low, high = (np.array([row.monthly_bill_eur[end] for row in PARTNERS])[partner] for end in (0, 1))
    bill = chance.whole("bill", low * 100, high * 100, partner, who)
    paid = 0.85 + 0.3 * chance.uniform("how full", partner, who, number)
    cents = np.maximum(100, np.floor(bill * months * paid)).astype(np.int64)
    since_month = instant - months + 1
    since = _days(since_month) + chance.whole("due day", 0, 11, partner, who)
    report_day = chance.whole("report day", 14, 25, partner, np.full(len(partner), instant))
    signalled = _days(np.full(len(partner), instant)) + report_day
    rate, least = (
        np.array([getattr(row, name) for row in PARTNERS])[partner] for name in ("crisis_rate", "crisis_from")
    )
    is_crisis = (months >= least) & chance.happens("crisis", rate, partner, who, number)
    crisis = signalled + chance.whole(
        "crisis day", FEWEST_CRISIS_DAYS, FEWEST_CRISIS_DAYS + 20, partner, who, number
    )
    return pl.DataFrame(
        {
            "partner": partner,
            "holder": holder,
            "is_business": is_business,
            "household": np.where(is_business, -1, episodes.household),
            "months": months,
            "cents": cents,
            "since_on": since.astype("datetime64[D]"),
            "signalled_on": signalled.astype("datetime64[D]"),
            "is_crisis": is_crisis,
            "crisis_on": crisis.astype("datetime64[D]"),
            "has_warm_handover": chance.happens("warm handover", HAS_WARM_HANDOVER, partner, who),
            "has_objection": chance.happens("objection", HAS_OBJECTION, partner, who),
        }
    )


def _days(month_number: Ids) -> NDArray[np.int64]:
    """The first day of months counted from the year 0, as days since 1970."""
    return (month_number - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _months(chance: Chance, partner: Ids, number: Ids, age: Ids) -> Ids:
    """Months in arrears: where they began, and what each later month added, left, or paid off."""
    months = np.zeros(len(partner), dtype=np.int64)
    uniform: Floats = chance.uniform("first months", partner, number)
    for place, row in enumerate(PARTNERS):
        here = partner == place
        values = np.array([value for value, _ in row.first_months], dtype=np.int64)
        months[here] = values[pick_by_weight(uniform[here], np.array([weight for _, weight in row.first_months]))]
    every = np.array([row.bill_every for row in PARTNERS])[partner]
    for step in range(1, len(EPISODE_MONTHS)):
        move = chance.uniform("move", partner, number, np.full(len(partner), step))
        change = np.where(move < GROWS, every, np.where(move < GROWS + STANDS_STILL, 0, -1))
        months = np.maximum(1, months + np.where((step <= age) & (step % every == 0), change, 0))
    return months


def _with_second_numbers(chance: Chance, frame: pl.DataFrame) -> pl.DataFrame:
    """Some persons are known twice to one partner, under two client numbers."""
    rates = np.array([row.second_number_rate for row in PARTNERS])[frame["partner"].to_numpy()]
    twice = chance.happens("second number", rates, frame["partner"].to_numpy(), frame["holder"].to_numpy())
    again = frame.filter(pl.Series(twice) & ~pl.col("is_business"))
    return pl.concat(
        [
            frame.with_columns(is_second=pl.lit(False)),
            again.with_columns(is_second=pl.lit(True), cents=pl.col("cents") // 2),
        ]
    )
