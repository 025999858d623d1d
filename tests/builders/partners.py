"""A partner with its papers and exports, and the municipality's view of what it sealed."""

from __future__ import annotations

import base64
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.commands.at_the_partner.partner_sealing import seal_export
from pipeline.commands.console import Outcome
from pipeline.identified.export_columns import COLUMNS
from pipeline.vault.contact import ContactBinding, OpenedContact, contact_opener
from pipeline.vault.keyring import NamedSecret, PartnerKeys, SealedTokenKey, Secret
from pipeline.vault.sealing import open_sealed, public_of_box, seal
from pipeline.vault.signing import fingerprint, public_of_signing
from pipeline.vocabulary.faults import FAULTS, Refused
from pipeline.vocabulary.manifest import DeliveryName, file_info
from tests.builders.deliveries import AGREEMENT, GEMEENTE, MONTH, Municipality, key_bytes, make_municipality

PARTNER = "huur-a"
ROW: Mapping[str, str] = {
    "klantnummer": "KL-000001",
    "voorletters": "J.P.",
    "voorvoegsels": "van der",
    "achternaam": "Canarie",
    "geboortedatum": "31-05-1980",
    "postcode": "9901 AB",
    "huisnummer": "12A",
    "huisletter": "",
    "huisnummertoevoeging": "",
    "email": "kanarie.vogel@voorbeeld.example",
    "telefoon": "06-29481735",
    "bedrag": "€ 1.234,50",
    "maanden_achterstand": "3",
    "ontstaansdatum": "01-07-2026",
    "signaaldatum": "15-10-2026",
    "crisissignaal": "nee",
    "crisissoort": "",
    "crisisdatum": "",
    "warme_overdracht": "ja",
    "bezwaar": "nee",
}


def row(number: int = 1, **changes: str) -> dict[str, str]:
    """A good row of client `number`, with changes."""
    return {**ROW, "klantnummer": f"KL-{number:06}", **changes}


def csv_of(rows: Sequence[Mapping[str, str]], delimiter: str = ";", columns: Sequence[str] = COLUMNS) -> str:
    """An export as text; values are not quoted."""
    lines = [columns, *([one.get(column, "") for column in columns] for one in rows)]
    return "".join(delimiter.join(line) + "\n" for line in lines)


@dataclass(frozen=True)
class PartnerDesk:
    """A partner's folder: papers, keys, exports, deliveries."""

    path: Path
    municipality: Municipality

    @property
    def agreement_file(self) -> Path:
        return self.municipality.path / "agreement.json"

    @property
    def keys_file(self) -> Path:
        return self.path / "keys.json"

    @property
    def out(self) -> Path:
        return self.path / "out"

    def write_keys(self, **changes: Any) -> None:
        """keys.json, with changes of its fields."""
        box = key_bytes(f"box/{PARTNER}")
        token_key = SealedTokenKey(f"token-{GEMEENTE}-{MONTH}-1", GEMEENTE, MONTH, "", "box-1")
        sealed = seal(public_of_box(box), key_bytes("token-key"), token_key.info(PARTNER))
        keys = PartnerKeys(
            partner_id=PARTNER,
            municipal_fingerprints={GEMEENTE: fingerprint(public_of_signing(key_bytes("municipal-signing")))},
            signing=(NamedSecret(f"signing-{PARTNER}-1", Secret(key_bytes(f"signing/{PARTNER}"))),),
            box=(NamedSecret("box-1", Secret(box)),),
            secret=NamedSecret("secret-1", Secret(key_bytes("partner-secret"))),
        ).to_dict()
        keys["token_keys"] = [
            {
                "key_id": token_key.key_id,
                "gemeentecode": GEMEENTE,
                "month": MONTH,
                "sealed_b64": base64.b64encode(sealed).decode(),
                "box_key_id": "box-1",
            }
        ]
        self.keys_file.write_text(json.dumps({**keys, **changes}))

    def export(self, content: str | bytes, name: str = "export.csv") -> Path:
        """Write an export."""
        path = self.path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def seal(self, content: str | bytes | Path, **options: Any) -> Outcome:
        """Seal an export with this desk's papers."""
        export = content if isinstance(content, Path) else self.export(content)
        papers = {
            "agreement_file": self.agreement_file,
            "keys_file": self.keys_file,
            "month": MONTH,
            "out": self.out,
        }
        return seal_export(export, **{**papers, **options})

    def rows_of(self, name: str) -> pl.DataFrame:
        """The rows of a delivery, as admission decrypts them."""
        sealed = (self.out / name / "signals.sealed").read_bytes()
        info = file_info(DeliveryName.parse(name), GEMEENTE, AGREEMENT, "admission-1")
        return pl.read_parquet(io.BytesIO(open_sealed(key_bytes("admission-1"), sealed, info)))

    def contacts_of(self, name: str) -> list[OpenedContact]:
        """The contacts of a delivery, as the opener reads them."""
        open_contact = contact_opener(key_bytes(f"opening/{MONTH}"))
        public = public_of_signing(key_bytes(f"signing/{PARTNER}"))
        rows = self.rows_of(name).select("signal_id", "sealed_contact").rows()
        return [
            open_contact(
                ContactBinding(AGREEMENT, GEMEENTE, PARTNER, MONTH, signal_id, f"opening-{MONTH}-1"), blob, public
            )
            for signal_id, blob in rows
        ]


def make_desk(path: Path, **agreement: Any) -> PartnerDesk:
    """A municipality and the partner huur-a with good papers for MONTH."""
    (path / "desk").mkdir(parents=True)
    desk = PartnerDesk(path / "desk", make_municipality(path, **agreement))
    desk.write_keys()
    return desk


def copy_of_desk(made: PartnerDesk, path: Path) -> PartnerDesk:
    """A fresh desk; quicker to copy than to make."""
    shutil.copytree(made.path.parent, path / "region")
    municipality = type(made.municipality)(
        path / "region" / "home", made.municipality.agreement, made.municipality.directory
    )
    return PartnerDesk(path / "region" / "desk", municipality)


def refused(desk: PartnerDesk, content: str, **options: object) -> tuple[str, str | None]:
    """Code and column with which sealing an export is refused."""
    with pytest.raises(Refused) as refusal:
        desk.seal(content, **options)
    assert refusal.value.code in FAULTS
    return refusal.value.code, refusal.value.column
