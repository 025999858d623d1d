"""The opener as a process of its own: it serves, stops when it is told to, and never outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.commands.opener import ALIVE_SECONDS, before, is_alive, start_child
from pipeline.commands.reveal import order_worklists, reveal
from pipeline.commands.route import route
from pipeline.commands.wiring import Run, open_run
from pipeline.store import openings
from pipeline.vocabulary.faults import Refused
from tests.builders.deliveries import Municipality
from tests.builders.openings import TUESDAY, keep, make_municipality_with_opener, report, rows_in, worklist

PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]


@pytest.fixture
def place(tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


@pytest.fixture
def run(place: Municipality) -> Iterator[Run]:
    """A run on a fixed day by the real clock, because the opener's process has no other."""
    with open_run(place.path, TUESDAY) as opened:
        yield opened


def wait_until(is_so: Callable[[], bool], seconds: float = 20) -> bool:
    for _ in range(int(seconds / 0.1)):
        if is_so():
            return True
        time.sleep(0.1)
    return False


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_reveal_starts_an_opener_when_none_runs(
    place: Municipality, run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    """A child serves this run, says that this is practice, and is gone afterwards."""
    keep(run, PAIR)
    outcome = reveal(run, wait_seconds=30)
    assert (1, 2) == (outcome.counts["new"], outcome.counts["worklists"])
    assert Path(outcome.paths["worklist noord"]).is_file()
    assert 1 == len(worklist(place)["cases"])
    assert [] == rows_in(run, "opener_heartbeats")
    assert "oefenmodus" in capfd.readouterr().err


def test_running_opener_is_used_and_stops_on_sigterm(place: Municipality, run: Run) -> None:
    """A service answers without a child being started; SIGTERM ends it with exit 0."""
    keep(run, PAIR)
    command = [sys.executable, "-m", "pipeline.commands.opener", "--home", str(place.path)]
    service = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert wait_until(lambda: is_alive(run.store, run.now))
        assert 1 == reveal(run, wait_seconds=30).counts["new"]
        assert 1 == len(rows_in(run, "opener_heartbeats"))
        service.send_signal(signal.SIGTERM)
        assert 0 == service.wait(15)
    finally:
        service.kill()
        service.wait()
    assert not is_alive(run.store, run.now)


def test_child_ends_with_a_parent_that_is_killed(place: Municipality) -> None:
    """No orphan holds the keys, even after kill -9."""
    script = (
        "import sys, time; from pathlib import Path; from pipeline.commands.opener import start_child\n"
        f"with start_child(Path({str(place.path)!r})) as child:\n"
        "    print(child.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    try:
        assert is_running(child)
        parent.kill()
        parent.wait()
        assert wait_until(lambda: not is_running(child))
    finally:
        if is_running(child):
            os.kill(child, signal.SIGKILL)


def test_opener_killed_in_the_middle_is_followed_by_another(place: Municipality, run: Run) -> None:
    """The order stays filed; the next opener ends where one good run would."""
    keep(run, PAIR)
    route(run)
    order_worklists(run)
    with start_child(place.path) as child:
        child.kill()
        child.wait()
    assert 1 == reveal(run, wait_seconds=30).counts["new"]
    assert 1 == len(rows_in(run, "disclosures"))


def test_an_opener_that_was_killed_unseen_is_not_waited_for(place: Municipality, run: Run) -> None:
    """Its last sign of life is still fresh when the next run begins; a child takes over when it stays silent."""
    keep(run, PAIR)
    openings.beat(run.store, "killed-1", at=before(run.now, seconds=ALIVE_SECONDS - 2), is_practice=True)
    assert is_alive(run.store, run.now)
    assert 1 == reveal(run, wait_seconds=30).counts["new"]


def test_without_opener_and_without_its_keys_reveal_refuses(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may not read the keys is told to start the opener; the order stays for it."""
    monkeypatch.setattr("pipeline.commands.reveal.may_open", lambda _home: False)
    keep(run, PAIR)
    with pytest.raises(Refused) as refusal:
        reveal(run, wait_seconds=0.4)
    assert "OPENER_NOT_RUNNING" == refusal.value.code
    assert "samenloop opener" in refusal.value.next_step
    assert ["filed"] == [row["state"] for row in rows_in(run, "worklist_orders")]


@pytest.mark.parametrize("is_gone", [True, False])
def test_child_that_refuses_ends_the_wait(place: Municipality, run: Run, is_gone: bool) -> None:
    """Without the pinned fingerprint, or one that matches, there is no opener, and nobody waits for it."""
    keep(run, PAIR)
    trust = place.home.opener_keys_dir / "trust.json"
    if is_gone:
        trust.unlink()
    else:
        trust.write_text(trust.read_text().replace("GM9901", "GM9902"))
    with pytest.raises(Refused) as refusal:
        reveal(run, wait_seconds=30)
    assert "OPENER_NOT_RUNNING" == refusal.value.code
