"""The demo as a stranger runs it: through real Airflow, once, and what came of it held against the references."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.commands.demo import DAY, MONTH
from pipeline.commands.practising.practice_region import MARK
from pipeline.commands.wiring import Run, open_run
from pipeline.store import cases as store_cases
from pipeline.store import tables
from pipeline.vocabulary.agreement import version_for
from tests.privacy.leaks import leaking_files, shown_clients, values_by_client
from tests.reference import naive_match

pytestmark = pytest.mark.airflow

HOUSEHOLDS, SEED = 600, 11


def samenloop(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, without this test's settings of Airflow."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    program = Path(sys.executable).with_name("samenloop")
    return subprocess.run(
        [str(program), *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "region"


@pytest.fixture(scope="module")
def answer(region: Path) -> dict[str, Any]:
    """What `samenloop demo --json` printed."""
    done = samenloop(
        "demo",
        "--dir",
        str(region),
        "--households",
        str(HOUSEHOLDS),
        "--seed",
        str(SEED),
        "--json",
        cwd=region.parent,
    )
    assert 0 == done.returncode, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def home(region: Path, answer: dict[str, Any]) -> Path:
    return region / "municipality"


def signals_of(run: Run) -> list[dict[str, Any]]:
    agreement = version_for(run.agreements, MONTH)
    assert agreement is not None
    return store_cases.effective_signals(
        run.store, MONTH, [partner.partner_id for partner in agreement.partners]
    ).to_dicts()


def proposed_in_the_store(run: Run) -> dict[str, naive_match.Case]:
    with run.store.transaction("look", at=run.now, actor="test") as transaction:
        rows = store_cases.cases_of_month(transaction, MONTH)
    return {row["case_id"]: (row["lane"], row["evidence"], row["signals"]) for row in rows}


def test_every_path_that_is_printed_is_there(answer: dict[str, Any]) -> None:
    """Worklists, receipts, quarantine, figures, reports and the log of Airflow are where the demo says."""
    assert {"worklists", "receipts", "quarantine", "analytics", "reports", "log"} == set(answer["paths"])
    assert [] == [name for name, path in answer["paths"].items() if not Path(path).exists()]


def test_what_was_staged_was_refused_and_nothing_else(answer: dict[str, Any], home: Path) -> None:
    """Six partners are served on the morning on which a changed delivery and a stranger's are refused."""
    with open_run(home, DAY) as run:
        rows = run.store.all(sa.select(tables.deliveries))
    refused = {row["delivery_id"]: row["fault_code"] for row in rows if row["state"] == "refused"}
    assert {
        "water-wellerbron_2026-10_0002": "CHECKSUM_ERROR",
        "kamerverhuur-zonder-afspraak_2026-10_0001": "PARTNER_UNKNOWN",
    } == refused
    assert 6 == len(rows) - len(refused) == answer["counts"]["admitted"]
    receipts = {path.parent.name for path in (home / "outbox" / "receipts").glob("*/receipt.json")}
    assert {row["delivery_id"] for row in rows} == receipts


def test_the_cases_are_those_of_the_reference(home: Path) -> None:
    """What is proposed equals what the naive matcher finds in the same signals, and it is not nothing."""
    with open_run(home, DAY) as run:
        rule = run.agreement.rule
        expected = naive_match.match(signals_of(run), rule.min_partners, rule.min_months, rule.match_on)
        found = proposed_in_the_store(run)
    assert expected
    assert expected == set(found.values())
    assert len(expected) == len(found)


def test_exactly_the_proposed_cases_were_opened(answer: dict[str, Any], home: Path) -> None:
    """A contact was opened for each proposed case and for no other; a list holds only what was confirmed."""
    with open_run(home, DAY) as run:
        requests = run.store.all(sa.select(tables.opening_requests))
        disclosed = {row["case_id"] for row in run.store.all(sa.select(tables.disclosures))}
        proposed = set(proposed_in_the_store(run))
    assert proposed == {row["case_id"] for row in requests}
    assert {"answered"} == {row["state"] for row in requests}
    assert {row["case_id"] for row in requests if row["verdict"] == "confirmed"} == disclosed
    on_lists = [
        case["case_id"]
        for page in (home / "outbox" / "worklists").glob(f"*/{DAY}/werklijst.json")
        for case in json.loads(page.read_text(encoding="utf-8"))["cases"]
    ]
    assert disclosed == set(on_lists)
    assert len(disclosed) == len(on_lists) == answer["counts"]["confirmed"]


def test_a_folder_that_is_not_a_demo_is_left_alone(region: Path, home: Path) -> None:
    """Another folder is refused whole, with exit 2; nothing in it is touched. A demo's own folder has a mark."""
    mine = region.parent / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("keep", encoding="utf-8")
    done = samenloop("demo", "--dir", str(mine), cwd=region.parent)
    assert 2 == done.returncode
    assert "FOLDER_NOT_EMPTY" in done.stderr
    assert ["letter.txt"] == [path.name for path in mine.iterdir()]
    assert (region / MARK).is_file()


def test_the_day_is_fixed() -> None:
    """The demo is the same on every day of the year: it works for a Tuesday in November 2026."""
    assert (date(2026, 11, 3), "2026-10") == (DAY, MONTH)


def test_nobody_can_be_found_outside_the_worklists(region: Path, home: Path) -> None:
    """No client number, e-mail, phone or unique name stands in store, logs, Airflow's database or receipts, in
    quarantine, analytics or reports, nor in a disguise (capitals, no diacritics, hex, base64)."""
    values = set().union(*values_by_client(region).values())
    assert len(values) > 100
    assert [] == leaking_files(values, home, region / "airflow", leave_out=home / "outbox" / "worklists")


def test_a_worklist_holds_nobody_but_the_revealed(region: Path, home: Path) -> None:
    """On pages and in sheets stand the people of revealed cases, and no unique value of anybody else."""
    shown = shown_clients(region, home)
    values = values_by_client(region)
    worklists = home / "outbox" / "worklists"
    assert leaking_files(set().union(*(mine for client, mine in values.items() if client in shown)), worklists)
    assert [] == leaking_files(
        set().union(*(mine for client, mine in values.items() if client not in shown)), worklists
    )
