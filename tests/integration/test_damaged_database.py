"""A database that is damaged stops a command with what to do now, and nothing is destroyed by it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from pipeline.commands.key_keeping.key_making import BACKUP, new_municipal_key
from pipeline.commands.main import make_app
from pipeline.store import tables
from pipeline.store.connect import Store
from pipeline.vocabulary.faults import Refused
from tests.builders.deliveries import GEMEENTE, MONTH, Municipality
from tests.builders.kept import Begin
from tests.builders.openings import TUESDAY
from tests.builders.retirement import DUE, make_month, retired
from tests.builders.stewardship import write_journal_key
from tests.builders.subjects import make_reported


@pytest.fixture
def place(begin_here: Begin) -> Municipality:
    """A municipality on a file of its own, with a case and keys of backup and journal."""
    made = begin_here(make_reported)
    new_municipal_key(made.path, BACKUP, GEMEENTE, TUESDAY)
    write_journal_key(made)
    at_rest(made)
    return made


def at_rest(place: Municipality) -> None:
    """Let all of a database stand in its one file."""
    with closing(sqlite3.connect(place.home.database)) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in place.path.glob("samenloop.db-*"):
        file.unlink()


def said(place: Municipality, *words: str, on: date = TUESDAY) -> tuple[int, list[str], str]:
    """The exit code of a command, what it refused, and all that it wrote."""
    options = ["--home", str(place.path), "--json"]
    days = [] if words[0] == "journal" else ["--date", str(on)]
    result = CliRunner().invoke(make_app(words), [*words, *options, *days])
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    return result.exit_code, [one["code"] for line in lines for one in json.loads(line)["refused"]], result.output


def root_page(place: Municipality, name: str) -> int:
    """Where in the file a table or an index begins."""
    with closing(sqlite3.connect(place.home.database)) as store:
        (size,) = store.execute("PRAGMA page_size").fetchone()
        (page,) = store.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    return int((page - 1) * size)


def damage(place: Municipality, how: str) -> None:
    content = bytearray(place.home.database.read_bytes())
    if how == "truncated":
        content = content[: len(content) // 2]
    elif how == "no database":
        content[:100] = b"x" * 100
    else:
        at = root_page(place, how)
        content[at : at + 200] = b"\xff" * 200
    place.home.database.write_bytes(content)


def store_of(place: Municipality) -> Store:
    return Store.open(f"sqlite:///{place.home.database}")


@pytest.mark.parametrize("how", ["truncated", "no database", "cases"])
@pytest.mark.parametrize(
    "words", [("status",), ("day",), ("retire",), ("backup", "--out", "media"), ("journal", "verify")]
)
def test_a_damaged_file_is_no_mistake_of_the_program(
    place: Municipality, words: tuple[str, ...], how: str, tmp_path: Path
) -> None:
    """It ends with its code and what to do; only who reads nothing of the damaged part does not hear of it."""
    damage(place, how)
    words = tuple(str(tmp_path / word) if word == "media" else word for word in words)
    code, refused, text = said(place, *words)
    if (words[0], how) == ("journal", "cases"):
        assert "DATABASE_DAMAGED" not in refused
        return
    assert ["DATABASE_DAMAGED"] == refused, text
    assert code == (1 if (words[0], how) == ("day", "cases") else 2)
    assert "BUG" not in text
    assert "malformed" not in text


def test_whoever_is_told_of_damage_is_told_what_to_do(place: Municipality) -> None:
    """Keep what is there, then put the backup back."""
    damage(place, "truncated")
    result = CliRunner().invoke(make_app(["status"]), ["status", "--home", str(place.path)])
    assert 2 == result.exit_code
    for words in ("DATABASE_DAMAGED", "Stop alles", "Verwijder niets", "samenloop restore"):
        assert words in result.output


def test_nothing_is_destroyed_by_a_damaged_file(tmp_path: Path) -> None:
    """Damage that no step meets stops the destruction before the first row, file and key."""
    place = make_month(tmp_path)
    at_rest(place)
    damage(place, "ix_disclosures_case_id")
    with closing(store_of(place)) as store:
        before = len(store.all(sa.select(tables.signals)))
    with pytest.raises(Refused, match="DATABASE_DAMAGED"):
        retired(place, DUE)
    with closing(store_of(place)) as store:
        assert before == len(store.all(sa.select(tables.signals)))
    assert (place.home.keys_dir / f"store-{MONTH}-1.json").exists()
    assert not list(place.home.reports.glob("vernietiging-*"))


@pytest.mark.parametrize("read", [Store.all, Store.read_frame])
def test_damage_in_the_middle_of_a_reading(place: Municipality, read: Any) -> None:
    """Met by the engine or by the driver alone, as rows of a frame are."""
    damage(place, "signals")
    with closing(store_of(place)) as store, pytest.raises(Refused, match="DATABASE_DAMAGED"):
        read(store, sa.select(tables.signals))


@pytest.mark.parametrize("read", [Store.all, Store.read_frame])
def test_a_text_that_is_none(place: Municipality, read: Any) -> None:
    """Bytes that were hit inside a row are found when they are read."""
    with closing(sqlite3.connect(place.home.database)) as own, own:
        own.execute("UPDATE signals SET written_by = CAST(X'FF' AS TEXT)")
    with closing(store_of(place)) as store, pytest.raises(Refused, match="DATABASE_DAMAGED"):
        read(store, sa.select(tables.signals))


@pytest.mark.postgres
@pytest.mark.parametrize("state", ["XX001", "XX002"])
@pytest.mark.parametrize("read", [Store.all, Store.read_frame])
def test_a_damaged_page_of_postgresql(postgres_with_tables: str, state: str, read: Any) -> None:
    """By both drivers."""
    with psycopg.connect(postgres_with_tables) as own:
        own.execute(
            "CREATE FUNCTION gm9901.damaged() RETURNS text LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION 'page' USING ERRCODE = '{state}'; END $$"
        )
    statement = sa.select(sa.func.damaged(type_=sa.Text).label("x"))
    with closing(Store.open(postgres_with_tables, "gm9901")) as store, pytest.raises(Refused, match="DAMAGED"):
        read(store, statement)


@pytest.mark.postgres
def test_a_postgresql_that_may_only_be_read(postgres_with_tables: str) -> None:
    """A standby is no mistake of the program: its setting is named."""
    name = postgres_with_tables.rsplit("/", 1)[1]
    with psycopg.connect(postgres_with_tables, autocommit=True) as own:
        own.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    with (
        closing(Store.open(postgres_with_tables, "gm9901")) as store,
        pytest.raises(Refused, match="NO_PERMISSION") as refusal,
        store.transaction("mark_month", at="2026-11-03T06:00:00Z", actor="test") as transaction,
    ):
        transaction.journal("mark_month", "2026-10")
    assert "SAMENLOOP_DATABASE" == refusal.value.column
    assert "PostgreSQL" in refusal.value.next_step
