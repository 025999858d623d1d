"""`samenloop demo`: from six partners' lists to a worklist, through the real DAGs in Airflow, on a fixed day.

No step is the demo's own: partners seal with their program, the DAGs call the functions of the command line, the
opener is a process of its own beside them. Some deliveries are spoilt on purpose; whatever else goes wrong is a
failure of the demo.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from pipeline.commands import opener
from pipeline.commands.console import EXIT_BUG, Outcome, run_command, talk
from pipeline.commands.practising.airflow_processes import DAGS, airflow_environment
from pipeline.commands.practising.demo_display import Display
from pipeline.commands.practising.demo_report import findings_of, report_lines
from pipeline.commands.practising.practice_region import Region, clear, make_region, seal_all
from pipeline.commands.practising.staged_faults import spoil_list, stage_deliveries
from pipeline.commands.wiring import home_path
from pipeline.practice.partners import PARTNERS
from pipeline.practice.region import FEWEST_HOUSEHOLDS, Plan

COMMAND = "demo"
MONTH = "2026-10"
DAY = date(2026, 11, 3)
DAG_NAMES = {
    "admit_deliveries": "Deliveries admitted or refused (toelaten)",
    "settle_outcomes": "Follow-up and feedback (opvolging)",
    "match_signals": "Signals compared without names (matchen)",
    "reveal_cases": "Cases opened, worklists written (werklijsten)",
    "publish_analytics": "Figures for analysts (monitor)",
    "retire_records": "What is due deleted (bewaartermijnen)",
}


@dataclass(frozen=True)
class Rehearsal:
    """How the DAGs ended."""

    wrong: Sequence[str]
    log: Path


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def demo_command(
        folder: Annotated[
            Path | None, typer.Option("--dir", help="Where to make it. Default: demo in SAMENLOOP_HOME or ./var.")
        ] = None,
        households: Annotated[
            int, typer.Option(min=FEWEST_HOUSEHOLDS, max=100_000, help="How large the practice region is.")
        ] = 2_000,
        seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 1,
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
    ) -> None:
        """Show the whole flow on a practice region: six lists, Airflow, worklists. Takes a minute or two.

        Example: samenloop demo --households 5000 --seed 7
        """
        place = folder or home_path(None) / "demo"
        run_command(
            lambda: demo(place, households=households, seed=seed, as_json=as_json), COMMAND, as_json=as_json
        )


def demo(folder: Path, *, households: int, seed: int, as_json: bool = False) -> Outcome:
    """Make the region, run the DAGs once, and say what came of it.

    Raises:
        Refused: FOLDER_NOT_EMPTY when the folder holds something else than an earlier demo.
        typer.Exit: something went wrong that was not staged.
    """
    folder = folder.resolve()
    clear(folder)
    with Display(["region", "seal", "airflow", *DAG_NAMES], _labels()) as display:
        display.start("region")
        region = make_region(folder, Plan(households, seed, (MONTH,)))
        display.end("region")
        display.start("seal")
        spoil_list(region)
        sealed = seal_all(region, region.home / "inbox" / "deliveries")
        staged = stage_deliveries(region)
        display.end("seal")
        display.start("airflow")
        rehearsal = _run_dags(region, display)
    findings = findings_of(region, DAY, sealed, staged)
    wrong = [*rehearsal.wrong, *findings.unexpected]
    lines = report_lines(region, DAY, findings, rehearsal.log)
    if wrong:
        lines += ["  Not as it should be:", *(f"    {what}" for what in wrong), ""]
    if as_json or wrong:
        for line in lines:
            talk.print(line, markup=False)
    if wrong:
        raise typer.Exit(EXIT_BUG)
    return Outcome(COMMAND, findings.counts, paths=_paths(region)) if as_json else Outcome(COMMAND, lines=lines)


def _labels() -> dict[str, str]:
    return {
        "region": "Practice region made (oefenregio)",
        "seal": f"{len(PARTNERS)} partners seal their lists (verzegelen)",
        "airflow": "Airflow prepared",
        **DAG_NAMES,
    }


def _run_dags(region: Region, display: Display) -> Rehearsal:
    """The six DAGs in a process with an Airflow of its own, the opener beside it; both write to one log."""
    airflow_home = region.folder / "airflow"
    airflow_home.mkdir()
    log = airflow_home / "demo.log"
    with _stderr_into(log), opener.start_child(region.home) as beside:
        child = subprocess.Popen(
            [sys.executable, str(DAGS / "samenloop_rehearsal.py"), DAY.isoformat()],
            env={**os.environ, **airflow_environment(airflow_home, [region.home])},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        with _ended(child):
            threading.Thread(target=_end_with, args=(beside, child), daemon=True).start()
            wrong = _follow(child.stdout, display)
        if beside.poll() is not None:
            wrong.insert(0, "the opener ended by itself")
    if child.returncode and not wrong:
        wrong = ["Airflow ended early"]
    return Rehearsal(wrong, log)


@contextmanager
def _stderr_into(log: Path) -> Iterator[None]:
    """Let this process and those it starts write their errors into a file."""
    terminal = os.dup(2)
    with log.open("a") as output:
        os.dup2(output.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)


@contextmanager
def _ended(child: subprocess.Popen[str]) -> Iterator[None]:
    """No DAG goes on when the demo is stopped, by a key or by a signal."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
        child.wait()
    finally:
        signal.signal(signal.SIGTERM, before)
        if child.poll() is None:
            child.terminate()
            child.wait()


def _end_with(beside: subprocess.Popen[bytes], child: subprocess.Popen[str]) -> None:
    """Without an opener the DAGs would wait for hours: they end with it."""
    beside.wait()
    if child.poll() is None:
        child.terminate()


def _follow(events: IO[str], display: Display) -> list[str]:
    """Show what the DAGs tell. Returns what went wrong in them."""
    wrong = []
    for line in events:
        event: dict[str, Any] = json.loads(line)
        if event["event"] == "dag":
            display.end("airflow")
            display.start(event["dag"])
        elif event["event"] == "task":
            display.work(event["dag"], event["task"].rpartition(".")[2])
        elif event["event"] == "done":
            display.end(event["dag"], is_good=event["is_good"])
            if not event["is_good"]:
                wrong.append(f"{event['dag']} failed: {event['tasks']}")
        elif event["event"] == "error":
            wrong.append(f"DAG files that cannot be read: {', '.join(event['files'])}")
    return wrong


def _paths(region: Region) -> dict[str, str]:
    home = region.home
    return {
        "worklists": str(home / "outbox" / "worklists"),
        "receipts": str(home / "outbox" / "receipts"),
        "quarantine": str(home / "quarantine"),
        "analytics": str(home / "analytics.duckdb"),
        "reports": str(home / "reports"),
        "log": str(region.folder / "airflow" / "demo.log"),
    }
