"""What the analysts' database is made of, read from the store: no token, no sealed contact, no row of a file."""

from __future__ import annotations

from collections import Counter

import polars as pl
import sqlalchemy as sa

from pipeline.store.connect import Store
from pipeline.store.tables import (
    attempts,
    case_signals,
    cases,
    deliveries,
    disclosures,
    feedback_sent,
    month_marks,
    results,
    retirements,
    reviews,
    signals,
    team_days,
)

_SIGNAL_COLUMNS = (
    "partner_id",
    "month",
    "signal_id",
    "wijkcode",
    "arrears_months",
    "arrears_band",
    "is_crisis",
)
_CASE_COLUMNS = (
    "case_id",
    "month",
    "lane",
    "evidence",
    "is_likely",
    "state",
    "mark",
    "reason_code",
    "wijkcode",
    "team_id",
    "partner_count",
    "months_max",
    "is_crisis",
    "merged_into",
    "joined_to",
    "opened_on",
    "first_revealed_on",
    "due_on",
    "term_from_on",
)
_DELIVERY_SCHEMA: dict[str, pl.DataType] = {
    "delivery_id": pl.String(),
    "manifest_hash": pl.String(),
    "partner_id": pl.String(),
    "month": pl.String(),
    "sequence": pl.Int64(),
    "kind": pl.String(),
    "state": pl.String(),
    "response_code": pl.String(),
    "fault_code": pl.String(),
    "row_count": pl.Int64(),
    "admitted_count": pl.Int64(),
    "refused_count": pl.Int64(),
    "received_at": pl.String(),
}
_REFUSAL_SCHEMA: dict[str, pl.DataType] = {
    "delivery_id": pl.String(),
    "manifest_hash": pl.String(),
    "fault_code": pl.String(),
    "column": pl.String(),
    "row_count": pl.Int64(),
}


def analytics_sources(store: Store) -> dict[str, pl.DataFrame]:
    """Frames by name, one per table that analysts' rows are made of."""
    ledger = store.all(
        sa.select(deliveries.c.refused_rows, *(deliveries.c[name] for name in _DELIVERY_SCHEMA)).order_by(
            deliveries.c.received_at, deliveries.c.delivery_id, deliveries.c.manifest_hash
        )
    )
    refused = [
        (row["delivery_id"], row["manifest_hash"], code, column, count)
        for row in ledger
        for (code, column), count in Counter(
            (fault["code"], fault["column"]) for fault in row["refused_rows"] or () if fault["row"] is not None
        ).items()
    ]
    tables = {
        "cases": [cases.c[name] for name in _CASE_COLUMNS],
        "disclosures": [disclosures.c[name] for name in ("case_id", "worklist_on", "team_id", "ground", "is_new")],
        "results": [
            results.c[name]
            for name in ("case_id", "result", "result_on", "has_consent_for_feedback", "recorded_at")
        ],
        "feedback": [feedback_sent.c[name] for name in ("partner_id", "month", "signal_id", "code", "sent_on")],
        "reviews": [reviews.c[name] for name in ("case_id", "decision", "reason_code", "decided_at")],
        "team_days": [
            team_days.c[name] for name in ("worklist_on", "team_id", "room_count", "new_count", "waiting_count")
        ],
        "retirements": [
            retirements.c[name] for name in ("data_class", "due_before", "deleted_count", "retired_on")
        ],
    }
    tried = [
        attempts.c[name]
        for name in ("attempt_id", "case_id", "contact_type", "is_reached", "attempted_on", "part_of_day")
    ]
    is_unmatched = month_marks.c.changed_revision > month_marks.c.matched_revision
    return {
        "unmatched_months": store.read_frame(sa.select(month_marks.c.month).where(is_unmatched)),
        **{name: store.read_frame(sa.select(*columns)) for name, columns in tables.items()},
        "attempts": store.read_frame(sa.select(*tried).where(sa.not_(attempts.c.is_withdrawn))),
        "signals": store.read_frame(
            sa.select(
                *(signals.c[name] for name in _SIGNAL_COLUMNS),
                sa.func.coalesce(signals.c.admitted_on, sa.func.substr(signals.c.admitted_at, 1, 10)).label(
                    "admitted_on"
                ),
            ).where(signals.c.is_current, sa.not_(signals.c.is_retraction))
        ),
        "case_signals": store.read_frame(
            sa.select(
                *(case_signals.c[name] for name in ("case_id", "partner_id", "month", "signal_id", "is_confirmed"))
            ).where(case_signals.c.is_active)
        ),
        "deliveries": pl.DataFrame(ledger, schema=_DELIVERY_SCHEMA),
        "refusals": pl.DataFrame(refused, schema=_REFUSAL_SCHEMA, orient="row"),
    }
