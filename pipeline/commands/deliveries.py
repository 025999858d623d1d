"""`samenloop deliveries`: the data steward sees what came, why it was refused, and decides on what is held.

A release admits the delivery as if it came now: it is verified again from quarantine, bytes and all; only the
month window and the comparison with earlier months are left out, because the steward judged these. Both decisions
are journalled with the name of who took them.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date as calendar_day
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline.channels import folder
from pipeline.commands.at_the_inbox import delivery_keeping as keeping
from pipeline.commands.at_the_inbox.delivery_judging import Arrival, judge
from pipeline.commands.console import Outcome
from pipeline.commands.count_words import word_for
from pipeline.commands.options import DateOption, HomeOption, JsonOption
from pipeline.commands.who_acts import ActorOption, run_as
from pipeline.commands.wiring import Run
from pipeline.pseudonymous.answer_delivery import (
    HELD,
    REFUSED,
    RELEASED,
    Decision,
    reason_json,
    receipt_document,
    summary,
)
from pipeline.store import deliveries as ledger
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.manifest import DeliveryName

COMMAND = "deliveries"
_FILE_WIDTH = 160
_LIST = "Zie: samenloop deliveries list."
STATES = ("admitted", "warned", "held", "refused", "released")

deliveries_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Deliveries: list, show, release or refuse what is held."
)
DeliveryArgument = Annotated[str, typer.Argument(metavar="DELIVERY", help="For instance water_2026-10_0001.")]
StateOption = Annotated[str | None, typer.Option("--state", help=f"Only this state: {', '.join(STATES)}.")]


def decisions(run: Run, state: str | None = None) -> list[Decision]:
    """All decisions in the ledger, or those in a state.

    Raises:
        Refused: USAGE for a state that does not exist.
    """
    if state is not None and state not in STATES:
        raise Refused("USAGE", "state", hint=f"({', '.join(STATES)})")
    return [Decision.from_row(row) for row in ledger.ledger(run.store, state)]


def decisions_on(run: Run, delivery_id: str) -> list[Decision]:
    """The decisions on deliveries of this name, the oldest first.

    Raises:
        Refused: NOT_FOUND.
    """
    found = [Decision.from_row(row) for row in ledger.ledger_of_delivery(run.store, delivery_id)]
    if not found:
        raise Refused("NOT_FOUND", "delivery", hint=_LIST)
    return found


def release(run: Run, delivery_id: str) -> Outcome:
    """Admit a held delivery after all. Released before: what a crash left undone is done.

    Raises:
        Refused: NOT_FOUND, NOT_ALLOWED_NOW, or why it cannot be admitted any more.
    """
    keeping.sweep(run)
    held = _decided(run, delivery_id, (HELD, RELEASED))
    if held.state == RELEASED:
        with run.store.writer_lock("release_delivery"):
            _finish_release(run, held)
        again = _outcome(run, held, "released_before")
        return replace(again, lines=[*again.lines, "U gaf deze aanlevering al eerder vrij; er verandert niets."])
    place = keeping.quarantined(run, held)
    if place is None:
        raise Refused("NOT_FOUND", "quarantine", hint=_LIST)
    (entry,) = [entry for entry in folder.list_entries(place.parent) if entry.name == delivery_id]
    arrival = Arrival(delivery_id, DeliveryName.parse(delivery_id), place, entry)
    judged = judge(run, arrival, is_released=True)
    if judged is None or not judged.decision.is_in_force or judged.decision.manifest_hash != held.manifest_hash:
        fault = judged.decision.fault_code if judged is not None else None
        raise Refused(fault or "CHECKSUM_ERROR", judged.decision.fault_column if judged is not None else None)
    with run.store.writer_lock("release_delivery"):
        _decided(run, delivery_id, (HELD,))
        decision, change = keeping.change_of(run, judged)
        remarks = tuple(dict.fromkeys((*held.warnings, *decision.warnings)))
        decision = replace(decision, state=RELEASED, received_at=held.received_at, warnings=remarks)
        decision = replace(decision, quarantine_name=held.quarantine_name)
        keeping.write(run, "release_delivery", decision, change)
        _finish_release(run, decision)
    return _outcome(run, decision, "released")


def _finish_release(run: Run, decision: Decision) -> None:
    keeping.write_receipt(run, decision)
    place = keeping.quarantined(run, decision)
    if place is not None:
        keeping.drop(run, place.parent)


def refuse(run: Run, delivery_id: str) -> Outcome:
    """Refuse a held delivery; it stays in quarantine until its term ends.

    Raises:
        Refused: NOT_FOUND, NOT_ALLOWED_NOW.
    """
    with run.store.writer_lock("refuse_delivery"):
        held = _decided(run, delivery_id, (HELD,))
        decision = replace(held.refused_as("REFUSED_BY_STEWARD", None), decided_at=run.now, decided_by=run.actor)
        keeping.write(run, "refuse_delivery", decision)
        keeping.write_receipt(run, decision)
        place = keeping.quarantined(run, decision)
        if place is not None:
            folder.write_file(place.parent / keeping.REASON_FILE, reason_json(decision))
    return _outcome(run, decision, "refused")


def _decided(run: Run, delivery_id: str, states: tuple[str, ...]) -> Decision:
    fitting = [decision for decision in decisions_on(run, delivery_id) if decision.state in states]
    if not fitting:
        raise Refused("NOT_ALLOWED_NOW", "delivery", hint=_LIST)
    return fitting[-1]


def _outcome(run: Run, decision: Decision, count: str) -> Outcome:
    receipt = run.home.receipts / decision.delivery_id / "receipt.json"
    return Outcome(
        COMMAND,
        {count: 1},
        refused=list(decision.refused_rows) if decision.state != REFUSED else [],
        paths={"receipt": str(receipt)},
        lines=[f"{decision.delivery_id}: {summary(decision)}"],
    )


def register(app: typer.Typer) -> None:
    """Add `deliveries` to the command line."""
    app.add_typer(deliveries_app, name=COMMAND)


@deliveries_app.command("list")
def list_command(
    home: HomeOption = None, date: DateOption = None, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """Show all deliveries and what became of them.

    Example: samenloop deliveries list --home region/municipality --state held
    """

    def work(run: Run) -> Outcome:
        found = decisions(run, state)
        if not as_json:
            _print_table(found)
        counts = {name: sum(decision.state == name for decision in found) for name in STATES}
        receipts = {item.delivery_id: str(run.home.receipts / item.delivery_id / "receipt.json") for item in found}
        return Outcome(
            COMMAND,
            {name: count for name, count in counts.items() if count or as_json},
            paths=receipts if as_json else {},
        )

    run_as("deliveries list", work, home, date, as_json=as_json)


def _print_table(found: list[Decision]) -> None:
    table = Table()
    longest = max((len(decision.delivery_id) for decision in found), default=0)
    table.add_column("aanlevering", min_width=longest)
    for heading in ("stand", "code", "aangenomen", "ontvangen"):
        table.add_column(heading, overflow="fold")
    for decision in found:
        table.add_row(
            decision.delivery_id,
            word_for(COMMAND, decision.state),
            decision.response_code,
            f"{decision.admitted_count} van {decision.row_count}",
            f"{calendar_day.fromisoformat(decision.received_at[:10]):%d-%m-%Y}",
        )
    # A list that goes to a file is not cut off at the width of a terminal that is not there.
    Console(highlight=False, width=None if sys.stdout.isatty() else _FILE_WIDTH).print(table)


@deliveries_app.command("show")
def show_command(
    delivery: DeliveryArgument, home: HomeOption = None, date: DateOption = None, as_json: JsonOption = False
) -> None:
    """Show one delivery: outcome, remarks, refused rows, next step.

    Example: samenloop deliveries show water_2026-10_0001 --home region/municipality
    """

    def work(run: Run) -> Outcome:
        found = decisions_on(run, delivery)
        lines: list[str] = []
        for decision in found:
            document = receipt_document(decision)
            lines += [f"{delivery} ({decision.manifest_hash[:8]}): {summary(decision)}"]
            lines += [f"  {name}: {document[name]}" for name in ("response_code", "received_at", "next_step")]
            lines += [f"  opmerking: {remark}" for remark in decision.warnings]
            lines += [f"  besloten door {decision.decided_by} op {decision.decided_at}"]
        newest = found[-1]
        counts = {
            "rows": newest.row_count,
            "admitted": newest.admitted_count,
            "refused": newest.refused_count,
        }
        paths = {"receipt": str(run.home.receipts / delivery / "receipt.json")}
        return Outcome(COMMAND, counts, newest.faults(), paths, lines)

    run_as("deliveries show", work, home, date, as_json=as_json)


@deliveries_app.command("release")
def release_command(
    delivery: DeliveryArgument,
    home: HomeOption = None,
    date: DateOption = None,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Admit a held delivery after all.

    Example: samenloop deliveries release water_2026-10_0001 --home region/municipality
    """
    run_as("deliveries release", lambda run: release(run, delivery), home, date, as_json=as_json, actor=actor)


@deliveries_app.command("refuse")
def refuse_command(
    delivery: DeliveryArgument,
    home: HomeOption = None,
    date: DateOption = None,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Refuse a held delivery; the partner's receipt says so.

    Example: samenloop deliveries refuse water_2026-10_0001 --home region/municipality
    """
    run_as("deliveries refuse", lambda run: refuse(run, delivery), home, date, as_json=as_json, actor=actor)
