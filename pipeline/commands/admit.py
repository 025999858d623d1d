"""`samenloop admit`: everything in the inbox is admitted, refused with a reason, held, or not there yet.

One bad delivery never stops the others. A fault of the municipality itself (a key that is missing) leaves the
delivery in the inbox and is said loudly; so is a bug, after all others have been served.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import typer

from pipeline.channels import folder
from pipeline.commands.at_the_inbox import delivery_keeping as keeping
from pipeline.commands.at_the_inbox.delivery_judging import Arrival, LeftInboxError, judge
from pipeline.commands.at_the_inbox.refusal_lists import is_refusal_list, take_refusal_list
from pipeline.commands.console import Outcome, progress, run_command
from pipeline.commands.journal_keeping.kept_head import open_working_run
from pipeline.commands.options import DateOption, HomeOption, JsonOption
from pipeline.commands.wiring import Run
from pipeline.pseudonymous.answer_delivery import HELD, REFUSED, WARNED, Decision, summary
from pipeline.vocabulary.faults import FAULTS, DeliveryFault, Refused
from pipeline.vocabulary.manifest import MANIFEST_FILE, DeliveryName

COMMAND = "admit"
UNFINISHED = (".part", ".filepart", ".tmp")
COUNTS = ("admitted", "warned", "held", "refused", "repeated", "waiting")


def pending_deliveries(run: Run) -> list[str]:
    """Handles of what lies in the inbox and can be decided on now; these may be logged, file names may not."""
    return [arrival.handle for arrival in arrivals(run.home.inbox_deliveries) if not is_waiting(arrival)]


def arrivals(inbox: Path) -> list[Arrival]:
    """What lies in the inbox; a list of refusals that a partner's own program left there is not a delivery."""
    return [
        _arrival(inbox, entry)
        for entry in folder.list_entries(inbox)
        if not (entry.kind == folder.FILE and is_refusal_list(entry.name))
    ]


def _arrival(inbox: Path, entry: folder.Entry) -> Arrival:
    try:
        name = DeliveryName.parse(entry.name)
    except Refused:
        handle = f"onbekend-{hashlib.sha256(os.fsencode(entry.name)).hexdigest()[:12]}"
        return Arrival(handle, None, inbox / entry.name, entry)
    return Arrival(str(name), name, inbox / entry.name, entry)


def is_waiting(arrival: Arrival) -> bool:
    """Not there yet: what a program is still writing, by its provisional name, or a folder without a manifest."""
    if arrival.entry.name.startswith(".") or arrival.entry.name.endswith(UNFINISHED):
        return True
    if arrival.name is None or arrival.entry.kind != folder.FOLDER:
        return False
    # In this order: a folder that another scheduler takes away in between has left, it is not waiting.
    return not os.path.lexists(arrival.path / MANIFEST_FILE) and os.path.lexists(arrival.path)


def admit_delivery(run: Run, handle: str) -> Outcome:
    """Decide on one thing in the inbox and keep the decision. Done before or gone meanwhile: nothing happens.

    Raises:
        Refused: a fault of the municipality itself; the delivery stays in the inbox.
    """
    keeping.sweep(run)
    for arrival in arrivals(run.home.inbox_deliveries):
        if arrival.handle == handle:
            return _served(run, arrival)
    return Outcome(COMMAND, _counts(), lines=[f"{handle}: ligt niet (meer) in de inbox."])


def _served(run: Run, arrival: Arrival) -> Outcome:
    waiting = Outcome(
        COMMAND, _counts("waiting"), lines=[f"{_shown(arrival)}: nog niet compleet, blijft in de inbox."]
    )
    if is_waiting(arrival):
        return waiting
    try:
        judged = judge(run, arrival)
        if judged is None and is_waiting(arrival):
            return waiting
        kept = None if judged is None else keeping.keep(run, arrival, judged)
    except LeftInboxError:
        kept = None  # it left, or was swapped for something else: the next run sees what lies there then
    if kept is None:
        return Outcome(COMMAND, _counts(), lines=[f"{arrival.handle}: ligt niet meer in de inbox."])
    take_refusal_list(run, arrival.handle)
    return _outcome(run, kept)


def _shown(arrival: Arrival) -> str:
    return arrival.handle if arrival.name is not None else "iets met een voorlopige naam"


def _outcome(run: Run, kept: keeping.KeptDecision) -> Outcome:
    decision = kept.decision
    line = f"{decision.delivery_id}: {summary(decision)}"
    if kept.is_repeat:
        line = f"{decision.delivery_id}: kwam al eerder; er verandert niets."
    elif decision.fault_code is not None:
        line += f" {decision.fault_code}: {FAULTS[decision.fault_code].next_step}"
    paths = {"receipt": str(kept.receipt)}
    if decision.quarantine_name is not None and not decision.is_in_force:
        paths["quarantine"] = str(run.home.quarantine / decision.quarantine_name)
    faults = [] if kept.is_repeat else decision.faults()
    refused = [DeliveryFault(fault.code, fault.column, fault.row, decision.delivery_id) for fault in faults]
    return Outcome(
        COMMAND,
        _counts("repeated" if kept.is_repeat else _count_name(decision)),
        refused=[*refused],
        paths=paths,
        lines=[line, *(f"  {remark}" for remark in decision.warnings if not kept.is_repeat)],
        unsaid=[fault for fault in refused if fault.row is not None],
    )


def _count_name(decision: Decision) -> str:
    return {REFUSED: "refused", HELD: "held", WARNED: "warned"}.get(decision.state, "admitted")


def _counts(one: str | None = None) -> dict[str, int]:
    return {name: int(name == one) for name in COUNTS}


def admit(run: Run) -> Outcome:
    """Serve everything in the inbox, one after another."""
    keeping.sweep(run)
    served: list[Outcome] = []
    bugs: list[Exception] = []
    found = arrivals(run.home.inbox_deliveries)
    with progress("aanleveringen", len(found)) as advance:
        for arrival in found:
            try:
                served.append(_served(run, arrival))
            except Refused as refusal:
                served.append(_own_fault(arrival, refusal))
            except Exception as bug:
                bugs.append(bug)
            advance(1)
    _take_left_refusal_lists(run)
    if bugs:
        raise bugs[0]
    return _all_of(run, served)


def _own_fault(arrival: Arrival, refusal: Refused) -> Outcome:
    line = f"{arrival.handle}: blijft in de inbox. {refusal.code}: {refusal.next_step}"
    fault = DeliveryFault(refusal.code, refusal.column, None, arrival.handle)
    return Outcome(COMMAND, _counts("waiting"), refused=[fault], lines=[line], unsaid=[])


def _take_left_refusal_lists(run: Run) -> None:
    for entry in folder.list_entries(run.home.inbox_deliveries):
        if entry.kind == folder.FILE and is_refusal_list(entry.name):
            take_refusal_list(run, entry.name.removesuffix(".refusals.csv"))


def _all_of(run: Run, served: Sequence[Outcome]) -> Outcome:
    return Outcome(
        COMMAND,
        {name: sum(outcome.counts[name] for outcome in served) for name in COUNTS},
        refused=[fault for outcome in served for fault in outcome.refused],
        paths={"receipts": str(run.home.receipts), "quarantine": str(run.home.quarantine)} if served else {},
        lines=[line for outcome in served for line in outcome.lines],
        unsaid=[fault for outcome in served for fault in outcome.unsaid or ()],
    )


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def command(home: HomeOption = None, date: DateOption = None, as_json: JsonOption = False) -> None:
        """Admit or refuse the deliveries in the inbox, each with a receipt.

        Example: samenloop admit --home region/municipality --date 2026-10-05
        """

        def work() -> Outcome:
            with open_working_run(home, date) as run:
                return admit(run)

        run_command(work, COMMAND, as_json=as_json)
