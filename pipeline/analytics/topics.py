"""What is counted, read from topics.yaml: subjects (signals, cases), their topics, categories and moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipeline.vocabulary.period import add_months

SIGNALS, CASES = "signals", "cases"
MONTH, QUARTER = "month", "quarter"
DELIVERIES, FOLLOW_UP = "deliveries", "follow_up"
OBSERVED, WIJKEN, MONTHS = "observed", "wijken", "months"


@dataclass(frozen=True, slots=True)
class Topic:
    """One way to cut a population. `categories` None: those that occur, or those named by `listed`."""

    subject: str
    code: str
    meaning: str
    period: str
    moment: str
    category_sql: str
    categories: tuple[str, ...] | None
    listed: str | None
    within: tuple[str, str] | None
    tells_partners: bool = False
    needs_signals: bool = False

    @property
    def is_top(self) -> bool:
        """Whether it cuts the whole population."""
        return self.within is None


@dataclass(frozen=True, slots=True)
class Subject:
    """A population: a table of `work`, and which of its rows count.

    `frame` are topics around the population that is published, widest first; each is cut within the one before.
    `around` is the topic that counts the population of the last of them as one number.
    """

    code: str
    table: str
    filter_sql: str
    topics: tuple[Topic, ...]
    frame: tuple[str, ...] = ()
    around: str | None = None

    def topic(self, code: str) -> Topic:
        """The topic with this code."""
        return next(topic for topic in self.topics if topic.code == code)

    def without_partners(self) -> Subject:
        """Only what says nothing of how many partners stand behind a case, and nothing within what does.

        Of the frame what lies inside stays: the population is the same, nothing beside it is told.
        """
        telling = [place for place, code in enumerate(self.frame, 1) if self.topic(code).tells_partners]
        outside, inside = (self.frame[: max(telling, default=0)], self.frame[max(telling, default=0) :])
        told = [topic for topic in self.topics if topic.code not in outside and not self._tells_partners(topic)]
        return replace(self, topics=tuple(told), frame=inside)

    def without_signals(self) -> Subject:
        """Only what can still be counted when the signals of a period have passed their term."""
        return replace(self, topics=tuple(topic for topic in self.topics if not topic.needs_signals))

    def _tells_partners(self, topic: Topic) -> bool:
        parent = self.topic(topic.within[0]) if topic.within and topic.within[0] not in self.frame else None
        return topic.tells_partners or (parent is not None and self._tells_partners(parent))

    def is_root(self, topic: Topic) -> bool:
        """Whether a topic cuts the whole of the population that is published."""
        return topic.code not in self.frame and (topic.within[0] if topic.within else None) == (
            self.frame[-1] if self.frame else None
        )

    def where_sql(self, topic: Topic) -> str:
        """Which rows a topic cuts."""
        if topic.within is None:
            return self.filter_sql
        parent = self.topic(topic.within[0])
        value = topic.within[1].replace("'", "''")
        return f"{self.where_sql(parent)} AND ({parent.category_sql}) = '{value}'"

    def count_sql(self, topic: Topic) -> str:
        """The exact counts of a topic per month."""
        return (
            f"SELECT '{self.code}' AS subject, '{topic.code}' AS topic, month, "  # noqa: S608 - own texts
            f"({topic.category_sql}) AS category, count(*) AS item_count "
            f"FROM work.{self.table} WHERE {self.where_sql(topic)} GROUP BY ALL"
        )


@cache
def subjects() -> tuple[Subject, ...]:
    """All subjects."""
    document = yaml.safe_load(Path(__file__).with_name("topics.yaml").read_text(encoding="utf-8"))
    return tuple(_subject(code, row) for code, row in document.items())


def all_topics() -> Iterator[Topic]:
    """Every topic of every subject, parents before what is within them."""
    for subject in subjects():
        yield from subject.topics


def period_of(month: str, kind: str) -> str:
    """The month itself, or its quarter, as `2026Q4`."""
    return month if kind == MONTH else f"{month[:4]}Q{(int(month[5:7]) + 2) // 3}"


def months_of(period: str) -> tuple[str, ...]:
    """The months of a period."""
    if "Q" not in period:
        return (period,)
    first = f"{period[:4]}-{int(period[5]) * 3 - 2:02d}"
    return tuple(add_months(first, count) for count in range(3))


def _subject(code: str, row: Mapping[str, Any]) -> Subject:
    topics = [_topic(code, name, topic) for name, topic in row["topics"].items()]
    ordered = [topic for topic in topics if topic.is_top]
    while len(ordered) < len(topics):
        known = {topic.code for topic in ordered}
        ordered += [
            topic for topic in topics if topic.code not in known and topic.within and topic.within[0] in known
        ]
    return Subject(
        code, row["table"], row["filter"], tuple(ordered), tuple(row.get("frame", ())), row.get("around")
    )


def _topic(subject: str, code: str, row: Mapping[str, Any]) -> Topic:
    given = row["categories"]
    within = row.get("within")
    return Topic(
        subject=subject,
        code=code,
        meaning=row["meaning"],
        period=row["period"],
        moment=row["moment"],
        category_sql=row["category"],
        categories=tuple(given) if isinstance(given, list) else None,
        listed=None if isinstance(given, list) else given,
        within=(within[0], within[1]) if within else None,
        tells_partners=row.get("tells_partners", False),
        needs_signals=row.get("needs_signals", False),
    )
