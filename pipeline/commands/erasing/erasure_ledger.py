"""The register of what was erased before its term (wisregister.jsonl): kept outside every backup, applied again.

A restore brings back rows; a partner may send again what it sent before. Whatever stands here is deleted from the
store once more, before it can be matched. It holds ids, no names. A row goes when the term of its month has ended,
for then the month's own deletion holds; the newest row stays, to say how far the register had come.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.channels import folder
from pipeline.commands.erasing.erased_files import Removed, remove_files, remove_left
from pipeline.commands.wiring import Home, Run
from pipeline.stewardship.retire_records import CASES, SIGNALS, Terms
from pipeline.store import erasing
from pipeline.store.erasing import SignalName
from pipeline.store.retirement_ledger import Retirement
from pipeline.vocabulary.faults import Refused

FILE = "wisregister.jsonl"
SIGNAL = "signal"
CASE = "case"
MONTH = "month"


@dataclass(frozen=True, slots=True)
class Erased:
    """One row. `number` counts on; `partner_id` is set for a signal; `name` is a signal, case or month."""

    number: int
    kind: str
    name: str
    month: str
    partner_id: str | None = None

    def as_line(self) -> str:
        """The row in the file."""
        names = ("number", "kind", "name", "month", "partner_id")
        return json.dumps({name: getattr(self, name) for name in names}) + "\n"


def ledger_file(home: Home) -> Path:
    """Where it lies."""
    return home.path / FILE


def read_ledger(path: Path) -> list[Erased]:
    """The rows, oldest first; an absent file is an empty register.

    A last line that was not finished is none: erasing begins after its line is whole.

    Raises:
        Refused: LEDGER_INVALID.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    try:
        whole, torn = text[: text.rfind("\n") + 1], text[text.rfind("\n") + 1 :]
        rows = [Erased(**json.loads(line)) for line in whole.splitlines() if line.strip()]
        rows += _last_row(torn)
    except (TypeError, ValueError):
        raise Refused("LEDGER_INVALID", hint=f"({path.name})") from None
    numbers = [row.number for row in rows]
    if numbers != sorted(set(numbers)):
        raise Refused("LEDGER_INVALID", hint=f"({path.name})")
    return rows


def _last_row(text: str) -> list[Erased]:
    """What stands after the last line end: a row when it is whole, as an editor leaves it."""
    try:
        return [Erased(**json.loads(text))]
    except (TypeError, ValueError):
        return []


def signals_in(rows: Iterable[Erased]) -> set[SignalName]:
    """The signals that these rows name."""
    return {(str(row.partner_id), row.month, row.name) for row in rows if row.kind == SIGNAL}


def last_number(rows: Iterable[Erased]) -> int:
    """How far the register has come."""
    return max((row.number for row in rows), default=0)


def note_erased(
    home: Home,
    signals: Collection[SignalName] = (),
    cases: Collection[tuple[str, str]] = (),
    months: Collection[str] = (),
) -> None:
    """Add what is about to be erased, before it is: killed in between, it is erased the next time.

    Args:
        home: the municipality's home.
        signals: (partner_id, month, signal_id).
        cases: (case_id, month).
        months: months that are over.
    """
    held = read_ledger(ledger_file(home))
    known = {(row.kind, row.partner_id, row.month, row.name) for row in held}
    new: list[tuple[str, str | None, str, str]]
    new = [(SIGNAL, partner_id, month, signal_id) for partner_id, month, signal_id in sorted(signals)]
    new += [(CASE, None, month, case_id) for case_id, month in sorted(cases)]
    new += [(MONTH, None, month, month) for month in sorted(months)]
    first = last_number(held) + 1
    fresh = [row for row in new if row not in known]
    rows = [
        Erased(number, kind, name, month, partner_id)
        for number, (kind, partner_id, month, name) in enumerate(fresh, first)
    ]
    if rows:
        _write(ledger_file(home), [*held, *rows])


@dataclass(frozen=True, slots=True)
class Applied:
    """What the register came to: rows that were deleted per kind, and what of the files is left."""

    counts: dict[str, int]
    removed: Removed


def apply_ledger(run: Run, rows: Iterable[Erased] | None = None, counted_by: Retirement | None = None) -> Applied:
    """Delete what the register names and the store holds, files first. Only under the writer lock.

    Files that could not be removed before are tried again, also when the store holds nothing any more.

    Args:
        run: the home.
        rows: of the register; None reads it.
        counted_by: whose report counts what was erased.
    """
    kept = list(read_ledger(ledger_file(run.home)) if rows is None else rows)
    names = signals_in(kept)
    going, staying = erasing.cases_of(run.store, names)
    names |= erasing.signals_of_months(run.store, {row.name for row in kept if row.kind == MONTH})
    cases = {row.name for row in kept if row.kind == CASE} | set(going)
    if not (names or cases) or not erasing.present(run.store, names, cases):
        return Applied({"signals": 0, "cases": 0}, remove_left(run))
    removed = remove_files(run, names, cases, staying)
    counts = erasing.erase(
        run.store,
        names,
        cases,
        staying,
        at=run.now,
        actor=run.actor,
        ground="register",
        counted_by=counted_by,
    )
    return Applied(counts, removed)


def retire_ledger(run: Run, terms: Terms) -> int:
    """Drop rows whose month's terms have ended; how many."""
    path = ledger_file(run.home)
    rows = read_ledger(path)
    kept = [
        row
        for row in rows
        if row is rows[-1] or not (terms.is_due(SIGNALS, row.month) and terms.is_due(CASES, row.month))
    ]
    if len(kept) < len(rows):
        _write(path, kept)
    return len(rows) - len(kept)


def _write(path: Path, rows: Iterable[Erased]) -> None:
    """The whole register at once: a reader sees the former one or the new one."""
    folder.write_file(path, "".join(row.as_line() for row in rows).encode())
