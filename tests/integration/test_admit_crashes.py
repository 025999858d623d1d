"""A crash at any step, and two schedulers at once: run again, and everything is as if nothing had happened."""

from __future__ import annotations

import json
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from pipeline.channels import folder
from pipeline.commands import admit as admit_module
from pipeline.commands.admit import admit, admit_delivery
from pipeline.commands.at_the_inbox import delivery_judging
from pipeline.commands.at_the_inbox import delivery_keeping as keeping
from pipeline.commands.deliveries import release
from pipeline.pseudonymous import accept_delivery, parse_rows
from pipeline.pseudonymous.check_signals import WholeVerdict
from pipeline.store import deliveries as ledger
from pipeline.store import tables
from pipeline.vocabulary.frames import TOKEN_COLUMNS
from tests.builders.deliveries import Municipality, make_delivery, make_municipality, rows_of

HELD_ROWS = 6
HELD_LINE = (
    "Meer dan 5 keer zo veel rijen als anders: 6 rijen; gebruikelijk zijn er 1 (mediaan van 1 eerdere maand)."
)


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


@dataclass
class Fuse:
    """Lets a function be called so many times and then ends the process, before or after the call."""

    left: int
    is_after: bool

    def on(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        real: Callable[..., Any] = getattr(owner, name)

        def guarded(*arguments: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left == 0 and not self.is_after:
                raise Killed
            result = real(*arguments, **options)
            if self.left == 0:
                raise Killed
            return result

        monkeypatch.setattr(owner, name, guarded)


CHECKPOINTS = [
    (ledger, "_change_signals"),
    (ledger, "_raise_mark"),
    (ledger, "write_decision"),
    (keeping, "write_receipt"),
    (folder, "write_file"),
    (folder, "move"),
    (folder, "remove"),
    (keeping, "drop"),
]


def fill(municipality: Municipality) -> None:
    """One of each outcome: admitted, a correction on it, refused, held."""
    make_delivery(municipality, "water-a", month="2026-09", rows=rows_of(1, "sep"))
    make_delivery(municipality, "water-a", rows=rows_of(HELD_ROWS, "okt"))
    make_delivery(municipality, rows=rows_of(3))
    make_delivery(municipality, sequence=2, kind="correction", rows=rows_of(1))
    make_delivery(municipality, sequence=3, signed_by="signing/water-a")
    (municipality.inbox / "lijst.zip").write_bytes(b"x")


def state_of(municipality: Municipality) -> dict[str, Any]:
    """Everything that must be the same, without instants and without names made of inode numbers."""
    with municipality.run() as run:
        decisions = run.store.all(sa.select(tables.deliveries))
        signals = run.store.all(sa.select(tables.signals))
        journal = run.store.all(sa.select(tables.journal))
        marks = run.store.all(sa.select(tables.month_marks))
    names = ("delivery_id", "state", "response_code", "admitted_count", "refused_count", "warnings")
    kept = ("partner_id", "month", "sequence", "signal_id", "is_current", *TOKEN_COLUMNS)
    home = municipality.home
    return {
        "ledger": sorted(repr([row[name] for name in names]) for row in decisions),
        "signals": sorted(repr([row[name] for name in kept]) for row in signals),
        "journal": sorted((row["action"], row["object"], row["result"]) for row in journal),
        "marks": sorted((row["month"], row["changed_revision"]) for row in marks),
        "inbox": sorted(path.name for path in municipality.inbox.iterdir()),
        "quarantine": sorted(
            (place.name.partition("__")[0], *sorted(path.name for path in place.iterdir()))
            for place in home.quarantine.iterdir()
        ),
        "receipts": sorted(
            (path.parent.name, json.loads(path.read_text())["response_code"])
            for path in home.receipts.glob("*/receipt.json")
        ),
    }


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Municipality:
    municipality = make_municipality(tmp_path_factory.mktemp("filled"))
    fill(municipality)
    return municipality


def copy_of(filled: Municipality, place: Path) -> Municipality:
    shutil.copytree(filled.path, place / "home", symlinks=True)
    return Municipality(place / "home", filled.agreement, filled.directory)


@pytest.fixture(scope="module")
def undisturbed(filled: Municipality, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    municipality = copy_of(filled, tmp_path_factory.mktemp("undisturbed"))
    with municipality.run() as run:
        counts = admit(run).counts
    assert {"admitted": 3, "warned": 0, "held": 1, "refused": 2, "repeated": 0, "waiting": 0} == counts
    return state_of(municipality)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judging, proven elsewhere, without its child process and without Great Expectations."""

    def read(raw: bytes, schema: Any, row_count: int) -> pl.DataFrame:
        columns = {name: str(kind) for name, kind in schema.items()}
        frame: pl.DataFrame = parse_rows.parse(raw, columns, row_count, row_count)[1]
        return frame

    def whole(rows: pl.DataFrame, *_arguments: Any) -> WholeVerdict:
        is_held = rows.height == HELD_ROWS
        return WholeVerdict("held", (HELD_LINE,)) if is_held else WholeVerdict("admitted", ())

    monkeypatch.setattr(accept_delivery, "read_rows", read)
    monkeypatch.setattr(delivery_judging, "judge_whole", whole)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("owner", "name"), CHECKPOINTS, ids=[name for _, name in CHECKPOINTS])
def test_after_a_crash_running_again_ends_in_the_undisturbed_state(
    filled: Municipality,
    undisturbed: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
) -> None:
    """Before and after a step, for several of its calls: no row twice, no journal line twice, nothing left."""
    for is_after in (False, True):
        for call in (1, 3):
            place = tmp_path / f"{is_after}-{call}"
            municipality = copy_of(filled, place)
            with monkeypatch.context() as patched, municipality.run() as run:
                Fuse(call, is_after).on(patched, owner, name)
                with pytest.raises(Killed):
                    admit(run)
            with municipality.run() as run:
                admit(run)
            assert undisturbed == state_of(municipality), (is_after, call)


@pytest.mark.usefixtures("quick")
def test_a_reason_that_was_cut_off_leaves_no_second_folder(
    filled: Municipality, undisturbed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while the reason was written, the delivery goes to the same folder, and no part stays behind."""
    municipality = copy_of(filled, tmp_path)
    real = folder.write_file

    def cut_off(path: Path, content: bytes) -> None:
        if path.name == keeping.REASON_FILE:
            folder.part_of(path).write_bytes(content[:9])
            raise Killed
        real(path, content)

    with monkeypatch.context() as patched, municipality.run() as run:
        patched.setattr(folder, "write_file", cut_off)
        with pytest.raises(Killed):
            admit(run)
    with municipality.run() as run:
        admit(run)
    assert undisturbed == state_of(municipality)


@pytest.mark.parametrize("name", ["write_receipt", "drop"])
def test_a_release_that_crashed_is_finished_by_releasing_again(
    filled: Municipality, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Released means released, receipt and quarantine included, however often it is asked."""
    municipality = copy_of(filled, tmp_path)
    held = "water-a_2026-10_0001"
    with municipality.run() as run:
        admit(run)
        with monkeypatch.context() as patched:
            Fuse(1, is_after=False).on(patched, keeping, name)
            with pytest.raises(Killed):
                release(run, held)
        release(run, held)
    assert "released" == municipality.receipt(held)["state"]
    assert not any(name.startswith(held) for name in municipality.quarantined())
    with municipality.run() as run:
        lines = run.store.all(sa.select(tables.journal).where(tables.journal.c.action == "release_delivery"))
    assert 1 == len(lines)


def test_two_schedulers_at_once_admit_everything_once(tmp_path: Path, database: str) -> None:
    """Each delivery is decided on once; whoever comes second finds it done or gone."""
    municipality = make_municipality(tmp_path)
    fill(municipality)
    with municipality.run():
        pass
    start = threading.Barrier(2)
    counts: list[Counter[str]] = []

    def serve() -> None:
        with municipality.run() as run:
            start.wait()
            counts.append(Counter(admit(run).counts))

    threads = [threading.Thread(target=serve) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 2 == len(counts)
    done = counts[0] + counts[1]
    assert (4, 2, 0) == (done["admitted"] + done["warned"] + done["held"], done["refused"], done["waiting"])
    state = state_of(municipality)
    assert len(state["journal"]) == len(set(state["journal"])) == 6
    assert [] == state["inbox"]


def test_a_bug_in_one_delivery_is_loud_and_stops_no_other(
    filled: Municipality, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All others are served first; the delivery that met the bug stays in the inbox."""
    municipality = copy_of(filled, tmp_path)
    real = admit_module.judge

    def with_bug(run: Any, arrival: Any) -> Any:
        if arrival.handle == "huur-a_2026-10_0001":
            raise ZeroDivisionError
        return real(run, arrival)

    monkeypatch.setattr(admit_module, "judge", with_bug)
    with municipality.run() as run:
        with pytest.raises(ZeroDivisionError):
            admit(run)
        assert ["huur-a_2026-10_0001"] == [path.name for path in municipality.inbox.iterdir()]
        assert 5 == len(run.store.all(sa.select(tables.deliveries)))


def test_what_left_meanwhile_is_no_error(filled: Municipality, tmp_path: Path) -> None:
    """A retried task finds its delivery gone and says so."""
    municipality = copy_of(filled, tmp_path)
    with municipality.run() as run:
        admit(run)
        outcome = admit_delivery(run, "huur-a_2026-10_0001")
    assert (0, 0) == (sum(outcome.counts.values()), outcome.exit_code)
