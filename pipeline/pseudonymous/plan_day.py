"""Which new cases are opened today, and for which counsellor: room, urgency, and nobody waits for ever.

Decided before anything is opened: what does not fit today stays sealed today. A crisis, and a case whose term for
a first contact ends within five working days, goes on today's list whether it fits or not; so no case waits past
that day, however small the room. The others go by points: ten for each partner, one for each month of arrears
(twelve at most), one for each working day of waiting. Since only waiting grows without end, nobody is passed for
ever.

Who is there and has room gets the case: of several the one who has least work for his capacity. Counsellors of the
regional service work where a team has none of its own, and where its own are away or full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from pipeline.vocabulary.period import add_working_days, working_days_between
from pipeline.vocabulary.teams import Counsellor, Team, Teams, works_on

NO_ROOM = "no_room"
LAST_WORKING_DAYS = 5
MOST_MONTHS = 12


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case that no team saw yet, as far as planning may know it. `due_on` ends its term for a first contact."""

    case_id: str
    team_id: str
    counsellor_id: str | None
    is_crisis: bool
    partner_count: int
    months_max: int
    opened_on: date
    due_on: date

    def is_urgent(self, today: date) -> bool:
        """Whether it may not wait, room or not."""
        return self.is_crisis or add_working_days(today, LAST_WORKING_DAYS) >= self.due_on

    def points(self, today: date) -> int:
        """Its place among those that can wait."""
        waited = working_days_between(self.opened_on, today)
        return 10 * self.partner_count + min(self.months_max, MOST_MONTHS) + waited


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of a new case today: opened for a counsellor, or waiting."""

    case_id: str
    counsellor_id: str | None
    is_today: bool
    is_urgent: bool


@dataclass(slots=True)
class TeamDay:
    """One team's day: `room` is None without a limit; `new` are asked for, `urgent` of these whether they fit."""

    room: int | None
    new: int = 0
    urgent: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole day: every new case, and every team."""

    cases: tuple[Planned, ...]
    days: dict[str, TeamDay] = field(default_factory=dict)


def plan_day(
    cases: Iterable[NewCase],
    teams: Teams,
    today: date,
    *,
    running: Mapping[str, int],
    begun_today: Mapping[tuple[str, str | None], int],
) -> Plan:
    """Divide the room of a day.

    Args:
        cases: every case that waits for its first worklist; those of a team that is gone are left out.
        teams: who works when, and how much.
        today: the day of the lists.
        running: cases in hand, per counsellor.
        begun_today: cases asked for earlier today, per team and counsellor; they have used room.
    """
    desk = _Desk(teams, today, running, begun_today)
    ordered = sorted(
        cases, key=lambda case: (not case.is_urgent(today), -case.points(today), case.opened_on, case.case_id)
    )
    planned = [desk.place(case) for case in ordered if case.team_id in desk.days]
    return Plan(tuple(planned), desk.days)


def daily_room(team: Team, today: date) -> int | None:
    """How many new cases fit on a day: what the team allows, and what those of its own who are there can begin."""
    if not works_on(team.working_days, today):
        return 0
    there = [one.capacity for one in team.counsellors if one.is_present(today)]
    limits = [] if team.capacity is None else [team.capacity]
    if team.counsellors and None not in there:
        limits.append(sum(capacity or 0 for capacity in there))
    return min(limits, default=None)


def stand_in_for(teams: Teams, team: Team, holder: Counsellor, today: date) -> Counsellor | None:
    """Who does the work of a case holder who is away: the next colleague who is there, else the region's."""
    own = team.counsellors
    place = next((at for at, one in enumerate(own) if one.counsellor_id == holder.counsellor_id), -1)
    colleagues: Sequence[Counsellor] = (*own[place + 1 :], *own[: place + 1], *teams.regional_counsellors)
    return next(
        (one for one in colleagues if one.is_present(today) and one.counsellor_id != holder.counsellor_id), None
    )


class _Desk:
    """Hands out the room of one day, case by case."""

    def __init__(
        self,
        teams: Teams,
        today: date,
        running: Mapping[str, int],
        begun_today: Mapping[tuple[str, str | None], int],
    ) -> None:
        self.teams = teams
        self.today = today
        self.work = Counter(running)
        self.begun: Counter[str] = Counter()
        begun_by_team: Counter[str] = Counter()
        for (team_id, counsellor_id), count in begun_today.items():
            begun_by_team[team_id] += count
            if counsellor_id is not None:
                self.begun[counsellor_id] += count
        self.days = {team.team_id: TeamDay(self._room_of(team, begun_by_team)) for team in teams.teams}

    def place(self, case: NewCase) -> Planned:
        day = self.days[case.team_id]
        team = self.teams.by_id(case.team_id)
        assert team is not None, "only cases of teams that are there are placed"
        is_urgent = case.is_urgent(self.today)
        chosen = self._choose(team, case.counsellor_id, must=is_urgent)
        can_have_it = chosen is not None or not self.teams.counsellors_for(team)
        has_room = (day.room is None or day.room > 0) and can_have_it
        if not (is_urgent or has_room):
            day.waiting += 1
            return Planned(case.case_id, case.counsellor_id, is_today=False, is_urgent=False)
        day.new += 1
        day.urgent += is_urgent
        if day.room is not None:
            day.room = max(0, day.room - 1)
        counsellor_id = case.counsellor_id if chosen is None else chosen.counsellor_id
        if counsellor_id is not None:
            self.begun[counsellor_id] += 1
            self.work[counsellor_id] += 1
        return Planned(case.case_id, counsellor_id, is_today=True, is_urgent=is_urgent)

    def _choose(self, team: Team, counsellor_id: str | None, *, must: bool) -> Counsellor | None:
        """Who is there and has room; when it must be today, who is there; of several the least burdened."""
        there = [one for one in self.teams.counsellors_for(team) if one.is_present(self.today)]
        own = {one.counsellor_id for one in team.counsellors}
        free = [one for one in there if self._left(one) > 0]
        for group in (
            [one for one in free if one.counsellor_id in own],
            free,
            [one for one in there if one.counsellor_id in own] if must else [],
            there if must else [],
        ):
            if group:
                # The one who has the case already goes first among equals, so that a second run changes nothing.
                return min(group, key=lambda one: (self._burden(one), one.counsellor_id != counsellor_id))
        return None

    def _left(self, one: Counsellor) -> float:
        return float("inf") if one.capacity is None else one.capacity - self.begun[one.counsellor_id]

    def _burden(self, one: Counsellor) -> float:
        return self.work[one.counsellor_id] / max(1, 1 if one.capacity is None else one.capacity)

    def _room_of(self, team: Team, begun: Mapping[str, int]) -> int | None:
        """What the team itself allows; its counsellors' room is counted per person."""
        if not works_on(team.working_days, self.today):
            return 0
        return None if team.capacity is None else max(0, team.capacity - begun.get(team.team_id, 0))
