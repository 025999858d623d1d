"""Erasing a person's rows: signals by their id, cases by theirs, with everything that hangs on them.

A case goes with its person. It stays, without that person, when somebody else was confirmed in it: what a team
recorded about a household is also about who remains.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.retirement import OF_A_CASE
from pipeline.store.retirement_ledger import Retirement, count_erased
from pipeline.store.subjects import ERASURE, shown_in, with_related
from pipeline.store.tables import (
    case_pseudonyms,
    case_signals,
    cases,
    feedback_sent,
    month_marks,
    opening_requests,
    signals,
    subject_requests,
)
from pipeline.vocabulary.case import JOINED, OPENED, check_transition
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


def cases_of(store: Store, names: Collection[SignalName]) -> tuple[dict[str, str], set[str]]:
    """The cases in which these signals stand: the month of each that goes with them, and those that stay.

    So do those that these signals left after a team had seen them there, and those that hold nobody else. A case
    stays for whoever else was confirmed in it. Who was only proposed is matched anew without it.
    """
    erased, held = set(names), case_signals.c.is_active & case_signals.c.is_confirmed.is_not(False)
    names_of_columns = ("case_id", "partner_id", "month", "signal_id", "is_confirmed")
    columns = [*(case_signals.c[name] for name in names_of_columns), held.label("is_held")]
    mine = [
        row
        for batch in _batches(sorted(erased))
        for row in store.all(sa.select(*columns).where(_named(case_signals, batch)))
    ]
    shown = set(shown_in(store, {_name_of(row) for row in mine}))
    stood = {str(row["case_id"]) for row in mine}
    related = sorted(with_related(store, stood))
    others = [
        row
        for row in store.all(sa.select(*columns).where(case_signals.c.case_id.in_(related)))
        if _name_of(row) not in erased
    ]
    holding = {str(row["case_id"]) for row in mine if row["is_held"]} | shown
    holding |= stood - {str(row["case_id"]) for row in others if row["is_held"] or row["is_confirmed"]}
    related = sorted(with_related(store, holding))
    of_others = {
        str(row["case_id"])
        for row in others
        if row["is_confirmed"] or (row["is_held"] and row["case_id"] not in holding)
    }
    rows = {str(row["case_id"]): row for row in store.all(sa.select(cases).where(cases.c.case_id.in_(related)))}
    going = holding - of_others
    if going:  # and with them what merged or joined and holds nobody any more, unless others go on with it
        pointers = {one: {row["merged_into"], row["joined_to"]} for one, row in rows.items()}
        bound = {str(to) for one in of_others for to in pointers.get(one, ())}
        bound |= {one for one, to in pointers.items() if to & of_others}
        going |= set(rows) - holding - of_others - bound
    return {one: str(rows[one]["month"]) for one in sorted(going & set(rows))}, holding & of_others


def _name_of(row: Mapping[str, Any]) -> SignalName:
    return (row["partner_id"], row["month"], row["signal_id"])


def erase(
    store: Store,
    names: Collection[SignalName],
    case_ids: Collection[str],
    staying: Collection[str] = (),
    *,
    at: str,
    actor: str,
    ground: str,
    counted_by: Retirement | None = None,
) -> dict[str, int]:
    """Delete these signals and cases; months that lose a signal are matched again. Counts per kind.

    A case that stays changes, and forgets by whom it is known again; what had joined one that goes is opened anew.
    """
    counts = {"signals": 0, "cases": 0}
    with store.transaction("erase_subject", at=at, actor=actor) as transaction:
        for batch in _batches(sorted(case_ids)):
            for table in OF_A_CASE:
                deleted = transaction.connection.execute(table.delete().where(table.c.case_id.in_(batch))).rowcount
                counts["cases"] += deleted if table is cases else 0
            left = sa.and_(cases.c.joined_to.in_(batch), cases.c.state == JOINED)
            check_transition(JOINED, OPENED)
            transaction.update(cases, left, {"state": OPENED, "reason_code": None, **_changed()})
            transaction.update(cases, cases.c.joined_to.in_(batch), {"joined_to": None})
        for batch in _batches(sorted(staying)):
            transaction.update(cases, cases.c.case_id.in_(batch), _changed())
            transaction.connection.execute(case_pseudonyms.delete().where(case_pseudonyms.c.case_id.in_(batch)))
        for named in _batches(sorted(names)):
            for table in (case_signals, feedback_sent, signals):
                deleted = transaction.connection.execute(table.delete().where(_named(table, named))).rowcount
                counts["signals"] += deleted if table is signals else 0
        _forget_comparisons(transaction, {(partner_id, signal_id) for partner_id, _, signal_id in names})
        transaction.connection.execute(subject_requests.delete().where(subject_requests.c.kind == ERASURE))
        _mark_changed(transaction, {month for _, month, _ in names})
        for case_id in sorted(case_ids):
            transaction.journal("erase_case", case_id, ground=ground)
        for name in sorted(names):  # the journal outlives the signal, and holds no id of it
            transaction.journal("erase_signal", subject_id(*name), ground=ground)
        if counted_by is not None:
            count_erased(transaction, counted_by, counts)
    return counts


def _forget_comparisons(transaction: Transaction, erased: set[tuple[str, str]]) -> None:
    """Take out comparisons with these signals: they say of whom they were, in a case that stays too."""
    kept = sa.select(opening_requests.c.request_id, opening_requests.c.fields)
    for row in transaction.all(kept):
        fields = row["fields"] or {}
        told = [tuple(pair[side]) for pair in fields.get("pairs", ()) for side in ("one", "other")]
        told += [tuple(one["signal"]) for one in fields.get("refused", ())]
        if not erased.isdisjoint(told):
            transaction.update(
                opening_requests, opening_requests.c.request_id == row["request_id"], {"fields": {}}
            )


def signals_of_months(store: Store, months: Collection[str]) -> set[SignalName]:
    """Every signal of these months."""
    table = signals.c
    statement = sa.select(table.partner_id, table.month, table.signal_id).where(table.month.in_(sorted(months)))
    return {(row["partner_id"], row["month"], row["signal_id"]) for row in store.all(statement)}


def _named(table: sa.Table, names: Sequence[SignalName]) -> sa.ColumnElement[bool]:
    columns = (table.c.partner_id, table.c.month, table.c.signal_id)
    return sa.or_(*(sa.and_(*(c == v for c, v in zip(columns, name, strict=True))) for name in names))


def _changed() -> dict[str, Any]:
    return {"revision": cases.c.revision + 1}


def _mark_changed(transaction: Transaction, months: Collection[str]) -> None:
    where = month_marks.c.month.in_(sorted(months))
    transaction.update(month_marks, where, {"changed_revision": month_marks.c.changed_revision + 1})


def _batches(items: Sequence[_Item]) -> list[Sequence[_Item]]:
    return [items[start : start + _BATCH] for start in range(0, len(items), _BATCH)]
