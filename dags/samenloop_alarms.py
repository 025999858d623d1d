"""What Airflow calls when a deadline has passed. Whether somebody is late is judged anew for each municipality."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from samenloop_flow import HOMES, ZONE

if TYPE_CHECKING:
    from pipeline.commands.wiring import Run

log = logging.getLogger("samenloop")


def partners_are_late(context: Mapping[str, Any] | None = None) -> None:
    """Say which partners have not delivered."""
    from pipeline.commands.deadlines import report_late_partners

    _in_each(report_late_partners, context or {})


def worklists_are_late(context: Mapping[str, Any] | None = None) -> None:
    """Say which municipalities have no worklist yet."""
    from pipeline.commands.deadlines import report_late_worklists

    _in_each(report_late_worklists, context or {})


def _in_each(report: Callable[[Run], list[str]], context: Mapping[str, Any]) -> None:
    """Only for runs that the clock or a change started: a backfill is never late."""
    from pipeline.commands.homes import homes_by_gemeente
    from pipeline.commands.wiring import open_run
    from pipeline.vocabulary.faults import Refused

    run_of_dag = context.get("dag_run") or {}
    if run_of_dag.get("run_type") in {"backfill", "manual"}:
        return
    for gemeente, home in homes_by_gemeente(HOMES).items():
        try:
            with open_run(home, _day(run_of_dag), actor="airflow:deadline") as run:
                for line in report(run):
                    log.warning("%s: %s", gemeente, line)
        except Refused as refused:
            log.error("%s: %s. %s", gemeente, refused.code, refused.next_step)


def _day(run_of_dag: Mapping[str, Any]) -> date | None:
    import pendulum

    due = run_of_dag.get("logical_date") or run_of_dag.get("run_after")
    instant = datetime.fromisoformat(due) if isinstance(due, str) else due
    return pendulum.instance(instant).in_timezone(ZONE).date() if instant else None
