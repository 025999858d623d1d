"""`samenloop day`: one day in order, without Airflow: admit, settle, match, reveal, publish, retire.

What teams returned is taken in before the lists are made, so that nobody is sent to a case that a colleague
closed. A step that refuses something does not stop the others; the day says so in the end. The opener is a service
that runs already, or else a child process of the same user, which makes this practice.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from subprocess import Popen

import typer

from pipeline.commands.console import Outcome, run_command, talk
from pipeline.commands.count_words import said_counts
from pipeline.commands.journal_keeping.kept_head import open_working_run
from pipeline.commands.opener import is_alive, may_open, start_child
from pipeline.commands.options import DateOption, HomeOption, JsonOption, ask_about_day
from pipeline.commands.reveal import is_reveal_day
from pipeline.commands.system_refusals import place_refused
from pipeline.commands.wiring import Run
from pipeline.vocabulary.faults import Refused

COMMAND = "day"
STEPS = {
    "admit": "Toelaten",
    "settle": "Opvolging",
    "match": "Matchen",
    "reveal": "Werklijsten",
    "publish": "Cijfers",
    "report": "Monitor",
    "retire": "Bewaartermijnen",
}


def day(run: Run) -> Outcome:
    """Run all steps of D in order and add up what they did; counts and paths carry the name of their step."""
    total = Outcome(COMMAND, has_said_counts=True, unsaid=[])
    assert total.unsaid is not None
    with _opener_beside(run) as child:
        for name, heading in STEPS.items():
            total.lines.append(heading)
            step: Callable[..., Outcome] = getattr(importlib.import_module(f"pipeline.commands.{name}"), name)
            try:
                outcome = step(run, child=child) if name == "reveal" else step(run)
            except (Refused, PermissionError) as error:
                refusal = error if isinstance(error, Refused) else place_refused(error)
                total.refused.append(refusal.as_row_fault())
                total.lines.append(f"  {refusal.code}. {refusal.next_step}")
                if refusal.code == "DATABASE_DAMAGED":  # whoever writes on in it makes it worse
                    break
                continue
            total.counts.update({f"{name}_{what}": count for what, count in outcome.counts.items()})
            total.refused.extend(outcome.refused)
            total.unsaid.extend(outcome.refused if outcome.unsaid is None else outcome.unsaid)
            total.paths.update(outcome.paths)
            said = [*outcome.lines, *said_counts(name, outcome.counts)] or ["Niets te doen."]
            total.lines.extend(f"  {line}" for line in said)
    return total


def _opener_beside(run: Run) -> AbstractContextManager[Popen[bytes] | None]:
    """A child opener for the day, started early so that it is ready when the lists are ordered."""
    if not is_reveal_day(run) or is_alive(run.store, run.now) or not may_open(run.home):
        return nullcontext()
    talk.print("Er draait geen opener; voor deze dag start er een als deelproces.", markup=False)
    return start_child(run.home.path)


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def command(home: HomeOption = None, date: DateOption = None, as_json: JsonOption = False) -> None:
        """Run one day in order: admit, settle, match, reveal, publish, retire.

        Example: samenloop day --home region/municipality --date 2026-10-06
        """

        def work() -> Outcome:
            ask_about_day(date)
            with open_working_run(home, date) as run:
                return day(run)

        run_command(work, COMMAND, as_json=as_json)
