"""The opener ends months: what `retire` may not reach, it destroys itself."""

from __future__ import annotations

from pathlib import Path

from pipeline.commands import opener
from pipeline.commands.key_keeping.key_destruction import destroy_keys, destroy_opening_keys
from pipeline.commands.sample import make_sample
from pipeline.commands.wiring import open_run
from pipeline.practice.region import Plan
from pipeline.store.retirement_ledger import Retirement, note_months_over

MONTHS = ("2026-09", "2026-10")
LEFT_BEHIND = (("keys", "store"), ("opener-keys", "opening"))


def test_an_opener_destroys_its_keys_of_months_that_are_over(tmp_path: Path) -> None:
    """When it starts, the key of a month that was written down as over goes, and the next month's stays."""
    make_sample(tmp_path / "region", Plan(households=50, seed=1, months=MONTHS))
    home = tmp_path / "region" / "municipality"
    before = sorted(path.name for path in (home / "opener-keys").glob("opening-*.json"))
    with open_run(home) as run:
        note_months_over(run.store, Retirement("2027-05-01", run.now, "retire"), [MONTHS[0]], {})
    opener.serve(home, once=True)
    after = sorted(path.name for path in (home / "opener-keys").glob("opening-*.json"))
    assert [name for name in before if MONTHS[0] not in name] == after
    assert len(before) == len(after) + 1


def test_a_key_that_was_written_over_goes_too(tmp_path: Path) -> None:
    """Killed between writing over a key and removing it: the next run removes what is left."""
    make_sample(tmp_path / "region", Plan(households=50, seed=1, months=MONTHS))
    home = tmp_path / "region" / "municipality"
    left = [next((home / folder).glob(f"{kind}*{MONTHS[0]}*.json")) for folder, kind in LEFT_BEHIND]
    for path in left:
        path.write_bytes(b"\0" * path.stat().st_size)
    with open_run(home) as run:
        mark = Retirement("2027-05-01", run.now, "retire")
        note_months_over(run.store, mark, [MONTHS[0]], {})
        destroy_keys(run, mark, [])
    assert [False, False] == [path.exists() for path in left]


def test_an_empty_key_file_stays(tmp_path: Path) -> None:
    """Nobody wrote over it, and no file of a month that is not over goes: the loss is told, not swept away."""
    make_sample(tmp_path / "region", Plan(households=50, seed=1, months=MONTHS))
    home = tmp_path / "region" / "municipality"
    emptied = [next((home / folder).glob(f"{kind}*{MONTHS[0]}*.json")) for folder, kind in LEFT_BEHIND]
    zeroed = [next((home / folder).glob(f"{kind}*{MONTHS[1]}*.json")) for folder, kind in LEFT_BEHIND]
    for path in emptied:
        path.write_bytes(b"")
    for path in zeroed:
        path.write_bytes(b"\0" * path.stat().st_size)
    with open_run(home) as run:
        mark = Retirement("2027-05-01", run.now, "retire")
        note_months_over(run.store, mark, [MONTHS[0]], {})
        destroy_keys(run, mark, [])
        destroy_opening_keys(run)
    assert [True] * 4 == [path.exists() for path in (*emptied, *zeroed)]
