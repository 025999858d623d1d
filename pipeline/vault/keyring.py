"""Key files on disk: written once, mode 0600, read back strictly; secrets never show in a repr.

A municipality's keys are one file each; a partner's keys are one file, keys.json, to which the key holder's
monthly token keys are added, sealed to the partner's box key.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.vault.sealing import open_sealed, public_of_box
from pipeline.vault.signing import public_of_signing
from pipeline.vocabulary.directory import Directory
from pipeline.vocabulary.faults import OwnKeyRefused, Refused

KEY_FORMAT = "samenloop/key/1"
PARTNER_FORMAT = "samenloop/partner-keys/1"


@dataclass(frozen=True, slots=True)
class Secret:
    """Bytes that do not print themselves."""

    value: bytes

    def __repr__(self) -> str:
        return "Secret(…)"

    def b64(self) -> str:
        """The form in a key file."""
        return base64.b64encode(self.value).decode()

    @staticmethod
    def from_b64(text: Any) -> Secret:
        """Read a secret of 32 bytes.

        Raises:
            Refused: KEY_INVALID.
        """
        try:
            value = base64.b64decode(text, validate=True)
        except (TypeError, ValueError, binascii.Error):
            raise Refused("KEY_INVALID") from None
        if len(value) != 32:
            raise Refused("KEY_INVALID")
        return Secret(value)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """One secret key with its name and term."""

    key_id: str
    kind: str
    holder: str
    created_on: date
    valid_from: date
    valid_until: date | None
    secret: Secret
    month: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The document on disk."""
        return {
            "format": KEY_FORMAT,
            "key_id": self.key_id,
            "kind": self.kind,
            "holder": self.holder,
            "created_on": self.created_on.isoformat(),
            "valid_from": self.valid_from.isoformat(),
            "valid_until": None if self.valid_until is None else self.valid_until.isoformat(),
            "month": self.month,
            "secret_b64": self.secret.b64(),
        }

    @staticmethod
    def from_dict(document: Mapping[str, Any]) -> KeyFile:
        """Read a key document.

        Raises:
            Refused: KEY_INVALID.
        """
        try:
            if document["format"] != KEY_FORMAT:
                raise Refused("KEY_INVALID", "format")
            until = document["valid_until"]
            return KeyFile(
                key_id=str(document["key_id"]),
                kind=str(document["kind"]),
                holder=str(document["holder"]),
                created_on=date.fromisoformat(document["created_on"]),
                valid_from=date.fromisoformat(document["valid_from"]),
                valid_until=None if until is None else date.fromisoformat(until),
                secret=Secret.from_b64(document["secret_b64"]),
                month=document.get("month"),
            )
        except (KeyError, TypeError, ValueError):
            raise Refused("KEY_INVALID") from None


def write_key(path: Path, key: KeyFile) -> None:
    """Write a key file that must not exist yet, readable by its owner alone; it is there whole or not at all.

    Raises:
        Refused: NOT_ALLOWED_NOW when a file of that name exists: keys are added, never overwritten.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(key.to_dict(), stream, indent=2)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(aside, path)  # fails where a rename would overwrite
    except (FileExistsError, FileNotFoundError):  # the second: another process wrote this key and swept
        raise Refused("NOT_ALLOWED_NOW", hint=f"({path.name})") from None
    finally:
        aside.unlink(missing_ok=True)
    for left in path.parent.glob(f".{path.name}.*"):  # by a process that was killed: a key that nobody uses
        left.unlink(missing_ok=True)


def read_key(path: Path, absent: str = "KEY_MISSING") -> KeyFile:
    """Read one key file.

    Args:
        path: of the file.
        absent: the code when there is no such file: one that somebody named is FILE_NOT_FOUND.

    Raises:
        Refused: KEY_MISSING (or `absent`), KEY_INVALID or NO_PERMISSION, naming the file.
    """
    with _naming(path):
        return KeyFile.from_dict(_read_json(path, absent))


def read_keys(folder: Path, kind: str) -> tuple[KeyFile, ...]:
    """All keys of a kind in a folder, oldest first; files of other kinds are passed over."""
    keys = [read_key(path) for path in sorted(folder.glob(f"{kind}*.json"))]
    return tuple(sorted((key for key in keys if key.kind == kind), key=lambda key: (key.valid_from, key.key_id)))


def read_sound_keys(folder: Path, kind: str) -> tuple[tuple[KeyFile, ...], dict[str, Refused]]:
    """The keys of a kind that can be read, and per name of a file that cannot, less its ending, why not."""
    keys: list[KeyFile] = []
    refused: dict[str, Refused] = {}
    for path in sorted(folder.glob(f"{kind}*.json")):
        try:
            keys.append(read_key(path))
        except Refused as refusal:
            refused[path.stem] = refusal
    return tuple(key for key in keys if key.kind == kind), refused


def is_listed(key: KeyFile, directory: Directory) -> bool:
    """Whether a key is the one that the directory lists under its id; one that is not listed is no other key."""
    listed = directory.by_id(key.key_id)
    public_of = public_of_signing if key.kind == "municipal-signing" else public_of_box
    return listed is None or listed.public == public_of(key.secret.value)


def as_listed(key: KeyFile, directory: Directory) -> KeyFile:
    """The key, before it is used.

    Raises:
        OwnKeyRefused: KEY_WRONG, naming it, when the directory lists another under its id.
    """
    if not is_listed(key, directory):
        raise OwnKeyRefused(key.key_id)
    return key


def _read_json(path: Path, absent: str) -> Mapping[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refused(absent) from None
    except PermissionError:
        raise Refused("NO_PERMISSION") from None
    except (OSError, ValueError):
        raise Refused("KEY_INVALID") from None
    if not isinstance(document, dict):
        raise Refused("KEY_INVALID")
    return document


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let a refusal say which file it is about."""
    try:
        yield
    except Refused as refusal:
        raise Refused(refusal.code, refusal.column, hint=f"({path.name})") from None


@dataclass(frozen=True, slots=True)
class NamedSecret:
    """A partner's own secret and the id under which its public half is known."""

    key_id: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class SealedTokenKey:
    """One month's token key as the key holder issued it, sealed to the partner's box key."""

    key_id: str
    gemeentecode: str
    month: str
    sealed_b64: str
    box_key_id: str

    def info(self, partner_id: str) -> bytes:
        """What the sealed token key is bound to."""
        parts = (
            "samenloop/token-key/1",
            self.key_id,
            self.gemeentecode,
            self.month,
            partner_id,
            self.box_key_id,
        )
        return "\x1f".join(parts).encode()


@dataclass(frozen=True, slots=True)
class PartnerKeys:
    """keys.json: everything secret that one partner holds. Newest box and signing key last."""

    partner_id: str
    municipal_fingerprints: Mapping[str, str]
    signing: tuple[NamedSecret, ...]
    box: tuple[NamedSecret, ...]
    secret: NamedSecret
    token_keys: tuple[SealedTokenKey, ...] = ()

    def token_key(self, gemeentecode: str, month: str) -> NamedSecret:
        """Open the token key of a municipality and month; the last one issued counts.

        Raises:
            Refused: TOKEN_KEY_MISSING, KEY_MISSING (the box key it was sealed to), SEAL_BROKEN.
        """
        issued = [key for key in self.token_keys if (key.gemeentecode, key.month) == (gemeentecode, month)]
        if not issued:
            raise Refused("TOKEN_KEY_MISSING", hint=f"({gemeentecode}, {month})")
        sealed = issued[-1]
        box = next((box for box in self.box if box.key_id == sealed.box_key_id), None)
        if box is None:
            raise Refused("KEY_MISSING", hint=f"({sealed.box_key_id})")
        blob = base64.b64decode(sealed.sealed_b64)
        return NamedSecret(
            sealed.key_id, Secret(open_sealed(box.secret.value, blob, sealed.info(self.partner_id)))
        )

    def with_token_key(self, key: SealedTokenKey) -> PartnerKeys:
        """The same keys with one more issued token key; an identical one is not added twice."""
        return self if key in self.token_keys else replace(self, token_keys=(*self.token_keys, key))

    def to_dict(self) -> dict[str, Any]:
        """The document on disk."""
        return {
            "format": PARTNER_FORMAT,
            "partner_id": self.partner_id,
            "municipal_fingerprints": dict(self.municipal_fingerprints),
            "signing": [_named(key) for key in self.signing],
            "box": [_named(key) for key in self.box],
            "secret": _named(self.secret),
            "token_keys": [
                {
                    name: getattr(key, name)
                    for name in ("key_id", "gemeentecode", "month", "sealed_b64", "box_key_id")
                }
                for key in self.token_keys
            ],
        }

    @staticmethod
    def from_dict(document: Mapping[str, Any]) -> PartnerKeys:
        """Read keys.json.

        Raises:
            Refused: KEY_INVALID.
        """
        try:
            if document["format"] != PARTNER_FORMAT:
                raise Refused("KEY_INVALID", "format")
            return PartnerKeys(
                partner_id=str(document["partner_id"]),
                municipal_fingerprints=dict(document["municipal_fingerprints"]),
                signing=tuple(_read_named(row) for row in document["signing"]),
                box=tuple(_read_named(row) for row in document["box"]),
                secret=_read_named(document["secret"]),
                token_keys=tuple(SealedTokenKey(**row) for row in document["token_keys"]),
            )
        except (KeyError, TypeError, ValueError):
            raise Refused("KEY_INVALID") from None

    @staticmethod
    def read(path: Path) -> PartnerKeys:
        """Read keys.json from disk. Its place is one that somebody typed, so where it is not, no key need be lost.

        Raises:
            Refused: FILE_NOT_FOUND, KEY_INVALID or NO_PERMISSION, naming the file.
        """
        with _naming(path):
            return PartnerKeys.from_dict(_read_json(path, "FILE_NOT_FOUND"))

    def write(self, path: Path) -> None:
        """Write keys.json by replacement, readable by its owner alone."""
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(self.to_dict(), stream, indent=2)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)


def _named(key: NamedSecret) -> dict[str, str]:
    return {"key_id": key.key_id, "secret_b64": key.secret.b64()}


def _read_named(row: Mapping[str, Any]) -> NamedSecret:
    return NamedSecret(str(row["key_id"]), Secret.from_b64(row["secret_b64"]))
