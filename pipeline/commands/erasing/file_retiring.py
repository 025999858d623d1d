"""Files that are due: found by the day in their name or by what stands in them, put aside, counted, destroyed.

A batch is first moved aside in one folder, then counted under its own name in a transaction, then removed. A run
that was killed leaves the batch aside; the next one counts it if that was not done yet, and removes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.channels import folder
from pipeline.channels.returned_files import is_waiting
from pipeline.commands.at_the_inbox.follow_up_taking import (
    MOST_KEPT_BYTES,
    QUARANTINE_PREFIX,
    REASON_FILE,
    receipts_folder,
)
from pipeline.commands.journal_keeping.exported_heads import HEAD
from pipeline.commands.report import period_of_page
from pipeline.commands.wiring import Run, utc_text
from pipeline.stewardship.retire_records import (
    ANALYTICS,
    JOURNAL,
    QUARANTINE,
    RECEIPTS,
    SIGNALS,
    WORKLISTS,
    Terms,
)
from pipeline.store import retirement
from pipeline.store.retirement_ledger import Retirement, count_files
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.manifest import DeliveryName

ASIDE = ".retired"
DESTRUCTION = "vernietiging-"
PROOFS = (DESTRUCTION, HEAD)
FILE_CLASSES = (QUARANTINE, RECEIPTS, WORKLISTS, ANALYTICS, JOURNAL)
_FILED = {JOURNAL: "reports"}
_LEAVING = ".leaving"
_MOST_BYTES = 64 << 20
_DAY = re.compile(r"(20\d{2}-(?:0[1-9]|1[0-2]))-(?:0[1-9]|[12]\d|3[01])")


def counted_as(data_class: str) -> str:
    """The class under which files are counted: reports go by the term of the journal, but are not its lines."""
    return _FILED.get(data_class, data_class)


def due_files(run: Run, terms: Terms, runs: Sequence[Mapping[str, Any]]) -> dict[str, list[Path]]:
    """What is due in quarantine, outbox and reports, per class."""
    until = {name: terms.seen_until(name, runs) for name in (QUARANTINE, RECEIPTS)}
    return {
        QUARANTINE: sorted(
            [
                *_due_in_quarantine(run, terms, until[QUARANTINE]),
                *_left_in_inbox(run.home.inbox_deliveries, terms),
                *_left_of_follow_up(run.home.inbox_follow_up, until[QUARANTINE]),
            ]
        ),
        RECEIPTS: sorted(
            [
                *_older_than(run.home.receipts, "receipt.json", "decided_at", until[RECEIPTS]),
                *_of_due_days(receipts_folder(run), terms, RECEIPTS),
                *_of_due_days_below(run.home.feedback, terms, RECEIPTS),
            ]
        ),
        WORKLISTS: sorted(
            [
                *_of_due_days_below(run.home.worklists, terms, WORKLISTS),
                *_of_due_days(run.home.subjects, terms, WORKLISTS),
                *_of_due_days_below(run.home.ddas, terms, WORKLISTS),
            ]
        ),
        ANALYTICS: sorted(
            [
                *_others(_of_due_days(run.home.reports, terms, ANALYTICS)),
                *_due_pages(run.home.reports, terms),
                *_named(_of_due_days(run.home.path, terms, ANALYTICS), "analytics-"),
            ]
        ),
        JOURNAL: sorted(_named(_of_due_days(run.home.reports, terms, JOURNAL), *PROOFS)),
    }


def _named(paths: Iterator[Path], *starts: str) -> list[Path]:
    return [path for path in paths if path.name.startswith(starts)]


def _others(paths: Iterator[Path]) -> list[Path]:
    """Reports that prove nothing: neither a deletion nor the journal."""
    return [path for path in paths if not path.name.startswith(PROOFS)]


def retire_files(run: Run, mark: Retirement, terms: Terms, due: Mapping[str, list[Path]]) -> list[PermissionError]:
    """Put aside, count and destroy what is due, and what an earlier run left aside.

    Returns:
        What this user may not look into, move or remove: all else was destroyed.
    """
    aside = run.home.path / ASIDE
    blocked = _unread(run)
    for left in _entries(aside):
        blocked += _destroy_batch(run, mark, terms, left)
    for data_class, paths in due.items():
        if not paths:
            continue
        batch = aside / f"{data_class}_{mark.retired_on}_{_digest(run, paths)[:12]}"
        batch.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in paths:
            try:
                # Not by its name: with that of its folder before it, it may be longer than a name can be.
                folder.move(path, batch / _digest(run, [path]))
            except FileNotFoundError:
                continue
            except PermissionError as error:
                blocked.append(error)
        blocked += _destroy_batch(run, mark, terms, batch)
    if aside.is_dir() and not any(aside.iterdir()):
        aside.rmdir()
    return blocked


def _digest(run: Run, paths: Sequence[Path]) -> str:
    """Stands for things by where they lie in the home."""
    return hashlib.sha256(b"\0".join(os.fsencode(path.relative_to(run.home.path)) for path in paths)).hexdigest()


def _unread(run: Run) -> list[PermissionError]:
    """Folders of inbox, outbox, quarantine and reports that may not be looked into: nothing in them is due."""
    home = run.home
    in_one = (
        home.inbox_deliveries,
        home.quarantine,
        home.receipts,
        receipts_folder(run),
        home.subjects,
        home.reports,
    )
    in_several = (home.inbox_follow_up, home.feedback, home.worklists, home.ddas)
    below = (path for place in in_several for path in _entries(place) if path.is_dir() and not path.is_symlink())
    found = []
    for place in (*in_one, *in_several, *below):
        try:
            _listed(place)
        except PermissionError as error:
            found.append(error)
    return found


def _destroy_batch(run: Run, mark: Retirement, terms: Terms, batch: Path) -> list[PermissionError]:
    data_class = batch.name.partition("_")[0]
    count = len(folder.list_entries(batch))
    if count:
        due_before = terms.due_before(data_class).isoformat()
        count_files(run.store, mark, counted_as(data_class), due_before, batch.name, count)
    try:
        folder.remove(batch)
    except PermissionError as error:
        return [error]
    return []


def _due_in_quarantine(run: Run, terms: Terms, until: str) -> Iterator[Path]:
    held = {row["quarantine_name"] for row in retirement.held_deliveries(run.store)}
    ended = retirement.ended_quarantine(run.store)
    for path in _entries(run.home.quarantine):
        if path.name in held or path.name == _LEAVING:
            continue
        month = ended.get(path.name)
        if month is not None and terms.is_due(SIGNALS, month):
            yield path
        elif path.name.startswith(QUARANTINE_PREFIX):
            if (day := _DAY.search(path.name)) and terms.is_due(QUARANTINE, day[1]):
                yield path
        elif _instant(path, REASON_FILE, "received_at") <= until:
            yield path


def _left_in_inbox(inbox: Path, terms: Terms) -> Iterator[Path]:
    """Deliveries that never became complete, of months whose term has ended."""
    for path in _entries(inbox):
        try:
            month = DeliveryName.parse(path.name).month
        except Refused:
            continue
        if terms.is_due(SIGNALS, month):
            yield path


def _left_of_follow_up(inbox: Path, until: str) -> Iterator[Path]:
    """What teams put there and no run can take (half a file, a link, a folder in a folder), a term ago or more."""
    for path in _entries(inbox):
        is_folder = path.is_dir() and not path.is_symlink()
        for one in _entries(path) if is_folder else [path]:
            is_plain = one.is_file() and not one.is_symlink() and one.stat().st_size <= MOST_KEPT_BYTES
            if not (is_plain and is_waiting(one.name)) and until and _newest_instant(one) <= until:
                yield one


def _newest_instant(path: Path) -> str:
    """When a thing, or anything in it, was written last, as the file system says."""
    inside = path.rglob("*") if path.is_dir() and not path.is_symlink() else ()
    newest = max(one.lstat().st_mtime for one in (path, *inside))
    return utc_text(datetime.fromtimestamp(newest, UTC))


def _older_than(place: Path, name: str, field: str, until: str) -> Iterator[Path]:
    return (path for path in _entries(place) if until and _instant(path, name, field) <= until)


def _of_due_days(place: Path, terms: Terms, data_class: str) -> Iterator[Path]:
    """Things whose name holds a day that is due."""
    for path in _entries(place):
        if (day := _DAY.search(path.name)) and terms.is_due(data_class, day[1]):
            yield path


def _due_pages(reports: Path, terms: Terms) -> Iterator[Path]:
    """Monitor pages and their figures, of periods whose last month is due."""
    for path in _entries(reports):
        period = period_of_page(path)
        if period is not None and terms.is_due(ANALYTICS, period.months[-1]):
            yield path


def _of_due_days_below(place: Path, terms: Terms, data_class: str) -> Iterator[Path]:
    """`<place>/<somebody>/<day>` of days that are due."""
    for path in _entries(place):
        if path.is_dir():
            yield from _of_due_days(path, terms, data_class)


def _instant(path: Path, name: str, field: str) -> str:
    """When something came, as its own paper says, else as the file system does."""
    try:
        with folder.opened_folder(path) as handle:
            document = json.loads(folder.read_file(handle, name, _MOST_BYTES))
        said = document[field]
        if isinstance(said, str):
            return said
    except (OSError, ValueError, KeyError, TypeError, folder.NotPlainFileError):
        pass
    return utc_text(datetime.fromtimestamp(path.lstat().st_mtime, UTC))


def _entries(place: Path) -> list[Path]:
    """What lies in a folder; one that this user may not look into holds up no other, `_unread` tells of it."""
    try:
        return _listed(place)
    except PermissionError:
        return []


def _listed(place: Path) -> list[Path]:
    """What lies in a folder, links included as themselves; no folder is nothing."""
    if not os.path.lexists(place) or place.is_symlink():
        return []
    return [place / entry.name for entry in folder.list_entries(place)]
