"""The practice agreement and the practice wijkteams, as documents without signature.

The agreement chooses the crisis lane `count` and the rule that the municipality asked for; thresholds and terms
are written out, so that whoever opens it sees what may be set.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from pipeline.practice.names import DUTCH, NameBook
from pipeline.practice.partners import PARTNERS
from pipeline.practice.places import Places, Wijk
from pipeline.practice.records import Region
from pipeline.vocabulary.agreement import RETENTION_DEFAULTS_MONTHS
from pipeline.vocabulary.period import add_months, month_start
from pipeline.vocabulary.teams import FORMAT as TEAMS_FORMAT

REGIONAL_SERVICE = "Regionale Sociale Dienst De Waardlanden"
WIJKEN_PER_TEAM = (1, 2)
COUNSELLORS_PER_TEAM = 2
REGIONAL_COUNSELLORS = 3
CASES_PER_COUNSELLOR = (8, 12, 16, 24)
MONTHS_BEFORE = 1
YEARS_IN_FORCE = 3


def first_day(months: Sequence[str]) -> date:
    """The day on which keys and agreement of the practice region begin: a month before its first month."""
    return month_start(add_months(min(months), -MONTHS_BEFORE))


def agreement_document(
    places: Places, municipality: int, months: Sequence[str], match_on: Sequence[str]
) -> dict[str, Any]:
    """The agreement of one municipality; version and signature are added where it is signed."""
    begins_on = first_day(months)
    name = places.municipality_names[municipality]
    return {
        "agreement_id": f"convenant-{slug(name)}",
        "gemeentecode": places.gemeentecodes[municipality],
        "municipality": name,
        "valid_from": begins_on.isoformat(),
        "valid_until": date(int(max(months)[:4]) + YEARS_IN_FORCE, 12, 31).isoformat(),
        "partners": [
            {
                "partner_id": partner.partner_id,
                "partner_type": partner.partner_type,
                "name": partner.name,
                "valid_from": begins_on.isoformat(),
                "valid_until": None,
            }
            for partner in PARTNERS
        ],
        "rule": {"min_partners": 2, "min_months": 2, "late_months": 2, "match_on": list(match_on)},
        "lanes": {"crisis": "count"},
        "thresholds": {
            "volume_warning_factor": 3,
            "volume_held_factor": 5,
            "delivery_working_day": 5,
            "first_contact_days": 28,
            "crisis_working_days": 3,
            "repeat_months": 6,
            "suspension_days": 30,
            "openings_per_day": 1000,
            "untouched_months": 6,
            "high_amount_eur": {"Huur": 1500, "Energie": 500, "Water": 250, "Zorg": 500},
        },
        "retention": dict(RETENTION_DEFAULTS_MONTHS),
    }


def teams_document(region: Region, municipality: int) -> dict[str, Any]:
    """Wijkteams of one or two wijken with their debt counsellors.

    Where there are more municipalities they share the counsellors of a regional service, and every second team has
    none of its own.
    """
    wijken = region.places.wijken(municipality)
    is_region = len(region.places.municipality_names) > 1
    teams: list[dict[str, Any]] = []
    begin = 0
    while begin < len(wijken):
        size = WIJKEN_PER_TEAM[len(teams) % len(WIJKEN_PER_TEAM)]
        own = 0 if is_region and len(teams) % 2 else COUNSELLORS_PER_TEAM
        teams.append(_team(region, municipality, begin, wijken[begin : begin + size], own))
        begin += size
    return {
        "format": TEAMS_FORMAT,
        "teams": teams,
        "regional_service": {
            "name": REGIONAL_SERVICE,
            "counsellors": _counsellors(region, "rsd", 0, REGIONAL_COUNSELLORS),
        }
        if is_region
        else None,
    }


def _team(
    region: Region, municipality: int, place: int, wijken: Sequence[Wijk], counsellors: int
) -> dict[str, Any]:
    names = [name for _, name, _ in wijken]
    code = region.places.gemeentecodes[municipality].lower()
    return {
        "team_id": f"wijkteam-{slug('-'.join(names))}",
        "name": f"Wijkteam {' en '.join(names)}",
        "wijken": [wijk for wijk, _, _ in wijken],
        "postcode4": sorted({digits for _, _, postcodes in wijken for digits in postcodes}),
        "counsellors": _counsellors(region, code, 100 * (municipality + 1) + place, counsellors),
    }


def _counsellors(region: Region, prefix: str, number: int, count: int) -> list[dict[str, Any]]:
    ids = np.arange(count, dtype=np.int64) + 10 * number
    sexes = region.chance.whole(f"counsellor {prefix}", 0, 1, ids)
    names = _names(region, region.book, prefix, ids, sexes)
    capacity = region.chance.whole(f"capacity {prefix}", 0, len(CASES_PER_COUNSELLOR) - 1, ids)
    return [
        {
            "counsellor_id": f"{prefix}-{identity:04d}",
            "name": name,
            "email": f"{slug(name).replace('-', '.')}@gemeente.example",
            "capacity": CASES_PER_COUNSELLOR[places],
        }
        for identity, name, places in zip(ids.tolist(), names, capacity.tolist(), strict=True)
    ]


def _names(region: Region, book: NameBook, prefix: str, ids: np.ndarray, sexes: np.ndarray) -> list[str]:
    origins = np.full(len(ids), DUTCH, dtype=np.int64)
    first = book.draw_first_names(region.chance, f"counsellor first {prefix}", origins, sexes, ids)
    last = book.draw_surnames(region.chance, f"counsellor last {prefix}", origins, ids)
    return [
        " ".join(part for part in (book.first["calling"][one], *book.surnames.row(two)[:2]) if part)
        for one, two in zip(first.tolist(), last.tolist(), strict=True)
    ]


def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens, as in an id."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text.lower())
    return "-".join(part for part in plain.split("-") if part)
