"""`samenloop keys partner`: a partner makes and changes its keys, takes in token keys, pins a municipality."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.commands.console import Outcome, run_command
from pipeline.commands.key_keeping.directory_keeping import read_trusted_directory
from pipeline.commands.key_keeping.partner_parts import (
    SECRET,
    check_public_part,
    make_partner_keys,
    pin_municipality,
    rotate_partner_key,
    write_public_part,
)
from pipeline.commands.key_keeping.token_issuing import pinned_holder, receive_token_keys
from pipeline.commands.options import (
    DateOption,
    EmergencyOption,
    FingerprintOption,
    JsonOption,
    KeysOption,
    asked_fingerprint,
)
from pipeline.commands.wiring import today_in_amsterdam
from pipeline.vault.keyring import PartnerKeys
from pipeline.vault.signing import fingerprint as fingerprint_of
from pipeline.vocabulary.faults import Refused

partner_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Keys of a signal partner.")
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Where the public part goes. Default: beside keys.json.")
]


def new(keys: Path, partner_id: str, pins: Mapping[str, str], out: Path | None, today: date) -> Outcome:
    """Make keys.json and the public part."""
    document = make_partner_keys(keys, partner_id, pins, today)
    return _public_outcome("keys partner new", f"Sleutels van {partner_id} gemaakt.", document, keys, out)


def rotate(keys: Path, kind: str, out: Path | None, today: date, *, is_emergency: bool = False) -> Outcome:
    """Add a signing or box key, or replace the secret; then write the public part anew.

    Raises:
        Refused: NOT_ALLOWED_NOW for the secret without emergency: signal ids of running months would change.
    """
    if kind == SECRET and not is_emergency:
        raise Refused("NOT_ALLOWED_NOW", "kind", hint="(--emergency)")
    document = rotate_partner_key(keys, kind, today)
    outcome = _public_outcome("keys rotate", f"Nieuwe sleutel gemaakt: {kind}.", document, keys, out)
    if kind == SECRET:
        again = "De signaalnummers zijn nu anders. Lever elke lopende maand opnieuw aan (--kind signals)."
        outcome.lines.append(again)
    elif is_emergency:
        outcome.lines.append("Bel nu de gemeente en de sleutelhouder: de oude sleutel moet worden ingetrokken.")
    return outcome


def receive(keys: Path, issued: Path, fingerprint: str | None) -> Outcome:
    """Take in an issue, or this partner's issues in a folder; the first time the holder's fingerprint is asked.

    Raises:
        Refused: NOT_FOUND when the folder holds nothing for this partner; what taking in an issue refuses.
    """
    held = PartnerKeys.read(keys)
    files = sorted(issued.glob(f"{held.partner_id}_*.tokens.json")) if issued.is_dir() else [issued]
    if not files:
        raise Refused("NOT_FOUND", hint=f"({held.partner_id}_….tokens.json)")
    if fingerprint is None and pinned_holder(keys) is None:
        fingerprint = asked_fingerprint(None, "de sleutelhouder")
    for file in files:
        held = receive_token_keys(keys, file, fingerprint)
    months = sorted({(key.gemeentecode, key.month) for key in held.token_keys})
    lines = [f"Maandsleutels van {held.partner_id}:", *(f"  {code} {month}" for code, month in months)]
    return Outcome("keys partner receive", {"months": len(months)}, paths={"keys": str(keys)}, lines=lines)


def trust(keys: Path, gemeentecode: str | None, directory: Path | None, fingerprint: str | None) -> Outcome:
    """Pin a municipality: by its fingerprint, held against its directory where one is given."""
    pinned = asked_fingerprint(fingerprint, "de gemeente")
    if directory is not None:
        found = read_trusted_directory(directory, pinned).gemeentecode
        if gemeentecode not in (None, found):
            raise Refused("OTHER_MUNICIPALITY", "gemeentecode")
        gemeentecode = found
    if gemeentecode is None:
        raise Refused("USAGE", "gemeentecode", hint="(--gemeentecode GM9901)")
    pin_municipality(keys, gemeentecode, pinned)
    lines = [f"Vingerafdruk van {gemeentecode} vastgelegd: {pinned}"]
    return Outcome("keys partner trust", {"pins": 1}, paths={"keys": str(keys)}, lines=lines)


def _public_outcome(
    command: str, first_line: str, document: Mapping[str, Any], keys: Path, out: Path | None
) -> Outcome:
    part = check_public_part(document)
    public = write_public_part(out or keys.parent, document)
    lines = [
        first_line,
        f"Vingerafdruk van {part.partner_id}: {fingerprint_of(part.signing.public)}",
        f"Stuur {public.name} naar de gemeente en naar de sleutelhouder. Houd {keys.name} geheim.",
    ]
    return Outcome(command, {"keys": 2}, paths={"keys": str(keys), "public": str(public)}, lines=lines)


@partner_app.command("new")
def new_command(
    partner_id: Annotated[str, typer.Argument(help="Id in the agreement: small letters, digits, hyphens.")],
    gemeentecode: Annotated[str, typer.Option(help="Municipality to pin, as GM9901.")],
    keys: KeysOption = Path("keys.json"),
    fingerprint: FingerprintOption = None,
    out: OutOption = None,
    date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a partner's keys and the public part to send; asks for the municipality's fingerprint.

    Example:

      samenloop keys partner new woonpunt --gemeentecode GM9901 --keys woonpunt/keys.json
    """

    def work() -> Outcome:
        pins = {gemeentecode: asked_fingerprint(fingerprint, "de gemeente")}
        return new(keys, partner_id, pins, out, date or today_in_amsterdam())

    run_command(work, "keys partner new", as_json=as_json)


@partner_app.command("rotate")
def rotate_command(
    kind: Annotated[str, typer.Argument(help="partner-signing, partner-box or partner-secret.")],
    keys: KeysOption = Path("keys.json"),
    out: OutOption = None,
    emergency: EmergencyOption = False,
    date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the partner's next key of a kind; the same as `samenloop keys rotate KIND --keys`.

    Example:

      samenloop keys partner rotate partner-signing --keys woonpunt/keys.json
    """
    run_command(
        lambda: rotate(keys, kind, out, date or today_in_amsterdam(), is_emergency=emergency),
        "keys rotate",
        as_json=as_json,
    )


@partner_app.command("receive")
def receive_command(
    issued: Annotated[Path, typer.Argument(help="The file that the key holder sent, or a folder of these.")],
    keys: KeysOption = Path("keys.json"),
    fingerprint: FingerprintOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the month's token keys into keys.json; asks for the key holder's fingerprint the first time.

    Example:

      samenloop keys partner receive woonpunt_GM9901_2026-12.tokens.json --keys woonpunt/keys.json
    """
    run_command(lambda: receive(keys, issued, fingerprint), "keys partner receive", as_json=as_json)


@partner_app.command("trust")
def trust_command(
    gemeentecode: Annotated[str | None, typer.Option(help="Municipality, as GM9901.")] = None,
    directory: Annotated[Path | None, typer.Option(help="Its directory.json, to hold against.")] = None,
    keys: KeysOption = Path("keys.json"),
    fingerprint: FingerprintOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pin one more municipality, or the new signing key of one.

    Example:

      samenloop keys partner trust --directory directory.json --keys woonpunt/keys.json
    """
    run_command(lambda: trust(keys, gemeentecode, directory, fingerprint), "keys partner trust", as_json=as_json)
