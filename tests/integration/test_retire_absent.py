"""What `samenloop retire` deleted is absent: from the bytes of the database, the analysts' file, a kept copy."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.commands.retire import retire
from tests.builders.deliveries import Municipality
from tests.builders.retirement import DUE, report, retired
from tests.builders.stewardship import make_stewarded, put_signals, stored_signal


def test_deleted_means_absent_from_the_file_too(tmp_path: Path) -> None:
    """On SQLite neither the database nor its log holds a byte of a retired contact, token or id."""
    place = make_stewarded(tmp_path)
    rows = [stored_signal("huur-a", f"client-{number}") for number in range(200)]
    with place.run(date(2026, 11, 3)) as run:
        put_signals(run, rows)
    secrets = [rows[7]["sealed_contact"], rows[150]["t_birth_postcode"], rows[199]["signal_id"].encode()]
    assert all(secret in _bytes_of(place) for secret in secrets)
    retired(place, DUE)
    assert [] == [secret for secret in secrets if secret in _bytes_of(place)]


def _bytes_of(place: Municipality) -> bytes:
    return b"".join(path.read_bytes() for path in place.path.glob("samenloop.db*"))


def test_a_reader_that_is_at_work_is_said_and_done_the_next_day(tmp_path: Path) -> None:
    """While somebody reads, the log cannot be emptied: the report says so, and the next run does it."""
    place = make_stewarded(tmp_path)
    with place.run(date(2026, 11, 3)) as run:
        put_signals(run, [stored_signal("huur-a", "client")])
        reader = run.store.engine.raw_connection()
        reader.cursor().execute("PRAGMA busy_timeout = 10")
        reader.cursor().execute("BEGIN")
        reader.cursor().execute("SELECT count(*) FROM signals").fetchone()
        with place.run(DUE) as other:
            sa.event.listen(other.store.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 10"))
            other.store.engine.dispose()
            retire(other)
        assert not report(place, DUE)["is_database_log_emptied"]
        reader.rollback()
        reader.close()
    retired(place, date(2027, 5, 2))
    assert report(place, date(2027, 5, 2))["is_database_log_emptied"]


def test_the_analysts_file_holds_nothing_that_is_gone(tmp_path: Path) -> None:
    """When rows were deleted the published copy is made anew."""
    place = make_stewarded(tmp_path)
    from pipeline.commands.publish import publish

    with place.run(date(2026, 11, 3)) as run:
        put_signals(run, [stored_signal("huur-a", "client")])
        assert 1 == publish(run).counts["signals"]
    shutil.copy(place.home.analytics, tmp_path / "before.duckdb")
    retired(place, DUE)
    import duckdb

    with duckdb.connect(str(place.home.analytics), read_only=True) as connection:
        assert (0,) == connection.execute("SELECT count(*) FROM work.signals").fetchone()


def test_a_copy_elsewhere_is_unreadable_when_the_keys_are_gone(tmp_path: Path, database: str) -> None:
    """Rows of a month that somebody kept open before its end and not after, on PostgreSQL too."""
    from pipeline.commands.key_keeping.key_making import OPENING
    from pipeline.revealed.disclose_case import ContactDesk, StoredSignal
    from pipeline.store.openings import SIGNAL_COLUMNS
    from pipeline.vault.keyring import read_keys
    from pipeline.vocabulary.faults import Refused
    from tests.builders.openings import make_municipality_with_opener
    from tests.builders.openings import report as reported

    place = make_municipality_with_opener(tmp_path)
    row = reported("huur-a", "a", "x")
    copy = StoredSignal(**{name: row[name] for name in SIGNAL_COLUMNS})
    with place.run(date(2026, 11, 3)) as run:
        put_signals(run, [row])
        desk = ContactDesk(run.directory, read_keys(run.home.opener_keys_dir, OPENING))
        assert "klant-a" == desk.open(copy).contact["klantnummer"]
    with place.run(DUE) as run:
        retire(run)
        desk = ContactDesk(run.directory, read_keys(run.home.opener_keys_dir, OPENING))
        with pytest.raises(Refused, match="KEY_MISSING"):
            desk.open(copy)
