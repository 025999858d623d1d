"""The store: named transactions, bulk frames, one writer, the same on both databases."""

from __future__ import annotations

import errno
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import polars as pl
import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from pipeline.store import tables
from pipeline.store.connect import STAGING_PREFIX, Store
from pipeline.vocabulary.faults import Refused

NOW = {"at": "2026-11-03T06:00:00Z", "actor": "test"}


@pytest.fixture
def store(database: str) -> Store:
    return Store.open(database, "gm9901")


def mark(month: str) -> dict[str, object]:
    return {"month": month, "changed_revision": 1, "matched_revision": 0}


def test_migrations_make_exactly_the_tables_of_the_code(store: Store) -> None:
    """A database that was migrated from nothing has no difference with the tables in the code."""
    with store.engine.connect() as connection:
        assert [] == compare_metadata(MigrationContext.configure(connection), tables.metadata)


def test_a_failed_transaction_leaves_neither_rows_nor_journal(store: Store) -> None:
    """What happens inside a named transaction that fails did not happen."""

    def fail() -> None:
        with store.transaction("fails", **NOW) as transaction:
            transaction.insert(tables.month_marks, [mark("2026-10")])
            transaction.journal("mark_month", "2026-10")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [] == store.all(sa.select(tables.month_marks))
    assert [] == store.all(sa.select(tables.journal))


def test_rows_and_journal_carry_the_name_of_their_transaction(store: Store) -> None:
    """The name of a transaction lands in the row it wrote and in the journal."""
    with store.transaction("mark_month", **NOW) as transaction:
        transaction.upsert(tables.month_marks, mark("2026-10"))
        transaction.journal("mark_month", "2026-10", counts={"rows": 3})
    assert ["mark_month"] == [row["written_by"] for row in store.all(sa.select(tables.month_marks))]
    (line,) = store.all(sa.select(tables.journal))
    assert ("mark_month", "test", {"rows": 3}) == (line["transaction_name"], line["actor"], line["counts"])


def test_a_full_disk_is_no_bug(tmp_path: Path) -> None:
    """Rows and staged frames say the same as a file that finds no room, and nothing half is kept."""
    store = Store.open(f"sqlite:///{tmp_path / 'samenloop.db'}")
    store.engine.dispose()
    sa.event.listen(store.engine, "connect", lambda own, _: own.execute("PRAGMA max_page_count = 1"))
    wide = pl.DataFrame({"month": ["x" * 5000] * 1000})

    def insert() -> None:
        with store.transaction("mark_month", **NOW) as transaction:
            transaction.insert(tables.month_marks, [mark("x" * 5000 + str(number)) for number in range(1000)])

    def stage() -> None:
        with store.staged(wide):
            pass

    for write in (insert, stage):
        with pytest.raises(OSError, match="no space left") as full:
            write()
        assert errno.ENOSPC == full.value.errno
    assert [] == store.all(sa.select(tables.month_marks))


def test_upsert_replaces_the_row_with_the_same_key(store: Store) -> None:
    """Writing a key twice leaves one row with the later values."""
    with store.transaction("mark_month", **NOW) as transaction:
        transaction.upsert(tables.month_marks, mark("2026-10"))
        transaction.upsert(tables.month_marks, {**mark("2026-10"), "changed_revision": 2})
    assert [2] == [row["changed_revision"] for row in store.all(sa.select(tables.month_marks))]


def staged_marks(count: int) -> pl.DataFrame:
    months = [f"{2000 + index // 12}-{index % 12 + 1:02d}" for index in range(count)]
    rule = [None] * (count - 1) + ["last"]
    return pl.DataFrame(
        {
            "month": months,
            "changed_revision": [1] * count,
            "matched_revision": [0] * count,
            "rule_fingerprint": rule,
        }
    )


def test_a_frame_comes_back_as_it_was_staged(store: Store) -> None:
    """Bulk rows survive the way in and out, also when a column is empty for its first thousands of rows."""
    frame = staged_marks(5000)
    with (
        store.writer_lock("test"),
        store.staged(frame) as staging,
        store.transaction("fill", **NOW) as transaction,
    ):
        columns = [staging.c[name] for name in frame.columns]
        rows = sa.select(*columns, sa.literal("fill"))
        transaction.connection.execute(
            tables.month_marks.insert().from_select([*frame.columns, "written_by"], rows)
        )
    table = tables.month_marks.c
    back = store.read_frame(sa.select(*(table[name] for name in frame.columns)).order_by(table.month))
    assert frame.to_dicts() == back.to_dicts()


def test_an_empty_answer_has_the_types_of_the_tables(store: Store) -> None:
    """A query without rows still gives a frame with the right types."""
    frame = store.read_frame(sa.select(tables.signals.c.t_birth_postcode, tables.signals.c.is_current))
    assert {"t_birth_postcode": pl.Binary(), "is_current": pl.Boolean()} == dict(frame.schema)


def test_staging_left_by_a_killed_process_is_dropped(store: Store) -> None:
    """Whoever takes the writer lock clears what an earlier holder could not."""
    with store.engine.begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE {STAGING_PREFIX}left (a integer)"))
    with store.writer_lock("test"):
        assert [] == [
            name for name in sa.inspect(store.engine).get_table_names() if name.startswith(STAGING_PREFIX)
        ]


@pytest.mark.postgres
def test_the_writer_lock_outlives_a_time_limit_on_idle_transactions(postgres_database: str) -> None:
    """A session that waits while its writer works is in no transaction, so the database does not end it."""
    Store.open(postgres_database, "gm9901").close()  # making the tables is one transaction, and has no such limit
    name = postgres_database.rsplit("/", 1)[1]
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE \"{name}\" SET idle_in_transaction_session_timeout = '700ms'")
    store = Store.open(postgres_database, "gm9901")
    with store.writer_lock("test"):
        time.sleep(1.5)
        with store.transaction("mark_month", **NOW) as transaction:
            transaction.insert(tables.month_marks, [mark("2026-10")])
    assert ["2026-10"] == [row["month"] for row in store.all(sa.select(tables.month_marks))]
    store.close()


def end_lock_session(database: str) -> None:
    """What a time limit, a proxy or an administrator does to the session that holds the writer lock."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
            " WHERE l.locktype = 'advisory' AND a.datname = current_database() AND a.state = 'idle'"
        )


@pytest.mark.postgres
def test_a_second_writer_waits_for_a_transaction_that_was_under_way(postgres_database: str) -> None:
    """Who takes a lock that was lost in the middle of a transaction begins when that is done."""
    first, second = (Store.open(postgres_database, "gm9901") for _ in range(2))
    has_begun = threading.Event()

    def take() -> None:
        with second.writer_lock("test"):
            has_begun.set()

    with first.writer_lock("test"):
        with first.transaction("mark_month", **NOW) as transaction:
            transaction.insert(tables.month_marks, [mark("2026-10")])
            end_lock_session(postgres_database)
            other = threading.Thread(target=take)
            other.start()
            assert not has_begun.wait(1)
        assert has_begun.wait(30)
        other.join()
    first.close()
    second.close()


@pytest.mark.postgres
def test_a_writer_that_lost_its_lock_keeps_nothing(postgres_database: str) -> None:
    """When its session ended and a second writer came, the first one is refused and its rows are not there."""
    first, second = (Store.open(postgres_database, "gm9901") for _ in range(2))

    def write_after_the_end() -> None:
        with first.writer_lock("test"):
            end_lock_session(postgres_database)
            with second.writer_lock("test"), second.transaction("mark_month", **NOW) as transaction:
                transaction.insert(tables.month_marks, [mark("2026-09")])
            with first.transaction("mark_month", **NOW) as transaction:
                transaction.insert(tables.month_marks, [mark("2026-10")])

    with pytest.raises(Refused, match=r"^WRITER_LOCK_LOST$"):
        write_after_the_end()
    assert ["2026-09"] == [row["month"] for row in first.all(sa.select(tables.month_marks))]
    with first.writer_lock("test"), first.transaction("mark_month", **NOW) as transaction:
        transaction.insert(tables.month_marks, [mark("2026-10")])
    first.close()
    second.close()


@pytest.mark.postgres
def test_the_connection_that_frames_go_over_holds_nothing_and_comes_back(postgres_database: str) -> None:
    """Between two frames it is in no transaction, what was not committed is not there, and it may be ended."""
    with closing(Store.open(postgres_database, "gm9901")) as store:
        query = sa.select(tables.month_marks.c.month)

        def all_sessions(wanted: str) -> list[tuple[str, ...]]:
            with psycopg.connect(postgres_database, autocommit=True) as connection:
                others = f"SELECT {wanted} FROM pg_stat_activity WHERE datname = current_database()"
                return connection.execute(f"{others} AND pid <> pg_backend_pid()").fetchall()

        assert store.read_frame(query).is_empty()
        with store._bulk.lent() as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE half_done (month text)")
        assert {("idle",)} == set(all_sessions("state"))
        assert "half_done" not in sa.inspect(store.engine).get_table_names()

        with store.transaction("mark_month", **NOW) as transaction:
            transaction.insert(tables.month_marks, [mark("2026-10")])
        assert ["2026-10"] == store.read_frame(query)["month"].to_list()

        all_sessions("pg_terminate_backend(pid)")
        assert ["2026-10"] == store.read_frame(query)["month"].to_list()
        with store.writer_lock("test"), store.staged(pl.DataFrame({"month": ["2026-11"]})) as staging:
            assert [{"month": "2026-11"}] == store.all(sa.select(staging))
    for _ in range(100):  # the database clears away a session a moment after its client is gone
        if not all_sessions("state"):
            return
        time.sleep(0.1)
    raise AssertionError


def test_a_reader_does_not_wait_for_the_writer(store: Store, database: str) -> None:
    """Whoever opens a store that is up to date reads what is there while somebody writes."""
    found: list[object] = []

    def read() -> None:
        other = Store.open(database, "gm9901")
        found.append(other.all(sa.select(tables.month_marks)))
        other.close()

    reader = threading.Thread(target=read, daemon=True)
    with store.writer_lock("test"):
        reader.start()
        reader.join(30)
        assert [[]] == found


def test_a_database_of_a_newer_version_is_refused(store: Store, database: str) -> None:
    """An older program does not touch a database that a newer one made."""
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused) as refusal:
        Store.open(database, "gm9901")
    assert "DATABASE_NEWER" == refusal.value.code


def test_what_sqlite_deletes_is_overwritten_and_what_it_commits_is_on_the_disk(tmp_path: Path) -> None:
    """Deleted bytes do not wait in free pages; a commit that was told is there after the power went."""
    store = Store.open(f"sqlite:///{tmp_path / 'samenloop.db'}")
    with store.engine.connect() as connection:
        names = ("secure_delete", "synchronous", "journal_mode")
        assert [1, 2, "wal"] == [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
    store.close()


def test_a_transaction_of_sqlite_holds_the_lock_before_it_writes(tmp_path: Path) -> None:
    """Of two that read first and write then, the second waits at its beginning: it does not fail half-way."""
    store = Store.open(f"sqlite:///{tmp_path / 'samenloop.db'}")
    other = sqlite3.connect(tmp_path / "samenloop.db", timeout=0, isolation_level=None)
    with store.transaction("mark_month", **NOW), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()
    store.close()


def test_no_column_can_hold_a_name() -> None:
    """No table has a column whose name says that it holds who somebody is."""
    telling = ("surname", "klantnummer", "address", "email_address", "phone_number", "birth_on", "postcode6")
    columns = [column.name for table in tables.metadata.tables.values() for column in table.columns]
    assert [] == [name for name in columns if any(word in name for word in telling) and not name.startswith("t_")]
