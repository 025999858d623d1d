"""What Airflow makes of the DAG files."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.dags.conftest import DAGS

pytestmark = pytest.mark.airflow

MOST_SECONDS = 5.0
HEAVY = ("polars", "duckdb", "great_expectations", "pandas", "pipeline.commands.wiring")
WRITING_TASKS = {
    "admit_deliveries.admit",
    "match_signals.match",
    "reveal_cases.one_municipality.route",
    "reveal_cases.one_municipality.order_worklists",
    "settle_outcomes.settle",
    "review_matches.one_case.keep_answer",
    "publish_analytics.one_municipality.publish",
    "publish_analytics.one_municipality.report",
    "retire_records.retire",
}


@pytest.fixture(scope="module")
def dags() -> dict[str, Any]:
    from airflow.dag_processing.dagbag import DagBag

    start = time.monotonic()
    bag = DagBag(str(DAGS))
    assert {} == bag.import_errors
    assert time.monotonic() - start < MOST_SECONDS
    return dict(bag.dags)


def test_airflow_finds_the_seven(dags: dict[str, Any]) -> None:
    """Six DAGs of the flow and the steward's, no import error; nothing that they share is taken for a DAG."""
    assert {
        "admit_deliveries",
        "match_signals",
        "publish_analytics",
        "retire_records",
        "reveal_cases",
        "review_matches",
        "settle_outcomes",
    } == set(dags)


def test_the_steward_reads_of_each_dag(dags: dict[str, Any]) -> None:
    """The table of the deployment page lists every DAG that there is, so that none is left paused."""
    page = (Path(__file__).resolve().parents[2] / "docs/deployment.md").read_text(encoding="utf-8")
    assert set(dags) == set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE))


def test_parsing_loads_no_library_of_ours() -> None:
    """A DAG file is parsed for every task: parsing loads neither frames, nor checks, nor the store."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "import admit_deliveries, match_signals, reveal_cases; "
        "import settle_outcomes, publish_analytics, retire_records, review_matches; "
        "sys.exit(' '.join(name for name in sys.argv[2:] if name in sys.modules))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, str(DAGS), *HEAVY], capture_output=True, text=True, check=False
    )
    assert "" == answer.stderr.strip()


def test_one_chain_of_assets(dags: dict[str, Any]) -> None:
    """Admission wakes matching, worklists and outcomes wake the figures; nothing else hangs loose."""
    wakes = {
        dag_id: sorted({asset.name for task in dag.tasks for asset in task.outlets})
        for dag_id, dag in dags.items()
    }
    assert {
        "admit_deliveries": ["samenloop_signals"],
        "match_signals": ["samenloop_cases"],
        "reveal_cases": ["samenloop_worklists"],
        "settle_outcomes": ["samenloop_outcomes"],
        "publish_analytics": [],
        "retire_records": [],
        "review_matches": [],
    } == wakes


def test_tasks_that_write_are_in_the_pool(dags: dict[str, Any]) -> None:
    """One writer for each municipality: every task that writes takes a slot of the pool."""
    pooled = {
        f"{dag_id}.{task.task_id}"
        for dag_id, dag in dags.items()
        for task in dag.tasks
        if task.pool == "samenloop_writers"
    }
    assert WRITING_TASKS == pooled


def test_tasks_try_again_with_growing_pauses(dags: dict[str, Any]) -> None:
    """Every task is retried, later each time."""
    for dag in dags.values():
        for task in dag.tasks:
            assert task.retries >= 1, task.task_id
            assert task.retry_exponential_backoff, task.task_id


def test_schedules_are_in_dutch_time(dags: dict[str, Any]) -> None:
    """Six o'clock is six o'clock in the Netherlands, in summer and in winter."""
    for dag_id, dag in dags.items():
        clock = getattr(dag.timetable, "timetable", dag.timetable)
        assert "Europe/Amsterdam" in str(clock.timezone), dag_id


def test_two_deadlines_call_somebody(dags: dict[str, Any]) -> None:
    """A partner that does not deliver and a worklist that is late are noticed by the clock, not by a person."""
    paths = {dag_id: [alert.callback.path for alert in dag.deadline or []] for dag_id, dag in dags.items()}
    assert ["samenloop_alarms.partners_are_late"] == paths["admit_deliveries"]
    assert ["samenloop_alarms.worklists_are_late"] == paths["reveal_cases"]
