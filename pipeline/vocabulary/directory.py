"""The key directory: public keys of partners and municipality, each with its term.

A rotation adds a key and ends the term of the former one; it removes nothing, so blobs in flight still name a
key that can be found. Token and store keys are secret and never stand here.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import month_end, month_start, parse_month

FORMAT = "samenloop/directory/1"
MUNICIPALITY = "municipality"
KINDS = ("partner-signing", "partner-box", "municipal-signing", "admission", "opening")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One public key. `month` is set for keys that change every month (opening keys)."""

    key_id: str
    kind: str
    holder: str
    public_b64: str
    valid_from: date
    valid_until: date | None
    revoked_on: date | None = None
    month: str | None = None

    @property
    def public(self) -> bytes:
        """The raw key."""
        return base64.b64decode(self.public_b64)

    def is_valid_on(self, day: date) -> bool:
        """Whether the key may be used to make something new on this day."""
        return (
            self.valid_from <= day
            and (self.valid_until is None or day <= self.valid_until)
            and (self.revoked_on is None or day < self.revoked_on)
        )

    def is_valid_for(self, month: str) -> bool:
        """Whether the key was in term on any day of the month and is not revoked."""
        return (
            self.revoked_on is None
            and self.valid_from <= month_end(month)
            and (self.valid_until is None or month_start(month) <= self.valid_until)
        )


@dataclass(frozen=True, slots=True)
class Directory:
    """All public keys of one municipality's agreement."""

    gemeentecode: str
    agreement_id: str
    version: int
    keys: tuple[PublicKey, ...]

    def by_id(self, key_id: str) -> PublicKey | None:
        """The key with this id, in term or not."""
        return next((key for key in self.keys if key.key_id == key_id), None)

    def current(self, kind: str, holder: str, day: date) -> PublicKey | None:
        """The newest key of a holder that may be used on a day: first key writes."""
        fitting = [key for key in self.keys if key.kind == kind and key.holder == holder and key.is_valid_on(day)]
        return max(fitting, key=lambda key: (key.valid_from, key.key_id), default=None)

    def opening_key(self, month: str) -> PublicKey | None:
        """The municipality's newest unrevoked opening key of a month."""
        fitting = [
            key for key in self.keys if key.kind == "opening" and key.month == month and key.revoked_on is None
        ]
        return max(fitting, key=lambda key: (key.valid_from, key.key_id), default=None)

    @staticmethod
    def from_dict(document: Mapping[str, Any]) -> Directory:
        """Read a directory document; its signature is checked elsewhere.

        Raises:
            Refused: DIRECTORY_INVALID with the field as column.
        """
        if not isinstance(document, Mapping) or document.get("format") != FORMAT:
            raise Refused("DIRECTORY_INVALID", "format")
        rows = document.get("keys")
        if not isinstance(rows, list):
            raise Refused("DIRECTORY_INVALID", "keys")
        keys = tuple(_public_key(row) for row in rows)
        if len({key.key_id for key in keys}) != len(keys):
            raise Refused("DIRECTORY_INVALID", "keys.key_id")
        try:
            return Directory(
                str(document["gemeentecode"]), str(document["agreement_id"]), int(document["version"]), keys
            )
        except (KeyError, TypeError, ValueError, OverflowError):
            raise Refused("DIRECTORY_INVALID") from None


def _public_key(row: Any) -> PublicKey:
    try:
        if row["kind"] not in KINDS:
            raise Refused("DIRECTORY_INVALID", "keys.kind")
        base64.b64decode(row["public_b64"], validate=True)
        return PublicKey(
            key_id=str(row["key_id"]),
            kind=str(row["kind"]),
            holder=str(row["holder"]),
            public_b64=str(row["public_b64"]),
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_until=_day(row.get("valid_until")),
            revoked_on=_day(row.get("revoked_on")),
            month=_month(row.get("month")),
        )
    except (KeyError, TypeError, ValueError):
        raise Refused("DIRECTORY_INVALID", "keys") from None


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _month(text: str | None) -> str | None:
    try:
        return None if text is None else parse_month(text)
    except Refused:
        raise Refused("DIRECTORY_INVALID", "keys.month") from None
