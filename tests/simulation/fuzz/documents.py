"""Targets at the municipality's own papers: agreement and key directory, signed, and read by everybody."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.commands.documents import read_agreement, read_directory, read_json
from pipeline.commands.key_keeping.directory_keeping import read_trusted_directory
from pipeline.vault.signing import fingerprint, public_of_signing, sign_document
from pipeline.vocabulary.directory import Directory
from tests.builders.deliveries import GEMEENTE, key_bytes, made_documents
from tests.simulation.fuzz import mutations as m
from tests.simulation.fuzz.target import ACCEPTED, UNCHANGED, Parts, Target, expect

SIGNING = key_bytes("municipal-signing")


@dataclass(frozen=True)
class _Papers:
    document: dict[str, Any]
    directory: Directory


@lru_cache(maxsize=1)
def _place() -> Path:
    kept = tempfile.TemporaryDirectory(prefix="samenloop-fuzz-")
    _KEPT.append(kept)
    return Path(kept.name)


_KEPT: list[Any] = []


def parsed(raw: bytes, code: str) -> Mapping[str, Any]:
    """The document as every command reads it from disk."""
    path = _place() / "document.json"
    path.write_bytes(raw)
    return read_json(path, code, code)


def _signed(document: Mapping[str, Any]) -> dict[str, Any]:
    return sign_document(document, SIGNING, "municipal-signing-1")


def _agreement() -> _Papers:
    agreement, directory = made_documents(
        municipality=m.CANARY,
        thresholds={"volume_held_factor": 5, "high_amount_eur": {"Water": 500}, "repeat_months": 3},
        retention={"signals": 6},
    )
    agreement["rule"]["match_on"] = ["person", "household"]
    return _Papers(_signed(agreement), Directory.from_dict(directory))


def _directory() -> _Papers:
    _, directory = made_documents()
    return _Papers(_signed(directory), Directory.from_dict(directory))


def _make_document(good: _Papers, chance: m.Chance) -> Parts:
    document = m.mutated_document(good.document, chance)
    if chance.random() < 0.5:
        with suppress(ValueError, TypeError, AttributeError, RecursionError):
            document = _signed(document)  # what the municipality itself could sign by mistake
    return {"document.json": m.written_json(document, chance)}


def _judge_agreement(good: _Papers, parts: Parts) -> str:
    path = _place() / "agreement.json"
    path.write_bytes(parts["document.json"])
    agreement = read_agreement(path, good.directory)
    document = json.loads(parts["document.json"])
    _expect_signed(good, document)
    expect(agreement.lanes["crisis"] in ("count", "reveal"), "no silent default for crisis")
    expect(agreement.gemeentecode == GEMEENTE and len(agreement.partners) >= 1, "agreement")
    for kind, months in agreement.retention.items():
        expect(isinstance(kind, str) and type(months) is int and months >= 0, "retention")
    for partner in agreement.partners:
        expect(type(partner.valid_from) is date and partner.partner_id.isascii(), "partner")
    # Whoever believes it must be able to use it.
    for month in ("2026-10", "2020-01"):
        agreement.is_valid_for(month)
    json.dumps(dict(agreement.thresholds)).encode()
    _ = agreement.openings_per_day
    return UNCHANGED if document == good.document else ACCEPTED


def _judge_directory(good: _Papers, parts: Parts) -> str:
    path = _place() / "directory.json"
    path.write_bytes(parts["document.json"])
    directory = read_directory(path)
    document = json.loads(parts["document.json"])
    trusted = read_trusted_directory(path, fingerprint(public_of_signing(SIGNING)))
    _expect_signed(good, document)
    expect(trusted == directory, "one document, one directory")
    for key in directory.keys:
        expect(len(key.public) >= 0 and type(key.valid_from) is date, "key")
        expect(key.month is None or isinstance(key.month, str), "month of a key")
        f"{key.key_id} {key.holder} {key.month}".encode()
    directory.current("admission", "municipality", date(2026, 11, 3))
    directory.opening_key("2026-10")
    return UNCHANGED if document == good.document else ACCEPTED


def _expect_signed(good: _Papers, document: Mapping[str, Any]) -> None:
    """Believed, so the municipality's key signed exactly this: made again here, byte for byte."""
    again = _signed(document)["signature"]
    given = base64.b64decode(document["signature"]["value_b64"])
    expect(given == base64.b64decode(again["value_b64"]), "a changed document under an old signature")


TARGETS = (
    Target("agreement", 5_000, _agreement, _make_document, _judge_agreement),
    Target("directory", 5_000, _directory, _make_document, _judge_directory),
)
