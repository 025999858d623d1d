"""The public halves of the journal keys: journal-keys.json in the home, each vouched for by the one before it.

After a key was lost nobody vouches for the next one: both are believed by their fingerprints on paper.

The journal key signs seals on the journal. It lies with the opener, who writes the lines that matter most and is
the only one who may retire lines: whoever runs the flow can then neither rewrite the journal nor cut it off
unseen. It does not stand in directory.json: partners have nothing to do with it, and older programs of theirs
would refuse a kind they do not know.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pipeline.commands.documents import read_json
from pipeline.commands.key_keeping.document_writing import write_json
from pipeline.vault.keyring import KeyFile
from pipeline.vault.signing import canonical_json, fingerprint, public_of_signing, sign, verify
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.journal_chain import seal_message

FORMAT = "samenloop/journal-keys/1"
FILE = "journal-keys.json"


def enter_journal_key(home: Path, key: KeyFile, former: KeyFile | None) -> Path:
    """Add a key's public half; the former key signs for it."""
    path = home / FILE
    rows = list(_read(path)) if path.exists() else []
    row = _bare(key.key_id, public_of_signing(key.secret.value))
    if former is not None:
        vouched = base64.b64encode(sign(former.secret.value, canonical_json(row))).decode()
        row |= {"vouched_by": former.key_id, "vouched_b64": vouched}
    return write_json(path, {"format": FORMAT, "keys": [*rows, row]})


def listed_journal_keys(home: Path) -> dict[str, bytes]:
    """All public journal keys by id, trusted or not; none where no journal key was ever made.

    Raises:
        Refused: KEY_INVALID.
    """
    rows = _read(home / FILE) if (home / FILE).exists() else []
    return {str(row["key_id"]): _decoded(row["public_b64"]) for row in rows}


def trusted_journal_keys(home: Path, pinned: Collection[str] = ()) -> dict[str, bytes]:
    """Public journal keys by id: the first one and those that a trusted one signed for.

    Args:
        home: the municipality's home.
        pinned: fingerprints of keys, from paper: only those keys and what follows from them is trusted.

    Raises:
        Refused: KEY_MISSING, KEY_INVALID; JOURNAL_FINGERPRINT_MISMATCH when a pinned fingerprint is of no key.
    """
    trusted = _followed(home, set(pinned))
    if not set(pinned) <= {fingerprint(public) for public in trusted.values()}:
        raise Refused("JOURNAL_FINGERPRINT_MISMATCH", hint=f"({FILE})")
    return trusted


def unpinned_journal_keys(home: Path) -> dict[str, bytes]:
    """Public journal keys by id that would be trusted if each key without a voucher were pinned.

    Raises:
        Refused: KEY_MISSING, KEY_INVALID.
    """
    anchors = [row for row in _read(home / FILE) if "vouched_by" not in row]
    return _followed(home, {fingerprint(_decoded(row["public_b64"])) for row in anchors})


def _followed(home: Path, pinned: Collection[str]) -> dict[str, bytes]:
    """The pinned keys, else the first one, and those that one of these signed for."""
    trusted: dict[str, bytes] = {}
    for row in _read(home / FILE):
        key_id, public = str(row["key_id"]), _decoded(row["public_b64"])
        is_anchor = fingerprint(public) in pinned if pinned else not trusted
        voucher = trusted.get(str(row.get("vouched_by")))
        is_vouched = voucher is not None and verify(
            voucher, _decoded(row.get("vouched_b64")), canonical_json(_bare(key_id, public))
        )
        if (is_anchor or is_vouched) and key_id not in trusted:
            trusted[key_id] = public
    return trusted


def journal_lines(key: KeyFile) -> list[str]:
    """What is said of a new journal key: its fingerprint, for the paper of whoever verifies the journal."""
    return [
        f"Vingerafdruk van het journaal: {fingerprint(public_of_signing(key.secret.value))}",
        "Geef deze op papier aan wie het journaal controleert.",
    ]


def seal_holds(seal: Mapping[str, Any], keys: Mapping[str, bytes], gemeentecode: str) -> bool:
    """Whether one of these keys signed a seal."""
    public = keys.get(str(seal["key_id"]))
    try:
        signature = base64.b64decode(seal["signature_b64"], validate=True)
    except (TypeError, ValueError, binascii.Error):
        return False
    seal = {**seal, "is_checkpoint": bool(seal["is_checkpoint"])}
    return public is not None and verify(public, signature, seal_message(gemeentecode, seal))


def _bare(key_id: str, public: bytes) -> dict[str, Any]:
    return {"key_id": key_id, "public_b64": base64.b64encode(public).decode()}


def _read(path: Path) -> list[Mapping[str, Any]]:
    document = read_json(path, "KEY_MISSING", "KEY_INVALID")
    rows = document.get("keys")
    if document.get("format") != FORMAT or not isinstance(rows, list) or not rows:
        raise Refused("KEY_INVALID", hint=f"({path.name})")
    if not all(isinstance(row, Mapping) and {"key_id", "public_b64"} <= set(row) for row in rows):
        raise Refused("KEY_INVALID", hint=f"({path.name})")
    return rows


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise Refused("KEY_INVALID", hint=f"({FILE})") from None
