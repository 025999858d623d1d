"""Sealing bytes to a public key: HPKE (RFC 9180), base mode, single-shot, X25519 with ChaCha20-Poly1305.

The library offers no associated data, so whatever a blob is bound to travels in `info`. The first byte of a
blob names the suite, so that a later suite (MLKEM768_X25519) can stand beside this one.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from pipeline.vocabulary.faults import Refused

SUITE_X25519 = b"\x01"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def new_box_key() -> bytes:
    """A fresh private key, 32 raw bytes."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_of_box(private: bytes) -> bytes:
    """The public key of a private box key, 32 raw bytes."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def sealer(public: bytes) -> Callable[[bytes, bytes], bytes]:
    """A function (plaintext, info) → blob for one public key, for many blobs in a row.

    Raises:
        Refused: KEY_INVALID.
    """
    try:
        key = X25519PublicKey.from_public_bytes(public)
    except ValueError:
        raise Refused("KEY_INVALID") from None
    return lambda plaintext, info: SUITE_X25519 + _SUITE.encrypt(plaintext, key, info=info)


def opener(private: bytes) -> Callable[[bytes, bytes], bytes]:
    """A function (blob, info) → plaintext for one private key; it raises Refused SEAL_BROKEN."""
    key = X25519PrivateKey.from_private_bytes(private)

    def open_blob(blob: bytes, info: bytes) -> bytes:
        if blob[:1] != SUITE_X25519:
            raise Refused("SEAL_BROKEN")
        try:
            return _SUITE.decrypt(blob[1:], key, info=info)
        except (InvalidTag, ValueError):
            raise Refused("SEAL_BROKEN") from None

    return open_blob


def seal(public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Seal one plaintext to a public key, bound to `info`."""
    return sealer(public)(plaintext, info)


def open_sealed(private: bytes, blob: bytes, info: bytes) -> bytes:
    """Open one blob.

    Raises:
        Refused: SEAL_BROKEN when the key, the blob or what it is bound to differs.
    """
    return opener(private)(blob, info)
