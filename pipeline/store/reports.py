"""What the analysts' database is made of, read from the store: no token, no sealed contact, no row of a file."""

from __future__ import annotations

from collections import Counter

import polars as pl
import sqlalchemy as sa

from pipeline.store.connect import Store
from pipeline.store.tables import attempts, case_signals, cases, deliveries, disclosures, results, signals

_SIGNAL_COLUMNS = (
    "partner_id",
    "month",
    "signal_id",
    "wijkcode",
    "arrears_months",
    "arrears_band",
    "is_crisis",
    "admitted_at",
)
_CASE_COLUMNS = (
    "case_id",
    "month",
    "lane",
    "evidence",
    "state",
    "mark",
    "wijkcode",
    "team_id",
    "partner_count",
    "months_max",
    "is_crisis",
    "merged_into",
    "opened_on",
    "first_revealed_on",
    "due_on",
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
    """Frames by name: signals, cases, case_signals, disclosures, attempts, results, deliveries, refusals."""
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
    return {
        "signals": store.read_frame(
            sa.select(*(signals.c[name] for name in _SIGNAL_COLUMNS)).where(
                signals.c.is_current, sa.not_(signals.c.is_retraction)
            )
        ),
        "cases": store.read_frame(sa.select(*(cases.c[name] for name in _CASE_COLUMNS))),
        "case_signals": store.read_frame(
            sa.select(
                case_signals.c.case_id, case_signals.c.partner_id, case_signals.c.month, case_signals.c.signal_id
            ).where(case_signals.c.is_active)
        ),
        "disclosures": store.read_frame(
            sa.select(disclosures.c.case_id, disclosures.c.worklist_on, disclosures.c.ground, disclosures.c.is_new)
        ),
        "attempts": store.read_frame(
            sa.select(attempts.c.case_id, attempts.c.is_reached, attempts.c.attempted_on)
        ),
        "results": store.read_frame(sa.select(results.c.case_id, results.c.result, results.c.result_on)),
        "deliveries": pl.DataFrame(ledger, schema=_DELIVERY_SCHEMA),
        "refusals": pl.DataFrame(refused, schema=_REFUSAL_SCHEMA, orient="row"),
    }
