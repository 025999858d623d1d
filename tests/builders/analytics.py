"""Rows for the analysts' file without a store: some that are written out, and whole towns drawn by chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import polars as pl

from pipeline.analytics.context_tables import SnapshotFacts
from pipeline.analytics.disclosure import Release
from pipeline.analytics.publication import Publication, Published, publish_to
from pipeline.analytics.releases import Month, ReleasePlan
from pipeline.analytics.topics import CASES, SIGNALS
from pipeline.commands.analysts_inputs import _BASELINE_SCHEMA as BASELINE_SCHEMA
from pipeline.vocabulary.outcome import END_RESULTS, PARTS_OF_DAY
from pipeline.vocabulary.period import add_months, month_start

PARTNERS = [
    {
        "partner_id": name.lower(),
        "partner_type": name,
        "name": name,
        "valid_from": date(2026, 1, 1),
        "valid_until": None,
    }
    for name in ("Huur", "Energie", "Water", "Zorg")
]
FACTS = SnapshotFacts(
    published_at="2026-10-12T06:00:00Z",
    published_on="2026-10-12",
    gemeentecode="GM9901",
    municipality="Oefenstad",
    agreement_version=1,
    partners=PARTNERS,
    seed=1,
    teams=[
        {
            "team_id": team_id,
            "name": f"Wijkteam {team_id.title()}",
            "wijk_count": 2,
            "counsellor_count": 2,
            "fte": 1.9,
            "inhabitants": 10_000,
            "capacity_count": 20,
        }
        for team_id in ("noord", "zuid")
    ],
    areas=[
        {"code": "GM9901", "kind": "gemeente", "name": "Oefenstad", "inhabitants": 20_000},
        {"code": "WK990101", "kind": "wijk", "name": "Centrum", "inhabitants": 5_000},
    ],
    first_day=date(2026, 9, 1),
)
WIJKEN = ("WK990101", "WK990102", "WK990103", "WK990104")
_TEXT, _DAY, _YES = pl.String(), pl.String(), pl.Boolean()
SCHEMAS: dict[str, dict[str, Any]] = {
    "signals": {
        "partner_id": _TEXT,
        "month": _TEXT,
        "signal_id": _TEXT,
        "wijkcode": _TEXT,
        "arrears_months": pl.Int64(),
        "arrears_band": _TEXT,
        "is_crisis": _YES,
        "admitted_on": _TEXT,
    },
    "cases": {
        "case_id": _TEXT,
        "month": _TEXT,
        "lane": _TEXT,
        "evidence": _TEXT,
        "state": _TEXT,
        "mark": _TEXT,
        "reason_code": _TEXT,
        "wijkcode": _TEXT,
        "team_id": _TEXT,
        "partner_count": pl.Int64(),
        "months_max": pl.Int64(),
        "is_crisis": _YES,
        "merged_into": _TEXT,
        "joined_to": _TEXT,
        "opened_on": _DAY,
        "is_likely": _YES,
        "first_revealed_on": _DAY,
        "due_on": _DAY,
        "term_from_on": _DAY,
    },
    "case_signals": {
        "case_id": _TEXT,
        "partner_id": _TEXT,
        "month": _TEXT,
        "signal_id": _TEXT,
        "is_confirmed": _YES,
    },
    "disclosures": {"case_id": _TEXT, "worklist_on": _DAY, "team_id": _TEXT, "ground": _TEXT, "is_new": _YES},
    "attempts": {
        "attempt_id": _TEXT,
        "case_id": _TEXT,
        "contact_type": _TEXT,
        "is_reached": _YES,
        "attempted_on": _DAY,
        "part_of_day": _TEXT,
    },
    "results": {
        "case_id": _TEXT,
        "result": _TEXT,
        "result_on": _DAY,
        "has_consent_for_feedback": _YES,
        "recorded_at": _TEXT,
    },
    "feedback": {"partner_id": _TEXT, "month": _TEXT, "signal_id": _TEXT, "code": _TEXT, "sent_on": _DAY},
    "reviews": {"case_id": _TEXT, "decision": _TEXT, "reason_code": _TEXT, "decided_at": _TEXT},
    "retirements": {"data_class": _TEXT, "due_before": _DAY, "deleted_count": pl.Int64(), "retired_on": _DAY},
    "team_days": {
        "worklist_on": _DAY,
        "team_id": _TEXT,
        "room_count": pl.Int64(),
        "new_count": pl.Int64(),
        "waiting_count": pl.Int64(),
    },
    "deliveries": {
        "delivery_id": _TEXT,
        "manifest_hash": _TEXT,
        "partner_id": _TEXT,
        "month": _TEXT,
        "sequence": pl.Int64(),
        "kind": _TEXT,
        "state": _TEXT,
        "response_code": _TEXT,
        "fault_code": _TEXT,
        "row_count": pl.Int64(),
        "admitted_count": pl.Int64(),
        "refused_count": pl.Int64(),
        "received_at": _TEXT,
    },
    "refusals": {
        "delivery_id": _TEXT,
        "manifest_hash": _TEXT,
        "fault_code": _TEXT,
        "column": _TEXT,
        "row_count": pl.Int64(),
    },
    "unmatched_months": {"month": _TEXT},
}


def frames(**rows: Iterable[dict[str, Any]]) -> dict[str, pl.DataFrame]:
    """Source frames with these rows; tables that are not named are empty."""
    return {name: pl.DataFrame(list(rows.get(name, ())), schema=schema) for name, schema in SCHEMAS.items()}


def signal(partner_id: str, number: int, **changes: Any) -> dict[str, Any]:
    return {
        "partner_id": partner_id,
        "month": "2026-10",
        "signal_id": f"{number:032x}",
        "wijkcode": "WK990101",
        "arrears_months": 3,
        "arrears_band": "250-499",
        "is_crisis": False,
        "admitted_on": "2026-10-02",
        **changes,
    }


def case(case_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "month": "2026-10",
        "lane": "matched",
        "evidence": "person",
        "state": "revealed",
        "mark": None,
        "reason_code": None,
        "wijkcode": "WK990101",
        "team_id": "noord",
        "partner_count": 2,
        "months_max": 3,
        "is_crisis": False,
        "merged_into": None,
        "joined_to": None,
        "opened_on": "2026-10-05",
        "is_likely": False,
        "first_revealed_on": "2026-10-06",
        "due_on": None,
        "term_from_on": None,
        **changes,
    }


def held(case_id: str, partner_id: str, number: int, month: str = "2026-10") -> dict[str, Any]:
    return {
        "case_id": case_id,
        "partner_id": partner_id,
        "month": month,
        "signal_id": f"{number:032x}",
        "is_confirmed": True,
    }


def attempt(case_id: str, number: int, **changes: Any) -> dict[str, Any]:
    return {
        "attempt_id": f"{case_id}/{number}",
        "case_id": case_id,
        "contact_type": "Telefoon",
        "is_reached": False,
        "attempted_on": "2026-10-07",
        "part_of_day": "Ochtend",
        **changes,
    }


def result(case_id: str, text: str, **changes: Any) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "result": text,
        "result_on": "2026-10-20",
        "has_consent_for_feedback": False,
        "recorded_at": "2026-10-20T06:00:00Z",
        **changes,
    }


@dataclass
class Town:
    """A town that publishes again and again: what it released stays known."""

    path: Path
    plan_changes: dict[str, Any] = field(default_factory=dict)
    facts: SnapshotFacts = FACTS
    baseline: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BASELINE_SCHEMA))
    known: dict[tuple[str, str, str], Release] = field(default_factory=dict)

    def publish(
        self,
        sources: dict[str, pl.DataFrame],
        today: date = date(2027, 6, 1),
        deliveries: Sequence[tuple[str, str, str]] = (),
        *,
        one_partner_reveals: bool = False,
    ) -> Published:
        def keep(changed: Sequence[Release]) -> None:
            self.known |= {release.key: release for release in changed}

        months = sorted({*sources["signals"]["month"], *sources["cases"]["month"]})
        countable = frozenset((SIGNALS, CASES))
        plan = {
            "today": today,
            "late_months": 2,
            "months": {month: Month(month, True, True, countable, one_partner_reveals) for month in months},
            "wijken": WIJKEN,
            "deliveries": deliveries,
            **self.plan_changes,
        }
        publication = Publication(self.facts, ReleasePlan(**plan), self.baseline, list(self.known.values()), keep)
        return publish_to(self.path, sources, publication)

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(question).fetchall()


def drawn_town(
    seed: int,
    months: Sequence[str] = ("2026-10", "2026-11", "2026-12"),
    size: int = 60,
    crisis_size: int = 0,
) -> dict[str, pl.DataFrame]:
    """A town drawn by chance: about `size` cases a month, with follow-up, and twice as many single signals.

    `crisis_size` cases a month rest on a crisis signal alone: only where an agreement says that it reveals.
    """
    chance = Random(seed)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
    weights = [chance.random() ** 3 + 0.02 for _ in WIJKEN]
    numbers = iter(range(10**9))
    for month in months:
        for _ in range(chance.randrange(size, 2 * size + 1)):
            _single(rows, chance, month, next(numbers), weights)
        for _ in range(chance.randrange(size // 3, size + 1)):
            _drawn_case(rows, chance, month, numbers, weights)
        for _ in range(chance.randrange(crisis_size // 2, crisis_size + 1) if crisis_size else 0):
            _drawn_case(rows, chance, month, numbers, weights, is_crisis_alone=True)
    return frames(**rows)


def _single(rows: dict[str, list[dict[str, Any]]], chance: Random, month: str, number: int, weights: Any) -> str:
    partner_id = str(chance.choices(PARTNERS, (5, 4, 2, 1))[0]["partner_id"])
    rows["signals"].append(
        signal(
            partner_id,
            number,
            month=month,
            wijkcode=chance.choices((*WIJKEN, None), (*weights, 0.05))[0],
            arrears_band=chance.choices(("0-249", "250-499", "500-999", "1000-2499", "2500+"), (8, 5, 3, 2, 0.3))[
                0
            ],
            is_crisis=chance.random() < 0.08,
        )
    )
    return partner_id


def _drawn_case(
    rows: dict[str, list[dict[str, Any]]],
    chance: Random,
    month: str,
    numbers: Any,
    w: Any,
    *,
    is_crisis_alone: bool = False,
) -> None:
    case_id = f"Z-{next(numbers)}"
    members = 1 if is_crisis_alone else chance.choices((2, 3, 4), (12, 2, 1))[0]
    held_by = []
    for _ in range(members):
        number = next(numbers)
        held_by.append(_single(rows, chance, month, number, w))
        rows["case_signals"].append(held(case_id, held_by[-1], number, month))
        rows["signals"][-1]["is_crisis"] |= is_crisis_alone
    state = chance.choices(
        ("closed", "in_progress", "revealed", "routed", "doubtful", "withheld", "withdrawn", "joined"),
        (60, 12, 8, 4, 3, 6, 2, 9),
    )[0]
    opened = month_start(add_months(month, 1)) + timedelta(days=chance.randrange(5))
    rows["cases"].append(
        case(
            case_id,
            month=month,
            state=state,
            evidence=chance.choices(("person", "reviewed"), (20, 1))[0],
            wijkcode=rows["signals"][-1]["wijkcode"],
            lane="crisis" if is_crisis_alone else "matched",
            partner_count=1 if is_crisis_alone else max(2, min(members, len(PARTNERS))),
            months_max=chance.choices((2, 3, 5, 6, 12), (6, 5, 2, 1, 1))[0],
            opened_on=opened.isoformat(),
            is_likely=not is_crisis_alone and number % 6 == 0,
        )
    )
    if state not in ("closed", "in_progress"):
        return
    reached = chance.random() < 0.45
    tries = chance.choices((1, 2, 3, 4), (5, 4, 2, 1))[0]
    for number in range(tries):
        rows["attempts"].append(
            attempt(
                case_id,
                number,
                contact_type=chance.choices(("Telefoon", "Huisbezoek", "Brief", "Kaartje"), (5, 4, 2, 1))[0],
                is_reached=reached and number == tries - 1,
                attempted_on=(opened + timedelta(days=chance.randrange(1, 40))).isoformat(),
                part_of_day=chance.choices((*PARTS_OF_DAY, None), (6, 5, 1, 0.5))[0],
            )
        )
    if state == "closed":
        picked = chance.choices(END_RESULTS, [8 if reached and "hulp" in text else 1 for text in END_RESULTS])[0]
        rows["results"].append(result(case_id, picked, result_on=(opened + timedelta(days=45)).isoformat()))


def crisis_town(
    crisis: int,
    matched: int,
    singles: int = 100,
    reviewed: int = 0,
    month: str = "2026-10",
    lane: str = "crisis",
    crisis_singles: int = 0,
) -> dict[str, pl.DataFrame]:
    """Cases of one crisis signal and cases of two partners, all approached, some of the latter after a review.

    lane: of the cases of one partner; `matched` where the rule asks for no more.
    crisis_singles: how many single signals are crisis signals that make no case.
    """
    rows: dict[str, list[dict[str, Any]]] = {"signals": [], "cases": [], "case_signals": [], "attempts": []}

    def add(case_id: str | None, *partners: str, **changes: Any) -> None:
        for partner in partners:
            number = len(rows["signals"])
            rows["signals"].append(signal(partner, number, month=month, is_crisis="lane" in changes))
            rows["case_signals"] += [held(case_id, partner, number, month)] if case_id else []
        if case_id:
            changes |= {"partner_count": len(partners), "is_crisis": "lane" in changes}
            rows["cases"].append(case(case_id, month=month, state="in_progress", **changes))
            rows["attempts"].append(attempt(case_id, 1))

    for number in range(crisis):
        add(f"{month} C{number}", "energie", lane=lane)
    for number in range(matched):
        add(f"{month} M{number}", "huur", "energie", evidence="reviewed" if number < reviewed else "person")
    for number in range(singles):
        add(None, "huur" if number % 2 else "water", **({"lane": lane} if number < crisis_singles else {}))
    return frames(**rows)
