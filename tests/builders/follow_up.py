"""Follow-up as teams say it, and a small book of cases on which it is settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from pipeline.stewardship.read_follow_up import FollowUp
from pipeline.stewardship.record_follow_up import CaseBook, KnownCase, Settlement, settle_rows
from pipeline.stewardship.weigh_result import CaseResult
from pipeline.vocabulary.case import MERGED, OPENED, REVEALED
from pipeline.vocabulary.faults import RowFault

TODAY = date(2026, 11, 10)
NO_CONTACT = "Definitief geen contact kunnen krijgen"
HELP = "Vervolghulp en/of verwijzing"


def line(**changes: Any) -> dict[str, Any]:
    return {"case_id": "Z-1", "sheet_version": "2026-11-03.1", **changes}


def attempt(attempt_id: str = "a-1", **changes: Any) -> dict[str, Any]:
    base = {"attempt_id": attempt_id, "type": "Huisbezoek", "is_reached": True, "on": "2026-11-04"}
    return {**base, "part_of_day": "Avond", "by": "ab", **changes}


def sheet(**changes: Any) -> dict[str, Any]:
    return {"case_id": "Z-1", "sheet_version": "2026-11-03.1", **changes}


def visit(**changes: Any) -> dict[str, Any]:
    return sheet(
        **{"type": "Huisbezoek", "is_reached": "Ja", "on": date(2026, 11, 4), "part_of_day": "Avond", **changes}
    )


def book(state: str = REVEALED, **results: CaseResult) -> CaseBook:
    cases = {
        "Z-1": KnownCase("Z-1", "2026-10", state, was_shown=True),
        "Z-2": KnownCase("Z-2", "2026-10", OPENED, was_shown=False),
        "Z-3": KnownCase("Z-3", "2026-10", MERGED, was_shown=True, merged_into="Z-1"),
    }
    return CaseBook(cases, {}, {key.replace("_", "-"): value for key, value in results.items()})


def settled(*rows: FollowUp | RowFault, known: CaseBook | None = None) -> Settlement:
    return settle_rows(rows, known or book(), TODAY)


def after(known: CaseBook, settlement: Settlement) -> CaseBook:
    """What is known once a settlement was written."""
    cases = {
        case_id: replace(case, state=settlement.states.get(case_id, ("", case.state))[1])
        for case_id, case in known.cases.items()
    }
    changed = {**settlement.new_attempts, **settlement.corrected_attempts, **settlement.repeated_attempts}
    attempts = {**known.attempts, **changed}
    return replace(known, cases=cases, attempts=attempts, results={**known.results, **settlement.results})
