"""Cases and their signals in the store: what matching reads of a month, and what matching and routing write.

Cases are read inside the transaction that changes them, with their rows locked, because the opener works on the
same rows in a process of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.row_updates import update_rows
from pipeline.store.tables import case_signals, cases, month_marks, signals
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.case import DOUBTFUL, IN_PROGRESS, LAPSED, MERGED, OPENED, REVEALED, ROUTED, WITHDRAWN
from pipeline.vocabulary.frames import TOKEN_COLUMNS

MATCHED_COLUMNS = (
    "partner_id",
    "signal_id",
    *TOKEN_COLUMNS,
    "wijkcode",
    "postcode4",
    "arrears_months",
    "arrears_band",
    "is_crisis",
)
HAS_A_TEAM_OR_WAITS_FOR_ONE = (OPENED, ROUTED, DOUBTFUL, REVEALED, IN_PROGRESS)
_HOLDS_NOTHING = (WITHDRAWN, MERGED, LAPSED)
_KEY = ("case_id", "partner_id", "month", "signal_id")


def month_marks_of(store: Store) -> list[dict[str, Any]]:
    """What changed and what was matched, per month, first month first."""
    return store.all(sa.select(month_marks).order_by(month_marks.c.month))


def effective_signals(store: Store, month: str, partner_ids: Iterable[str]) -> pl.DataFrame:
    """The signals of a month that count, of these partners, as matching takes them."""
    return store.read_frame(
        sa.select(*(signals.c[name] for name in MATCHED_COLUMNS)).where(*_that_count(month, partner_ids))
    )


def cases_under_two_keys(store: Store, month: str, partner_ids: Iterable[str], rule: Rule) -> frozenset[str]:
    """Cases that stand, whose signals that count meet the rule and have tokens of more than one key."""
    same = (case_signals.c[name] == signals.c[name] for name in ("partner_id", "month", "signal_id"))
    rows = store.read_frame(
        sa.select(case_signals.c.case_id, signals.c.partner_id, signals.c.tokens_under)
        .select_from(case_signals.join(cases, cases.c.case_id == case_signals.c.case_id))
        .join(signals, sa.and_(*same))
        .where(
            *_that_count(month, partner_ids),
            signals.c.arrears_months >= rule.min_months,
            case_signals.c.is_active,
            cases.c.state.not_in(_HOLDS_NOTHING),
            cases.c.mark.is_(None),
        )
    )
    has_two = pl.col("tokens_under").drop_nulls().n_unique() > 1
    is_met = pl.col("partner_id").n_unique() >= rule.min_partners
    return frozenset(rows.group_by("case_id").agg(is_held=has_two & is_met).filter("is_held")["case_id"])


def _that_count(month: str, partner_ids: Iterable[str]) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        signals.c.month == month,
        signals.c.is_current,
        sa.not_(signals.c.is_retraction),
        signals.c.partner_id.in_(sorted(partner_ids)),
    )


def cases_of_month(transaction: Transaction, month: str) -> list[dict[str, Any]]:
    """All cases of a month, each with `signals` and `former`: the keys of its signals now and before."""
    rows = transaction.all(sa.select(cases).where(cases.c.month == month).with_for_update())
    found = transaction.all(sa.select(case_signals).where(case_signals.c.month == month))
    held: dict[tuple[str, bool], set[tuple[str, str]]] = {}
    for row in found:
        held.setdefault((row["case_id"], row["is_active"]), set()).add((row["partner_id"], row["signal_id"]))
    return [
        {
            **row,
            "signals": frozenset(held.get((row["case_id"], True), ())),
            "former": frozenset(held.get((row["case_id"], False), ())),
        }
        for row in rows
    ]


def save_cases(
    transaction: Transaction, opened: Sequence[Mapping[str, Any]], changed: Sequence[Mapping[str, Any]]
) -> None:
    """Insert new cases (all columns) and change others (`case_id` and the same columns in each)."""
    transaction.insert(cases, opened)
    update_rows(transaction, cases, ("case_id",), changed)


def save_case_signals(
    transaction: Transaction,
    joined: Sequence[Mapping[str, str]],
    returned: Sequence[Mapping[str, str]],
    left: Sequence[Mapping[str, str]],
) -> None:
    """Keep which signals joined a case for the first time, returned to it, and left it; rows hold the key only."""
    transaction.insert(case_signals, [{**row, "is_active": True, "is_confirmed": None} for row in joined])
    update_rows(
        transaction, case_signals, _KEY, [{**row, "is_active": True, "is_confirmed": None} for row in returned]
    )
    update_rows(transaction, case_signals, _KEY, [{**row, "is_active": False} for row in left])


def mark_matched(transaction: Transaction, month: str, revision: int, rule_fingerprint: str) -> None:
    """Say up to which revision of a month, and under which rule, its cases are what is proposed."""
    transaction.update(
        month_marks,
        month_marks.c.month == month,
        {"matched_revision": revision, "rule_fingerprint": rule_fingerprint},
    )


def cases_to_route(transaction: Transaction) -> list[dict[str, Any]]:
    """Every case that has a team or waits for one, first opened first; retracted ones that nobody saw are gone."""
    return transaction.all(
        sa.select(cases)
        .where(cases.c.state.in_(HAS_A_TEAM_OR_WAITS_FOR_ONE))
        .order_by(cases.c.month, cases.c.opened_at, cases.c.case_id)
        .with_for_update()
    )


def save_routes(transaction: Transaction, routed: Sequence[Mapping[str, Any]]) -> None:
    """Keep state, team, counsellor and reason of cases."""
    update_rows(transaction, cases, ("case_id",), routed)


def count_crisis_without_case(store: Store) -> dict[str, int]:
    """Per month the crisis signals that stand in no case: the steward sees them as a count."""
    return _count_without_case(store, signals.c.is_crisis)


def count_singles(store: Store) -> dict[str, int]:
    """Per month the signals that stand in no case: counted, until they lapse on their date."""
    return _count_without_case(store, sa.true())


def _count_without_case(store: Store, which: sa.ColumnElement[bool]) -> dict[str, int]:
    holding = (
        sa.select(case_signals.c.signal_id)
        .join(cases, cases.c.case_id == case_signals.c.case_id)
        .where(
            case_signals.c.partner_id == signals.c.partner_id,
            case_signals.c.month == signals.c.month,
            case_signals.c.signal_id == signals.c.signal_id,
            case_signals.c.is_active,
            cases.c.state.not_in(_HOLDS_NOTHING),
        )
    )
    rows = store.all(
        sa.select(signals.c.month, sa.func.count().label("count"))
        .where(signals.c.is_current, sa.not_(signals.c.is_retraction), which, sa.not_(holding.exists()))
        .group_by(signals.c.month)
        .order_by(signals.c.month)
    )
    return {str(row["month"]): int(row["count"]) for row in rows}
