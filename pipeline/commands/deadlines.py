"""What is said when a deadline passes: who has not delivered, which worklist is late.

Each line goes into the journal once a day and to the caller's log. It holds ids and dates only.
"""

from __future__ import annotations

from pipeline.commands.wiring import Run
from pipeline.stewardship import watch_clocks
from pipeline.store import clocks

PARTNER_LATE = "partner_late"
WORKLIST_LATE = "worklist_late"


def late_partners(run: Run) -> list[str]:
    """The partners whose signals of last month are due and not there."""
    month = watch_clocks.month_expected(run.today)
    return watch_clocks.late_partners(run.agreement, clocks.partners_that_delivered(run.store, month), run.today)


def report_late_partners(run: Run) -> list[str]:
    """Journal who is late; returns the same in words for a data steward."""
    month = watch_clocks.month_expected(run.today)
    due = watch_clocks.delivery_due_on(run.agreement, run.today)
    late = late_partners(run)
    _journal(run, PARTNER_LATE, [f"{partner_id} {month}" for partner_id in late], "not delivered")
    return [
        f"{partner_id} heeft {month} nog niet geleverd; afgesproken was uiterlijk {due:%d-%m-%Y}. "
        "Vraag deze partner om de aanlevering."
        for partner_id in late
    ]


def report_late_worklists(run: Run) -> list[str]:
    """Journal that the worklist of this day is late; returns the same in words for a data steward."""
    day = run.today.isoformat()
    orders = clocks.orders_of(run.store, day)
    waiting = clocks.count_waiting_cases(run.store)
    filed, done = orders.get("filed", 0), orders.get("done", 0)
    if not watch_clocks.is_worklist_late(run.today, waiting=waiting, orders_open=filed, orders_done=done):
        return []
    _journal(run, WORKLIST_LATE, [f"worklist {day}"], "opener busy" if filed else "not ordered")
    next_step = (
        "De opdracht ligt klaar, maar de opener antwoordt niet: start `samenloop opener`."
        if filed
        else "Er is geen opdracht: kijk bij reveal_cases welke taak rood is."
    )
    return [f"De werklijst van {run.today:%d-%m-%Y} is er nog niet. {next_step}"]


def _journal(run: Run, action: str, objects: list[str], result: str) -> None:
    ground = f"deadline {run.today.isoformat()}"
    new = [object_ for object_ in objects if object_ not in clocks.said_before(run.store, action, ground)]
    if new:
        with run.store.transaction("report_deadline", at=run.now, actor=run.actor) as transaction:
            for object_ in new:
                transaction.journal(action, object_, ground=ground, result=result)
