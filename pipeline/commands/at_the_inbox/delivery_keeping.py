"""How a decision on a delivery is kept: ledger, signals, mark and journal in one transaction, then the answer.

After the transaction come the receipt and the folder: what is in force leaves the inbox (the ledger keeps manifest
and signature), the rest moves to quarantine. Each of these steps is repeated from the ledger row when the process
died in between. All of it happens under the writer lock, so two schedulers at once do it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.channels import folder
from pipeline.commands.at_the_inbox.delivery_judging import (
    Arrival,
    Judged,
    check_sequence,
    contract_for,
    kept_before,
    with_lines,
    with_note,
)
from pipeline.commands.count_words import counted
from pipeline.commands.wiring import Run
from pipeline.pseudonymous.answer_delivery import (
    HELD,
    IN_FORCE,
    REFUSED,
    Decision,
    reason_json,
    receipt_json,
    receipt_text,
)
from pipeline.pseudonymous.keep_signals import (
    Ledgered,
    keep_signals,
    missing_sequences,
    replaced_signals,
    unknown_retractions,
)
from pipeline.store import deliveries as ledger
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.manifest import Manifest

REASON_FILE = "reason.json"
LEAVING = ".leaving"
_HASH_DIGITS = 8
_ONLY_SOME_ROWS = (
    "Was dit alleen een verbetering van enkele rijen? Lever dan de hele lijst opnieuw in, en gebruik voortaan "
    "--kind correction, met alle rijen van elke klant die u verbetert."
)


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """The decision that stands in the ledger now, and whether it stood there before."""

    decision: Decision
    is_repeat: bool
    receipt: Path


def keep(run: Run, arrival: Arrival, judged: Judged) -> KeptDecision | None:
    """Keep the decision on an arrival; None when it left the inbox meanwhile.

    Raises:
        Refused: NO_PERMISSION, the municipality's own fault.
    """
    try:
        with run.store.writer_lock("admit_delivery"):
            if not _is_still_there(arrival):
                return None
            earlier = kept_before(run, judged.decision)
            decision = earlier or _kept_now(run, judged)
            receipt = finish(run, decision, arrival)
            return KeptDecision(decision, earlier is not None, receipt)
    except PermissionError:
        raise Refused("NO_PERMISSION", hint=f"({arrival.handle})") from None
    except FileNotFoundError:
        if _is_still_there(arrival):
            raise  # something of our own is missing
        return None


def _is_still_there(arrival: Arrival) -> bool:
    try:
        return arrival.path.lstat().st_ino == arrival.entry.inode
    except FileNotFoundError:
        return False


def _kept_now(run: Run, judged: Judged) -> Decision:
    decision = judged.decision
    change: ledger.SignalChange | None = None
    if decision.is_in_force:
        try:
            decision, change = change_of(run, judged)
        except Refused as refusal:
            decision = decision.refused_as(refusal.code, refusal.column)
    if not decision.is_in_force:
        decision = replace(decision, quarantine_name=_free_quarantine_name(run, decision))
        before = ledger.ledger_row(run.store, decision.delivery_id, decision.manifest_hash)
        if before is not None and _is_same_refusal(Decision.from_row(before), decision):
            return Decision.from_row(before)
    write(run, "admit_delivery", decision, change)
    return decision


def _is_same_refusal(before: Decision, now: Decision) -> bool:
    """Only the time differs: a crash came between ledger and inbox, or the partner did the same again."""
    return _timeless(now) == _timeless(before)


def _timeless(decision: Decision) -> Decision:
    return replace(decision, received_at="", decided_at="", decided_by="", quarantine_name=None)


def write(run: Run, action: str, decision: Decision, change: ledger.SignalChange | None = None) -> None:
    """The one transaction of an admission, a refusal, a release."""
    agreement = f"{decision.agreement_id}/{decision.agreement_version}" if decision.agreement_id else None
    journal = {
        "action": action,
        "object_": decision.delivery_id,
        "result": decision.response_code,
        "ground": agreement,
        "counts": {
            "rows": decision.row_count,
            "admitted": decision.admitted_count,
            "refused": decision.refused_count,
        },
    }
    ledger.write_decision(run.store, action, decision.to_row(), journal, actor=run.actor, change=change)


def finish(run: Run, decision: Decision, arrival: Arrival) -> Path:
    """What follows on the transaction, from the ledger row alone: the receipt, and where the arrival goes."""
    receipt = write_receipt(run, decision)
    if decision.state in IN_FORCE:
        drop(run, arrival.path)
    else:
        _quarantine(run, decision, arrival)
    return receipt


def write_receipt(run: Run, decision: Decision) -> Path:
    """Answer the partner: the newest answer under the delivery's name, and one file per manifest.

    Anybody can put a folder of that name in the inbox. Unless the partner signed what lies in it, its refusal does
    not take the place of the answer to a delivery that counts or is held.
    """
    place = run.home.receipts / decision.delivery_id
    content = receipt_json(decision)
    own = place / f"receipt-{decision.manifest_hash[:_HASH_DIGITS]}.json"
    folder.write_file(own, content)
    if _is_unsigned(decision) and _has_standing(run, decision.delivery_id):
        return own
    folder.write_file(place / "ontvangst.txt", receipt_text(decision))
    folder.write_file(place / "receipt.json", content)
    return place / "receipt.json"


def _is_unsigned(decision: Decision) -> bool:
    """A manifest is kept as soon as its signature holds."""
    return decision.state == REFUSED and decision.manifest is None


def _has_standing(run: Run, delivery_id: str) -> bool:
    return any(row["state"] in (HELD, *IN_FORCE) for row in ledger.ledger_of_delivery(run.store, delivery_id))


def drop(run: Run, path: Path) -> None:
    """Take something away at once and remove it then, so that no half folder is ever left in the inbox."""
    leaving = run.home.quarantine / LEAVING
    leaving.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.remove(leaving / path.name)
    folder.move(path, leaving / path.name)
    folder.remove(leaving)


def sweep(run: Run) -> None:
    """Remove what a killed process was about to remove."""
    if (run.home.quarantine / LEAVING).exists():
        with run.store.writer_lock("sweep"):
            folder.remove(run.home.quarantine / LEAVING)


def quarantined(run: Run, decision: Decision) -> Path | None:
    """Where the delivery lies in quarantine."""
    if decision.quarantine_name is None:
        return None
    place = run.home.quarantine / decision.quarantine_name / decision.delivery_id
    return place if place.is_dir() and not place.is_symlink() else None


def _quarantine(run: Run, decision: Decision, arrival: Arrival) -> None:
    """The reason first, the thing itself last: until it has moved, running again does the same."""
    if decision.quarantine_name is None or _is_filled(run.home.quarantine / decision.quarantine_name):
        if decision.state != REFUSED:
            drop(run, arrival.path)
            return
        decision = replace(decision, quarantine_name=_free_quarantine_name(run, decision))
    assert decision.quarantine_name is not None
    place = run.home.quarantine / decision.quarantine_name
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.write_file(place / REASON_FILE, reason_json(decision))
    inside = arrival.entry.name if arrival.entry.name != REASON_FILE else f"{REASON_FILE}.delivered"
    folder.move(arrival.path, place / inside)


def _free_quarantine_name(run: Run, decision: Decision) -> str:
    stem = f"{decision.delivery_id}__{decision.manifest_hash[:_HASH_DIGITS]}"
    number = 1
    while True:
        name = stem if number == 1 else f"{stem}-{number}"
        if not _is_filled(run.home.quarantine / name):
            return name
        number += 1


def _is_filled(place: Path) -> bool:
    """Whether something was moved there: more than a reason, or the part of one that a killed process left."""
    papers = (REASON_FILE, folder.part_of(place / REASON_FILE).name)
    return place.exists() and any(entry.name not in papers for entry in folder.list_entries(place, most=8))


def change_of(run: Run, judged: Judged) -> tuple[Decision, ledger.SignalChange]:
    """What admitting does to the stored signals, and the decision with the remarks that this brings.

    Raises:
        Refused: SEQUENCE_REPLAYED, when another delivery took the number meanwhile.
    """
    decision, manifest, rows = judged.decision, judged.manifest, judged.rows
    assert manifest is not None
    assert rows is not None
    known = ledger.ledger_of_month(run.store, manifest.partner_id, manifest.month)
    check_sequence(decision, known)
    in_force = [Ledgered(row["sequence"], row["kind"]) for row in known if row["state"] in IN_FORCE]
    stored = ledger.keeping_rows(run.store, manifest.partner_id, manifest.month)
    new = rows.select(
        pl.lit(manifest.sequence, pl.Int64).alias("sequence"),
        "signal_id",
        pl.lit(manifest.kind == "retraction").alias("is_retraction"),
    )
    kept = keep_signals(
        [*in_force, Ledgered(manifest.sequence, manifest.kind)], pl.concat([stored.drop("is_current"), new])
    )
    change = ledger.SignalChange(
        partner_id=manifest.partner_id,
        month=manifest.month,
        from_sequence=kept.from_sequence,
        new_rows=_stored_rows(decision, manifest, rows, kept.rows, run.today),
        switched=kept.rows.join(stored, on=["sequence", "signal_id"], suffix="_before")
        .filter(pl.col("is_current") != pl.col("is_current_before"))
        .select("sequence", "signal_id", "is_current"),
    )
    lines = _lines(manifest, [row["sequence"] for row in known], kept.from_sequence, kept.rows)
    decision = with_lines(decision, lines) if lines else decision
    if manifest.kind == "signals" and kept.from_sequence == manifest.sequence:
        decision = _with_replaced(decision, *replaced_signals(stored, kept.rows, manifest.sequence))
    return decision, change


def _with_replaced(decision: Decision, replaced: int, lapsed: int) -> Decision:
    """What a newer list does to the one before it is said always, and is a warning when most of that lapses."""
    if not replaced:
        return decision
    line = f"Deze lijst vervangt {counted(replaced, 'signaal', 'signalen')} van deze maand"
    if not lapsed:
        return with_note(decision, f"{line}. Er vervalt niets.")
    lapses = counted(lapsed, "daarvan komt niet terug en vervalt", "daarvan komen niet terug en vervallen")
    if lapsed * 2 <= replaced:
        return with_note(decision, f"{line}; {lapses}.")
    return with_lines(decision, [f"{line}; {lapses}. {_ONLY_SOME_ROWS}"])


def _lines(manifest: Manifest, known: Sequence[int], from_sequence: int, rows: pl.DataFrame) -> list[str]:
    lines: list[str] = []
    if gap := missing_sequences(known, manifest.sequence):
        lines.append(f"Deze volgnummers ontbreken nog: {', '.join(str(number) for number in gap[:20])}.")
    if from_sequence > manifest.sequence:
        lines.append(f"Een latere aanlevering (volgnummer {from_sequence}) gaat voor: deze rijen tellen niet mee.")
    elif unknown := unknown_retractions(rows, manifest.sequence):
        lines.append(f"{unknown} ingetrokken signalen zijn bij de gemeente niet bekend.")
    return lines


def _stored_rows(
    decision: Decision, manifest: Manifest, rows: pl.DataFrame, kept: pl.DataFrame, today: date
) -> pl.DataFrame:
    """The delivery's rows as table `signals` holds them; none when a later `signals` goes before."""
    complete = pl.concat([pl.DataFrame(schema=contract_for("signals").schema), rows], how="diagonal")
    ours = kept.filter(pl.col("sequence") == manifest.sequence)
    return complete.join(ours, on="signal_id").with_columns(
        pl.lit(manifest.partner_id).alias("partner_id"),
        pl.lit(manifest.month).alias("month"),
        pl.lit(decision.delivery_id).alias("delivery_id"),
        pl.lit(manifest.opening_key_id, pl.String).alias("opening_key_id"),
        pl.lit(manifest.signing_key_id).alias("signing_key_id"),
        pl.lit(manifest.agreement_id).alias("agreement_id"),
        pl.lit(manifest.agreement_version, pl.Int64).alias("agreement_version"),
        pl.lit(decision.decided_at).alias("admitted_at"),
        pl.lit(today.isoformat()).alias("admitted_on"),
    )
