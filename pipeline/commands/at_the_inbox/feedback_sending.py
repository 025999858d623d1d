"""Feedback out: what each partner has not heard yet is sealed, signed and put in its outbox, then written down.

In this order, so that a killed run tells something twice rather than never. A package holds all that was told on
its day; the manifest is written last, so a folder without it is not there yet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipeline.channels import folder
from pipeline.commands.key_keeping.key_making import MUNICIPAL_SIGNING
from pipeline.commands.wiring import Run
from pipeline.stewardship import feed_back
from pipeline.store import feedback as kept
from pipeline.vault.keyring import as_listed, read_keys
from pipeline.vault.signing import public_of_signing
from pipeline.vocabulary.directory import MUNICIPALITY
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.period import add_months, month_of


@dataclass(slots=True)
class Sent:
    """What was sent: packages and codes; `refused` says why a partner could not be served."""

    package_count: int = 0
    code_count: int = 0
    waiting_count: int = 0
    refused: list[RowFault] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def send_feedback(run: Run) -> Sent:
    """Tell each partner what changed. Only under the writer lock."""
    told = kept.sent_before(run.store)
    ended = _ended_month(run)
    changes = feed_back.told_now(feed_back.changed_since(_codes(run, ended), told), told, ended)
    sent = Sent()
    if changes.is_empty():
        return sent
    try:
        signing = _signing_key(run)
    except Refused as refusal:
        sent.refused.append(refusal.as_row_fault())
        sent.waiting_count = changes.height
        sent.lines.append(f"Terugkoppeling wacht: {refusal.next_step}")
        return sent
    today = told.filter(pl.col("sent_on") == run.today.isoformat())
    for (partner_id,), rows in changes.group_by("partner_id", maintain_order=True):
        _send_to(run, str(partner_id), rows, today, signing, sent)
    return sent


def _ended_month(run: Run) -> str:
    """The newest month of which nothing is admitted any more, or whose signals are soon deleted."""
    late = add_months(month_of(run.today), -run.agreement.rule.late_months - 1)
    return max(late, add_months(month_of(run.today), -run.agreement.retention_months("signals")))


def _codes(run: Run, ended_month: str) -> pl.DataFrame:
    days = int(run.agreement.thresholds.get("suspension_days", feed_back.SUSPENSION_DAYS))
    taken_up = feed_back.code_signals(kept.signals_with_outcome(run.store), days)
    return pl.concat([taken_up, feed_back.code_lapsing(kept.signals_of_no_case(run.store, ended_month))])


def _signing_key(run: Run) -> feed_back.SigningKey:
    listed = run.directory.current(MUNICIPAL_SIGNING, MUNICIPALITY, run.today)
    keys = read_keys(run.home.keys_dir, MUNICIPAL_SIGNING)
    key = next((key for key in keys if listed is not None and key.key_id == listed.key_id), None)
    if key is None:
        raise Refused("KEY_MISSING", hint=f"({MUNICIPAL_SIGNING})")
    key = as_listed(key, run.directory)
    return feed_back.SigningKey(key.key_id, key.secret.value, public_of_signing(key.secret.value))


def _send_to(
    run: Run,
    partner_id: str,
    rows: pl.DataFrame,
    today: pl.DataFrame,
    signing: feed_back.SigningKey,
    sent: Sent,
) -> None:
    day = run.today.isoformat()
    box = run.directory.current("partner-box", partner_id, run.today)
    if box is None:
        sent.refused.append(RowFault("PARTNER_WITHOUT_KEYS"))
        sent.waiting_count += rows.height
        sent.lines.append(f"{partner_id}: {rows.height} uitkomsten wachten; deze partner heeft geen sleutel.")
        return
    earlier = today.filter(pl.col("partner_id") == partner_id).join(rows, on=feed_back.SIGNAL_KEY, how="anti")
    binding = feed_back.FeedbackBinding(run.agreement.agreement_id, run.gemeentecode, partner_id, day, box.key_id)
    package = pl.concat([rows.select(feed_back.ROW_FIELDS), earlier.select(feed_back.ROW_FIELDS)])
    sealed, manifest = feed_back.pack(package, binding, box.public, signing, run.now)
    _write_package(run, partner_id, sealed, manifest)
    counts = {str(code): count for code, count in rows["code"].value_counts(sort=True).sort("code").iter_rows()}
    kept.write_sent(run.store, partner_id, day, rows, counts, at=run.now, actor=run.actor)
    sent.package_count += 1
    sent.code_count += rows.height


def _write_package(run: Run, partner_id: str, sealed: bytes, manifest: dict[str, Any]) -> None:
    place = run.home.feedback / partner_id / run.today.isoformat()
    folder.remove(place / feed_back.MANIFEST_FILE)
    folder.write_file(place / feed_back.DATA_FILE, sealed)
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    folder.write_file(place / feed_back.MANIFEST_FILE, text.encode())
