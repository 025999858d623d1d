"""How Airflow is started on one machine: its settings, its processes, and how all of them end.

Each process gets a session of its own. A task leaves its parent's process group but never its session, so stopping
the session leaves nothing behind, which a signal to the parent alone would.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

DAGS = Path(__file__).resolve().parents[3] / "dags"
WRITERS_POOL = "samenloop_writers"
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
GRACE_SECONDS = 8.0


def airflow_environment(airflow_home: Path, homes: Sequence[Path], port: int = 8080) -> dict[str, str]:
    """The settings under which Airflow and the DAGs run; to be laid over the caller's environment."""
    address = f"http://127.0.0.1:{port}"
    airflow_home = airflow_home.resolve()
    return {
        "AIRFLOW_HOME": str(airflow_home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Europe/Amsterdam",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__CORE__AUTH_MANAGER": (
            "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{airflow_home / 'airflow.db'}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(64),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "PYTHONPATH": str(DAGS),
        "PYTHONSAFEPATH": "1",  # a file in the folder where the user stands must not pass for a library
        "SAMENLOOP_HOMES": os.pathsep.join(str(home.resolve()) for home in homes),
        "GX_ANALYTICS_ENABLED": "False",
    }


def airflow_command(*arguments: str) -> list[str]:
    """An Airflow command of this same installation."""
    return [sys.executable, "-m", "airflow", *arguments]


@dataclass(frozen=True)
class Component:
    """One process of Airflow, leader of its own session."""

    name: str
    process: subprocess.Popen[bytes]


def prepare(environment: Mapping[str, str], log: Path, home_count: int) -> None:
    """Make Airflow's own database, and the pool that lets one task at a time write to a municipality.

    Raises:
        subprocess.CalledProcessError: Airflow could not; the log says why.
    """
    slots = ["pools", "set", WRITERS_POOL, str(home_count), "one writer for each municipality"]
    with log.open("ab") as output:
        for arguments in (["db", "migrate"], slots):
            subprocess.run(
                airflow_command(*arguments),
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=True,
            )


@contextmanager
def components(environment: Mapping[str, str], logs: Path) -> Iterator[list[Component]]:
    """All of Airflow's processes; on leaving, every process of their sessions has ended."""
    started: list[Component] = []
    try:
        for name in COMPONENTS:
            with (logs / f"{name}.log").open("ab") as output:
                process = subprocess.Popen(
                    airflow_command(name),
                    env={**os.environ, **environment},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            started.append(Component(name, process))
        yield started
    finally:
        _stop([component.process for component in started])


def _stop(leaders: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask the leaders to end theirs in order, wait, then end what is left of their sessions."""
    sessions = {leader.pid for leader in leaders}
    for leader in leaders:
        with suppress(ProcessLookupError):
            leader.terminate()
    until = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < until and members_of(sessions):
        for leader in leaders:
            leader.poll()
        time.sleep(0.2)
    for member in members_of(sessions):
        with suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)
    for leader in leaders:
        leader.wait()


def members_of(sessions: set[int]) -> set[int]:
    """The living processes of these sessions."""
    listing = subprocess.run(
        ["ps", "-e", "-o", "pid=,sess=,stat="],  # noqa: S607 - ps stands where the system put it
        capture_output=True,
        text=True,
        check=True,
    )
    rows = (line.split() for line in listing.stdout.splitlines())
    return {int(pid) for pid, session, state in rows if int(session) in sessions and not state.startswith("Z")}
