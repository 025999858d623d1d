"""How every command speaks: exit codes, one JSON object on request, talk and progress on stderr.

Exit 0 done, 1 done but something was refused (and said), 2 usage or all input refused, 70 a bug, 130 interrupted.
A bug prints where it happened and of which kind it was, never a message: messages of libraries quote values.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.commands.count_words import said_counts, word_for
from pipeline.commands.system_refusals import refusal_of
from pipeline.vocabulary.faults import FAULTS, DeliveryFault, KeyFault, Refused, RowFault
from pipeline.vocabulary.worklist_sheet import COLUMN_WORDS

EXIT_DONE = 0
_ONE_ROW_A_LINE = 10_000
EXIT_SOMETHING_REFUSED = 1
EXIT_ALL_REFUSED = 2
EXIT_BUG = 70
EXIT_INTERRUPTED = 130

_PACKAGE = Path(__file__).resolve().parents[1]
_MOST_SHOWN = 20
_MOST_OF_A_KIND = 8
_TELLS_OF_SHEETS = ("settle", "day")

talk = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Outcome:
    """What a command did: counts, refusals, paths, and lines for a person."""

    command: str
    counts: dict[str, int] = field(default_factory=dict)
    refused: list[RowFault] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    has_said_counts: bool = False  # the lines hold the counts already
    unsaid: list[RowFault] | None = None  # refusals that the lines do not hold yet; None is all of them

    @property
    def exit_code(self) -> int:
        """0, or 1 when something was refused."""
        return EXIT_SOMETHING_REFUSED if self.refused else EXIT_DONE

    def as_json(self) -> str:
        """The object that `--json` prints."""
        return json.dumps(
            {
                "command": self.command,
                "counts": self.counts,
                "refused": [fault.as_dict() for fault in self.refused],
                "paths": self.paths,
            },
            ensure_ascii=False,
        )


class RefusedWhole(Refused):
    """A refusal of the whole input that also tells what was found in it: counts, rows, paths."""

    def __init__(self, outcome: Outcome, code: str, *, hint: str = "") -> None:
        super().__init__(code, hint=hint)
        self.outcome = replace(outcome, refused=[self.as_row_fault(), *outcome.refused])


def run_command(work: Callable[[], Outcome], command: str, *, as_json: bool = False) -> NoReturn:
    """Run one command to its end, say what came of it, and leave with the promised exit code."""
    try:
        outcome = work()
    except (typer.Exit, KeyboardInterrupt):
        raise
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is not None:
            _leave_refused(refusal, command, as_json=as_json)
        _leave_with_bug(error, command, as_json=as_json)
    try:
        if as_json:
            print(outcome.as_json(), flush=True)  # noqa: T201 - stdout is the interface
        else:
            print_outcome(outcome)
    except OSError as error:
        refusal = refusal_of(error)
        if refusal is None:  # nobody reads any more: the command line ends quietly
            raise
        _leave_refused(refusal, command, as_json=as_json)
    raise typer.Exit(outcome.exit_code)


def _leave_refused(refusal: Refused, command: str, *, as_json: bool) -> NoReturn:
    _print_refusal(refusal)
    if as_json:
        told = Outcome(command, refused=[refusal.as_row_fault()])
        if isinstance(refusal, RefusedWhole):
            told = refusal.outcome
        _print_last(told)
    _end_output()
    raise typer.Exit(EXIT_ALL_REFUSED) from None


def _print_last(told: Outcome) -> None:
    with suppress(OSError):
        print(told.as_json())  # noqa: T201 - stdout is the interface


def _end_output() -> None:
    """Write what is left; what finds no room is let go, or Python tells of it once more as it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _leave_with_bug(error: BaseException, command: str, *, as_json: bool) -> NoReturn:
    _print_bug(error, command)
    if as_json:
        _print_last(Outcome(command, refused=[RowFault("BUG")]))
    _end_output()
    raise typer.Exit(EXIT_BUG) from None


def print_outcome(outcome: Outcome) -> None:
    """What a person reads on stdout after a command."""
    out = Console(highlight=False, soft_wrap=True)
    for line in outcome.lines:
        out.print(line, markup=False)
    for line in [] if outcome.has_said_counts else said_counts(outcome.command, outcome.counts):
        out.print(f"  {line}", markup=False)
    unsaid = outcome.refused if outcome.unsaid is None else outcome.unsaid
    for fault in unsaid[:_MOST_SHOWN]:
        out.print(_refusal_line(fault, outcome.command), markup=False)
    if len(unsaid) > _MOST_SHOWN:
        out.print(f"  … en nog {len(unsaid) - _MOST_SHOWN}", markup=False)
    for line in _path_lines(outcome):
        out.print(f"  {line}", markup=False)


def _path_lines(outcome: Outcome) -> Iterator[str]:
    """A line for each place; of many of one kind, as sixty teams' worklists, the first few and how many more."""
    for kind, names in groupby(outcome.paths, key=lambda name: name.partition(" ")[0]):
        shown = list(names)
        for name in shown[:_MOST_OF_A_KIND]:
            yield f"{word_for(outcome.command, name)}: {outcome.paths[name]}"
        if len(shown) > _MOST_OF_A_KIND:
            word = word_for(outcome.command, kind)
            yield f"… en nog {len(shown) - _MOST_OF_A_KIND} maal {word}; --json noemt ze alle"


def _refusal_line(fault: RowFault, command: str) -> str:
    words = COLUMN_WORDS if command in _TELLS_OF_SHEETS else {}
    where = ", ".join(
        part
        for part in (
            fault.delivery if isinstance(fault, DeliveryFault) else "",
            f"rij {fault.row}" if fault.row is not None else "",
            f"{_kind(fault)} {words.get(fault.column, fault.column)}" if fault.column else "",
            f"{fault.count} keer" if isinstance(fault, KeyFault) and fault.count > 1 else "",
        )
        if part
    )
    known = FAULTS.get(fault.code)
    return f"  geweigerd {fault.code}{f' ({where})' if where else ''}{f': {known.next_step}' if known else ''}"


def _kind(fault: RowFault) -> str:
    return "sleutel" if isinstance(fault, KeyFault) else "kolom"


def table_console(*, soft_wrap: bool = False) -> Console:
    """Where tables are printed; in a file or a pipe each row is one line, so that an id in it is found."""
    out = Console(highlight=False, soft_wrap=soft_wrap)
    if not out.is_terminal:
        out.width = _ONE_ROW_A_LINE
    return out


def _print_refusal(refusal: Refused) -> None:
    where = f" [{refusal.column}]" if refusal.column else ""
    talk.print(f"{refusal.code}{where}: {refusal.fault.meaning}.", markup=False)
    talk.print(f"→ {refusal.next_step}", markup=False)


def _print_bug(error: BaseException, command: str) -> None:
    ours = [
        f"{Path(frame.filename).relative_to(_PACKAGE)}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_PACKAGE)
    ]
    talk.print(
        f"A bug in `samenloop {command}`: {type(error).__name__} at {' < '.join(reversed(ours[-4:]))}",
        markup=False,
    )
    talk.print(
        "→ No step was kept by half; steps before it may be done. Report these two lines; they hold nothing of a "
        "person.",
        markup=False,
    )


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal once the work takes longer than a second; elsewhere nothing.

    Yields:
        A function that is told how many more units are done.
    """
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=talk, transient=True, disable=False)
    task = bar.add_task(label, total=total)
    state: dict[str, Any] = {"is_shown": False, "start": bar.get_time()}

    def advance(count: int) -> None:
        if not state["is_shown"] and bar.get_time() - state["start"] > 1:
            bar.start()
            state["is_shown"] = True
        bar.advance(task, count)

    try:
        yield advance
    finally:
        if state["is_shown"]:
            bar.stop()
