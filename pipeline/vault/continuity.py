"""Pseudonyms under the case key: what the opener writes when a case is revealed, to know the household again.

HMAC-SHA256, 16 bytes, each part length-prefixed, under a label of its own: nothing made here ever equals a token.
Without the case key, which only the opener holds, a pseudonym in the store says nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

RECIPE = "samenloop/continuity/1"
PSEUDONYM_BYTES = 16


def pseudonym(case_key: bytes, kind: str, fields: Iterable[str]) -> bytes:
    """The pseudonym of these fields under a case key; `kind` keeps combinations apart."""
    parts = (part.encode() for part in (RECIPE, kind, *fields))
    message = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
    return hmac.digest(case_key, message, "sha256")[:PSEUDONYM_BYTES]


def confirmation(case_key: bytes, case_id: str, signal: tuple[str, str, str]) -> bytes:
    """Proof that the opener confirmed a signal (partner, month, signal id) for this case."""
    return pseudonym(case_key, "confirmed", (case_id, *signal))


def confirmed_person(case_key: bytes, case_id: str, signal: tuple[str, str, str], person: Iterable[str]) -> bytes:
    """Proof of whom the opener confirmed in a signal: equal only for the same person in the same case."""
    return pseudonym(case_key, "confirmed person", (case_id, *signal, *person))


def binding(case_key: bytes, case_id: str, kind: str, value: bytes) -> bytes:
    """Proof that a pseudonym was written for this case: nobody without the case key can move it."""
    return pseudonym(case_key, f"bound/{kind}", (case_id, value.hex()))
