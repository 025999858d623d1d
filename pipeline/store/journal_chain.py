"""The journal's chain in the store: head, lines in order, seals, and the retiring of what is sealed.

The chain numbers its lines from 1. A line with a lower number was put in by somebody else: it is no head, it is
never retired and nothing is retired for it, so that it stays for whoever verifies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.tables import journal, journal_seals
from pipeline.vocabulary.journal_chain import FIRST, GENESIS

_BATCH = 5_000


def head(store: Store) -> dict[str, Any]:
    """Number, hash and instant of the last line; number 0 where there is none."""
    columns = (journal.c.seq, journal.c.line_hash, journal.c.at)
    found = store.all(sa.select(*columns).where(journal.c.seq >= FIRST).order_by(journal.c.seq.desc()).limit(1))
    if not found and (kept := seals(store)):
        return {"seq": kept[-1]["seq"], "line_hash": kept[-1]["line_hash"], "at": None}
    return found[0] if found else {"seq": 0, "line_hash": GENESIS, "at": None}


def lines_in_order(store: Store, after: int | None = None) -> Iterator[dict[str, Any]]:
    """Every line, or every line after a number, first to last, a batch at a time."""
    ordered = sa.select(journal).order_by(journal.c.seq).limit(_BATCH)
    seq = after
    while batch := store.all(ordered if seq is None else ordered.where(journal.c.seq > seq)):
        yield from batch
        seq = batch[-1]["seq"]


def lines_of(store: Store, action: str) -> list[dict[str, Any]]:
    """The lines of one action, oldest first."""
    return store.all(sa.select(journal).where(journal.c.action == action).order_by(journal.c.seq))


def hash_of(store: Store, seq: int) -> str | None:
    """The hash of one line."""
    found = store.all(sa.select(journal.c.line_hash).where(journal.c.seq == seq))
    return str(found[0]["line_hash"]) if found else None


def seals(store: Store) -> list[dict[str, Any]]:
    """Every seal, in the order of the lines that they are on."""
    return store.all(sa.select(journal_seals).order_by(journal_seals.c.seq))


def keep_seal(store: Store, seal: Mapping[str, Any], *, at: str, actor: str) -> None:
    """Keep a seal; one on the same line is replaced."""
    with store.transaction("seal_journal", at=at, actor=actor) as transaction:
        transaction.upsert(journal_seals, seal)


def retire_sealed(transaction: Transaction, until_seq: int) -> int:
    """Delete the lines up to a checkpoint, and the seals on them but the checkpoint itself."""
    connection = transaction.connection
    count = connection.execute(journal.delete().where(journal.c.seq.between(FIRST, until_seq))).rowcount
    connection.execute(journal_seals.delete().where(journal_seals.c.seq < until_seq))
    return count


def last_line_before(store: Store, day: str) -> int:
    """The last line of those at the start that were all written before a day (ISO text); 0 when there is none."""
    is_later = sa.and_(journal.c.seq >= FIRST, journal.c.at >= day)
    later = store.all(sa.select(sa.func.min(journal.c.seq).label("seq")).where(is_later))[0]["seq"]
    return int(later) - 1 if later is not None else int(head(store)["seq"])
