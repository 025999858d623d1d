"""Practice regions for tests, and their files read back as a partner sees them."""

from __future__ import annotations

import csv
import io
from functools import cache

import polars as pl

from pipeline.practice.habits import COLUMNS, HABITS
from pipeline.practice.region import Plan, Practice

MONTH = "2026-10"


@cache
def dense_region() -> Practice:
    """Enough arrears to see every slip: some 5,000 rows of one month."""
    return Practice(Plan(households=20_000, seed=3, months=(MONTH,), signals_per_1000=120))


def read_back(partner_id: str, content: bytes) -> list[dict[str, str]]:
    """The rows of an export as texts, under the promised column names."""
    habit = HABITS[partner_id]
    text = content.decode(habit.encoding)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=habit.delimiter)
    return [{name.lower(): value for name, value in row.items()} for row in rows]


@cache
def _rows_of(practice: Practice) -> dict[tuple[str, str], list[dict[str, str]]]:
    return {
        (export.partner_id, export.month): read_back(export.partner_id, export.content)
        for export in practice.exports()
    }


def rows_of(practice: Practice, partner_id: str, month: str = MONTH) -> list[dict[str, str]]:
    """The rows of one export of a region; absent columns are empty."""
    return [{name: row.get(name, "") for name in COLUMNS} for row in _rows_of(practice)[partner_id, month]]


def every_row(practice: Practice, month: str = MONTH) -> pl.DataFrame:
    """All exports of a month under one another, with partner_id."""
    rows = [
        {"partner_id": partner_id, **row} for partner_id in HABITS for row in rows_of(practice, partner_id, month)
    ]
    return pl.DataFrame(rows, infer_schema_length=None)
