"""Making, renewing and revoking the signed agreement of a municipality.

Every version stays: a delivery names the version it was made under. agreement.json is the newest; earlier ones lie
in agreements/. Who makes an agreement must choose what happens to crisis signals; nothing is filled in for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.commands.documents import read_agreement, read_directory, read_json
from pipeline.commands.key_keeping.directory_keeping import signing_key_for
from pipeline.commands.key_keeping.document_writing import write_json
from pipeline.commands.wiring import Home
from pipeline.vault.signing import sign_document
from pipeline.vocabulary.agreement import FORMAT, RETENTION_DEFAULTS_MONTHS, Agreement
from pipeline.vocabulary.faults import Refused

# How a person reads an agreement from top to bottom; the signature does not depend on it.
_ORDER = (
    "format",
    "agreement_id",
    "version",
    "gemeentecode",
    "municipality",
    "valid_from",
    "valid_until",
    "partners",
    "rule",
    "lanes",
    "thresholds",
    "retention",
)


def make_agreement(home: Path, document: Mapping[str, Any], today: date) -> Path:
    """Sign an agreement and put it in the home; the version that was newest moves to agreements/.

    Args:
        home: the municipality's home; its directory.json must stand.
        document: the agreement without `format`, `version` and `signature`, which are filled in; `retention` and
            `thresholds` may be left out.
        today: the day of signing.

    Raises:
        Refused: AGREEMENT_LANE_MISSING, AGREEMENT_INVALID with the field; DIRECTORY_MISSING and what reading it
            refuses; OTHER_MUNICIPALITY.
    """
    place = Home(home)
    newest = open_agreement(home) if place.agreement_file.exists() else None
    complete = completed(document, 1 if newest is None else int(newest["version"]) + 1)
    signed = _signed(place, complete, today)
    if newest is not None:
        write_json(_place_of(place, int(newest["version"])), newest)
    return write_json(place.agreement_file, signed)


def completed(document: Mapping[str, Any], version: int) -> dict[str, Any]:
    """An agreement document with what need not be written by hand, checked but not signed.

    Raises:
        Refused: AGREEMENT_LANE_MISSING, AGREEMENT_INVALID with the field.
    """
    complete = {
        **document,
        "format": FORMAT,
        "version": version,
        "thresholds": dict(document.get("thresholds", {})),
        "retention": {**RETENTION_DEFAULTS_MONTHS, **document.get("retention", {})},
    }
    rule = Agreement.from_dict(complete).rule
    complete["rule"] = {**asdict(rule), "match_on": list(rule.match_on)}
    return dict(sorted(complete.items(), key=lambda item: _place_in(item[0])))


def _place_in(field: str) -> int:
    return _ORDER.index(field) if field in _ORDER else len(_ORDER)


def renew_agreement(home: Path, changes: Mapping[str, Any], today: date) -> Path:
    """The next version: the newest one with some fields replaced; `rule` and `lanes` are merged."""
    document = dict(open_agreement(home))
    for name, value in changes.items():
        merged = name in ("rule", "lanes", "thresholds", "retention")
        document[name] = {**document.get(name, {}), **value} if merged else value
    document.pop("revoked_on", None)
    return make_agreement(home, document, today)


def revoke_agreement(home: Path, version: int, on: date, today: date) -> Path:
    """Mark a version as revoked and sign it anew, in its place: deliveries that name it are refused.

    Raises:
        Refused: NOT_FOUND; NOT_ALLOWED_NOW when it was revoked before.
    """
    place = Home(home)
    path = next((path for path in agreement_files(home) if _version_in(path) == version), None)
    if path is None:
        raise Refused("NOT_FOUND", "version", hint="Zie: samenloop agreement show.")
    read_agreement(path, read_directory(place.directory_file))
    document = dict(read_json(path, "AGREEMENT_MISSING", "AGREEMENT_INVALID"))
    if document.get("revoked_on") is not None:
        raise Refused("NOT_ALLOWED_NOW", "version", hint="Zie: samenloop agreement show.")
    document["revoked_on"] = on.isoformat()
    return write_json(path, _signed(place, document, today))


def sign_agreements_again(home: Path, today: date) -> int:
    """Sign every version with the newest municipal key: after an emergency change of that key.

    Only for documents that were verified before the former key was revoked.
    """
    files = agreement_files(home)
    for path in files:
        document = read_json(path, "AGREEMENT_MISSING", "AGREEMENT_INVALID")
        write_json(path, _signed(Home(home), document, today))
    return len(files)


def open_agreement(home: Path) -> Mapping[str, Any]:
    """The newest agreement document, verified."""
    place = Home(home)
    read_agreement(place.agreement_file, read_directory(place.directory_file))
    return read_json(place.agreement_file, "AGREEMENT_MISSING", "AGREEMENT_INVALID")


def agreement_files(home: Path) -> tuple[Path, ...]:
    """All versions in a home, oldest first, the newest last."""
    place = Home(home)
    earlier = sorted(place.agreements_dir.glob("agreement-*.json"), key=_version_in)
    return (*earlier, *([place.agreement_file] if place.agreement_file.exists() else []))


def _version_in(path: Path) -> int:
    return int(read_json(path, "AGREEMENT_MISSING", "AGREEMENT_INVALID").get("version", 0))


def _place_of(place: Home, version: int) -> Path:
    return place.agreements_dir / f"agreement-{version}.json"


def _signed(place: Home, document: Mapping[str, Any], today: date) -> dict[str, Any]:
    agreement = Agreement.from_dict(document)
    directory = read_directory(place.directory_file)
    if (agreement.gemeentecode, agreement.agreement_id) != (directory.gemeentecode, directory.agreement_id):
        raise Refused("OTHER_MUNICIPALITY")
    key = signing_key_for(place.path, directory, today)
    return sign_document(document, key.secret.value, key.key_id)
