"""Seals on the journal, its exported head, and the retiring of lines whose term ended.

The journal key lies with the opener (ADR 12). The opener seals the head when it starts, before it opens a contact
and after each order or request, if the journal goes on from the head that it remembers, and retires lines that
`retire` may not; in practice, one user for all, `retire` does both. The opener takes nobody's word for it that a
line is old: it goes by the line's own instant and its own clock.
"""

from __future__ import annotations

import base64
import json
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.channels import folder
from pipeline.commands.console import talk
from pipeline.commands.erasing.erasure_ledger import last_number, ledger_file, read_ledger
from pipeline.commands.journal_keeping.exported_heads import HEAD
from pipeline.commands.journal_keeping.kept_head import (
    KEY_LOST,
    REFUSED_ACTION,
    Held,
    held,
    is_key_lost,
    is_loss_told,
    journal_key,
    keep_head,
    read_head,
    refusal_line,
)
from pipeline.commands.key_keeping.journal_keys import listed_journal_keys
from pipeline.commands.wiring import Run
from pipeline.stewardship.retire_records import JOURNAL as JOURNAL_CLASS
from pipeline.stewardship.retire_records import Terms
from pipeline.store import journal_chain as chain
from pipeline.store.retirement_ledger import Retirement
from pipeline.vault.keyring import KeyFile
from pipeline.vault.signing import public_of_signing, sign
from pipeline.vocabulary.faults import FAULTS, OwnKeyRefused, Refused, RowFault
from pipeline.vocabulary.journal_chain import FIRST, HEAD_FORMAT, seal_message
from pipeline.vocabulary.period import day_of

OBJECT = "journaal"


def seal_head(run: Run) -> bool:
    """Remember the last line and put a seal on it; whether this user could and may.

    Nothing is sealed with a wrong key. What does not go on from the remembered head is never sealed either, nor is
    anything when the key is gone: that is said once in the journal, and each time on the screen.
    """
    key = journal_key(run.home)
    if key is None:
        if is_key_lost(run):
            _say_key_lost(run)
        return False
    if _is_wrong(run, key):
        return False
    found = held(run)
    if found.fault is None and found.news is not None:
        with run.store.transaction("seal_journal", at=run.now, actor=run.actor) as transaction:
            transaction.journal(found.news, OBJECT, counts={"seq": found.seq})
        found = held(run)
    if found.fault is not None:
        _refuse_seal(run, found.fault)
        return False
    if found.seq:
        _seal_held(run, key, found)
    return True


def _seal_held(run: Run, key: KeyFile, found: Held) -> None:
    """Remember first: a seal without a head is what taking the head away leaves, and is told as such."""
    kept = read_head(run.home)
    if kept is None or kept.line_hash != found.line_hash:
        keep_head(run, found.seq, found.line_hash)
    newest = next(iter(reversed(chain.seals(run.store))), None)
    if newest is None or newest["line_hash"] != found.line_hash:
        _keep_seal(run, key, found.seq, found.line_hash, is_checkpoint=False)


def _refuse_seal(run: Run, fault: RowFault) -> None:
    talk.print(f"HET JOURNAAL IS NIET TE VERTROUWEN. {fault.code}: {FAULTS[fault.code].next_step}", markup=False)
    if refusal_line(run) is None:
        _note_refusal(run, fault)


def _say_key_lost(run: Run) -> None:
    talk.print(f"{KEY_LOST}: {FAULTS[KEY_LOST].next_step}", markup=False)
    if not is_loss_told(run):
        _note_refusal(run, RowFault(KEY_LOST))


def _note_refusal(run: Run, fault: RowFault) -> None:
    with run.store.transaction("seal_journal", at=run.now, actor=run.actor) as transaction:
        counts = {} if fault.row is None else {"seq": fault.row}
        transaction.journal(REFUSED_ACTION, OBJECT, result=fault.code, counts=counts)


def _is_wrong(run: Run, key: KeyFile) -> bool:
    """Whether the key is another than is known under its id, which is said: nobody could check a seal of it."""
    try:
        listed = listed_journal_keys(run.home.path).get(key.key_id)
    except Refused:  # no list of keys, or one that is damaged, says nothing about this key
        return False
    is_wrong = listed is not None and listed != public_of_signing(key.secret.value)
    if is_wrong:
        refusal = OwnKeyRefused(key.key_id)
        talk.print(f"Het journaal wordt niet verzegeld. {refusal.code}: {refusal.next_step}", markup=False)
    return is_wrong


def _keep_seal(run: Run, key: KeyFile, seq: int, hash_: str, *, is_checkpoint: bool) -> None:
    seal: dict[str, Any] = {
        "seq": seq,
        "line_hash": hash_,
        "is_checkpoint": is_checkpoint,
        "sealed_at": run.now,
        "key_id": key.key_id,
    }
    signature = sign(key.secret.value, seal_message(run.directory.gemeentecode, seal))
    seal["signature_b64"] = base64.b64encode(signature).decode()
    chain.keep_seal(run.store, seal, at=seal["sealed_at"], actor=run.actor)


def retire_lines(run: Run, mark: Retirement, until_seq: int, due_before: str) -> bool:
    """Seal the last line that is due as a checkpoint, then delete up to it; whether this user could and may.

    Nothing goes from a journal that does not go on from the kept head.
    """
    key = journal_key(run.home)
    hash_ = chain.hash_of(run.store, until_seq)
    if hash_ is None or until_seq < FIRST:
        return True
    if key is None or _is_wrong(run, key) or held(run).fault is not None:
        return False
    _keep_seal(run, key, until_seq, hash_, is_checkpoint=True)
    kept = read_head(run.home)
    if kept is None or kept.seq < until_seq:
        keep_head(run, until_seq, hash_)
    with run.store.transaction("retire_journal", at=mark.at, actor=mark.actor) as transaction:
        mark.add(transaction, JOURNAL_CLASS, due_before, chain.retire_sealed(transaction, until_seq))
    return True


def retire_old_lines(run: Run) -> None:
    """For the opener: retire the lines of runs whose term ended, by its own clock."""
    today = day_of(run.now)
    terms = Terms(run.agreements, today)
    due_before = terms.due_before(JOURNAL_CLASS).isoformat()
    until = chain.last_line_before(run.store, due_before)
    if until:
        retire_lines(run, Retirement(today.isoformat(), run.now, run.actor), until, due_before)


def export_head(run: Run, day: date) -> Path:
    """Write the journal's head and newest seal in reports/: kept elsewhere, it finds what is cut off later."""
    head = chain.head(run.store)
    newest = next(iter(reversed(chain.seals(run.store))), None)
    names = ("seq", "line_hash", "is_checkpoint", "sealed_at", "key_id", "signature_b64")
    document = {
        "format": HEAD_FORMAT,
        "gemeentecode": run.gemeentecode,
        "date": day.isoformat(),
        "exported_at": run.now,
        "ledger_number": last_number(read_ledger(ledger_file(run.home))),
        "seq": head["seq"],
        "line_hash": head["line_hash"],
        "seal": None if newest is None else {name: newest[name] for name in names},
    }
    path = run.home.reports / f"{HEAD}{day.isoformat()}.json"
    folder.write_file(path, (json.dumps(document, indent=2) + "\n").encode())
    return path
