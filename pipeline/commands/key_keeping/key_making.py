"""Making the municipality's keys: which folder, which id, which term.

A key is added and never overwritten, so what was sealed to an earlier one still opens. Ids are readable and
count on, also past a key that was lost: `admission-GM9901-2`, `opening-GM9901-2026-10-1`. Keys of a month have no
last day: the month's last retention term ends them. `opener-keys/` is for the opener's user alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.commands.documents import read_json
from pipeline.commands.key_keeping.backup_keys import BackupHalf, half_of, read_halves
from pipeline.commands.key_keeping.document_writing import SECRET_MODE, write_json
from pipeline.commands.key_keeping.journal_keys import enter_journal_key
from pipeline.commands.key_keeping.key_numbers import note_numbers, remembered_number
from pipeline.commands.wiring import Home
from pipeline.vault.keyring import KeyFile, Secret, read_keys, write_key
from pipeline.vault.randomness import new_secret
from pipeline.vault.sealing import new_box_key, public_of_box
from pipeline.vault.signing import fingerprint, new_signing_key, public_of_signing
from pipeline.vocabulary.agreement import GEMEENTECODE
from pipeline.vocabulary.directory import MUNICIPALITY, PublicKey
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import add_months, month_end, month_of, parse_month

TRUST_FORMAT = "samenloop/trust/1"
TRUST_FILE = "trust.json"

MUNICIPAL_SIGNING = "municipal-signing"
ADMISSION = "admission"
OPENING = "opening"
STORE = "store"
CASE = "case"
BACKUP = "backup"
JOURNAL = "journal"

OPENER_KINDS = (OPENING, CASE, JOURNAL)
MONTHLY_KINDS = (OPENING, STORE)
STANDING_KINDS = (MUNICIPAL_SIGNING, ADMISSION, BACKUP, CASE, JOURNAL)
MUNICIPAL_KINDS = (*STANDING_KINDS, *MONTHLY_KINDS)
LISTED_KINDS = (MUNICIPAL_SIGNING, ADMISSION, OPENING)

# Months in term. A signing key that changes often makes partners careless with fingerprints.
TERM_MONTHS = {
    MUNICIPAL_SIGNING: 60,
    ADMISSION: 24,
    BACKUP: 24,
    CASE: 12,
    JOURNAL: 60,
    "partner-signing": 36,
    "partner-box": 36,
}

_MAKERS: dict[str, Callable[[], bytes]] = {
    MUNICIPAL_SIGNING: new_signing_key,
    ADMISSION: new_box_key,
    OPENING: new_box_key,
    STORE: new_secret,
    CASE: new_secret,
    BACKUP: new_box_key,
    JOURNAL: new_signing_key,
}


def make_municipality_keys(home: Path, gemeentecode: str, months: Sequence[str], today: date) -> str:
    """Make all keys of a municipality: keys/ and opener-keys/, each with trust.json.

    Args:
        home: the municipality's home.
        gemeentecode: as `GM9901`.
        months: months for which partners may deliver; each gets a store key and an opening key.
        today: first day of every key's term.

    Returns:
        The fingerprint of the municipal signing key, which partners receive by another road.

    Raises:
        Refused: VALUE_INVALID; NOT_ALLOWED_NOW when this home has keys already.
    """
    if not GEMEENTECODE.match(gemeentecode):
        raise Refused("VALUE_INVALID", "gemeentecode", hint="(GM en vier cijfers)")
    place = Home(home)
    if read_keys(place.keys_dir, MUNICIPAL_SIGNING):
        raise Refused("NOT_ALLOWED_NOW", hint="(keys/)")
    for kind in STANDING_KINDS:
        new_municipal_key(home, kind, gemeentecode, today)
    for month in months:
        make_month_keys(home, gemeentecode, month, today)
    print_of_key = municipal_fingerprint(home)
    for folder in (place.keys_dir, place.opener_keys_dir):
        write_trust(folder, gemeentecode, print_of_key)
    return print_of_key


def make_month_keys(home: Path, gemeentecode: str, month: str, today: date) -> tuple[KeyFile, ...]:
    """Make the store and opening key of a month that were never made: one that is lost is not made anew here."""
    parse_month(month)
    return tuple(
        new_municipal_key(home, kind, gemeentecode, today, month)
        for kind in MONTHLY_KINDS
        if not last_number(home, kind, gemeentecode, month)
    )


def new_municipal_key(home: Path, kind: str, gemeentecode: str, today: date, month: str | None = None) -> KeyFile:
    """Add the next key of a kind (and month) to the right folder."""
    former = next(iter(reversed(keys_of(home, kind, month))), None)
    number = 1 + last_number(home, kind, gemeentecode, month)
    key = KeyFile(
        key_id=f"{_name(kind, gemeentecode, month)}-{number}",
        kind=kind,
        holder=MUNICIPALITY,
        created_on=today,
        valid_from=today,
        valid_until=term_end(kind, today),
        secret=Secret(_MAKERS[kind]()),
        month=month,
    )
    write_key(folder_of(home, kind) / f"{key.key_id}.json", key)
    note_numbers(folder_of(home, kind))
    if kind == JOURNAL:
        enter_journal_key(home, key, former)
    return key


def last_number(home: Path, kind: str, gemeentecode: str, month: str | None = None) -> int:
    """The highest number that a key of a kind (and month) ever had, as far as anything tells; 0 for none."""
    known = [key.key_id for key in keys_of(home, kind, month)]
    known += [half.key_id for half in backup_halves(home)] if kind == BACKUP else []
    name = _name(kind, gemeentecode, month)
    return max((remembered_number(home, folder_of(home, kind), name, kind, month), *map(number_of, known)))


def lost_keys(home: Path, gemeentecode: str, months: Sequence[str]) -> dict[tuple[str, str | None], str]:
    """Kinds, standing or of these months, that had a key and have none here: kind and month → id of the newest."""
    asked: list[tuple[str, str | None]] = [(kind, month) for month in months for kind in MONTHLY_KINDS]
    asked += [(kind, None) for kind in STANDING_KINDS if kind != BACKUP or not backup_halves(home)]
    lost = [(kind, month) for kind, month in asked if not keys_of(home, kind, month)]
    numbers = {(kind, month): last_number(home, kind, gemeentecode, month) for kind, month in lost}
    return {
        (kind, month): f"{_name(kind, gemeentecode, month)}-{number}"
        for (kind, month), number in numbers.items()
        if number
    }


def _name(kind: str, gemeentecode: str, month: str | None) -> str:
    return "-".join([kind, gemeentecode, *([month] if month else [])])


def term_end(kind: str, start: date) -> date | None:
    """The last day of a key made on `start`; None for keys of a month."""
    months = TERM_MONTHS.get(kind)
    return None if months is None else month_end(add_months(month_of(start), months))


def folder_of(home: Path, kind: str) -> Path:
    """Where keys of a kind lie."""
    place = Home(home)
    return place.opener_keys_dir if kind in OPENER_KINDS else place.keys_dir


def make_standing_keys(home: Path, gemeentecode: str, today: date) -> tuple[KeyFile, ...]:
    """Make the standing keys that this home never had: one of an earlier version lacks the newer kinds."""
    lacking = [kind for kind in STANDING_KINDS if not last_number(home, kind, gemeentecode)]
    return tuple(new_municipal_key(home, kind, gemeentecode, today) for kind in lacking)


def keys_of(home: Path, kind: str, month: str | None = None) -> tuple[KeyFile, ...]:
    """All keys of a kind, and of a month where one is given; oldest first, ten after nine.

    By their numbers: a clock that stood wrong on one day does not make an older key the newest.
    """
    keys = [key for key in read_keys(folder_of(home, kind), kind) if month is None or key.month == month]
    return tuple(sorted(keys, key=lambda key: (key.month or "", number_of(key.key_id))))


def backup_halves(home: Path) -> list[BackupHalf]:
    """The public halves of all backup keys, of those that lie elsewhere too; oldest first."""
    keys = Home(home).keys_dir
    halves = {half.key_id: half for half in (*read_halves(keys), *map(half_of, keys_of(home, BACKUP)))}
    return sorted(halves.values(), key=lambda half: (half.valid_from, number_of(half.key_id)))


def number_of(key_id: str) -> int:
    """The number an id ends in.

    Raises:
        Refused: KEY_INVALID.
    """
    tail = key_id.rpartition("-")[2]
    if not tail.isdecimal():
        raise Refused("KEY_INVALID", "key_id")
    return int(tail)


def public_key_of(key: KeyFile) -> PublicKey:
    """The directory's row of a municipal key; only for LISTED_KINDS."""
    public_of = public_of_signing if key.kind == MUNICIPAL_SIGNING else public_of_box
    return PublicKey(
        key_id=key.key_id,
        kind=key.kind,
        holder=key.holder,
        public_b64=Secret(public_of(key.secret.value)).b64(),
        valid_from=key.valid_from,
        valid_until=key.valid_until,
        month=key.month,
    )


def municipal_fingerprint(home: Path) -> str:
    """The fingerprint of the newest municipal signing key.

    Raises:
        Refused: KEY_MISSING.
    """
    keys = keys_of(home, MUNICIPAL_SIGNING)
    if not keys:
        raise Refused("KEY_MISSING", hint="(keys/municipal-signing-…)")
    return fingerprint(public_of_signing(keys[-1].secret.value))


def write_trust(folder: Path, gemeentecode: str, trusted_fingerprint: str) -> Path:
    """Pin the municipal signing key for whoever reads keys in this folder."""
    document: dict[str, Any] = {
        "format": TRUST_FORMAT,
        "gemeentecode": gemeentecode,
        "municipal_fingerprint": normal_fingerprint(trusted_fingerprint),
    }
    return write_json(folder / TRUST_FILE, document, SECRET_MODE)


def read_trust(folder: Path) -> tuple[str, str]:
    """(gemeentecode, pinned fingerprint) of a key folder.

    Raises:
        Refused: KEY_MISSING or KEY_INVALID, naming the file.
    """
    document = read_json(folder / TRUST_FILE, "KEY_MISSING", "KEY_INVALID")
    gemeentecode, pinned = document.get("gemeentecode"), document.get("municipal_fingerprint")
    if document.get("format") != TRUST_FORMAT or not isinstance(gemeentecode, str) or not isinstance(pinned, str):
        raise Refused("KEY_INVALID", hint=f"({TRUST_FILE})")
    return gemeentecode, pinned


def normal_fingerprint(text: str) -> str:
    """A fingerprint as `fingerprint` prints it, from what somebody typed: case and spaces do not matter.

    Raises:
        Refused: FINGERPRINT_INVALID.
    """
    digits = "".join(text.split()).replace("-", "").lower()
    if len(digits) != 32 or not set(digits) <= set("0123456789abcdef"):
        raise Refused("FINGERPRINT_INVALID", "fingerprint")
    return " ".join(digits[start : start + 4] for start in range(0, 32, 4))
