"""A partner's keys and their public part: what it keeps, and what it sends to municipality and key holder.

The public part is signed with the partner's newest signing key, and vouched for by every former one, so that
whoever knows a former key that is still trusted need not telephone again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.commands.documents import read_json
from pipeline.commands.key_keeping.document_writing import write_json
from pipeline.commands.key_keeping.key_making import normal_fingerprint, number_of, term_end
from pipeline.vault.keyring import NamedSecret, PartnerKeys, Secret
from pipeline.vault.randomness import new_secret
from pipeline.vault.sealing import new_box_key, public_of_box
from pipeline.vault.signing import (
    fingerprint,
    new_signing_key,
    public_of_signing,
    sign_document,
    verify_document,
)
from pipeline.vocabulary.agreement import PARTNER_ID
from pipeline.vocabulary.directory import FORMAT as DIRECTORY_FORMAT
from pipeline.vocabulary.directory import Directory, PublicKey
from pipeline.vocabulary.faults import Refused

PUBLIC_FORMAT = "samenloop/partner-public/1"
SIGNING = "partner-signing"
BOX = "partner-box"
SECRET = "partner-secret"  # noqa: S105 - the name of a kind of key
PARTNER_KINDS = (SIGNING, BOX, SECRET)


@dataclass(frozen=True, slots=True)
class PublicPart:
    """A partner's public part, checked: its two keys and who vouched for them."""

    partner_id: str
    signing: PublicKey
    box: PublicKey
    document: Mapping[str, Any]

    @property
    def fingerprint(self) -> str:
        """What the partner reads out loud."""
        return fingerprint(self.signing.public)

    def is_vouched_for_by(self, public: bytes) -> bool:
        """Whether this signing key is the part's own, or a former one that vouched for it."""
        if public == self.signing.public:
            return True
        bare = {name: value for name, value in self.document.items() if name not in ("signature", "endorsements")}
        endorsements = self.document.get("endorsements", [])
        return isinstance(endorsements, list) and any(
            verify_document({**bare, "signature": row}, public) for row in endorsements
        )


def make_partner_keys(path: Path, partner_id: str, fingerprints: Mapping[str, str], today: date) -> dict[str, Any]:
    """Make keys.json of a partner.

    Args:
        path: keys.json; it must not exist yet.
        partner_id: as in the agreement.
        fingerprints: per gemeentecode the municipal fingerprint, received by another road.
        today: first day of the keys' term.

    Returns:
        The public part, which the partner sends to the municipality and to the key holder.

    Raises:
        Refused: VALUE_INVALID, FINGERPRINT_INVALID; NOT_ALLOWED_NOW when the file exists.
    """
    if not PARTNER_ID.match(partner_id):
        raise Refused("VALUE_INVALID", "partner_id", hint="(kleine letters, cijfers en -)")
    if path.exists():
        raise Refused("NOT_ALLOWED_NOW", hint=f"({path.name})")
    keys = PartnerKeys(
        partner_id=partner_id,
        municipal_fingerprints={code: normal_fingerprint(text) for code, text in fingerprints.items()},
        signing=(_named(SIGNING, partner_id, 1, new_signing_key()),),
        box=(_named(BOX, partner_id, 1, new_box_key()),),
        secret=_named(SECRET, partner_id, 1, new_secret()),
    )
    keys.write(path)
    return public_part(keys, today)


def rotate_partner_key(path: Path, kind: str, today: date) -> dict[str, Any]:
    """Add a key to keys.json; former signing and box keys stay, a former secret does not.

    Returns:
        The new public part. The municipality enters it before the partner's new key counts.

    Raises:
        Refused: USAGE for another kind; KEY_MISSING, KEY_INVALID.
    """
    keys = PartnerKeys.read(path)
    if kind == SIGNING:
        signing = _next(SIGNING, keys.partner_id, keys.signing[-1], new_signing_key())
        keys = replace(keys, signing=(*keys.signing, signing))
    elif kind == BOX:
        keys = replace(keys, box=(*keys.box, _next(BOX, keys.partner_id, keys.box[-1], new_box_key())))
    elif kind == SECRET:
        keys = replace(keys, secret=_next(SECRET, keys.partner_id, keys.secret, new_secret()))
    else:
        raise Refused("USAGE", "kind", hint=f"({', '.join((SIGNING, BOX, SECRET))})")
    keys.write(path)
    return public_part(keys, today)


def pin_municipality(path: Path, gemeentecode: str, trusted_fingerprint: str) -> PartnerKeys:
    """Pin the municipal signing key of one more municipality, or another one of the same."""
    keys = PartnerKeys.read(path)
    pins = {**keys.municipal_fingerprints, gemeentecode: normal_fingerprint(trusted_fingerprint)}
    keys = replace(keys, municipal_fingerprints=pins)
    keys.write(path)
    return keys


def public_part(keys: PartnerKeys, today: date) -> dict[str, Any]:
    """The public halves of the newest signing and box key, signed, and vouched for by every former signing key."""
    *former, signing = keys.signing
    box = keys.box[-1]
    document: dict[str, Any] = {
        "format": PUBLIC_FORMAT,
        "partner_id": keys.partner_id,
        "made_on": today.isoformat(),
        "keys": [
            _public_row(SIGNING, keys.partner_id, signing, public_of_signing(signing.secret.value), today),
            _public_row(BOX, keys.partner_id, box, public_of_box(box.secret.value), today),
        ],
    }
    vouched = [sign_document(document, key.secret.value, key.key_id)["signature"] for key in former]
    if vouched:
        document["endorsements"] = vouched
    return sign_document(document, signing.secret.value, signing.key_id)


def write_public_part(folder: Path, document: Mapping[str, Any]) -> Path:
    """Write `<partner-id>.public.json`."""
    return write_json(folder / f"{document['partner_id']}.public.json", document)


def read_public_parts(place: Path) -> tuple[PublicPart, ...]:
    """The public part in a file, or all `*.public.json` of a folder.

    Raises:
        Refused: NOT_FOUND, PUBLIC_PART_INVALID.
    """
    files = sorted(place.glob("*.public.json")) if place.is_dir() else [place]
    if not files:
        raise Refused("NOT_FOUND", hint="(*.public.json)")
    return tuple(check_public_part(read_json(file, "NOT_FOUND", "PUBLIC_PART_INVALID")) for file in files)


def check_public_part(document: Mapping[str, Any]) -> PublicPart:
    """Check form and own signature of a public part.

    Raises:
        Refused: PUBLIC_PART_INVALID with the field as column.
    """
    partner_id = document.get("partner_id")
    if document.get("format") != PUBLIC_FORMAT:
        raise Refused("PUBLIC_PART_INVALID", "format")
    if not isinstance(partner_id, str) or not PARTNER_ID.match(partner_id):
        raise Refused("PUBLIC_PART_INVALID", "partner_id")
    keys = {key.kind: key for key in _rows(document)}
    if set(keys) != {SIGNING, BOX} or any(key.holder != partner_id for key in keys.values()):
        raise Refused("PUBLIC_PART_INVALID", "keys")
    if any(key.key_id != f"{key.kind}-{partner_id}-{number_of(key.key_id)}" for key in keys.values()):
        raise Refused("PUBLIC_PART_INVALID", "keys.key_id")
    if any(len(key.public) != 32 for key in keys.values()):
        raise Refused("PUBLIC_PART_INVALID", "keys.public_b64")
    if not verify_document(document, keys[SIGNING].public):
        raise Refused("PUBLIC_PART_INVALID", "signature")
    return PublicPart(partner_id, keys[SIGNING], keys[BOX], document)


def _rows(document: Mapping[str, Any]) -> tuple[PublicKey, ...]:
    """The keys, read by the rules of the directory they are meant for."""
    rows = document.get("keys")
    as_directory = {
        "format": DIRECTORY_FORMAT,
        "gemeentecode": "-",
        "agreement_id": "-",
        "version": 0,
        "keys": rows,
    }
    try:
        return Directory.from_dict(as_directory).keys
    except Refused:
        raise Refused("PUBLIC_PART_INVALID", "keys") from None


def _named(kind: str, partner_id: str, number: int, secret: bytes) -> NamedSecret:
    return NamedSecret(f"{kind}-{partner_id}-{number}", Secret(secret))


def _next(kind: str, partner_id: str, former: NamedSecret, secret: bytes) -> NamedSecret:
    return _named(kind, partner_id, number_of(former.key_id) + 1, secret)


def _public_row(kind: str, partner_id: str, key: NamedSecret, public: bytes, today: date) -> dict[str, Any]:
    until = term_end(kind, today)
    return {
        "key_id": key.key_id,
        "kind": kind,
        "holder": partner_id,
        "public_b64": Secret(public).b64(),
        "valid_from": today.isoformat(),
        "valid_until": None if until is None else until.isoformat(),
    }
