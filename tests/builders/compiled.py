"""Statements compiled once for all databases of the tests: each test has its own, and they differ in nothing."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

_MOST_STATEMENTS = 2000


class _OfAnyDialect:
    """What was compiled, by the statement alone: SQLAlchemy keeps it apart by the engine's own dialect object."""

    def __init__(self) -> None:
        self._compiled: Any = sa.util.LRUCache(_MOST_STATEMENTS)

    def get(self, key: tuple[Any, ...]) -> Any:
        return self._compiled.get(key[1:])

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        self._compiled[key[1:]] = compiled


def compile_once() -> None:
    """From now on a statement is compiled once a process for SQLite and once for PostgreSQL."""
    kept: dict[str, _OfAnyDialect] = {}

    @sa.event.listens_for(sa.Engine, "engine_connect")
    def _share(connection: sa.Connection) -> None:
        connection.execution_options(compiled_cache=kept.setdefault(connection.dialect.name, _OfAnyDialect()))
