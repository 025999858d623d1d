"""Options that the agreement and key commands share, and how they ask for a fingerprint.

A fingerprint is typed by a person who has it from paper or telephone; it is asked for when no option gives it, so
that it need not stand in a shell's history or come along with the file that it must prove.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.console import talk
from pipeline.commands.key_keeping.key_making import normal_fingerprint
from pipeline.commands.wiring import today_in_amsterdam
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import add_months, month_of, parse_day, parse_month


def typed_day(text: str) -> date:
    """A day as somebody typed it with an option.

    Raises:
        typer.BadParameter: it is no day, or of years in which nobody works.
    """
    try:
        return parse_day(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Home of the municipality. Default: SAMENLOOP_HOME, else ./var.")
]
DateOption = Annotated[
    date | None,
    typer.Option("--date", parser=typed_day, metavar="YYYY-MM-DD", help="The day of the run. Default: today."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
KeysOption = Annotated[Path, typer.Option("--keys", help="The partner's keys.json.")]
MaybeKeysOption = Annotated[Path | None, typer.Option("--keys", help="The partner's keys.json.")]
HolderOption = Annotated[Path, typer.Option("--key-holder", help="Folder of the key holder.")]
MaybeHolderOption = Annotated[Path | None, typer.Option("--key-holder", help="Folder of the key holder.")]
MonthsOption = Annotated[int, typer.Option("--months", min=1, max=24, help="How many months, this one included.")]
MonthOption = Annotated[
    list[str] | None,
    typer.Option("--month", metavar="YYYY-MM", help="A month; may be repeated. Goes before --months."),
]
PartsOption = Annotated[
    Path, typer.Option("--public-parts", help="A partner's <partner-id>.public.json, or a folder of these.")
]
FingerprintOption = Annotated[
    str | None,
    typer.Option("--fingerprint", help="Fingerprint received by another road; asked for when it is not given."),
]
ComparedOption = Annotated[
    bool, typer.Option("--compared", help="The new key's fingerprint was compared by telephone.")
]
BackupKeyOption = Annotated[
    Path | None,
    typer.Option("--key", help="backup-….json, the private key, from the vault. Default: in keys/."),
]
EmergencyOption = Annotated[bool, typer.Option("--emergency", help="The former key may be in other hands.")]
EndsOnOption = Annotated[
    date | None,
    typer.Option(
        "--ends-on",
        parser=typed_day,
        metavar="YYYY-MM-DD",
        help="Last day of the former key. Default: 31 days from the day of the run.",
    ),
]


def months_from(today: date, count: int, months: list[str] | None) -> tuple[str, ...]:
    """The months named, in order, else `count` months from this one on."""
    if months:
        return tuple(sorted({parse_month(month) for month in months}))
    return tuple(add_months(month_of(today), offset) for offset in range(count))


def asked_fingerprint(given: str | None, whose: str) -> str:
    """The fingerprint that was given, or typed now.

    Raises:
        Refused: FINGERPRINT_INVALID, also when nobody is there to type.
    """
    if given is None:
        talk.print(f"Typ de vingerafdruk van {whose}:", end=" ")
        given = sys.stdin.readline()
    return normal_fingerprint(given)


FAR_AHEAD = timedelta(days=31)


def ask_about_day(day: date | None) -> None:
    """Ask whoever types whether a day far ahead is meant: what has passed its term by then is gone for good.

    A script is not asked: its fingers do not slip.

    Raises:
        Refused: DAY_FAR_AHEAD.
    """
    if day is None or day <= today_in_amsterdam() + FAR_AHEAD or not is_typing():
        return
    talk.print(f"{day} is nog lang niet. Wat die dag verlopen is, wordt nu voorgoed vernietigd.", markup=False)
    talk.print("Typ die dag nog een keer om door te gaan:", end=" ")
    if sys.stdin.readline().strip() != day.isoformat():
        raise Refused("DAY_FAR_AHEAD")


def is_typing() -> bool:
    """Whether a person sits at the keyboard."""
    return sys.stdin.isatty()
