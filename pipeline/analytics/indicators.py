"""The national indicators, read from indicators.yaml: what is divided by what, and the national figure beside it.

The definitions become two tables in the file, and one query over them is the indicator, on exact counts in `work`
and on published counts in `publish`. A value of which any cell is not published is not there either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from pipeline.analytics.disclosure import THRESHOLD
from pipeline.analytics.topics import all_topics

WHOLE_TOWN = "alle"
COUNT, SHARE, PER_1000 = "count", "share", "per_1000"
PART, WHOLE = "part", "whole"

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. Cells are (topic, category); the category `*` is the group's own."""

    code: str
    name: str
    meaning: str
    misleads: str
    subject: str
    kind: str
    each: str | None
    part: tuple[Cell, ...]
    whole: tuple[Cell, ...]
    national: Mapping[str, float]
    national_source: str | None


@cache
def indicators() -> tuple[Indicator, ...]:
    """All of them, in the order of the page."""
    document = yaml.safe_load(Path(__file__).with_name("indicators.yaml").read_text(encoding="utf-8"))
    return tuple(_indicator(code, row) for code, row in document.items())


def _indicator(code: str, row: Mapping[str, Any]) -> Indicator:
    national = row.get("national", {})
    return Indicator(
        code=code,
        name=row["name"],
        meaning=row["meaning"],
        misleads=row.get("misleads", ""),
        subject=row["subject"],
        kind=row["kind"],
        each=row.get("each"),
        part=_cells(row["part"]),
        whole=_cells(row.get("whole", [])),
        national=national if isinstance(national, dict) else {WHOLE_TOWN: national},
        national_source=row.get("national_source"),
    )


def _cells(rows: Iterable[tuple[str, str]]) -> tuple[Cell, ...]:
    return tuple((topic, category) for topic, category in rows)


def definition_tables(categories: Mapping[tuple[str, str], Iterable[str]]) -> dict[str, pl.DataFrame]:
    """`indicator_definitions` and `indicator_cells`.

    Args:
        categories: (subject, topic) → the categories that occur.
    """
    definitions, cells = [], []
    for one in indicators():
        groups = [WHOLE_TOWN] if one.each is None else _categories(one.subject, one.each, categories)
        for group in groups:
            definitions.append(
                {
                    "indicator": one.code,
                    "group_code": group,
                    "name": one.name,
                    "meaning": one.meaning,
                    "misleads": one.misleads,
                    "subject": one.subject,
                    "kind": one.kind,
                    "area_code": group if one.kind == PER_1000 else None,
                    "national_value": one.national.get(group),
                    "national_source": one.national_source if group in one.national else None,
                }
            )
            for side, wanted in ((PART, one.part), (WHOLE, one.whole)):
                for topic, category in wanted:
                    name = group if category == "*" else category
                    cells.append((one.code, group, side, one.subject, topic, name))
    return {
        "indicator_definitions": pl.DataFrame(definitions, schema_overrides={"national_value": pl.Float64()}),
        "indicator_cells": pl.DataFrame(
            cells,
            schema={
                name: pl.String() for name in ("indicator", "group_code", "side", "subject", "topic", "category")
            },
            orient="row",
        ),
    }


def _categories(subject: str, code: str, found: Mapping[tuple[str, str], Iterable[str]]) -> list[str]:
    topic = next(topic for topic in all_topics() if topic.subject == subject and topic.code == code)
    return list(topic.categories or sorted(found.get((subject, code), ())))


def dictionary() -> str:
    """The indicators as a part of the printed page."""
    lines = ["| indicator | betekenis | landelijk |", "| --- | --- | --- |"]
    for one in indicators():
        figures = "; ".join(
            f"{share:.0%}" if group == WHOLE_TOWN else f"{group} {share:.0%}"
            for group, share in one.national.items()
        )
        note = f" **Let op:** {one.misleads}" if one.misleads else ""
        beside = f"{figures} ({one.national_source})" if figures else ""
        lines.append(f"| `{one.code}` {one.name} | {one.meaning}{note} | {beside} |")
    text = (
        "## De indicatoren\n\nDe weergaven `work.indicators` (precies) en `publish.indicators` (om te publiceren) "
        "tellen elke indicator op dezelfde manier. In `publish` ontbreekt een waarde waarvan een deel op minder "
        f"dan {THRESHOLD} berust."
    )
    return text + "\n\n" + "\n".join(lines)
