"""Ed25519 signatures over bytes and over documents, and the fingerprint people compare by telephone.

A signed document carries its signature in the field `signature`; what is signed is its canonical JSON without
that field.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def canonical_json(document: Any) -> bytes:
    """The one byte form of a document: sorted keys, no spaces, UTF-8."""
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def new_signing_key() -> bytes:
    """A fresh private key, 32 raw bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_of_signing(private: bytes) -> bytes:
    """The public key of a private signing key, 32 raw bytes."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def sign(private: bytes, message: bytes) -> bytes:
    """Sign a message; 64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(message)


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the signature holds; a malformed key or signature does not."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public: bytes) -> str:
    """Eight groups of four hexadecimal digits (128 bits of SHA-256), to be read out loud."""
    digits = hashlib.sha256(public).hexdigest()[:32]
    return " ".join(digits[start : start + 4] for start in range(0, 32, 4))


def sign_document(document: Mapping[str, Any], private: bytes, key_id: str) -> dict[str, Any]:
    """The document with its signature; an earlier signature is replaced."""
    bare = {name: value for name, value in document.items() if name != "signature"}
    signature = base64.b64encode(sign(private, canonical_json(bare))).decode()
    return {**bare, "signature": {"key_id": key_id, "value_b64": signature}}


def verify_document(document: Mapping[str, Any], public: bytes) -> bool:
    """Whether the document's own signature holds under this public key."""
    bare = {name: value for name, value in document.items() if name != "signature"}
    try:
        signature = base64.b64decode(document["signature"]["value_b64"], validate=True)
        message = canonical_json(bare)
    except (KeyError, TypeError, ValueError, RecursionError):
        return False  # what has no canonical form (NaN, half a character) was never signed
    return verify(public, signature, message)
