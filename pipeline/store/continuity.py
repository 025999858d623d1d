"""Continuity in the store: pseudonyms of revealed cases, and which cases joined which.

A pseudonym is (key_id, kind, value), as revealed.know_again makes it; a fourth part, the proof, binds it to its
case. Whether a proof holds only the opener can tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.tables import case_pseudonyms, cases, results
from pipeline.vocabulary.case import JOINED, MERGED

Known = tuple[str, str, bytes]
Bound = tuple[str, str, bytes, bytes]
_BATCH = 500
_Value = TypeVar("_Value", str, bytes)


def keep_pseudonyms(transaction: Transaction, written: Mapping[str, Collection[Bound]]) -> None:
    """Add per case those that it does not have yet; one whose proof was changed is written anew."""
    held = set()
    for batch in _batches(written):
        for row in transaction.all(sa.select(case_pseudonyms).where(case_pseudonyms.c.case_id.in_(batch))):
            held.add(
                (row["case_id"], row["key_id"], row["kind"], bytes(row["pseudonym"]), bytes(row["proof"] or b""))
            )
    new = {(case_id, *known) for case_id, all_known in written.items() for known in all_known} - held
    columns = tuple(case_pseudonyms.primary_key)
    for changed in {row[:-1] for row in new} & {row[:-1] for row in held}:
        same = (column == value for column, value in zip(columns, changed, strict=True))
        transaction.connection.execute(case_pseudonyms.delete().where(*same))
    names = ("case_id", "key_id", "kind", "pseudonym", "proof")
    transaction.insert(case_pseudonyms, [dict(zip(names, row, strict=True)) for row in sorted(new)])


def cases_known_as(store: Store, wanted: Iterable[Known]) -> dict[Known, set[tuple[str, bytes]]]:
    """The cases that hold each of these pseudonyms, each with the proof that stands there."""
    asked = set(wanted)
    found: dict[Known, set[tuple[str, bytes]]] = {}
    for batch in _batches({value for _, _, value in asked}):
        for row in store.all(sa.select(case_pseudonyms).where(case_pseudonyms.c.pseudonym.in_(batch))):
            known = (str(row["key_id"]), str(row["kind"]), bytes(row["pseudonym"]))
            if known in asked:
                found.setdefault(known, set()).add((str(row["case_id"]), bytes(row["proof"] or b"")))
    return found


def going_on_as(store: Store, case_ids: Iterable[str]) -> dict[str, str]:
    """Per case the one that goes on: what it joined or merged into, else itself."""
    found: dict[str, str] = {}
    for batch in _batches(set(case_ids)):
        columns = (cases.c.case_id, cases.c.state, cases.c.joined_to, cases.c.merged_into)
        for row in store.all(sa.select(*columns).where(cases.c.case_id.in_(batch))):
            into = {JOINED: row["joined_to"], MERGED: row["merged_into"]}.get(row["state"])
            found[str(row["case_id"])] = str(into or row["case_id"])
    return found


def whole_cases(store: Store, case_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Cases with all of their columns."""
    return {
        str(row["case_id"]): row
        for batch in _batches(set(case_ids))
        for row in store.all(sa.select(cases).where(cases.c.case_id.in_(batch)))
    }


def joined_to(store: Store, case_ids: Iterable[str]) -> dict[str, list[str]]:
    """What joined each of these cases, earliest month first."""
    found: dict[str, list[str]] = {}
    for batch in _batches(set(case_ids)):
        statement = (
            sa.select(cases.c.case_id, cases.c.joined_to)
            .where(cases.c.state == JOINED, cases.c.joined_to.in_(batch))
            .order_by(cases.c.month, cases.c.case_id)
        )
        for row in store.all(statement):
            found.setdefault(str(row["joined_to"]), []).append(str(row["case_id"]))
    return found


def forget_results(transaction: Transaction, case_ids: Iterable[str], on: str) -> None:
    """A case that is taken up again has no end result nor consent any more; how it ended stays known.

    The day without a result tells when it was opened again, so that a sheet from before closes nothing.
    """
    nothing = {"result": None, "result_on": on, "has_consent_for_feedback": False}
    earlier = {"earlier_result": results.c.result, "earlier_result_on": results.c.result_on}
    for batch in _batches(set(case_ids)):
        ended = sa.and_(results.c.case_id.in_(batch), results.c.result.is_not(None))
        transaction.update(results, ended, nothing | earlier)


def unsafe_cases(store: Store, case_ids: Iterable[str]) -> set[str]:
    """Those of the cases where a visit was marked unsafe."""
    found: set[str] = set()
    for batch in _batches(set(case_ids)):
        marked = sa.select(results.c.case_id).where(results.c.case_id.in_(batch), results.c.is_unsafe)
        found |= {str(row["case_id"]) for row in store.all(marked)}
    return found


def keep_warnings(transaction: Transaction, case_ids: Collection[str], at: str) -> None:
    """Mark cases as unsafe to visit, because an earlier case of the household was; a newer sheet takes it away."""
    known: set[str] = set()
    for batch in _batches(set(case_ids)):
        transaction.update(results, results.c.case_id.in_(batch), {"is_unsafe": True})
        held = sa.select(results.c.case_id).where(results.c.case_id.in_(batch))
        known |= {str(row["case_id"]) for row in transaction.all(held)}
    blank = {"has_consent_for_feedback": False, "is_unsafe": True, "recorded_at": at}
    transaction.insert(results, [{"case_id": case_id, **blank} for case_id in sorted(set(case_ids) - known)])


def _batches(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]
