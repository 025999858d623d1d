"""A whole store as rows, read in one snapshot while others write; and an empty database filled with such rows.

Rows and no pages: what was deleted is not in it, and SQLite and PostgreSQL fill one another. The rows belong to a
revision of the tables: a database is brought to that revision, filled, and then up to date. From the filling until
those who were erased since are gone again, a mark stands in it, and nobody else works on it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.engines import READS_ONLY
from pipeline.store.migrate import bring_to, current_revision
from pipeline.store.rights import grant_rights
from pipeline.store.tables import journal, metadata, opener_heartbeats
from pipeline.vocabulary.faults import Refused

_BATCH = 2_000
_BYTES = "b64:"
_TEXT = "txt:"
LEFT_OUT = (opener_heartbeats.name,)
_SAYS_NOTHING = (*LEFT_OUT, "alembic_version")
_MARK = sa.Table(
    "restore_unfinished",
    sa.MetaData(),
    sa.Column("made_at", sa.Text, nullable=False),
    sa.Column("is_journalled", sa.Boolean, nullable=False),
)


def revision_of(store: Store) -> str:
    """The revision of the tables."""
    with store.engine.connect() as connection:
        return str(current_revision(connection))


def rows_of_everything(store: Store) -> Iterator[list[Any]]:
    """`[table, [columns]]` once per table, then `[row, …]` in batches; everything of one moment."""
    options: dict[str, Any] = {READS_ONLY: True}
    if not store.is_sqlite:
        options["isolation_level"] = "REPEATABLE READ"
    with store.engine.connect().execution_options(**options) as connection:
        connection.execute(sa.select(journal.c.seq).limit(1))  # a snapshot begins with a reading
        for table in metadata.sorted_tables:
            if table.name in LEFT_OUT:
                continue
            names = [column.name for column in table.columns]
            yield [table.name, names]
            ordered = sa.select(table).order_by(*table.primary_key.columns)
            result = connection.execution_options(yield_per=_BATCH, stream_results=True).execute(ordered)
            for batch in result.partitions():
                yield [[_plain(value) for value in row] for row in batch]


def refuse_unfinished(store: Store) -> None:
    """Let nobody work on a database into which a backup was put and of which the erased are not gone yet.

    Raises:
        Refused: RESTORE_UNFINISHED.
    """
    if sa.inspect(store.engine).has_table(_MARK.name):
        raise Refused("RESTORE_UNFINISHED")


def is_journalled(store: Store) -> bool:
    """Whether the restore that is going on has its line in the journal."""
    return bool(store.all(sa.select(_MARK.c.is_journalled))[0]["is_journalled"])


def note_journalled(transaction: Transaction) -> None:
    """Remember that the line was written."""
    transaction.connection.execute(_MARK.update().values(is_journalled=True))


def finish_restore(store: Store) -> None:
    """Give the database free."""
    with store.engine.begin() as connection:
        connection.execute(sa.schema.DropTable(_MARK))


def fill(store: Store, revision: str, made_at: str, pieces: Iterable[list[Any]]) -> dict[str, int]:
    """Fill an empty database with what rows_of_everything gave, at its revision. All or nothing.

    Tables without a row are made anew: whoever looks at a database that was lost makes them. One that was filled
    from the same backup, and whose restore was killed then, is left as it is.

    Args:
        store: opened without tables.
        revision: of the pieces.
        made_at: tells backups apart.
        pieces: as rows_of_everything gives them.

    Returns:
        Rows per table.

    Raises:
        Refused: DATABASE_NOT_EMPTY, RESTORE_UNFINISHED (of another backup), DATABASE_NEWER, BACKUP_INVALID.
    """
    counts: dict[str, int] = {}
    with store.engine.begin() as connection:
        is_filled = sa.inspect(connection).has_table(_MARK.name)
        if is_filled:
            begun = connection.execute(sa.select(_MARK.c.made_at)).scalar_one()
            if begun != made_at:
                raise Refused("RESTORE_UNFINISHED", hint=f"({begun})")
        else:
            _clear_away(connection)
            bring_to(connection, revision)
            connection.execute(sa.schema.CreateTable(_MARK))
            connection.execute(_MARK.insert(), [{"made_at": made_at, "is_journalled": False}])
        if not store.is_sqlite:
            grant_rights(connection)
        known = sa.MetaData()
        known.reflect(connection)
        table, names = None, []
        for piece in pieces:
            if len(piece) == 2 and isinstance(piece[0], str):
                table, names = known.tables.get(piece[0]), piece[1]
                if table is None or not set(names) <= set(table.columns.keys()):
                    raise Refused("BACKUP_INVALID")
                counts[table.name] = 0
            elif table is not None and piece:
                rows = [dict(zip(names, map(_value, row), strict=True)) for row in piece]
                if not is_filled:
                    connection.execute(table.insert(), rows)
                counts[table.name] += len(rows)
    return counts


def _clear_away(connection: sa.Connection) -> None:
    """Drop what a migration made and nobody wrote in.

    Raises:
        Refused: DATABASE_NOT_EMPTY.
    """
    if current_revision(connection) is None:
        return
    found = sa.MetaData()
    found.reflect(connection)
    for table in found.sorted_tables:
        if table.name in _SAYS_NOTHING:
            continue
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise Refused("DATABASE_NOT_EMPTY")
    found.drop_all(connection)
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS samenloop_guard_journal()")


def _plain(value: Any) -> Any:
    """A value as JSON holds it; bytes marked as such."""
    if isinstance(value, bytes | memoryview):
        return _BYTES + base64.b64encode(bytes(value)).decode()
    if isinstance(value, str) and value.startswith((_BYTES, _TEXT)):
        return _TEXT + value
    return value


def _value(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_BYTES):
        return base64.b64decode(value[len(_BYTES) :])
    return value.removeprefix(_TEXT) if isinstance(value, str) else value
