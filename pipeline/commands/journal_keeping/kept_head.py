"""The head of the journal as the opener remembers it: head.json beside its keys, out of reach of the store.

Who can write to the store can cut the journal off and take the seals along. The opener seals only a chain that
goes on from what it sealed last, and so whatever is cut or made anew stays without a seal. That a head is gone is
explained by a checkpoint of the opener's own, or by a later restore that the municipality signed for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.commands.documents import read_json
from pipeline.commands.journal_keeping.exported_heads import newest_that_is_gone
from pipeline.commands.journal_keeping.restore_proofs import proven_restores
from pipeline.commands.key_keeping.document_writing import SECRET_MODE, write_json
from pipeline.commands.key_keeping.journal_keys import listed_journal_keys, seal_holds
from pipeline.commands.key_keeping.key_making import JOURNAL, keys_of
from pipeline.commands.wiring import Home, Run, open_run
from pipeline.stewardship.verify_journal import CHANGED, DROPPED
from pipeline.store import journal_chain as chain
from pipeline.store import openings
from pipeline.vault.keyring import KeyFile
from pipeline.vault.signing import public_of_signing
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.journal_chain import GENESIS, line_hash

FILE = "head.json"
FORMAT = "samenloop/kept-head/1"
NOT_HELD = "JOURNAL_NOT_HELD"
KEY_LOST = "JOURNAL_KEY_MISSING"
REFUSED_ACTION = "refuse_seal"
RESTORED_ACTION = "confirm_restore"
BEGUN_ACTION = "begin_head"


@dataclass(frozen=True, slots=True)
class KeptHead:
    """The last line that the opener sealed, when it kept it, and the lines of restores that it knew by then.

    It is kept just before the seal is made.

    What came after a restore is never explained by it, whatever the clocks say.
    """

    seq: int
    line_hash: str
    kept_at: str
    restores: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """How far the journal goes on from the kept head, or why it does not.

    `news` is what the journal has to tell of it: a restore that is believed, or a head that is kept anew.
    """

    seq: int
    line_hash: str
    fault: RowFault | None = None
    news: str | None = None


def read_head(home: Home) -> KeptHead | None:
    """The kept head, where there is one and this user may read it.

    Raises:
        Refused: JOURNAL_HEAD_INVALID.
    """
    if not os.access(home.opener_keys_dir / FILE, os.R_OK):
        return None
    document = read_json(home.opener_keys_dir / FILE, "JOURNAL_HEAD_INVALID", "JOURNAL_HEAD_INVALID")
    kinds = {"seq": int, "line_hash": str, "kept_at": str, "restores": list}
    if document.get("format") != FORMAT or not all(isinstance(document.get(name), kinds[name]) for name in kinds):
        raise Refused("JOURNAL_HEAD_INVALID", hint=f"({FILE})")
    known = tuple(str(one) for one in document["restores"])
    return KeptHead(document["seq"], document["line_hash"], document["kept_at"], known)


def keep_head(run: Run, seq: int, line_hash_: str) -> None:
    """Remember a line as the last one that is sealed."""
    document: dict[str, Any] = {"format": FORMAT, "gemeentecode": run.directory.gemeentecode}
    document |= {"seq": seq, "line_hash": line_hash_}
    known = sorted(proof.restore_hash for proof in proven_restores(run))
    document |= {"kept_at": run.now, "restores": known}
    write_json(run.home.opener_keys_dir / FILE, document, SECRET_MODE)


def distrust(run: Run) -> RowFault | None:
    """Why the journal is not to be trusted, as far as this user can see.

    Whoever may not read the opener's folder goes by the line that the opener wrote when it refused to seal, and by
    the head that was exported last: a store that is new, or another one, has neither the line nor the head.
    """
    if os.access(run.home.opener_keys_dir / FILE, os.R_OK):
        gone = None
        if (fault := held(run).fault) is not None:
            return fault
    else:
        gone = newest_that_is_gone(run)
    refused = refusal_line(run)
    seq = gone if refused is None else int(refused["seq"])
    return None if seq is None else RowFault(NOT_HELD, row=seq)


def refuse_lost_store(run: Run) -> None:
    """Let nobody work in another store, or in one that lost what the opener remembers, lists that were made too.

    Another one holds seals, and none of them of a journal key of this home.

    A journal that was cut in a store that holds the cases does not stop the lists: no household waits for an
    inquiry. Here the lists would be empty, and take the place of those that the teams have; what they return would
    be of unknown cases, and no month would seem to need its keys.

    Raises:
        Refused: JOURNAL_NOT_HELD.
    """
    if not openings.is_any_order_done(run.store) or _is_of_another(run):
        fault = distrust(run)
        if fault is not None and fault.code == NOT_HELD:
            raise Refused(
                NOT_HELD,
                hint="Is de database kwijt? Zet dan eerst de reservekopie terug. Staat zij ergens anders? "
                "Zet dan SAMENLOOP_DATABASE goed.",
            )


def _is_of_another(run: Run) -> bool:
    """Whether no key of this home made the seals; a list of keys that is damaged says nothing about that."""
    try:
        keys, seals = listed_journal_keys(run.home.path), chain.seals(run.store)
    except Refused:
        return False
    return bool(keys and seals) and not any(seal_holds(seal, keys, run.gemeentecode) for seal in reversed(seals))


@contextmanager
def open_working_run(home: Path | None = None, on: date | None = None, actor: str = "samenloop") -> Iterator[Run]:
    """Open a home for a command that does more than look: refused in a store that was lost.

    Raises:
        Refused: JOURNAL_NOT_HELD, and what `open_run` refuses.
    """
    with open_run(home, on, actor) as run:
        refuse_lost_store(run)
        yield run


def refusal_line(run: Run) -> dict[str, Any] | None:
    """The line that says that the opener refused to seal this journal, unless it sealed since."""
    told = [line for line in _unsealed_since(run) if line["result"] != KEY_LOST]
    return told[-1] if told else None


def journal_key(home: Home) -> KeyFile | None:
    """The newest journal key, where this user may read it."""
    if not os.access(home.opener_keys_dir, os.R_OK | os.X_OK):
        return None
    return next(iter(reversed(keys_of(home.path, JOURNAL))), None)


def is_key_lost(run: Run) -> bool:
    """Whether nothing is sealed because the journal key is gone.

    Whoever may not read the opener's folder goes by the line that the opener wrote of it.
    """
    if os.access(run.home.opener_keys_dir, os.R_OK | os.X_OK):
        return journal_key(run.home) is None and bool(listed_journal_keys(run.home.path))
    return is_loss_told(run)


def is_loss_told(run: Run) -> bool:
    """Whether the journal says since its last seal that the key is gone."""
    return any(line["result"] == KEY_LOST for line in _unsealed_since(run))


def _unsealed_since(run: Run) -> list[dict[str, Any]]:
    """The lines after the last seal that say why the opener does not seal."""
    sealed = max((int(seal["seq"]) for seal in chain.seals(run.store)), default=0)
    return [line for line in chain.lines_of(run.store, REFUSED_ACTION) if line["seq"] > sealed]


def held(run: Run) -> Held:
    """Whether the journal goes on from the kept head, line by line. For whoever may read the opener's folder."""
    try:
        kept = read_head(run.home)
    except Refused as refusal:
        return Held(0, GENESIS, refusal.as_row_fault())
    news = None
    if kept is None:
        kept = _newest_seal(run)
        news = None if kept is None else BEGUN_ACTION
    if kept is None:
        head = chain.head(run.store)
        return Held(int(head["seq"]), str(head["line_hash"]))
    if _stands(run, kept) or _stands(run, kept := read_head(run.home) or kept):  # another may have moved it on
        return _walk(run, kept.seq, kept.line_hash, news)
    explaining = [proof for proof in proven_restores(run) if proof.explains(kept.seq, kept.kept_at, kept.restores)]
    if not explaining:
        return Held(0, GENESIS, RowFault(NOT_HELD, row=kept.seq))
    newest = max(explaining, key=lambda proof: proof.restore_seq)
    return _walk(run, newest.restore_seq, newest.restore_hash, RESTORED_ACTION)


def _newest_seal(run: Run) -> KeptHead | None:
    """Where no head was kept yet: the newest seal that one of the opener's own keys made."""
    good = [seal for seal in chain.seals(run.store) if _is_own(run, seal)]
    return KeptHead(int(good[-1]["seq"]), str(good[-1]["line_hash"]), str(good[-1]["sealed_at"])) if good else None


def _stands(run: Run, kept: KeptHead) -> bool:
    """Whether the line is there, or was retired behind a checkpoint of the opener."""
    found = chain.hash_of(run.store, kept.seq)
    if found is not None or not kept.seq:
        return not kept.seq or found == kept.line_hash
    return any(
        (seal["seq"], seal["line_hash"]) == (kept.seq, kept.line_hash) and _is_own(run, seal)
        for seal in chain.seals(run.store)
        if seal["is_checkpoint"]
    )


def _is_own(run: Run, seal: Mapping[str, Any]) -> bool:
    keys = {key.key_id: public_of_signing(key.secret.value) for key in keys_of(run.home.path, JOURNAL)}
    return seal_holds(seal, keys, run.directory.gemeentecode)


def _walk(run: Run, seq: int, hash_: str, news: str | None) -> Held:
    for line in chain.lines_in_order(run.store, seq):
        if line["seq"] != seq + 1:
            return Held(seq, hash_, RowFault(DROPPED, row=seq + 1))
        if line["previous_hash"] != hash_ or line_hash(line, hash_) != line["line_hash"]:
            return Held(seq, hash_, RowFault(CHANGED, row=line["seq"]))
        seq, hash_ = int(line["seq"]), str(line["line_hash"])
    return Held(seq, hash_, news=news)
