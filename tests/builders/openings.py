"""A municipality with an opener, and signals whose contacts are really sealed and signed.

Tokens are chosen by hand: signals of one `person` share a token, so matching proposes them; what the opener finds
in their contacts is up to the test.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipeline.commands.key_keeping.key_making import write_trust
from pipeline.commands.match import match
from pipeline.commands.opener import serve
from pipeline.commands.reveal import order_worklists
from pipeline.commands.route import route
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.vault.contact import ContactBinding, contact_sealer
from pipeline.vault.keyring import KeyFile, Secret, write_key
from pipeline.vault.sealing import public_of_box
from pipeline.vault.signing import fingerprint, public_of_signing
from pipeline.vocabulary.frames import TOKEN_COLUMNS
from tests.builders.deliveries import (
    AGREEMENT,
    GEMEENTE,
    MONTH,
    NOW,
    Municipality,
    key_bytes,
    make_municipality,
    signal_id,
    token,
)

TUESDAY = date(2026, 11, 3)
FATHER = {
    "klantnummer": "10002000",
    "initials": "J.P.",
    "particles": "van der",
    "surname": "Berg",
    "birth_on": "1950-05-31",
    "postcode": "9901AB",
    "house_number": "12",
    "house_letter": "A",
    "house_addition": None,
    "email": "jp.vanderberg@post.nl",
    "phone": "0612349876",
    "arrears_eur": 812,
    "arrears_months": 3,
    "since_on": "2026-08-01",
    "signalled_on": "2026-10-30",
    "is_crisis": False,
    "crisis_kind": None,
    "crisis_on": None,
    "has_warm_handover": False,
    "contract_count": 1,
}


def make_municipality_with_opener(path: Path, **changes: Any) -> Municipality:
    """A municipality of two wijkteams, with the opener's keys and what it trusts."""
    place = make_municipality(path, **changes)
    teams = [
        {"team_id": "noord", "name": "Wijkteam Noord", "wijken": ["WK990101"]},
        {"team_id": "zuid", "name": "Wijkteam Zuid", "wijken": ["WK990102"]},
    ]
    place.home.teams_file.write_text(json.dumps({"format": "samenloop/teams/1", "teams": teams}))
    write_opening_key(place, MONTH)
    write_case_key(place, 1)
    public = public_of_signing(key_bytes("municipal-signing"))
    write_trust(place.home.opener_keys_dir, GEMEENTE, fingerprint(public))
    return place


def write_opening_key(place: Municipality, month: str) -> Path:
    """Give the opener its key of a month."""
    first = date(2026, 1, 1)
    secret = Secret(key_bytes(f"opening/{month}"))
    key = KeyFile(f"opening-{month}-1", "opening", "municipality", first, first, None, secret, month)
    path = place.home.opener_keys_dir / f"{key.key_id}.json"
    write_key(path, key)
    return path


def write_case_key(place: Municipality, number: int) -> Path:
    """Give the opener its next key of continuity."""
    first = date(2026, number, 1)
    secret = Secret(key_bytes(f"case/{number}"))
    key = KeyFile(f"case-{GEMEENTE}-{number}", "case", "municipality", first, first, None, secret)
    path = place.home.opener_keys_dir / f"{key.key_id}.json"
    write_key(path, key)
    return path


def report(
    partner_id: str,
    label: str,
    person: str,
    *,
    wijkcode: str = "WK990101",
    sequence: int = 1,
    signed_by: str | None = None,
    stored: Mapping[str, Any] | None = None,
    month: str = MONTH,
    band: str = "500-999",
    **contact: Any,
) -> dict[str, Any]:
    """A row of the signals table about a person.

    Args:
        partner_id: who reports.
        label: the client, by a name of the test's choice.
        person: rows with the same person share a token.
        wijkcode: in the clear.
        sequence: of the delivery.
        signed_by: label of the signing key, when it is not the partner's.
        stored: clear fields that differ from what was signed.
        month: of the delivery; the opener must have its key.
        band: of the arrears, in the clear.
        contact: fields that differ from FATHER.
    """
    held = {**FATHER, "klantnummer": f"klant-{label}", **contact}
    clear = {
        "signal_id": signal_id(label),
        "wijkcode": wijkcode,
        "postcode4": None,
        "arrears_months": min(12, held["arrears_months"]),
        "arrears_band": band,
        "is_crisis": held["is_crisis"],
    }
    binding = ContactBinding(AGREEMENT, GEMEENTE, partner_id, month, clear["signal_id"], f"opening-{month}-1")
    seal = contact_sealer(
        public_of_box(key_bytes(f"opening/{month}")), key_bytes(signed_by or f"signing/{partner_id}")
    )
    return {
        "partner_id": partner_id,
        "month": month,
        "sequence": sequence,
        "delivery_id": f"{partner_id}_{month}_{sequence:04d}",
        "is_retraction": False,
        "is_current": True,
        **dict.fromkeys(TOKEN_COLUMNS),
        "t_name_initial_birth": token(person),
        **clear,
        **(stored or {}),
        "sealed_contact": seal(binding, held, clear, sequence),
        "opening_key_id": f"opening-{month}-1",
        "signing_key_id": f"signing-{partner_id}-1",
        "agreement_id": AGREEMENT,
        "agreement_version": 1,
        "admitted_at": "2026-11-02T09:00:00Z",
    }


def keep(run: Run, rows: Sequence[Mapping[str, Any]]) -> None:
    """Let these rows, and no others, be the stored signals of their months, and match."""
    marks = tables.month_marks
    with run.store.transaction("admit_delivery", at=run.now, actor="test") as transaction:
        transaction.connection.execute(tables.signals.delete())
        transaction.insert(tables.signals, rows)
        raised = {"changed_revision": marks.c.changed_revision + 1}
        known = {str(row["month"]) for row in transaction.all(sa.select(marks.c.month))}
        for month in sorted({MONTH, *known, *(str(row["month"]) for row in rows)}):
            if not transaction.update(marks, marks.c.month == month, raised):
                transaction.insert(marks, [{"month": month, "changed_revision": 1, "matched_revision": 0}])
    match(run)


def reveal_here(run: Run) -> str | None:
    """What `reveal` does, with the opener in this process. Returns the order, if one was filed."""
    route(run)
    order_id = order_worklists(run)
    serve(run.home.path, once=True, now=NOW)
    return order_id


def worklist(place: Municipality, team_id: str = "noord", on: date = TUESDAY) -> dict[str, Any]:
    """A team's werklijst.json."""
    path = place.home.worklists / team_id / on.isoformat() / "werklijst.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def rows_in(run: Run, table: str) -> list[dict[str, Any]]:
    """All rows of a table, in the order of its key."""
    found = tables.metadata.tables[table]
    return run.store.all(sa.select(found).order_by(*found.primary_key))
