"""A small region after the key ceremony: one municipality, two partners, a key holder. Fresh keys every time."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.commands.documents import read_agreement, read_directory
from pipeline.commands.key_keeping.agreement_making import make_agreement
from pipeline.commands.key_keeping.directory_keeping import make_directory
from pipeline.commands.key_keeping.key_making import make_municipality_keys
from pipeline.commands.key_keeping.partner_parts import check_public_part, make_partner_keys, write_public_part
from pipeline.commands.key_keeping.token_issuing import issue_token_keys, make_key_holder, receive_token_keys
from pipeline.pseudonymous.accept_delivery import Terms, accept_manifest
from pipeline.vault.keyring import NamedSecret, PartnerKeys
from pipeline.vault.signing import canonical_json, sign
from pipeline.vocabulary.directory import Directory
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.manifest import Manifest

GEMEENTE = "GM9901"
AGREEMENT_ID = "GM9901-vroegsignalering"
TODAY = date(2026, 10, 1)
MONTHS = ("2026-10", "2026-11")
Partners = Sequence[tuple[str, str]]
PARTNERS: Partners = (("woonpunt", "Huur"), ("waterkring", "Water"))


@dataclass(frozen=True)
class Region:
    """Where everything lies."""

    path: Path
    fingerprint: str
    holder_fingerprint: str

    @property
    def home(self) -> Path:
        return self.path / "gemeente"

    @property
    def holder(self) -> Path:
        return self.path / "sleutelhouder"

    @property
    def parts(self) -> Path:
        return self.path / "openbaar"

    @property
    def directory_file(self) -> Path:
        return self.home / "directory.json"

    def keys_file(self, partner_id: str) -> Path:
        return self.path / partner_id / "keys.json"

    def partner_keys(self, partner_id: str) -> PartnerKeys:
        return PartnerKeys.read(self.keys_file(partner_id))

    def directory(self) -> Directory:
        return read_directory(self.directory_file)

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.directory_file.read_text())
        return document


def agreement_document(partners: Partners = PARTNERS, **changes: Any) -> dict[str, Any]:
    """An agreement as a privacy officer would choose it."""
    listed = [
        {"partner_id": name, "partner_type": kind, "name": name.title(), "valid_from": "2026-01-01"}
        for name, kind in partners
    ]
    return {
        "agreement_id": AGREEMENT_ID,
        "gemeentecode": GEMEENTE,
        "municipality": "Voorbeeldstad",
        "valid_from": "2026-01-01",
        "valid_until": "2027-12-31",
        "partners": listed,
        "rule": {},
        "lanes": {"crisis": "count"},
        **changes,
    }


def make_region(path: Path, partners: Partners = PARTNERS, months: Sequence[str] = MONTHS) -> Region:
    """Hold the ceremony."""
    fingerprint = make_municipality_keys(path / "gemeente", GEMEENTE, months, TODAY)
    parts = []
    for partner_id, _ in partners:
        part = make_partner_keys(path / partner_id / "keys.json", partner_id, {GEMEENTE: fingerprint}, TODAY)
        write_public_part(path / "openbaar", part)
        parts.append(part)
    make_directory(path / "gemeente", GEMEENTE, AGREEMENT_ID, [check_public_part(part) for part in parts], TODAY)
    make_agreement(path / "gemeente", agreement_document(partners), TODAY)
    holder_fingerprint = make_key_holder(path / "sleutelhouder", TODAY)
    issued = issue_token_keys(path / "sleutelhouder", parts, GEMEENTE, months, TODAY)
    for (partner_id, _), file in zip(partners, issued, strict=True):
        receive_token_keys(path / partner_id / "keys.json", file, holder_fingerprint)
    return Region(path, fingerprint, holder_fingerprint)


def copy_region(region: Region, path: Path) -> Region:
    """The same region somewhere else: quicker than another ceremony."""
    return replace(region, path=shutil.copytree(region.path, path, dirs_exist_ok=True))


def admits(region: Region, key: NamedSecret, today: date, month: str = MONTHS[0], **changes: Any) -> str:
    """What admission says of a delivery of woonpunt that is signed with this key: OK, or the fault's code."""
    manifest = Manifest(
        delivery_id=f"woonpunt_{month}_0001",
        partner_id="woonpunt",
        gemeentecode=GEMEENTE,
        agreement_id=AGREEMENT_ID,
        agreement_version=1,
        month=month,
        sequence=1,
        kind="signals",
        row_count=0,
        checksum="sha256:" + "0" * 64,
        size=0,
        creationTime="2026-10-01T08:00:00Z",
        expirationTime="2026-12-01T08:00:00Z",
        signing_key_id=key.key_id,
        admission_key_id="admission-GM9901-1",
        opening_key_id=f"opening-GM9901-{month}-1",
        token_key_id=f"token-GM9901-{month}-1",
        has_social_collection=True,
    )
    manifest = replace(manifest, **changes)
    raw = canonical_json(manifest.to_dict())
    directory = region.directory()
    terms = Terms([read_agreement(region.home / "agreement.json", directory)], directory, today)
    try:
        accept_manifest(manifest.name, raw, sign(key.secret.value, raw), terms)
    except Refused as refusal:
        return refusal.code
    return "OK"


def secrets_under(path: Path) -> dict[str, bytes]:
    """Every secret in every key file below a folder, by file and place."""
    found: dict[str, bytes] = {}
    for file in path.rglob("*.json"):
        for place, text in _secret_texts(json.loads(file.read_text()), str(file.relative_to(path))):
            found[place] = base64.b64decode(text)
    return found


def forms(secret: bytes) -> tuple[bytes, ...]:
    """The ways in which a secret could stand in an output."""
    encoded = base64.b64encode(secret), base64.urlsafe_b64encode(secret), secret.hex().encode()
    return (secret, *encoded, repr(secret).encode())


def _secret_texts(document: Any, place: str) -> list[tuple[str, str]]:
    if isinstance(document, list):
        return [pair for number, item in enumerate(document) for pair in _secret_texts(item, f"{place}[{number}]")]
    if not isinstance(document, dict):
        return []
    own = [(place, document["secret_b64"])] if "secret_b64" in document else []
    return own + [pair for name, item in document.items() for pair in _secret_texts(item, f"{place}.{name}")]
