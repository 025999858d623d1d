"""Orders for worklists, requests to open cases and what came of them, in the store.

An order holds one request per case. Answers are kept batch by batch; what follows from them (states, disclosures,
the order being done) is one transaction after the worklists were written, so that a killed opener begins anew and
ends in the same state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.retirement_ledger import destroyed_keys
from pipeline.store.row_updates import update_rows
from pipeline.store.tables import (
    attempts,
    case_signals,
    cases,
    disclosures,
    opener_heartbeats,
    opening_requests,
    results,
    signals,
    worklist_orders,
)
from pipeline.vocabulary.case import (
    GROUND_WITHDRAWAL,
    JOINED,
    KEY_REVOKED,
    MARK_RETRACTED,
    MERGED,
    ROUTED,
    SHOWN_STATES,
)

FILED = "filed"
DONE = "done"
ANSWERED = "answered"
_BATCH = 500

SIGNAL_COLUMNS = (
    "partner_id",
    "month",
    "sequence",
    "signal_id",
    "sealed_contact",
    "wijkcode",
    "postcode4",
    "arrears_months",
    "arrears_band",
    "is_crisis",
    "opening_key_id",
    "signing_key_id",
    "agreement_id",
)


def due_cases(store: Store, worklist_on: str) -> list[dict[str, Any]]:
    """Cases that belong on the worklists of a day.

    Routed ones, shown ones that are not closed, and shown ones that were retracted until a list of an earlier day
    said so, and said nothing else of the case since; what joined a case keeps it running, unless all of it rested
    on a revoked key.
    """
    joined = cases.alias("joined")
    has_joined = sa.exists(sa.select(1).where(joined.c.joined_to == cases.c.case_id, joined.c.state == JOINED))
    goes_on = sa.and_(has_joined, sa.func.coalesce(cases.c.reason_code, "") != KEY_REVOKED)
    is_told = sa.and_(
        cases.c.mark.is_not(None),
        cases.c.mark == MARK_RETRACTED,
        sa.func.coalesce(_last_ground_before(worklist_on), "") == GROUND_WITHDRAWAL,
    )
    return store.all(
        sa.select(
            cases.c.case_id,
            cases.c.state,
            cases.c.mark,
            cases.c.revision,
            cases.c.team_id,
            cases.c.first_revealed_on,
            cases.c.is_likely,
            has_joined.label("has_joined"),
        )
        .where(cases.c.state.in_((ROUTED, *SHOWN_STATES)), sa.or_(sa.not_(is_told), goes_on))
        .order_by(cases.c.case_id)
    )


def _last_ground_before(worklist_on: str) -> sa.ScalarSelect[str]:
    """On which ground a case stood on the last list; a withdrawal that this day's own list tells does not count.

    So every list of a day tells it, and a case that was shown again after it is told anew when it is taken back.
    """
    listed = disclosures.c.worklist_on
    is_withdrawal = disclosures.c.ground == GROUND_WITHDRAWAL
    before = sa.or_(listed < worklist_on, sa.and_(listed == worklist_on, sa.not_(is_withdrawal)))
    ordered = disclosures.outerjoin(worklist_orders, worklist_orders.c.order_id == disclosures.c.order_id)
    return (
        sa.select(disclosures.c.ground)
        .select_from(ordered)
        .where(disclosures.c.case_id == cases.c.case_id, before)
        .order_by(listed.desc(), sa.func.coalesce(worklist_orders.c.revision, 0).desc())
        .limit(1)
        .correlate(cases)
        .scalar_subquery()
    )


def is_told_to_stop(store: Store, case_id: str, worklist_on: str) -> bool:
    """Whether the last list of the case before this day's said that no visit is needed."""
    last = _last_ground_before(worklist_on).label("ground")
    return bool(store.all(sa.select(last).where(cases.c.case_id == case_id))[0]["ground"] == GROUND_WITHDRAWAL)


def orders_on(store: Store, worklist_on: str) -> list[dict[str, Any]]:
    """The orders for worklists of a day, first revision first."""
    statement = sa.select(worklist_orders).where(
        worklist_orders.c.worklist_on == worklist_on, worklist_orders.c.purpose.is_(None)
    )
    return store.all(statement.order_by(worklist_orders.c.revision))


def is_any_order_done(store: Store) -> bool:
    """Whether worklists were ever handed over from this store, as far as it remembers."""
    statement = sa.select(worklist_orders.c.order_id).where(
        worklist_orders.c.state == DONE, worklist_orders.c.purpose.is_(None)
    )
    return bool(store.all(statement.limit(1)))


def order_by_id(store: Store, order_id: str) -> dict[str, Any] | None:
    """One order."""
    found = store.all(sa.select(worklist_orders).where(worklist_orders.c.order_id == order_id))
    return found[0] if found else None


def filed_orders(store: Store) -> list[dict[str, Any]]:
    """Orders that wait for the opener, earliest day first."""
    statement = sa.select(worklist_orders).where(worklist_orders.c.state == FILED)
    return store.all(statement.order_by(worklist_orders.c.worklist_on, worklist_orders.c.revision))


def answers_of(store: Store, order_id: str) -> list[dict[str, Any]]:
    """What was asked in an order and answered, with the team that it was disclosed to and the case's state now."""
    return store.all(
        sa.select(
            opening_requests.c.case_id,
            opening_requests.c.case_revision,
            opening_requests.c.ground,
            opening_requests.c.verdict,
            opening_requests.c.reason_code,
            opening_requests.c.fields,
            disclosures.c.team_id,
            disclosures.c.is_new,
            cases.c.state,
        )
        .select_from(
            opening_requests.join(cases, cases.c.case_id == opening_requests.c.case_id).outerjoin(
                disclosures,
                sa.and_(
                    disclosures.c.order_id == opening_requests.c.order_id,
                    disclosures.c.case_id == opening_requests.c.case_id,
                ),
            )
        )
        .where(opening_requests.c.order_id == order_id)
    )


def file_order(transaction: Transaction, order: Mapping[str, Any], requests: Sequence[Mapping[str, Any]]) -> None:
    """Keep an order with its requests; the same order filed before is replaced."""
    drop_order(transaction, str(order["order_id"]))
    transaction.insert(worklist_orders, [order])
    transaction.insert(opening_requests, requests)


def drop_order(transaction: Transaction, order_id: str) -> None:
    """Take back an order that nobody answered."""
    connection = transaction.connection
    connection.execute(opening_requests.delete().where(opening_requests.c.order_id == order_id))
    connection.execute(worklist_orders.delete().where(worklist_orders.c.order_id == order_id))


def requests_of(store: Store, order_id: str) -> list[dict[str, Any]]:
    """The requests of an order with the case as it stands now."""
    columns = [column for column in cases.c if column.name not in ("case_id", "written_by")]
    return store.all(
        sa.select(
            opening_requests.c.request_id,
            opening_requests.c.case_id,
            opening_requests.c.ground,
            opening_requests.c.case_revision,
            *columns,
        )
        .join(cases, cases.c.case_id == opening_requests.c.case_id)
        .where(opening_requests.c.order_id == order_id)
        .order_by(opening_requests.c.case_id)
    )


def signals_of_cases(store: Store, case_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Every signal of the cases with its newest row that holds a contact; `is_current` says whether it counts.

    `last_sequence` is the newest delivery that says anything of the signal, a retraction included.
    Two questions and not one join: by their ids signals are found without reading a partner's whole month.
    """
    members: list[dict[str, Any]] = []
    for batch in _batches(case_ids):
        members += store.all(
            sa.select(*(column for column in case_signals.c if column.name != "written_by")).where(
                case_signals.c.case_id.in_(batch)
            )
        )
    wanted = {(row["partner_id"], row["month"], row["signal_id"]) for row in members}
    newest: dict[tuple[str, str, str], dict[str, Any]] = {}
    last: dict[tuple[str, str, str], int] = {}
    columns = [signals.c.is_current, signals.c.is_retraction, *(signals.c[name] for name in SIGNAL_COLUMNS)]
    for batch in _batches(sorted({signal_id for _, _, signal_id in wanted})):
        for row in store.all(sa.select(*columns).where(signals.c.signal_id.in_(batch))):
            key = (row["partner_id"], row["month"], row["signal_id"])
            last[key] = max(last.get(key, 0), int(row["sequence"]))
            if row.pop("is_retraction") or row["sealed_contact"] is None:
                continue
            before = newest.get(key)
            if key in wanted and (before is None or _weight(before) < _weight(row)):
                newest[key] = row
    keyed = (((row["partner_id"], row["month"], row["signal_id"]), row) for row in members)
    return [{**newest[key], **row, "last_sequence": last[key]} for key, row in keyed if key in newest]


def opening_keys_in_use(store: Store) -> list[str]:
    """Ids of the opening keys that stored contacts need, but for those that were destroyed on purpose."""
    destroyed = set(destroyed_keys(store))
    found = store.all(sa.select(signals.c.opening_key_id).where(signals.c.sealed_contact.is_not(None)).distinct())
    return sorted({str(row["opening_key_id"]) for row in found if row["opening_key_id"]} - destroyed)


def _weight(row: Mapping[str, Any]) -> tuple[bool, int]:
    return bool(row["is_current"]), int(row["sequence"])


def follow_up_of_cases(
    store: Store, case_ids: Sequence[str]
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, dict[str, Any]]]:
    """Attempts per case that count, oldest first, and what was said last (appointment, safety).

    What was recorded for a case that has since merged counts for the case it merged into.
    """
    belongs = {case_id: case_id for case_id in case_ids}
    for batch in _batches(case_ids):
        merged = sa.select(cases.c.case_id, cases.c.merged_into)
        for row in store.all(merged.where(cases.c.state == MERGED, cases.c.merged_into.in_(batch))):
            belongs[row["case_id"]] = row["merged_into"]
    counted = sa.not_(attempts.c.is_withdrawn)
    tried: dict[str, list[dict[str, Any]]] = {}
    said: dict[str, dict[str, Any]] = {}
    for batch in _batches(sorted(belongs)):
        for row in store.all(sa.select(attempts).where(counted, attempts.c.case_id.in_(batch))):
            tried.setdefault(belongs[row["case_id"]], []).append(row)
        for row in store.all(sa.select(results).where(results.c.case_id.in_(batch))):
            case_id = belongs[row["case_id"]]
            if case_id not in said or said[case_id]["recorded_at"] < row["recorded_at"]:
                said[case_id] = row
    for rows in tried.values():
        rows.sort(key=lambda row: (row["attempted_on"], row["recorded_at"], row["attempt_id"]))
    return tried, said


def opened_per_day(store: Store, since: str) -> dict[str, int]:
    """How many cases were opened for the lists of each day; what had no ground was not."""
    statement = (
        sa.select(worklist_orders.c.worklist_on, sa.func.count().label("count"))
        .join(opening_requests, opening_requests.c.order_id == worklist_orders.c.order_id)
        .where(
            worklist_orders.c.worklist_on >= since,
            opening_requests.c.state == ANSWERED,
            opening_requests.c.reason_code != "GROUND_NOT_MET",
        )
        .group_by(worklist_orders.c.worklist_on)
    )
    return {str(row["worklist_on"]): int(row["count"]) for row in store.all(statement)}


def answer_requests(transaction: Transaction, answers: Sequence[Mapping[str, Any]]) -> None:
    """Keep the answers: request_id, verdict, reason_code, fields, answered_at."""
    update_rows(
        transaction,
        opening_requests,
        ("request_id",),
        [{**answer, "state": ANSWERED} for answer in answers],
    )


def finish_order(
    transaction: Transaction,
    order_id: str,
    *,
    done_at: str,
    shown: Sequence[Mapping[str, Any]],
    changed_cases: Sequence[Mapping[str, Any]],
    compared: Sequence[Mapping[str, Any]],
    added: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Everything that follows from an order, at once.

    Args:
        transaction: the named transaction.
        order_id: the order, done hereafter.
        done_at: the instant.
        shown: rows of disclosures.
        changed_cases: per case_id the columns that change.
        compared: case_id, partner_id, signal_id, is_confirmed, confirmation, confirmed_person.
        added: answered requests that the opener added itself, for cases that it took up again.
    """
    connection = transaction.connection
    transaction.insert(opening_requests, added)
    connection.execute(disclosures.delete().where(disclosures.c.order_id == order_id))
    transaction.insert(disclosures, shown)
    for rows in _of_equal_columns(changed_cases):
        update_rows(transaction, cases, ("case_id",), rows)
    update_rows(transaction, case_signals, ("case_id", "partner_id", "signal_id"), compared)
    transaction.update(
        worklist_orders, worklist_orders.c.order_id == order_id, {"state": DONE, "done_at": done_at}
    )


def beat(store: Store, opener_id: str, *, at: str, is_practice: bool) -> None:
    """Say that an opener lives."""
    with store.transaction("opener_heartbeat", at=at, actor=opener_id) as transaction:
        transaction.upsert(opener_heartbeats, {"opener_id": opener_id, "seen_at": at, "is_practice": is_practice})


def forget_openers(store: Store, *, seen_before: str, at: str) -> None:
    """Take away openers that stopped, or were killed long ago."""
    with store.transaction("opener_heartbeat", at=at, actor="opener") as transaction:
        transaction.connection.execute(opener_heartbeats.delete().where(opener_heartbeats.c.seen_at < seen_before))


def stop_beating(store: Store, opener_id: str, *, at: str) -> None:
    """Say that an opener stopped."""
    with store.transaction("opener_heartbeat", at=at, actor=opener_id) as transaction:
        transaction.connection.execute(
            opener_heartbeats.delete().where(opener_heartbeats.c.opener_id == opener_id)
        )


def is_opener_alive(store: Store, *, seen_since: str) -> bool:
    """Whether an opener said so since an instant."""
    statement = sa.select(opener_heartbeats.c.opener_id).where(opener_heartbeats.c.seen_at >= seen_since)
    return bool(store.all(statement.limit(1)))


def _of_equal_columns(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    grouped: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(tuple(sorted(row)), []).append(row)
    yield from grouped.values()


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
