"""The list of partners that a person writes for an agreement: a small csv."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.vocabulary.faults import Refused

_COLUMNS = ("partner_id", "partner_type", "name")
_MOST_PARTNERS = 1000


def read_partners(path: Path, valid_from: date) -> list[dict[str, Any]]:
    """The partners of a csv with `;` or `,`; without a term a partner takes part from `valid_from` on.

    Raises:
        Refused: PARTNER_LIST_INVALID with column or row.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Refused("FILE_NOT_FOUND", hint=f"({path.name})") from None
    except (OSError, ValueError):
        raise Refused("PARTNER_LIST_INVALID", hint=f"({path.name})") from None
    first = text.splitlines()[0] if text.strip() else ""
    rows = list(csv.DictReader(text.splitlines(), delimiter=";" if ";" in first else ","))
    missing = [name for name in _COLUMNS if name not in (rows[0] if rows else {})]
    if missing or len(rows) > _MOST_PARTNERS:
        raise Refused("PARTNER_LIST_INVALID", missing[0] if missing else None)
    return [_partner_row(row, number, valid_from) for number, row in enumerate(rows, start=1)]


def _partner_row(row: Mapping[str, str], number: int, valid_from: date) -> dict[str, Any]:
    empty = next((name for name in _COLUMNS if not (row[name] or "").strip()), None)
    if empty or None in row:
        raise Refused("PARTNER_LIST_INVALID", empty, number)
    return {
        **{name: row[name].strip() for name in _COLUMNS},
        "valid_from": (row.get("valid_from") or "").strip() or valid_from.isoformat(),
        "valid_until": (row.get("valid_until") or "").strip() or None,
    }
