"""An attack on what is published: everything that follows from it about few people, by linear programming.

The attacker has all tables of one subject and period at once, knows the rules of publication, and asks of every
cell of every table, and of every crossing of two tables, how many can be in it at most. The truth is only used to
choose which cells to ask about: those in which one to nine are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from pipeline.analytics.disclosure import ROUNDING, THRESHOLD
from pipeline.analytics.publish_tables import TOGETHER
from pipeline.analytics.topics import Subject, Topic, months_of, subjects

Assignment = dict[str, str]
_SLACK = ROUNDING // 2
NOBODY = (
    {"partner_count": "1", "confirmation": "beoordeeld"},
    {"partner_count": "1", "confirmation": "waarschijnlijk"},
    {"lane": "alleen crisis", "crisis": "geen crisis"},
)
"""Places where nobody can be: one partner leaves no doubt, and a case for a crisis holds a crisis signal."""


@dataclass(frozen=True)
class Finding:
    """A cell with a few people of which the attacker knows that few are in it."""

    subject: str
    period: str
    cell: tuple[tuple[str, str], ...]
    truth: int
    at_most: float


@dataclass(frozen=True)
class Shown:
    """One published number: these categories of this topic count so many together."""

    topic: str
    categories: tuple[str, ...]
    least: float
    most: float


def attack(path: Path) -> Iterator[Finding]:
    """Everything that the attack finds in a published file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        for subject in subjects():
            question = "SELECT DISTINCT period FROM publish.counts WHERE subject = ? ORDER BY period"
            for (period,) in connection.execute(question, [subject.code]).fetchall():
                yield from _attack_period(connection, subject, period)


def _attack_period(connection: duckdb.DuckDBPyConnection, subject: Subject, period: str) -> Iterator[Finding]:
    shown = _shown(connection, subject, period)
    categories = _categories(connection, subject, period)
    topics = [topic for topic in subject.topics if len(months_of(period)) == (1 if topic.period == "month" else 3)]
    asked_before: set[tuple[tuple[str, str], ...]] = set()
    for one, other in combinations(topics, 2):
        small = _small_cells(connection, subject, (one, other), period)
        cells = {cell: truth for cell, truth in small.items() if cell not in asked_before}
        asked_before |= cells.keys()
        if not cells:
            continue
        chain = _chain(subject, one) | _chain(subject, other)
        lefts, rights = (_paths(subject, topic, categories) for topic in (one, other))
        places = [
            {**left, **right}
            for left in lefts
            for right in rights
            if all(left[name] == right[name] for name in left.keys() & right.keys())
            and not any(nobody.items() <= {**left, **right}.items() for nobody in NOBODY)
        ]
        known = [row for row in shown if row.topic in chain]
        sums = np.array(
            [[place.get(row.topic) in row.categories for place in places] for row in known], dtype=float
        ).reshape(len(known), len(places))
        both = csr_array(np.vstack([sums, -sums]))
        limits = np.array([row.most for row in known] + [-row.least for row in known])
        for cell, truth in cells.items():
            asked = np.array(
                [all(place.get(name) == value for name, value in cell) for place in places], dtype=float
            )
            best = linprog(-asked, A_ub=both, b_ub=limits, bounds=(0, None), method="highs")
            assert best.status in (0, 3), "what is published cannot be true"
            if best.status == 0 and -best.fun < THRESHOLD - 1e-6:
                yield Finding(subject.code, period, cell, truth, -best.fun)


def _shown(connection: duckdb.DuckDBPyConnection, subject: Subject, period: str) -> list[Shown]:
    question = (
        "SELECT topic, category, item_count, is_together FROM publish.counts WHERE subject = ? AND period = ?"
    )
    rows = connection.execute(question, [subject.code, period]).fetchall()
    together: dict[str, list[str]] = defaultdict(list)
    for topic, category, _, is_together in rows:
        if is_together:
            together[topic].append(category)
    has_approach = any(topic == "approach" for topic, *_ in rows)
    left_out = {"shown": 0 if has_approach else THRESHOLD - 1}
    return [
        Shown(
            topic,
            tuple(together[topic]) if category == TOGETHER else (category,),
            (count - _SLACK if count < THRESHOLD else max(THRESHOLD, count - _SLACK)) if count else 0,
            count + _SLACK + left_out.get(topic, 0) if count else 0,
        )
        for topic, category, count, _ in rows
        if count is not None
    ]


def _chain(subject: Subject, topic: Topic) -> set[str]:
    return {topic.code} | (_chain(subject, subject.topic(topic.within[0])) if topic.within else set())


def _categories(connection: duckdb.DuckDBPyConnection, subject: Subject, period: str) -> dict[str, list[str]]:
    question = "SELECT topic, category FROM work.counts WHERE subject = ? AND period = ? ORDER BY 1, 2"
    found: dict[str, list[str]] = defaultdict(list)
    for topic, category in connection.execute(question, [subject.code, period]).fetchall():
        found[topic].append(category)
    return found


def _paths(subject: Subject, topic: Topic, categories: Mapping[str, Sequence[str]]) -> list[Assignment]:
    """Every place where somebody can be, as far as a topic and what it lies within can tell."""
    own = [{topic.code: category} for category in categories.get(topic.code, ())]
    if topic.within is None:
        return own
    name, value = topic.within
    above = _paths(subject, subject.topic(name), categories)
    return [path for path in above if path.get(name) != value] + [
        {**path, **here} for path in above if path.get(name) == value for here in own
    ]


def _small_cells(
    connection: duckdb.DuckDBPyConnection, subject: Subject, topics: Sequence[Topic], period: str
) -> dict[tuple[tuple[str, str], ...], int]:
    """Cells of two topics, and of their crossing, in which one to nine are."""
    columns = ", ".join(
        f"if({subject.where_sql(topic)}, {topic.category_sql}, NULL) AS c{place}"
        for place, topic in enumerate(topics)
    )
    months = ", ".join(f"'{month}'" for month in months_of(period))
    rows = connection.execute(
        f"SELECT c0, c1, count(*) FROM (SELECT {columns} FROM work.{subject.table} "
        f"WHERE ({subject.filter_sql}) AND month IN ({months})) GROUP BY ALL"
    ).fetchall()
    counts: dict[tuple[tuple[str, str], ...], int] = defaultdict(int)
    for *values, count in rows:
        named = [(topic.code, value) for topic, value in zip(topics, values, strict=True) if value is not None]
        for size in (1, 2):
            for cell in combinations(named, size):
                counts[cell] += count
    return {cell: count for cell, count in counts.items() if 0 < count < THRESHOLD}
