"""The worklist of one team and day as a document: its entries in order of priority.

Page, sheet and JSON are made from this one document, so their content is the same. Cases that need no visit any
more stand at the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pipeline.vocabulary.case import GROUND_WITHDRAWAL

FORMAT = "samenloop/werklijst/1"


def make_worklist(
    team_id: str,
    team_name: str,
    municipality: str,
    on: date,
    sheet_version: str,
    entries: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """The document of schemas/worklist: priority 1 comes first."""
    ordered = sorted(entries, key=_order)
    return {
        "format": FORMAT,
        "team": team_id,
        "team_name": team_name,
        "municipality": municipality,
        "date": on.isoformat(),
        "sheet_version": sheet_version,
        "cases": [{**entry, "priority": number} for number, entry in enumerate(ordered, 1)],
    }


def as_json(worklist: Mapping[str, Any]) -> bytes:
    """The bytes of werklijst.json."""
    return (json.dumps(worklist, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _order(entry: Mapping[str, Any]) -> tuple[bool, int, str, bool, str, int, str]:
    """Most points; of equals the earliest crisis, who was not tried yet, the earliest term, the most euros."""
    crises = [signal["crisis_on"] or "9999" for signal in entry["signals"] if signal["is_crisis"]]
    return (
        entry["ground"] == GROUND_WITHDRAWAL,
        -entry["points"],
        min(crises, default="9999"),
        bool(entry["attempts"]),
        entry["due_on"] or "",
        -sum(signal["arrears_eur"] for signal in entry["signals"]),
        entry["case_id"],
    )
