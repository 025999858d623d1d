"""The door to the store: named transactions, bulk frames over ADBC, one writer at a time.

SQLite by default; PostgreSQL by its URL, where each municipality has a schema of its own. Bulk data fill a staging
table (on PostgreSQL over ADBC, which has a connection of its own), and the named transaction copies from there,
together with the ledger row. SQLite is reached through one library only: a second copy of it in the same process
does not see the first one's locks and can undo its writes. A staging table is used under the writer lock only, so
any that is found when the lock is taken was left by a killed process and is dropped.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import URL

from pipeline.store import tables, what_stopped_it
from pipeline.store.database_url import read_url
from pipeline.store.engines import READS_ONLY, BulkConnection, postgresql_engine, sqlite_engine
from pipeline.store.migrate import bring_up_to_date, is_up_to_date
from pipeline.store.writer_lock import PostgresLock, file_lock, postgres_lock
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.journal_chain import FIRST, GENESIS, line_hash
from pipeline.vocabulary.processing import OK, subject_id, trace_id

STAGING_PREFIX = "staging_"
_CHUNK_ROWS = 50_000
_PG_NOT_ALLOWED = "42501"
_POLARS_TYPES: tuple[tuple[type[Any], pl.DataType], ...] = (
    (sa.Boolean, pl.Boolean()),
    (sa.Integer, pl.Int64()),
    (sa.LargeBinary, pl.Binary()),
    (sa.Text, pl.String()),
)


@dataclass(slots=True)
class Transaction:
    """A named transaction in progress. Every row it writes carries its name."""

    connection: sa.Connection
    name: str
    at: str
    actor: str
    journal_rows: list[dict[str, Any]] = field(default_factory=list)
    processing_rows: list[dict[str, Any]] = field(default_factory=list)

    def insert(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, each with the transaction's name."""
        if rows:
            self.connection.execute(table.insert(), [{**row, "written_by": self.name} for row in rows])

    def update(self, table: sa.Table, where: sa.ColumnElement[bool], values: Mapping[str, Any]) -> int:
        """Update rows and return how many were met."""
        statement = table.update().where(where).values({**values, "written_by": self.name})
        return self.connection.execute(statement).rowcount

    def upsert(self, table: sa.Table, row: Mapping[str, Any]) -> None:
        """Insert a row, or replace the one with the same primary key."""
        keys = [column.name for column in table.primary_key]
        where = sa.and_(*(table.c[key] == row[key] for key in keys))
        if not self.update(table, where, {name: value for name, value in row.items() if name not in keys}):
            self.insert(table, [row])

    def all(self, statement: sa.Select[Any]) -> list[dict[str, Any]]:
        """All rows of a query, as dictionaries."""
        return [dict(row) for row in self.connection.execute(statement).mappings()]

    def journal(
        self,
        action: str,
        object_: str,
        *,
        result: str = "done",
        ground: str | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> None:
        """Add a line to the journal: who did what to which object, on which ground, with what result."""
        self.journal_rows.append(
            {
                "at": self.at,
                "actor": self.actor,
                "action": action,
                "object": object_,
                "ground": ground,
                "result": result,
                "counts": dict(counts or {}),
                "transaction_name": self.name,
            }
        )

    def process(
        self,
        name: str,
        subjects: Iterable[tuple[str, str, str]],
        *,
        cause: str,
        ground: str | None = None,
        agreement_version: int | None = None,
    ) -> None:
        """Add a line to the processing log for each data subject.

        Args:
            name: the kind of processing, of vocabulary/processing.py.
            subjects: (partner_id, month, signal_id) of the signals about them.
            cause: what it was done for; lines of one cause share a trace.
            ground: on which ground.
            agreement_version: under which rule.
        """
        line = {
            "trace_id": trace_id(cause),
            "name": name,
            "started_at": self.at,
            "ended_at": self.at,
            "status_code": OK,
            "ground": ground,
            "agreement_version": agreement_version,
            "is_exported": False,
        }
        for subject in subjects:
            one = {"span_id": os.urandom(8).hex(), "data_subject_id": subject_id(*subject)}
            self.processing_rows.append({**line, **one})


class Store:
    """One municipality's state."""

    def __init__(self, engine: sa.Engine, lock_file: Path | None, schema: str | None) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._lock_file = lock_file
        self._schema = schema
        self._held: PostgresLock | None = None
        self._bulk = BulkConnection(engine.url, schema)
        sa.event.listen(engine, "handle_error", what_stopped_it.tell)

    @staticmethod
    def open(url: str | URL | Path, schema: str | None = None, *, is_bare: bool = False) -> Store:
        """Connect, and bring the tables up to date.

        Args:
            url: `sqlite:////path` or `postgresql://…`; or the path of a file.
            schema: on PostgreSQL the schema of this municipality; made when missing.
            is_bare: leave the tables as they are: a backup is put back in a database without any.

        Raises:
            Refused: DATABASE_URL_INVALID, DATABASE_UNREACHABLE, DATABASE_NEWER, DATABASE_DAMAGED.
            OSError: the file may not be read or written, or the disk is full.
        """
        address = read_url(url)
        try:
            if address.get_backend_name() == "sqlite":
                path = Path(address.database or "")
                store = Store(sqlite_engine(address), path.with_name(f"{path.name}.lock"), None)
            else:
                name = schema or "samenloop"
                store = Store(postgresql_engine(address, name), None, name)
            if not is_bare:
                store.bring_up_to_date()
        except sa.exc.OperationalError:
            raise Refused("DATABASE_UNREACHABLE") from None
        except sa.exc.ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) == _PG_NOT_ALLOWED:
                raise Refused("DATABASE_OLDER") from None
            raise
        return store

    def bring_up_to_date(self) -> None:
        """Run the migrations that the database lacks; who finds none to run does not wait for a writer.

        Raises:
            Refused: DATABASE_NEWER.
        """
        if not self._is_new():
            with self.engine.connect().execution_options(**{READS_ONLY: True}) as connection:
                if is_up_to_date(connection):
                    return
        with self.writer_lock("migrate"):
            bring_up_to_date(self.engine)

    def _is_new(self) -> bool:
        """A file of SQLite that is made now: only one process may do that at a time."""
        file = self.engine.url.database if self.is_sqlite else None
        return file is not None and not (Path(file).is_file() and Path(file).stat().st_size)

    def close(self) -> None:
        """Give all connections back."""
        self._bulk.close()
        self.engine.dispose()

    @contextmanager
    def transaction(self, name: str, *, at: str, actor: str) -> Iterator[Transaction]:
        """All or nothing, under a name that lands in the rows and in the journal.

        Raises:
            Refused: WRITER_LOCK_LOST, under the writer lock.
        """
        with self.engine.begin() as connection:
            if self._held is not None:
                self._held.enter(connection)
            transaction = Transaction(connection, name, at, actor)
            yield transaction
            if transaction.processing_rows:
                connection.execute(tables.processings.insert(), transaction.processing_rows)
            if transaction.journal_rows:
                self._append_to_journal(connection, transaction.journal_rows)

    def _append_to_journal(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Chain the lines to the last one. One transaction at a time, from here until it commits.

        On SQLite whoever writes holds the only lock already; on PostgreSQL it is taken last, so nobody who holds
        it waits for another.
        """
        if not self.is_sqlite:
            key = sa.func.hashtext(f"samenloop/{self._schema}/journal")
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
        table = tables.journal
        head = None
        for place in (table, tables.journal_seals):  # where every line was retired, the checkpoint is what is left
            last = sa.select(place.c.seq, place.c.line_hash).where(place.c.seq >= FIRST)
            head = head or connection.execute(last.order_by(place.c.seq.desc()).limit(1)).first()
        seq, hash_ = (int(head[0]), str(head[1])) if head is not None else (FIRST - 1, GENESIS)
        chained = []
        for row in rows:
            seq += 1
            line = {**row, "seq": seq, "previous_hash": hash_}
            hash_ = line_hash(line, hash_)
            chained.append({**line, "line_hash": hash_})
        connection.execute(table.insert(), chained)

    def all(self, statement: sa.Select[Any]) -> list[dict[str, Any]]:
        """All rows of a query, as dictionaries; for short answers. Long ones are frames."""
        with self.engine.connect().execution_options(**{READS_ONLY: True}) as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    def read_frame(self, statement: sa.Select[Any]) -> pl.DataFrame:
        """The rows of a query as a frame, typed after the table's columns (Boolean, Int64, String, Binary)."""
        types = {column.name: _polars_type(column.type) for column in statement.selected_columns}
        text = str(statement.compile(self.engine, compile_kwargs={"literal_binds": True})).replace("%%", "%")
        if self.is_sqlite:
            return self._read_sqlite(text, types)
        with self._bulk.lent() as connection, connection.cursor() as cursor:
            cursor.execute(text)
            frame = pl.from_arrow(cursor.fetch_arrow_table())
        assert isinstance(frame, pl.DataFrame)
        return frame.select(pl.col(name).cast(kind) for name, kind in types.items())

    def _read_sqlite(self, text: str, types: Mapping[str, pl.DataType]) -> pl.DataFrame:
        chunks = [pl.DataFrame(schema=dict(types))]
        reading = self.engine.connect().execution_options(**{READS_ONLY: True})
        with reading as connection, what_stopped_it.told_by_a_driver():
            cursor = connection.exec_driver_sql(text).cursor
            while rows := cursor.fetchmany(_CHUNK_ROWS):
                columns = zip(types.items(), zip(*rows, strict=True), strict=True)
                chunks.append(
                    pl.DataFrame(
                        [
                            pl.Series(name, values, dtype=pl.Int64() if kind == pl.Boolean() else kind).cast(kind)
                            for (name, kind), values in columns
                        ]
                    )
                )
        return pl.concat(chunks)

    @contextmanager
    def staged(self, frame: pl.DataFrame) -> Iterator[sa.Table]:
        """A staging table that holds the frame until the context ends. Only under the writer lock."""
        name = f"{STAGING_PREFIX}{uuid.uuid4().hex}"
        table = sa.Table(name, sa.MetaData(), *_columns_of(frame))
        try:
            if self.is_sqlite:
                self._stage_sqlite(table, frame)
            else:
                with self._bulk.lent() as connection:
                    with connection.cursor() as cursor:
                        cursor.adbc_ingest(
                            name, frame.to_arrow(compat_level=pl.CompatLevel.oldest()), mode="create"
                        )
                    connection.commit()
            yield table
        finally:
            with self.engine.begin() as connection:
                connection.execute(sa.schema.DropTable(table, if_exists=True))

    def _stage_sqlite(self, table: sa.Table, frame: pl.DataFrame) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.schema.CreateTable(table))
            places = ", ".join("?" * frame.width)
            insert = f"INSERT INTO {table.name} VALUES ({places})"  # noqa: S608 - own name
            cursor = connection.connection.cursor()
            with what_stopped_it.told_by_a_driver():
                for chunk in frame.iter_slices(_CHUNK_ROWS):
                    cursor.executemany(insert, chunk.rows())

    @contextmanager
    def writer_lock(self, step: str) -> Iterator[None]:
        """One writer per municipality at a time; a killed holder gives the lock back."""
        if self._schema is None:
            with file_lock(self._lock_file):
                self._drop_left_staging()
                yield
            return
        with postgres_lock(self.engine, self._schema, step) as self._held:
            try:
                self._drop_left_staging()
                yield
            finally:
                self._held = None

    def _drop_left_staging(self) -> None:
        left = [name for name in self._own_tables() if name.startswith(STAGING_PREFIX)]
        if left:
            with self.engine.begin() as connection:
                for name in left:
                    connection.execute(sa.schema.DropTable(sa.Table(name, sa.MetaData()), if_exists=True))

    def _own_tables(self) -> list[str]:
        """Tables that this role may drop: on PostgreSQL a role clears away what it made itself."""
        if self.is_sqlite:
            return sa.inspect(self.engine).get_table_names()
        mine = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tableowner = current_user"
        with self.engine.connect() as connection:
            return [row[0] for row in connection.exec_driver_sql(mine)]


def _columns_of(frame: pl.DataFrame) -> list[sa.Column[Any]]:
    def sql_type(kind: pl.DataType) -> type[sa.types.TypeEngine[Any]]:
        if kind.is_integer():
            return sa.BigInteger
        return {pl.Boolean(): sa.Boolean, pl.Binary(): sa.LargeBinary}.get(kind, sa.Text)

    return [sa.Column(name, sql_type(kind)) for name, kind in frame.schema.items()]


def _polars_type(kind: sa.types.TypeEngine[Any]) -> pl.DataType:
    return next((polars for sql, polars in _POLARS_TYPES if isinstance(kind, sql)), pl.Int64())
