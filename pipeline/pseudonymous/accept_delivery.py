"""Whether a delivery may be read at all, and how it is read: cheap and certain checks first.

Nothing is parsed before it is trusted: the manifest is a small, strict document; its signature, term, agreement,
month and attestation are judged before the data file is looked at; size and checksum before it is decrypted; only
then do bytes go to the limited child. The second keyed pass over the tokens happens here, because here alone in
this zone keys may be used.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipeline.pseudonymous.read_rows import read_rows
from pipeline.vault.keyring import KeyFile
from pipeline.vault.sealing import open_sealed
from pipeline.vault.signing import verify
from pipeline.vault.tokens import rekey_column
from pipeline.vocabulary.agreement import Agreement
from pipeline.vocabulary.directory import MUNICIPALITY, Directory, PublicKey
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.frames import TOKEN_KINDS, schema_of
from pipeline.vocabulary.manifest import MOST_ROWS, DeliveryName, Manifest, file_info
from pipeline.vocabulary.period import add_months, month_of, month_start

MOST_MANIFEST_BYTES = 64 << 10
MOST_SIGNATURE_BYTES = 1 << 10
MOST_DATA_BYTES = 512 << 20
SIGNATURE_BYTES = 64

_PLAIN_TEXT = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ._:/+-]{0,119}\Z")
_LONGEST_NUMBER = 12


def manifest_hash(raw: bytes) -> str:
    """How the ledger tells one manifest from another."""
    return hashlib.sha256(raw).hexdigest()


def parse_manifest(raw: bytes) -> Manifest:
    """Read a manifest's bytes strictly: no key twice, no float, no number beyond use, plain ASCII text only.

    Plain text keeps names and control characters out of whatever copies a field later on.

    Raises:
        Refused: TOO_LARGE, MANIFEST_INVALID, RECIPE_UNKNOWN.
    """
    if len(raw) > MOST_MANIFEST_BYTES:
        raise Refused("TOO_LARGE", "manifest.json")
    try:
        document = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_pairs_once,
            parse_int=_small_int,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except (ValueError, RecursionError):
        raise Refused("MANIFEST_INVALID") from None
    if not isinstance(document, dict) or any(isinstance(value, dict | list) for value in document.values()):
        raise Refused("MANIFEST_INVALID")
    try:
        manifest = Manifest.from_dict(document)
    except Refused as refusal:
        code = "MANIFEST_INVALID" if refusal.code == "VALUE_INVALID" else refusal.code
        raise Refused(code, refusal.column) from None
    for name, value in manifest.to_dict().items():
        if isinstance(value, str) and not _PLAIN_TEXT.match(value):
            raise Refused("MANIFEST_INVALID", name)
    if manifest.contentType != Manifest.__dataclass_fields__["contentType"].default:
        raise Refused("MANIFEST_INVALID", "contentType")
    if manifest.row_count > MOST_ROWS:
        raise Refused("TOO_LARGE", "row_count")
    return manifest


def _pairs_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key stands twice")
    return document


def _small_int(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("a number beyond use")
    return int(text)


def _no_number(_text: str) -> float:
    raise ValueError("only whole numbers")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the municipality knows: its documents, D, and whether the month window still has to be judged."""

    agreements: Sequence[Agreement]
    directory: Directory
    today: date
    is_window_open: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """A manifest that holds, and the agreement version it was made under."""

    manifest: Manifest
    agreement: Agreement


def accept_manifest(name: DeliveryName, raw: bytes, signature: bytes | None, terms: Terms) -> Accepted:
    """Judge everything that can be judged without the data file.

    Args:
        name: name of the folder the manifest was found in.
        raw: the manifest's bytes, as signed.
        signature: bytes of manifest.sig; None when there is none.
        terms: what the municipality knows. With `is_window_open` the month window is not judged again: the
            delivery came in time and was held.

    Raises:
        Refused: the first check that does not hold.
    """
    manifest = parse_manifest(raw)
    if manifest.name != name:
        raise Refused("MANIFEST_INVALID", "delivery_id")
    if manifest.gemeentecode != terms.directory.gemeentecode:
        raise Refused("OTHER_MUNICIPALITY", "gemeentecode")
    if not any(agreement.partner(manifest.partner_id) for agreement in terms.agreements):
        raise Refused("PARTNER_UNKNOWN", "partner_id")
    _check_signature(manifest, raw, signature, terms)
    agreement = _agreement_of(manifest, terms)
    if not manifest.has_social_collection:
        raise Refused("NO_ATTESTATION", "has_social_collection")
    _check_municipal_keys(manifest, terms)
    return Accepted(manifest, agreement)


def _check_signature(manifest: Manifest, raw: bytes, signature: bytes | None, terms: Terms) -> None:
    if signature is None:
        raise Refused("SIGNATURE_MISSING", "manifest.sig")
    key = terms.directory.by_id(manifest.signing_key_id)
    if key is None or key.kind != "partner-signing" or key.holder != manifest.partner_id:
        raise Refused("KEY_WRONG", "signing_key_id")
    if len(signature) != SIGNATURE_BYTES or not verify(key.public, signature, raw):
        raise Refused("SIGNATURE_WRONG", "manifest.sig")
    if not _is_in_term(key, manifest.month, terms.today):
        raise Refused("KEY_EXPIRED", "signing_key_id")


def _is_in_term(key: PublicKey, month: str, today: date) -> bool:
    """In term on some day from the start of the month until D, so that a rotation refuses nothing in flight."""
    return (
        (key.revoked_on is None or today < key.revoked_on)
        and key.valid_from <= today
        and (key.valid_until is None or key.valid_until >= month_start(month))
    )


def _agreement_of(manifest: Manifest, terms: Terms) -> Agreement:
    newest = month_of(terms.today)
    if manifest.month > newest:
        raise Refused("WRONG_MONTH", "month")
    agreement = next(
        (
            agreement
            for agreement in terms.agreements
            if (agreement.agreement_id, agreement.version) == (manifest.agreement_id, manifest.agreement_version)
        ),
        None,
    )
    if agreement is None:
        raise Refused("AGREEMENT_UNKNOWN", "agreement_version")
    if not terms.is_window_open and manifest.month < add_months(newest, -agreement.rule.late_months):
        raise Refused("WRONG_MONTH", "month")
    if not agreement.is_valid_for(manifest.month):
        raise Refused("AGREEMENT_EXPIRED", "agreement_version")
    partner = agreement.partner(manifest.partner_id)
    if partner is None or not partner.is_valid_for(manifest.month):
        raise Refused("PARTNER_UNKNOWN", "partner_id")
    return agreement


def _check_municipal_keys(manifest: Manifest, terms: Terms) -> None:
    """The keys it was sealed to are ours: otherwise nobody could ever open what it holds."""
    admission = terms.directory.by_id(manifest.admission_key_id)
    if admission is None or admission.kind != "admission" or admission.holder != MUNICIPALITY:
        raise Refused("KEY_WRONG", "admission_key_id")
    if not _is_in_term(admission, manifest.month, terms.today):
        raise Refused("KEY_EXPIRED", "admission_key_id")
    if manifest.opening_key_id is None:
        return
    opening = terms.directory.by_id(manifest.opening_key_id)
    if opening is None or opening.kind != "opening" or opening.month != manifest.month:
        raise Refused("KEY_WRONG", "opening_key_id")
    if opening.revoked_on is not None and opening.revoked_on <= terms.today:
        raise Refused("KEY_EXPIRED", "opening_key_id")


def check_sequence(digest: str, earlier: Iterable[tuple[str, str]]) -> None:
    """The same sequence with another manifest is refused, whatever it holds.

    Args:
        digest: manifest hash of this delivery.
        earlier: (manifest hash, state) of deliveries with the same partner, month and sequence.

    Raises:
        Refused: SEQUENCE_REPLAYED. A delivery that was refused took no sequence number.
    """
    if any(known != digest and state != "refused" for known, state in earlier):
        raise Refused("SEQUENCE_REPLAYED", "sequence")


def check_size(manifest: Manifest, size: int) -> None:
    """The size of the data file, before a byte of it is read.

    Raises:
        Refused: TOO_LARGE, INCORRECT_FILE_SIZE.
    """
    if max(size, manifest.size) > MOST_DATA_BYTES:
        raise Refused("TOO_LARGE", "size")
    if size != manifest.size:
        raise Refused("INCORRECT_FILE_SIZE", "size")


def check_bytes(manifest: Manifest, sealed: bytes) -> None:
    """Size and checksum of the bytes that were really read.

    Raises:
        Refused: INCORRECT_FILE_SIZE, CHECKSUM_ERROR.
    """
    if len(sealed) != manifest.size:
        raise Refused("INCORRECT_FILE_SIZE", "size")
    if f"sha256:{hashlib.sha256(sealed).hexdigest()}" != manifest.checksum:
        raise Refused("CHECKSUM_ERROR", "checksum")


def key_named(keys: Iterable[KeyFile], key_id: str) -> KeyFile:
    """The key with this id.

    Raises:
        Refused: KEY_MISSING. The municipality's own fault, so the delivery itself is not refused.
    """
    for key in keys:
        if key.key_id == key_id:
            return key
    raise Refused("KEY_MISSING", hint=f"({key_id})")


def store_key_of(keys: Iterable[KeyFile], month: str) -> KeyFile:
    """The store key of a month; the newest when there are more.

    Raises:
        Refused: KEY_MISSING, as above.
    """
    fitting = [key for key in keys if key.month == month]
    if not fitting:
        raise Refused("KEY_MISSING", hint=f"(store, {month})")
    return fitting[-1]


def open_rows(manifest: Manifest, sealed: bytes, admission_key: KeyFile) -> pl.DataFrame:
    """Decrypt the data file and read it in a limited child.

    Raises:
        Refused: SEAL_BROKEN and what `read_rows` refuses.
    """
    info = file_info(manifest.name, manifest.gemeentecode, manifest.agreement_id, manifest.admission_key_id)
    plain = open_sealed(admission_key.secret.value, sealed, info)
    return read_rows(plain, schema_of(manifest.kind), manifest.row_count)


def rekey_tokens(
    rows: pl.DataFrame, store_key: bytes, kinds: Mapping[str, tuple[str, ...]] = TOKEN_KINDS
) -> pl.DataFrame:
    """The second keyed pass over every token column; a kind and its `_alt` column stay comparable."""
    return rows.with_columns(
        rekey_column(store_key, kind, rows[column]).alias(column)
        for kind, columns in kinds.items()
        for column in columns
        if column in rows.columns
    )
