"""What a worklist says of the team itself: what waits for room or did not open, who is away, who has a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.commands.wiring import Run
from pipeline.pseudonymous.plan_day import stand_in_for
from pipeline.store import day_plan
from pipeline.vocabulary.teams import Counsellor, Team


def waiting_per_team(run: Run) -> dict[str, int]:
    """New cases that wait for room today, per team."""
    days = day_plan.days_of(run.store, run.today.isoformat())
    return {team_id: int(day["waiting_count"]) for team_id, day in days.items()}


def team_page(run: Run, team: Team, waiting: Mapping[str, int], unread: Mapping[str, int]) -> dict[str, Any]:
    """The fields of the worklist that are about the team and not about a case."""
    unread_count = unread.get(team.team_id, 0)
    return {
        **({"unread_count": unread_count} if unread_count else {}),
        "waiting_count": waiting.get(team.team_id, 0),
        "absences": [
            {"name": one.name, "until_on": _until(one, run)}
            for one in team.counsellors
            if not one.is_present(run.today)
        ],
    }


def case_holder(run: Run, case: Mapping[str, Any]) -> dict[str, Any] | None:
    """The counsellor of a case, whose it stays, and who does the work while he is away."""
    holder = run.teams.counsellor(case["counsellor_id"])
    team = run.teams.by_id(str(case["team_id"]))
    if holder is None or team is None:
        return None
    is_absent = not holder.is_present(run.today)
    stand_in = stand_in_for(run.teams, team, holder, run.today) if is_absent else None
    return {
        "counsellor_id": holder.counsellor_id,
        "name": holder.name,
        "service": run.teams.regional_name if holder in run.teams.regional_counsellors else None,
        "is_absent": is_absent,
        "absent_until_on": _until(holder, run),
        "stand_in": None if stand_in is None else stand_in.name,
    }


def _until(one: Counsellor, run: Run) -> str | None:
    until = one.absent_until(run.today)
    return None if until is None else until.isoformat()
