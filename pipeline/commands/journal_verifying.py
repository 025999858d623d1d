"""`samenloop journal verify`: is the journal as it was written? It reads and changes nothing.

Three things are held against it: its own chain, the seals of the opener, and the heads that were exported each
day, in reports/ or as a file that somebody kept elsewhere.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.commands.console import Outcome
from pipeline.commands.documents import read_json
from pipeline.commands.journal_sealing import exported_heads
from pipeline.commands.key_keeping.journal_keys import trusted_journal_keys
from pipeline.commands.wiring import Run
from pipeline.stewardship.verify_journal import Verified, verify_chain
from pipeline.store import journal_chain as chain
from pipeline.vault.signing import fingerprint, verify
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.journal_chain import HEAD_FORMAT, seal_message

COMMAND = "journal verify"


def verify_journal(run: Run, heads: tuple[Path, ...] = (), pinned: str | None = None) -> Outcome:
    """Verify chain, seals and heads.

    Args:
        run: the home.
        heads: files `journaal-<date>.json` that were kept elsewhere.
        pinned: fingerprint of a journal key, from paper.

    Raises:
        Refused: JOURNAL_HEAD_INVALID, KEY_MISSING, KEY_INVALID, FINGERPRINT_MISMATCH.
    """
    exported = [*exported_heads(run.home), *heads]
    told, lost = _since_restore(run, [_read_head(path, run.gemeentecode) for path in exported])
    keys = trusted_journal_keys(run.home.path, pinned)
    kept = chain.seals(run.store)
    beside = [head["seal"] for head in told if head["seal"] is not None]
    good = [seal for seal in (*kept, *beside) if _holds(seal, keys, run.gemeentecode)]
    broken = [RowFault("JOURNAL_SEAL_BROKEN", row=seal["seq"]) for seal in (*kept, *beside) if seal not in good]
    found = verify_chain(chain.lines_in_order(run.store), good, told)
    faults = sorted({*found.faults, *broken}, key=lambda fault: (fault.row or 0, fault.code))
    counts = {"lines": found.line_count, "seals": len(kept), "heads": len(told), "faults": len(faults)}
    lines = [*_lines(found, kept, keys, faults), *lost]
    return Outcome(COMMAND, counts, faults, lines=lines, has_said_counts=True)


def _since_restore(run: Run, heads: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Heads that still say something, and what a restore took away: said each time, and no tampering."""
    lines = []
    for line in chain.lines_of(run.store, "restore"):
        kept_until = int(line["counts"]["journal_seq"])
        gone = [
            head
            for head in heads
            if head["exported_at"] <= line["at"]
            and head["seq"] > kept_until
            and head["line_hash"] != chain.hash_of(run.store, head["seq"])
        ]
        heads = [head for head in heads if head not in gone]
        newest = max((head["seq"] for head in gone), default=kept_until)
        lost = f"; minstens regel {kept_until + 1} tot en met {newest} zijn toen verloren" if gone else ""
        lines.append(f"Let op: op {line['at']} is een reservekopie teruggezet (regel {line['seq']}){lost}.")
    return heads, lines


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


def _holds(seal: Mapping[str, Any], keys: Mapping[str, bytes], gemeentecode: str) -> bool:
    public = keys.get(str(seal["key_id"]))
    try:
        signature = base64.b64decode(seal["signature_b64"], validate=True)
    except (TypeError, ValueError, binascii.Error):
        return False
    seal = {**seal, "is_checkpoint": bool(seal["is_checkpoint"])}
    return public is not None and verify(public, signature, seal_message(gemeentecode, seal))


def _read_head(path: Path, gemeentecode: str) -> dict[str, Any]:
    document = read_json(path, "JOURNAL_HEAD_INVALID", "JOURNAL_HEAD_INVALID")
    seal = document.get("seal")
    names = {"seq", "line_hash", "is_checkpoint", "sealed_at", "key_id", "signature_b64"}
    is_sound = (
        document.get("format") == HEAD_FORMAT
        and document.get("gemeentecode") == gemeentecode
        and isinstance(document.get("seq"), int)
        and isinstance(document.get("line_hash"), str)
        and isinstance(document.get("exported_at"), str)
        and (seal is None or (isinstance(seal, Mapping) and set(seal) == names and isinstance(seal["seq"], int)))
    )
    if not is_sound:
        raise Refused("JOURNAL_HEAD_INVALID", hint=f"({path.name})")
    return {name: document[name] for name in ("seq", "line_hash", "exported_at", "seal")}
