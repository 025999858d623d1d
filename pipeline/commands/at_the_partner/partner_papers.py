"""What a partner needs before it may seal: its keys, and an agreement and directory that it can believe.

Both documents must be signed by the municipality whose fingerprint stands in keys.json, and every key that will be
used must be there and in term, so that a delivery that nobody could accept is never made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.commands.documents import read_unverified_agreement, verified_agreement
from pipeline.commands.key_keeping.directory_keeping import read_trusted_directory
from pipeline.vault.keyring import NamedSecret, PartnerKeys
from pipeline.vault.signing import public_of_signing
from pipeline.vocabulary.agreement import Agreement
from pipeline.vocabulary.directory import MUNICIPALITY, Directory, PublicKey
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import month_end

DIRECTORY_FILE = "directory.json"


@dataclass(frozen=True, slots=True)
class PartnerPapers:
    """Everything that one delivery is made under. `opening` and `token_key` are None for a retraction."""

    keys: PartnerKeys
    agreement: Agreement
    signing: NamedSecret
    admission: PublicKey
    opening: PublicKey | None
    token_key: NamedSecret | None


def read_trusted(agreement_file: Path, keys: PartnerKeys) -> tuple[Agreement, Directory]:
    """The agreement and the directory beside it, both signed by the municipality that keys.json trusts.

    Raises:
        Refused: AGREEMENT_…, DIRECTORY_…, FINGERPRINT_MISMATCH; KEY_WRONG when keys.json lacks the municipality.
    """
    document = read_unverified_agreement(agreement_file)
    trusted = keys.municipal_fingerprints.get(str(document.get("gemeentecode")))
    if trusted is None:
        raise Refused("KEY_WRONG", "municipal_fingerprints")
    directory = read_trusted_directory(agreement_file.with_name(DIRECTORY_FILE), trusted)
    return verified_agreement(document, directory), directory


def read_papers(agreement_file: Path, keys_file: Path, month: str, kind: str, today: date) -> PartnerPapers:
    """Read and check what a delivery for a month needs.

    Args:
        agreement_file: agreement.json; directory.json lies beside it.
        keys_file: the partner's keys.json.
        month: of the delivery.
        kind: signals, correction or retraction.
        today: the day on which keys must be in term, where several are.

    Raises:
        Refused: with the first paper that fails.
    """
    keys = PartnerKeys.read(keys_file)
    agreement, directory = read_trusted(agreement_file, keys)
    partner = agreement.partner(keys.partner_id)
    if partner is None:
        raise Refused("PARTNER_UNKNOWN", "partner_id")
    if not agreement.is_valid_for(month):
        raise Refused("AGREEMENT_EXPIRED", "month")
    if not partner.is_valid_for(month):
        raise Refused("PARTNER_UNKNOWN", "month")
    is_retraction = kind == "retraction"
    return PartnerPapers(
        keys=keys,
        agreement=agreement,
        signing=_signing_key(keys, directory, month, today),
        admission=_admission_key(directory, month, today),
        opening=None if is_retraction else _opening_key(directory, month),
        token_key=None if is_retraction else keys.token_key(agreement.gemeentecode, month),
    )


def _signing_key(keys: PartnerKeys, directory: Directory, month: str, today: date) -> NamedSecret:
    """The partner's newest signing key that the municipality knows; a newer one may still be on its way."""
    is_known = False
    for named in reversed(keys.signing):
        public = directory.by_id(named.key_id)
        if public is None or public.kind != "partner-signing" or public.holder != keys.partner_id:
            continue
        is_known = public.public == public_of_signing(named.secret.value)
        if is_known and (public.is_valid_on(today) or public.is_valid_for(month)):
            return named
    raise Refused("KEY_EXPIRED" if is_known else "KEY_WRONG", "signing", hint=f"({keys.partner_id})")


def _admission_key(directory: Directory, month: str, today: date) -> PublicKey:
    key = directory.current("admission", MUNICIPALITY, today)
    key = key or directory.current("admission", MUNICIPALITY, month_end(month))
    if key is None:
        raise Refused("KEY_EXPIRED", "admission")
    return key


def _opening_key(directory: Directory, month: str) -> PublicKey:
    key = directory.opening_key(month)
    if key is None:
        raise Refused("KEY_MISSING", "opening", hint=f"(openingssleutel {month}; vraag een nieuwe sleutellijst)")
    return key
