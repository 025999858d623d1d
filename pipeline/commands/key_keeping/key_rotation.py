"""Changing the municipality's keys: the newest writes, every key in term reads.

Keys with a public half go into the directory at once; the former one ends after an overlap. A store key changes at
a month boundary only: what is stored under one never equals what is stored under another, so an emergency change
within a month means that every partner delivers that month again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pipeline.commands.documents import read_agreement, read_directory
from pipeline.commands.journal_keeping.restore_proofs import sign_restores_again
from pipeline.commands.key_keeping.agreement_making import agreement_files, sign_agreements_again
from pipeline.commands.key_keeping.directory_keeping import (
    endorse,
    enter_key,
    open_directory,
    revoke_key,
    sign_directory,
    signing_key_for,
)
from pipeline.commands.key_keeping.document_writing import sweep_left
from pipeline.commands.key_keeping.key_making import (
    LISTED_KINDS,
    MONTHLY_KINDS,
    MUNICIPAL_KINDS,
    MUNICIPAL_SIGNING,
    STORE,
    folder_of,
    keys_of,
    last_number,
    make_month_keys,
    make_standing_keys,
    municipal_fingerprint,
    new_municipal_key,
    public_key_of,
    read_trust,
    write_trust,
)
from pipeline.commands.key_keeping.key_numbers import note_numbers
from pipeline.commands.wiring import Home
from pipeline.vault.keyring import KeyFile, as_listed
from pipeline.vocabulary.directory import Directory, PublicKey
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import month_of

OVERLAP = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a change of key did. `former` is None for the first key of a month; `revoked` is of an emergency."""

    key: KeyFile
    former: KeyFile | None
    must_deliver_again: bool = False
    revoked: tuple[str, ...] = ()


def rotate_municipal_key(
    home: Path,
    kind: str,
    today: date,
    month: str | None = None,
    ends_on: date | None = None,
    *,
    is_emergency: bool = False,
) -> Rotation:
    """Make the next key of a kind.

    Args:
        home: the municipality's home.
        kind: one of MUNICIPAL_KINDS.
        today: first day of the new key; one that an interrupted rotation made keeps its own.
        month: for store and opening keys.
        ends_on: last day of the former key in the directory; default 31 days from today.
        is_emergency: no former key is trusted any more: each that is in term is revoked as of today.

    Raises:
        Refused: USAGE for another kind or a missing month; NOT_ALLOWED_NOW for a store key of a month that has
            begun, without emergency; what reading and signing the directory refuses.
    """
    if kind not in MUNICIPAL_KINDS:
        raise Refused("USAGE", "kind", hint=f"({', '.join(MUNICIPAL_KINDS)})")
    if (month is None) == (kind in MONTHLY_KINDS):
        raise Refused("USAGE", "month", hint=f"(--month: {', '.join(MONTHLY_KINDS)})")
    sweep_left(folder_of(home, kind), f".{kind}-*")  # the other name of a key whose writer was killed
    document = open_directory(home) if kind in LISTED_KINDS else None
    begun = None if is_emergency else _begun(home, kind, month, document)
    held = [key for key in keys_of(home, kind, month) if key != begun]
    former = held[-1] if held else None
    gemeentecode, _ = read_trust(Home(home).keys_dir)
    has_stored = kind == STORE and last_number(home, kind, gemeentecode, month) > 0  # also where that key is lost
    if has_stored and not is_emergency and (month or "") <= month_of(today):
        raise Refused("NOT_ALLOWED_NOW", "month", hint="(--emergency)")
    if kind == MUNICIPAL_SIGNING:
        return _rotate_signing(home, gemeentecode, today, ends_on or today + OVERLAP, is_emergency)
    if document is not None:
        signing_key_for(home, Directory.from_dict(document), today)  # before anything is made
    if begun is not None:
        note_numbers(folder_of(home, kind))
    key = begun or new_municipal_key(home, kind, gemeentecode, today, month)
    revoked: tuple[str, ...] = ()
    if document is not None:
        document = enter_key(document, public_key_of(key), ends_on or today + OVERLAP)
        if is_emergency:
            document, revoked = _revoke_others(document, public_key_of(key), today)
        sign_directory(home, document, today)
    return Rotation(key, former, has_stored and is_emergency, revoked)


def _begun(home: Path, kind: str, month: str | None, document: dict[str, Any] | None) -> KeyFile | None:
    """The newest key, when the directory does not list it: a rotation that was killed made it, this one enters it.

    In an emergency it is not used: whoever reached the former key may have reached this one.
    """
    newest = next(iter(reversed(keys_of(home, kind, month))), None)
    if document is None or newest is None or Directory.from_dict(document).by_id(newest.key_id) is not None:
        return None
    return newest


def add_months_of_keys(home: Path, months: tuple[str, ...], today: date) -> tuple[KeyFile, ...]:
    """Make store and opening keys of the months that lack them, and standing keys of a kind that is new."""
    gemeentecode, _ = read_trust(Home(home).keys_dir)
    if Home(home).directory_file.exists():
        directory = read_directory(Home(home).directory_file)
        for key in keys_of(home, MUNICIPAL_SIGNING):
            as_listed(key, directory)
    standing = make_standing_keys(home, gemeentecode, today)
    made = tuple(key for month in months for key in make_month_keys(home, gemeentecode, month, today))
    if Home(home).directory_file.exists() and any(key.kind in LISTED_KINDS for key in (*standing, *made)):
        enter_own_keys(home, today)
    return (*standing, *made)


def enter_own_keys(home: Path, today: date) -> Path:
    """Enter every key of the municipality that the directory lacks, and sign the next version."""
    document = open_directory(home)
    for kind in LISTED_KINDS:
        for key in keys_of(home, kind):
            document = enter_key(document, public_key_of(key), None)
    return sign_directory(home, document, today)


def revoke_former_signing(home: Path, key_id: str, on: date, today: date) -> None:
    """Revoke a former municipal signing key; what it signed is signed anew with the one that signs today.

    Raises:
        Refused: NOT_ALLOWED_NOW for the key that signs today: it needs a successor, so it rotates in an emergency.
    """
    document = open_directory(home)
    if signing_key_for(home, _checked(home, document), today).key_id == key_id:
        raise Refused("NOT_ALLOWED_NOW", "key_id", hint="(samenloop keys rotate municipal-signing --emergency)")
    _sign_all(home, revoke_key(document, key_id, on), today)


def _rotate_signing(home: Path, gemeentecode: str, today: date, ends_on: date, is_emergency: bool) -> Rotation:
    """A new municipal signing key: vouched for by the former, or in an emergency pinned anew by everybody."""
    document = open_directory(home)
    directory = _checked(home, document)
    former = signing_key_for(home, directory, today)
    begun = None if is_emergency else _begun(home, MUNICIPAL_SIGNING, None, document)
    if begun is not None:
        note_numbers(Home(home).keys_dir)
    key = begun or new_municipal_key(home, MUNICIPAL_SIGNING, gemeentecode, today)
    successor = public_key_of(key)
    document = enter_key(document, successor, ends_on)
    revoked: tuple[str, ...] = ()
    if is_emergency:
        document, revoked = _revoke_others(document, successor, today)
        _sign_all(home, document, today)
    else:
        sign_directory(home, endorse(document, former, successor), today)
    write_trust(Home(home).keys_dir, gemeentecode, municipal_fingerprint(home))
    return Rotation(key, former, revoked=revoked)


def _revoke_others(
    document: dict[str, Any], key: PublicKey, today: date
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Revoke the other keys of a kind (and month) that somebody would still believe.

    What a municipal signing key signed is believed after its term too, so that kind goes whole.
    """
    others = [
        other.key_id
        for other in Directory.from_dict(document).keys
        if (other.kind, other.holder, other.month) == (key.kind, key.holder, key.month)
        and other.key_id != key.key_id
        and other.revoked_on is None
        and (key.kind == MUNICIPAL_SIGNING or other.valid_until is None or today <= other.valid_until)
    ]
    for key_id in others:
        document = revoke_key(document, key_id, today)
    return document, tuple(others)


def _sign_all(home: Path, document: dict[str, Any], today: date) -> None:
    former = read_directory(Home(home).directory_file)
    sign_directory(home, document, today)
    sign_agreements_again(home, today)
    sign_restores_again(home, former, read_directory(Home(home).directory_file), today)


def _checked(home: Path, document: dict[str, Any]) -> Directory:
    """The directory, after checking every version under it: what is signed anew must have been good before."""
    directory = Directory.from_dict(document)
    for path in agreement_files(home):
        read_agreement(path, directory)
    return directory
