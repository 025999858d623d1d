"""Proofs that a line `restore` in the journal is of a real restore: restores.json in the home, signed.

A restore takes lines of the journal away, and so does whoever cuts it. What tells them apart must not be in the
store: anybody who writes there can add a line. So `restore` signs, with the municipal signing key, which backup it
put back and which line tells of it. A proof explains the loss of what was known before that restore, never of what
came after it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.commands.documents import read_json, signing_key_of
from pipeline.commands.key_keeping.directory_keeping import signing_key_for
from pipeline.commands.key_keeping.document_writing import write_json
from pipeline.commands.wiring import Run
from pipeline.store import journal_chain as chain
from pipeline.vault.signing import sign_document, verify_document
from pipeline.vocabulary.directory import Directory
from pipeline.vocabulary.faults import Refused

FILE = "restores.json"
FORMAT = "samenloop/restores/1"
PROOF_FORMAT = "samenloop/restore-proof/1"
ACTION = "restore"
_KINDS: dict[str, type] = {"journal_seq": int, "restore_seq": int, "restore_hash": str, "restored_at": str}


@dataclass(frozen=True, slots=True)
class ProvenRestore:
    """A restore that the municipality signed for, and whose line stands in the journal.

    `journal_seq` is the last line that the backup is known to hold.
    """

    journal_seq: int
    restore_seq: int
    restore_hash: str
    restored_at: str

    def explains(self, seq: int, known_at: str, restores: Collection[str] | None = None) -> bool:
        """Whether a line that was known once, and is not there, went with this restore.

        Args:
            seq: its number.
            known_at: when it was known.
            restores: hashes of the restores that were known beside it, which goes before any clock.
        """
        is_before = known_at < self.restored_at or (known_at == self.restored_at and seq <= self.restore_seq)
        if restores is not None:
            is_before = self.restore_hash not in restores
        return is_before and seq > self.journal_seq


def prove_restore(run: Run, backup: Path, journal_seq: int) -> None:
    """Sign for the newest line that tells of the restore of this backup.

    Raises:
        Refused: NOT_FOUND when no line tells of it; KEY_MISSING, KEY_EXPIRED for the municipal signing key.
    """
    told = [line for line in chain.lines_of(run.store, ACTION) if _is_of(line, backup.name, journal_seq)]
    if not told:
        raise Refused("NOT_FOUND", "restore")
    with backup.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    document = {
        "format": PROOF_FORMAT,
        "gemeentecode": run.gemeentecode,
        "backup_sha256": digest,
        "journal_seq": journal_seq,
        "restore_seq": told[-1]["seq"],
        "restore_hash": told[-1]["line_hash"],
        "restored_at": told[-1]["at"],
    }
    key = signing_key_for(run.home.path, run.directory, run.today)
    signed = sign_document(document, key.secret.value, key.key_id)
    _write(run.home.path, [*_read(run.home.path), signed])


def _is_of(line: Mapping[str, Any], name: str, journal_seq: int) -> bool:
    return bool(line["object"] == name and (line["counts"] or {}).get("journal_seq") == journal_seq)


def proven_restores(run: Run) -> list[ProvenRestore]:
    """Restores whose proof holds and whose line stands in the journal as it was signed for."""
    found = [_proof(document, run.directory) for document in _read(run.home.path)]
    return [
        proof
        for proof in found
        if proof is not None and chain.hash_of(run.store, proof.restore_seq) == proof.restore_hash
    ]


def sign_restores_again(home: Path, former: Directory, changed: Directory, today: date) -> None:
    """Sign what held under the former directory with the key of the changed one: an emergency of that key."""
    good = [document for document in _read(home) if _proof(document, former) is not None]
    if good:
        key = signing_key_for(home, changed, today)
        _write(home, [sign_document(document, key.secret.value, key.key_id) for document in good])


def _proof(document: Any, directory: Directory) -> ProvenRestore | None:
    key = signing_key_of(directory, document) if isinstance(document, Mapping) else None
    if key is None or not verify_document(document, key.public):
        return None
    is_ours = (document.get("format"), document.get("gemeentecode")) == (PROOF_FORMAT, directory.gemeentecode)
    if not is_ours or not all(isinstance(document.get(name), kind) for name, kind in _KINDS.items()):
        return None
    return ProvenRestore(**{name: document[name] for name in _KINDS})


def _read(home: Path) -> list[Any]:
    """What stands in the file; nothing where it is not there or cannot be read: then nothing is proven."""
    try:
        document = read_json(home / FILE, "NOT_FOUND", "NOT_FOUND")
    except Refused:
        return []
    rows = document.get("restores")
    return rows if document.get("format") == FORMAT and isinstance(rows, list) else []


def _write(home: Path, documents: list[Any]) -> None:
    write_json(home / FILE, {"format": FORMAT, "restores": documents})
