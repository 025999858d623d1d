"""The journal as a chain: each line holds the hash of the one before it, so no line changes without a trace.

What is hashed is the line as it stands, its number and the former hash in one byte form (sorted keys, no spaces,
UTF-8). Numbers follow on one another without a gap. A seal is a signature over one line's number and hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

GENESIS = hashlib.sha256(b"samenloop/journal/1").hexdigest()
"""What stands before the first line."""

FIRST = 1
"""The number of the first line."""

SEAL_FORMAT = "samenloop/journal-seal/1"
HEAD_FORMAT = "samenloop/journal-head/1"
LINE_FIELDS = ("seq", "at", "actor", "action", "object", "ground", "result", "counts", "transaction_name")


def line_hash(line: Mapping[str, Any], previous_hash: str) -> str:
    """The hash of a line in its place: SHA-256, 64 hexadecimal digits.

    Args:
        line: LINE_FIELDS; what stands beside them is left aside.
        previous_hash: the hash of the line before it.
    """
    document = {name: line[name] for name in LINE_FIELDS} | {"previous_hash": previous_hash}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def seal_message(gemeentecode: str, seal: Mapping[str, Any]) -> bytes:
    """What the signature of a seal is over.

    Args:
        gemeentecode: a seal of one municipality says nothing of another.
        seal: seq, line_hash, sealed_at, is_checkpoint, key_id.
    """
    document = {name: seal[name] for name in ("seq", "line_hash", "sealed_at", "is_checkpoint", "key_id")}
    document |= {"format": SEAL_FORMAT, "gemeentecode": gemeentecode}
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
