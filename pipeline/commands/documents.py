"""Reading the two signed documents, agreement.json and directory.json, and whom to believe about them.

Both are signed by the municipality. The directory holds the municipal signing key itself, so whoever reads it
compares that key's fingerprint with the one that was agreed on by another road.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.vault.signing import verify_document
from pipeline.vocabulary.agreement import FORMAT, Agreement
from pipeline.vocabulary.directory import MUNICIPALITY, Directory, PublicKey
from pipeline.vocabulary.faults import Refused

MOST_DOCUMENT_BYTES = 4 << 20


def read_json(path: Path, missing: str, invalid: str) -> Mapping[str, Any]:
    """Read a JSON object of limited size.

    Raises:
        Refused: with code `missing` or `invalid`, naming the file.
    """
    try:
        if path.stat().st_size > MOST_DOCUMENT_BYTES:
            raise Refused(invalid, hint=f"({path.name})")
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refused(missing, hint=f"({path.name})") from None
    except (OSError, ValueError, RecursionError):
        raise Refused(invalid, hint=f"({path.name})") from None
    if not isinstance(document, dict):
        raise Refused(invalid, hint=f"({path.name})")
    return document


def read_directory(path: Path) -> Directory:
    """Read directory.json and verify it with the municipal key that it holds itself.

    Where the municipality's key has to be the one that was agreed on, read it by its fingerprint instead:
    `directory_keeping.read_trusted_directory`.

    Raises:
        Refused: DIRECTORY_MISSING, DIRECTORY_INVALID, DIRECTORY_SIGNATURE.
    """
    document = read_json(path, "DIRECTORY_MISSING", "DIRECTORY_INVALID")
    directory = Directory.from_dict(document)
    key = signing_key_of(directory, document)
    if key is None or not verify_document(document, key.public):
        raise Refused("DIRECTORY_SIGNATURE")
    return directory


def read_unverified_agreement(path: Path) -> Mapping[str, Any]:
    """The document of an agreement, of which nothing may be believed yet.

    Raises:
        Refused: AGREEMENT_MISSING, AGREEMENT_INVALID; NOT_AN_AGREEMENT for another document of this program.
    """
    document = read_json(path, "AGREEMENT_MISSING", "AGREEMENT_INVALID")
    kind, _, _ = FORMAT.rpartition("/")
    program, _, _ = FORMAT.partition("/")
    said = str(document.get("format"))
    if said.startswith(f"{program}/") and not said.startswith(f"{kind}/"):
        raise Refused("NOT_AN_AGREEMENT", hint=f"({path.name})")
    return document


def read_agreement(path: Path, directory: Directory) -> Agreement:
    """Read an agreement and verify it with the municipal key of a verified directory.

    Raises:
        Refused: AGREEMENT_MISSING, AGREEMENT_INVALID, NOT_AN_AGREEMENT, AGREEMENT_LANE_MISSING,
            AGREEMENT_SIGNATURE.
    """
    return verified_agreement(read_unverified_agreement(path), directory)


def verified_agreement(document: Mapping[str, Any], directory: Directory) -> Agreement:
    """The agreement of a document that was read, verified with the municipal key of a verified directory.

    Raises:
        Refused: AGREEMENT_INVALID, AGREEMENT_LANE_MISSING, AGREEMENT_SIGNATURE, OTHER_MUNICIPALITY.
    """
    agreement = Agreement.from_dict(document)
    key = signing_key_of(directory, document)
    if key is None or not verify_document(document, key.public):
        raise Refused("AGREEMENT_SIGNATURE")
    if agreement.gemeentecode != directory.gemeentecode:
        raise Refused("OTHER_MUNICIPALITY")
    return agreement


def signing_key_of(directory: Directory, document: Mapping[str, Any]) -> PublicKey | None:
    """The municipal key that a document says it was signed with."""
    signature = document.get("signature")
    key = directory.by_id(str(signature.get("key_id"))) if isinstance(signature, Mapping) else None
    if key is None or key.kind != "municipal-signing" or key.holder != MUNICIPALITY or key.revoked_on is not None:
        return None
    return key
