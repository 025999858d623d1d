"""How a resident's signals are named on the command line, and whether this municipality ever had them.

A mistyped client number gives a signal number like any other, and a letter about it says in good faith that
nothing is held. So what is no name of a signal is refused, and a partner of whom none of the numbers left a trace
is told.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Annotated

import typer

from pipeline.commands.erasing.subject_erasing import registered_signals
from pipeline.commands.wiring import Run
from pipeline.store import processings, subjects
from pipeline.store.processings import ProcessingQuestion
from pipeline.store.subjects import SignalName
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import parse_month
from pipeline.vocabulary.processing import subject_id

SignalOption = Annotated[
    list[str] | None,
    typer.Option("--signal", metavar="PARTNER/MONTH/SIGNAL-ID", help="As the partner gave it; may be repeated."),
]
CaseOption = Annotated[str | None, typer.Option("--case", help="The number of a case, from a worklist.")]
_SIGNAL_ID = re.compile(r"[0-9a-f]{32}")


def named(run: Run, signals: list[str] | None, case: str | None) -> set[SignalName]:
    """The signals that were named, or those of a case: what the opener confirmed in it, when it did.

    Raises:
        Refused: USAGE, SIGNAL_NAME_INVALID, SIGNAL_PARTNER_UNKNOWN, VALUE_INVALID for a month, NOT_FOUND.
    """
    names = {signal_name(run, text) for text in signals or ()}
    if case is not None:
        of_case = subjects.confirmed_in_cases(run.store, [case])
        if not of_case:  # a number from an earlier list may have merged since
            of_case = subjects.confirmed_in_cases(run.store, subjects.with_related(run.store, [case]))
        if not of_case:
            raise Refused("NOT_FOUND", "case")
        names |= of_case
    if not names:
        raise Refused("USAGE", "signal", hint="(--signal of --case)")
    return names


def warnings_of(run: Run, names: Collection[SignalName], before: str = "") -> list[str]:
    """A line for each partner of whom no number is known here, of any month; `before`: what must wait for it."""
    known = {name[0] for name in names if _left_a_trace(run, name)}
    return [
        f"Let op, {partner_id}: dit nummer kennen wij niet. Controleer het klantnummer bij de organisatie{before}."
        for partner_id in sorted({name[0] for name in names} - known)
    ]


def signal_name(run: Run, text: str) -> SignalName:
    """The signal that `partner/month/signal-id` names, of a partner of any agreement.

    Raises:
        Refused: USAGE, SIGNAL_PARTNER_UNKNOWN, SIGNAL_NAME_INVALID, VALUE_INVALID for a month.
    """
    parts = text.strip().split("/")
    if len(parts) != 3 or not all(parts):
        raise Refused("USAGE", "signal", hint="(partner/maand/signaalnummer)")
    partner_id, month, signal_id = parts
    if not any(agreement.partner(partner_id) for agreement in run.agreements):
        raise Refused("SIGNAL_PARTNER_UNKNOWN", "signal")
    if not _SIGNAL_ID.fullmatch(signal_id):
        raise Refused("SIGNAL_NAME_INVALID", "signal")
    return partner_id, parse_month(month), signal_id


def _left_a_trace(run: Run, name: SignalName) -> bool:
    """Whether it is held, was in a case, was worked with, or was erased on request."""
    one = {name}
    return bool(
        subjects.signals_named(run.store, one)
        or subjects.cases_holding(run.store, one)
        or processings.count_lines(run.store, ProcessingQuestion((subject_id(*name),)))
        or name in registered_signals(run)
    )
