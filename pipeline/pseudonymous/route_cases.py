"""Which wijkteam gets a case, and which debt counsellor stands beside it.

The team is the one that serves the case's area. The counsellor is one of the team's, or of the regional service
where the team has none; whoever has the fewest cases gets the next, and keeps it, as does one of the regional
service to whom the plan of a day gave it because the team's own were away or full. A case that a team has seen
stays with that team while it exists. What nobody serves goes to the data steward with a reason, not away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.pseudonymous.plan_day import NO_ROOM
from pipeline.vocabulary import case as words
from pipeline.vocabulary.teams import Team, Teams

NO_AREA = "no_area"
NO_TEAM = "no_team"

_TO_ROUTE = (words.OPENED, words.ROUTED)


@dataclass(frozen=True, slots=True)
class RoutedCase:
    """A case as routing knows it; `reason_code` says why it has no team."""

    case_id: str
    state: str
    wijkcode: str | None
    postcode4: str | None
    team_id: str | None
    counsellor_id: str | None
    reason_code: str | None


def route_cases(cases: Iterable[RoutedCase], teams: Teams) -> list[RoutedCase]:
    """The cases whose routing changes, as they become.

    Args:
        cases: all live cases, in the order in which they are to be divided; those that are seen count for the
            division and move only when their team is gone.
        teams: who serves what.
    """
    cases = list(cases)
    load: Counter[str | None] = Counter(case.counsellor_id for case in cases)
    changed = []
    for case in cases:
        after = _route(case, teams, load)
        load[case.counsellor_id] -= 1
        load[after.counsellor_id] += 1
        if after != case:
            changed.append(after)
    return changed


def _route(case: RoutedCase, teams: Teams, load: Counter[str | None]) -> RoutedCase:
    if case.state in _TO_ROUTE:
        team = teams.team_for(case.wijkcode, case.postcode4)
        state = words.OPENED if team is None else words.ROUTED
    else:
        team = teams.by_id(case.team_id or "") or teams.team_for(case.wijkcode, case.postcode4)
        state = case.state
    if team is None:
        return _with(
            case, state, None, None, NO_AREA if case.wijkcode is None and case.postcode4 is None else NO_TEAM
        )
    return _with(case, state, team.team_id, _counsellor(case, team, teams, load), None)


def _counsellor(case: RoutedCase, team: Team, teams: Teams, load: Counter[str | None]) -> str | None:
    """The one the case has, if that one still serves; else the one with the fewest cases, of equals the first."""
    if case.counsellor_id in {one.counsellor_id for one in teams.counsellors_for(team)}:
        return case.counsellor_id
    ids = [one.counsellor_id for one in team.counsellors or teams.regional_counsellors]
    return min(ids, key=lambda counsellor_id: load[counsellor_id], default=None)


def _with(
    case: RoutedCase, state: str, team_id: str | None, counsellor_id: str | None, reason: str | None
) -> RoutedCase:
    """The case with its route; a reason not about routing stays, but waiting for room ends with the team."""
    is_ours = case.reason_code in (None, NO_AREA, NO_TEAM) or (case.reason_code == NO_ROOM and team_id is None)
    return replace(
        case,
        state=state,
        team_id=team_id,
        counsellor_id=counsellor_id,
        reason_code=reason if is_ours else case.reason_code,
    )
