"""The processing log in the store: asked for by data subject, kind and day; sent once; retired by its term."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.retirement_ledger import Retirement
from pipeline.store.tables import processings
from pipeline.vocabulary.processing import ACTIVITIES, OK, subject_id, trace_id


@dataclass(frozen=True, slots=True)
class ProcessingQuestion:
    """Which lines are asked for; None asks for all. Instants are UTC text, `until` is not included."""

    subject_ids: tuple[str, ...] | None = None
    name: str | None = None
    trace_id: str | None = None
    since: str | None = None
    until: str | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The question as SQL."""
        table = processings.c
        found: list[sa.ColumnElement[bool]] = []
        if self.subject_ids is not None:
            found.append(table.data_subject_id.in_(self.subject_ids))
        for value, column in ((self.name, table.name), (self.trace_id, table.trace_id)):
            if value is not None:
                found.append(column == value)
        if self.since is not None:
            found.append(table.started_at >= self.since)
        if self.until is not None:
            found.append(table.started_at < self.until)
        return found


def count_lines(store: Store, question: ProcessingQuestion) -> int:
    """How many lines answer the question."""
    statement = sa.select(sa.func.count().label("count")).select_from(processings)
    return int(store.all(statement.where(*question.conditions()))[0]["count"])


def newest_lines(store: Store, question: ProcessingQuestion, most: int) -> list[dict[str, Any]]:
    """The newest lines that answer the question, oldest first."""
    asked = sa.select(processings).where(*question.conditions())
    newest = asked.order_by(*(column.desc() for column in _in_order())).limit(most)
    return store.all(newest)[::-1]


def without_line(
    store: Store, name: str, subjects: Iterable[tuple[str, str, str]], *, cause: str
) -> set[tuple[str, str, str]]:
    """Those that have no line of this kind and cause yet: what was killed and is done anew adds none.

    Args:
        subjects: (partner_id, month, signal_id).
    """
    of = {subject_id(*one): one for one in subjects}
    question = ProcessingQuestion(tuple(sorted(of)), name, trace_id(cause))
    found = store.all(sa.select(processings.c.data_subject_id).where(*question.conditions()))
    return set(of.values()) - {of[row["data_subject_id"]] for row in found}


def not_exported(store: Store, most: int) -> list[dict[str, Any]]:
    """Lines that no collector has, oldest first."""
    waiting = sa.select(processings).where(processings.c.is_exported.is_(False))
    return store.all(waiting.order_by(*_in_order()).limit(most))


def _in_order() -> tuple[sa.ColumnElement[Any], ...]:
    """By instant, and within a second in the order in which things are done: opened before it is shown."""
    table = processings.c
    step = sa.case({name: number for number, name in enumerate(ACTIVITIES)}, value=table.name)
    return table.started_at, step, table.trace_id, table.span_id


def mark_exported(store: Store, lines: Sequence[Mapping[str, Any]], *, at: str, actor: str) -> None:
    """Write down that a collector acknowledged these lines."""
    same = (processings.c[name] == sa.bindparam(f"key_{name}") for name in ("trace_id", "span_id"))
    keys = [{"key_trace_id": line["trace_id"], "key_span_id": line["span_id"]} for line in lines]
    with store.transaction("export_processings", at=at, actor=actor) as transaction:
        transaction.connection.execute(processings.update().where(*same).values(is_exported=True), keys)
        transaction.journal("export_processings", "otlp", counts={"lines": len(keys)})


def frame_of(
    name: str, subjects: pl.DataFrame, *, cause: str, at: str, ground: str, agreement_version: int | None
) -> pl.DataFrame:
    """A line for each data subject, as a frame to stage: a delivery has ten thousands of them.

    Args:
        subjects: partner_id, month, signal_id.
    """
    spans = os.urandom(8 * subjects.height).hex()
    names = subjects.select("partner_id", "month", "signal_id").iter_rows()
    return pl.DataFrame(
        {
            "span_id": [spans[at : at + 16] for at in range(0, len(spans), 16)],
            "data_subject_id": [subject_id(*one) for one in names],
        },
        schema={"span_id": pl.String, "data_subject_id": pl.String},
    ).with_columns(
        trace_id=pl.lit(trace_id(cause)),
        name=pl.lit(name),
        started_at=pl.lit(at),
        ended_at=pl.lit(at),
        status_code=pl.lit(OK),
        ground=pl.lit(ground),
        agreement_version=pl.lit(agreement_version, dtype=pl.Int64),
        is_exported=pl.lit(False),
    )


def add_staged(transaction: Transaction, staged: sa.Table) -> None:
    """Add lines that were staged."""
    names = [column.name for column in processings.columns]
    selected = sa.select(*(staged.c[name] for name in names))
    transaction.connection.execute(processings.insert().from_select(names, selected))


def retire_lines(store: Store, run: Retirement, until_instant: str, due_before: str) -> None:
    """Delete the lines that an earlier run, whose term ended, had seen."""
    with store.transaction("retire_processings", at=run.at, actor=run.actor) as transaction:
        old = processings.delete().where(processings.c.started_at <= until_instant)
        run.add(transaction, "processings", due_before, transaction.connection.execute(old).rowcount)
