"""A municipality in the middle of its work: cases in any state, with signals, written straight into the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.commands.key_keeping.key_making import JOURNAL, new_municipal_key
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.vault.keyring import KeyFile, NamedSecret, PartnerKeys, Secret, write_key
from pipeline.vault.sealing import public_of_box
from pipeline.vault.signing import fingerprint, public_of_signing
from pipeline.vocabulary.case import EVIDENCE_PERSON, JOINED, LANE_MATCHED, SEEN_STATES
from pipeline.vocabulary.frames import TOKEN_COLUMNS
from tests.builders.deliveries import (
    GEMEENTE,
    MONTH,
    PARTNERS,
    Municipality,
    _public,
    key_bytes,
    make_municipality,
    signal_row,
    write_secret,
)

WHEN = "2026-11-03T06:00:00Z"


def make_stewarded(path: Path, **changes: Any) -> Municipality:
    """A municipality whose partners have box keys and that holds its signing key and its opening keys."""
    municipality = make_municipality(path, **changes)
    for partner_id in PARTNERS:
        public = public_of_box(key_bytes(f"box/{partner_id}"))
        municipality.directory["keys"].append(_public(f"box-{partner_id}-1", "partner-box", partner_id, public))
    municipality.write_documents()
    write_secret(municipality, "municipal-signing-1", "municipal-signing", "municipal-signing")
    for public in municipality.directory["keys"]:
        if public["kind"] == "opening":
            _write_opening_key(municipality, public)
    write_journal_key(municipality)
    return municipality


def write_journal_key(municipality: Municipality) -> None:
    """The opener's journal key, and its public half in the home."""
    new_municipal_key(municipality.path, JOURNAL, GEMEENTE, date(2026, 1, 1))


def _write_opening_key(municipality: Municipality, public: Mapping[str, Any]) -> None:
    first = date(2026, 1, 1)
    secret = Secret(key_bytes(f"opening/{public['month']}"))
    key = KeyFile(public["key_id"], "opening", "municipality", first, first, None, secret, public["month"])
    write_key(municipality.home.opener_keys_dir / f"{key.key_id}.json", key)


def partner_keys(partner_id: str) -> PartnerKeys:
    """keys.json of a partner."""
    municipal = fingerprint(public_of_signing(key_bytes("municipal-signing")))
    return PartnerKeys(
        partner_id=partner_id,
        municipal_fingerprints={GEMEENTE: municipal},
        signing=(NamedSecret(f"signing-{partner_id}-1", Secret(key_bytes(f"signing/{partner_id}"))),),
        box=(NamedSecret(f"box-{partner_id}-1", Secret(key_bytes(f"box/{partner_id}"))),),
        secret=NamedSecret(f"secret-{partner_id}", Secret(key_bytes(f"secret/{partner_id}"))),
    )


def stored_signal(partner_id: str, label: str, month: str = MONTH, **changes: Any) -> dict[str, Any]:
    """A row of table `signals`."""
    row = {name: value for name, value in signal_row(label).items() if name not in TOKEN_COLUMNS}
    tokens = {name: signal_row(label)[name] for name in TOKEN_COLUMNS}
    return {
        **row,
        **tokens,
        "partner_id": partner_id,
        "month": month,
        "sequence": 1,
        "delivery_id": f"{partner_id}_{month}_0001",
        "is_retraction": False,
        "is_current": True,
        "opening_key_id": f"opening-{month}-1",
        "signing_key_id": f"signing-{partner_id}-1",
        "agreement_id": "vroegsignalering-9901",
        "agreement_version": 1,
        "admitted_at": WHEN,
        **changes,
    }


def put_signals(run: Run, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write signals, and the marks of their months."""
    with run.store.transaction("admit_delivery", at=WHEN, actor="test") as transaction:
        transaction.insert(tables.signals, rows)
        for month in {row["month"] for row in rows}:
            mark = {"month": month, "changed_revision": 1, "matched_revision": 1}
            transaction.upsert(tables.month_marks, mark)


def put_case(
    run: Run,
    case_id: str,
    state: str,
    signals: Sequence[Mapping[str, Any]] = (),
    month: str = MONTH,
    **changes: Any,
) -> None:
    """Write a case that consists of these signals."""
    case = {
        "case_id": case_id,
        "month": month,
        "lane": LANE_MATCHED,
        "evidence": EVIDENCE_PERSON,
        "state": state,
        "wijkcode": "WK990101",
        "team_id": "noord",
        "partner_count": len(signals),
        "months_max": 3,
        "is_crisis": False,
        "revision": 1,
        "evidence_digest": case_id,
        "agreement_version": 1,
        "opened_on": f"{month}-28",
        "opened_at": WHEN,
        "first_revealed_on": "2026-11-03" if state in SEEN_STATES else None,
        "changed_at": WHEN,
        **changes,
    }
    is_confirmed = True if state in (*SEEN_STATES, JOINED) else None
    members = [
        {
            "case_id": case_id,
            "partner_id": row["partner_id"],
            "month": row["month"],
            "signal_id": row["signal_id"],
            "is_active": True,
            "is_confirmed": is_confirmed,
        }
        for row in signals
    ]
    with run.store.transaction("match_month", at=WHEN, actor="test") as transaction:
        transaction.insert(tables.cases, [case])
        transaction.insert(tables.case_signals, members)


def put(run: Run, table: Any, **row: Any) -> None:
    """Write one row of any table."""
    with run.store.transaction("test", at=WHEN, actor="test") as transaction:
        transaction.insert(table, [row])


def put_line(run: Run, **line: Any) -> None:
    """Write one line of the journal, in its chain."""
    with run.store.transaction("test", at=WHEN, actor="test") as transaction:
        transaction.journal_rows.append({"ground": None, "counts": {}, **line})


def rows_of_table(run: Run, table: Any) -> list[dict[str, Any]]:
    """All rows of a table."""
    import sqlalchemy as sa

    return run.store.all(sa.select(table))
