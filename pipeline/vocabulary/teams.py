"""Wijkteams, their areas and their counsellors: who gets a case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.vocabulary.faults import Refused

FORMAT = "samenloop/teams/1"
_TEAM_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class Counsellor:
    """A debt counsellor (schuldhulpverlener), of a team or of the regional service."""

    counsellor_id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Team:
    """A wijkteam and the areas it serves."""

    team_id: str
    name: str
    wijken: tuple[str, ...]
    postcode4: tuple[str, ...]
    counsellors: tuple[Counsellor, ...]


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
        _refuse_overlap(teams)
        return Teams(teams, name, counsellors)


def _team(row: Mapping[str, Any]) -> Team:
    return Team(
        team_id=_folder_name(row["team_id"]),
        name=str(row["name"]),
        wijken=tuple(str(code) for code in row.get("wijken", [])),
        postcode4=tuple(str(code) for code in row.get("postcode4", [])),
        counsellors=tuple(_counsellor(item) for item in row.get("counsellors", [])),
    )


def _counsellor(row: Mapping[str, Any]) -> Counsellor:
    return Counsellor(str(row["counsellor_id"]), str(row["name"]), str(row.get("email", "")))


def _folder_name(text: Any) -> str:
    """A team id names a folder in the outbox, so it may not leave it."""
    if not isinstance(text, str) or not _TEAM_ID.match(text):
        raise Refused("TEAMS_INVALID", "team_id")
    return text


def _refuse_overlap(teams: tuple[Team, ...]) -> None:
    ids = [team.team_id for team in teams]
    areas = [code for team in teams for code in team.wijken]
    if len(set(ids)) != len(ids) or len(set(areas)) != len(areas):
        raise Refused("TEAMS_INVALID", "wijken")
