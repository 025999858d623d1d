"""What each agreement command does with a home, and what it says to the privacy officer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.commands.console import Outcome
from pipeline.commands.documents import read_agreement, read_directory
from pipeline.commands.key_keeping.agreement_describing import described, judged_terms, weak_promises
from pipeline.commands.key_keeping.agreement_making import (
    agreement_files,
    completed,
    make_agreement,
    renew_agreement,
    revoke_agreement,
)
from pipeline.commands.key_keeping.directory_keeping import (
    make_directory,
    read_trusted_directory,
    refuse_day_ahead,
)
from pipeline.commands.key_keeping.key_making import read_trust
from pipeline.commands.key_keeping.keys_check import partners_without_keys
from pipeline.commands.key_keeping.partner_parts import SIGNING, read_public_parts
from pipeline.commands.wiring import Home
from pipeline.vault.signing import fingerprint as fingerprint_of
from pipeline.vocabulary.agreement import Agreement
from pipeline.vocabulary.directory import Directory
from pipeline.vocabulary.faults import Refused, RowFault


def make(home: Path, document: Mapping[str, Any], public_parts: Path | None, today: date) -> Outcome:
    """Make the first version, and the directory where there is none.

    Raises:
        Refused: NOT_ALLOWED_NOW when there is an agreement; AGREEMENT_LANE_MISSING; what making documents refuses.
    """
    place = Home(home)
    if place.agreement_file.exists():
        raise Refused("NOT_ALLOWED_NOW", hint="(samenloop agreement renew)")
    gemeentecode, _ = read_trust(place.keys_dir)
    agreement_id = document.get("agreement_id") or f"{gemeentecode}-vroegsignalering"
    complete = {**document, "gemeentecode": gemeentecode, "agreement_id": agreement_id}
    completed(complete, 1)
    if not place.directory_file.exists():
        parts = () if public_parts is None else read_public_parts(public_parts)
        make_directory(home, gemeentecode, agreement_id, parts, today)
    make_agreement(home, complete, today)
    return _signed_outcome(place, "agreement make", today)


def renew(home: Path, changes: Mapping[str, Any], today: date) -> Outcome:
    """Make the next version; what is not changed stays."""
    renew_agreement(home, changes, today)
    return _signed_outcome(Home(home), "agreement renew", today)


def revoke(home: Path, version: int, on: date | None, today: date) -> Outcome:
    """Revoke one version.

    Raises:
        Refused: NOT_FOUND; DAY_AHEAD.
    """
    refuse_day_ahead(on, today)
    path = revoke_agreement(home, version, on or today, today)
    lines = [f"Versie {version} is ingetrokken. Leveringen onder deze versie worden geweigerd."]
    return Outcome("agreement revoke", {"revoked": 1}, paths={"agreement": str(path)}, lines=lines)


def show(home: Path, version: int | None) -> Outcome:
    """Say what an agreement version holds, after checking its signature."""
    directory = read_directory(Home(home).directory_file)
    versions = [read_agreement(path, directory) for path in agreement_files(home)]
    if not versions:
        raise Refused("AGREEMENT_MISSING")
    chosen = [item for item in versions if version in (None, item.version)]
    if not chosen:
        raise Refused("NOT_FOUND", "version", hint="Zie: samenloop agreement show.")
    shown = chosen[-1]
    counts = {"versions": len(versions), "partners": len(shown.partners)}
    return Outcome("agreement show", counts, lines=described(shown))


def check(home: Path, today: date) -> Outcome:
    """Judge every version in a home: form, signature, term, and whether every partner has its keys."""
    place = Home(home)
    directory = read_directory(place.directory_file)
    versions = [read_agreement(path, directory) for path in agreement_files(home)]
    if not versions:
        raise Refused("AGREEMENT_MISSING")
    findings = judged_terms(versions, today) + partners_without_keys(versions[-1], directory, today)
    return _check_outcome(findings, versions)


def check_received(agreement_file: Path, directory_file: Path, fingerprint: str, today: date) -> Outcome:
    """Judge what a partner received, by the fingerprint it has from another road."""
    directory = read_trusted_directory(directory_file, fingerprint)
    versions = [read_agreement(agreement_file, directory)]
    return _check_outcome(judged_terms(versions, today), versions)


def _signed_outcome(place: Home, command: str, today: date) -> Outcome:
    directory = read_directory(place.directory_file)
    agreement = read_agreement(place.agreement_file, directory)
    lines = [
        f"Overeenkomst {agreement.agreement_id} versie {agreement.version} is ondertekend.",
        *described(agreement)[1:],
        "Stuur agreement.json en directory.json aan alle partners.",
    ]
    lines += _partner_fingerprints(agreement, directory, today)
    paths = {"agreement": str(place.agreement_file), "directory": str(place.directory_file)}
    findings = partners_without_keys(agreement, directory, today)
    return Outcome(command, {"partners": len(agreement.partners)}, findings, paths, lines)


def _partner_fingerprints(agreement: Agreement, directory: Directory, today: date) -> list[str]:
    keys = [directory.current(SIGNING, partner.partner_id, today) for partner in agreement.partners]
    listed = [f"  {key.holder}: {fingerprint_of(key.public)}" for key in keys if key is not None]
    return ["Vergelijk per telefoon met elke partner:", *listed] if listed else []


def _check_outcome(findings: list[RowFault], versions: Sequence[Agreement]) -> Outcome:
    word = "Alles in orde." if not findings else "Niet alles is in orde:"
    counts = {"versions": len(versions), "findings": len(findings)}
    return Outcome("agreement check", counts, findings, lines=[word, *weak_promises(versions[-1])])
