"""`samenloop keys rotate KIND`: the next key of any kind, at whoever holds it.

For sealing and signing keys the newest writes and all in term read. Token, store and case keys never give equal
values across two of them, so token and store keys change with the month; within a month only in an emergency, and
then the month is delivered again.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.console import Outcome, run_command
from pipeline.commands.key_keeping import keys_holder, keys_partner
from pipeline.commands.key_keeping.journal_keys import journal_lines
from pipeline.commands.key_keeping.key_making import (
    ADMISSION,
    CASE,
    JOURNAL,
    LISTED_KINDS,
    MUNICIPAL_KINDS,
    MUNICIPAL_SIGNING,
    OPENING,
    STORE,
)
from pipeline.commands.key_keeping.key_rotation import Rotation, rotate_municipal_key
from pipeline.commands.key_keeping.partner_parts import PARTNER_KINDS
from pipeline.commands.key_keeping.token_issuing import HOLDER_SIGNING, ROOT, holder_fingerprint, rotate_holder_key
from pipeline.commands.options import (
    ComparedOption,
    DateOption,
    EmergencyOption,
    EndsOnOption,
    HomeOption,
    JsonOption,
    MaybeHolderOption,
    MaybeKeysOption,
)
from pipeline.commands.wiring import Home, home_path, today_in_amsterdam
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import parse_month

TOKEN = "token"  # noqa: S105 - the name of a kind of key
KINDS = (*MUNICIPAL_KINDS, *PARTNER_KINDS, TOKEN, ROOT, HOLDER_SIGNING)

_AFTER = {
    ADMISSION: "Stuur directory.json aan alle partners. Bewaar de oude sleutel: wat onderweg is, gaat ermee open.",
    OPENING: "Stuur directory.json aan alle partners. De opener leest met de oude en de nieuwe sleutel.",
    CASE: "Herhaling van eerdere maanden wordt vanaf nu met de nieuwe sleutel herkend.",
    JOURNAL: "Nieuwe zegels op het journaal krijgen deze sleutel; de vorige staat ervoor in.",
    STORE: "De nieuwe sleutel geldt voor alles van deze maand.",
}
_JOURNAL_AFTER_LOSS = (
    "De vorige sleutel is weg en staat hier dus niet voor in. Wie controleert, bewaart ook de vorige vingerafdruk "
    "en geeft beide: samenloop journal verify --fingerprint <vorige> --fingerprint <nieuwe>."
)


def register(keys_app: typer.Typer) -> None:
    """Add `rotate` to `samenloop keys`."""
    keys_app.command("rotate")(rotate_command)


def rotate_municipality(
    home: Path, kind: str, month: str | None, ends_on: date | None, today: date, *, is_emergency: bool = False
) -> Outcome:
    """Rotate a key of the municipality and say what must follow."""
    done = rotate_municipal_key(home, kind, today, month, ends_on, is_emergency=is_emergency)
    lines = [f"Nieuwe sleutel: {done.key.key_id}."]
    if done.former is not None:
        is_revoked = done.former.key_id in done.revoked
        lines.append(f"Vorige sleutel: {done.former.key_id}{' (ingetrokken)' if is_revoked else ''}.")
        others = [key_id for key_id in done.revoked if key_id != done.former.key_id]
        lines += [f"Ook ingetrokken: {', '.join(others)}."] if others else []
    lines += _after(done, kind, is_emergency)
    paths = {"directory": str(Home(home).directory_file)} if kind in LISTED_KINDS else {}
    return Outcome("keys rotate", {"keys": 1}, paths=paths, lines=lines)


def rotate_holder(folder: Path, kind: str, today: date) -> Outcome:
    """Rotate the root or the signing key of the key holder."""
    key = rotate_holder_key(folder, kind, today)
    lines = [f"Nieuwe sleutel: {key.key_id}."]
    if kind == ROOT:
        lines.append("Maanden die al zijn uitgegeven, houden hun maandsleutel. Nieuwe maanden krijgen de nieuwe.")
    else:
        lines.append(f"Vingerafdruk van de sleutelhouder: {holder_fingerprint(folder)}")
        lines.append(
            "Geef deze aan elke partner; die typt haar bij: samenloop keys partner receive --fingerprint."
        )
    return Outcome("keys rotate", {"keys": 1}, paths={"key_holder": str(folder)}, lines=lines)


def rotate_token(
    folder: Path,
    public_parts: Path | None,
    gemeentecode: str | None,
    month: str | None,
    today: date,
    *,
    is_emergency: bool,
    has_compared: bool = False,
) -> Outcome:
    """Issue another token key for a month that was issued before.

    Raises:
        Refused: NOT_ALLOWED_NOW without emergency: the next month has another key by itself.
    """
    if not is_emergency:
        raise Refused("NOT_ALLOWED_NOW", "kind", hint="(--emergency)")
    if public_parts is None or gemeentecode is None or month is None:
        raise Refused("USAGE", "month", hint="(--month --gemeentecode --public-parts)")
    return keys_holder.issue(
        folder,
        public_parts,
        gemeentecode,
        (parse_month(month),),
        None,
        today,
        has_compared=has_compared,
        is_emergency=True,
    )


def _after(done: Rotation, kind: str, is_emergency: bool) -> list[str]:
    if done.must_deliver_again:
        return [
            f"Noodgeval: elke partner levert {done.key.month} opnieuw aan. Tot dan "
            "blijven zaken staan, en vindt deze maand nieuwe alleen tussen wie dat al deed."
        ]
    if kind == MUNICIPAL_SIGNING and is_emergency:
        return [
            "Overeenkomst en sleutellijst zijn opnieuw ondertekend. Stuur beide aan alle partners.",
            "Geef de nieuwe vingerafdruk per telefoon. Partners typen haar in: samenloop keys partner trust.",
            "Als gebruiker van de opener: samenloop keys trust.",
        ]
    if kind == MUNICIPAL_SIGNING:
        return [
            "De vorige sleutel staat in voor de nieuwe, dus niets onderweg wordt geweigerd.",
            "Geef de nieuwe vingerafdruk aan de partners: samenloop keys show.",
        ]
    if is_emergency and kind in (ADMISSION, OPENING):
        return ["Stuur directory.json aan alle partners. Wat nog onderweg was, leveren zij opnieuw aan."]
    if kind == JOURNAL:
        return [*journal_lines(done.key), _AFTER[kind] if done.former is not None else _JOURNAL_AFTER_LOSS]
    return [_AFTER[kind]] if kind in _AFTER else []


def rotate_command(
    kind: Annotated[str, typer.Argument(help=f"One of: {', '.join(KINDS)}.")],
    home: HomeOption = None,
    keys: MaybeKeysOption = None,
    key_holder: MaybeHolderOption = None,
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="For opening, store, token.")] = None,
    gemeentecode: Annotated[str | None, typer.Option(help="For token, as GM9901.")] = None,
    public_parts: Annotated[Path | None, typer.Option(help="For token: folder of *.public.json.")] = None,
    ends_on: EndsOnOption = None,
    emergency: EmergencyOption = False,
    compared: ComparedOption = False,
    date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the next key of a kind.

    Example:

      samenloop keys rotate admission --home gemeente

      samenloop keys rotate store --month 2026-12 --home gemeente

      samenloop keys rotate partner-signing --keys keys.json

      samenloop keys rotate token-root --key-holder sleutelhouder
    """
    today = date or today_in_amsterdam()

    def work() -> Outcome:
        if month is not None:
            parse_month(month)
        if kind in PARTNER_KINDS:
            return keys_partner.rotate(keys or Path("keys.json"), kind, None, today, is_emergency=emergency)
        folder = key_holder or keys_holder.DEFAULT_FOLDER
        if kind == TOKEN:
            return rotate_token(
                folder, public_parts, gemeentecode, month, today, is_emergency=emergency, has_compared=compared
            )
        if kind in (ROOT, HOLDER_SIGNING):
            return rotate_holder(folder, kind, today)
        return rotate_municipality(home_path(home), kind, month, ends_on, today, is_emergency=emergency)

    run_command(work, "keys rotate", as_json=as_json)
