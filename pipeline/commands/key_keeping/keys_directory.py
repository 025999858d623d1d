"""`samenloop keys directory`: the privacy officer enters, ends and revokes public keys, and signs the list."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.console import Outcome, run_command
from pipeline.commands.documents import read_directory
from pipeline.commands.key_keeping.directory_keeping import (
    enter_partner,
    open_directory,
    refuse_day_ahead,
    revoke_key,
    sign_directory,
)
from pipeline.commands.key_keeping.key_making import MUNICIPAL_SIGNING
from pipeline.commands.key_keeping.key_rotation import OVERLAP, enter_own_keys, revoke_former_signing
from pipeline.commands.key_keeping.partner_parts import read_public_parts
from pipeline.commands.options import (
    ComparedOption,
    DateOption,
    EndsOnOption,
    HomeOption,
    JsonOption,
    PartsOption,
    typed_day,
)
from pipeline.commands.wiring import Home, home_path, today_in_amsterdam
from pipeline.vocabulary.directory import MUNICIPALITY, Directory

directory_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The signed list of public keys, directory.json."
)


def add(
    home: Path, public_parts: Path, ends_on: date | None, today: date, *, has_compared: bool = False
) -> Outcome:
    """Enter partners' public parts; what they replace ends after an overlap."""
    document = open_directory(home)
    parts = read_public_parts(public_parts)
    before = {key.key_id for key in Directory.from_dict(document).keys}
    for part in parts:
        document = enter_partner(document, part, ends_on or today + OVERLAP, today, has_compared=has_compared)
    entered = [key.key_id for key in Directory.from_dict(document).keys if key.key_id not in before]
    if not entered:
        return Outcome("keys directory add", {"entered": 0}, lines=["Deze sleutels staan er al in."])
    path = sign_directory(home, document, today)
    lines = [
        "In de sleutellijst gezet:",
        *(f"  {key_id}" for key_id in entered),
        "Vergelijk per telefoon met elke nieuwe partner:",
        *(f"  {part.partner_id}: {part.fingerprint}" for part in parts),
        *_send_line(path),
    ]
    return Outcome("keys directory add", {"entered": len(entered)}, paths={"directory": str(path)}, lines=lines)


def revoke(home: Path, key_id: str, on: date | None, today: date) -> Outcome:
    """Revoke a key as of a day.

    Raises:
        Refused: NOT_FOUND; NOT_ALLOWED_NOW for the municipal key that signs today; DAY_AHEAD.
    """
    refuse_day_ahead(on, today)
    document = open_directory(home)
    key = Directory.from_dict(document).by_id(key_id)
    if key is not None and (key.kind, key.holder) == (MUNICIPAL_SIGNING, MUNICIPALITY):
        revoke_former_signing(home, key_id, on or today, today)
    else:
        sign_directory(home, revoke_key(document, key_id, on or today), today)
    path = Home(home).directory_file
    lines = [
        f"Ingetrokken vanaf {(on or today).isoformat()}: {key_id}.",
        "Wat met deze sleutel is ondertekend, wordt vanaf die dag geweigerd.",
        *_send_line(path),
    ]
    return Outcome("keys directory revoke", {"revoked": 1}, paths={"directory": str(path)}, lines=lines)


def sign(home: Path, today: date) -> Outcome:
    """Enter the municipality's own keys that lack and sign the next version."""
    path = enter_own_keys(home, today)
    directory = read_directory(path)
    lines = [
        f"Sleutellijst versie {directory.version} ondertekend: {len(directory.keys)} sleutels.",
        *_send_line(path),
    ]
    return Outcome(
        "keys directory sign", {"keys": len(directory.keys)}, paths={"directory": str(path)}, lines=lines
    )


def _send_line(path: Path) -> tuple[str]:
    return (f"Stuur {path.name} aan alle partners.",)


@directory_app.command("add")
def add_command(
    public_parts: PartsOption,
    home: HomeOption = None,
    ends_on: EndsOnOption = None,
    compared: ComparedOption = False,
    date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Enter a partner's public part: a new partner, or new keys of one that is in it.

    Example:

      samenloop keys directory add --home gemeente --public-parts openbaar/woonpunt.public.json
    """
    today = date or today_in_amsterdam()
    run_command(
        lambda: add(home_path(home), public_parts, ends_on, today, has_compared=compared),
        "keys directory add",
        as_json=as_json,
    )


@directory_app.command("revoke")
def revoke_command(
    key_id: Annotated[str, typer.Argument(help="As `samenloop keys show` prints it.")],
    home: HomeOption = None,
    on: Annotated[
        date | None,
        typer.Option(
            parser=typed_day,
            metavar="YYYY-MM-DD",
            help="First day without it, not after today. Default: today.",
        ),
    ] = None,
    on_date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Revoke a key at once: what was signed with it is refused from that day on.

    Example:

      samenloop keys directory revoke partner-signing-woonpunt-1 --home gemeente
    """
    run_command(
        lambda: revoke(home_path(home), key_id, on, on_date or today_in_amsterdam()),
        "keys directory revoke",
        as_json=as_json,
    )


@directory_app.command("sign")
def sign_command(home: HomeOption = None, date: DateOption = None, as_json: JsonOption = False) -> None:
    """Enter the municipality's keys that lack, and sign the list anew.

    Example:

      samenloop keys directory sign --home gemeente
    """
    run_command(
        lambda: sign(home_path(home), date or today_in_amsterdam()), "keys directory sign", as_json=as_json
    )
