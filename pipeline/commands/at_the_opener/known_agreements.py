"""The versions of the agreement as the opener saw them first: agreements.json beside its keys.

The municipal signing key lies where the flow runs, and with it a version can be rewritten in its place: the same
number, another rule. So the opener remembers the hash of each version's content and takes no other content under
that number, nor goes without a version that it knows. A signature made anew changes nothing; a revocation is the
one change that a version can have, once. A version that is new is believed, and written down with its rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from pipeline.commands.console import talk
from pipeline.commands.documents import read_json, verified_agreement
from pipeline.commands.key_keeping.agreement_making import agreement_files
from pipeline.commands.key_keeping.document_writing import SECRET_MODE, write_json
from pipeline.commands.wiring import Home, Run
from pipeline.store import journal
from pipeline.store.journal import JournalQuestion
from pipeline.vault.signing import canonical_json
from pipeline.vocabulary.agreement import CERTAIN, Agreement
from pipeline.vocabulary.faults import Refused

FILE = "agreements.json"
FORMAT = "samenloop/known-agreements/1"
SEEN_ACTION = "know_agreement"
REFUSED_ACTION = "refuse_agreement"
CHANGED = "AGREEMENT_CHANGED"
GONE = "gone"


def known_agreements(run: Run, *, is_locked: bool = False) -> tuple[Agreement, ...]:
    """All versions in the home, each verified and as it was when the opener saw it first.

    Args:
        run: the opener's; its directory is trusted.
        is_locked: whether the writer lock is held; what is to be told is told under it, once of two openers.

    Raises:
        Refused: AGREEMENT_CHANGED; KEY_INVALID when what was remembered cannot be read; AGREEMENT_MISSING,
            AGREEMENT_INVALID, AGREEMENT_LANE_MISSING, AGREEMENT_SIGNATURE, OTHER_MUNICIPALITY.
    """
    known = _read(run.home)
    found: dict[int, Agreement] = {}
    now = dict(known)
    for path in agreement_files(run.home.path):
        document = read_json(path, "AGREEMENT_MISSING", "AGREEMENT_INVALID")
        agreement = verified_agreement(document, run.directory)
        seen = {"sha256": content_hash(document), "revoked_on": document.get("revoked_on")}
        before = now.get(str(agreement.version))
        if before is not None and not _is_same(before, seen):
            _refuse(run, agreement.version, str(seen["sha256"]), is_locked=is_locked)
        if before != seen:
            _tell(run, agreement, seen, is_locked=is_locked)
        now[str(agreement.version)] = seen
        found[agreement.version] = agreement
    for version in sorted(set(known) - {str(version) for version in found}):
        _refuse(run, int(version), GONE, is_locked=is_locked)
    if now != known:
        write_json(run.home.opener_keys_dir / FILE, {"format": FORMAT, "versions": now}, SECRET_MODE)
    return tuple(found[version] for version in sorted(found))


def content_hash(document: Mapping[str, Any]) -> str:
    """The SHA-256 of what a version says, without its signature and its revocation."""
    bare = {name: value for name, value in document.items() if name not in ("signature", "revoked_on")}
    return hashlib.sha256(canonical_json(bare)).hexdigest()


def _is_same(before: Mapping[str, Any], seen: Mapping[str, Any]) -> bool:
    is_revoked_once = before["revoked_on"] in (None, seen["revoked_on"])
    return bool(before["sha256"] == seen["sha256"] and is_revoked_once)


def _tell(run: Run, agreement: Agreement, seen: Mapping[str, Any], *, is_locked: bool) -> None:
    """Journal a version that is new, or newly revoked, with its rule; a killed opener does not tell it twice."""
    rule = agreement.rule
    counts = {
        "min_partners": rule.min_partners,
        "min_months": rule.min_months,
        "household": int("household" in rule.match_on),
        "certain": int(rule.certainty == CERTAIN),
        "crisis_reveal": int(agreement.lanes["crisis"] == "reveal"),
    }
    result = f"{'revoked' if seen['revoked_on'] else 'seen'} sha256 {seen['sha256']}"
    _write_once(run, SEEN_ACTION, agreement.version, result, counts, is_locked=is_locked)


def _refuse(run: Run, version: int, hash_: str, *, is_locked: bool) -> None:
    result = f"{CHANGED} {hash_ if hash_ == GONE else f'sha256 {hash_}'}"
    _write_once(run, REFUSED_ACTION, version, result, {}, is_locked=is_locked)
    refusal = Refused(CHANGED, "version", hint=f"(versie {version})")
    talk.print(f"DE OPENER TOONT NIEMAND. {CHANGED}: {refusal.next_step}", markup=False)
    raise refusal


def _write_once(
    run: Run, action: str, version: int, result: str, counts: Mapping[str, int], *, is_locked: bool
) -> None:
    name = f"{run.directory.agreement_id}/{version}"
    with nullcontext() if is_locked else run.store.writer_lock("known_agreements"):
        told = journal.newest_lines(run.store, JournalQuestion(object_=name, action=action), 1)
        if [line["result"] for line in told] != [result]:
            with run.store.transaction("know_agreements", at=run.now, actor=run.actor) as transaction:
                transaction.journal(action, name, result=result, counts=counts)


def _read(home: Home) -> dict[str, dict[str, Any]]:
    path = home.opener_keys_dir / FILE
    if not path.exists():
        return {}
    document = read_json(path, "KEY_INVALID", "KEY_INVALID")
    versions = document.get("versions")
    if (
        document.get("format") != FORMAT
        or not isinstance(versions, dict)
        or not all(
            version.isdecimal() and isinstance(row, dict) and set(row) == {"sha256", "revoked_on"}
            for version, row in versions.items()
        )
    ):
        raise Refused("KEY_INVALID", hint=f"({FILE})")
    return versions
