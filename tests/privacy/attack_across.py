"""An attack on signals and cases together: what the published counts of both say of how many partners cases have.

The attacker knows how the two are linked: a case of two partners holds two signals or more, a crisis signal that
makes a case by itself is the one signal of it. Numbers of which the published tables leave no other possibility
than one to nine are found.
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

ONE, TWO, MORE = "cases of one partner", "cases of two", "cases of three or more"
EXTRA = "signals beyond three of a case"
ELSEWHERE = "signals in cases that were not approached"
SINGLE = "signals without a case"
CRISIS = "crisis signals that are not in an approached case of one partner"
PARTS = (ONE, TWO, MORE, EXTRA, ELSEWHERE, SINGLE, CRISIS)
ASKED = ((ONE,), (TWO, MORE), (EXTRA,), (ELSEWHERE,), (CRISIS,))

Weights = Mapping[str, int]
CASES: Weights = {ONE: 1, TWO: 1, MORE: 1}
TAKEN_UP: Weights = {ONE: 1, TWO: 2, MORE: 3, EXTRA: 1}
IN_CASE: Weights = {**TAKEN_UP, ELSEWHERE: 1}
LINKS: Mapping[tuple[str, str], Weights] = {
    ("partner_count", "1"): {ONE: 1},
    ("partner_count", "2"): {TWO: 1},
    ("partner_count", "3 of meer"): {MORE: 1},
    ("total", "alle"): {**IN_CASE, SINGLE: 1},
    ("position", "in een zaak"): IN_CASE,
    ("position", "enkelvoudig"): {SINGLE: 1},
    ("taken_up", "Opgepakt"): TAKEN_UP,
    ("crisis", "crisis"): {ONE: 1, CRISIS: 1},
}


def attack_across(path: Path, *, one_partner_reveals: bool) -> list[tuple[str, tuple[str, ...], float, float]]:
    """(period, what, least, most) of everything that is known to be one to nine."""
    with duckdb.connect(str(path), read_only=True) as connection:
        quarters = connection.execute(
            "SELECT DISTINCT period FROM publish.counts WHERE subject = 'cases' ORDER BY ALL"
        ).fetchall()
        return [
            found
            for (quarter,) in quarters
            for found in _attack_quarter(connection, quarter, one_partner_reveals=one_partner_reveals)
        ]


def _attack_quarter(
    connection: duckdb.DuckDBPyConnection, quarter: str, *, one_partner_reveals: bool
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
    for weights, within, count in _linked(connection, quarter, one_partner_reveals=one_partner_reveals):
        least = 0 if count == 0 else max(THRESHOLD, count - _SLACK)
        most = count + _SLACK if count else 0
        limits += [(row(within, weights), most), (-row(within, weights), -least)]
    extra = {EXTRA: 1, MORE: 3 - MOST_PARTNERS}
    limits += [(row((month,), extra), 0) for month in months]
    bounds = [(0, 0) if part == ONE and not one_partner_reveals else (0, None) for _, part in places]
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
    connection: duckdb.DuckDBPyConnection, quarter: str, *, one_partner_reveals: bool
) -> Iterator[tuple[Weights, tuple[str, ...], int]]:
    """Published numbers that say something of both, with the months that they are about."""
    months = months_of(quarter)
    listed = ", ".join(f"'{month}'" for month in months)
    rows = connection.execute(
        "SELECT period, topic, category, item_count FROM publish.counts WHERE item_count IS NOT NULL "
        f"AND category <> '{TOGETHER}' AND ((subject = 'cases' AND period = '{quarter}') "
        f"OR (subject = 'signals' AND period IN ({listed})))"
    ).fetchall()
    for period, topic, category, count in rows:
        if topic == "month":
            yield CASES, (category,), count
        elif (topic, category) in LINKS and (topic != "crisis" or one_partner_reveals):
            yield LINKS[topic, category], months_of(period), count
