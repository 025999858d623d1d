"""The key holder makes the token root and issues each month's token key; the partner takes it in.

The holder is not the municipality and never gives the root away; a partner receives one month. An issue is sealed
to the partner's box key and signed by the holder, because whoever knows a token key can guess at tokens: the
municipality must not be able to slip in one of its own. The ledger remembers which root made a month, so that a
partner that joins later receives the same key.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.commands.documents import read_json
from pipeline.commands.key_keeping.document_writing import SECRET_MODE, sweep_left, write_json
from pipeline.commands.key_keeping.key_making import normal_fingerprint, number_of
from pipeline.commands.key_keeping.partner_parts import PublicPart, check_public_part
from pipeline.vault.keyring import KeyFile, PartnerKeys, SealedTokenKey, Secret, read_keys, write_key
from pipeline.vault.randomness import new_secret
from pipeline.vault.sealing import seal
from pipeline.vault.signing import (
    fingerprint,
    new_signing_key,
    public_of_signing,
    sign_document,
    verify_document,
)
from pipeline.vault.tokens import derive_token_key
from pipeline.vocabulary.agreement import GEMEENTECODE
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import parse_month

ISSUE_FORMAT = "samenloop/token-issue/1"
LEDGER_FORMAT = "samenloop/token-ledger/1"
HOLDER = "key-holder"
ROOT = "token-root"
HOLDER_SIGNING = "holder-signing"


def make_key_holder(folder: Path, today: date) -> str:
    """Make the key holder's root and signing key.

    Returns:
        The holder's fingerprint, which partners receive by another road.

    Raises:
        Refused: NOT_ALLOWED_NOW when the folder holds a root.
    """
    if read_keys(folder, ROOT):
        raise Refused("NOT_ALLOWED_NOW", hint=f"({folder.name})")
    _add_key(folder, HOLDER_SIGNING, new_signing_key(), today)
    _add_key(folder, ROOT, new_secret(), today)
    return holder_fingerprint(folder)


def rotate_holder_key(folder: Path, kind: str, today: date) -> KeyFile:
    """Add a root or a signing key. Months issued before keep their root; months issued first from now on do not.

    Raises:
        Refused: KEY_MISSING when there is none yet.
    """
    _newest(folder, kind)
    return _add_key(folder, kind, new_secret() if kind == ROOT else new_signing_key(), today)


def holder_fingerprint(folder: Path) -> str:
    """What the key holder reads out loud."""
    return fingerprint(public_of_signing(_newest(folder, HOLDER_SIGNING).secret.value))


def issue_token_keys(
    folder: Path,
    parts: Iterable[Mapping[str, Any]],
    gemeentecode: str,
    months: Sequence[str],
    today: date,
    out: Path | None = None,
    *,
    has_compared: bool = False,
    is_emergency: bool = False,
) -> tuple[Path, ...]:
    """Issue the token keys of some months to some partners.

    Args:
        folder: the key holder's folder.
        parts: the partners' public parts.
        gemeentecode: the municipality the keys are for.
        months: the months, oldest first.
        today: stands in the ledger.
        out: where the issued files go; default `issued/` in the holder's folder.
        has_compared: the holder compared the fingerprint of partners whose new key nobody vouches for.
        is_emergency: make the months anew with the newest root; every partner must then deliver them again.

    Returns:
        One file per partner, `<partner-id>_<gemeentecode>_<last month>.tokens.json`.

    Raises:
        Refused: VALUE_INVALID, KEY_MISSING (no root), PUBLIC_PART_INVALID, KEY_CHANGE_UNPROVEN.
    """
    if not GEMEENTECODE.match(gemeentecode):
        raise Refused("VALUE_INVALID", "gemeentecode", hint="(GM en vier cijfers)")
    for month in months:
        parse_month(month)
    checked = [check_public_part(part) for part in parts]
    ledger = read_ledger(folder)
    for part in checked:
        _know(ledger, part, has_compared)
    keys = _roots_for(folder, ledger, gemeentecode, months, today, is_emergency)
    signing = _newest(folder, HOLDER_SIGNING)
    files = []
    for part in checked:
        rows = [_sealed_row(part, gemeentecode, month, keys[month]) for month in months]
        document = _issue_document(part, gemeentecode, rows, signing, today)
        name = f"{part.partner_id}_{gemeentecode}_{months[-1]}.tokens.json"
        files.append(write_json((out or folder / "issued") / name, document))
        ledger["issued"] += [
            {
                "key_id": row["key_id"],
                "gemeentecode": gemeentecode,
                "month": row["month"],
                "partner_id": part.partner_id,
                "box_key_id": row["box_key_id"],
                "issued_on": today.isoformat(),
            }
            for row in rows
        ]
    write_json(_ledger_file(folder), ledger, SECRET_MODE)
    return tuple(files)


def receive_token_keys(keys_file: Path, issued_file: Path, trusted_fingerprint: str | None = None) -> PartnerKeys:
    """Take an issue into keys.json, after checking that it comes from the key holder and opens.

    Args:
        keys_file: the partner's keys.json.
        issued_file: what the key holder sent.
        trusted_fingerprint: the holder's, received by another road; without it the first issue is believed. It is
            kept beside keys.json and every later issue must come from the same holder.

    Raises:
        Refused: KEY_ISSUE_INVALID, FINGERPRINT_MISMATCH, KEY_WRONG (another partner), KEY_MISSING, SEAL_BROKEN.
    """
    keys = PartnerKeys.read(keys_file)
    document = read_json(issued_file, "NOT_FOUND", "KEY_ISSUE_INVALID")
    public = _issuer(document)
    pinned = normal_fingerprint(trusted_fingerprint) if trusted_fingerprint else pinned_holder(keys_file)
    if pinned is not None and fingerprint(public) != pinned:
        raise Refused("FINGERPRINT_MISMATCH", "holder")
    if document.get("partner_id") != keys.partner_id:
        raise Refused("KEY_WRONG", "partner_id")
    try:
        rows = [SealedTokenKey(**row) for row in document["token_keys"]]
    except (KeyError, TypeError):
        raise Refused("KEY_ISSUE_INVALID", "token_keys") from None
    for row in rows:
        keys = keys.with_token_key(row)
        keys.token_key(row.gemeentecode, row.month)
    keys.write(keys_file)
    write_json(_holder_pin(keys_file), {"holder_fingerprint": fingerprint(public)}, SECRET_MODE)
    return keys


def pinned_holder(keys_file: Path) -> str | None:
    """The key holder's fingerprint that this partner goes by, if it received an issue before."""
    place = _holder_pin(keys_file)
    if not place.exists():
        return None
    return normal_fingerprint(str(read_json(place, "KEY_MISSING", "KEY_INVALID").get("holder_fingerprint")))


def read_ledger(folder: Path) -> dict[str, Any]:
    """What was issued to whom: `partners` (the fingerprint each is known by) and `issued`.

    Raises:
        Refused: KEY_INVALID.
    """
    place = _ledger_file(folder)
    if not place.exists():
        return {"format": LEDGER_FORMAT, "partners": {}, "issued": []}
    document = dict(read_json(place, "KEY_MISSING", "KEY_INVALID"))
    if document.get("format") != LEDGER_FORMAT:
        raise Refused("KEY_INVALID", hint=f"({place.name})")
    return document


def issued_rows(ledger: Mapping[str, Any], gemeentecode: str, month: str) -> list[dict[str, str]]:
    """The ledger's rows of one municipality and month, in the order of issue."""
    return [row for row in ledger["issued"] if (row["gemeentecode"], row["month"]) == (gemeentecode, month)]


def distrust_partner(folder: Path, partner_id: str) -> None:
    """Forget by which key a partner is known: its next public part must be compared by telephone.

    Raises:
        Refused: NOT_FOUND.
    """
    ledger = read_ledger(folder)
    if partner_id not in ledger["partners"]:
        raise Refused("NOT_FOUND", "partner_id")
    ledger["partners"][partner_id] = ""
    write_json(_ledger_file(folder), ledger, SECRET_MODE)


def _know(ledger: dict[str, Any], part: PublicPart, has_compared: bool) -> None:
    """Remember a partner's signing key; a later one must be vouched for by it, or compared."""
    known = ledger["partners"].get(part.partner_id)
    if known is not None and not has_compared and not part.is_vouched_for_by(base64.b64decode(known)):
        raise Refused("KEY_CHANGE_UNPROVEN", hint=f"({part.partner_id})")
    ledger["partners"][part.partner_id] = part.signing.public_b64


def _roots_for(
    folder: Path,
    ledger: Mapping[str, Any],
    gemeentecode: str,
    months: Sequence[str],
    today: date,
    is_emergency: bool,
) -> dict[str, KeyFile]:
    """Which root makes each month: the one that made it before; in an emergency one that never did."""
    before = {
        month: max((number_of(row["key_id"]) for row in issued_rows(ledger, gemeentecode, month)), default=0)
        for month in months
    }
    newest = _newest(folder, ROOT)
    if is_emergency and number_of(newest.key_id) in before.values():
        newest = rotate_holder_key(folder, ROOT, today)
    roots = {number_of(key.key_id): key for key in read_keys(folder, ROOT)}
    made = {month: newest if is_emergency or not number else roots.get(number) for month, number in before.items()}
    if None in made.values():
        raise Refused("KEY_MISSING", hint=f"({ROOT})")
    return {month: root for month, root in made.items() if root is not None}


def _sealed_row(part: PublicPart, gemeentecode: str, month: str, root: KeyFile) -> dict[str, str]:
    key_id = f"token-{gemeentecode}-{month}-{number_of(root.key_id)}"
    row = SealedTokenKey(key_id, gemeentecode, month, "", part.box.key_id)
    blob = seal(
        part.box.public, derive_token_key(root.secret.value, gemeentecode, month), row.info(part.partner_id)
    )
    return {
        "key_id": row.key_id,
        "gemeentecode": gemeentecode,
        "month": month,
        "sealed_b64": base64.b64encode(blob).decode(),
        "box_key_id": row.box_key_id,
    }


def _issue_document(
    part: PublicPart, gemeentecode: str, rows: list[dict[str, str]], signing: KeyFile, today: date
) -> dict[str, Any]:
    document = {
        "format": ISSUE_FORMAT,
        "partner_id": part.partner_id,
        "gemeentecode": gemeentecode,
        "issued_on": today.isoformat(),
        "holder_public_b64": Secret(public_of_signing(signing.secret.value)).b64(),
        "token_keys": rows,
    }
    return sign_document(document, signing.secret.value, signing.key_id)


def _issuer(document: Mapping[str, Any]) -> bytes:
    """The public key that signed an issue."""
    if document.get("format") != ISSUE_FORMAT:
        raise Refused("KEY_ISSUE_INVALID", "format")
    try:
        public = base64.b64decode(document["holder_public_b64"], validate=True)
    except (KeyError, TypeError, ValueError):
        raise Refused("KEY_ISSUE_INVALID", "holder_public_b64") from None
    if not verify_document(document, public):
        raise Refused("KEY_ISSUE_INVALID", "signature")
    return public


def _add_key(folder: Path, kind: str, secret: bytes, today: date) -> KeyFile:
    sweep_left(folder, f".{kind}-*")
    number = 1 + max((number_of(key.key_id) for key in read_keys(folder, kind)), default=0)
    key = KeyFile(f"{kind}-{number}", kind, HOLDER, today, today, None, Secret(secret))
    write_key(folder / f"{key.key_id}.json", key)
    return key


def _newest(folder: Path, kind: str) -> KeyFile:
    keys = read_keys(folder, kind)
    if not keys:
        raise Refused("KEY_MISSING", hint=f"({kind})")
    return max(keys, key=lambda key: number_of(key.key_id))


def _ledger_file(folder: Path) -> Path:
    return folder / "issued.json"


def _holder_pin(keys_file: Path) -> Path:
    return keys_file.with_name(f"{keys_file.stem}.holder.json")
