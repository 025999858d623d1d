"""Runs the six DAGs once, in order, in this process: for the demo and for tests, without a scheduler.

`python samenloop_rehearsal.py DAY` prints one JSON object a line: what starts, what ended and how. Deadlines are a
scheduler's work and are left out here.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pendulum

ORDER = (
    "admit_deliveries",
    "settle_outcomes",
    "match_signals",
    "reveal_cases",
    "publish_analytics",
    "retire_records",
)
FOLDER = Path(__file__).resolve().parent
MORNING_HOUR = 6


def run_dags(day: date, dag_ids: Sequence[str], say: Callable[[dict[str, Any]], None]) -> bool:
    """Run DAGs for one day and tell about every task. Returns whether no task failed."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.listeners import hookimpl
    from airflow.sdk.listener import get_listener_manager
    from airflow.utils.db import initdb

    class Told:
        """Passes on what Airflow tells about a task."""

        @hookimpl
        def on_task_instance_running(self, previous_state: Any, task_instance: Any) -> None:  # noqa: ARG002
            say({"event": "task", "dag": task_instance.dag_id, "task": task_instance.task_id})

    initdb()
    bag = DagBag(str(FOLDER))
    if bag.import_errors:
        say({"event": "error", "files": sorted(Path(name).name for name in bag.import_errors)})
        return False
    told = Told()
    get_listener_manager().add_listener(told)
    try:
        outcomes = [_run_dag(bag.dags[dag_id], day, say) for dag_id in dag_ids]
        return all(outcomes)
    finally:
        get_listener_manager().pm.unregister(told)


def _run_dag(dag: Any, day: date, say: Callable[[dict[str, Any]], None]) -> bool:
    """One DAG, whole; a later one runs even when this one failed, as in the morning. Nothing is tried again."""
    say({"event": "dag", "dag": dag.dag_id})
    dag.deadline = None
    for task in dag.tasks:
        task.retries = 0
    moment = pendulum.datetime(day.year, day.month, day.day, MORNING_HOUR, tz="Europe/Amsterdam")
    run = dag.test(logical_date=moment)
    states = [str(instance.state) for instance in run.get_task_instances()]
    counts = {state: states.count(state) for state in sorted(set(states))}
    is_good = not {"failed", "upstream_failed"} & set(states)
    say({"event": "done", "dag": dag.dag_id, "state": str(run.state), "tasks": counts, "is_good": is_good})
    return is_good


def main() -> None:
    """Say what happens on the channel that the caller kept; everything else Airflow prints goes to its log."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(event: dict[str, Any]) -> None:
        channel.write(json.dumps(event) + "\n")
        channel.flush()

    sys.exit(0 if run_dags(date.fromisoformat(sys.argv[1]), ORDER, say) else 1)


if __name__ == "__main__":
    main()
