"""`samenloop journal verify`: is the journal as it was written? It reads and changes nothing.

Held against it are its own chain, the seals of the opener, the head that the opener remembers where this user may
read that, and the heads that were exported each day, in reports/ or as a file that somebody kept elsewhere. A line
that says that a backup was put back excuses nothing by itself: only its signed proof does (restore_proofs).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pipeline.commands.console import Outcome
from pipeline.commands.journal_keeping.exported_heads import exported_heads, read_exported
from pipeline.commands.journal_keeping.kept_head import NOT_HELD, is_key_lost, read_head, refusal_line
from pipeline.commands.journal_keeping.restore_proofs import ACTION, proven_restores
from pipeline.commands.key_keeping.journal_keys import seal_holds, trusted_journal_keys, unpinned_journal_keys
from pipeline.commands.wiring import Run
from pipeline.stewardship.verify_journal import Verified, verify_chain
from pipeline.store import journal_chain as chain
from pipeline.store.what_stopped_it import DAMAGED
from pipeline.vault.signing import fingerprint
from pipeline.vocabulary.faults import Refused, RowFault

COMMAND = "journal verify"


def verify_journal(run: Run, heads: tuple[Path, ...] = (), pinned: Collection[str] = ()) -> Outcome:
    """Verify chain, seals and heads; where a table of them is gone, that is what was found.

    Args:
        run: the home.
        heads: files `journaal-<date>.json` that were kept elsewhere.
        pinned: fingerprints of journal keys, from paper: of each one for which no former key vouches.

    Raises:
        Refused: FILE_NOT_FOUND, JOURNAL_HEAD_INVALID, KEY_MISSING, KEY_INVALID, JOURNAL_FINGERPRINT_MISMATCH.
    """
    try:
        return _verified(run, heads, pinned)
    except Refused as refusal:
        if refusal.code != DAMAGED:
            raise
    lines = ["HET JOURNAAL IS NIET HEEL: er is iets weg of onleesbaar, en daarom is niet elke regel nagekeken."]
    return Outcome(COMMAND, {"faults": 1}, [RowFault(DAMAGED)], lines=lines, has_said_counts=True)


def _verified(run: Run, heads: tuple[Path, ...], pinned: Collection[str]) -> Outcome:
    given = [read_exported(path, run.gemeentecode) for path in heads]
    exported = [*(read_exported(path, run.gemeentecode) for path in exported_heads(run.home)), *given]
    told, said, doubts = _since_restore(run, [*exported, *_remembered(run)])
    keys = trusted_journal_keys(run.home.path, pinned)
    kept = chain.seals(run.store)
    beside = [head["seal"] for head in told if head["seal"] is not None]
    good = [seal for seal in (*kept, *beside) if seal_holds(seal, keys, run.gemeentecode)]
    doubts += _doubted(run, [seal for seal in (*kept, *beside) if seal not in good])
    doubts += [] if kept else [RowFault("JOURNAL_UNSEALED")]
    refused = refusal_line(run)
    doubts += [] if refused is None else [RowFault(NOT_HELD, row=refused["seq"])]
    found = verify_chain(chain.lines_in_order(run.store), good, told)
    faults = sorted({*found.faults, *doubts}, key=lambda fault: (fault.row or 0, fault.code))
    head_count = sum(head in exported for head in told)
    counts = {"lines": found.line_count, "seals": len(kept), "heads": head_count, "faults": len(faults)}
    compared = [_compared(head, found, is_told=head in told) for head in given]
    if is_key_lost(run):
        said.append("Let op: de zegelsleutel ontbreekt. Regels na het laatste zegel zijn niet verzegeld.")
    lines = [*_lines(found, kept, keys, faults), *compared, *said]
    return Outcome(COMMAND, counts, faults, lines=lines, has_said_counts=True)


def _doubted(run: Run, seals: list[dict[str, Any]]) -> list[RowFault]:
    """What is wrong with seals of no trusted key: one that is to be pinned is named once, with its first seal."""
    keys = unpinned_journal_keys(run.home.path)
    unpinned = [seal for seal in seals if seal_holds(seal, keys, run.gemeentecode)]
    first = {str(seal["key_id"]): seal["seq"] for seal in sorted(unpinned, key=lambda one: -int(one["seq"]))}
    faults = [RowFault("JOURNAL_KEY_UNVOUCHED", key_id, seq) for key_id, seq in first.items()]
    return faults + [RowFault("JOURNAL_SEAL_BROKEN", row=seal["seq"]) for seal in seals if seal not in unpinned]


def _remembered(run: Run) -> list[dict[str, Any]]:
    """The opener's kept head in the form of an exported one, where this user may read it."""
    kept = read_head(run.home)
    if kept is None:
        return []
    remembered = {"seq": kept.seq, "line_hash": kept.line_hash, "exported_at": kept.kept_at, "seal": None}
    return [{**remembered, "restores": kept.restores}]


def _since_restore(
    run: Run, heads: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[str], list[RowFault]]:
    """Heads that still say something, what proven restores took away, and lines of a restore without a proof."""
    proofs = {proof.restore_seq: proof for proof in proven_restores(run)}
    said, doubts = [], []
    for line in chain.lines_of(run.store, ACTION):
        proof = proofs.get(line["seq"])
        if proof is None:
            doubts.append(RowFault("RESTORE_UNPROVEN", row=line["seq"]))
            continue
        gone = [
            head
            for head in heads
            if proof.explains(head["seq"], head["exported_at"], head.get("restores"))
            and head["line_hash"] != chain.hash_of(run.store, head["seq"])
        ]
        heads = [head for head in heads if head not in gone]
        newest = max((head["seq"] for head in gone), default=0)
        lost = f"; minstens regel {proof.journal_seq + 1} tot en met {newest} zijn toen verloren" if gone else ""
        said.append(f"Let op: op {line['at']} is een reservekopie teruggezet (regel {line['seq']}){lost}.")
    return heads, said, doubts


def _lines(
    found: Verified, kept: list[dict[str, Any]], keys: Mapping[str, bytes], faults: list[RowFault]
) -> list[str]:
    whole = "Het journaal is heel" if not faults else "HET JOURNAAL IS NIET HEEL"
    numbers = f"nummer {found.first_seq} tot en met {found.last_seq}" if found.line_count else "geen regels"
    lines = [f"{whole}: {found.line_count} regels, {numbers}.", f"Kop: {found.last_hash}"]
    checkpoints = [seal["seq"] for seal in kept if seal["is_checkpoint"]]
    if checkpoints:
        lines.append(f"Regels tot en met {checkpoints[-1]} zijn op hun termijn vernietigd; een zegel sluit ze af.")
    if kept:
        lines.append(f"Verzegeld tot en met regel {kept[-1]['seq']}, op {kept[-1]['sealed_at']}.")
    else:
        lines.append("Er is nog geen zegel van de opener.")
    return lines + [f"Zegelsleutel {key_id}: {fingerprint(public)}" for key_id, public in keys.items()]


def _compared(head: Mapping[str, Any], found: Verified, *, is_told: bool) -> str:
    """What came of a head that was given: whether the journal still is, up to its line, as it was that day."""
    seq = int(head["seq"])
    before = f"Vergeleken met de kop van {head['date']} (regel {seq})"
    if not is_told:
        return f"{before}: die regel is verloren toen een reservekopie is teruggezet."
    first = found.first_seq or 1
    is_right = not any(fault.row is not None and fault.row <= max(seq, first - 1) for fault in found.faults)
    if is_right and seq < first:
        return f"{before}: die regel is op haar termijn vernietigd."
    return f"{before}: {'klopt' if is_right else 'klopt niet'}."
