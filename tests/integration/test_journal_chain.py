"""The journal as a chain: whatever is done to it behind the program's back is found and named."""

from __future__ import annotations

import base64
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.commands.journal_keeping.journal_sealing import export_head, retire_old_lines, seal_head
from pipeline.commands.journal_keeping.journal_verifying import verify_journal
from pipeline.commands.key_keeping.key_making import JOURNAL, new_municipal_key
from pipeline.commands.retire import retire
from pipeline.commands.wiring import Run, open_run
from pipeline.store import tables
from pipeline.store.connect import Store
from pipeline.store.journal_chain import lines_in_order
from pipeline.store.migrate import bring_to
from pipeline.vault.signing import fingerprint, public_of_signing
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.journal_chain import GENESIS, line_hash
from tests.builders.deliveries import GEMEENTE, Municipality
from tests.builders.stewardship import make_stewarded, put_line

TODAY = date(2026, 11, 3)
GUARDS = ("journal_is_not_changed", "journal_is_not_cut")


@pytest.fixture
def municipality(tmp_path: Path, database: str) -> Municipality:
    """A home with ten lines and a seal on the last."""
    return with_lines(tmp_path)


@pytest.fixture
def local(tmp_path: Path) -> Municipality:
    return with_lines(tmp_path)


def with_lines(path: Path) -> Municipality:
    place = make_stewarded(path)
    with place.run() as run:
        add_lines(run, 1, 10)
        seal_head(run)
    return place


def add_lines(run: Run, first: int, last: int, at: str = "2026-11-03T06:00:00Z") -> None:
    for number in range(first, last + 1):
        row = {"at": at, "actor": "a", "action": "probe", "object": f"o{number}", "result": "done"}
        put_line(run, **row, transaction_name="t", counts={"ö": number})


def behind_the_back(run: Run, *statements: str) -> None:
    """As somebody would who owns the database: without its guards."""
    with run.store.engine.begin() as connection:
        if run.store.is_sqlite:
            for guard in GUARDS:
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {guard}")
        else:
            connection.exec_driver_sql("ALTER TABLE journal DISABLE TRIGGER USER")
        for statement in statements:
            connection.exec_driver_sql(statement)


def faults_of(run: Run, *heads: Path) -> list[tuple[str, int | None]]:
    return [(fault.code, fault.row) for fault in verify_journal(run, heads).refused]


def swapped(with_hashes: bool) -> tuple[str, ...]:
    names = ["actor", "action", "object", "result", "counts", "transaction_name", "at"]
    names += ["previous_hash", "line_hash"] if with_hashes else []
    both = ", ".join(
        f"{name} = (SELECT o.{name} FROM both_lines o WHERE o.seq = 9 - journal.seq)" for name in names
    )
    return (
        "CREATE TEMPORARY TABLE both_lines AS SELECT * FROM journal WHERE seq IN (4, 5)",
        f"UPDATE journal SET {both} WHERE seq IN (4, 5)",
    )


def rewritten(run: Run) -> None:
    """A whole chain in place of the true one, with hashes that fit."""
    behind_the_back(run, "UPDATE journal SET object = 'nobody' WHERE seq = 3")
    previous = GENESIS
    for row in run.store.all(sa.select(tables.journal).order_by(tables.journal.c.seq)):
        own = line_hash(row, previous)
        hashes = f"previous_hash = '{previous}', line_hash = '{own}'"
        behind_the_back(run, f"UPDATE journal SET {hashes} WHERE seq = {row['seq']}")
        previous = own


def test_a_whole_journal_is_whole(municipality: Municipality) -> None:
    """Nothing is found, and the number of lines, seals and heads is said."""
    with municipality.run() as run:
        export_head(run, TODAY)
        outcome = verify_journal(run)
    assert ([], 0) == (outcome.refused, outcome.exit_code)
    assert {"lines": 10, "seals": 1, "heads": 1, "faults": 0} == outcome.counts


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (("UPDATE journal SET actor = 'somebody' WHERE seq = 4",), [("JOURNAL_CHANGED", 4)]),
        (("UPDATE journal SET counts = '{}' WHERE seq = 10",), [("JOURNAL_CHANGED", 10)]),
        (("DELETE FROM journal WHERE seq = 4",), [("JOURNAL_DROPPED", 4)]),
        (("DELETE FROM journal WHERE seq <= 4",), [("JOURNAL_DROPPED", 4)]),
        (swapped(with_hashes=False), [("JOURNAL_SWAPPED", 4), ("JOURNAL_SWAPPED", 5)]),
        (swapped(with_hashes=True), [("JOURNAL_SWAPPED", 4), ("JOURNAL_SWAPPED", 5)]),
        (("DELETE FROM journal WHERE seq > 8",), [("JOURNAL_TRUNCATED", 9)]),
        (("DELETE FROM journal",), [("JOURNAL_TRUNCATED", 1)]),
    ],
    ids=["changed", "last-changed", "dropped", "beginning-dropped", "swapped", "swapped-whole", "cut", "emptied"],
)
def test_each_kind_of_tampering_is_named(
    municipality: Municipality, statements: tuple[str, ...], expected: list[tuple[str, int]]
) -> None:
    """A changed, dropped, swapped or cut-off line is found, by its number."""
    with municipality.run() as run:
        behind_the_back(run, *statements)
        assert expected == faults_of(run)


def test_a_chain_that_was_made_anew_is_found(local: Municipality, tmp_path: Path) -> None:
    """A rewritten chain fits in itself; a seal shows it, and so does a head kept elsewhere; no seal is a fault."""
    with local.run() as run:
        elsewhere = Path(shutil.copy(export_head(run, TODAY), tmp_path / "kluis.json"))
        rewritten(run)
        assert [("JOURNAL_REWRITTEN", 10)] == faults_of(run)
        behind_the_back(run, "DELETE FROM journal_seals")
        for path in run.home.reports.iterdir():
            path.unlink()
        run.home.opener_keys_dir.joinpath("head.json").unlink()
        assert [("JOURNAL_UNSEALED", None)] == faults_of(run)
        assert [("JOURNAL_UNSEALED", None), ("JOURNAL_REWRITTEN", 10)] == faults_of(run, elsewhere)


def test_a_seal_that_the_opener_did_not_make_is_found(local: Municipality) -> None:
    """Whoever writes to the database cannot seal: another line, another hash or another key does not hold."""
    with local.run() as run:
        behind_the_back(run, "DELETE FROM journal WHERE seq > 8", "UPDATE journal_seals SET seq = 8")
        assert ("JOURNAL_SEAL_BROKEN", 8) in faults_of(run)


def test_a_seal_in_a_head_that_was_kept_elsewhere_is_judged_too(local: Municipality, tmp_path: Path) -> None:
    """A head with a seal that the opener did not make is no head that was exported here."""
    path = tmp_path / "kluis.json"
    with local.run() as run:
        document = json.loads(export_head(run, TODAY).read_text())
        path.write_text(json.dumps(document))
        assert [] == faults_of(run, path)
        document["seal"]["signature_b64"] = base64.b64encode(bytes(64)).decode()
        path.write_text(json.dumps(document))
        assert [("JOURNAL_SEAL_BROKEN", 10)] == faults_of(run, path)
        path.write_text(json.dumps({**document, "gemeentecode": "GM9902"}))
        with pytest.raises(Refused, match="JOURNAL_HEAD_INVALID"):
            verify_journal(run, (path,))


def test_lines_are_never_changed_and_go_only_behind_a_checkpoint(municipality: Municipality) -> None:
    """The database itself refuses to change a line, and to delete one that no checkpoint covers."""
    with municipality.run() as run:
        for statement in ("UPDATE journal SET actor = 'x'", "DELETE FROM journal WHERE seq = 1"):
            with pytest.raises(sa.exc.DBAPIError), run.store.engine.begin() as connection:
                connection.exec_driver_sql(statement)
        assert [] == faults_of(run)


def test_two_writers_make_one_chain(municipality: Municipality, database: str) -> None:
    """Lines that two processes write at once follow on one another, each transaction's lines together."""
    with municipality.run() as run:
        url = run.store.engine.url
        stores = [Store.open(url.set(drivername=url.get_backend_name()), schema=GEMEENTE.lower()) for _ in "ab"]

        def write(store: Store, who: str) -> None:
            for number in range(15):
                with store.transaction("write", at="2026-11-03T06:00:00Z", actor=who) as transaction:
                    for part in "xyz":
                        transaction.journal("write", f"{who}{number}{part}")

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(write, stores, "ab"))
        for store in stores:
            store.close()
        assert [] == faults_of(run)
        written = [
            row["object"] for row in run.store.all(sa.select(tables.journal).order_by(tables.journal.c.seq))
        ]
        assert 100 == len(written)
        threes = [written[at : at + 3] for at in range(10, 100, 3)]
        assert all([f"{three[0][:-1]}{part}" for part in "xyz"] == three for three in threes)


def test_retired_lines_leave_a_checkpoint(local: Municipality) -> None:
    """After their term lines go, the chain still begins at a sealed hash, and dropping one more is found."""
    with local.run() as run:
        retire(run)
    with local.run(date(2031, 12, 1)) as run:
        add_lines(run, 11, 12, at="2031-12-01T06:00:00Z")
        retire(run)
        outcome = verify_journal(run)
        first = min(row["seq"] for row in run.store.all(sa.select(tables.journal.c.seq)))
        assert ([], 11) == (outcome.refused, first)
        behind_the_back(run, f"DELETE FROM journal WHERE seq = {first}")
        assert [("JOURNAL_DROPPED", first)] == faults_of(run)


def test_the_opener_retires_by_its_own_clock(local: Municipality) -> None:
    """Without the journal key `retire` leaves old lines and says so; the opener takes them, and none younger."""
    key = next(local.home.opener_keys_dir.glob("journal-*.json"))
    aside = key.rename(key.with_suffix(".aside"))
    with local.run() as run:
        retire(run)
    with local.run(date(2031, 12, 1)) as run:
        kept = {row["data_class"]: row for row in json_of(retire(run).paths["report"])["classes"]}["journal"]
    assert (10, 0, 0) == (kept["kept_count"], kept["deleted_count"], kept["remaining_count"])
    aside.rename(key)
    for year, left in ((2026, 10), (2032, 0)):
        with open_run(local.path, TODAY, "opener", datetime(year, 1, 15, tzinfo=UTC)) as run:
            retire_old_lines(run)
            probes = sa.select(tables.journal.c.seq).where(tables.journal.c.action == "probe")
            assert left == len(run.store.all(probes))
            assert [] == faults_of(run)


def json_of(path: str) -> dict[str, list[dict[str, object]]]:
    document: dict[str, list[dict[str, object]]] = json.loads(Path(path).read_text())
    return document


def test_the_journal_key_rotates(local: Municipality) -> None:
    """Seals of both keys hold; who pinned the first trusts the second; one nobody vouched for is not trusted."""
    first = next(local.home.opener_keys_dir.glob("journal-*.json"))
    secret = base64.b64decode(json.loads(first.read_text())["secret_b64"])
    pinned = fingerprint(public_of_signing(secret))
    with local.run() as run:
        new_municipal_key(local.path, JOURNAL, GEMEENTE, TODAY)
        add_lines(run, 11, 11)
        seal_head(run)
        assert [] == verify_journal(run, pinned=(pinned,)).refused
        path = local.path / "journal-keys.json"
        document = json.loads(path.read_text())
        document["keys"][1]["vouched_b64"] = document["keys"][0]["public_b64"]
        path.write_text(json.dumps(document))
        assert [("JOURNAL_SEAL_BROKEN", 11)] == faults_of(run)
        with pytest.raises(Refused, match="JOURNAL_FINGERPRINT_MISMATCH") as refused:
            verify_journal(run, pinned=("0" * 39,))
        assert "Bel de gemeente" not in refused.value.next_step


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "samenloop/journal-head/1"}'])
def test_a_head_that_is_none_is_refused(local: Municipality, tmp_path: Path, content: str) -> None:
    """A broken head proves nothing and is not passed over."""
    (tmp_path / "head.json").write_text(content)
    with local.run() as run, pytest.raises(Refused, match="JOURNAL_HEAD_INVALID"):
        verify_journal(run, (tmp_path / "head.json",))


def test_each_head_that_was_given_is_told(local: Municipality, tmp_path: Path) -> None:
    """Heads before a line that was changed hold, those after it do not: so far is the journal as it was."""
    with local.run() as run:
        early = Path(shutil.copy(export_head(run, TODAY), tmp_path / "early.json"))
        add_lines(run, 11, 15)
        seal_head(run)
        late = Path(shutil.copy(export_head(run, TODAY + timedelta(days=1)), tmp_path / "late.json"))
        said = [f"Vergeleken met de kop van {day}" for day in (TODAY, TODAY + timedelta(days=1))]
        whole = verify_journal(run, (early, late)).lines
        assert [f"{said[0]} (regel 10): klopt.", f"{said[1]} (regel 15): klopt."] == whole[-2:]
        assert not any("Vergeleken" in line for line in verify_journal(run).lines)
        behind_the_back(run, "UPDATE journal SET actor = 'iemand' WHERE seq = 12")
        broken = verify_journal(run, (early, late)).lines
        assert [f"{said[0]} (regel 10): klopt.", f"{said[1]} (regel 15): klopt niet."] == broken[-2:]
        behind_the_back(run, "DELETE FROM journal WHERE seq > 9")
        assert f"{said[0]} (regel 10): klopt niet." in verify_journal(run, (early,)).lines


def test_a_head_whose_line_was_retired_says_so(local: Municipality, tmp_path: Path) -> None:
    """It can say nothing any more, and is no reason for alarm; where lines went without a checkpoint it is."""
    with local.run() as run:
        early = Path(shutil.copy(export_head(run, TODAY), tmp_path / "early.json"))
        add_lines(run, 11, 15)
    with open_run(local.path, TODAY, "opener", datetime(2034, 1, 15, tzinfo=UTC)) as run:
        add_lines(run, 16, 17)
        retire_old_lines(run)
        seal_head(run)
        outcome = verify_journal(run, (early,))
        assert ([], "die regel is op haar termijn vernietigd.") == (
            outcome.refused,
            outcome.lines[-1].partition(": ")[2],
        )
        behind_the_back(run, "DELETE FROM journal_seals WHERE is_checkpoint")
        assert "klopt niet." == verify_journal(run, (early,)).lines[-1].partition(": ")[2]


def test_a_head_that_is_not_there_is_said(local: Municipality, tmp_path: Path) -> None:
    """A mistyped name is a name to correct, and no head that is broken."""
    with local.run() as run, pytest.raises(Refused, match="FILE_NOT_FOUND") as refused:
        verify_journal(run, (tmp_path / "kluis.json",))
    assert "(kluis.json)" in refused.value.next_step


def test_lines_of_an_earlier_version_are_chained(tmp_path: Path) -> None:
    """A database from before the chain gets one, and what ended by its lines is still known."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        bring_to(connection, "0003")
        for seq, action, name in ((3, "end_month", "2026-10"), (7, "destroy_key", "store-1")):
            connection.exec_driver_sql(
                "INSERT INTO journal VALUES (?, ?, 'a', ?, ?, 'retire-2027-05-01 2026-10', 'done', '{}', 't')",
                (seq, "2027-05-01T04:00:00Z", action, name),
            )
    engine.dispose()
    store = Store.open(url)
    from pipeline.store.retirement_ledger import destroyed_keys, months_over

    rows = list(lines_in_order(store))
    assert [(1, GENESIS), (2, rows[0]["line_hash"])] == [(row["seq"], row["previous_hash"]) for row in rows]
    assert (["2026-10"], ["store-1"]) == (months_over(store), destroyed_keys(store))
    store.close()
