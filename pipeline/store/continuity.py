"""Pseudonyms of revealed cases in the store: written at reveal, asked for when a later month is confirmed.

A pseudonym is (key_id, kind, value), as revealed.know_again makes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeVar

import sqlalchemy as sa

from pipeline.store.connect import Store, Transaction
from pipeline.store.tables import case_pseudonyms

Known = tuple[str, str, bytes]
_BATCH = 500
_Value = TypeVar("_Value", str, bytes)


def keep_pseudonyms(transaction: Transaction, written: Mapping[str, Collection[Known]]) -> None:
    """Add per case those that it does not have yet."""
    held = set()
    for batch in _batches(written):
        for row in transaction.all(sa.select(case_pseudonyms).where(case_pseudonyms.c.case_id.in_(batch))):
            held.add((row["case_id"], row["key_id"], row["kind"], bytes(row["pseudonym"])))
    new = {(case_id, *known) for case_id, all_known in written.items() for known in all_known} - held
    names = ("case_id", "key_id", "kind", "pseudonym")
    transaction.insert(case_pseudonyms, [dict(zip(names, row, strict=True)) for row in sorted(new)])


def cases_known_as(store: Store, wanted: Iterable[Known]) -> dict[Known, set[str]]:
    """The cases that hold each of these pseudonyms."""
    asked = set(wanted)
    found: dict[Known, set[str]] = {}
    for batch in _batches({value for _, _, value in asked}):
        for row in store.all(sa.select(case_pseudonyms).where(case_pseudonyms.c.pseudonym.in_(batch))):
            known = (str(row["key_id"]), str(row["kind"]), bytes(row["pseudonym"]))
            if known in asked:
                found.setdefault(known, set()).add(str(row["case_id"]))
    return found


def _batches(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]
