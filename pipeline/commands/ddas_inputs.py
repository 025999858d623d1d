"""What a delivery to the statistics office goes by: a version of the exchange model, and who delivers.

A version is a folder in schemas/ddas with a table of words, a schema and an example.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from pipeline.analytics.periods import Period, parse_period
from pipeline.commands.documents import read_json
from pipeline.commands.wiring import SCHEMAS, Home
from pipeline.vocabulary.faults import Refused

SETTINGS_FILE = "ddas.json"
PURPOSE = "ddas"
_FOLDER = SCHEMAS / "ddas"
_VERSION = re.compile(r"^[0-9]{1,2}\.[0-9]{1,2}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class DdasVersion:
    """One version of the model: how it calls our words, and its schema."""

    version: str
    mapping: Mapping[str, Mapping[str, str]]
    schema: Mapping[str, Any]


def purpose_of(version: str, period: Period) -> str:
    """How an order says what it is for."""
    return f"{PURPOSE} {version} {period.name}"


def parse_purpose(purpose: str) -> tuple[DdasVersion, Period]:
    """The version and period of an order."""
    _, version, period = purpose.split(" ")
    return ddas_version(version), parse_period(period)


def ddas_version(version: str) -> DdasVersion:
    """A version by its number.

    Raises:
        Refused: DDAS_VERSION_UNKNOWN, naming those that there are.
    """
    known = sorted(path.parent.name for path in _FOLDER.glob("*/mapping.toml"))
    if not _VERSION.match(version) or version not in known:
        raise Refused("DDAS_VERSION_UNKNOWN", "schema-version", hint=f"({', '.join(known)})")
    place = _FOLDER / version
    words = tomllib.loads((place / "mapping.toml").read_text(encoding="utf-8"))
    schema = json.loads((place / "delivery.schema.json").read_text(encoding="utf-8"))
    return DdasVersion(version, {name: table for name, table in words.items() if isinstance(table, dict)}, schema)


def ddas_settings(home: Home) -> Mapping[str, Any]:
    """Who delivers.

    Raises:
        Refused: DDAS_SETTINGS_MISSING, DDAS_SETTINGS_INVALID with the field as column.
    """
    settings = read_json(home.path / SETTINGS_FILE, "DDAS_SETTINGS_MISSING", "DDAS_SETTINGS_INVALID")
    schema = json.loads((_FOLDER / "settings.schema.json").read_text(encoding="utf-8"))
    fault = next(Draft202012Validator(schema).iter_errors(settings), None)
    if fault is not None:
        raise Refused("DDAS_SETTINGS_INVALID", ".".join(str(part) for part in fault.absolute_path) or None)
    return settings
