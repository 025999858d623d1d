"""Tables that the rows are read beside: the snapshot itself, partners, teams, areas, days.

Names of wijken and numbers of inhabitants come from the CBS table of key figures when the municipality has put it
in its home; without it a wijk has its code only, and no rate is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from pipeline.vocabulary.period import is_working_day, month_of


@dataclass(frozen=True, slots=True)
class SnapshotFacts:
    """What a snapshot says of itself and of the municipality. `seed` draws its numbers and is told to nobody.

    partners: partner_id, partner_type, name, valid_from, valid_until. teams: team_id, name, wijk_count,
    counsellor_count, fte, inhabitants, capacity_count. areas: code, kind, name, inhabitants.
    """

    published_at: str
    published_on: str
    gemeentecode: str
    municipality: str
    agreement_version: int
    partners: Sequence[Mapping[str, Any]]
    seed: int
    teams: Sequence[Mapping[str, Any]] = ()
    areas: Sequence[Mapping[str, Any]] = ()
    first_day: date | None = field(default=None)

    @property
    def partner_types(self) -> dict[str, str]:
        """The type of each partner."""
        return {str(partner["partner_id"]): str(partner["partner_type"]) for partner in self.partners}


_PARTNER_SCHEMA = {
    "partner_id": pl.String(),
    "partner_type": pl.String(),
    "name": pl.String(),
    "valid_from": pl.Date(),
    "valid_until": pl.Date(),
}
_TEAM_SCHEMA = {
    "team_id": pl.String(),
    "name": pl.String(),
    "wijk_count": pl.Int64(),
    "counsellor_count": pl.Int64(),
    "fte": pl.Float64(),
    "inhabitants": pl.Int64(),
    "capacity_count": pl.Int64(),
}
_AREA_SCHEMA = {"code": pl.String(), "kind": pl.String(), "name": pl.String(), "inhabitants": pl.Int64()}


def context_tables(facts: SnapshotFacts) -> dict[str, pl.DataFrame]:
    """snapshot, partners, teams, areas, calendar."""
    return {
        "snapshot": _snapshot(facts),
        "partners": pl.DataFrame(list(facts.partners), schema=_PARTNER_SCHEMA).sort("partner_id"),
        "teams": pl.DataFrame(list(facts.teams), schema=_TEAM_SCHEMA).sort("team_id"),
        "areas": pl.DataFrame(list(facts.areas), schema=_AREA_SCHEMA).sort("code"),
        "calendar": _calendar(facts),
    }


def _snapshot(facts: SnapshotFacts) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "published_at": [facts.published_at],
            "published_on": [facts.published_on],
            "gemeentecode": [facts.gemeentecode],
            "municipality": [facts.municipality],
            "agreement_version": [facts.agreement_version],
        }
    ).with_columns(
        pl.col("published_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ"), pl.col("published_on").str.to_date()
    )


def _calendar(facts: SnapshotFacts) -> pl.DataFrame:
    last = date.fromisoformat(facts.published_on)
    first = min(facts.first_day or last, last).replace(day=1)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return pl.DataFrame(
        {
            "day": days,
            "month": [month_of(day) for day in days],
            "quarter": [f"{day.year}Q{(day.month + 2) // 3}" for day in days],
            "iso_week": [f"{day:%G-W%V}" for day in days],
            "is_working_day": [is_working_day(day) for day in days],
        },
        schema_overrides={"day": pl.Date()},
    )
