"""What is wrong with somebody's keys, or will be within 30 days: one finding each, naming a key or file.

A month needs its keys before it begins, so this month and the next are judged. An opening key of a month long past
may be gone: it is destroyed when the last term of that month has ended. Until then stored signals need it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from pathlib import Path

from pipeline.commands.documents import read_agreement, read_directory
from pipeline.commands.key_keeping.directory_keeping import read_trusted_directory
from pipeline.commands.key_keeping.journal_keys import listed_journal_keys
from pipeline.commands.key_keeping.key_making import (
    ADMISSION,
    BACKUP,
    JOURNAL,
    LISTED_KINDS,
    MONTHLY_KINDS,
    OPENER_KINDS,
    OPENING,
    STANDING_KINDS,
    TRUST_FILE,
    backup_halves,
    folder_of,
    keys_of,
    lost_keys,
    public_key_of,
    read_trust,
)
from pipeline.commands.key_keeping.key_numbers import FILE as NUMBERS_FILE
from pipeline.commands.key_keeping.key_numbers import read_numbers
from pipeline.commands.key_keeping.partner_parts import BOX, SIGNING
from pipeline.commands.key_keeping.token_issuing import (
    HOLDER_SIGNING,
    ROOT,
    issued_rows,
    pinned_holder,
    read_ledger,
)
from pipeline.commands.wiring import Home
from pipeline.vault.keyring import PartnerKeys, read_key, read_keys
from pipeline.vault.sealing import public_of_box
from pipeline.vault.signing import public_of_signing
from pipeline.vocabulary.agreement import Agreement
from pipeline.vocabulary.directory import MUNICIPALITY, Directory
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.period import add_months, month_of

SOON = timedelta(days=30)


def check_municipality(home: Path, today: date, in_use: Collection[str] = ()) -> list[RowFault]:
    """Findings on a municipality's keys, directory and pins; `in_use`: opening keys that stored signals need.

    Whoever may not look into the opener's folder is told nothing of what lies in it.
    """
    hidden = () if may_see_opener_keys(home) else (*OPENER_KINDS, Home(home).opener_keys_dir.name)
    return [fault for fault in _checked(home, today, in_use) if not str(fault.column).startswith(hidden)]


def may_see_opener_keys(home: Path) -> bool:
    """Whether this user may; the flow's own user may not, where the opener has one of its own."""
    return os.access(Home(home).opener_keys_dir, os.R_OK | os.X_OK, effective_ids=True)


def _checked(home: Path, today: date, in_use: Collection[str]) -> list[RowFault]:
    place = Home(home)
    broken = [*_broken_files(place.keys_dir), *_broken_files(place.opener_keys_dir)]
    modes = [*_modes(place.keys_dir), *_modes(place.opener_keys_dir)]
    if broken:
        return [*broken, *modes]
    own = {key.key_id for key in keys_of(home, OPENING)}
    needed = [RowFault("KEY_MISSING", key_id) for key_id in sorted(set(in_use) - own)]
    findings = [*modes, *_own_terms(home, today), *_own_months(home, today), *needed]
    if not place.directory_file.exists():
        return [*findings, RowFault("DIRECTORY_MISSING")]
    try:
        directory = read_directory(place.directory_file)
        agreement = read_agreement(place.agreement_file, directory)
    except Refused as refusal:
        return [*findings, refusal.as_row_fault()]
    findings += [*_against_directory(home, directory, today), *_against_journal_keys(home)]
    findings += [
        fault for partner in agreement.partners for fault in _partner_terms(directory, partner.partner_id, today)
    ]
    return list(dict.fromkeys([*findings, *_pins(place)]))


def ending_keys(home: Path, today: date) -> list[str]:
    """What of the municipality's keys ends within 30 days, has ended, or is not there.

    Of standing keys only the admission key: others may lie in the vault.
    """
    told = ("KEY_ENDS_SOON", "KEY_EXPIRED", "MONTH_KEYS_MISSING")
    missed = tuple(f"{kind}-" for kind in (ADMISSION, *MONTHLY_KINDS))
    return [
        str(fault.column)
        for fault in check_municipality(home, today)
        if fault.code in told or (fault.code == "KEY_MISSING" and str(fault.column).startswith(missed))
    ]


def check_partner(keys_file: Path, directory_file: Path | None, today: date) -> list[RowFault]:
    """Findings on a partner's keys.json, and on its place in the directory where one is given."""
    keys = PartnerKeys.read(keys_file)
    findings = list(_modes(keys_file.parent, f"{keys_file.stem}*.json"))
    if not keys.municipal_fingerprints:
        findings.append(RowFault("FINGERPRINT_MISMATCH", "municipal_fingerprints"))
    for gemeentecode in keys.municipal_fingerprints:
        for month in _months(today):
            findings += _token_key(keys, gemeentecode, month)
    if keys.token_keys and pinned_holder(keys_file) is None:
        findings.append(RowFault("FINGERPRINT_MISMATCH", "holder"))
    return findings if directory_file is None else [*findings, *_listed(keys, directory_file, today)]


def check_holder(folder: Path, today: date) -> list[RowFault]:
    """Findings on the key holder's keys, and months that a known partner was not issued."""
    findings = [*_broken_files(folder), *_modes(folder)]
    if findings and any(fault.code == "KEY_INVALID" for fault in findings):
        return findings
    findings += [RowFault("KEY_MISSING", kind) for kind in (ROOT, HOLDER_SIGNING) if not read_keys(folder, kind)]
    ledger = read_ledger(folder)
    served = sorted({(row["gemeentecode"], row["partner_id"]) for row in ledger["issued"]})
    for gemeentecode, partner_id in served:
        for month in _months(today):
            rows = issued_rows(ledger, gemeentecode, month)
            newest = rows[-1]["key_id"] if rows else None
            if (partner_id, newest) not in {(row["partner_id"], row["key_id"]) for row in rows}:
                findings.append(RowFault("TOKEN_KEY_NOT_ISSUED", f"{partner_id} {gemeentecode} {month}"))
    return findings


def partners_without_keys(agreement: Agreement, directory: Directory, today: date) -> list[RowFault]:
    """Partners of the agreement that cannot deliver, or cannot be answered, for want of a key in term."""
    return [
        RowFault("PARTNER_WITHOUT_KEYS", partner.partner_id)
        for partner in agreement.partners
        if any(directory.current(kind, partner.partner_id, today) is None for kind in (SIGNING, BOX))
    ]


def _months(today: date) -> tuple[str, str]:
    return month_of(today), add_months(month_of(today), 1)


def _broken_files(folder: Path) -> Iterator[RowFault]:
    for path in sorted(folder.glob("*-*.json")):
        try:
            read_key(path)
        except Refused as refusal:
            yield RowFault(refusal.code, path.name)
    try:
        read_numbers(folder)
    except Refused as refusal:
        yield RowFault(refusal.code, NUMBERS_FILE)


def _modes(folder: Path, pattern: str = "*.json") -> Iterator[RowFault]:
    for path in sorted(folder.glob(pattern)):
        if path.stat().st_mode & 0o077 and not path.name.endswith(".public.json"):
            yield RowFault("KEY_MODE", path.name)


def _own_terms(home: Path, today: date) -> Iterator[RowFault]:
    for kind in STANDING_KINDS:
        keys = backup_halves(home) if kind == BACKUP else keys_of(home, kind)
        if not keys:
            yield RowFault("KEY_MISSING", kind)
        else:
            yield from _term(keys[-1].key_id, keys[-1].valid_until, today)


def _own_months(home: Path, today: date) -> Iterator[RowFault]:
    """A key that was made and is gone is another loss than one that was never made."""
    lost = _lost_of_months(home, today)
    yield from (RowFault("KEY_MISSING", key_id) for key_id in lost.values())
    for month in _months(today):
        for kind in MONTHLY_KINDS:
            if not keys_of(home, kind, month) and (kind, month) not in lost:
                yield RowFault("MONTH_KEYS_MISSING", f"{kind} {month}")


def _lost_of_months(home: Path, today: date) -> dict[tuple[str, str | None], str]:
    """The keys of these months that are gone; none where pin or directory cannot be read, which is found apart."""
    try:
        gemeentecode, _ = read_trust(Home(home).keys_dir)
        lost = lost_keys(home, gemeentecode, _months(today))
    except Refused:
        return {}
    return {named: key_id for named, key_id in lost.items() if named[1] is not None}


def _term(key_id: str, until: date | None, today: date) -> Iterator[RowFault]:
    if until is not None and until < today:
        yield RowFault("KEY_EXPIRED", key_id)
    elif until is not None and until <= today + SOON:
        yield RowFault("KEY_ENDS_SOON", key_id)


def _against_directory(home: Path, directory: Directory, today: date) -> Iterator[RowFault]:
    """Every own key stands in the directory as it is, and every listed own key in force is here."""
    own = {key.key_id: public_key_of(key) for kind in LISTED_KINDS for key in keys_of(home, kind)}
    for key_id, public in own.items():
        listed = directory.by_id(key_id)
        if listed is None:
            yield RowFault("KEY_UNLISTED", key_id)
        elif (listed.public_b64, listed.kind, listed.month) != (public.public_b64, public.kind, public.month):
            yield RowFault("KEY_WRONG", key_id)
    for key in directory.keys:
        is_past = key.kind == OPENING and (key.month or "") < month_of(today)
        if key.holder == MUNICIPALITY and key.is_valid_on(today) and not is_past and key.key_id not in own:
            yield RowFault("KEY_MISSING", key.key_id)


def _against_journal_keys(home: Path) -> Iterator[RowFault]:
    """A journal key with another secret under its name would seal what nobody can check."""
    listed = listed_journal_keys(home)
    for key in keys_of(home, JOURNAL):
        if listed.get(key.key_id, public := public_of_signing(key.secret.value)) != public:
            yield RowFault("KEY_WRONG", key.key_id)


def _partner_terms(directory: Directory, partner_id: str, today: date) -> Iterator[RowFault]:
    for kind in (SIGNING, BOX):
        key = directory.current(kind, partner_id, today)
        if key is None:
            yield RowFault("PARTNER_WITHOUT_KEYS", f"{partner_id} {kind}")
        else:
            yield from _term(key.key_id, key.valid_until, today)


def _pins(place: Home) -> Iterator[RowFault]:
    """Whoever reads keys in these folders believes the directory that stands here."""
    for kind in (STANDING_KINDS[0], OPENER_KINDS[0]):
        folder = folder_of(place.path, kind)
        try:
            _, pinned = read_trust(folder)
            read_trusted_directory(place.directory_file, pinned)
        except Refused as refusal:
            yield RowFault(refusal.code, f"{folder.name}/{TRUST_FILE}")


def _token_key(keys: PartnerKeys, gemeentecode: str, month: str) -> Iterator[RowFault]:
    try:
        keys.token_key(gemeentecode, month)
    except Refused as refusal:
        yield RowFault(refusal.code, f"{gemeentecode} {month}")


def _listed(keys: PartnerKeys, directory_file: Path, today: date) -> Iterator[RowFault]:
    """The partner's newest keys stand in the directory of a municipality that it pinned, and are in term."""
    directory = read_directory(directory_file)
    pinned = keys.municipal_fingerprints.get(directory.gemeentecode)
    if pinned is None:
        raise Refused("FINGERPRINT_MISMATCH")
    directory = read_trusted_directory(directory_file, pinned)
    newest = (
        (keys.signing[-1], public_of_signing(keys.signing[-1].secret.value)),
        (keys.box[-1], public_of_box(keys.box[-1].secret.value)),
    )
    for named, public in newest:
        listed = directory.by_id(named.key_id)
        if listed is None or listed.public != public:
            yield RowFault("KEY_UNLISTED", named.key_id)
        elif not listed.is_valid_on(today):
            yield RowFault("KEY_EXPIRED", named.key_id)
        else:
            yield from _term(named.key_id, listed.valid_until, today)
