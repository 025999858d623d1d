"""`samenloop keys`: what the municipality, a partner and the key holder do with their keys.

No command prints a secret. The parts for partner, key holder and directory stand in files of their own.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.console import Outcome, run_command
from pipeline.commands.documents import read_directory
from pipeline.commands.key_keeping import keys_directory, keys_holder, keys_partner, keys_rotate
from pipeline.commands.key_keeping.directory_keeping import read_trusted_directory
from pipeline.commands.key_keeping.journal_keys import journal_lines
from pipeline.commands.key_keeping.key_listing import (
    KeyLine,
    as_table,
    list_holder,
    list_municipality,
    list_partner,
)
from pipeline.commands.key_keeping.key_loss import remedies
from pipeline.commands.key_keeping.key_making import (
    JOURNAL,
    MUNICIPAL_SIGNING,
    TRUST_FILE,
    keys_of,
    lost_keys,
    make_municipality_keys,
    municipal_fingerprint,
    read_trust,
    write_trust,
)
from pipeline.commands.key_keeping.key_rotation import add_months_of_keys
from pipeline.commands.key_keeping.keys_check import (
    check_holder,
    check_municipality,
    check_partner,
    may_see_opener_keys,
)
from pipeline.commands.options import (
    DateOption,
    FingerprintOption,
    HomeOption,
    JsonOption,
    MaybeHolderOption,
    MaybeKeysOption,
    MonthOption,
    MonthsOption,
    asked_fingerprint,
    months_from,
)
from pipeline.commands.wiring import Home, home_path, open_store, today_in_amsterdam
from pipeline.store.openings import opening_keys_in_use
from pipeline.vault.keyring import PartnerKeys
from pipeline.vocabulary.faults import Refused, RowFault

_NOT_SEEN = (
    "Wat in opener-keys/ ligt, is niet nagekeken: die map is van de gebruiker van de opener. "
    "Geef deze opdracht ook als die gebruiker."
)

keys_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Keys: make, show, check, rotate, revoke. Never prints a secret.",
)
DirectoryOption = Annotated[
    Path | None, typer.Option("--directory", help="The directory.json to hold keys.json against.")
]


def register(app: typer.Typer) -> None:
    """Add `keys` to the command line."""
    app.add_typer(keys_app, name="keys")


keys_app.add_typer(keys_partner.partner_app, name="partner")
keys_app.add_typer(keys_holder.holder_app, name="holder")
keys_app.add_typer(keys_directory.directory_app, name="directory")
keys_rotate.register(keys_app)


def municipality(home: Path, gemeentecode: str | None, months: tuple[str, ...], today: date) -> Outcome:
    """Make a municipality's keys; where it has keys, add only the months that lack. What is lost is named."""
    if keys_of(home, MUNICIPAL_SIGNING):
        known, _ = read_trust(Home(home).keys_dir)
        if gemeentecode not in (None, known):
            raise Refused("KEY_WRONG", "gemeentecode")
        added = add_months_of_keys(home, months, today)
        lost = lost_keys(home, known, months).values()
        lines = [f"Sleutels bijgemaakt: {len(added)}.", *(f"  {key.key_id}" for key in added)]
        lines += [line for key in added if key.kind == JOURNAL for line in journal_lines(key)]
        lines += remedies(lost, None)
        refused = [RowFault("KEY_MISSING", key_id) for key_id in lost]
        return Outcome("keys municipality", {"keys": len(added)}, refused, lines=lines)
    if (Home(home).keys_dir / TRUST_FILE).exists():  # it lies in the vault: another one would be made beside it
        raise Refused("KEY_MISSING", hint=f"({MUNICIPAL_SIGNING})")
    if gemeentecode is None:
        raise Refused("USAGE", "gemeentecode", hint="(--gemeentecode GM9901)")
    fingerprint = make_municipality_keys(home, gemeentecode, months, today)
    lines = [
        f"Sleutels van {gemeentecode} gemaakt voor {', '.join(months)}.",
        f"Vingerafdruk van de gemeente: {fingerprint}",
        "Geef deze vingerafdruk op papier of per telefoon aan elke partner en aan de sleutelhouder.",
        *journal_lines(keys_of(home, JOURNAL)[-1]),
    ]
    place = Home(home)
    count = sum(len(list(folder.glob("*-*.json"))) for folder in (place.keys_dir, place.opener_keys_dir))
    paths = {"keys": str(place.keys_dir), "opener_keys": str(place.opener_keys_dir)}
    return Outcome("keys municipality", {"keys": count}, paths=paths, lines=lines)


def show(home: Path, keys: Path | None, key_holder: Path | None) -> Outcome:
    """List keys: of a partner, of the key holder, else of a municipality."""
    lines: list[KeyLine]
    head: list[str] = []
    if keys is not None:
        lines = list_partner(keys)
        pins = PartnerKeys.read(keys).municipal_fingerprints
        head = [f"Vertrouwt gemeente {code}: {pinned}" for code, pinned in pins.items()]
    elif key_holder is not None:
        lines = list_holder(key_holder)
    else:
        file = Home(home).directory_file
        if not file.exists() and not Home(home).keys_dir.is_dir():
            raise Refused("HOME_MISSING", hint=f"({home.name})")
        lines = list_municipality(home, read_directory(file) if file.exists() else None)
        head = [f"Vingerafdruk van de gemeente: {municipal_fingerprint(home)}"]
        if (Home(home).opener_keys_dir / TRUST_FILE).exists():
            head.append(f"De opener vertrouwt: {read_trust(Home(home).opener_keys_dir)[1]}")
    if not lines:
        raise Refused("KEY_MISSING")
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.kind] = counts.get(line.kind, 0) + 1
    return Outcome("keys show", counts, lines=[*head, *as_table(lines)])


def _opening_keys_in_use(place: Home) -> list[str]:
    """Opening keys that signals in the store need; none for whoever may not read the opener's folder.

    Before the first day there is no store, and none is made.
    """
    if not os.access(place.opener_keys_dir, os.R_OK | os.X_OK):
        return []
    if not (place.database.is_file() or os.environ.get("SAMENLOOP_DATABASE")):
        return []
    gemeentecode, _ = read_trust(place.opener_keys_dir)
    with closing(open_store(place, gemeentecode)) as store:
        return opening_keys_in_use(store)


def check(home: Path, keys: Path | None, key_holder: Path | None, directory: Path | None, today: date) -> Outcome:
    """Judge keys: of a partner, of the key holder, else of a municipality."""
    told: list[str] = []
    if keys is not None:
        beside = keys.with_name("directory.json")
        findings = check_partner(keys, directory or (beside if beside.exists() else None), today)
    elif key_holder is not None:
        findings = check_holder(key_holder, today)
    else:
        try:
            in_use, unread = _opening_keys_in_use(Home(home)), []
        except Refused as refusal:
            in_use, unread = [], [refusal.as_row_fault()]
        found = check_municipality(home, today, in_use)
        findings = [*found, *(fault for fault in unread if fault.code not in {one.code for one in found})]
        told = _remedies(home, findings)
        told += [_NOT_SEEN] * (not may_see_opener_keys(home))
    word = "Alles in orde." if not findings else "Niet alles is in orde:"
    return Outcome("keys check", {"findings": len(findings)}, findings, lines=[word, *told])


def _remedies(home: Path, findings: Sequence[RowFault]) -> list[str]:
    directory = None
    with suppress(Refused):  # a finding of its own
        directory = read_directory(Home(home).directory_file)
    return remedies((str(fault.column) for fault in findings if fault.code == "KEY_MISSING"), directory)


def trust(home: Path, fingerprint: str) -> Outcome:
    """Pin the municipal key anew for the opener, after holding the directory against the fingerprint."""
    place = Home(home)
    directory = read_trusted_directory(place.directory_file, fingerprint)
    path = write_trust(place.opener_keys_dir, directory.gemeentecode, fingerprint)
    lines = [f"De opener vertrouwt nu: {fingerprint}"]
    return Outcome("keys trust", {"pins": 1}, paths={"trust": str(path)}, lines=lines)


@keys_app.command("municipality")
def municipality_command(
    home: HomeOption = None,
    gemeentecode: Annotated[str | None, typer.Option(help="As GM9901; needed the first time.")] = None,
    months: MonthsOption = 3,
    month: MonthOption = None,
    date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make all keys of a municipality, or add the months that lack.

    Example:

      samenloop keys municipality --home gemeente --gemeentecode GM9901 --months 3
    """
    today = date or today_in_amsterdam()
    run_command(
        lambda: municipality(home_path(home), gemeentecode, months_from(today, months, month), today),
        "keys municipality",
        as_json=as_json,
    )


@keys_app.command("show")
def show_command(
    home: HomeOption = None,
    keys: MaybeKeysOption = None,
    key_holder: MaybeHolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show keys: id, holder, term, place, fingerprint of the public half.

    Example:

      samenloop keys show --home gemeente

      samenloop keys show --keys keys.json
    """
    run_command(lambda: show(home_path(home), keys, key_holder), "keys show", as_json=as_json)


@keys_app.command("check")
def check_command(
    home: HomeOption = None,
    keys: MaybeKeysOption = None,
    key_holder: MaybeHolderOption = None,
    directory: DirectoryOption = None,
    date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check files, modes, terms, months and directory; says what ends within 30 days.

    Example:

      samenloop keys check --home gemeente

      samenloop keys check --keys keys.json --directory directory.json
    """
    run_command(
        lambda: check(home_path(home), keys, key_holder, directory, date or today_in_amsterdam()),
        "keys check",
        as_json=as_json,
    )


@keys_app.command("trust")
def trust_command(
    home: HomeOption = None, fingerprint: FingerprintOption = None, as_json: JsonOption = False
) -> None:
    """Pin the municipal signing key for the opener; run it as the opener's user.

    Example:

      samenloop keys trust --home gemeente
    """
    run_command(
        lambda: trust(home_path(home), asked_fingerprint(fingerprint, "de gemeente")),
        "keys trust",
        as_json=as_json,
    )
