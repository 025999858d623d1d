"""Follow-up in the store: what is known of the cases that a returned file names, and what a file changed.

One file is one transaction, so that a file counts with all of its rows or not at all. What a file did stands in
the journal under the file's id, which is made of its content and of what it is called.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from pipeline.store.connect import Store
from pipeline.store.tables import attempts, cases, journal, results
from pipeline.vocabulary.case import MERGED, MOVED

TRANSACTION = "settle_follow_up"
_BATCH = 500

_CASE_COLUMNS = ("case_id", "month", "state", "merged_into", "first_revealed_on", "team_id")


def cases_named(store: Store, case_ids: Collection[str]) -> list[dict[str, Any]]:
    """The cases with these ids, and those they merged into, however far on."""
    found: dict[str, dict[str, Any]] = {}
    wanted = set(case_ids)
    while wanted:
        rows = list(_in_batches(store, cases, cases.c.case_id, wanted, _CASE_COLUMNS))
        found |= {row["case_id"]: row for row in rows}
        wanted = {str(row["merged_into"]) for row in rows if row["state"] == MERGED and row["merged_into"]}
        wanted -= set(found)
    return list(found.values())


def cases_absorbed(store: Store, case_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """Of these cases those that something merged into, with the ids of what did, however far on."""
    lives_on_as: dict[str, str] = {}
    wanted = set(case_ids)
    while wanted:
        rows = list(_in_batches(store, cases, cases.c.merged_into, wanted, ("case_id", "state", "merged_into")))
        new = {str(row["case_id"]): str(row["merged_into"]) for row in rows if row["state"] == MERGED}
        wanted = set(new) - set(lives_on_as)
        lives_on_as |= new
    absorbed: dict[str, set[str]] = {}
    for case_id in lives_on_as:
        seen, into = {case_id}, lives_on_as[case_id]
        while into not in seen:
            absorbed.setdefault(into, set()).add(case_id)
            seen.add(into)
            into = lives_on_as.get(into, into)
    return {into: frozenset(found) for into, found in absorbed.items() if into in case_ids}


def attempts_known(store: Store, attempt_ids: Collection[str], case_ids: Collection[str]) -> list[dict[str, Any]]:
    """The recorded attempts with these ids, and those of these cases."""
    found = [
        *_in_batches(store, attempts, attempts.c.attempt_id, attempt_ids),
        *_in_batches(store, attempts, attempts.c.case_id, case_ids),
    ]
    return list({row["attempt_id"]: row for row in found}.values())


def results_known(store: Store, case_ids: Collection[str]) -> list[dict[str, Any]]:
    """What was said before about these cases."""
    return list(_in_batches(store, results, results.c.case_id, case_ids))


def _in_batches(
    store: Store,
    table: sa.Table,
    key: sa.Column[Any],
    values: Collection[str],
    names: Iterable[str] | None = None,
) -> Iterator[dict[str, Any]]:
    ordered = sorted(values)
    columns = [table.c[name] for name in names] if names else list(table.c)
    for start in range(0, len(ordered), _BATCH):
        yield from store.all(sa.select(*columns).where(key.in_(ordered[start : start + _BATCH])))


def write_file(
    store: Store,
    file_id: str,
    *,
    at: str,
    actor: str,
    new_attempts: Iterable[Mapping[str, Any]] = (),
    corrected_attempts: Iterable[Mapping[str, Any]] = (),
    repeated_attempts: Iterable[Mapping[str, Any]] = (),
    case_results: Iterable[Mapping[str, Any]] = (),
    states: Mapping[str, tuple[str, str]] | None = None,
    conflicts: Iterable[tuple[str, str]] = (),
    result: str = "done",
    counts: Mapping[str, int] | None = None,
) -> None:
    """Keep what one file changed, and journal it: one line per file, per case that moved, per conflict.

    Of attempts that were said again, as they stand, only the newest sheet is kept.
    """
    with store.transaction(TRANSACTION, at=at, actor=actor) as transaction:
        transaction.insert(attempts, [{**row, "recorded_at": at} for row in new_attempts])
        for row in corrected_attempts:
            transaction.upsert(attempts, {**row, "recorded_at": at})
            action = "withdraw_attempt" if row["is_withdrawn"] else "correct_attempt"
            transaction.journal(action, str(row["case_id"]), ground=file_id)
        for row in repeated_attempts:
            where = attempts.c.attempt_id == row["attempt_id"]
            transaction.update(attempts, where, {"sheet_version": row["sheet_version"]})
        for row in case_results:
            transaction.upsert(results, {**row, "recorded_at": at})
        for case_id, (before, after) in (states or {}).items():
            where = sa.and_(cases.c.case_id == case_id, cases.c.state == before)
            moved = transaction.update(cases, where, {"state": after, "changed_at": at})
            assert moved == 1, "the writer lock is held, so nobody else moved the case"
            transaction.journal(MOVED, case_id, ground=file_id, result=after)
        for case_id, kept in conflicts:
            transaction.journal("conflicting_result", case_id, ground=file_id, result=kept)
        transaction.journal("settle_follow_up", file_id, result=result, counts=counts)


def was_settled(store: Store, file_id: str, result: str) -> bool:
    """Whether the journal says already that this very content came in with this outcome."""
    rows = store.all(
        sa.select(journal.c.seq)
        .where(
            journal.c.object == file_id,
            journal.c.action == "settle_follow_up",
            journal.c.result == result,
        )
        .limit(1)
    )
    return bool(rows)
