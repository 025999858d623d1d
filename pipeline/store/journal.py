"""Reading the journal: who did what to which object, when, on which ground, with what result."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipeline.store.connect import Store
from pipeline.store.tables import cases, disclosures, journal

_BATCH = 500


@dataclass(frozen=True, slots=True)
class JournalQuestion:
    """Which lines are asked for; None asks for all. Instants are UTC text, `until` is not included."""

    object_: str | None = None
    actors: tuple[str, ...] | None = None
    action: str | None = None
    since: str | None = None
    until: str | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The question as SQL."""
        found: list[sa.ColumnElement[bool]] = []
        for value, column in (
            (self.object_, journal.c.object),
            (self.action, journal.c.action),
        ):
            if value is not None:
                found.append(column == value)
        if self.actors is not None:
            found.append(journal.c.actor.in_(self.actors))
        if self.since is not None:
            found.append(journal.c.at >= self.since)
        if self.until is not None:
            found.append(journal.c.at < self.until)
        return found


def count_lines(store: Store, question: JournalQuestion) -> int:
    """How many lines answer the question."""
    statement = sa.select(sa.func.count().label("count")).select_from(journal).where(*question.conditions())
    return int(store.all(statement)[0]["count"])


def newest_lines(store: Store, question: JournalQuestion, most: int) -> list[dict[str, Any]]:
    """The newest lines that answer the question, in the order in which they were written."""
    statement = sa.select(journal).where(*question.conditions()).order_by(journal.c.seq.desc()).limit(most)
    return store.all(statement)[::-1]


def actors(store: Store) -> list[str]:
    """Everybody who has a line."""
    return [row["actor"] for row in store.all(sa.select(journal.c.actor).distinct().order_by(journal.c.actor))]


def line(store: Store, seq: int) -> dict[str, Any] | None:
    """One line by its number."""
    return next(iter(store.all(sa.select(journal).where(journal.c.seq == seq))), None)


def last_results(store: Store, objects: Collection[str], actions: Collection[str]) -> dict[str, str]:
    """Of each of these objects the result of its newest line with one of these actions."""
    table, ordered = journal.c, sorted(objects)
    found: dict[str, str] = {}
    for start in range(0, len(ordered), _BATCH):
        is_asked = sa.and_(table.object.in_(ordered[start : start + _BATCH]), table.action.in_(sorted(actions)))
        statement = sa.select(table.object, table.result).where(is_asked).order_by(table.seq)
        found |= {str(row["object"]): str(row["result"]) for row in store.all(statement)}
    return found


def cases_by_id(store: Store, case_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Of these ids those that are cases: month, state, team, agreement version, when opened and first shown."""
    names = ("case_id", "month", "state", "team_id", "agreement_version", "opened_on", "first_revealed_on")
    columns = [cases.c[name] for name in names]
    ordered = sorted(case_ids)
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ordered), _BATCH):
        statement = sa.select(*columns).where(cases.c.case_id.in_(ordered[start : start + _BATCH]))
        found |= {row["case_id"]: row for row in store.all(statement)}
    return found


def disclosures_of(store: Store, case_id: str) -> list[dict[str, Any]]:
    """On which worklists a case stood: worklist_on, team_id, ground, is_new."""
    table = disclosures.c
    statement = sa.select(table.worklist_on, table.team_id, table.ground, table.is_new)
    return store.all(statement.where(table.case_id == case_id).order_by(table.worklist_on, table.disclosed_at))
