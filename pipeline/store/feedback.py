"""Feedback in the store: which signals have an outcome to tell, and what was told before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import sqlalchemy as sa

from pipeline.store.connect import Store
from pipeline.store.tables import case_signals, cases, feedback_sent, results, signals
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS, JOINED
from pipeline.vocabulary.processing import FEED_BACK

TRANSACTION = "send_feedback"
_IS_TAKEN_UP = (
    cases.c.state.in_([IN_PROGRESS, CLOSED]),
    case_signals.c.is_active,
    case_signals.c.is_confirmed.is_not(False),
)


def signals_with_outcome(store: Store) -> pl.DataFrame:
    """Signals of cases that were taken up: partner_id, month, signal_id, state, reason_code, result, result_on,
    has_consent.

    A case that joined another shares its outcome. What the opener found to be about somebody else (is_confirmed
    false) is not of the case.
    """
    own = cases.alias("own")
    statement = (
        sa.select(
            case_signals.c.partner_id,
            case_signals.c.month,
            case_signals.c.signal_id,
            cases.c.state,
            own.c.reason_code,
            results.c.result,
            results.c.result_on,
            results.c.has_consent_for_feedback.label("has_consent"),
        )
        .join(own, own.c.case_id == case_signals.c.case_id)
        .join(
            cases,
            cases.c.case_id == _case_that_counts(own),
        )
        .outerjoin(results, results.c.case_id == cases.c.case_id)
        .where(*_IS_TAKEN_UP)
    )
    return store.read_frame(statement).unique(
        ["partner_id", "month", "signal_id"], keep="first", maintain_order=True
    )


def signals_of_no_case(store: Store, until_month: str) -> pl.DataFrame:
    """Signals in force, of this month and before, of which nothing came: partner_id, month, signal_id.

    All that `signals_with_outcome` leaves out: a case that is shown and was not tried reads like a signal alone.
    """
    own = cases.alias("own")
    has_outcome = (
        sa.select(1)
        .select_from(case_signals)
        .join(own, own.c.case_id == case_signals.c.case_id)
        .join(cases, cases.c.case_id == _case_that_counts(own))
        .where(
            case_signals.c.partner_id == signals.c.partner_id,
            case_signals.c.month == signals.c.month,
            case_signals.c.signal_id == signals.c.signal_id,
            *_IS_TAKEN_UP,
        )
    )
    statement = sa.select(signals.c.partner_id, signals.c.month, signals.c.signal_id).where(
        signals.c.month <= until_month, signals.c.is_current, ~sa.exists(has_outcome)
    )
    return store.read_frame(statement)


def _case_that_counts(own: sa.FromClause) -> sa.ColumnElement[str]:
    """The case whose outcome is that of this one: the one it joined, or itself."""
    return sa.case((own.c.state == JOINED, own.c.joined_to), else_=own.c.case_id)


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
