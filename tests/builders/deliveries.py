"""A municipality with partners, and deliveries with every fault, made with the vault's own functions.

No normaliser and no export: tokens are chosen by hand, so that a test says itself which signals agree.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.commands.wiring import Home, Run, open_run
from pipeline.vault.keyring import KeyFile, Secret, write_key
from pipeline.vault.sealing import public_of_box, seal
from pipeline.vault.signing import public_of_signing, sign, sign_document
from pipeline.vocabulary.frames import DELIVERY_SCHEMA, RETRACTION_SCHEMA, TOKEN_COLUMNS
from pipeline.vocabulary.manifest import DeliveryName, Manifest, file_info
from pipeline.vocabulary.period import add_months, month_of
from tests.builders.tables import put_tables

GEMEENTE = "GM9901"
AGREEMENT = "vroegsignalering-9901"
TODAY = date(2026, 11, 3)
NOW = datetime(2026, 11, 3, 6, 0, tzinfo=UTC)
MONTH = "2026-10"
PARTNERS = {"huur-a": "Huur", "energie-a": "Energie", "water-a": "Water"}


def key_bytes(label: str) -> bytes:
    """32 bytes that are the same in every run."""
    return hashlib.sha256(label.encode()).digest()


@dataclass(frozen=True)
class Municipality:
    """A home on disk and the secrets of everybody around it."""

    path: Path
    agreement: dict[str, Any]
    directory: dict[str, Any]

    @property
    def home(self) -> Home:
        return Home(self.path)

    @property
    def inbox(self) -> Path:
        return self.home.inbox_deliveries

    @contextmanager
    def run(self, today: date = TODAY, actor: str = "samenloop") -> Iterator[Run]:
        """A run on a fixed day and instant."""
        with open_run(self.path, today, actor, NOW) as run:
            yield run

    def write_documents(self) -> None:
        """Sign agreement and directory and write them."""
        for name, document in (("agreement", self.agreement), ("directory", self.directory)):
            signed = sign_document(document, key_bytes("municipal-signing"), "municipal-signing-1")
            (self.path / f"{name}.json").write_text(json.dumps(signed))

    def receipt(self, delivery_id: str) -> dict[str, Any]:
        """The newest answer to a delivery."""
        found: dict[str, Any] = json.loads((self.home.receipts / delivery_id / "receipt.json").read_text())
        return found

    def quarantined(self) -> list[str]:
        """Names of the folders in quarantine."""
        return sorted(path.name for path in self.home.quarantine.iterdir())


def _public(key_id: str, kind: str, holder: str, public: bytes, month: str | None = None) -> dict[str, Any]:
    return {
        "key_id": key_id,
        "kind": kind,
        "holder": holder,
        "public_b64": Secret(public).b64(),
        "valid_from": "2026-01-01",
        "valid_until": None,
        "revoked_on": None,
        "month": month,
    }


def _months(today: date) -> list[str]:
    return [add_months(month_of(today), count) for count in range(-6, 2)]


def make_municipality(
    path: Path,
    *,
    partners: Mapping[str, str] = PARTNERS,
    gemeentecode: str = GEMEENTE,
    today: date = TODAY,
    **changes: Any,
) -> Municipality:
    """Make a home with agreement, directory, teams and keys. `changes` replace fields of the agreement."""
    home = path / "home"
    home.mkdir(parents=True)
    agreement, directory = made_documents(partners, gemeentecode, today, **changes)
    municipality = Municipality(home, agreement, directory)
    municipality.write_documents()
    teams = [{"team_id": "noord", "name": "Wijkteam Noord", "wijken": ["WK990101"], "counsellors": []}]
    (home / "teams.json").write_text(json.dumps({"format": "samenloop/teams/1", "teams": teams}))
    write_secret(municipality, "admission-1", "admission", "admission-1")
    for month in _months(today):
        write_secret(municipality, f"store-{month}-1", "store", f"store/{month}", month)
    municipality.home.make_folders()
    put_tables(municipality.home.database)
    return municipality


def made_documents(
    partners: Mapping[str, str] = PARTNERS, gemeentecode: str = GEMEENTE, today: date = TODAY, **changes: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Agreement and directory, not signed yet. `changes` replace fields of the agreement."""
    agreement = {
        "format": "samenloop/agreement/1",
        "agreement_id": AGREEMENT,
        "version": 1,
        "gemeentecode": gemeentecode,
        "municipality": "Oefenstad",
        "valid_from": "2026-01-01",
        "valid_until": None,
        "partners": [
            {"partner_id": partner_id, "partner_type": kind, "name": partner_id, "valid_from": "2026-01-01"}
            for partner_id, kind in partners.items()
        ],
        "rule": {"min_partners": 2, "min_months": 2, "late_months": 2, "match_on": ["person"]},
        "lanes": {"crisis": "count"},
        "thresholds": {},
        "retention": {},
        **changes,
    }
    keys = [
        _public(
            "municipal-signing-1",
            "municipal-signing",
            "municipality",
            public_of_signing(key_bytes("municipal-signing")),
        ),
        _public("admission-1", "admission", "municipality", public_of_box(key_bytes("admission-1"))),
    ]
    for partner_id in partners:
        public = public_of_signing(key_bytes(f"signing/{partner_id}"))
        keys.append(_public(f"signing-{partner_id}-1", "partner-signing", partner_id, public))
    for month in _months(today):
        public = public_of_box(key_bytes(f"opening/{month}"))
        keys.append(_public(f"opening-{month}-1", "opening", "municipality", public, month))
    directory = {
        "format": "samenloop/directory/1",
        "gemeentecode": gemeentecode,
        "agreement_id": AGREEMENT,
        "version": 1,
        "keys": keys,
    }
    return agreement, directory


def write_secret(municipality: Municipality, key_id: str, kind: str, label: str, month: str | None = None) -> None:
    """Write a secret key of the municipality."""
    first = date(2026, 1, 1)
    key = KeyFile(key_id, kind, "municipality", first, first, None, Secret(key_bytes(label)), month)
    write_key(municipality.home.keys_dir / f"{key_id}.json", key)


def signal_id(label: str) -> str:
    """The id of a client by a name of the test's choice."""
    return hashlib.sha256(f"signal/{label}".encode()).hexdigest()[:32]


def token(label: str) -> bytes:
    """A token value by a name of the test's choice."""
    return hashlib.sha256(f"token/{label}".encode()).digest()[:16]


def signal_row(label: str, **changes: Any) -> dict[str, Any]:
    """One row; every token stands for the client alone unless `changes` says otherwise."""
    row: dict[str, Any] = {
        "signal_id": signal_id(label),
        **{column: token(f"{column}/{label}") for column in TOKEN_COLUMNS},
        "sealed_contact": hashlib.shake_256(label.encode()).digest(305),
        "wijkcode": "WK990101",
        "postcode4": None,
        "arrears_months": 3,
        "arrears_band": "500-999",
        "is_crisis": False,
    }
    return {**row, **changes}


def rows_of(count: int, prefix: str = "client", **changes: Any) -> list[dict[str, Any]]:
    """Rows of as many different clients."""
    return [signal_row(f"{prefix}-{number}", **changes) for number in range(count)]


def frame_of(rows: Sequence[Mapping[str, Any]], kind: str = "signals") -> pl.DataFrame:
    """The rows as the contract types them."""
    schema = RETRACTION_SCHEMA if kind == "retraction" else DELIVERY_SCHEMA
    return pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema, orient="row")


def parquet_of(frame: pl.DataFrame) -> bytes:
    """A Parquet file's bytes."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def signed_manifest(
    name: DeliveryName,
    sealed: bytes,
    kind: str = "signals",
    row_count: int = 3,
    signed_by: str | None = None,
    /,
    **changes: Any,
) -> tuple[bytes, bytes]:
    """The bytes of a manifest and of its signature. `changes` replace fields before it is signed."""
    partner_id, month = name.partner_id, name.month
    manifest = Manifest(
        delivery_id=str(name),
        partner_id=partner_id,
        gemeentecode=GEMEENTE,
        agreement_id=AGREEMENT,
        agreement_version=1,
        month=month,
        sequence=name.sequence,
        kind=kind,
        row_count=row_count,
        checksum=f"sha256:{hashlib.sha256(sealed).hexdigest()}",
        size=len(sealed),
        creationTime="2026-11-02T09:00:00Z",
        expirationTime="2026-12-02T09:00:00Z",
        signing_key_id=f"signing-{partner_id}-1",
        admission_key_id="admission-1",
        opening_key_id=None if kind == "retraction" else f"opening-{month}-1",
        token_key_id=None if kind == "retraction" else f"token-{GEMEENTE}-{month}-1",
        has_social_collection=True,
    )
    raw = json.dumps({**manifest.to_dict(), **changes}, indent=1).encode()
    signature = sign(key_bytes(signed_by or f"signing/{partner_id}"), raw)
    return raw, signature


def make_delivery(
    place: Municipality | Path,
    partner_id: str = "huur-a",
    month: str = MONTH,
    sequence: int = 1,
    kind: str = "signals",
    *,
    rows: Sequence[Mapping[str, Any]] | None = None,
    plain: bytes | None = None,
    sealed_for: str = "admission-1",
    signed_by: str | None = None,
    folder_name: str | None = None,
    manifest_bytes: Callable[[bytes], bytes] | None = None,
    data_bytes: Callable[[bytes], bytes] | None = None,
    signature_bytes: Callable[[bytes], bytes] | None = None,
    without: Sequence[str] = (),
    **changes: Any,
) -> Path:
    """Write one delivery into an inbox, good unless an argument says otherwise.

    Args:
        place: the municipality, or a folder to write in.
        partner_id, month, sequence, kind: of the delivery.
        rows: its rows; three clients when not given.
        plain: bytes of the data file before encryption, instead of a Parquet file of the rows.
        sealed_for: label of the admission key.
        signed_by: label of the signing key.
        folder_name: name of the folder, when it is not the delivery's.
        manifest_bytes, data_bytes, signature_bytes: change what is written, after it was signed.
        without: files that are not written.
        changes: fields of the manifest, changed before it is signed.
    """
    inbox = place.inbox if isinstance(place, Municipality) else place
    name = DeliveryName(partner_id, month, sequence)
    frame = frame_of(rows_of(3, partner_id) if rows is None else rows, kind)
    plain = parquet_of(frame) if plain is None else plain
    info = file_info(name, GEMEENTE, AGREEMENT, "admission-1")
    sealed = seal(public_of_box(key_bytes(sealed_for)), plain, info)
    raw, signature = signed_manifest(name, sealed, kind, frame.height, signed_by, **changes)
    content = {
        "signals.sealed": (data_bytes or _same)(sealed),
        "manifest.sig": (signature_bytes or _same)(signature),
        "manifest.json": (manifest_bytes or _same)(raw),
    }
    target = inbox / (folder_name or str(name))
    target.mkdir(parents=True)
    for file_name, data in content.items():
        if file_name not in without:
            (target / file_name).write_bytes(data)
    return target


def _same(content: bytes) -> bytes:
    return content


def with_agreement(municipality: Municipality, **changes: Any) -> Municipality:
    """The same municipality with another agreement in force."""
    changed = replace(municipality, agreement={**municipality.agreement, **changes})
    changed.write_documents()
    return changed


def with_key(municipality: Municipality, key_id: str, **changes: Any) -> Municipality:
    """The same municipality with one key of the directory changed."""
    keys = [{**key, **changes} if key["key_id"] == key_id else key for key in municipality.directory["keys"]]
    changed = replace(municipality, directory={**municipality.directory, "keys": keys})
    changed.write_documents()
    return changed
