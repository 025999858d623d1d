"""What the store holds about a person, asked for by the names of signals; and requests that the opener answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.openings import SIGNAL_COLUMNS
from pipeline.store.retirement_ledger import Retirement
from pipeline.store.tables import (
    attempts,
    case_signals,
    cases,
    disclosures,
    feedback_sent,
    journal,
    opening_requests,
    processings,
    results,
    reviews,
    signals,
    subject_requests,
)
from pipeline.vocabulary.processing import DISCLOSE, subject_id, trace_id

FILED = "filed"
DONE = "done"
REFUSED = "refused"
ERASURE = "erasure"
"""The kind of request whose answer names signals: they stand in its row until they are erased."""
SignalName = tuple[str, str, str]
"""(partner_id, month, signal_id)"""


def file_request(transaction: Transaction, row: Mapping[str, Any]) -> None:
    """Keep a request for the opener."""
    transaction.insert(subject_requests, [{**row, "state": FILED}])


def filed_requests(store: Store, filed_since: str) -> list[dict[str, Any]]:
    """Requests that wait for the opener, oldest first."""
    waits = sa.and_(subject_requests.c.state == FILED, subject_requests.c.filed_at >= filed_since)
    return store.all(sa.select(subject_requests).where(waits).order_by(subject_requests.c.filed_at))


def request_by_id(store: Store, request_id: str) -> dict[str, Any] | None:
    """One request."""
    found = store.all(sa.select(subject_requests).where(subject_requests.c.request_id == request_id))
    return found[0] if found else None


def answer_request(
    transaction: Transaction,
    request_id: str,
    state: str,
    reason_code: str,
    answered_at: str,
    told: Collection[SignalName] | None = None,
    uncompared: int = 0,
) -> None:
    """Keep what came of a request; about whom it was is not kept, but for the signals that are told to erase.

    `uncompared` counts what stays because nobody can open it to see whose it is.
    """
    document: Any = sa.null()
    if told is not None:
        document = {"signals": [list(name) for name in sorted(told)], "uncompared": uncompared}
    values = {"state": state, "reason_code": reason_code, "answered_at": answered_at, "document": document}
    transaction.update(subject_requests, subject_requests.c.request_id == request_id, values)


def told_to_erase(store: Store, request_id: str) -> tuple[set[SignalName], int]:
    """The signals that the opener told are the person's, and how many others it could not compare with them."""
    told = (request_by_id(store, request_id) or {}).get("document") or {}
    names = {
        (str(partner_id), str(month), str(signal_id)) for partner_id, month, signal_id in told.get("signals", ())
    }
    return names, int(told.get("uncompared", 0))


def retire_requests(store: Store, run: Retirement, until_instant: str, due_before: str) -> None:
    """Delete requests of days that are due."""
    with store.transaction("retire_subject_requests", at=run.at, actor=run.actor) as transaction:
        old = subject_requests.delete().where(subject_requests.c.filed_at <= until_instant)
        run.add(transaction, "subject_requests", due_before, transaction.connection.execute(old).rowcount)


def signals_named(store: Store, names: Collection[SignalName]) -> list[dict[str, Any]]:
    """The newest row with a contact of each of these signals, with admitted_at."""
    columns = [signals.c[name] for name in (*SIGNAL_COLUMNS, "admitted_at")]
    held = sa.and_(sa.not_(signals.c.is_retraction), signals.c.sealed_contact.is_not(None))
    newest: dict[SignalName, dict[str, Any]] = {}
    for row in _of_names(store, signals, names, columns, held):
        name = (row["partner_id"], row["month"], row["signal_id"])
        if name not in newest or newest[name]["sequence"] < row["sequence"]:
            newest[name] = row
    return [newest[name] for name in sorted(newest)]


def versions_of(store: Store, names: Collection[SignalName]) -> dict[SignalName, list[dict[str, Any]]]:
    """Every row that is kept of each of these signals, oldest first: what stands in the clear, never a contact."""
    table = signals.c
    columns = [table.partner_id, table.month, table.signal_id, table.sequence, table.is_retraction]
    columns += [table.admitted_at, table.arrears_months, table.arrears_band, table.is_crisis]
    found: dict[SignalName, list[dict[str, Any]]] = {}
    for row in sorted(_of_names(store, signals, names, columns), key=lambda row: int(row["sequence"])):
        found.setdefault((row["partner_id"], row["month"], row["signal_id"]), []).append(row)
    return found


def cases_holding(store: Store, names: Collection[SignalName]) -> list[dict[str, Any]]:
    """Cases in which one of these signals stands or stood, with all of the same household: what merged, and later
    months that joined. Whose they are the opener tells: a signal that left its case was on its lists before.
    """
    ids = {str(row["case_id"]) for row in rows_in_cases(store, names)}
    statement = sa.select(cases).where(cases.c.case_id.in_(sorted(with_related(store, ids))))
    return store.all(statement.order_by(cases.c.month, cases.c.case_id))


def rows_in_cases(store: Store, names: Collection[SignalName]) -> list[dict[str, Any]]:
    """Where these signals stand or stood: case_id, is_active, is_confirmed."""
    columns = [case_signals.c[name] for name in ("case_id", "is_active", "is_confirmed")]
    return _of_names(store, case_signals, names, columns)


def shown_in(store: Store, names: Collection[SignalName]) -> dict[str, set[str]]:
    """The cases with which a list showed one of these signals, by the processing log, and the orders of the lists.

    That is the case in which it stood, or the one of another month that its case joined or merged into.
    """
    found: dict[str, set[str]] = {}
    for name in sorted(names):
        rows = rows_in_cases(store, [name])
        theirs = {str(row["case_id"]) for row in rows}
        not_refused = {str(row["case_id"]) for row in rows if row["is_confirmed"] is not False}
        traces = _traces_of_lists(store, name) if rows else set()
        if not traces:
            continue
        columns = (disclosures.c.order_id, disclosures.c.case_id)
        where = disclosures.c.case_id.in_(sorted(with_related(store, theirs)))
        listed: dict[str, set[str]] = {}
        for row in store.all(sa.select(*columns).where(where)):
            if trace_id(str(row["order_id"])) in traces:
                listed.setdefault(str(row["order_id"]), set()).add(str(row["case_id"]))
        for order_id, case_ids in listed.items():
            for case_id in case_ids & not_refused or case_ids & theirs or case_ids:
                found.setdefault(case_id, set()).add(order_id)
    return found


def was_shown(store: Store, names: Collection[SignalName]) -> bool:
    """Whether the processing log says that a list showed one of these signals to a team."""
    return any(_traces_of_lists(store, name) for name in sorted(names))


def _traces_of_lists(store: Store, name: SignalName) -> set[str]:
    of = processings.c
    shown = sa.and_(of.data_subject_id == subject_id(*name), of.name == DISCLOSE)
    return {str(row["trace_id"]) for row in store.all(sa.select(of.trace_id).where(shown))}


def with_related(store: Store, case_ids: Collection[str]) -> set[str]:
    """These cases, what they merged into or joined, and what merged into or joined them, however far."""
    pointers = (cases.c.joined_to, cases.c.merged_into)
    found: set[str] = set()
    new = set(case_ids)
    while new:
        found |= new
        linked = sa.or_(*(column.in_(sorted(new)) for column in (cases.c.case_id, *pointers)))
        rows = store.all(sa.select(cases.c.case_id, *pointers).where(linked))
        new = {str(value) for row in rows for value in row.values() if value is not None} - found
    return found


def names_in_cases(store: Store, case_ids: Collection[str], *, only_confirmed: bool = False) -> set[SignalName]:
    """Every signal that stands or stood in these cases, also of whoever turned out to be somebody else.

    Or those only that the opener confirmed there, also when they left since.
    """
    return _names_where(store, case_ids, *([case_signals.c.is_confirmed] if only_confirmed else []))


def confirmed_in_cases(store: Store, case_ids: Collection[str]) -> set[SignalName]:
    """The signals that the opener confirmed in these cases; before it compared any, those that were proposed.

    When all have left, those that stood in them.
    """
    active, confirmed = case_signals.c.is_active, case_signals.c.is_confirmed
    return (
        _names_where(store, case_ids, active, confirmed)
        or _names_where(store, case_ids, active, confirmed.is_not(False))
        or _names_where(store, case_ids)
    )


def _names_where(
    store: Store, case_ids: Collection[str], *also: sa.ColumnElement[bool] | sa.Column[Any]
) -> set[SignalName]:
    table = case_signals.c
    statement = sa.select(table.partner_id, table.month, table.signal_id)
    rows = store.all(statement.where(table.case_id.in_(sorted(case_ids)), *also))
    return {(row["partner_id"], row["month"], row["signal_id"]) for row in rows}


def history_of(store: Store, case_id: str) -> dict[str, list[dict[str, Any]]]:
    """What happened to a case: openings, comparisons, disclosures, attempts, results, reviews."""
    opened = sa.select(journal.c.at, journal.c.ground).where(
        journal.c.object == case_id, journal.c.action == "open_contacts"
    )
    compared = sa.select(opening_requests.c.fields).where(
        opening_requests.c.case_id == case_id, opening_requests.c.answered_at.is_not(None)
    )
    shown = sa.select(disclosures.c.worklist_on, disclosures.c.team_id, disclosures.c.ground)
    return {
        "openings": store.all(opened.order_by(journal.c.seq)),
        "comparisons": store.all(compared.order_by(opening_requests.c.answered_at)),
        "disclosures": store.all(
            shown.where(disclosures.c.case_id == case_id).distinct().order_by(disclosures.c.worklist_on)
        ),
        "attempts": store.all(
            sa.select(attempts).where(attempts.c.case_id == case_id).order_by(attempts.c.attempted_on)
        ),
        "results": store.all(sa.select(results).where(results.c.case_id == case_id)),
        "reviews": store.all(
            sa.select(reviews).where(reviews.c.case_id == case_id).order_by(reviews.c.decided_at)
        ),
    }


def feedback_on(store: Store, names: Collection[SignalName]) -> list[dict[str, Any]]:
    """What partners were told about these signals."""
    table = feedback_sent.c
    columns = [table.partner_id, table.month, table.code, table.sent_on, table.suspended_until_on]
    return _of_names(store, feedback_sent, names, columns)


def _of_names(
    store: Store,
    table: sa.Table,
    names: Collection[SignalName],
    columns: Sequence[sa.ColumnElement[Any]],
    also: sa.ColumnElement[bool] | None = None,
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for partner_id, month, signal_id in sorted(names):
        where = sa.and_(table.c.partner_id == partner_id, table.c.month == month, table.c.signal_id == signal_id)
        found += store.all(sa.select(*columns).where(where if also is None else sa.and_(where, also)))
    return found
