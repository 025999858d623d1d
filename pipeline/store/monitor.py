"""What the data steward sees of the store: counts, states and ids; no row of a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from pipeline.store.cases import HAS_A_TEAM_OR_WAITS_FOR_ONE
from pipeline.store.connect import Store
from pipeline.store.tables import (
    attempts,
    case_signals,
    cases,
    deliveries,
    opener_heartbeats,
    opening_requests,
    signals,
    worklist_orders,
)
from pipeline.vocabulary.case import (
    DOUBTFUL,
    MARK_RETRACTED,
    MERGED,
    SEEN_STATES,
    SHOWN_STATES,
    UNREAD_REASONS,
)
from pipeline.vocabulary.outcome import PERSONAL_CONTACT_TYPES

_DELIVERY_COLUMNS = (
    "delivery_id",
    "partner_id",
    "month",
    "sequence",
    "kind",
    "state",
    "response_code",
    "fault_code",
    "row_count",
    "admitted_count",
    "refused_count",
    "refused_rows",
    "warnings",
    "received_at",
)
_DOUBTFUL_COLUMNS = (
    "case_id",
    "month",
    "revision",
    "reason_code",
    "wijkcode",
    "postcode4",
    "team_id",
    "evidence_digest",
    "opened_on",
)


def deliveries_since(store: Store, month: str) -> list[dict[str, Any]]:
    """Decisions on deliveries for this month and later, and on those whose month is not known, oldest first."""
    statement = sa.select(*(deliveries.c[name] for name in _DELIVERY_COLUMNS)).where(
        sa.or_(deliveries.c.month >= month, deliveries.c.month.is_(None), deliveries.c.state == "held")
    )
    return store.all(statement.order_by(deliveries.c.received_at, deliveries.c.delivery_id))


def signals_in_force(store: Store) -> dict[tuple[str, str], int]:
    """Signals that count, per partner and month."""
    statement = (
        sa.select(signals.c.partner_id, signals.c.month, sa.func.count().label("count"))
        .where(signals.c.is_current, sa.not_(signals.c.is_retraction))
        .group_by(signals.c.partner_id, signals.c.month)
    )
    return {(row["partner_id"], row["month"]): row["count"] for row in store.all(statement)}


def signals_in_seen_cases(store: Store) -> int:
    """Signals in force that are in a case a team has seen."""
    seen = (
        sa.select(1)
        .select_from(case_signals.join(cases, cases.c.case_id == case_signals.c.case_id))
        .where(
            case_signals.c.partner_id == signals.c.partner_id,
            case_signals.c.month == signals.c.month,
            case_signals.c.signal_id == signals.c.signal_id,
            case_signals.c.is_active,
            case_signals.c.is_confirmed.is_not(False),
            cases.c.state.in_(SEEN_STATES),
        )
    )
    statement = (
        sa.select(sa.func.count().label("count"))
        .select_from(signals)
        .where(signals.c.is_current, sa.not_(signals.c.is_retraction), sa.exists(seen))
    )
    return int(store.all(statement)[0]["count"])


def cases_per_state(store: Store) -> dict[str, int]:
    """Cases per state."""
    statement = sa.select(cases.c.state, sa.func.count().label("count")).group_by(cases.c.state)
    return {row["state"]: row["count"] for row in store.all(statement)}


def overdue_cases(store: Store, today: str) -> dict[str, int]:
    """Cases whose day for a contact has passed and that nobody was in contact with in their term, per team."""
    absorbed = cases.alias("absorbed")
    merged = (  # said to be of the outer case: two levels down it would stand for every case
        sa.select(absorbed.c.case_id)
        .where(absorbed.c.state == MERGED, absorbed.c.merged_into == cases.c.case_id)
        .correlate(cases)
    )
    contact = sa.exists(
        sa.select(1).where(
            sa.or_(attempts.c.case_id == cases.c.case_id, attempts.c.case_id.in_(merged)),
            sa.or_(attempts.c.is_reached, attempts.c.contact_type.in_(PERSONAL_CONTACT_TYPES)),
            sa.not_(attempts.c.is_withdrawn),
            attempts.c.attempted_on >= sa.func.coalesce(cases.c.term_from_on, ""),
        )
    )
    statement = (
        sa.select(cases.c.team_id, sa.func.count().label("count"))
        .where(cases.c.state.in_(SHOWN_STATES), cases.c.due_on < today, cases.c.mark.is_(None), sa.not_(contact))
        .group_by(cases.c.team_id)
        .order_by(cases.c.team_id)
    )
    return {row["team_id"] or "": row["count"] for row in store.all(statement)}


def retracted_cases(store: Store) -> dict[str, int]:
    """Shown cases that were taken back and are not closed, per state."""
    return _counted(store, cases.c.state, cases.c.mark == MARK_RETRACTED, cases.c.state.in_(SHOWN_STATES))


def shown_per_lane(store: Store) -> dict[str, int]:
    """Cases that run on a team's worklist, per lane."""
    is_running = (cases.c.state.in_(SHOWN_STATES), cases.c.team_id.is_not(None))
    return _counted(store, cases.c.lane, cases.c.mark.is_(None), *is_running)


def shown_without_team(store: Store) -> dict[str, int]:
    """Cases that were shown and stand on no list, because nobody serves them any more, per state."""
    return _counted(store, cases.c.state, cases.c.state.in_(SHOWN_STATES), cases.c.team_id.is_(None))


def _counted(store: Store, by: sa.Column[Any], *where: sa.ColumnElement[bool]) -> dict[str, int]:
    statement = sa.select(by.label("by"), sa.func.count().label("count")).where(*where).group_by(by)
    return {str(row["by"]): int(row["count"]) for row in store.all(statement)}


def doubtful_cases(store: Store) -> list[dict[str, Any]]:
    """Cases that wait for the steward, first asked first; asked_on is the day of their last order."""
    asked = (
        sa.select(opening_requests.c.case_id, sa.func.max(worklist_orders.c.worklist_on).label("asked_on"))
        .join(worklist_orders, worklist_orders.c.order_id == opening_requests.c.order_id)
        .group_by(opening_requests.c.case_id)
        .subquery()
    )
    statement = (
        sa.select(*(cases.c[name] for name in _DOUBTFUL_COLUMNS), asked.c.asked_on)
        .outerjoin(asked, asked.c.case_id == cases.c.case_id)
        .where(cases.c.state == DOUBTFUL)
        .order_by(asked.c.asked_on, cases.c.case_id)
    )
    return store.all(statement)


def unroutable_cases(store: Store) -> list[dict[str, Any]]:
    """Cases that no team serves, also shown ones: wijkcode, postcode4, reason_code and how many."""
    statement = (
        sa.select(cases.c.wijkcode, cases.c.postcode4, cases.c.reason_code, sa.func.count().label("count"))
        .where(cases.c.state.in_(HAS_A_TEAM_OR_WAITS_FOR_ONE), cases.c.team_id.is_(None))
        .where(cases.c.reason_code.is_not(None))
        .group_by(cases.c.wijkcode, cases.c.postcode4, cases.c.reason_code)
        .order_by(cases.c.wijkcode, cases.c.postcode4)
    )
    return store.all(statement)


def ended_case_months(store: Store, states: Sequence[str]) -> dict[str, int]:
    """Cases in these states per month."""
    statement = (
        sa.select(cases.c.month, sa.func.count().label("count"))
        .where(cases.c.state.in_(states))
        .group_by(cases.c.month)
    )
    return {row["month"]: row["count"] for row in store.all(statement)}


def opener_seen_at(store: Store) -> str | None:
    """When an opener last said that it lives."""
    seen = store.all(sa.select(sa.func.max(opener_heartbeats.c.seen_at).label("seen_at")))[0]["seen_at"]
    return None if seen is None else str(seen)


def orders_waiting(store: Store) -> list[str]:
    """Days of worklists that were ordered and not handed over."""
    statement = sa.select(worklist_orders.c.worklist_on).where(
        worklist_orders.c.state == "filed", worklist_orders.c.purpose.is_(None)
    )
    return sorted(row["worklist_on"] for row in store.all(statement))


def unread_cases(store: Store) -> list[dict[str, Any]]:
    """Cases whose contacts did not open for the newest worklists: reason_code, and in fields what was refused."""
    newest = (
        sa.select(worklist_orders.c.order_id)
        .where(worklist_orders.c.state == "done", worklist_orders.c.purpose.is_(None))
        .order_by(worklist_orders.c.worklist_on.desc(), worklist_orders.c.revision.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = sa.select(opening_requests.c.reason_code, opening_requests.c.fields).where(
        opening_requests.c.order_id == newest, opening_requests.c.reason_code.in_(UNREAD_REASONS)
    )
    return store.all(statement)
