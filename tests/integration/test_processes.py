"""What was started is stopped: no process of a session is left, whatever it did to its group."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.commands.practising import airflow_processes
from pipeline.commands.practising.airflow_processes import airflow_environment, members_of

# A parent that ignores SIGTERM, with a child that has left the process group, as an Airflow task does.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], preexec_fn=lambda: os.setpgid(0, 0))
print("ready", flush=True)
time.sleep(600)
"""


def test_a_child_that_left_its_group_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the stop no process of the session lives, though one ignores the request and one left the group."""
    monkeypatch.setattr(airflow_processes, "GRACE_SECONDS", 0.5)
    leader = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True)
    assert leader.stdout is not None
    leader.stdout.readline()
    assert 2 == len(members_of({leader.pid}))
    airflow_processes._stop([leader])
    until = time.monotonic() + 5
    while members_of({leader.pid}) and time.monotonic() < until:
        time.sleep(0.05)
    assert set() == members_of({leader.pid})


def test_airflow_listens_on_this_machine_only(tmp_path: Path) -> None:
    """No password is asked, so nobody else may reach it; and nothing reads the examples or forks 32 workers."""
    settings = airflow_environment(tmp_path, [tmp_path / "a", tmp_path / "b"], 8795)
    assert "127.0.0.1" == settings["AIRFLOW__API__HOST"]
    assert "http://127.0.0.1:8795/execution/" == settings["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"]
    assert "8795" == settings["AIRFLOW__API__PORT"]
    assert 64 <= len(settings["AIRFLOW__API_AUTH__JWT_SECRET"])
    assert ("False", "4") == (settings["AIRFLOW__CORE__LOAD_EXAMPLES"], settings["AIRFLOW__CORE__PARALLELISM"])
    assert f"{tmp_path / 'a'}:{tmp_path / 'b'}" == settings["SAMENLOOP_HOMES"]
