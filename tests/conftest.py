"""What all tests share: a clean environment, and the two databases on which the same tests run."""

from __future__ import annotations

import gc
import os
import uuid
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from tests.builders.browser import chromium_path
from tests.builders.compiled import compile_once
from tests.builders.kept import Begin, KeptMunicipalities
from tests.builders.postgres import postgres_url

# Before anything can import them: no calls home, no bars, no examples.
os.environ["GX_ANALYTICS_ENABLED"] = "False"
for name in ("SAMENLOOP_HOME", "SAMENLOOP_HOMES", "SAMENLOOP_DATABASE", "SAMENLOOP_REVEAL_ON"):
    os.environ.pop(name, None)

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")
compile_once()

# Files that take a minute or more, the longest first: begun last, one of them would keep one worker busy alone.
LONGEST_FIRST = (
    "integration/test_airflow_local.py",
    "simulation/test_faults.py",
    "integration/test_year.py",
    "integration/test_demo.py",
    "docs/test_guides.py",
    "docs/test_runbook.py",
    "dags/test_run_dags.py",
    "simulation/test_model.py",
    "privacy/",
    "integration/test_practice_matching.py",
    "property/",
)

IS_CI = os.environ.get("SAMENLOOP_CI") == "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest in front; `make test` hands files out in this order."""

    def place(item: pytest.Item) -> int:
        name = item.path.relative_to(Path(__file__).parent).as_posix()
        return next((at for at, start in enumerate(LONGEST_FIRST) if name.startswith(start)), len(LONGEST_FIRST))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Let the collector of garbage leave what was loaded, which stays to the end: a sixteenth of the time."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let it see all again at the end, or a library says that we leak what it holds."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL: the one that is named, one started from installed binaries, or one on loopback.

    Without any the tests that need it are skipped loudly, and fail where SAMENLOOP_CI=1.
    """
    with postgres_url() as url:
        if url is None:
            message = "NO POSTGRESQL: these tests did not run. Set SAMENLOOP_TEST_POSTGRES, or install postgresql."
            if IS_CI:
                pytest.fail(message)
            warnings.warn(message, stacklevel=1)
            pytest.skip(message)
        yield url


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of an installed Chromium.

    Without one the tests that look at pages are skipped loudly, and fail where SAMENLOOP_CI=1.
    """
    path = chromium_path()
    if path is None:
        message = (
            "NO CHROMIUM: nobody looked at the worklist page. Install chromium, or set SAMENLOOP_TEST_CHROMIUM."
        )
        if IS_CI:
            pytest.fail(message)
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)
    return path


@contextmanager
def _made_database(server: str, template: str = "template1") -> Iterator[str]:
    """URL of a database of its own, copied from another and dropped in the end.

    A commit does not wait for the disk, whoever's server it is: a test kills clients, never the server.
    """
    name = f"samenloop_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    base = server.rsplit("/", 1)[0]
    try:
        yield f"{base}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgres_database(postgres_server: str) -> Iterator[str]:
    """URL of an empty database of this test's own."""
    with _made_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: str) -> Iterator[str]:
    """Name of a database in which the migrations have run once: to copy it costs a third of running them again."""
    from pipeline.store.connect import Store
    from tests.builders.deliveries import GEMEENTE

    with _made_database(postgres_server) as url:
        Store.open(url, GEMEENTE.lower()).close()
        yield url.rsplit("/", 1)[1]


@pytest.fixture
def postgres_with_tables(postgres_server: str, postgres_tables: str) -> Iterator[str]:
    """URL of a database of this test's own, with the tables of the practice municipality and no row."""
    with _made_database(postgres_server, postgres_tables) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both databases in turn; the environment points commands at it. Returns the URL."""
    if request.param == "sqlite":
        from tests.builders.tables import put_tables

        put_tables(tmp_path / "samenloop.db")
        return f"sqlite:///{tmp_path / 'samenloop.db'}"
    url: str = request.getfixturevalue("postgres_with_tables")
    monkeypatch.setenv("SAMENLOOP_DATABASE", url)
    return url


@pytest.fixture(scope="module")
def kept_municipalities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptMunicipalities]:
    """What the tests of a file begin from, made once."""
    with ExitStack() as databases:
        yield KeptMunicipalities(tmp_path_factory.mktemp("kept"), databases)


@pytest.fixture
def begin_here(tmp_path: Path, kept_municipalities: KeptMunicipalities) -> Begin:
    """As `begin`, on the file of a home alone."""
    return partial(kept_municipalities.copy, tmp_path, None)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def begin(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kept_municipalities: KeptMunicipalities,
) -> Iterator[Begin]:
    """`begin(make, ...)` copies what `make(path, ...)` made once for this file; both databases in turn."""
    with ExitStack() as databases:
        if request.param == "sqlite":
            yield request.getfixturevalue("begin_here")
            return
        server, template = (request.getfixturevalue(name) for name in ("postgres_server", "postgres_tables"))

        def copied(origin: str | None, stack: ExitStack | None = None) -> str:
            url = (stack or databases).enter_context(_made_database(server, origin or template))
            monkeypatch.setenv("SAMENLOOP_DATABASE", url)
            return url.rsplit("/", 1)[1]

        yield partial(kept_municipalities.copy, tmp_path, copied)
