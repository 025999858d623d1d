"""`samenloop airflow`: the whole of Airflow and the opener on one machine, until Ctrl-C.

For practice and for trying out. It listens on this machine only and asks no password; the real deployment is
docker-compose.yml, where the opener runs under a user of its own.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from pipeline.commands import opener
from pipeline.commands.console import EXIT_BUG, Outcome, progress, run_command, talk
from pipeline.commands.options import JsonOption
from pipeline.commands.practising.airflow_processes import Component, airflow_environment, components, prepare
from pipeline.commands.practising.practice_region import Region, region_to_drop
from pipeline.commands.wiring import home_path, today_in_amsterdam
from pipeline.practice.region import Plan
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import add_months, month_of

HEALTHY_WITHIN_SECONDS = 180
PARTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")


class Stopped(Exception):  # noqa: N818 - a wish of the user, not an error
    """Somebody asked us to end."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("airflow")
    def airflow_command(
        home: Annotated[
            list[Path] | None, typer.Option(help="A home; once for each municipality. Default: a practice region.")
        ] = None,
        port: Annotated[int, typer.Option(min=1024, max=65535, help="Port on 127.0.0.1.")] = 8080,
        on_change: Annotated[
            bool, typer.Option(help="Make worklists when cases change, on any day; else on working mornings.")
        ] = True,
        households: Annotated[int, typer.Option(min=50, help="Size of the practice region.")] = 1000,
        seed: Annotated[int, typer.Option(help="Seed of the practice region.")] = 1,
        as_json: JsonOption = False,
    ) -> None:
        """Start Airflow and the opener on this machine, and stop both on Ctrl-C.

        Example: samenloop airflow --port 8080
        """
        run_command(
            lambda: serve(home, port, is_on_change=on_change, households=households, seed=seed),
            "airflow",
            as_json=as_json,
        )


def serve(homes: Sequence[Path] | None, port: int, *, is_on_change: bool, households: int, seed: int) -> Outcome:
    """Run everything until somebody asks to stop.

    Raises:
        Refused: PORT_TAKEN, HOME_MISSING.
        RuntimeError: a part of Airflow ended by itself.
    """
    _refuse_taken_port(port)
    region = None if homes else _practice_region(households, seed)
    places = [path.resolve() for path in ([region.home] if region else homes or [])]
    for place in places:
        if not (place / "agreement.json").is_file():
            raise Refused("HOME_MISSING", hint=f"({place.name})")
    airflow_home = places[0].parent / "airflow"
    logs = airflow_home / "service-logs"
    logs.mkdir(parents=True, exist_ok=True)
    environment = airflow_environment(airflow_home, places, port) | {
        "SAMENLOOP_REVEAL_ON": "change" if is_on_change else "working-morning"
    }
    with _asked_to_stop(), ExitStack() as stack:
        try:
            talk.print(f"Airflow starts; this takes about half a minute. Its logs: {logs}", markup=False)
            prepare(environment, logs / "prepare.log", len(places))
            for place in places:
                stack.enter_context(opener.start_child(place))
            parts = stack.enter_context(components(environment, logs))
            _wait_until_healthy(port, parts, logs)
            _welcome(port, places, region)
            while True:
                _all_alive(parts, logs)
                time.sleep(1)
        except Stopped:
            talk.print("Stopping: tasks that run are ended, the next start takes them up again …")
    return Outcome("airflow", lines=["Airflow and the opener have stopped."])


def _practice_region(households: int, seed: int) -> Region:
    """A region of last month, whose deliveries are welcome today."""
    month = add_months(month_of(today_in_amsterdam()), -1)
    return region_to_drop(home_path(None).resolve() / f"practice-{month}", Plan(households, seed, (month,)))


@contextmanager
def _asked_to_stop() -> Iterator[None]:
    """Ctrl-C and SIGTERM end us once, in order; a second one does not break into the stopping."""

    def ask(_signal: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise Refused("PORT_TAKEN", hint=f"({port})") from None


def _wait_until_healthy(port: int, parts: list[Component], logs: Path) -> None:
    until = time.monotonic() + HEALTHY_WITHIN_SECONDS
    with progress("Airflow starts", len(PARTS)) as advance:
        shown = 0
        while (healthy := _healthy_parts(port)) < len(PARTS):
            _all_alive(parts, logs)
            if time.monotonic() > until:
                raise RuntimeError("Airflow did not become healthy")
            advance(max(healthy - shown, 0))
            shown = max(shown, healthy)
            time.sleep(0.5)


def _healthy_parts(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=2) as answer:
            health = json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return 0
    return sum((health.get(part) or {}).get("status") == "healthy" for part in PARTS)


def _all_alive(parts: list[Component], logs: Path) -> None:
    for part in parts:
        if part.process.poll() is not None:
            talk.print(f"{part.name} ended by itself; see {logs / part.name}.log", markup=False)
            raise typer.Exit(EXIT_BUG)


def _welcome(port: int, homes: Sequence[Path], region: Region | None) -> None:
    lines = [
        "",
        f"  Airflow is ready: http://127.0.0.1:{port}   (no password: practice, from this machine only)",
        *(f"  Home: {_short(home)}" for home in homes),
    ]
    if region:
        lines += [
            "",
            "  Sealed deliveries of six partners lie ready. Drop them into the inbox:",
            f"    cp -r {_short(region.sealed)}/* {_short(region.home)}/inbox/deliveries/",
            "  and within a minute or two the worklists appear, without a hand:",
            f"    {_short(region.home)}/outbox/worklists/<team>/<day>/werklijst.html",
        ]
    lines += ["", "  Stop with Ctrl-C.", ""]
    for line in lines:
        talk.print(line, markup=False)


def _short(path: Path) -> str:
    """As seen from where the user stands, when that is shorter."""
    return min(str(path), os.path.relpath(path), key=len)
