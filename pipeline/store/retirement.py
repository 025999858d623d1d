"""Deletion in the store: what is due goes in named transactions that count it, and is counted again as proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.retirement_ledger import Retirement
from pipeline.store.tables import (
    attempts,
    case_pseudonyms,
    case_signals,
    cases,
    deliveries,
    disclosures,
    feedback_sent,
    journal,
    month_marks,
    opening_requests,
    processings,
    results,
    retirements,
    reviews,
    signals,
    team_days,
    worklist_orders,
)
from pipeline.vocabulary.case import JOINED, LAPSED, MARK_RETRACTED
from pipeline.vocabulary.journal_chain import FIRST

SCRUBBED = "retire"
_BATCH = 500
OF_A_CASE = (case_pseudonyms, case_signals, attempts, results, disclosures, opening_requests, reviews, cases)


def signal_months(store: Store) -> dict[str, int]:
    """Rows of signals per month."""
    statement = sa.select(signals.c.month, sa.func.count().label("count")).group_by(signals.c.month)
    return {row["month"]: row["count"] for row in store.all(statement)}


def open_months(store: Store) -> list[str]:
    """Months of which signals, a mark or a case that nobody saw yet are left."""
    found = {row["month"] for row in store.all(sa.select(month_marks.c.month))} | set(signal_months(store))
    return sorted(found)


def _is_worked_on(states: Sequence[str]) -> sa.ColumnElement[bool]:
    """The signal belongs to a case that a team is working on, or to one that joined such a case."""
    running = cases.alias("running")
    is_running = sa.and_(cases.c.state.in_(states), sa.or_(cases.c.mark.is_(None), cases.c.mark != MARK_RETRACTED))
    joined_running = sa.and_(
        cases.c.state == JOINED,
        sa.exists(sa.select(1).where(running.c.case_id == cases.c.joined_to, running.c.state.in_(states))),
    )
    holding = (
        sa.select(1)
        .select_from(case_signals.join(cases, cases.c.case_id == case_signals.c.case_id))
        .where(
            case_signals.c.partner_id == signals.c.partner_id,
            case_signals.c.month == signals.c.month,
            case_signals.c.signal_id == signals.c.signal_id,
            case_signals.c.is_active,
            case_signals.c.is_confirmed.is_not(False),
            sa.or_(is_running, joined_running),
        )
    )
    return sa.exists(holding)


def due_signals(store: Store, months: Sequence[str], worked_on: Sequence[str]) -> int:
    """How many signals of these months are there that no running case holds."""
    return _count(store, signals, sa.and_(signals.c.month.in_(months), ~_is_worked_on(worked_on)))


def held_signals(store: Store, months: Sequence[str]) -> int:
    """How many signals of these months are left at all."""
    return _count(store, signals, signals.c.month.in_(months))


def retire_month(
    store: Store, run: Retirement, month: str, due_before: str, lapsing: Sequence[str], worked_on: Sequence[str]
) -> None:
    """Delete a month's signals but those of running cases; what was never shown lapses, the month is over.

    What the opener found when it compared a signal goes with it: there is nothing left that it is about.
    """
    with store.transaction("retire_signals", at=run.at, actor=run.actor) as transaction:
        waiting = sa.and_(cases.c.month == month, cases.c.state.in_(lapsing))
        lapsed = transaction.all(sa.select(cases.c.case_id).where(waiting).order_by(cases.c.case_id))
        transaction.update(cases, waiting, {"state": LAPSED, "reason_code": None, "changed_at": run.at})
        for row in lapsed:
            transaction.journal("lapse_case", row["case_id"], ground=f"due before {due_before}", result=LAPSED)
        where = sa.and_(signals.c.month == month, ~_is_worked_on(worked_on))
        gone = {
            (str(row["partner_id"]), str(row["signal_id"]))
            for row in transaction.all(sa.select(signals.c.partner_id, signals.c.signal_id).where(where))
        }
        _forget_comparisons(transaction, month, gone)
        count = transaction.connection.execute(signals.delete().where(where)).rowcount
        of_gone = sa.and_(case_signals.c.month == month, _is_gone())
        transaction.update(case_signals, of_gone, {"confirmed_person": None})
        transaction.connection.execute(month_marks.delete().where(month_marks.c.month == month))
        run.add(transaction, "signals", due_before, count)
        run.add(transaction, LAPSED, due_before, len(lapsed))


def _forget_comparisons(transaction: Transaction, month: str, gone: set[tuple[str, str]]) -> None:
    """Take these signals of a month out of what the opener found in their cases; what is about others stays."""
    stood = sa.select(case_signals.c.case_id, case_signals.c.partner_id, case_signals.c.signal_id)
    theirs = {
        str(row["case_id"])
        for row in transaction.all(stood.where(case_signals.c.month == month))
        if (row["partner_id"], row["signal_id"]) in gone
    }
    for batch in _batches(sorted(theirs)):
        shown_with = sa.select(cases.c.joined_to, cases.c.merged_into).where(cases.c.case_id.in_(batch))
        of = {*batch, *(str(to) for row in transaction.all(shown_with) for to in row.values() if to)}
        asked = sa.select(opening_requests.c.request_id, opening_requests.c.fields)
        for row in transaction.all(asked.where(opening_requests.c.case_id.in_(sorted(of)))):
            said = row["fields"] or {}
            left = {
                name: [one for one in found if gone.isdisjoint(_named_in(one))] for name, found in said.items()
            }
            if left != said:
                same = opening_requests.c.request_id == row["request_id"]
                transaction.update(opening_requests, same, {"fields": left})


def _named_in(found: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The signals of a pair that was compared, or of a contact that was refused."""
    return {(str(name[0]), str(name[1])) for key in ("one", "other", "signal") if (name := found.get(key))}


def numbers_kept(store: Store) -> int:
    """How many signals that are gone are still named by the case in which they stood."""
    return _count(store, case_signals, _is_gone())


def _is_gone() -> sa.ColumnElement[bool]:
    """Whether the signal that a case names is there no more."""
    same = (case_signals.c[name] == signals.c[name] for name in ("partner_id", "month", "signal_id"))
    return ~sa.exists(sa.select(1).where(*same))


def ended_cases(store: Store, months: Sequence[str]) -> list[dict[str, Any]]:
    """Cases of these months: case_id, month, state, mark, merged_into, joined_to, result_on, last_attempt_on.

    An attempt that was written down by mistake keeps nothing for longer.
    """
    last = (
        sa.select(attempts.c.case_id, sa.func.max(attempts.c.attempted_on).label("last_attempt_on"))
        .where(sa.not_(attempts.c.is_withdrawn))
        .group_by(attempts.c.case_id)
        .subquery()
    )
    statement = (
        sa.select(
            cases.c.case_id,
            cases.c.month,
            cases.c.state,
            cases.c.mark,
            cases.c.merged_into,
            cases.c.joined_to,
            results.c.result_on,
            last.c.last_attempt_on,
        )
        .outerjoin(results, results.c.case_id == cases.c.case_id)
        .outerjoin(last, last.c.case_id == cases.c.case_id)
        .where(cases.c.month.in_(months))
    )
    return store.all(statement)


def case_months(store: Store) -> dict[str, int]:
    """Cases per month."""
    statement = sa.select(cases.c.month, sa.func.count().label("count")).group_by(cases.c.month)
    return {row["month"]: row["count"] for row in store.all(statement)}


def living_cases(store: Store) -> set[str]:
    """Ids of all cases that something merged into or joined."""
    pointed = sa.union(
        sa.select(cases.c.merged_into).where(cases.c.merged_into.is_not(None)),
        sa.select(cases.c.joined_to).where(cases.c.joined_to.is_not(None)),
    )
    statement = sa.select(cases.c.case_id).where(cases.c.case_id.in_(pointed))
    return {row["case_id"] for row in store.all(statement)}


def retire_cases(store: Store, run: Retirement, case_ids: Sequence[str], due_before: str) -> None:
    """Delete cases with all that hangs on them."""
    for batch in _batches(case_ids):
        with store.transaction("retire_cases", at=run.at, actor=run.actor) as transaction:
            for table in OF_A_CASE:
                transaction.connection.execute(table.delete().where(table.c.case_id.in_(batch)))
            run.add(transaction, "cases", due_before, len(batch))


def _told_of_nothing(months: Sequence[str]) -> sa.ColumnElement[bool]:
    """What partners were told about signals of which neither the signal nor a case is left."""

    def same(table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.exists(
            sa.select(1).where(
                table.c.partner_id == feedback_sent.c.partner_id,
                table.c.month == feedback_sent.c.month,
                table.c.signal_id == feedback_sent.c.signal_id,
            )
        )

    return sa.and_(feedback_sent.c.month.in_(months), ~same(signals), ~same(case_signals))


def retire_feedback(store: Store, run: Retirement, months: Sequence[str], due_before: str) -> None:
    """Delete the memory of feedback on signals that are gone."""
    _retire_where(store, run, feedback_sent, "feedback", _told_of_nothing(months), due_before)


def feedback_months(store: Store) -> list[str]:
    """Months about which partners were told."""
    return [row["month"] for row in store.all(sa.select(feedback_sent.c.month).distinct())]


def _orders_of_nothing(until: str) -> sa.ColumnElement[bool]:
    """Orders of days before this one to which no request of a case is left."""
    asked = sa.exists(sa.select(1).where(opening_requests.c.order_id == worklist_orders.c.order_id))
    return sa.and_(worklist_orders.c.worklist_on < until, ~asked)


def retire_orders(store: Store, run: Retirement, due_before: str) -> None:
    """Delete orders whose cases are gone, and what was counted for the teams on days before that."""
    _retire_where(store, run, worklist_orders, "orders", _orders_of_nothing(due_before), due_before)
    _retire_where(store, run, team_days, "team_days", team_days.c.worklist_on < due_before, due_before)


def _whole_deliveries(months: Sequence[str], until_instant: str) -> sa.ColumnElement[bool]:
    """Ledger rows that are due and hold more than what recognises a repeat."""
    by_month = deliveries.c.month.in_(months)
    by_instant = sa.and_(deliveries.c.month.is_(None), deliveries.c.received_at <= until_instant)
    return sa.and_(deliveries.c.decided_by != SCRUBBED, deliveries.c.state != "held", sa.or_(by_month, by_instant))


def scrub_deliveries(
    store: Store, run: Retirement, months: Sequence[str], until_instant: str, due_before: str
) -> None:
    """Keep of a delivery what recognises a repeat (id, hash, counts, outcome) and no more."""
    with store.transaction("retire_deliveries", at=run.at, actor=run.actor) as transaction:
        scrubbed: dict[str, Any] = {
            "manifest": sa.null(),
            "signature_b64": None,
            "refused_rows": [],
            "warnings": [],
            "fault_column": None,
            "decided_by": SCRUBBED,
        }
        count = transaction.update(deliveries, _whole_deliveries(months, until_instant), scrubbed)
        run.add(transaction, "deliveries", due_before, count)


def delivery_months(store: Store) -> list[str]:
    """Months of deliveries in the ledger."""
    statement = sa.select(deliveries.c.month).where(deliveries.c.month.is_not(None)).distinct()
    return [row["month"] for row in store.all(statement)]


def retire_runs(store: Store, run: Retirement, until_instant: str, due_before: str) -> None:
    """Delete what is remembered of earlier runs whose term ended."""
    old = sa.and_(retirements.c.retired_on < due_before, retirements.c.retired_at <= until_instant)
    with store.transaction("retire_journal", at=run.at, actor=run.actor) as transaction:
        transaction.connection.execute(retirements.delete().where(old))


def remaining(
    store: Store,
    months: Mapping[str, Sequence[str]],
    instants: Mapping[str, str],
    orders_before: str,
    worked_on: Sequence[str],
    due_case_ids: Sequence[str],
    journal_until: int,
) -> dict[str, int]:
    """The proof: how much of what is due the store still holds, per class."""
    left = sum(_count(store, cases, cases.c.case_id.in_(batch)) for batch in _batches(due_case_ids))
    return {
        "signals": due_signals(store, months["signals"], worked_on),
        "cases": left,
        "feedback": _count(store, feedback_sent, _told_of_nothing(months["feedback"])),
        "orders": _count(store, worklist_orders, _orders_of_nothing(orders_before)),
        "team_days": _count(store, team_days, team_days.c.worklist_on < orders_before),
        "processings": _count(store, processings, processings.c.started_at <= instants["journal"]),
        "deliveries": _count(store, deliveries, _whole_deliveries(months["deliveries"], instants["deliveries"])),
        "journal": _count(store, journal, journal.c.seq.between(FIRST, journal_until)),
    }


def ended_quarantine(store: Store) -> dict[str, str]:
    """Folders in quarantine of deliveries that were held until the term of their month ended, and that month."""
    statement = sa.select(deliveries.c.quarantine_name, deliveries.c.month).where(
        deliveries.c.state == "refused",
        deliveries.c.fault_code == "RETENTION_ENDED",
        deliveries.c.quarantine_name.is_not(None),
    )
    return {row["quarantine_name"]: row["month"] for row in store.all(statement)}


def held_deliveries(store: Store) -> list[dict[str, Any]]:
    """Ledger rows that wait for the data steward."""
    return store.all(sa.select(deliveries).where(deliveries.c.state == "held"))


def _retire_where(
    store: Store,
    run: Retirement,
    table: sa.Table,
    data_class: str,
    where: sa.ColumnElement[bool],
    due_before: str,
) -> None:
    with store.transaction(f"retire_{data_class}", at=run.at, actor=run.actor) as transaction:
        count = transaction.connection.execute(table.delete().where(where)).rowcount
        run.add(transaction, data_class, due_before, count)


def _count(store: Store, table: sa.Table, where: sa.ColumnElement[bool]) -> int:
    counted = store.all(sa.select(sa.func.count().label("count")).select_from(table).where(where))
    return int(counted[0]["count"])


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
