"""Divide the room of a day: which new cases are asked for today, by whom, and what waits where all can see it.

Part of `reveal`, under its writer lock, before an order is filed. Run again on the same day it changes nothing.
"""

from __future__ import annotations

from datetime import date

from pipeline.commands.wiring import Run
from pipeline.pseudonymous.plan_day import NO_ROOM, NewCase, Plan, daily_room, plan_day
from pipeline.revealed.priority import due_date
from pipeline.store import day_plan
from pipeline.vocabulary.agreement import version_for

TRANSACTION = "plan_day"


def plan_today(run: Run) -> frozenset[str]:
    """Plan D and keep the plan.

    Returns:
        The new cases that are asked for today.
    """
    day = run.today.isoformat()
    with run.store.transaction(TRANSACTION, at=run.now, actor=run.actor) as transaction:
        rows = {row["case_id"]: row for row in day_plan.new_cases(transaction)}
        begun = day_plan.begun_on(transaction, day)
        plan = plan_day(
            [_new_case(run, row) for row in rows.values()],
            run.teams,
            run.today,
            running=day_plan.running_per_counsellor(transaction),
            begun_today=begun,
        )
        changed = []
        for one in plan.cases:
            reason = None if one.is_today else NO_ROOM
            row = rows[one.case_id]
            if (row["counsellor_id"], row["reason_code"]) != (one.counsellor_id, reason):
                changed.append({"case_id": one.case_id, "counsellor_id": one.counsellor_id, "reason_code": reason})
        waiting = sum(team.waiting for team in plan.days.values())
        day_plan.save_plan(
            transaction, day, changed, _days(run, plan, begun, day_plan.urgent_on(transaction, day))
        )
        if changed:
            counts = {"planned": len(plan.cases) - waiting, "waiting": waiting}
            transaction.journal(TRANSACTION, day, counts=counts)
    return frozenset(one.case_id for one in plan.cases if one.is_today)


def _new_case(run: Run, row: dict[str, object]) -> NewCase:
    agreement = version_for(run.agreements, str(row["month"])) or run.agreement
    opened_on = date.fromisoformat(str(row["opened_on"]))
    is_crisis = bool(row["is_crisis"])
    return NewCase(
        case_id=str(row["case_id"]),
        team_id=str(row["team_id"]),
        counsellor_id=None if row["counsellor_id"] is None else str(row["counsellor_id"]),
        is_crisis=is_crisis,
        partner_count=int(str(row["partner_count"])),
        months_max=int(str(row["months_max"])),
        opened_on=opened_on,
        due_on=due_date(opened_on, agreement.thresholds, is_crisis=is_crisis),
    )


def _days(
    run: Run, plan: Plan, begun: dict[tuple[str, str | None], int], urgent_before: dict[str, int]
) -> list[dict[str, object]]:
    """What stands in the store of each team's day, with what was begun earlier today."""
    earlier: dict[str, int] = {}
    for (team_id, _), count in begun.items():
        earlier[team_id] = earlier.get(team_id, 0) + count
    return [
        {
            "team_id": team.team_id,
            "room_count": daily_room(team, run.today),
            "new_count": plan.days[team.team_id].new + earlier.get(team.team_id, 0),
            "urgent_count": max(
                plan.days[team.team_id].urgent,
                urgent_before.get(team.team_id, 0) if earlier.get(team.team_id) else 0,
            ),
            "waiting_count": plan.days[team.team_id].waiting,
        }
        for team in run.teams.teams
    ]
