"""Keeping directory.json: entering, ending and revoking public keys, and signing the result.

Nothing is ever taken out: a rotation enters a key and ends the term of the former one, so whatever is in flight
still names a key that is found. Each change is a new version, signed with the newest municipal signing key in
term. A new municipal signing key is vouched for by the former, so that nobody has to pin it on one same day.
"""

from __future__ import annotations

import base64
import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.commands.documents import read_directory, read_json, signing_key_of
from pipeline.commands.key_keeping.document_writing import write_json
from pipeline.commands.key_keeping.key_making import LISTED_KINDS, MUNICIPAL_SIGNING, keys_of, public_key_of
from pipeline.commands.key_keeping.partner_parts import SIGNING, PublicPart
from pipeline.commands.wiring import Home
from pipeline.vault.keyring import KeyFile, as_listed
from pipeline.vault.signing import fingerprint, sign, sign_document, verify
from pipeline.vocabulary.directory import FORMAT, MUNICIPALITY, Directory, PublicKey
from pipeline.vocabulary.faults import Refused

_ENDORSEMENT = "samenloop/endorsement/1"


def make_directory(
    home: Path, gemeentecode: str, agreement_id: str, parts: Iterable[PublicPart], today: date
) -> Path:
    """Make and sign the first directory.json: the municipality's listed keys and the partners' public parts.

    Raises:
        Refused: NOT_ALLOWED_NOW when there is one; KEY_MISSING without a municipal signing key.
    """
    if Home(home).directory_file.exists():
        raise Refused("NOT_ALLOWED_NOW", hint="(directory.json)")
    own = [public_key_of(key) for kind in LISTED_KINDS for key in keys_of(home, kind)]
    rows = [_row(key) for key in own]
    rows += [_row(key) for part in parts for key in (part.signing, part.box)]
    document = {
        "format": FORMAT,
        "gemeentecode": gemeentecode,
        "agreement_id": agreement_id,
        "version": 0,
        "keys": rows,
    }
    return sign_directory(home, document, today)


def open_directory(home: Path) -> dict[str, Any]:
    """The municipality's own directory document, verified, ready for a change."""
    path = Home(home).directory_file
    read_directory(path)
    return dict(read_json(path, "DIRECTORY_MISSING", "DIRECTORY_INVALID"))


def sign_directory(home: Path, document: Mapping[str, Any], today: date) -> Path:
    """Write a changed directory as the next version, signed.

    Raises:
        Refused: DIRECTORY_INVALID when the change breaks it; KEY_MISSING, KEY_EXPIRED or KEY_WRONG for the
            signing key; DIRECTORY_CHANGED when another command wrote a version since this one was read: what that
            revoked would be in force again.
    """
    changed = {**document, "version": int(document["version"]) + 1}
    key = signing_key_for(home, Directory.from_dict(changed), today)
    path = Home(home).directory_file
    with _one_at_a_time(path.parent):
        if path.exists() and read_directory(path).version != document["version"]:
            raise Refused("DIRECTORY_CHANGED")
        return write_json(path, sign_document(changed, key.secret.value, key.key_id))


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; the system gives it back when the process ends."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def signing_key_for(home: Path, directory: Directory, today: date) -> KeyFile:
    """The municipal signing key that signs today: the newest in term that the directory lists.

    Raises:
        Refused: KEY_EXPIRED when none is in term, KEY_MISSING when its file is not here, KEY_WRONG when that holds
            another secret: what it signed nobody could check.
    """
    listed = directory.current(MUNICIPAL_SIGNING, MUNICIPALITY, today)
    if listed is None:
        raise Refused("KEY_EXPIRED", MUNICIPAL_SIGNING)
    found = next((key for key in keys_of(home, MUNICIPAL_SIGNING) if key.key_id == listed.key_id), None)
    if found is None:
        raise Refused("KEY_MISSING", hint=f"({listed.key_id})")
    return as_listed(found, directory)


def enter_partner(
    document: Mapping[str, Any], part: PublicPart, ends_on: date, today: date, *, has_compared: bool = False
) -> dict[str, Any]:
    """Enter a partner's public part; keys of the same kind that it replaces end on `ends_on`.

    Raises:
        Refused: KEY_CHANGE_UNPROVEN when this partner has or had a key and none in force vouches for the new one,
            and nobody compared the fingerprint; KEY_WRONG when an id is used for another key.
    """
    directory = Directory.from_dict(document)
    known = [key for key in directory.keys if (key.kind, key.holder) == (SIGNING, part.partner_id)]
    in_force = [key for key in known if key.is_valid_on(today)]
    if known and not has_compared and not any(part.is_vouched_for_by(key.public) for key in in_force):
        raise Refused("KEY_CHANGE_UNPROVEN", hint=f"({part.partner_id})")
    for key in (part.signing, part.box):
        document = enter_key(document, key, ends_on)
    return dict(document)


def enter_key(document: Mapping[str, Any], key: PublicKey, former_ends_on: date | None) -> dict[str, Any]:
    """Enter one key; former keys of that kind, holder and month end on a day, unless they end sooner.

    Raises:
        Refused: KEY_WRONG when the id is used for another key.
    """
    directory = Directory.from_dict(document)
    there = directory.by_id(key.key_id)
    if there is not None:
        if (there.public_b64, there.kind, there.holder) != (key.public_b64, key.kind, key.holder):
            raise Refused("KEY_WRONG", "key_id")
        return dict(document)
    rows = [dict(row) for row in document["keys"]]
    for row in rows:
        is_former = (row["kind"], row["holder"], row.get("month")) == (key.kind, key.holder, key.month)
        if is_former and former_ends_on is not None:
            row["valid_until"] = _sooner(row.get("valid_until"), former_ends_on)
    return {**document, "keys": [*rows, _row(key)]}


def revoke_key(document: Mapping[str, Any], key_id: str, on: date) -> dict[str, Any]:
    """Revoke a key from a day on. An earlier revocation stays; nothing undoes one.

    Raises:
        Refused: NOT_FOUND.
    """
    rows = [dict(row) for row in document["keys"]]
    row = next((row for row in rows if row["key_id"] == key_id), None)
    if row is None:
        raise Refused("NOT_FOUND", "key_id", hint="Zie: samenloop keys show.")
    row["revoked_on"] = _sooner(row.get("revoked_on"), on)
    return {**document, "keys": rows}


def refuse_day_ahead(on: date | None, today: date) -> None:
    """Refuse to revoke as of a day to come: whoever reads a revocation takes it to hold, whatever its day.

    Raises:
        Refused: DAY_AHEAD.
    """
    if on is not None and on > today:
        raise Refused("DAY_AHEAD", "on")


def endorse(document: Mapping[str, Any], former: KeyFile, successor: PublicKey) -> dict[str, Any]:
    """Let the former municipal signing key vouch for its successor, for those who pinned the former."""
    value = sign(former.secret.value, _endorsed(document, successor))
    endorsement = {
        "key_id": successor.key_id,
        "endorsed_by": former.key_id,
        "value_b64": base64.b64encode(value).decode(),
    }
    return {**document, "endorsements": [*document.get("endorsements", []), endorsement]}


def read_trusted_directory(path: Path, trusted_fingerprint: str) -> Directory:
    """Read directory.json as a partner or the opener does: by a pinned fingerprint, or a successor of it.

    Raises:
        Refused: DIRECTORY_MISSING, DIRECTORY_INVALID, DIRECTORY_SIGNATURE, FINGERPRINT_MISMATCH.
    """
    directory = read_directory(path)
    document = read_json(path, "DIRECTORY_MISSING", "DIRECTORY_INVALID")
    if not is_trusted(document, directory, trusted_fingerprint):
        raise Refused("FINGERPRINT_MISMATCH")
    return directory


def is_trusted(document: Mapping[str, Any], directory: Directory, trusted_fingerprint: str) -> bool:
    """Whether the key that signed this (verified) directory is the pinned one, or vouched for by it in steps.

    A revoked key vouches for nothing: after an emergency everybody pins anew.
    """
    signer = signing_key_of(directory, document)
    seen: set[str] = set()
    while signer is not None and signer.key_id not in seen:
        if fingerprint(signer.public) == trusted_fingerprint:
            return True
        seen.add(signer.key_id)
        signer = _voucher(document, directory, signer)
    return False


def _voucher(document: Mapping[str, Any], directory: Directory, successor: PublicKey) -> PublicKey | None:
    """The municipal key that vouched for a successor, if its signature holds."""
    endorsements = document.get("endorsements", [])
    for row in endorsements if isinstance(endorsements, list) else []:
        if not isinstance(row, Mapping) or row.get("key_id") != successor.key_id:
            continue
        former = directory.by_id(str(row.get("endorsed_by")))
        if former is None or former.kind != MUNICIPAL_SIGNING or former.revoked_on is not None:
            continue
        try:
            value = base64.b64decode(row["value_b64"], validate=True)
        except (KeyError, TypeError, ValueError):
            continue
        if verify(former.public, value, _endorsed(document, successor)):
            return former
    return None


def _endorsed(document: Mapping[str, Any], successor: PublicKey) -> bytes:
    """What a former key signs to vouch for its successor."""
    parts = (_ENDORSEMENT, str(document["gemeentecode"]), successor.key_id, successor.public_b64)
    return "\x1f".join(parts).encode()


def _row(key: PublicKey) -> dict[str, Any]:
    row: dict[str, Any] = {
        "key_id": key.key_id,
        "kind": key.kind,
        "holder": key.holder,
        "public_b64": key.public_b64,
        "valid_from": key.valid_from.isoformat(),
        "valid_until": None if key.valid_until is None else key.valid_until.isoformat(),
        "revoked_on": None if key.revoked_on is None else key.revoked_on.isoformat(),
    }
    return row if key.month is None else {**row, "month": key.month}


def _sooner(text: str | None, day: date) -> str:
    """The earlier of a row's day, if it has one, and another."""
    return day.isoformat() if text is None else min(text, day.isoformat())
