"""The public halves of backup keys, keys/public/: enough to make a backup, so the private half can lie in a vault.

A backup writes the half of the key that it was sealed with. Once it is there the private key file may be taken
from the machine that makes backups; a restore is told where it is. Whoever may write in keys/ can put another half
there, as he could another key: a restore then says which key it lacks.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.commands.documents import read_json
from pipeline.commands.key_keeping.document_writing import write_json
from pipeline.vault.keyring import KeyFile, Secret
from pipeline.vault.sealing import public_of_box
from pipeline.vocabulary.faults import Refused

FORMAT = "samenloop/backup-public/1"
FOLDER = "public"


@dataclass(frozen=True, slots=True)
class BackupHalf:
    """What a backup is sealed with."""

    key_id: str
    valid_from: date
    valid_until: date | None
    public: bytes


def half_of(key: KeyFile) -> BackupHalf:
    """The public half of a backup key."""
    return BackupHalf(key.key_id, key.valid_from, key.valid_until, public_of_box(key.secret.value))


def read_halves(keys: Path) -> list[BackupHalf]:
    """The halves that lie in a folder of keys.

    Raises:
        Refused: KEY_INVALID, naming the file.
    """
    return [_read(path) for path in sorted((keys / FOLDER).glob("backup-*.json"))]


def write_half(keys: Path, half: BackupHalf) -> None:
    """Keep a half; where this user may not write in keys/, the private key stays needed."""
    path = keys / FOLDER / f"{half.key_id}.json"
    if path.exists():
        return
    document = {
        "format": FORMAT,
        "key_id": half.key_id,
        "valid_from": half.valid_from.isoformat(),
        "valid_until": half.valid_until and half.valid_until.isoformat(),
        "public_b64": base64.b64encode(half.public).decode(),
    }
    with suppress(PermissionError):
        write_json(path, document)


def _read(path: Path) -> BackupHalf:
    document = read_json(path, "KEY_MISSING", "KEY_INVALID")
    try:
        if document["format"] != FORMAT or document["key_id"] != path.stem:
            raise Refused("KEY_INVALID", hint=f"({path.name})")
        until = document["valid_until"]
        return BackupHalf(
            str(document["key_id"]),
            date.fromisoformat(document["valid_from"]),
            None if until is None else date.fromisoformat(until),
            Secret.from_b64(document["public_b64"]).value,
        )
    except (KeyError, TypeError, ValueError):
        raise Refused("KEY_INVALID", hint=f"({path.name})") from None
