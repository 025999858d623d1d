"""The name and the manifest of a delivery.

Field names filename, checksum, size, contentType, creationTime and expirationTime come from Digikoppeling
Grote Berichten; the rest says under which agreement, keys and recipe the delivery was made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import parse_month

FORMAT = "samenloop/delivery/1"
RECIPE = "tokens/4"
DATA_FILE = "signals.sealed"
MANIFEST_FILE = "manifest.json"
SIGNATURE_FILE = "manifest.sig"
KINDS = ("signals", "correction", "retraction")
MOST_ROWS = 2_000_000

_NAME = re.compile(r"^([a-z0-9-]{2,32})_(20[0-9]{2}-(?:0[1-9]|1[0-2]))_([0-9]{4})\Z")
_CHECKSUM = re.compile(r"^sha256:[0-9a-f]{64}\Z")
_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class DeliveryName:
    """`<partner-id>_<month>_<sequence>`."""

    partner_id: str
    month: str
    sequence: int

    def __str__(self) -> str:
        return f"{self.partner_id}_{self.month}_{self.sequence:04d}"

    @staticmethod
    def parse(text: str) -> DeliveryName:
        """Read a folder name.

        Raises:
            Refused: ODD_NAME.
        """
        found = _NAME.match(text)
        if found is None or found[3] == "0000" or not text.isascii():
            raise Refused("ODD_NAME")
        return DeliveryName(found[1], found[2], int(found[3]))


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a partner states and signs about one delivery. Sizes in bytes, instants in UTC."""

    delivery_id: str
    partner_id: str
    gemeentecode: str
    agreement_id: str
    agreement_version: int
    month: str
    sequence: int
    kind: str
    row_count: int
    checksum: str
    size: int
    creationTime: str  # noqa: N815 - name from Digikoppeling Grote Berichten
    expirationTime: str  # noqa: N815 - name from Digikoppeling Grote Berichten
    signing_key_id: str
    admission_key_id: str
    opening_key_id: str | None
    token_key_id: str | None
    has_social_collection: bool
    filename: str = DATA_FILE
    contentType: str = "application/vnd.samenloop.signals+parquet"  # noqa: N815 - as above
    recipe: str = RECIPE
    format: str = FORMAT

    @property
    def name(self) -> DeliveryName:
        """The name of the folder this manifest belongs in."""
        return DeliveryName(self.partner_id, self.month, self.sequence)

    def to_dict(self) -> dict[str, Any]:
        """The document that is written and signed."""
        return asdict(self)

    @staticmethod
    def from_dict(document: Any) -> Manifest:
        """Read a manifest strictly: every field, no other, each of its type and form.

        Raises:
            Refused: MANIFEST_INVALID with the field as column; RECIPE_UNKNOWN for another token recipe.
        """
        if not isinstance(document, Mapping) or document.get("format") != FORMAT:
            raise Refused("MANIFEST_INVALID", "format")
        names = {field.name for field in fields(Manifest)}
        if set(document) != names:
            raise Refused("MANIFEST_INVALID")
        _check_types(document)
        manifest = Manifest(**document)
        _check_forms(manifest)
        return manifest


def _check_types(document: Mapping[str, Any]) -> None:
    for field in fields(Manifest):
        value = document[field.name]
        wanted = {"int": int, "bool": bool}.get(str(field.type), str)
        if value is None and "None" in str(field.type):
            continue
        if type(value) is not wanted or (isinstance(value, str) and not 0 < len(value) <= 200):
            raise Refused("MANIFEST_INVALID", field.name)


def _check_forms(manifest: Manifest) -> None:
    parse_month(manifest.month)
    forms = {
        "delivery_id": manifest.delivery_id == str(manifest.name),
        "sequence": 1 <= manifest.sequence <= 9999,
        "kind": manifest.kind in KINDS,
        "row_count": manifest.row_count >= 0,
        "size": manifest.size >= 0,
        "checksum": _CHECKSUM.match(manifest.checksum) is not None,
        "filename": manifest.filename == DATA_FILE,
        "creationTime": _INSTANT.match(manifest.creationTime) is not None,
        "expirationTime": _INSTANT.match(manifest.expirationTime) is not None,
        "opening_key_id": manifest.kind == "retraction" or manifest.opening_key_id is not None,
        "token_key_id": manifest.kind == "retraction" or manifest.token_key_id is not None,
    }
    for name, holds in forms.items():
        if not holds:
            raise Refused("MANIFEST_INVALID", name)
    if manifest.recipe != RECIPE:
        raise Refused("RECIPE_UNKNOWN", "recipe")


def file_info(name: DeliveryName, gemeentecode: str, agreement_id: str, key_id: str) -> bytes:
    """What the encryption of `signals.sealed` is bound to: a file cannot serve as another delivery's."""
    return "\x1f".join((FORMAT, agreement_id, gemeentecode, str(name), key_id)).encode()
