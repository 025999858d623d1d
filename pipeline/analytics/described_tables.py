"""The tables of the analysts' database, described once: made, commented and printed from one source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipeline.analytics.indicators import dictionary

VIEWS = Path(__file__).with_name("views")

PAGE_HEAD = """# De tabellen van analytics.duckdb

Deze pagina en het commentaar in het bestand zelf (`COMMENT ON`) komen uit één bron:
`pipeline/analytics/tables.yaml`. De pagina wordt gemaakt door `make docs`.
"""


@dataclass(frozen=True, slots=True)
class DescribedColumn:
    """A column: its DuckDB type and what an analyst must know of it."""

    name: str
    kind: str
    meaning: str
    source: str
    unit: str = ""
    misleads: str = ""

    @property
    def comment(self) -> str:
        """Everything in one text."""
        parts = (
            self.meaning,
            f"Eenheid: {self.unit}." if self.unit else "",
            f"Let op: {self.misleads}" if self.misleads else "",
            f"Bron: {self.source}.",
        )
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class DescribedTable:
    """A table, and how it may mislead."""

    schema: str
    name: str
    meaning: str
    misleads: str
    columns: tuple[DescribedColumn, ...]
    view: str | None = None

    @property
    def comment(self) -> str:
        """Everything in one text."""
        return f"{self.meaning} Let op: {self.misleads}"

    def statements(self) -> list[str]:
        """SQL that makes the table or view and comments on all of it."""
        place = f"{self.schema}.{self.name}"
        return [
            self._create(place),
            f"COMMENT ON {'VIEW' if self.view else 'TABLE'} {place} IS {_quoted(self.comment)}",
            *(
                f'COMMENT ON COLUMN {place}."{column.name}" IS {_quoted(column.comment)}'
                for column in self.columns
            ),
        ]

    def _create(self, place: str) -> str:
        if self.view is None:
            columns = ", ".join(f'"{column.name}" {column.kind}' for column in self.columns)
            return f"CREATE TABLE {place} ({columns})"
        query = VIEWS.joinpath(f"{self.view}.sql").read_text(encoding="utf-8").replace("{schema}", self.schema)
        return f"CREATE VIEW {place} AS {query}"


@dataclass(frozen=True, slots=True)
class DescribedSchema:
    """A group of tables for one use. DuckDB keeps no comment on a schema: `snapshot` says the same in the file."""

    name: str
    meaning: str
    misleads: str
    tables: tuple[DescribedTable, ...]

    def statements(self) -> list[str]:
        """SQL that makes the schema, all its tables, and then the views on them."""
        ordered = sorted(self.tables, key=lambda table: table.view is not None)
        return [
            f"CREATE SCHEMA {self.name}",
            *(statement for table in ordered for statement in table.statements()),
        ]


@cache
def described_schemas() -> tuple[DescribedSchema, ...]:
    """All schemas of the file."""
    document = yaml.safe_load(Path(__file__).with_name("tables.yaml").read_text(encoding="utf-8"))
    return tuple(_schema(name, row) for name, row in document.items())


def page() -> str:
    """The data dictionary as a page."""
    parts = [PAGE_HEAD.strip()]
    for schema in described_schemas():
        parts.append(f"## Schema `{schema.name}`\n\n{schema.meaning} **Let op:** {schema.misleads}")
        for table in schema.tables:
            lines = ["| kolom | type | betekenis |", "| --- | --- | --- |"]
            lines += [f"| `{column.name}` | {column.kind} | {column.comment} |" for column in table.columns]
            parts.append(f"### `{schema.name}.{table.name}`\n\n{table.meaning} **Let op:** {table.misleads}")
            parts.append("\n".join(lines))
    parts.append(dictionary())
    return "\n\n".join(parts) + "\n"


def _schema(name: str, row: dict[str, Any]) -> DescribedSchema:
    tables = tuple(_table(name, table, described) for table, described in row["tables"].items())
    return DescribedSchema(name, row["meaning"], row["misleads"], tables)


def _table(schema: str, name: str, row: dict[str, Any]) -> DescribedTable:
    columns = tuple(
        DescribedColumn(
            column,
            described["type"],
            described["meaning"],
            described["source"],
            described.get("unit", ""),
            described.get("misleads", ""),
        )
        for column, described in row["columns"].items()
    )
    return DescribedTable(schema, name, row["meaning"], row["misleads"], columns, row.get("view"))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
