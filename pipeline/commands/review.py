"""`samenloop review`: the data steward decides on doubtful matches, without seeing who they are about.

Shown are partner types, months, wijk and per field whether it agrees. No value comes out: none is in the store.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.commands.console import Outcome
from pipeline.commands.doubtful_cases import COMMAND, decide, list_doubts, show_doubt
from pipeline.commands.options import DateOption, HomeOption, JsonOption
from pipeline.commands.who_acts import ActorOption, run_as
from pipeline.commands.wiring import Run
from pipeline.revealed import describe_doubt as words
from pipeline.revealed.describe_doubt import Doubt
from pipeline.revealed.texts import TEXTS, long_date, sentence
from pipeline.store import reviews
from pipeline.vocabulary.case import DOUBTFUL
from pipeline.vocabulary.review import ACCEPTED, REJECTED, REVIEW_REASONS

_FILE_WIDTH = 170


@dataclass(frozen=True)
class ReviewOutcome(Outcome):
    """An outcome that also holds the cases themselves, for `--json`."""

    cases: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> str:
        """The promised object, with the cases beside the counts."""
        return json.dumps({**json.loads(super().as_json()), "cases": self.cases}, ensure_ascii=False)


review_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Doubtful matches: list, show, accept or reject."
)
CaseArgument = Annotated[
    str, typer.Argument(metavar="CASE", help="The case's number; with @ and the revision that was shown.")
]


def _reason_option(decision: str) -> Any:
    codes = "; ".join(f"{code}: {TEXTS['review_reasons'][code]}" for code in REVIEW_REASONS[decision])
    return typer.Option("--reason-code", metavar="CODE", help=f"Why. {codes}")


def register(app: typer.Typer) -> None:
    """Add `review` to the command line."""
    app.add_typer(review_app, name=COMMAND)


def _console() -> Console:
    # What goes to a file is not cut off at the width of a terminal that is not there.
    return Console(highlight=False, width=None if sys.stdout.isatty() else _FILE_WIDTH)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=place == 0)
    for row in rows:
        table.add_row(*row)
    return table


@review_app.command("list")
def list_command(home: HomeOption = None, date: DateOption = None, as_json: JsonOption = False) -> None:
    """Show the cases that wait for a decision, oldest first.

    Example: samenloop review list --home region/municipality --date 2026-11-03
    """

    def work(run: Run) -> Outcome:
        found = list_doubts(run)
        oldest = max((doubt.waiting_days or 0 for doubt in found), default=0)
        counts = {"doubtful": len(found), "oldest_working_days": oldest}
        if as_json:
            return ReviewOutcome(COMMAND, counts, cases=[doubt.as_dict() for doubt in found])
        if not found:
            return Outcome(COMMAND, lines=[sentence("review", "empty")])
        _console().print(_table(_LIST_HEADINGS, [_list_cells(doubt) for doubt in found]))
        return Outcome(COMMAND)

    run_as("review list", work, home, date, as_json=as_json)


_LIST_HEADINGS = ("zaak", "werkdagen", "maand", "meldingen", "gebied", "reden")


def _list_cells(doubt: Doubt) -> tuple[str, ...]:
    signals = ", ".join(f"{signal.partner_type} {signal.arrears_months} mnd" for signal in doubt.signals)
    reason = words.reason_text(doubt.reason_code).removesuffix(" Beoordeel de zaak.")
    return doubt.case_id, str(doubt.waiting_days), doubt.month, signals, doubt.area, reason


@review_app.command("show")
def show_command(
    case: CaseArgument, home: HomeOption = None, date: DateOption = None, as_json: JsonOption = False
) -> None:
    """Show per field what is equal, similar, in conflict or unknown; never what it says.

    Example: samenloop review show Z-0123456789abcdef0123456789abcdef --home region/municipality
    """

    def work(run: Run) -> Outcome:
        doubt = show_doubt(run, case)
        if as_json:
            counts = {"signals": len(doubt.signals), "pairs": len(doubt.pairs)}
            return ReviewOutcome(COMMAND, counts, cases=[doubt.as_dict()])
        _print(run, doubt)
        return Outcome(COMMAND)

    run_as("review show", work, home, date, as_json=as_json)


def _print(run: Run, doubt: Doubt) -> None:
    out = _console()
    for line in words.heading_lines(doubt):
        out.print(line, markup=False)
    out.print()
    out.print(_table(words.pair_headings(), [words.pair_cells(pair) for pair in doubt.pairs]))
    for line in (*words.because_lines(doubt), sentence("review", "fields")):
        out.print(line, markup=False)
    out.print()
    if doubt.state == DOUBTFUL:
        for line in words.choice_lines(doubt):
            out.print(line, markup=False)
        for decision, verb in ((ACCEPTED, "accept"), (REJECTED, "reject")):
            out.print(
                f"  samenloop review {verb} {doubt.reference} --reason-code {'|'.join(REVIEW_REASONS[decision])}",
                markup=False,
                soft_wrap=True,
            )
    elif decided := reviews.decision_on(run.store, doubt.case_id):
        out.print(_decided_line(decided), markup=False)


def _decided_line(decided: Mapping[str, Any]) -> str:
    code = decided["reason_code"]
    return sentence(
        "review",
        "decided",
        who=decided["decided_by"],
        date=long_date(decided["decided_at"][:10]),
        decision=TEXTS["review_decisions"][decided["decision"]],
        code=code,
        reason=TEXTS["review_reasons"][code],
    )


@review_app.command("accept")
def accept_command(
    case: CaseArgument,
    reason_code: Annotated[str, _reason_option(ACCEPTED)],
    home: HomeOption = None,
    date: DateOption = None,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Accept a doubtful match: the signals belong together, the case goes to the next worklist.

    Example: samenloop review accept Z-0123456789abcdef0123456789abcdef@1 --reason-code CALLING_NAME
    """
    run_as(
        "review accept",
        lambda run: decide(run, case, ACCEPTED, reason_code),
        home,
        date,
        as_json=as_json,
        actor=actor,
    )


@review_app.command("reject")
def reject_command(
    case: CaseArgument,
    reason_code: Annotated[str, _reason_option(REJECTED)],
    home: HomeOption = None,
    date: DateOption = None,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Reject a doubtful match: nobody sees the case.

    Example: samenloop review reject Z-0123456789abcdef0123456789abcdef@1 --reason-code RELATIVES
    """
    run_as(
        "review reject",
        lambda run: decide(run, case, REJECTED, reason_code),
        home,
        date,
        as_json=as_json,
        actor=actor,
    )
