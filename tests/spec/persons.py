"""Signals for the spec tables, written as persons: their tokens are a plain hash of the fields of each kind."""

from __future__ import annotations

import hashlib
from typing import Any

import polars as pl

from pipeline.vocabulary.frames import DELIVERY_SCHEMA
from tests.spec.tables import Row

FIELDS = {
    "initial_address": ("initial", "address"),
    "initial_year_address": ("initial", "year", "address"),
    "initial_day_address": ("initial", "day", "address"),
    "birth_postcode": ("born", "postcode"),
    "name_initial_birth": ("name", "initial", "born"),
    "name_email": ("name", "e-mail"),
    "name_phone": ("name", "phone"),
    "birth_email": ("born", "e-mail"),
    "birth_phone": ("born", "phone"),
    "name_address": ("name", "address"),
}
SIGNAL_SCHEMA = {"partner_id": pl.String(), **DELIVERY_SCHEMA}
del SIGNAL_SCHEMA["sealed_contact"]


def signal(row: Row) -> dict[str, Any]:
    """A row of a given table: partner | client, and where they matter months | name | initial | born | address |
    e-mail | phone | crisis | wijk. A double name is written with a slash."""
    name, _, second = row.get("name", "").partition("/")
    fields = {**row, "name": name, "postcode": row.get("address", "").partition(" ")[0]}
    fields |= {"year": row.get("born", "")[:4], "day": row.get("born", "")[5:]}
    return {
        "partner_id": row["partner"],
        "signal_id": row["client"],
        **{f"t_{kind}": token(kind, fields) for kind in FIELDS},
        **{f"t_{kind}_alt": token(kind, {**fields, "name": second}) for kind in FIELDS if "name" in FIELDS[kind]},
        "wijkcode": row.get("wijk") or None,
        "postcode4": None,
        "arrears_months": int(row.get("months") or 2),
        "arrears_band": "250-499",
        "is_crisis": row.get("crisis") == "yes",
    }


def token(kind: str, fields: dict[str, str]) -> bytes | None:
    """A token of a kind, or None when one of its fields is empty."""
    values = [fields.get(name, "") for name in FIELDS[kind]]
    return hashlib.blake2b("|".join((kind, *values)).encode(), digest_size=16).digest() if all(values) else None


def frame(signals: list[dict[str, Any]]) -> pl.DataFrame:
    """Signals as matching takes them."""
    return pl.DataFrame(signals, schema=SIGNAL_SCHEMA)
