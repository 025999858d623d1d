"""Wijkteams, their areas and their counsellors: who gets a case, and who works on a day.

`capacity` is how many new cases a counsellor, or a team as a whole, can begin on one working day; without it there
is no limit. Counsellors of the regional service work for every team, and their capacity is shared by all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.vocabulary.faults import Refused

FORMAT = "samenloop/teams/1"
WEEKDAYS = ("ma", "di", "wo", "do", "vr")
_WIJKCODE = re.compile(r"^WK[0-9]{6}\Z")
_MOST_NAMED = 5
_TEAM_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class Counsellor:
    """A debt counsellor (schuldhulpverlener), of a team or of the regional service."""

    counsellor_id: str
    name: str
    email: str
    capacity: int | None = None
    working_days: tuple[str, ...] = WEEKDAYS
    absences: tuple[tuple[date, date], ...] = ()

    def is_present(self, day: date) -> bool:
        """Whether the counsellor works on this day."""
        return works_on(self.working_days, day) and self.absent_until(day) is None

    def absent_until(self, day: date) -> date | None:
        """The last day of the absence that this day lies in."""
        return max((until for begin, until in self.absences if begin <= day <= until), default=None)


@dataclass(frozen=True, slots=True)
class Team:
    """A wijkteam and the areas it serves."""

    team_id: str
    name: str
    wijken: tuple[str, ...]
    postcode4: tuple[str, ...]
    counsellors: tuple[Counsellor, ...]
    capacity: int | None = None
    working_days: tuple[str, ...] = WEEKDAYS


@dataclass(frozen=True, slots=True)
class Teams:
    """All teams of a municipality, and the counsellors of the regional service that it shares with others."""

    teams: tuple[Team, ...]
    regional_name: str | None
    regional_counsellors: tuple[Counsellor, ...]

    def team_for(self, wijkcode: str | None, postcode4: str | None) -> Team | None:
        """The team that serves an area; the wijk goes before the postcode."""
        for team in self.teams:
            if wijkcode is not None and wijkcode in team.wijken:
                return team
        for team in self.teams:
            if wijkcode is None and postcode4 is not None and postcode4 in team.postcode4:
                return team
        return None

    def counsellors_for(self, team: Team) -> tuple[Counsellor, ...]:
        """Whoever may have a case of this team: its own, then the regional service's."""
        return (*team.counsellors, *self.regional_counsellors)

    def counsellor(self, counsellor_id: str | None) -> Counsellor | None:
        """The counsellor with this id, of whatever team or of the regional service."""
        everybody = (*(one for team in self.teams for one in team.counsellors), *self.regional_counsellors)
        return next((one for one in everybody if one.counsellor_id == counsellor_id), None)

    def by_id(self, team_id: str) -> Team | None:
        """The team with this id."""
        return next((team for team in self.teams if team.team_id == team_id), None)

    @staticmethod
    def from_dict(document: Any) -> Teams:
        """Read teams.json.

        Raises:
            Refused: TEAMS_INVALID with the field as column.
        """
        if not isinstance(document, Mapping) or document.get("format") != FORMAT:
            raise Refused("TEAMS_INVALID", "format")
        try:
            teams = tuple(_team(row) for row in document["teams"])
            regional = document.get("regional_service") or {}
            counsellors = tuple(_counsellor(row) for row in regional.get("counsellors", []))
            name = regional.get("name")
        except (KeyError, TypeError, AttributeError):
            raise Refused("TEAMS_INVALID", "teams") from None
        _refuse_overlap(teams, counsellors)
        return Teams(teams, name, counsellors)


def works_on(working_days: tuple[str, ...], day: date) -> bool:
    """Whether a day of the week is one of these; lists that are made on a weekend were asked for."""
    return day.weekday() >= len(WEEKDAYS) or WEEKDAYS[day.weekday()] in working_days


def _team(row: Mapping[str, Any]) -> Team:
    return Team(
        team_id=_folder_name(row["team_id"]),
        name=str(row["name"]),
        wijken=tuple(str(code) for code in row.get("wijken", [])),
        postcode4=tuple(str(code) for code in row.get("postcode4", [])),
        counsellors=tuple(_counsellor(item) for item in row.get("counsellors", [])),
        capacity=_capacity(row),
        working_days=_working_days(row),
    )


def _counsellor(row: Mapping[str, Any]) -> Counsellor:
    return Counsellor(
        str(row["counsellor_id"]),
        str(row["name"]),
        str(row.get("email", "")),
        _capacity(row),
        _working_days(row),
        tuple(_absence(item) for item in row.get("absences", [])),
    )


def _capacity(row: Mapping[str, Any]) -> int | None:
    value = row.get("capacity")
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise Refused("TEAMS_INVALID", "capacity")
    return value


def _working_days(row: Mapping[str, Any]) -> tuple[str, ...]:
    days = row.get("working_days", list(WEEKDAYS))
    if not isinstance(days, list) or not set(map(str, days)) <= set(WEEKDAYS):
        raise Refused("TEAMS_INVALID", "working_days")
    return tuple(str(day) for day in days)


def _absence(row: Any) -> tuple[date, date]:
    try:
        begin, until = date.fromisoformat(row["from_on"]), date.fromisoformat(row["until_on"])
    except (KeyError, TypeError, ValueError):
        raise Refused("TEAMS_INVALID", "absences") from None
    if until < begin:
        raise Refused("TEAMS_INVALID", "absences")
    return begin, until


def _folder_name(text: Any) -> str:
    """A team id names a folder in the outbox, so it may not leave it."""
    if not isinstance(text, str) or not _TEAM_ID.match(text):
        raise Refused("TEAMS_INVALID", "team_id")
    return text


def _refuse_overlap(teams: tuple[Team, ...], regional: tuple[Counsellor, ...]) -> None:
    ids = [team.team_id for team in teams]
    people = [one.counsellor_id for team in teams for one in team.counsellors]
    people += [one.counsellor_id for one in regional]
    if len(set(people)) != len(people):
        raise Refused("TEAMS_INVALID", "counsellor_id")
    if len(set(ids)) != len(ids):
        raise Refused("TEAMS_INVALID", "team_id", hint="Elk wijkteam heeft een eigen team_id.")
    areas = Counter(code for team in teams for code in team.wijken)
    twice = sorted(code for code, count in areas.items() if count > 1)
    if twice:
        named = [code for code in twice if _WIJKCODE.match(code)][:_MOST_NAMED]
        which = f" ({', '.join(named)}{' …' if len(twice) > len(named) else ''})" if named else ""
        raise Refused(
            "TEAMS_INVALID", "wijken", hint=f"Een wijk{which} staat er twee keer in. Zet haar bij één team."
        )
