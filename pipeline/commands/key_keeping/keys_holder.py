"""`samenloop keys holder`: the key holder makes the token root and issues each month's token keys."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.console import Outcome, run_command
from pipeline.commands.key_keeping.partner_parts import PublicPart, read_public_parts
from pipeline.commands.key_keeping.token_issuing import (
    distrust_partner,
    holder_fingerprint,
    issue_token_keys,
    issued_rows,
    make_key_holder,
    read_ledger,
)
from pipeline.commands.options import (
    ComparedOption,
    DateOption,
    EmergencyOption,
    HolderOption,
    JsonOption,
    MonthOption,
    MonthsOption,
    PartsOption,
    months_from,
)
from pipeline.commands.wiring import today_in_amsterdam
from pipeline.vocabulary.faults import RowFault

holder_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Keys of the key holder, who is not the municipality."
)
IssueOutOption = Annotated[
    Path | None, typer.Option("--out", help="Where the issued files go. Default: issued/ in the holder's folder.")
]
DEFAULT_FOLDER = Path("key-holder")
GemeenteOption = Annotated[str, typer.Option("--gemeentecode", help="Municipality, as GM9901.")]


def new(folder: Path, today: date) -> Outcome:
    """Make the root."""
    make_key_holder(folder, today)
    lines = ["Sleutels van de sleutelhouder gemaakt.", *_fingerprint_lines(folder)]
    return Outcome("keys holder new", {"keys": 2}, paths={"key_holder": str(folder)}, lines=lines)


def issue(
    folder: Path,
    public_parts: Path,
    gemeentecode: str,
    months: tuple[str, ...],
    out: Path | None,
    today: date,
    *,
    has_compared: bool = False,
    is_emergency: bool = False,
) -> Outcome:
    """Issue token keys; the first time this makes the root. Partners left with an older key are refusals."""
    lines = []
    if not folder.exists() or not any(folder.glob("token-root-*.json")):
        lines += new(folder, today).lines
    parts = read_public_parts(public_parts)
    files = issue_token_keys(
        folder,
        [part.document for part in parts],
        gemeentecode,
        months,
        today,
        out,
        has_compared=has_compared,
        is_emergency=is_emergency,
    )
    lines += [f"Maandsleutels van {gemeentecode} uitgegeven voor {', '.join(months)}.", *_part_lines(parts)]
    if is_emergency:
        lines.append("Noodgeval: elke partner levert deze maanden opnieuw aan, met de nieuwe maandsleutel.")
    left = _left_behind(folder, gemeentecode, months)
    paths = {part.partner_id: str(file) for part, file in zip(parts, files, strict=True)}
    return Outcome("keys holder issue", {"partners": len(files), "months": len(months)}, left, paths, lines)


def distrust(folder: Path, partner_id: str) -> Outcome:
    """Believe nothing that a partner's former key vouches for."""
    distrust_partner(folder, partner_id)
    lines = [f"De sleutel van {partner_id} telt niet meer. Geef pas weer uit na vergelijken, met --compared."]
    return Outcome("keys holder distrust", {"partners": 1}, lines=lines)


def _fingerprint_lines(folder: Path) -> list[str]:
    return [
        f"Vingerafdruk van de sleutelhouder: {holder_fingerprint(folder)}",
        "Geef deze vingerafdruk op papier of per telefoon aan elke partner.",
    ]


def _part_lines(parts: tuple[PublicPart, ...]) -> list[str]:
    return [
        "Vergelijk per telefoon met elke nieuwe partner:",
        *(f"  {part.partner_id}: {part.fingerprint}" for part in parts),
    ]


def _left_behind(folder: Path, gemeentecode: str, months: tuple[str, ...]) -> list[RowFault]:
    """Partners that were issued a month before and do not have its newest token key."""
    ledger = read_ledger(folder)
    left = []
    for month in months:
        rows = issued_rows(ledger, gemeentecode, month)
        up_to_date = {row["partner_id"] for row in rows if row["key_id"] == rows[-1]["key_id"]}
        behind = sorted({row["partner_id"] for row in rows} - up_to_date)
        left += [RowFault("TOKEN_KEY_NOT_ISSUED", f"{partner_id} {gemeentecode} {month}") for partner_id in behind]
    return left


@holder_app.command("new")
def new_command(
    key_holder: HolderOption = DEFAULT_FOLDER, date: DateOption = None, as_json: JsonOption = False
) -> None:
    """Make the key holder's root. `issue` does this by itself the first time.

    Example:

      samenloop keys holder new --key-holder sleutelhouder
    """
    run_command(lambda: new(key_holder, date or today_in_amsterdam()), "keys holder new", as_json=as_json)


@holder_app.command("issue")
def issue_command(
    public_parts: PartsOption,
    gemeentecode: GemeenteOption,
    key_holder: HolderOption = DEFAULT_FOLDER,
    months: MonthsOption = 3,
    month: MonthOption = None,
    out: IssueOutOption = None,
    compared: ComparedOption = False,
    emergency: EmergencyOption = False,
    date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Issue token keys to partners, sealed to each partner's box key; one file per partner.

    Example:

      samenloop keys holder issue --key-holder sleutelhouder --gemeentecode GM9901 --public-parts openbaar
    """
    today = date or today_in_amsterdam()
    run_command(
        lambda: issue(
            key_holder,
            public_parts,
            gemeentecode,
            months_from(today, months, month),
            out,
            today,
            has_compared=compared,
            is_emergency=emergency,
        ),
        "keys holder issue",
        as_json=as_json,
    )


@holder_app.command("distrust")
def distrust_command(
    partner_id: Annotated[str, typer.Argument(help="Partner whose signing key may be in other hands.")],
    key_holder: HolderOption = DEFAULT_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Forget by which key a partner is known; the next issue to it needs --compared.

    Example:

      samenloop keys holder distrust woonpunt --key-holder sleutelhouder
    """
    run_command(lambda: distrust(key_holder, partner_id), "keys holder distrust", as_json=as_json)
