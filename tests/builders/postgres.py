"""A PostgreSQL for the tests: named by the environment, started from installed binaries, or found on loopback.

One of our own comes first: it waits for no disk, and nobody's databases stand beside those of the tests.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_LOOPBACK = (
    "postgresql://postgres@127.0.0.1:5432/postgres",
    "postgresql://postgres:postgres@127.0.0.1:5432/postgres",
)


@contextmanager
def postgres_url() -> Iterator[str | None]:
    """Yield the URL of a server, or None where there is none to be had."""
    named = os.environ.get("SAMENLOOP_TEST_POSTGRES")
    binaries = _binaries()
    if binaries is not None and not named:
        with _started(binaries) as url:
            yield url
        return
    yield next((url for url in ((named,) if named else _LOOPBACK) if _answers(url)), None)


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=3):
            return True
    except psycopg.OperationalError:
        return False


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


@contextmanager
def _started(binaries: Path) -> Iterator[str]:
    """A throw-away cluster on a free port; it refuses to run as root, so root lends it another user."""
    with tempfile.TemporaryDirectory(prefix="samenloop-pg-") as folder:
        user = "postgres" if os.geteuid() == 0 else None
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
        data = f"{folder}/cluster"
        port = _free_port()
        initdb = [str(binaries / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"]
        subprocess.run(initdb, check=True, capture_output=True, user=user)
        control = [str(binaries / "pg_ctl"), "-D", data, "-w", "-l", f"{folder}/log"]
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
        subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True, user=user)
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, user=user)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
