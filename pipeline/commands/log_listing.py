"""What `journal` and `processing` share: a period by the clock on the wall, and how the newest lines are shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from pipeline.commands.console import Outcome, table_console
from pipeline.commands.options import typed_day
from pipeline.commands.wiring import utc_text
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import AMSTERDAM, FIRST_DAY, LAST_DAY

MOST_SHOWN = 50


def _typed_end(text: str) -> date:
    """A day that an end of a period lies on; far away, as in 9999-12-31, is no end."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return typed_day(text)
    return min(max(day, FIRST_DAY), LAST_DAY)


SinceOption = Annotated[
    date | None,
    typer.Option("--since", parser=_typed_end, metavar="YYYY-MM-DD", help="From this day on."),
]
UntilOption = Annotated[
    date | None,
    typer.Option("--until", parser=_typed_end, metavar="YYYY-MM-DD", help="This day included."),
]
MostOption = Annotated[int, typer.Option("--most", min=1, max=1_000_000, help="How many of the newest.")]


@dataclass(frozen=True)
class LogOutcome(Outcome):
    """An outcome that also holds the lines of a log themselves, for `--json`."""

    log: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> str:
        """The promised object, with the lines beside the counts."""
        return json.dumps({**json.loads(super().as_json()), "lines": self.log}, ensure_ascii=False)


def period_of(since: date | None, until: date | None) -> tuple[str | None, str | None]:
    """The UTC instants at which `since` begins and at which `until`, a whole day, is over in the Netherlands.

    Raises:
        Refused: USAGE when the one lies after the other: nothing can be found, whatever happened.
    """
    if since and until and since > until:
        raise Refused("USAGE", "since", hint="(--since ligt na --until: draai ze om)")
    return (_start_of(since) if since else None, _start_of(until + timedelta(days=1)) if until else None)


def _start_of(day: date) -> str:
    return utc_text(datetime.combine(day, time(), AMSTERDAM))


def code_of(text: str, words: Mapping[str, str], column: str) -> str:
    """The code that somebody means who typed it, or the Dutch word that a listing shows for it.

    Raises:
        Refused: USAGE: an empty answer to a mistyped word would say that it never happened.
    """
    typed = text.strip().casefold()
    for code, word in words.items():
        if typed in (code, word.casefold()):
            return code
    near = get_close_matches(typed, [*words, *words.values()])
    raise Refused("USAGE", column, hint=f"(bedoelt u: {', '.join(near)}?)" if near else f"({', '.join(words)})")


def local(at: str) -> str:
    """A UTC instant as a clock in the Netherlands shows it; what is no instant (any more) as it stands."""
    try:
        return datetime.fromisoformat(at).astimezone(AMSTERDAM).strftime("%d-%m-%Y %H:%M:%S")
    except ValueError:
        return at


def print_log(
    outcome: LogOutcome, headings: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()
) -> None:
    """The lines as a table, what was said before it and what explains it, and how many lines there are besides.

    Whoever searches the listing for an id finds it: in a file or a pipe each line is one row, and on a terminal a
    row is broken between words only, even where it is too narrow for that.
    """
    out = table_console(soft_wrap=True)
    for text in outcome.lines:
        out.print(text, markup=False)
    if not rows:
        out.print("Geen regels.", markup=False)
        return
    table = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for row in rows:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    for at, column in enumerate(table.columns):
        words = [word for row in rows for word in row[at].split()]
        column.min_width = max(map(len, words), default=0)
    out.print(table, soft_wrap=False, crop=False)
    for note in notes:
        out.print(note, markup=False)
    shown, total = outcome.counts["lines"], outcome.counts.get("lines_in_all", outcome.counts["lines"])
    if total > shown:
        out.print(f"De nieuwste {shown} van {total} regels; meer met --most.", markup=False)
