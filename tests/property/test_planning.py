"""Nobody starves: whatever arrives and however little room there is, every case is opened in time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.pseudonymous.plan_day import NewCase, plan_day
from pipeline.vocabulary.period import is_working_day
from pipeline.vocabulary.teams import Teams

FIRST = date(2026, 11, 2)
TERM = timedelta(days=28)


def teams_of(capacities: list[int | None], team_capacity: int | None) -> Teams:
    people: list[dict[str, Any]] = [
        {"counsellor_id": f"c{number}", "name": "C.", "capacity": capacity}
        for number, capacity in enumerate(capacities)
    ]
    team = {"team_id": "t", "name": "T", "wijken": [], "capacity": team_capacity, "counsellors": people}
    return Teams.from_dict({"format": "samenloop/teams/1", "teams": [team]})


ROOM = st.none() | st.integers(0, 3)
ARRIVAL = st.tuples(st.integers(0, 9), st.booleans(), st.integers(2, 6), st.integers(2, 12))


@settings(max_examples=60, deadline=None)
@given(
    capacities=st.lists(ROOM, max_size=3),
    team_capacity=ROOM,
    arrivals=st.lists(ARRIVAL, max_size=25),
)
def test_no_case_waits_past_its_term_and_no_day_takes_more_than_its_room(
    capacities: list[int | None], team_capacity: int | None, arrivals: list[tuple[int, bool, int, int]]
) -> None:
    """Each case is opened once, by the last working day of its term; without urgency no day exceeds its room."""
    teams = teams_of(capacities, team_capacity)
    waiting = {
        f"Z{number}": (
            FIRST + timedelta(days=day),
            NewCase(
                f"Z{number}",
                "t",
                None,
                is_crisis,
                partners,
                months,
                FIRST + timedelta(days=day),
                FIRST + timedelta(days=day) + (timedelta(days=3) if is_crisis else TERM),
            ),
        )
        for number, (day, is_crisis, partners, months) in enumerate(arrivals)
    }
    opened: dict[str, date] = {}
    for day in (FIRST + timedelta(days=number) for number in range(45)):
        if not is_working_day(day):
            continue
        here = [case for on, case in waiting.values() if on <= day and case.case_id not in opened]
        plan = plan_day(here, teams, day, running={}, begun_today={})
        assert plan == plan_day(list(reversed(here)), teams, day, running={}, begun_today={})
        today = [one for one in plan.cases if one.is_today]
        opened |= {one.case_id: day for one in today}
        easy = [one for one in today if not one.is_urgent]
        if team_capacity is not None:
            assert len(easy) <= team_capacity
        if capacities and None not in capacities:
            assert len(easy) <= sum(capacity or 0 for capacity in capacities)
    assert set(waiting) == set(opened)
    for case_id, (_, case) in waiting.items():
        assert opened[case_id] <= case.due_on or case.is_crisis
