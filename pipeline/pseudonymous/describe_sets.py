"""What routing, statistics and the steward need of a proposed set: its partners, months, area, and a digest.

The area is where most of the signals point; when as many point elsewhere, the landlord (Huur) knows best, and
then the smallest code. The digest says whether anything changed that makes the case another one: who is in it,
on what evidence, what the signals say in the clear, and their tokens.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

SignalKey = tuple[str, str]
"""Partner id and signal id: a signal of one month."""

KNOWS_WHERE_PEOPLE_LIVE = "Huur"


@dataclass(frozen=True, slots=True)
class ProposedSet:
    """A set of signals that meets the rule."""

    lane: str
    evidence: str
    signals: frozenset[SignalKey]
    partner_count: int
    months_max: int
    is_crisis: bool
    wijkcode: str | None
    postcode4: str | None
    digest: str


def describe_sets(proposed: pl.DataFrame, partner_types: Mapping[str, str]) -> list[ProposedSet]:
    """One ProposedSet per set of a frame as `match_month` makes it."""
    rows = proposed.sort("set_number", "partner_id", "signal_id").iter_rows(named=True)
    return [
        _describe(list(members), partner_types) for _, members in groupby(rows, key=lambda row: row["set_number"])
    ]


def choose_area(areas: Iterable[tuple[str | None, str]]) -> str | None:
    """The area of a case.

    Args:
        areas: per signal its area code, or None, and the type of its partner.
    """
    known = [(code, partner_type) for code, partner_type in areas if code is not None]
    counts = Counter(code for code, _ in known)
    most = {code for code, count in counts.items() if count == max(counts.values())}
    by_landlord = {
        code for code, partner_type in known if code in most and partner_type == KNOWS_WHERE_PEOPLE_LIVE
    }
    return min(by_landlord or most, default=None)


def _describe(members: list[dict[str, Any]], partner_types: Mapping[str, str]) -> ProposedSet:
    first = members[0]
    types = [partner_types.get(row["partner_id"], "") for row in members]
    wijkcode = choose_area(zip((row["wijkcode"] for row in members), types, strict=True))
    postcode4 = choose_area(zip((row["postcode4"] for row in members), types, strict=True))
    facts = [
        first["lane"],
        first["evidence"],
        *(f"{row['partner_id']} {row['signal_id']} {row['digest']}" for row in members),
    ]
    return ProposedSet(
        lane=first["lane"],
        evidence=first["evidence"],
        signals=frozenset((row["partner_id"], row["signal_id"]) for row in members),
        partner_count=len({row["partner_id"] for row in members}),
        months_max=max(row["arrears_months"] for row in members),
        is_crisis=any(row["is_crisis"] for row in members),
        wijkcode=wijkcode,
        postcode4=postcode4 if wijkcode is None else None,
        digest=hashlib.sha256("\n".join(facts).encode()).hexdigest(),
    )
