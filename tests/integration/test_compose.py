"""The deployment: valid by the Compose specification, and separated as the decision records promise."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import uuid
import warnings
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import psycopg
import pytest
import sqlalchemy as sa
import yaml

from pipeline.commands.wiring import Home
from pipeline.store import tables
from pipeline.store.connect import Store
from pipeline.vocabulary.faults import Refused
from tests.conftest import IS_CI

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
AIRFLOW = "airflow-"
SECRET = re.compile(r"PASSWORD|SECRET|KEY|TOKEN")
ROLES = ("airflow", "samenloop_flow", "samenloop_opener", "samenloop_migrate", "samenloop")


@pytest.fixture(scope="module")
def deployment() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def sources(service: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Source, target and whether it is read-only, of everything a service mounts."""
    found = []
    for volume in service.get("volumes", []):
        if isinstance(volume, str):
            head, target, *mode = re.sub(r"\$\{[^}]*\}", "", volume).split(":")
            found.append((head, target, mode == ["ro"]))
        else:
            found.append((volume["source"], volume["target"], volume.get("read_only", False)))
    return found


def variables() -> set[str]:
    return set(re.findall(r"\$\{([A-Z_]+)", FILE.read_text(encoding="utf-8")))


def test_it_follows_the_specification(deployment: dict[str, Any]) -> None:
    """The file is valid by the JSON schema of the Compose specification."""
    schema = json.loads((ROOT / "schemas/compose/compose-spec.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(deployment)


def test_the_way_to_a_collector_is_a_file_of_its_own(deployment: dict[str, Any]) -> None:
    """No service can reach out by default; the file that adds a collector gives address and road together."""
    added = yaml.safe_load((ROOT / "deploy/collector.yml").read_text(encoding="utf-8"))
    schema = json.loads((ROOT / "schemas/compose/compose-spec.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(added)
    assert ["airflow-worker"] == list(added["services"])
    assert "SAMENLOOP_OTLP_ENDPOINT" in added["services"]["airflow-worker"]["environment"]
    assert ["flow"] == deployment["services"]["airflow-worker"]["networks"]
    assert {"flow", "collector"} == set(added["services"]["airflow-worker"]["networks"])


def test_docker_compose_reads_it(tmp_path: Path) -> None:
    """Where Docker's own plugin is installed, it resolves the file without a complaint."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker compose is not installed here")
    environment = {**os.environ, **dict.fromkeys(variables(), "x")}
    answer = subprocess.run(
        [docker, "compose", "--file", str(FILE), "config", "--quiet"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (0, "") == (answer.returncode, answer.stderr)


def test_the_opener_may_write_where_it_writes(deployment: dict[str, Any]) -> None:
    """Each folder of the outbox that only the opener fills is mounted for it, and writable."""
    home = Home(Path("/srv/samenloop/home"))
    writable = {target for _, target, read_only in sources(deployment["services"]["opener"]) if not read_only}
    assert {str(path) for path in (home.worklists, home.subjects, home.ddas, home.opener_keys_dir)} == writable


def test_nothing_of_airflow_mounts_the_openers_keys(deployment: dict[str, Any]) -> None:
    """Opening keys are mounted by the opener, and by the ceremony on key days; by no other."""
    mounted = {
        name
        for name, service in deployment["services"].items()
        for source, _, _ in sources(service)
        if source == "opener-keys"
    }
    assert {"opener", "ceremony"} == mounted
    assert deployment["services"]["ceremony"]["profiles"] == ["ceremony"]


def test_the_opener_stands_apart(deployment: dict[str, Any]) -> None:
    """The opener has a user, a database role and a network of its own, and no secret of Airflow."""
    services = deployment["services"]
    opener = services["opener"]
    airflow = {name: service for name, service in services.items() if name.startswith(AIRFLOW)}
    assert opener["user"] not in {service["user"] for service in airflow.values()}
    assert ["store"] == opener["networks"]
    assert {"opener", "postgres"} == {
        name for name, service in services.items() if "store" in service.get("networks", [])
    }
    assert "samenloop_opener:" in opener["environment"]["SAMENLOOP_DATABASE"]
    assert "samenloop_flow:" in airflow["airflow-worker"]["environment"]["SAMENLOOP_DATABASE"]
    assert not [name for name in opener["environment"] if name.startswith("AIRFLOW")]
    assert "OPENER_DB_PASSWORD" not in json.dumps(airflow)


def test_only_the_worker_sees_the_home(deployment: dict[str, Any]) -> None:
    """Of Airflow's services the worker alone writes in the home; the triggerer only looks at the inbox."""
    seen = {
        name: [(target, is_read_only) for _, target, is_read_only in sources(service) if "/srv/" in target]
        for name, service in deployment["services"].items()
        if name.startswith(AIRFLOW)
    }
    assert [("/srv/samenloop/home", False)] == seen.pop("airflow-worker")
    assert [("/srv/samenloop/home/inbox", True)] == seen.pop("airflow-triggerer")
    assert [] == [place for places in seen.values() for place in places]


@pytest.mark.airflow
def test_the_executor_can_be_loaded(deployment: dict[str, Any]) -> None:
    """The executor that the deployment names imports with the pinned packages; celery 5.7 lacks what it needs."""
    name = deployment["services"]["airflow-worker"]["environment"]["AIRFLOW__CORE__EXECUTOR"]
    script = f"from airflow.providers.celery.executors.celery_executor import {name}"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert 0 == answer.returncode, answer.stderr[-400:]


def test_every_service_says_how_it_is(deployment: dict[str, Any]) -> None:
    """Everything that keeps running has a health check."""
    without = {name for name, service in deployment["services"].items() if "healthcheck" not in service}
    assert {"airflow-init", "store-init", "ceremony"} == without


def test_images_are_pinned(deployment: dict[str, Any]) -> None:
    """No image floats: each names a version."""
    for service in deployment["services"].values():
        assert re.search(r":(\d+\.\d+|\$\{SAMENLOOP_VERSION:-\d+\.\d+\.\d+\})", service["image"]), service["image"]


def test_our_own_image_is_built_wherever_it_is_used(deployment: dict[str, Any]) -> None:
    """The image stands in no registry: each service that uses it says how to build it."""
    ours = {
        name: service
        for name, service in deployment["services"].items()
        if service["image"].startswith("samenloop:")
    }
    assert "ceremony" in ours
    assert [] == [name for name, service in ours.items() if "deploy/Dockerfile" not in str(service.get("build"))]
    assert [] == [name for name, service in ours.items() if service.get("pull_policy") != "never"]


def pinned(lock: str) -> dict[str, str]:
    """Package and version of each line that pins one."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", text, re.MULTILINE))


def test_the_image_holds_what_was_tested_and_no_tools_of_the_tests() -> None:
    """Each of its packages has the version that the tests ran with, and what only tests need is not in it."""
    image, tested = pinned("requirements-image.lock"), pinned("requirements.lock")
    assert "--requirement requirements-image.lock" in (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    assert {} == {name: version for name, version in image.items() if tested.get(name) != version}
    assert {"pytest", "hypothesis", "playwright", "uv", "mypy"} <= set(tested) - set(image)
    assert {"apache-airflow", "cryptography", "polars", "duckdb", "setuptools"} <= set(image)


def test_no_secret_has_a_default() -> None:
    """A secret that was not filled in stops the start with what to do; none comes from this file."""
    text = FILE.read_text(encoding="utf-8")
    for name, rest in re.findall(r"\$\{([A-Z_]+)(:?[-?][^}]*)?\}", text):
        if SECRET.search(name):
            assert rest.startswith(":?fill in"), name
    example = (ROOT / "deploy/env.example").read_text(encoding="utf-8")
    asked = set(re.findall(r"^([A-Z_]+)=$", example, re.MULTILINE))
    assert variables() - {"SAMENLOOP_VERSION"} == asked


def work_as(address: str) -> None:
    """What steps and opener both do: write rows with a journal line, and stage a frame."""
    store = Store.open(address, schema="gm9901")
    with store.writer_lock("test"), store.staged(pl.DataFrame({"month": ["2026-10"]})) as staged:
        assert ["2026-10"] == [row["month"] for row in store.all(sa.select(staged.c.month))]
        with store.transaction("test", at="2026-11-03T06:00:00Z", actor="test") as transaction:
            mark = {"month": "2026-10", "changed_revision": 1, "matched_revision": 0}
            transaction.upsert(tables.month_marks, mark)
            transaction.process("admit", [("p", "m", "s")], cause="test")
            transaction.journal("test", "object")
    store.close()


def the_journal_only_grows(opener: str, flow: str) -> None:
    """Nobody changes a line or empties the table; the steps can neither delete a line nor seal one."""
    denied = [(address, "UPDATE journal SET actor = 'x'") for address in (opener, flow)]
    denied += [(address, "TRUNCATE journal") for address in (opener, flow)]
    denied += [(address, "ALTER TABLE journal DISABLE TRIGGER USER") for address in (opener, flow)]
    denied += [(flow, "DELETE FROM journal"), (flow, "INSERT INTO journal_seals SELECT * FROM journal_seals")]
    denied += [(flow, "UPDATE subject_requests SET state = 'done'"), (opener, "DELETE FROM processings")]
    for address, statement in denied:
        with opened(address) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)
    with opened(opener) as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute("DELETE FROM journal")


def opened(address: str) -> psycopg.Connection[Any]:
    return psycopg.connect(address, options="-csearch_path=gm9901")


@pytest.mark.postgres
def test_both_roles_share_one_store(postgres_server: str) -> None:
    """The steps' role and the opener's role open the same tables, and cannot reach Airflow's own."""
    if shutil.which("psql") is None:
        message = "NO PSQL: nobody looked at the rights of the roles. Install postgresql-client."
        if IS_CI:
            pytest.fail(message)
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)
    mark = uuid.uuid4().hex[:8]
    script = (ROOT / "deploy/roles.sql").read_text(encoding="utf-8")
    for name in ROLES[:4]:
        script = re.sub(rf"\b{name}\b(?!_)", f"{name}_{mark}", script)
    script = re.sub(r"\bsamenloop\b(?!_)", f"samenloop_{mark}", script)
    settings = [f"{name}_password={name}pw" for name in ("airflow", "migrate", "flow", "opener")]
    base = postgres_server.rsplit("/", 1)[0]
    try:
        subprocess.run(
            ["psql", postgres_server, "-q", "-v", "ON_ERROR_STOP=1"]
            + [word for pair in settings for word in ("-v", pair)],
            input=script,
            text=True,
            check=True,
            capture_output=True,
        )
        host = re.sub(r"//[^/]*@", "//", base).split("//")[1] or "127.0.0.1"
        addresses = [
            f"postgresql://samenloop_{role}_{mark}:{role}pw@{host}/samenloop_{mark}"
            for role in ("opener", "flow", "migrate")
        ]
        for address in addresses[:2]:
            with pytest.raises(Refused, match="DATABASE_OLDER"):
                Store.open(address, schema="gm9901")
        Store.open(addresses[2], schema="gm9901").close()
        for address in (*addresses[:2], *reversed(addresses[:2])):
            work_as(address)
        the_journal_only_grows(*addresses[:2])
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(addresses[0].replace(f"/samenloop_{mark}", f"/airflow_{mark}"))
    finally:
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            for database in (f"airflow_{mark}", f"samenloop_{mark}"):
                connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            for role in (
                f"airflow_{mark}",
                f"samenloop_flow_{mark}",
                f"samenloop_opener_{mark}",
                f"samenloop_migrate_{mark}",
                f"samenloop_{mark}",
            ):
                connection.execute(f'DROP ROLE IF EXISTS "{role}"')
