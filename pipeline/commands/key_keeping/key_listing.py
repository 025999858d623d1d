"""Which keys there are, as one line each: id, holder, term, fingerprint of the public half. Never a secret."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.commands.key_keeping.key_making import (
    JOURNAL,
    LISTED_KINDS,
    MUNICIPAL_KINDS,
    folder_of,
    keys_of,
    public_key_of,
)
from pipeline.commands.key_keeping.partner_parts import BOX, SECRET, SIGNING
from pipeline.commands.key_keeping.token_issuing import HOLDER_SIGNING, ROOT, read_ledger
from pipeline.vault.keyring import KeyFile, PartnerKeys, read_keys
from pipeline.vault.sealing import public_of_box
from pipeline.vault.signing import fingerprint, public_of_signing
from pipeline.vocabulary.directory import Directory, PublicKey

HEADINGS = ("sleutel", "houder", "geldig vanaf", "tot en met", "ligt in", "vingerafdruk")


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key as a person may see it."""

    key_id: str
    kind: str
    holder: str
    valid_from: str
    valid_until: str
    place: str
    fingerprint: str


def list_municipality(home: Path, directory: Directory | None) -> list[KeyLine]:
    """The private keys in a home, and the partners' public keys of its directory."""
    lines = []
    for kind in MUNICIPAL_KINDS:
        for key in keys_of(home, kind):
            listed = directory.by_id(key.key_id) if directory else None
            lines.append(_line(key, folder_of(home, kind).name, _print_of(key), listed))
    partners = directory.keys if directory else ()
    return lines + [_public_line(key) for key in partners if key.kind in (SIGNING, BOX)]


def list_partner(keys_file: Path) -> list[KeyLine]:
    """What a keys.json holds; terms stand in the directory."""
    keys = PartnerKeys.read(keys_file)
    place = keys_file.name

    def line(key_id: str, kind: str, public: bytes | None) -> KeyLine:
        return KeyLine(key_id, kind, keys.partner_id, "", "", place, fingerprint(public) if public else "")

    lines = [line(key.key_id, SIGNING, public_of_signing(key.secret.value)) for key in keys.signing]
    lines += [line(key.key_id, BOX, public_of_box(key.secret.value)) for key in keys.box]
    lines.append(line(keys.secret.key_id, SECRET, None))
    return lines + [line(key.key_id, "token", None) for key in keys.token_keys]


def list_holder(folder: Path) -> list[KeyLine]:
    """The key holder's own keys, and which token keys it issued to whom."""
    signing = [
        _line(key, folder.name, fingerprint(public_of_signing(key.secret.value)), None)
        for key in read_keys(folder, HOLDER_SIGNING)
    ]
    roots = [_line(key, folder.name, "", None) for key in read_keys(folder, ROOT)]
    issued = [
        KeyLine(row["key_id"], "token", row["partner_id"], row["issued_on"], "", "uitgegeven", "")
        for row in read_ledger(folder)["issued"]
    ]
    return signing + roots + issued


def as_table(lines: Iterable[KeyLine]) -> list[str]:
    """The lines under their headings, in columns; columns without content are left out."""
    rows = [HEADINGS] + [
        (line.key_id, line.holder, line.valid_from, line.valid_until, line.place, line.fingerprint)
        for line in lines
    ]
    kept = [column for column in zip(*rows, strict=True) if any(column[1:])]
    widths = [max(len(cell) for cell in column) for column in kept]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*kept, strict=True)
    ]


def _print_of(key: KeyFile) -> str:
    """The fingerprint of a public half that somebody compares; of other kinds there is none to compare."""
    if key.kind == JOURNAL:
        return fingerprint(public_of_signing(key.secret.value))
    return fingerprint(public_key_of(key).public) if key.kind in LISTED_KINDS else ""


def _line(key: KeyFile, place: str, public: str, listed: PublicKey | None) -> KeyLine:
    until = listed.valid_until if listed else key.valid_until
    return KeyLine(
        key.key_id, key.kind, key.holder, key.valid_from.isoformat(), _until(until, listed), place, public
    )


def _public_line(key: PublicKey) -> KeyLine:
    return KeyLine(
        key.key_id,
        key.kind,
        key.holder,
        key.valid_from.isoformat(),
        _until(key.valid_until, key),
        "directory.json",
        fingerprint(key.public),
    )


def _until(until: date | None, listed: PublicKey | None) -> str:
    if listed is not None and listed.revoked_on is not None:
        return f"ingetrokken {listed.revoked_on.isoformat()}"
    return until.isoformat() if until else ""
