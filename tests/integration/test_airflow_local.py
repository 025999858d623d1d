"""`samenloop airflow`: Airflow and the opener start, a dropped delivery becomes a worklist, all ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.commands.practising.airflow_processes import members_of

pytestmark = pytest.mark.airflow

READY_SECONDS, WORKLIST_SECONDS, STOP_SECONDS = 240, 300, 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_with(mark: str) -> dict[int, str]:
    """Living processes whose environment holds a text, as only what we started has it."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            environment = (place / "environ").read_bytes()
            state = (place / "stat").read_text().rpartition(")")[2].split()[0]
            command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if mark.encode() in environment and state != "Z":
            found[int(place.name)] = command
    return found


def children_of(parent: int) -> set[int]:
    listing = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in listing.splitlines())
    return {int(pid) for pid, above in rows if int(above) == parent}


@pytest.fixture
def started(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    environment |= {
        "SAMENLOOP_HOME": str(tmp_path),
        "SAMENLOOP_TEST_MARK": str(tmp_path),
        "SAMENLOOP_INBOX_SECONDS": "1",
    }
    process = subprocess.Popen(
        [
            Path(sys.executable).with_name("samenloop"),
            "airflow",
            "--port",
            str(free_port()),
            "--households",
            "200",
        ],
        env=environment,
        cwd=tmp_path,
        stderr=(tmp_path / "talk").open("w"),
        text=True,
    )
    yield process
    if process.poll() is None:
        process.terminate()
        process.wait(STOP_SECONDS)
    for left in processes_with(str(tmp_path)):
        os.kill(left, signal.SIGKILL)


def wait_for(what: str, seconds: float, process: subprocess.Popen[str], is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert process.poll() is None, f"ended before {what}"
        assert time.monotonic() < until, f"no {what} after {seconds} s"
        time.sleep(1)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="counts processes in /proc")
def test_a_dropped_delivery_becomes_a_worklist_and_nothing_stays_behind(
    started: subprocess.Popen[str], tmp_path: Path
) -> None:
    """Start, drop, worklist, stop: without a hand, on whatever day this test runs; then nobody is left."""
    talk = tmp_path / "talk"
    wait_for("Airflow", READY_SECONDS, started, lambda: "Airflow is ready" in talk.read_text())
    sessions = {os.getsid(child) for child in children_of(started.pid)} - {os.getsid(0)}
    assert 4 == len(sessions)
    [region] = tmp_path.glob("practice-*")
    for delivery in region.glob("sealed/*"):
        shutil.copytree(delivery, region / "municipality" / "inbox" / "deliveries" / delivery.name)
    lists = region / "municipality" / "outbox" / "worklists"
    wait_for("worklist", WORKLIST_SECONDS, started, lambda: any(lists.glob("*/*/werklijst.html")))
    started.send_signal(signal.SIGTERM)
    assert 0 == started.wait(STOP_SECONDS)
    assert {} == processes_with(str(tmp_path))
    assert set() == members_of(sessions)  # some rename themselves, and lose their environment with it
