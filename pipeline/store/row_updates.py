"""Many rows of one table changed at once: one prepared statement per set of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pipeline.store.connect import Transaction


def update_rows(
    transaction: Transaction, table: sa.Table, keys: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Change the rows of `table` that have these keys; every other column of a row is a new value."""
    batches: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        batches.setdefault(tuple(sorted(set(row) - set(keys))), []).append(row)
    for changed, batch in batches.items():
        statement = (
            table.update()
            .where(*(table.c[key] == sa.bindparam(f"key_{key}") for key in keys))
            .values({name: sa.bindparam(f"new_{name}") for name in changed} | {"written_by": transaction.name})
        )
        values = [
            {f"key_{key}": row[key] for key in keys} | {f"new_{name}": row[name] for name in changed}
            for row in batch
        ]
        transaction.connection.execute(statement, values)
