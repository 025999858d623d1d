"""Which new cases are opened today and by whom: room, urgency and absence, every rule as a table."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.pseudonymous.plan_day import NewCase, daily_room, plan_day, stand_in_for
from pipeline.vocabulary.teams import Teams
from tests.spec.tables import Chapter, Spec, rows

TODAY = date(2026, 11, 3)
TEAMS = Teams.from_dict(
    {
        "format": "samenloop/teams/1",
        "teams": [
            {
                "team_id": "noord",
                "name": "Wijkteam Noord",
                "wijken": ["WK990101"],
                "capacity": 3,
                "counsellors": [
                    {"counsellor_id": "n1", "name": "N. Een", "capacity": 1},
                    {"counsellor_id": "n2", "name": "N. Twee", "capacity": 1},
                    {
                        "counsellor_id": "n3",
                        "name": "N. Drie",
                        "capacity": 5,
                        "absences": [{"from_on": "2026-11-02", "until_on": "2026-11-06"}],
                    },
                ],
            },
            {"team_id": "zuid", "name": "Wijkteam Zuid", "wijken": ["WK990102"], "counsellors": []},
            {
                "team_id": "west",
                "name": "Wijkteam West",
                "wijken": ["WK990103"],
                "working_days": ["ma", "wo", "vr"],
                "counsellors": [{"counsellor_id": "w1", "name": "W. Een"}],
            },
        ],
        "regional_service": {
            "name": "Regio",
            "counsellors": [{"counsellor_id": "r1", "name": "R. Een", "capacity": 2}],
        },
    }
)

PLAN = Chapter(
    "What fits today",
    """
    Wijkteam Noord can begin three cases a day: n1 and n2 one each, n3 is on leave. Wijkteam Zuid has no counsellor
    of its own, Wijkteam West does not work on Tuesdays. r1 of the regional service works for all of them and can
    begin two. It is Tuesday 3 November. What waits is not opened.
    """,
    (
        Spec(
            "Own counsellors first, then the regional service, then waiting",
            "More partners go first; n3 is on leave, so the third is for r1, and the team can begin no fourth.",
            given="""
                case | team  | holder | crisis | partners | months | opened     | due
                Z1   | noord |        | no     | 2        | 2      | 2026-11-03 | 2026-12-01
                Z2   | noord |        | no     | 4        | 2      | 2026-11-03 | 2026-12-01
                Z3   | noord |        | no     | 3        | 2      | 2026-11-03 | 2026-12-01
                Z4   | noord |        | no     | 3        | 5      | 2026-11-03 | 2026-12-01
            """,
            expected="""
                case | today | by
                Z2   | yes   | n1
                Z4   | yes   | n2
                Z3   | yes   | r1
                Z1   | no    |
            """,
        ),
        Spec(
            "A crisis does not wait",
            "Room or not, team's day or not; it does use up the room of others.",
            given="""
                case | team  | holder | crisis | partners | months | opened     | due
                Z1   | noord |        | no     | 4        | 9      | 2026-11-03 | 2026-12-01
                Z2   | noord |        | no     | 4        | 8      | 2026-11-03 | 2026-12-01
                Z3   | noord |        | yes    | 2        | 2      | 2026-11-03 | 2026-11-06
                Z4   | noord |        | yes    | 2        | 3      | 2026-11-03 | 2026-11-06
                Z5   | noord |        | yes    | 2        | 4      | 2026-11-03 | 2026-11-06
                Z6   | west  |        | yes    | 2        | 2      | 2026-11-03 | 2026-11-06
                Z7   | west  |        | no     | 2        | 2      | 2026-11-03 | 2026-12-01
            """,
            expected="""
                case | today | by
                Z5   | yes   | n1
                Z4   | yes   | n2
                Z3   | yes   | r1
                Z6   | yes   | w1
                Z1   | no    |
                Z2   | no    |
                Z7   | no    |
            """,
        ),
        Spec(
            "What has waited until its term goes today",
            "Five working days before the term of the first contact ends, waiting ends.",
            given="""
                case | team  | holder | crisis | partners | months | opened     | due
                Z1   | west  |        | no     | 2        | 2      | 2026-10-13 | 2026-11-10
                Z2   | west  |        | no     | 2        | 2      | 2026-10-14 | 2026-11-11
            """,
            expected="""
                case | today | by
                Z1   | yes   | w1
                Z2   | no    |
            """,
        ),
        Spec(
            "Waiting counts",
            "A working day of waiting weighs as much as a month of arrears, and has no end.",
            given="""
                case | team  | holder | crisis | partners | months | opened     | due
                Z1   | noord |        | no     | 3        | 12     | 2026-11-03 | 2026-12-01
                Z2   | noord |        | no     | 2        | 2      | 2026-09-01 | 2027-09-01
                Z3   | noord |        | no     | 3        | 11     | 2026-11-02 | 2026-12-01
                Z4   | noord |        | no     | 3        | 10     | 2026-11-03 | 2026-12-01
            """,
            expected="""
                case | today | by
                Z2   | yes   | n1
                Z3   | yes   | n2
                Z1   | yes   | r1
                Z4   | no    |
            """,
        ),
        Spec(
            "The regional service is shared",
            "Two cases in all, wherever they come from.",
            given="""
                case | team  | holder | crisis | partners | months | opened     | due
                Z1   | zuid  |        | no     | 4        | 2      | 2026-11-03 | 2026-12-01
                Z2   | zuid  |        | no     | 3        | 2      | 2026-11-03 | 2026-12-01
                Z3   | zuid  | r1     | no     | 2        | 2      | 2026-11-03 | 2026-12-01
            """,
            expected="""
                case | today | by
                Z1   | yes   | r1
                Z2   | yes   | r1
                Z3   | no    | r1
            """,
        ),
        Spec(
            "A case of a team that is gone is not planned",
            "Routing gives it another team first.",
            given="""
                case | team  | holder | crisis | partners | months | opened     | due
                Z1   | oost  |        | yes    | 4        | 2      | 2026-11-03 | 2026-11-06
            """,
            expected="case | today | by",
        ),
    ),
)

CHAPTERS = (PLAN,)


@pytest.mark.parametrize("spec", PLAN.specs, ids=str)
def test_plan_rule(spec: Spec) -> None:
    """The cases of the table are opened today by whom the table says, in its order, or wait."""
    cases = [
        NewCase(
            row["case"],
            row["team"],
            row["holder"] or None,
            row["crisis"] == "yes",
            int(row["partners"]),
            int(row["months"]),
            date.fromisoformat(row["opened"]),
            date.fromisoformat(row["due"]),
        )
        for row in rows(spec.given)
    ]
    plan = plan_day(cases, TEAMS, TODAY, running={}, begun_today={})
    expected = [(row["case"], row["today"] == "yes", row["by"] or None) for row in rows(spec.expected)]
    assert expected == [(one.case_id, one.is_today, one.counsellor_id) for one in plan.cases]
    assert sum(not is_today for _, is_today, _ in expected) == sum(day.waiting for day in plan.days.values())


def test_a_colleague_stands_in_for_whoever_is_away() -> None:
    """The next of the team who is there, else the regional service; nobody stands in for himself."""
    noord, _, west = TEAMS.teams
    assert "n1" == getattr(stand_in_for(TEAMS, noord, noord.counsellors[2], TODAY), "counsellor_id", None)
    monday = date(2026, 11, 9)
    assert "n3" == getattr(stand_in_for(TEAMS, noord, noord.counsellors[1], monday), "counsellor_id", None)
    assert "r1" == getattr(stand_in_for(TEAMS, west, west.counsellors[0], TODAY), "counsellor_id", None)


def new(case_id: str, team_id: str = "noord", holder: str | None = None, **changes: Any) -> NewCase:
    """A case that may wait: two partners, two months, opened today."""
    usual = {
        "is_crisis": False,
        "partner_count": 2,
        "months_max": 2,
        "opened_on": TODAY,
        "due_on": date(2026, 12, 1),
    }
    return NewCase(case_id, team_id, holder, **(usual | changes))


@pytest.mark.parametrize(
    ("begun", "expected"),
    [
        ({}, (True, "n1")),
        ({("noord", "n1"): 1}, (True, "n2")),
        ({("noord", "n1"): 1, ("noord", "n2"): 1}, (True, "r1")),
        ({("noord", None): 3}, (False, None)),
    ],
)
def test_what_was_begun_earlier_today_has_used_room(
    begun: dict[tuple[str, str | None], int], expected: tuple[bool, str | None]
) -> None:
    """A second list of a day opens no more than fits on that day, for the team and for each of its counsellors."""
    (one,) = plan_day([new("Z1")], TEAMS, TODAY, running={}, begun_today=begun).cases
    assert expected == (one.is_today, one.counsellor_id)


def test_a_full_day_with_an_urgent_case_has_no_room_below_zero() -> None:
    """It goes on the list all the same, and the figures of the day stay figures that somebody can read."""
    plan = plan_day([new("Z1", is_crisis=True)], TEAMS, TODAY, running={}, begun_today={("noord", None): 3})
    assert (True, 0) == (plan.cases[0].is_today, plan.days["noord"].room)


def test_more_than_a_year_of_arrears_counts_as_a_year() -> None:
    """Else one old debt would go before every household that three partners report."""
    cases = [new("Z1", "zuid", months_max=24), new("Z2", "zuid", partner_count=3, months_max=3)]
    plan = plan_day(cases, TEAMS, TODAY, running={}, begun_today={})
    assert ["Z2", "Z1"] == [one.case_id for one in plan.cases]


def test_who_has_the_case_keeps_it_among_equals() -> None:
    """So that planning a day again changes nobody's cases."""
    (one,) = plan_day([new("Z1", holder="n2")], TEAMS, TODAY, running={}, begun_today={}).cases
    assert "n2" == one.counsellor_id


def test_a_counsellor_without_a_limit_sets_none_to_the_team() -> None:
    """A day of a team is full by what the team allows, and by its counsellors where each says how much."""
    noord, _, west = TEAMS.teams
    assert (2, 0, None) == (daily_room(noord, TODAY), daily_room(west, TODAY), daily_room(west, date(2026, 11, 4)))
