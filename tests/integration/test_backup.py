"""Backup and restore: everything comes back, nobody who was deleted since, and nothing that was tampered with."""

from __future__ import annotations

import gzip
import io
import shutil
import sqlite3
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.commands.backup import backup
from pipeline.commands.erasing.erasure_ledger import FILE as LEDGER
from pipeline.commands.erasing.erasure_ledger import note_erased
from pipeline.commands.journal_keeping.journal_verifying import verify_journal
from pipeline.commands.key_keeping.key_making import (
    BACKUP,
    keys_of,
    make_standing_keys,
    new_municipal_key,
    write_trust,
)
from pipeline.commands.match import match_month
from pipeline.commands.restore import confirm_restore, restore
from pipeline.commands.retire import retire
from pipeline.store import copies, openings, tables
from pipeline.store.connect import Store
from pipeline.vault.archive import open_archive
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS
from pipeline.vocabulary.faults import Refused
from tests.builders.deliveries import GEMEENTE, Municipality
from tests.builders.stewardship import (
    make_stewarded,
    put_case,
    put_line,
    put_signals,
    rows_of_table,
    stored_signal,
)

NOVEMBER = date(2026, 11, 3)
MAY = date(2027, 5, 3)
LABELS = ("een", "twee", "drie")


@pytest.fixture
def municipality(tmp_path: Path, database: str) -> Municipality:
    return make_home(tmp_path)


@pytest.fixture
def local(tmp_path: Path) -> Municipality:
    return make_home(tmp_path)


def make_home(path: Path) -> Municipality:
    """Signals of two months, a running case, a journal with a seal, a backup key."""
    place = make_stewarded(path)
    write_trust(place.home.keys_dir, GEMEENTE, "0" * 32)
    new_municipal_key(place.path, BACKUP, GEMEENTE, NOVEMBER)
    with place.run(NOVEMBER) as run:
        rows = [stored_signal(partner, label) for label in LABELS for partner in ("huur-a", "energie-a")]
        put_signals(run, [*rows, stored_signal("water-a", "later", "2026-11")])
        put_case(run, "Z-running", IN_PROGRESS, rows[:2], joined_to=None)
        put_line(
            run,
            at="2026-11-03T06:00:00Z",
            actor="ä",
            action="b64:probe",
            object="o",
            result="r",
            transaction_name="t",
        )
        retire(run)
    return place


def contents(place: Municipality) -> dict[str, list[str]]:
    """Every row of every table that a backup holds."""
    with place.run(NOVEMBER) as run:
        return {
            name: sorted(str(sorted(row.items())) for row in rows_of_table(run, table))
            for name, table in tables.metadata.tables.items()
            if name not in copies.LEFT_OUT
        }


def make_backup(place: Municipality) -> Path:
    with place.run(NOVEMBER) as run:
        return Path(backup(run, place.path.parent / "media").paths["backup"])


def lose_database(place: Municipality, database: str | None = None) -> None:
    for path in place.path.glob("samenloop.db*"):
        path.unlink()
    with place.run(NOVEMBER) as run:
        if not run.store.is_sqlite:
            with run.store.engine.begin() as connection:
                connection.execute(sa.schema.DropSchema(GEMEENTE.lower(), cascade=True))
    for path in place.path.glob("samenloop.db*"):
        path.unlink()


def put_back(place: Municipality, file: Path, **changes: Any) -> Any:
    given: dict[str, Any] = {"ledger": None, "today": NOVEMBER, "actor": "test", **changes}
    return restore(place.path, file, **given)


def test_what_was_there_is_there_again(municipality: Municipality) -> None:
    """Every row of every table comes back, then the journal says so and is whole."""
    before = contents(municipality)
    file = make_backup(municipality)
    lose_database(municipality)
    put_back(municipality, file)
    after = contents(municipality)
    changing = {"journal", "journal_seals", "retirements"}
    assert {name: rows for name, rows in before.items() if name not in changing} == {
        name: rows for name, rows in after.items() if name not in changing
    }
    assert set(before["journal"]) < set(after["journal"])
    with municipality.run(NOVEMBER) as run:
        assert [] == verify_journal(run).refused


def test_a_glance_at_a_lost_database_does_not_fill_it(municipality: Municipality) -> None:
    """Whoever looks first makes tables, and an opener says that it lives: it is an empty database all the same."""
    before, file = contents(municipality), make_backup(municipality)
    lose_database(municipality)
    with municipality.run(NOVEMBER) as run:
        openings.beat(run.store, "opener-1", at=run.now, is_practice=True)
    put_back(municipality, file)
    after = contents(municipality)
    assert (before["signals"], before["cases"]) == (after["signals"], after["cases"])
    with municipality.run(NOVEMBER) as run:
        assert [] == verify_journal(run).refused
        with pytest.raises(sa.exc.DatabaseError), run.store.engine.begin() as connection:
            connection.execute(tables.journal.update().values(actor="somebody else"))


def test_one_database_fills_the_other(
    tmp_path: Path, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup of SQLite comes back in PostgreSQL, and says the same there."""
    place = make_home(tmp_path)
    before, file = contents(place), make_backup(place)
    monkeypatch.setenv("SAMENLOOP_DATABASE", postgres_database)
    put_back(place, file)
    after = contents(place)
    assert (before["signals"], before["cases"]) == (after["signals"], after["cases"])


def test_a_backup_is_of_one_moment(municipality: Municipality) -> None:
    """What others write while it is made is not in it, in no table."""
    with municipality.run(NOVEMBER) as run:
        pieces = copies.rows_of_everything(run.store)
        first = next(pieces)
        put_signals(run, [stored_signal("water-a", "meanwhile")])
        seen = [first, *pieces]
    names = next(piece[1] for piece in seen if piece[0] == "signals")
    at = seen.index(["signals", names])
    rows = [row for piece in seen[at + 1 :] for row in piece if isinstance(row, list) and len(row) == len(names)]
    assert 7 == len(rows)
    assert 8 == len(contents(municipality)["signals"])


def test_who_was_erased_since_does_not_come_back(municipality: Municipality) -> None:
    """What the register names is gone after the restore, and the rest is there."""
    file = make_backup(municipality)
    gone = stored_signal("huur-a", "een")["signal_id"]
    note_erased(municipality.home, {("huur-a", "2026-10", gone)}, {("Z-running", "2026-10")})
    lose_database(municipality)
    outcome = put_back(municipality, file)
    assert (1, 1) == (outcome.counts["erased_signals"], outcome.counts["erased_cases"])
    after = contents(municipality)
    assert ([], 6) == (after["cases"], len(after["signals"]))
    held = [row for name in ("signals", "case_signals") for row in after[name] if gone in row]
    assert [] == [row for row in held if "huur-a" in row]


def test_a_partner_cannot_bring_back_who_was_erased(local: Municipality) -> None:
    """A delivery that holds an erased signal again is matched without it."""
    row = stored_signal("huur-a", "een", sequence=2)
    note_erased(local.home, {("huur-a", "2026-10", row["signal_id"])})
    with local.run(NOVEMBER) as run:
        put_signals(run, [row])
        match_month(run, "2026-10")
        left = [kept for kept in rows_of_table(run, tables.signals) if kept["signal_id"] == row["signal_id"]]
    assert ["energie-a"] == [kept["partner_id"] for kept in left]


def test_what_was_retired_since_does_not_come_back(municipality: Municipality) -> None:
    """A month that ended after the backup stays gone, also where the backup still has a running case of it."""
    file = make_backup(municipality)
    with municipality.run(MAY) as run:
        closed = {"state": CLOSED}
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.update(tables.cases, tables.cases.c.case_id == "Z-running", closed)
        assert {"opening-2026-10-1"} <= set(keys_destroyed(retire(run).lines))
    lose_database(municipality)
    put_back(municipality, file, today=MAY)
    with municipality.run(MAY) as run:
        assert {"2026-11"} == {row["month"] for row in rows_of_table(run, tables.signals)}


def keys_destroyed(lines: list[str]) -> list[str]:
    said = next(line for line in lines if line.startswith("Vernietigde sleutels"))
    return said.removeprefix("Vernietigde sleutels: ").rstrip(".").split(", ")


def test_without_the_newest_register_nothing_is_put_back(local: Municipality, tmp_path: Path) -> None:
    """A register that is older than the backup, or lost, stops the restore; one from elsewhere is taken in."""
    file = make_backup(local)
    lost = local.path / LEDGER
    lost.rename(lost.with_suffix(".aside"))
    with pytest.raises(Refused, match="LEDGER_BEHIND"):
        put_back(local, file)
    lost.with_suffix(".aside").rename(lost)
    note_erased(local.home, {("huur-a", "2026-10", "signal")})
    file = make_backup(local)
    elsewhere = Path(shutil.move(local.path / LEDGER, tmp_path / LEDGER))
    lose_database(local)
    with pytest.raises(Refused, match="LEDGER_BEHIND"):
        put_back(local, file)
    put_back(local, file, ledger=elsewhere)
    assert elsewhere.read_bytes() == (local.path / LEDGER).read_bytes()


def test_no_key_is_in_a_backup(local: Municipality) -> None:
    """Opened up, it holds no form of any secret of the home, and no row of it can be read without the key."""
    file = make_backup(local)
    key = keys_of(local.path, BACKUP)[0].secret.value
    with file.open("rb") as stream:
        _, sealed = open_archive(stream, lambda _: key)
        plain = gzip.decompress(sealed.readall() or b"")
    from tests.builders.ceremony import forms, secrets_under

    secrets = secrets_under(local.path)
    assert {"opening", "store", "journal", "backup"} <= {Path(name).name.split("-")[0] for name in secrets}
    assert [] == [name for name, secret in secrets.items() for form in forms(secret) if form in plain]
    signal_id = stored_signal("huur-a", "een")["signal_id"].encode()
    assert (True, False) == (signal_id in plain, signal_id in file.read_bytes())


@pytest.mark.parametrize("place_of_change", ["magic", "header", "sealed", "first", "last", "cut", "more"])
def test_a_backup_that_was_changed_is_refused(local: Municipality, place_of_change: str) -> None:
    """Wherever a byte differs, lacks or is added, nothing is put back; the drill finds it too."""
    file = make_backup(local)
    content = bytearray(file.read_bytes())
    at = {"magic": 3, "header": 40, "sealed": 420, "first": 800, "last": len(content) - 5}.get(place_of_change, 0)
    if place_of_change == "cut":
        content = content[: len(content) // 2]
    elif place_of_change == "more":
        content += b"0"
    else:
        content[at] ^= 1
    file.write_bytes(content)
    lose_database(local)
    codes = "BACKUP_SEAL_BROKEN|BACKUP_INVALID|OTHER_MUNICIPALITY|KEY_MISSING"
    for is_check in (True, False):
        with pytest.raises(Refused, match=codes) as refused:
            put_back(local, file, is_check=is_check)
        assert "Lever opnieuw" not in refused.value.next_step
    assert not _has_tables(local)


def test_a_folder_is_no_backup(local: Municipality, tmp_path: Path) -> None:
    """Whoever names the medium instead of the file on it reads which file is meant."""
    for ask in (
        partial(put_back, local, is_check=True),
        partial(confirm_restore, local.path, today=None, actor="test"),
    ):
        with pytest.raises(Refused, match="BACKUP_INVALID"):
            ask(file=tmp_path)


def _has_tables(place: Municipality) -> bool:
    with sqlite3.connect(place.home.database) as connection:
        return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def test_another_key_does_not_open_it(local: Municipality) -> None:
    """Without the key that the header names it is said which one lacks."""
    file = make_backup(local)
    path = next(local.home.keys_dir.glob("backup-*.json"))
    new_municipal_key(local.path, BACKUP, GEMEENTE, NOVEMBER)
    path.unlink()
    with pytest.raises(Refused, match="KEY_MISSING") as refused:
        put_back(local, file, is_check=True)
    assert path.stem in refused.value.next_step


def test_the_private_key_may_lie_in_a_vault(local: Municipality, tmp_path: Path) -> None:
    """After one backup its public half is enough, and no key is made anew; a restore is given the private one."""
    make_backup(local).unlink()
    (private,) = local.home.keys_dir.glob("backup-*.json")
    vault = Path(shutil.move(private, tmp_path / private.name))
    file = make_backup(local)
    assert [] == [key for key in make_standing_keys(local.path, GEMEENTE, NOVEMBER) if key.kind == BACKUP]
    with pytest.raises(Refused, match="KEY_MISSING"):
        put_back(local, file, is_check=True)
    with pytest.raises(Refused, match="FILE_NOT_FOUND"):
        put_back(local, file, is_check=True, key=vault.with_name("elders.json"))
    assert [] == put_back(local, file, is_check=True, key=vault).refused
    lose_database(local)
    put_back(local, file, key=vault)
    assert 7 == len(contents(local)["signals"])
    assert f"backup-{GEMEENTE}-2" == new_municipal_key(local.path, BACKUP, GEMEENTE, NOVEMBER).key_id


def test_the_newest_backup_key_writes_and_each_reads(local: Municipality) -> None:
    """After a rotation the former backup still opens, and the next one names the new key."""
    former = make_backup(local)
    former = former.rename(former.with_name("former.samenloop"))
    new_municipal_key(local.path, BACKUP, GEMEENTE, NOVEMBER)
    newest = make_backup(local)
    keys = []
    for file in (former, newest):
        assert [] == put_back(local, file, is_check=True).refused
        with file.open("rb") as stream:
            keys.append(open_archive(stream, lambda header: _secret_of(local, str(header["key_id"])))[0]["key_id"])
    assert [f"backup-{GEMEENTE}-1", f"backup-{GEMEENTE}-2"] == keys


def _secret_of(place: Municipality, key_id: str) -> bytes:
    return next(key.secret.value for key in keys_of(place.path, BACKUP) if key.key_id == key_id)


def test_nothing_is_put_over_what_is_there(local: Municipality) -> None:
    """A database that holds tables is left as it is."""
    file = make_backup(local)
    before = contents(local)
    with pytest.raises(Refused, match="DATABASE_NOT_EMPTY"):
        put_back(local, file)
    assert before == contents(local)


def test_a_restore_that_dies_leaves_an_empty_database(
    local: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it fills, nothing is there, and it can be done again."""
    file = make_backup(local)
    lose_database(local)

    def die(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(copies, "_value", die)
        with pytest.raises(KeyboardInterrupt):
            put_back(local, file)
    assert not _has_tables(local)
    put_back(local, file)
    assert 7 == len(contents(local)["signals"])


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """Rows of an older revision go into its tables first, and then through the migrations."""
    pieces = [
        ["month_marks", ["month", "changed_revision", "matched_revision", "written_by"]],
        [["2026-10", 1, 0, "t"]],
    ]
    store = Store.open(f"sqlite:///{tmp_path / 'new.db'}", is_bare=True)
    assert {"month_marks": 1} == copies.fill(store, "0002", "moment", pieces)
    store.bring_up_to_date()
    assert ["2026-10"] == [row["month"] for row in store.all(sa.select(tables.month_marks))]
    with pytest.raises(Refused, match="DATABASE_NEWER"):
        copies.fill(Store.open(f"sqlite:///{tmp_path / 'other.db'}", is_bare=True), "9999", "moment", [])


def test_a_stream_of_any_length_comes_back() -> None:
    """Nothing, one byte, a whole chunk and more come back as they were."""
    from pipeline.vault.archive import CHUNK_BYTES, SealedWriter
    from pipeline.vault.sealing import new_box_key, public_of_box

    private = new_box_key()
    for length in (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES):
        stream = io.BytesIO()
        with SealedWriter(stream, public_of_box(private), {"a": 1}) as writer:
            writer.write(b"x" * length)
        stream.seek(0)
        header, reader = open_archive(stream, lambda _: private)
        assert ({"a": 1}, b"x" * length) == (header, reader.readall())


def test_a_register_older_than_an_exported_head_is_refused(local: Municipality, tmp_path: Path) -> None:
    """What was erased after the backup, and stood in a head of the journal, must be in the register too."""
    file = make_backup(local)
    older = Path(shutil.copy(local.path / LEDGER, tmp_path / "older.jsonl"))
    note_erased(local.home, {("huur-a", "2026-10", "signal")})
    with local.run(NOVEMBER) as run:
        retire(run)
    lose_database(local)
    with pytest.raises(Refused, match="LEDGER_BEHIND"):
        put_back(local, file, ledger=older)
    put_back(local, file)
