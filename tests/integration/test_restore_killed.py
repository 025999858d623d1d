"""A restore or a register that was cut off in the middle: nobody works on half of it, and it is finished."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.commands.erasing.erasure_ledger import FILE as LEDGER
from pipeline.commands.erasing.erasure_ledger import note_erased, read_ledger
from pipeline.commands.journal_keeping.journal_verifying import verify_journal
from pipeline.commands.key_keeping.journal_keys import FILE as JOURNAL_KEYS
from pipeline.commands.key_keeping.key_making import write_trust
from pipeline.commands.opener import serve
from pipeline.store import copies, tables
from pipeline.store.connect import Store
from pipeline.vault.signing import fingerprint, public_of_signing
from pipeline.vocabulary.faults import Refused
from tests.builders.deliveries import GEMEENTE, Municipality, key_bytes
from tests.builders.stewardship import rows_of_table, stored_signal
from tests.integration.test_backup import NOVEMBER, contents, lose_database, make_backup, make_home, put_back


@pytest.fixture
def municipality(tmp_path: Path, database: str) -> Municipality:
    return make_home(tmp_path)


@pytest.fixture
def local(tmp_path: Path) -> Municipality:
    return make_home(tmp_path)


@pytest.mark.parametrize("kept", [0, 1, 60, 80])
def test_a_line_of_the_register_that_was_not_finished_is_none(local: Municipality, kept: int) -> None:
    """Cut anywhere in its last line the register holds the lines before it, and the next one is written whole."""
    path = local.path / LEDGER
    note_erased(local.home, {("huur-a", "2026-10", "one")})
    before = path.read_text()
    note_erased(local.home, {("huur-a", "2026-10", "two")})
    added = path.read_text().removeprefix(before)
    path.write_text(before + added[:kept])
    assert ["one"] == [row.name for row in read_ledger(path)]
    note_erased(local.home, {("huur-a", "2026-10", "three")})
    assert [(1, "one"), (2, "three")] == [(row.number, row.name) for row in read_ledger(path)]
    path.write_text(path.read_text().rstrip())
    assert 2 == len(read_ledger(path))
    path.write_text("{\n" + before)
    with pytest.raises(Refused, match="LEDGER_INVALID"):
        read_ledger(path)


@pytest.mark.parametrize(
    "place_of_death",
    ["restore.Store.bring_up_to_date", "restore.folder.write_file", "restore.apply_ledger", "restore.retire"],
)
def test_a_restore_that_dies_lets_nobody_work_until_it_is_finished(
    municipality: Municipality, monkeypatch: pytest.MonkeyPatch, place_of_death: str
) -> None:
    """Killed after it filled, all commands and the opener refuse; given again, it ends as it should."""
    file = make_backup(municipality)
    gone = stored_signal("huur-a", "een")["signal_id"]
    note_erased(municipality.home, {("huur-a", "2026-10", gone)}, {("Z-running", "2026-10")})
    public = public_of_signing(key_bytes("municipal-signing"))
    write_trust(municipality.home.opener_keys_dir, GEMEENTE, fingerprint(public))
    lose_database(municipality)
    if place_of_death == "restore.folder.write_file":
        (municipality.path / JOURNAL_KEYS).unlink()

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"pipeline.commands.{place_of_death}", die)
        with pytest.raises(KeyboardInterrupt):
            put_back(municipality, file)
    with pytest.raises(Refused, match="RESTORE_UNFINISHED"), municipality.run(NOVEMBER):
        pass
    with pytest.raises(Refused, match="RESTORE_UNFINISHED"):
        serve(municipality.path, once=True)
    put_back(municipality, file)
    after = contents(municipality)
    assert ([], 6) == (after["cases"], len(after["signals"]))
    with municipality.run(NOVEMBER) as run:
        told = [row for row in rows_of_table(run, tables.journal) if row["action"] == "restore"]
        assert (1, []) == (len(told), verify_journal(run).refused)
    with pytest.raises(Refused, match="DATABASE_NOT_EMPTY"):
        put_back(municipality, file)


def test_a_killed_restore_is_finished_with_its_own_backup_alone(tmp_path: Path) -> None:
    """A database that was filled from one backup takes no rows of another."""
    store = Store.open(f"sqlite:///{tmp_path / 'new.db'}", is_bare=True)
    copies.fill(store, "0009", "one moment", [])
    copies.fill(store, "0009", "one moment", [])
    with pytest.raises(Refused, match="RESTORE_UNFINISHED"):
        copies.fill(store, "0009", "another moment", [])
