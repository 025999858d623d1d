"""Who gets a case: area, wijkteam and debt counsellor, every rule as a table."""

from __future__ import annotations

import pytest

from pipeline.pseudonymous.describe_sets import choose_area
from pipeline.pseudonymous.route_cases import RoutedCase, route_cases
from pipeline.vocabulary.teams import Teams
from tests.spec.tables import Chapter, Spec, rows

TEAMS = Teams.from_dict(
    {
        "format": "samenloop/teams/1",
        "teams": [
            {
                "team_id": "noord",
                "name": "Wijkteam Noord",
                "wijken": ["WK990101", "WK990102"],
                "postcode4": ["9901"],
                "counsellors": [
                    {"counsellor_id": "n1", "name": "N. Een"},
                    {"counsellor_id": "n2", "name": "N. Twee"},
                ],
            },
            {"team_id": "zuid", "name": "Wijkteam Zuid", "wijken": ["WK990103"], "counsellors": []},
        ],
        "regional_service": {"name": "Regio", "counsellors": [{"counsellor_id": "r1", "name": "R. Een"}]},
    }
)

AREA = Chapter(
    "Where a case belongs",
    """
    Partners may know different addresses. The wijk of most signals counts; where no signal has a wijk, the four
    digits of the postcode do.
    """,
    (
        Spec(
            "The wijk of most signals",
            "One old address is outvoted.",
            given="""
                wijk     | partner_type
                WK990101 | Huur
                WK990102 | Energie
                WK990102 | Water
            """,
            expected="""
                wijk
                WK990102
            """,
        ),
        Spec(
            "A tie goes to the landlord",
            "The landlord knows who lives in the house.",
            given="""
                wijk     | partner_type
                WK990101 | Energie
                WK990102 | Huur
            """,
            expected="""
                wijk
                WK990102
            """,
        ),
        Spec(
            "A tie without a landlord goes to the smallest code",
            "So that the same signals always lead to the same team.",
            given="""
                wijk     | partner_type
                WK990103 | Energie
                WK990102 | Water
            """,
            expected="""
                wijk
                WK990102
            """,
        ),
        Spec(
            "A signal without a wijk has no vote",
            "What is not known cannot outvote what is.",
            given="""
                wijk     | partner_type
                         | Huur
                         | Water
                WK990102 | Energie
            """,
            expected="""
                wijk
                WK990102
            """,
        ),
        Spec(
            "No signal has a wijk",
            "Then there is no area by wijk.",
            given="""
                wijk | partner_type
                     | Huur
                     | Water
            """,
            expected="wijk",
        ),
    ),
)

TEAM = Chapter(
    "Who gets it",
    """
    Wijkteam Noord serves WK990101, WK990102 and postcode 9901, with the counsellors n1 and n2. Wijkteam Zuid
    serves WK990103 and has no counsellor of its own; the regional service has r1. Cases are divided from the top.
    """,
    (
        Spec(
            "The team of the area, the counsellor with the fewest cases",
            "Of equals the first in the list.",
            given="""
                case | state  | wijk     | postcode4 | team | counsellor
                Z1   | opened | WK990101 |           |      |
                Z2   | opened | WK990102 |           |      |
                Z3   | opened |          | 9901      |      |
                Z4   | opened | WK990103 |           |      |
            """,
            expected="""
                case | state  | team  | counsellor | reason
                Z1   | routed | noord | n1         |
                Z2   | routed | noord | n2         |
                Z3   | routed | noord | n1         |
                Z4   | routed | zuid  | r1         |
            """,
        ),
        Spec(
            "What counsellors have already counts",
            "Cases that run are work too.",
            given="""
                case | state       | wijk     | postcode4 | team  | counsellor
                Z1   | revealed    | WK990101 |           | noord | n1
                Z2   | in_progress | WK990101 |           | noord | n1
                Z3   | opened      | WK990101 |           |       |
                Z4   | opened      | WK990101 |           |       |
            """,
            expected="""
                case | state       | team  | counsellor | reason
                Z1   | revealed    | noord | n1         |
                Z2   | in_progress | noord | n1         |
                Z3   | routed      | noord | n2         |
                Z4   | routed      | noord | n2         |
            """,
        ),
        Spec(
            "Who has a case keeps it, one of the regional service too",
            "The plan of a day gives it to the regional service where the team's own are away or full.",
            given="""
                case | state       | wijk     | postcode4 | team  | counsellor
                Z1   | revealed    | WK990101 |           | noord | r1
                Z2   | routed      | WK990101 |           | noord | r1
                Z3   | revealed    | WK990101 |           | noord | gone
            """,
            expected="""
                case | state       | team  | counsellor | reason
                Z1   | revealed    | noord | r1         |
                Z2   | routed      | noord | r1         |
                Z3   | revealed    | noord | n1         |
            """,
        ),
        Spec(
            "What nobody serves goes to the steward",
            "It stays opened, with the reason, and stands in the status until a team serves the area.",
            given="""
                case | state  | wijk     | postcode4 | team  | counsellor
                Z1   | opened | WK990199 |           |       |
                Z2   | opened |          |           |       |
                Z3   | routed | WK990199 |           | noord | n1
                Z4   | opened |          | 9999      |       |
            """,
            expected="""
                case | state  | team | counsellor | reason
                Z1   | opened |      |            | no_team
                Z2   | opened |      |            | no_area
                Z3   | opened |      |            | no_team
                Z4   | opened |      |            | no_team
            """,
        ),
        Spec(
            "A case that was seen stays with its team",
            "Also when its signals point elsewhere now; it moves only when the team no longer exists.",
            given="""
                case | state       | wijk     | postcode4 | team  | counsellor
                Z1   | revealed    | WK990103 |           | noord | n1
                Z2   | in_progress | WK990103 |           | west  | w1
            """,
            expected="""
                case | state       | team  | counsellor | reason
                Z1   | revealed    | noord | n1         |
                Z2   | in_progress | zuid  | r1         |
            """,
        ),
        Spec(
            "A doubtful case keeps its team and its doubt",
            "The steward still has to see why it is doubtful.",
            given="""
                case | state    | wijk     | postcode4 | team  | counsellor | reason
                Z1   | doubtful | WK990101 |           | noord | n1         | BIRTH_DIFFERS
            """,
            expected="""
                case | state    | team  | counsellor | reason
                Z1   | doubtful | noord | n1         | BIRTH_DIFFERS
            """,
        ),
        Spec(
            "A team begins to serve an area",
            "The reason goes with the waiting.",
            given="""
                case | state  | wijk     | postcode4 | team | counsellor | reason
                Z1   | opened | WK990103 |           |      |            | no_team
            """,
            expected="""
                case | state  | team | counsellor | reason
                Z1   | routed | zuid | r1         |
            """,
        ),
        Spec(
            "A case that waits for room waits on, unless its team is gone",
            "What nobody serves is a matter for the steward, whatever it waited for.",
            given="""
                case | state  | wijk     | postcode4 | team  | counsellor | reason
                Z1   | routed | WK990101 |           | noord | n1         | no_room
                Z2   | routed | WK990199 |           | west  | w1         | no_room
            """,
            expected="""
                case | state  | team  | counsellor | reason
                Z1   | routed | noord | n1         | no_room
                Z2   | opened |       |            | no_team
            """,
        ),
        Spec(
            "A changed area moves a case that nobody saw",
            "A correction of the address may come before the first visit.",
            given="""
                case | state  | wijk     | postcode4 | team  | counsellor
                Z1   | routed | WK990103 |           | noord | n1
            """,
            expected="""
                case | state  | team | counsellor | reason
                Z1   | routed | zuid | r1         |
            """,
        ),
        Spec(
            "Whose case moved away has room for the next",
            "He has fewer cases from then on, in the same division.",
            given="""
                case | state    | wijk     | postcode4 | team  | counsellor
                Z1   | routed   | WK990103 |           | noord | n2
                Z2   | opened   | WK990101 |           |       |
                Z3   | revealed | WK990101 |           | noord | n1
            """,
            expected="""
                case | state    | team  | counsellor | reason
                Z1   | routed   | zuid  | r1         |
                Z2   | routed   | noord | n2         |
                Z3   | revealed | noord | n1         |
            """,
        ),
    ),
)

CHAPTERS = (AREA, TEAM)


@pytest.mark.parametrize("spec", AREA.specs, ids=str)
def test_area_rule(spec: Spec) -> None:
    """The areas of the signals give exactly the area that is expected."""
    areas = [(row["wijk"] or None, row["partner_type"]) for row in rows(spec.given)]
    expected = next((row["wijk"] for row in rows(spec.expected)), None)
    assert expected == choose_area(areas)
    assert expected == choose_area(reversed(areas))


@pytest.mark.parametrize("spec", TEAM.specs, ids=str)
def test_team_rule(spec: Spec) -> None:
    """The cases are routed exactly as expected, and routing them again changes nothing."""
    cases = {
        row["case"]: RoutedCase(
            row["case"], row["state"], row["wijk"] or None, row["postcode4"] or None, row["team"] or None,
            row["counsellor"] or None, row.get("reason") or None,
        )
        for row in rows(spec.given)
    }  # fmt: skip
    routed = cases | {case.case_id: case for case in route_cases(cases.values(), TEAMS)}
    found = [
        {
            "case": case.case_id,
            "state": case.state,
            "team": case.team_id or "",
            "counsellor": case.counsellor_id or "",
            "reason": case.reason_code or "",
        }
        for case in routed.values()
    ]
    assert rows(spec.expected) == found
    assert [] == route_cases(routed.values(), TEAMS)
