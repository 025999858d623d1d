"""The ledger of deliveries, and the signals that are in force because of it.

Rows are inserted from a staging table in the transaction that writes the ledger row, raises the month's mark and
the journal, so that a delivery is admitted with all of it or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.processings import add_staged, frame_of
from pipeline.store.tables import case_signals, cases, deliveries, month_marks, signals
from pipeline.vocabulary.case import JOINED, KEY_REVOKED, SHOWN_STATES, SIGNAL_REFUSED, WITHHELD
from pipeline.vocabulary.processing import ADMIT

_KEEPING = (signals.c.sequence, signals.c.signal_id, signals.c.is_retraction, signals.c.is_current)
_ROW_COLUMNS = tuple(column.name for column in signals.columns if column.name != "written_by")


@dataclass(frozen=True, slots=True)
class SignalChange:
    """What an admission does to the signals of one partner and month.

    Attributes:
        from_sequence: rows of lower sequences are deleted.
        new_rows: rows to insert, all columns of `signals` but `written_by`.
        switched: sequence, signal_id, is_current of stored rows that begin or cease to count.
    """

    partner_id: str
    month: str
    from_sequence: int
    new_rows: pl.DataFrame
    switched: pl.DataFrame


def ledger_row(store: Store, delivery_id: str, manifest_hash: str) -> dict[str, Any] | None:
    """The decision on this very manifest, if there is one."""
    where = sa.and_(deliveries.c.delivery_id == delivery_id, deliveries.c.manifest_hash == manifest_hash)
    return next(iter(store.all(sa.select(deliveries).where(where))), None)


def ledger_of_month(store: Store, partner_id: str, month: str) -> list[dict[str, Any]]:
    """All decisions on deliveries of a partner for a month, short: no rows, no manifest."""
    names = ("delivery_id", "manifest_hash", "sequence", "kind", "state")
    where = sa.and_(deliveries.c.partner_id == partner_id, deliveries.c.month == month)
    return store.all(sa.select(*(deliveries.c[name] for name in names)).where(where))


def ledger(store: Store, state: str | None = None) -> list[dict[str, Any]]:
    """All decisions, or those in a state, by delivery and time."""
    statement = sa.select(deliveries).order_by(deliveries.c.delivery_id, deliveries.c.received_at)
    return store.all(statement if state is None else statement.where(deliveries.c.state == state))


def ledger_of_delivery(store: Store, delivery_id: str) -> list[dict[str, Any]]:
    """All decisions on deliveries of this name, the oldest first."""
    statement = sa.select(deliveries).where(deliveries.c.delivery_id == delivery_id)
    return store.all(statement.order_by(deliveries.c.received_at, deliveries.c.manifest_hash))


def token_keys_since(store: Store, month: str, states: Sequence[str]) -> list[dict[str, Any]]:
    """With which token key each list of this month and later was made; a retraction has no tokens."""
    names = ("partner_id", "month", "sequence", "manifest")
    statement = sa.select(*(deliveries.c[name] for name in names)).where(
        deliveries.c.month >= month, deliveries.c.kind != "retraction", deliveries.c.state.in_(states)
    )
    rows = [row for row in store.all(statement) if row["manifest"]]  # a scrubbed row keeps none
    return [row | {"token_key_id": json.loads(row.pop("manifest"))["token_key_id"]} for row in rows]


def store_keys_since(store: Store, month: str) -> list[dict[str, Any]]:
    """Under which store key the signals that count stand, of this month and later."""
    names = ("partner_id", "month", "sequence", "tokens_under")
    statement = sa.select(*(signals.c[name] for name in names)).where(
        signals.c.month >= month,
        signals.c.is_current,
        sa.not_(signals.c.is_retraction),
        signals.c.tokens_under.is_not(None),
    )
    rows = store.all(statement.distinct())
    return [row | {"store_key_id": row.pop("tokens_under").rpartition(" ")[2]} for row in rows]


def volumes_before(store: Store, partner_id: str, month: str, states: Sequence[str]) -> dict[str, int]:
    """Rows of the newest `signals` of each earlier month of a partner."""
    statement = (
        sa.select(deliveries.c.month, deliveries.c.row_count)
        .where(
            deliveries.c.partner_id == partner_id,
            deliveries.c.month < month,
            deliveries.c.kind == "signals",
            deliveries.c.state.in_(states),
        )
        .order_by(deliveries.c.month, deliveries.c.sequence)
    )
    return {row["month"]: row["row_count"] for row in store.all(statement)}


def figures_before(store: Store, partner_id: str, month: str) -> list[dict[str, Any]]:
    """Counts per earlier month and band over the signals in force that are still kept."""

    def count_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    statement = (
        sa.select(
            signals.c.month,
            signals.c.arrears_band,
            sa.func.count().label("row_count"),
            count_if(signals.c.wijkcode.is_(None)).label("without_wijk_count"),
            count_if(signals.c.is_crisis).label("crisis_count"),
            sa.func.sum(signals.c.arrears_months).label("months_sum"),
        )
        .where(signals.c.partner_id == partner_id, signals.c.month < month, signals.c.is_current)
        .group_by(signals.c.month, signals.c.arrears_band)
        .order_by(signals.c.month, signals.c.arrears_band)
    )
    return store.all(statement)


def keeping_rows(store: Store, partner_id: str, month: str) -> pl.DataFrame:
    """sequence, signal_id, is_retraction, is_current of all stored rows of a partner and month."""
    return store.read_frame(
        sa.select(*_KEEPING).where(signals.c.partner_id == partner_id, signals.c.month == month)
    )


def write_decision(
    store: Store,
    name: str,
    row: Mapping[str, Any],
    journal: Mapping[str, Any],
    *,
    actor: str,
    change: SignalChange | None = None,
) -> None:
    """One named transaction: ledger row, signals, month mark and journal. Only under the writer lock."""
    with ExitStack() as staging:
        new_rows = _staged(store, staging, change.new_rows.select(_ROW_COLUMNS)) if change else None
        switched = _staged(store, staging, change.switched) if change else None
        logged = _staged(store, staging, _log_of(change, row)) if change else None
        with store.transaction(name, at=row["decided_at"], actor=actor) as transaction:
            if change is not None:
                _change_signals(transaction, change, new_rows, switched)
            transaction.upsert(deliveries, row)
            transaction.journal(**journal)
            if logged is not None:
                add_staged(transaction, logged)


def _log_of(change: SignalChange, row: Mapping[str, Any]) -> pl.DataFrame:
    """The processing log of what is admitted now."""
    return frame_of(
        ADMIT,
        change.new_rows,
        cause=f"{row['delivery_id']} {row['manifest_hash']}",
        at=row["decided_at"],
        ground="delivery",
        agreement_version=row["agreement_version"],
    )


def _staged(store: Store, staging: ExitStack, frame: pl.DataFrame) -> sa.Table | None:
    return None if frame.is_empty() else staging.enter_context(store.staged(frame))


def _change_signals(
    transaction: Transaction, change: SignalChange, new_rows: sa.Table | None, switched: sa.Table | None
) -> None:
    ours = sa.and_(signals.c.partner_id == change.partner_id, signals.c.month == change.month)
    connection = transaction.connection
    deleted = connection.execute(signals.delete().where(ours, signals.c.sequence < change.from_sequence)).rowcount
    if new_rows is not None:
        selected = sa.select(*(new_rows.c[name] for name in _ROW_COLUMNS), sa.literal(transaction.name))
        connection.execute(signals.insert().from_select([*_ROW_COLUMNS, "written_by"], selected))
    if switched is not None:
        same = sa.and_(signals.c.sequence == switched.c.sequence, signals.c.signal_id == switched.c.signal_id)
        connection.execute(
            signals.update()
            .where(ours, same)
            .values(is_current=switched.c.is_current, written_by=transaction.name)
        )
    if deleted or new_rows is not None or switched is not None:
        _raise_mark(transaction, change.month)
        ask_again(transaction, change.partner_id, change.month)


def ask_again(transaction: Transaction, partner_id: str, month: str) -> None:
    """A partner sealed its signals anew: cases withheld for a contact that did not hold are asked again.

    So are those that were taken off a list because its key was revoked, with what joined them. Tokens and clear
    fields may be the same as before, so matching would not see that anything changed.
    """
    held = sa.select(case_signals.c.case_id).where(
        case_signals.c.partner_id == partner_id, case_signals.c.month == month, case_signals.c.is_active
    )
    is_withheld = sa.and_(cases.c.state == WITHHELD, cases.c.reason_code == SIGNAL_REFUSED)
    is_stopped = sa.and_(cases.c.state.in_(SHOWN_STATES), cases.c.reason_code == KEY_REVOKED)
    own = sa.and_(cases.c.month == month, cases.c.case_id.in_(held))
    transaction.update(cases, sa.and_(own, sa.or_(is_withheld, is_stopped)), {"evidence_digest": ""})
    joined = cases.alias("joined")
    into = sa.select(joined.c.joined_to).where(joined.c.state == JOINED, joined.c.case_id.in_(held))
    goes_on = sa.and_(is_stopped, cases.c.case_id.in_(into))
    transaction.update(cases, goes_on, {"mark": None, "reason_code": None})


def _raise_mark(transaction: Transaction, month: str) -> None:
    raised = {"changed_revision": month_marks.c.changed_revision + 1}
    if not transaction.update(month_marks, month_marks.c.month == month, raised):
        transaction.insert(month_marks, [{"month": month, "changed_revision": 1, "matched_revision": 0}])


def known_ids(store: Store) -> set[str]:
    """Ids of all deliveries in the ledger."""
    return {str(row["delivery_id"]) for row in store.all(sa.select(deliveries.c.delivery_id).distinct())}
