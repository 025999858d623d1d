"""What was published of each period, in the store: kept before the file is put in place, so that a killed run that
published nothing and its successor that does say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from pipeline.store.connect import Store
from pipeline.store.tables import published_releases

TRANSACTION = "publish_analytics"


def published(store: Store) -> list[dict[str, Any]]:
    """All releases, as they were kept."""
    return store.all(sa.select(*(column for column in published_releases.c if column.name != "written_by")))


def keep_published(store: Store, rows: Iterable[Mapping[str, Any]], *, at: str, actor: str) -> None:
    """Keep releases that are new or were replaced; each stands in the journal."""
    rows = list(rows)
    if not rows:
        return
    with store.transaction(TRANSACTION, at=at, actor=actor) as transaction:
        for row in rows:
            transaction.upsert(published_releases, row)
            name = f"{row['subject']} {row['period']} {row['moment']}"
            result = "first" if row["revision"] == 1 else f"revision {row['revision']}"
            transaction.journal(TRANSACTION, name, result=result, counts={"tables": len(row["blocks"])})
