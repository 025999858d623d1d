"""An attack on signals and cases together: what the published counts of both say of how many partners cases have.

The attacker knows how the two are linked: a case of two partners holds two signals or more, a crisis signal that
makes a case by itself is the one signal of it, and such a case is not among those that follow-up is told of. What
the published tables leave no other possibility for than one to nine is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, floor
from pathlib import Path

import duckdb
import numpy as np
from scipy.optimize import linprog

from pipeline.analytics.disclosure import ROUNDING, THRESHOLD
from pipeline.analytics.publish_tables import TOGETHER
from pipeline.analytics.topics import months_of

MOST_PARTNERS = 4
_SLACK = ROUNDING // 2

BY_CRISIS, BY_RULE = "a crisis signal makes a case", "the rule asks for one partner"
"""How one partner can make a case."""

ONE, TWO, MORE = "cases of one partner", "cases of two", "cases of three or more"
ONE_LEFT, ONE_WAITS = "cases of one partner that were not approached", "cases of one partner that were not shown"
EXTRA = "signals beyond three of a case"
ELSEWHERE = "signals in cases that were not approached"
SINGLE = "signals without a case"
CRISIS = "crisis signals that make no case by themselves"
PARTS = (ONE, ONE_LEFT, ONE_WAITS, TWO, MORE, EXTRA, ELSEWHERE, SINGLE, CRISIS)
ASKED = ((ONE,), (ONE, ONE_LEFT), (TWO, MORE), (EXTRA,), (ELSEWHERE,), (CRISIS,))

Weights = Mapping[str, int]
TAKEN_UP: Weights = {ONE: 1, TWO: 2, MORE: 3, EXTRA: 1}
OF_ONE: Weights = {ONE: 1, ONE_LEFT: 1, ONE_WAITS: 1}
IN_CASE: Weights = {**TAKEN_UP, **OF_ONE, ELSEWHERE: 1}
LINKS: Mapping[tuple[str, str, str], Weights] = {
    ("cases", "partner_count", "2"): {TWO: 1},
    ("cases", "partner_count", "3 of meer"): {MORE: 1},
    ("signals", "total", "alle"): {**IN_CASE, SINGLE: 1},
    ("signals", "position", "in een zaak"): IN_CASE,
    ("signals", "position", "enkelvoudig"): {SINGLE: 1},
    ("signals", "taken_up", "Opgepakt"): TAKEN_UP,
}
LINKS_OF_ONE: Mapping[str | None, Mapping[tuple[str, str, str], Weights]] = {
    None: {},
    BY_RULE: {("cases", "partner_count", "1"): {ONE: 1}},
    BY_CRISIS: {
        ("cases", "lane", "alleen crisis"): {ONE: 1, ONE_LEFT: 1},
        ("signals", "lane", "alleen crisis"): OF_ONE,
        ("signals", "crisis", "crisis"): {**OF_ONE, CRISIS: 1},
    },
}


def attack_across(path: Path, one_partner: str | None = None) -> list[tuple[str, tuple[str, ...], float, float]]:
    """(period, what, least, most) of everything that is known to be one to nine."""
    with duckdb.connect(str(path), read_only=True) as connection:
        quarters = connection.execute(
            "SELECT DISTINCT period FROM publish.counts WHERE subject = 'cases' ORDER BY ALL"
        ).fetchall()
        return [found for (quarter,) in quarters for found in _attack_quarter(connection, quarter, one_partner)]


def _attack_quarter(
    connection: duckdb.DuckDBPyConnection, quarter: str, one_partner: str | None
) -> Iterator[tuple[str, tuple[str, ...], float, float]]:
    months = months_of(quarter)
    places = {(month, part): number for number, (month, part) in enumerate((m, p) for m in months for p in PARTS)}

    def row(within: tuple[str, ...], weights: Weights) -> np.ndarray:
        made = np.zeros(len(places))
        for month in within:
            for part, weight in weights.items():
                made[places[month, part]] = weight
        return made

    limits: list[tuple[np.ndarray, float]] = []
    for weights, within, count in _linked(connection, quarter, one_partner):
        least = 0 if count == 0 else max(THRESHOLD, count - _SLACK)
        most = count + _SLACK if count else 0
        limits += [(row(within, weights), most), (-row(within, weights), -least)]
    extra = {EXTRA: 1, MORE: 3 - MOST_PARTNERS}
    limits += [(row((month,), extra), 0) for month in months]
    bounds = [(0, 0) if part in OF_ONE and not one_partner else (0, None) for _, part in places]
    left, right = np.array([one for one, _ in limits]), np.array([one for _, one in limits])
    for within in (*((month,) for month in months), months):
        for asked in ASKED:
            goal = row(within, dict.fromkeys(asked, 1))
            low = linprog(goal, A_ub=left, b_ub=right, bounds=bounds, method="highs")
            high = linprog(-goal, A_ub=left, b_ub=right, bounds=bounds, method="highs")
            assert low.status == 0, "what is published cannot be true"
            least = ceil(low.fun - 1e-6)
            most = floor(-high.fun + 1e-6) if high.status == 0 else float("inf")
            if least >= 1 and most < THRESHOLD:
                yield " ".join(within), asked, least, most


def _linked(
    connection: duckdb.DuckDBPyConnection, quarter: str, one_partner: str | None
) -> Iterator[tuple[Weights, tuple[str, ...], int]]:
    """Published numbers that say something of both, with the months that they are about."""
    months = months_of(quarter)
    listed = ", ".join(f"'{month}'" for month in months)
    rows = connection.execute(
        "SELECT subject, period, topic, category, item_count FROM publish.counts WHERE item_count IS NOT NULL "
        f"AND category <> '{TOGETHER}' AND ((subject = 'cases' AND period = '{quarter}') "
        f"OR (subject = 'signals' AND period IN ({listed})))"
    ).fetchall()
    links = {**LINKS, **LINKS_OF_ONE[one_partner]}
    told_of: Weights = {TWO: 1, MORE: 1, **({ONE: 1} if one_partner == BY_RULE else {})}
    for subject, period, topic, category, count in rows:
        if topic == "month":
            yield told_of, (category,), count
        elif (subject, topic, category) in links:
            yield links[subject, topic, category], months_of(period), count
