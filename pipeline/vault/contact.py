"""The sealed contact: who a signal is about, readable by the opener alone.

HPKE says nothing about the sender, so the plaintext begins with the partner's signature over the binding, the
contact and the row's clear fields: whoever can write to the database can neither invent a partner nor raise
the months. Padded to steps, so that the length tells nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipeline.vault.sealing import opener, sealer
from pipeline.vault.signing import canonical_json
from pipeline.vocabulary.faults import Refused

FORMAT = "samenloop/contact/1"
PADDING_STEP = 256
_SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class ContactBinding:
    """Where a sealed contact belongs; moved anywhere else it does not open."""

    agreement_id: str
    gemeentecode: str
    partner_id: str
    month: str
    signal_id: str
    key_id: str

    def info(self) -> bytes:
        """The byte form that HPKE and the signature are bound to."""
        parts = (
            FORMAT,
            self.agreement_id,
            self.gemeentecode,
            self.partner_id,
            self.month,
            self.signal_id,
            self.key_id,
        )
        return "\x1f".join(parts).encode()


@dataclass(frozen=True, slots=True)
class OpenedContact:
    """What a sealed contact held, after its signature was found good."""

    contact: Mapping[str, Any]
    clear: Mapping[str, Any]
    sequence: int

    def __repr__(self) -> str:
        return "OpenedContact(…)"


SealContact = Callable[[ContactBinding, Mapping[str, Any], Mapping[str, Any], int], bytes]
OpenContact = Callable[[ContactBinding, bytes, bytes], OpenedContact]


def contact_sealer(opening_public: bytes, signing_private: bytes) -> SealContact:
    """A function (binding, contact, clear fields, sequence) → blob, for one opening key and one partner."""
    seal_blob = sealer(opening_public)
    signing_key = Ed25519PrivateKey.from_private_bytes(signing_private)

    def seal_contact(
        binding: ContactBinding, contact: Mapping[str, Any], clear: Mapping[str, Any], sequence: int
    ) -> bytes:
        info = binding.info()
        body = canonical_json({"contact": contact, "clear": clear, "sequence": sequence})
        body += b" " * (-(len(body) + _SIGNATURE_BYTES) % PADDING_STEP)
        return seal_blob(signing_key.sign(info + b"\x1f" + body) + body, info)

    return seal_contact


def contact_opener(opening_private: bytes) -> OpenContact:
    """A function (binding, blob, partner's public signing key) → OpenedContact.

    It raises Refused SEAL_BROKEN when the blob does not open here, SIGNATURE_WRONG when the partner did not
    sign it.
    """
    open_blob = opener(opening_private)

    def open_contact(binding: ContactBinding, blob: bytes, signing_public: bytes) -> OpenedContact:
        info = binding.info()
        plaintext = open_blob(blob, info)
        signature, body = plaintext[:_SIGNATURE_BYTES], plaintext[_SIGNATURE_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(signing_public).verify(signature, info + b"\x1f" + body)
        except (InvalidSignature, ValueError):
            raise Refused("SIGNATURE_WRONG") from None
        document = json.loads(body)
        return OpenedContact(document["contact"], document["clear"], int(document["sequence"]))

    return open_contact
