"""What retirement writes down: runs and their counts, months that are over, keys and files that were destroyed.

What a transaction deleted is added to the row of its run and class, so that a run that was killed and done again
tells the same. On SQLite deleted content is overwritten (secure_delete) and the write-ahead log is emptied; on
PostgreSQL a client cannot reach old pages: there the destroyed keys make them unreadable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.journal_chain import head
from pipeline.store.tables import endings, journal, retirements

RUN = "run"
MONTH_OVER = "month over"
_ERASED = "erased_"


@dataclass(frozen=True, slots=True)
class Retirement:
    """One run of `retire`: its day, its instant, and who ran it."""

    retired_on: str
    at: str
    actor: str

    @property
    def run_id(self) -> str:
        """Two runs of a day are one."""
        return f"retire-{self.retired_on}"

    def add(self, transaction: Transaction, data_class: str, due_before: str, count: int) -> None:
        """Count what this transaction deleted, and journal it."""
        if count:
            self.count(transaction, data_class, due_before, count)
            transaction.journal("retire", data_class, ground=f"due before {due_before}", counts={"deleted": count})

    def count(self, transaction: Transaction, data_class: str, due_before: str, count: int) -> None:
        """Count what this transaction deleted, where the journal tells of it already."""
        where = sa.and_(retirements.c.run_id == self.run_id, retirements.c.data_class == data_class)
        counted = transaction.all(sa.select(retirements.c.deleted_count).where(where))
        row = {
            "run_id": self.run_id,
            "data_class": data_class,
            "due_before": due_before,
            "deleted_count": count + (counted[0]["deleted_count"] if counted else 0),
            "retired_on": self.retired_on,
            "retired_at": self.at,
        }
        transaction.upsert(retirements, row)


def runs(store: Store) -> list[dict[str, Any]]:
    """Earlier runs: retired_on, retired_at, journal_seq; the first comes first."""
    statement = sa.select(retirements.c.retired_on, retirements.c.retired_at, retirements.c.journal_seq).where(
        retirements.c.data_class == RUN
    )
    return store.all(statement.order_by(retirements.c.retired_on))


def finish_run(store: Store, run: Retirement) -> None:
    """Write down that this day was seen to its end: what was received until now belongs to this day or before."""
    seen = head(store)["seq"]
    with store.transaction("retire_records", at=run.at, actor=run.actor) as transaction:
        row = {
            "run_id": run.run_id,
            "data_class": RUN,
            "due_before": run.retired_on,
            "deleted_count": 0,
            "retired_on": run.retired_on,
            "retired_at": run.at,
            "journal_seq": seen,
        }
        transaction.upsert(retirements, row)


def unreported_runs(store: Store, before: str, actor: str) -> list[Retirement]:
    """Runs of earlier days that deleted something and were killed before they could say so."""
    finished = sa.select(retirements.c.run_id).where(retirements.c.data_class == RUN)
    statement = (
        sa.select(retirements.c.retired_on, sa.func.max(retirements.c.retired_at).label("retired_at"))
        .where(retirements.c.run_id.not_in(finished), retirements.c.retired_on < before)
        .group_by(retirements.c.retired_on)
        .order_by(retirements.c.retired_on)
    )
    return [Retirement(row["retired_on"], row["retired_at"], actor) for row in store.all(statement)]


def deleted_by(store: Store, run: Retirement) -> dict[str, int]:
    """What the runs of this day deleted, per class."""
    statement = sa.select(retirements.c.data_class, retirements.c.deleted_count).where(
        retirements.c.run_id == run.run_id, retirements.c.data_class != RUN
    )
    return {row["data_class"]: row["deleted_count"] for row in store.all(statement)}


def count_erased(transaction: Transaction, run: Retirement, counts: Mapping[str, int]) -> None:
    """Count what the register of erasures took away again, per kind."""
    for kind, count in counts.items():
        if count:
            run.count(transaction, f"{_ERASED}{kind}", run.retired_on, count)


def erased_by(store: Store, run: Retirement) -> dict[str, int]:
    """What the register of erasures took away again on this day, per kind."""
    found = deleted_by(store, run)
    return {kind.removeprefix(_ERASED): count for kind, count in found.items() if kind.startswith(_ERASED)}


def note_months_over(store: Store, run: Retirement, months: Sequence[str], key_ids: Mapping[str, str]) -> None:
    """Write down which months are over, and which of their keys are destroyed now; each once.

    Args:
        key_ids: key id → month, of the key files that are there.
    """
    said = set(months_over(store))
    new = [month for month in months if month not in said]
    told = destroyed_keys(store)
    with store.transaction("destroy_keys", at=run.at, actor=run.actor) as transaction:
        for month in new:
            _end(transaction, run, "month", month, month)
            transaction.journal("end_month", month, ground=run.run_id, result=MONTH_OVER)
        for key_id, month in sorted(key_ids.items()):
            if key_id not in told:
                _end(transaction, run, "key", key_id, month)
                transaction.journal("destroy_key", key_id, ground=f"{run.run_id} {month}")


def _end(transaction: Transaction, run: Retirement, kind: str, name: str, month: str) -> None:
    row = {"kind": kind, "name": name, "month": month, "run_id": run.run_id, "ended_at": run.at}
    transaction.upsert(endings, row)


def months_over(store: Store) -> list[str]:
    """Months whose last signal has gone: no key of them is needed any more."""
    statement = sa.select(endings.c.name).where(endings.c.kind == "month")
    return sorted({row["name"] for row in store.all(statement)})


def destroyed_keys(store: Store, run: Retirement | None = None) -> list[str]:
    """Ids of keys that were destroyed, by this run or at all."""
    statement = sa.select(endings.c.name).where(endings.c.kind == "key")
    if run is not None:
        statement = statement.where(endings.c.run_id == run.run_id)
    return sorted({row["name"] for row in store.all(statement)})


def count_files(store: Store, run: Retirement, data_class: str, due_before: str, batch: str, count: int) -> None:
    """Count a batch of files that was put aside, once, however often the run is killed."""
    said = sa.and_(journal.c.action == "retire_files", journal.c.object == batch)
    with store.transaction("retire_files", at=run.at, actor=run.actor) as transaction:
        if transaction.all(sa.select(journal.c.seq).where(said).limit(1)):
            return
        transaction.journal("retire_files", batch, counts={"files": count})
        run.add(transaction, data_class, due_before, count)


def clean_pages(store: Store, *, has_deleted: bool) -> bool:
    """On SQLite: give freed pages back and empty the write-ahead log. Whether that could be done now.

    A reader that is at work keeps the log from being emptied; the next run does it then.
    """
    if not store.is_sqlite:
        return True
    raw = store.engine.raw_connection()
    try:
        cursor = raw.cursor()
        if has_deleted:
            cursor.execute("VACUUM")
        busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.close()
    except sa.exc.DBAPIError:
        return False
    finally:
        raw.close()
    return not busy
