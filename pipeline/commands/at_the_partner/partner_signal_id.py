"""`samenloop partner signal-id`: under which id one client was reported, for a resident who asks what is held.

Only the partner can go from client number to signal id. The client number is typed, so that it stands in no
shell's history and in no list of processes. Nothing is written.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from typing import Annotated

import polars as pl
import typer

from pipeline.commands.console import Outcome, run_command, talk
from pipeline.commands.options import JsonOption, KeysOption
from pipeline.commands.wiring import today_in_amsterdam
from pipeline.vault.keyring import PartnerKeys
from pipeline.vault.tokens import signal_ids
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import add_months, month_of, parse_month

COMMAND = "partner signal-id"
MONTHS_BACK = 6


def tell_ids(keys: PartnerKeys, klantnummer: str, gemeentecode: str | None, months: Sequence[str]) -> Outcome:
    """The client's signal id of each month, in a municipality that the partner delivers to.

    Raises:
        Refused: VALUE_MISSING without a client number; OTHER_MUNICIPALITY.
    """
    klantnummer = klantnummer.strip()
    if not klantnummer:
        raise Refused("VALUE_MISSING", "klantnummer")
    known = tuple(keys.municipal_fingerprints)
    gemeente = gemeentecode or (known[0] if len(known) == 1 else "")
    if gemeente not in known:
        raise Refused("OTHER_MUNICIPALITY", hint=f"(--gemeentecode {'|'.join(known)})")
    numbers = pl.Series([klantnummer], dtype=pl.String)
    lines = [
        f"{keys.partner_id}/{month}/{signal_ids(keys.secret.secret.value, gemeente, month, numbers)[0]}"
        for month in months
    ]
    talk.print(
        "Het nummer moet precies zo geschreven zijn als in uw export: ook hoofdletters en nullen.", markup=False
    )
    talk.print("Geef deze regels alleen aan de privacyfunctionaris van de gemeente.", markup=False)
    return Outcome(COMMAND, {"months": len(lines)}, lines=lines, has_said_counts=True)


def months_until(today: date) -> list[str]:
    """This month and those before it that a municipality may still hold."""
    return [add_months(month_of(today), -back) for back in range(MONTHS_BACK, -1, -1)]


def register(partner_app: typer.Typer) -> None:
    """Add the command to `samenloop partner`."""

    @partner_app.command("signal-id")
    def command(
        keys: KeysOption,
        month: Annotated[
            list[str] | None,
            typer.Option("--month", metavar="YYYY-MM", help="Repeatable. Default: the last seven."),
        ] = None,
        gemeentecode: Annotated[str | None, typer.Option(help="As GM9901; needed with more than one.")] = None,
        as_json: JsonOption = False,
    ) -> None:
        """Tell under which ids one client was reported; the client number is asked for.

        Example: samenloop partner signal-id --keys keys.json --month 2026-10
        """

        def work() -> Outcome:
            talk.print("Typ het klantnummer:", end=" ")
            klantnummer = sys.stdin.readline().strip()
            months = [parse_month(one) for one in month] if month else months_until(today_in_amsterdam())
            return tell_ids(PartnerKeys.read(keys), klantnummer, gemeentecode, months)

        run_command(work, COMMAND, as_json=as_json)
