"""What the data steward sees of a doubtful case, and what was decided; no contact and no token is read here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.tables import case_signals, cases, opening_requests, reviews, signals, worklist_orders

_BATCH = 500
_ANSWERED = "answered"


def case_by_id(store: Store, case_id: str) -> dict[str, Any] | None:
    """One case as it stands."""
    return next(iter(store.all(sa.select(cases).where(cases.c.case_id == case_id))), None)


def case_to_decide(transaction: Transaction, case_id: str) -> dict[str, Any] | None:
    """One case, locked until the decision is kept."""
    statement = sa.select(cases).where(cases.c.case_id == case_id).with_for_update()
    return next(iter(transaction.all(statement)), None)


def decision_on_its_evidence(transaction: Transaction, case: Mapping[str, Any]) -> dict[str, Any] | None:
    """What was decided on a case with the evidence that it has now."""
    where = (reviews.c.case_id == case["case_id"], reviews.c.evidence_digest == case["evidence_digest"])
    return next(iter(transaction.all(sa.select(reviews).where(*where))), None)


def last_comparison(store: Store, case_id: str) -> dict[str, Any] | None:
    """What the opener last found: case_revision, verdict, reason_code, fields, worklist_on."""
    columns = (opening_requests.c[name] for name in ("case_revision", "verdict", "reason_code", "fields"))
    statement = (
        sa.select(*columns, worklist_orders.c.worklist_on)
        .join(worklist_orders, worklist_orders.c.order_id == opening_requests.c.order_id)
        .where(opening_requests.c.case_id == case_id, opening_requests.c.state == _ANSWERED)
        .order_by(worklist_orders.c.worklist_on.desc(), worklist_orders.c.revision.desc())
        .limit(1)
    )
    return next(iter(store.all(statement)), None)


def signals_in_clear(store: Store, case_ids: Sequence[str]) -> list[dict[str, Any]]:
    """The signals of cases that count now, with what stands in the clear and the steward may see."""
    found: list[dict[str, Any]] = []
    for batch in _batches(case_ids):
        found += store.all(
            sa.select(
                case_signals.c.case_id,
                case_signals.c.partner_id,
                case_signals.c.month,
                case_signals.c.signal_id,
                signals.c.arrears_months,
                signals.c.wijkcode,
                signals.c.postcode4,
            )
            .join(
                signals,
                sa.and_(
                    signals.c.partner_id == case_signals.c.partner_id,
                    signals.c.month == case_signals.c.month,
                    signals.c.signal_id == case_signals.c.signal_id,
                ),
            )
            .where(
                case_signals.c.case_id.in_(batch),
                case_signals.c.is_active,
                signals.c.is_current,
                sa.not_(signals.c.is_retraction),
            )
            .order_by(case_signals.c.case_id, case_signals.c.partner_id, case_signals.c.signal_id)
        )
    return found


def decision_on(store: Store, case_id: str) -> dict[str, Any] | None:
    """The newest decision on a case, whatever the evidence was then."""
    statement = sa.select(reviews).where(reviews.c.case_id == case_id).order_by(reviews.c.decided_at.desc())
    return next(iter(store.all(statement.limit(1))), None)


def decisions_on_evidence(store: Store, digests: Iterable[str]) -> dict[str, str]:
    """The decision per evidence digest, where there is one: the same evidence is not asked twice."""
    ordered = sorted(set(digests))
    found: dict[str, str] = {}
    for batch in _batches(ordered):
        statement = sa.select(reviews.c.evidence_digest, reviews.c.decision).where(
            reviews.c.evidence_digest.in_(batch)
        )
        rows = store.all(statement.order_by(reviews.c.decided_at, reviews.c.case_id))
        found |= {row["evidence_digest"]: row["decision"] for row in rows}
    return found


def keep_decision(transaction: Transaction, decision: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    """Keep a decision with what it makes of its case: state, evidence, reason_code, changed_at."""
    transaction.upsert(reviews, decision)
    transaction.update(cases, cases.c.case_id == decision["case_id"], case)


def _batches(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
