"""Feedback in the store: which signals have an outcome to tell, and what was told before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import sqlalchemy as sa

from pipeline.store.connect import Store
from pipeline.store.tables import case_signals, cases, feedback_sent, results, signals
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS, JOINED, MERGED, SEEN_STATES
from pipeline.vocabulary.processing import FEED_BACK
from pipeline.vocabulary.signal_outcome import SIGNAL_KEY, signal_outcomes

TRANSACTION = "send_feedback"


def signals_with_outcome(store: Store) -> pl.DataFrame:
    """Signals of cases that a team saw or that joined one, with the outcome that they share."""
    in_sight = (*SEEN_STATES, JOINED)
    members = store.read_frame(
        sa.select(
            case_signals.c.case_id,
            *(case_signals.c[name] for name in SIGNAL_KEY),
            case_signals.c.is_confirmed,
        )
        .join(cases, cases.c.case_id == case_signals.c.case_id)
        .where(case_signals.c.is_active, cases.c.state.in_(in_sight))
    )
    columns = ("case_id", "state", "mark", "reason_code", "merged_into", "joined_to")
    known = store.read_frame(
        sa.select(*(cases.c[name] for name in columns)).where(cases.c.state.in_((*in_sight, MERGED)))
    )
    said = store.read_frame(
        sa.select(
            results.c.case_id,
            results.c.result,
            results.c.result_on,
            results.c.has_consent_for_feedback.label("has_consent"),
        )
    )
    return signal_outcomes(members, known, said)


def signals_of_no_case(store: Store, until_month: str) -> pl.DataFrame:
    """Signals in force, of this month and before, of which nothing came: partner_id, month, signal_id.

    A signal whose case is shown and was not tried reads like a signal alone.
    """
    in_force = store.read_frame(
        sa.select(*(signals.c[name] for name in SIGNAL_KEY)).where(
            signals.c.month <= until_month, signals.c.is_current
        )
    )
    taken_up = signals_with_outcome(store).filter(pl.col("state").is_in([IN_PROGRESS, CLOSED]))
    return in_force.join(taken_up, on=SIGNAL_KEY, how="anti")


def sent_before(store: Store) -> pl.DataFrame:
    """All that partners were told: partner_id, month, signal_id, code, suspended_until_on, sent_on."""
    table = feedback_sent.c
    return store.read_frame(
        sa.select(
            table.partner_id,
            table.month,
            table.signal_id,
            table.code,
            table.suspended_until_on,
            table.sent_on,
        )
    )


def write_sent(
    store: Store,
    partner_id: str,
    sent_on: str,
    rows: pl.DataFrame,
    counts: Mapping[str, int],
    *,
    at: str,
    actor: str,
) -> None:
    """Keep what one partner was told on a day; of one signal and day only the last word. Under the writer lock.

    Args:
        rows: month, signal_id, code, suspended_until_on.
    """
    columns: Sequence[str] = ("month", "signal_id", "code", "suspended_until_on")
    with (
        store.staged(rows.select(columns)) as staging,
        store.transaction(TRANSACTION, at=at, actor=actor) as transaction,
    ):
        same = sa.and_(feedback_sent.c.month == staging.c.month, feedback_sent.c.signal_id == staging.c.signal_id)
        told_again = sa.or_(feedback_sent.c.sent_on == sent_on, feedback_sent.c.code == staging.c.code)
        transaction.connection.execute(
            feedback_sent.delete().where(
                feedback_sent.c.partner_id == partner_id,
                sa.exists(sa.select(1).select_from(staging).where(same, told_again)),
            )
        )
        transaction.connection.execute(
            feedback_sent.insert().from_select(
                [*columns, "partner_id", "sent_on", "written_by"],
                sa.select(
                    *(staging.c[name] for name in columns),
                    sa.literal(partner_id),
                    sa.literal(sent_on),
                    sa.literal(TRANSACTION),
                ),
            )
        )
        transaction.journal(TRANSACTION, partner_id, ground=sent_on, counts=counts)
        told = (
            (partner_id, month, signal_id) for month, signal_id in rows.select("month", "signal_id").iter_rows()
        )
        transaction.process(FEED_BACK, told, cause=f"feedback {partner_id} {sent_on} {at}", ground="feedback")
