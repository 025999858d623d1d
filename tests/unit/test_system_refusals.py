"""What the system refuses is a refusal with a next step, and names a place of the home and nothing below it."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.analytics.snapshot import raise_as_system as raise_as_duckdb
from pipeline.commands.system_refusals import refusal_of
from pipeline.pseudonymous.match_signals import candidates
from pipeline.store.what_stopped_it import raise_as_system
from pipeline.vocabulary.faults import Refused
from tests.builders.rights import small_files


def system(number: int, path: Path | str | None = None) -> OSError:
    return OSError(number, os.strerror(number), None if path is None else str(path))


def told(error: BaseException) -> tuple[str, str | None] | None:
    refusal = refusal_of(error)
    return None if refusal is None else (refusal.code, refusal.column)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/srv/GM9901/reports/vernietiging-2026-11-03.txt", "reports"),
        ("/srv/GM9901/outbox/worklists/noord/2026-11-03/.kanarie.part", "outbox/worklists"),
        ("/srv/GM9901/outbox/subjects/2026-11-03_S-1/inzage.html", "outbox/subjects"),
        ("/srv/GM9901/opener-keys/lists/kanarie.csv", "opener-keys/lists"),
        ("/srv/reports/GM9901/kerncijfers.csv", "kerncijfers.csv"),
        ("/srv/GM9901/samenloop.db.lock", "samenloop.db"),
        (b"/srv/GM9901/inbox/follow_up/kanarie.xlsx", "inbox/follow_up"),
        ("/media/kanarie/reservekopie", None),
        (None, None),
    ],
)
def test_no_rights_names_the_place_and_no_file(number: int, path: str | bytes | None, place: str | None) -> None:
    """Whoever must give rights reads where; a name below it is not said."""
    error = OSError(number, os.strerror(number), path)
    refusal = refusal_of(error)
    assert refusal is not None
    assert ("NO_PERMISSION", place) == (refusal.code, refusal.column)
    assert "kanarie" not in refusal.next_step


def test_a_place_has_a_step_of_its_own() -> None:
    """Nobody is told to open the opener's folder; of a database that was read-only its small files are told."""
    opener, database = (refusal_of(system(errno.EACCES, f"/h/{at}")) for at in ("opener-keys/x", "samenloop.db"))
    assert opener is not None
    assert database is not None
    assert "alleen de gebruiker van de opener" in opener.next_step
    assert "samenloop.db-shm" in database.next_step
    assert "samenloop.db-shm" not in opener.next_step


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_room_is_no_room(number: int) -> None:
    """A quota that is used up and a file that may grow no further are a full disk to whoever writes."""
    assert ("DISK_FULL", None) == told(system(number))


def test_a_database_that_may_grow_no_further(tmp_path: Path) -> None:
    """SQLite calls it an error of the disk, DuckDB quotes the system: no room. Without a limit it is not that."""
    store = sqlite3.connect(tmp_path / "samenloop.db", isolation_level=None)
    store.execute("CREATE TABLE t (x)")
    with small_files(8192):
        with pytest.raises(sqlite3.OperationalError) as said:
            store.execute("INSERT INTO t VALUES (randomblob(100000))")
        with pytest.raises(OSError, match="grow") as error:
            raise_as_system(said.value)
        with pytest.raises(duckdb.Error) as duck, duckdb.connect(tmp_path / "analytics.duckdb") as snapshot:
            snapshot.execute("CREATE TABLE t AS SELECT range AS x FROM range(100000)")
    assert ("DISK_FULL", None) == told(error.value)
    with pytest.raises(OSError, match="too large") as error:
        raise_as_duckdb(duck.value, Path("/h/analytics.duckdb"))
    assert ("DISK_FULL", None) == told(error.value)
    raise_as_system(said.value)


def test_not_enough_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever matches, publishes or reads on a machine that is too small hears that, and that nothing was lost."""
    monkeypatch.setattr(candidates, "MEMORY_LIMIT", "1MB")
    row = pl.int_range(300_000, dtype=pl.UInt32, eager=True)
    half = (row // 2).cast(pl.UInt64)
    tokens = pl.DataFrame(
        {"kind": pl.zeros(row.len(), pl.UInt8, eager=True), "low": half, "high": half, "row": row}
    )
    with pytest.raises(MemoryError) as error:
        candidates.find_pairs(tokens, ["name_address"], 24)
    assert ("MEMORY_FULL", None) == told(error.value) == told(system(errno.ENOMEM))
    with pytest.raises(MemoryError):
        raise_as_duckdb(duckdb.OutOfMemoryException("could not allocate block"), Path("/h/analytics.duckdb"))


def test_a_file_where_a_folder_belongs(tmp_path: Path) -> None:
    """It is said of the file itself and of what would lie below it; a taken name is something else."""
    file = tmp_path / "x"
    file.touch()
    for make in (lambda: file.mkdir(exist_ok=True), lambda: (file / "y" / "z").mkdir(parents=True)):
        with pytest.raises(OSError, match="x") as error:
            make()
        assert ("FOLDER_TAKEN", None) == told(error.value)
    with pytest.raises(FileExistsError) as error:
        tmp_path.mkdir()
    assert None is told(error.value)


def test_a_mistake_of_ours_stays_one() -> None:
    """Another error of the system, and any other, is no refusal; a refusal is itself."""
    assert [None, None] == [told(system(errno.EBADF)), told(ValueError("kanarie"))]
    assert ("NOT_FOUND", "case") == told(Refused("NOT_FOUND", "case"))


def test_a_database_that_may_not_be_written(tmp_path: Path) -> None:
    """SQLite says it in its own words; so does DuckDB."""
    path = tmp_path / "samenloop.db"
    sqlite3.connect(path).close()
    readonly = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError) as said:
        readonly.execute("CREATE TABLE t (x)")
    with pytest.raises(PermissionError) as error:
        raise_as_system(said.value)
    assert ("NO_PERMISSION", "samenloop.db") == told(error.value)
    with pytest.raises(sqlite3.OperationalError) as said:
        sqlite3.connect(tmp_path / "none" / "samenloop.db")
    with pytest.raises(PermissionError):
        raise_as_system(said.value)
    with pytest.raises(PermissionError) as error:
        raise_as_duckdb(duckdb.IOException("Cannot open file: Permission denied"), Path("/h/analytics.duckdb"))
    assert ("NO_PERMISSION", "analytics.duckdb") == told(error.value)
