"""Erasing a person's rows: signals by their id, cases by theirs, with everything that hangs on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.retirement import OF_A_CASE
from pipeline.store.tables import case_signals, cases, feedback_sent, month_marks, signals
from pipeline.vocabulary.processing import subject_id

SignalName = tuple[str, str, str]
"""(partner_id, month, signal_id)"""
_BATCH = 200
_Item = TypeVar("_Item")


def present(store: Store, names: Collection[SignalName], case_ids: Collection[str]) -> bool:
    """Whether the store holds a row of any of these."""
    for batch in _batches(sorted(names)):
        for table in (signals, case_signals, feedback_sent):
            if store.all(sa.select(sa.literal(1)).select_from(table).where(_named(table, batch)).limit(1)):
                return True
    return any(
        store.all(sa.select(cases.c.case_id).where(cases.c.case_id.in_(batch)).limit(1))
        for batch in _batches(sorted(case_ids))
    )


def erase(
    store: Store,
    names: Collection[SignalName],
    case_ids: Collection[str],
    *,
    at: str,
    actor: str,
    ground: str,
) -> dict[str, int]:
    """Delete these signals and cases; months that lose a signal are matched again. Counts per kind."""
    counts = {"signals": 0, "cases": 0}
    with store.transaction("erase_subject", at=at, actor=actor) as transaction:
        for batch in _batches(sorted(case_ids)):
            for table in OF_A_CASE:
                deleted = transaction.connection.execute(table.delete().where(table.c.case_id.in_(batch))).rowcount
                counts["cases"] += deleted if table is cases else 0
            transaction.update(cases, cases.c.joined_to.in_(batch), {"joined_to": None})
        for named in _batches(sorted(names)):
            for table in (case_signals, feedback_sent, signals):
                deleted = transaction.connection.execute(table.delete().where(_named(table, named))).rowcount
                counts["signals"] += deleted if table is signals else 0
        _mark_changed(transaction, {month for _, month, _ in names})
        for case_id in sorted(case_ids):
            transaction.journal("erase_case", case_id, ground=ground)
        for name in sorted(names):  # the journal outlives the signal, and holds no id of it
            transaction.journal("erase_signal", subject_id(*name), ground=ground)
    return counts


def signals_of_months(store: Store, months: Collection[str]) -> set[SignalName]:
    """Every signal of these months."""
    table = signals.c
    statement = sa.select(table.partner_id, table.month, table.signal_id).where(table.month.in_(sorted(months)))
    return {(row["partner_id"], row["month"], row["signal_id"]) for row in store.all(statement)}


def _named(table: sa.Table, names: Sequence[SignalName]) -> sa.ColumnElement[bool]:
    columns = (table.c.partner_id, table.c.month, table.c.signal_id)
    return sa.or_(*(sa.and_(*(c == v for c, v in zip(columns, name, strict=True))) for name in names))


def _mark_changed(transaction: Transaction, months: Collection[str]) -> None:
    where = month_marks.c.month.in_(sorted(months))
    transaction.update(month_marks, where, {"changed_revision": month_marks.c.changed_revision + 1})


def _batches(items: Sequence[_Item]) -> list[Sequence[_Item]]:
    return [items[start : start + _BATCH] for start in range(0, len(items), _BATCH)]
