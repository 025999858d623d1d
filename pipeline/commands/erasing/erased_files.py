"""Files that hold somebody who is erased: found by the numbers that stand in them, and destroyed.

Lists, letters and deliveries to the statistics office hold the number of a case or signal; a returned sheet under
seal is opened by this program to look for the number, after the journal says so. Files go before the rows do, so
that whoever is killed in between finds the rows again and does it once more. What may not be removed or cannot be
read stands in a list beside the register (wisregister-rest.json) until it is gone, for the rows go all the same.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.channels import folder
from pipeline.channels.returned_files import SHEET_KINDS, read_lines, read_sheet
from pipeline.commands.at_the_inbox import delivery_keeping
from pipeline.commands.at_the_inbox.follow_up_taking import QUARANTINE_PREFIX, open_refused
from pipeline.commands.wiring import Run
from pipeline.revealed.describe_ddas import record_id
from pipeline.stewardship.read_follow_up import FORMULA
from pipeline.store import processings
from pipeline.store.erasing import SignalName
from pipeline.store.processings import ProcessingQuestion
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.processing import ACCESS, subject_id, trace_id

GROUND = "subject"
LEFT_FILE = "wisregister-rest.json"
_PACKED = b"PK\x03\x04"
_CODINGS = ("ascii", "utf-16-le", "utf-16-be")
_MOST_LINES = 100_000


@dataclass(slots=True)
class Removed:
    """What was destroyed: worklists as (team, day), periods of deliveries, counts; and what is left.

    `left` could not be removed, and is told by its place in the home; `unread` are names in quarantine.
    """

    worklists: list[tuple[str, str]] = field(default_factory=list)
    periods: list[str] = field(default_factory=list)
    letters: int = 0
    sheets: int = 0
    unread: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def refused(self) -> list[RowFault]:
        """What the command says of what could not be removed."""
        return [RowFault("NO_PERMISSION") for _ in self.left]

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing."""
        return not (self.worklists or self.periods or self.letters or self.sheets)


def remove_files(
    run: Run, names: Collection[SignalName], case_ids: Collection[str], staying: Collection[str] = ()
) -> Removed:
    """Destroy every file about these signals and cases that the municipality itself still has.

    Of cases that stay, for somebody else is in them too, go the lists and sheets; a letter is about one person.
    """
    removed = Removed()
    numbers = {case_id.encode() for case_id in case_ids}
    listed = {*case_ids, *staying}
    for place in days_below(run.home.worklists):
        if _holds(place, {case_id.encode() for case_id in listed}) and _remove(run, place, removed):
            removed.worklists.append((place.parent.name, place.name))
    asked = _traces(run, names)
    for place in _below(run.home.subjects):
        is_about = trace_id(place.name.partition("_")[2]) in asked or _holds(place, numbers)
        removed.letters += is_about and _remove(run, place, removed)
    records = {record_id(run.gemeentecode, *name).encode() for name in names}
    for place in days_below(run.home.ddas):
        if _holds(place, records) and _remove(run, place, removed):
            removed.periods.append(place.parent.name)
    if listed:
        _remove_returned(run, listed, removed)
    _try_again(run, removed, has_looked=bool(listed))
    return removed


def remove_left(run: Run) -> Removed:
    """Try again what could not be removed when somebody was erased, and tell what is still there."""
    removed = Removed()
    _try_again(run, removed, has_looked=False)
    return removed


def _try_again(run: Run, removed: Removed, *, has_looked: bool) -> None:
    """Remove what was left before, and keep what is left now; `has_looked`: quarantine was read just now."""
    path = run.home.path / LEFT_FILE
    before = json.loads(path.read_bytes()) if path.exists() else {"left": [], "unread": []}
    places = (run.home.worklists, run.home.subjects, run.home.ddas, run.home.quarantine)
    for name in before["left"]:
        place = run.home.path / name
        if ".." in place.parts or not any(place.is_relative_to(one) for one in places):
            continue  # no file of ours wrote that
        if name in removed.left or not os.path.lexists(place) or not _remove(run, place, removed):
            continue
        if place.is_relative_to(run.home.worklists):
            removed.worklists.append((place.parent.name, place.name))
        elif place.is_relative_to(run.home.quarantine):
            removed.sheets += 1
    if not has_looked:
        removed.unread += [name for name in before["unread"] if os.path.lexists(run.home.quarantine / name)]
    now = {"left": sorted(set(removed.left)), "unread": sorted(set(removed.unread))}
    if now != before:
        folder.write_file(path, json.dumps(now).encode()) if any(now.values()) else path.unlink(missing_ok=True)


def lines_of(removed: Removed) -> list[str]:
    """What a person has to look at, by place and name."""
    lines = []
    if removed.left:
        lines.append(f"Niet verwijderd, elke nacht opnieuw geprobeerd: {', '.join(removed.left)}.")
    if removed.unread:
        lines.append(
            "Samenloop kan dit niet lezen. Bekijk zelf of er iemand in staat die gewist is, en vernietig het dan: "
            f"{', '.join(removed.unread)} in quarantine/."
        )
    return lines


def _traces(run: Run, names: Collection[SignalName]) -> set[str]:
    """The letters that were asked for about these signals, as the processing log knows them."""
    question = ProcessingQuestion(tuple(sorted(subject_id(*name) for name in names)), name=ACCESS)
    return {str(line["trace_id"]) for line in processings.newest_lines(run.store, question, _MOST_LINES)}


def _remove_returned(run: Run, case_ids: set[str], removed: Removed) -> None:
    """Sheets that name one of these cases; half a sheet could not be read any more by whoever finishes this."""
    leaving = run.home.quarantine / delivery_keeping.LEAVING
    if leaving.exists():
        _remove(run, leaving, removed)
    for place in _below(run.home.quarantine):
        if not place.name.startswith(QUARANTINE_PREFIX):
            continue
        try:
            names_case = _returned_numbers(open_refused(run, place.name, GROUND), case_ids)
        except Refused as refusal:
            if refusal.code == "WRITER_LOCK_LOST":  # of the store, not of the sheet
                raise
            removed.unread.append(place.name)
            continue
        removed.sheets += names_case and _remove(
            run, place, removed, lambda path: delivery_keeping.drop(run, path)
        )


def _returned_numbers(raw: bytes, case_ids: set[str]) -> bool:
    """Whether a returned file names one of these cases.

    Only what reads as a file that teams return is said to name none: a photo of a list, or a list of which the
    numbers were taken away, may hold anybody.

    Raises:
        Refused: it cannot be read.
    """
    is_packed = raw.startswith(_PACKED)
    if not is_packed:
        if any(case_id.encode(coding) in raw for case_id in case_ids for coding in _CODINGS):
            return True
        lines = read_lines(raw) if b"\x00" not in raw else []
        if not raw or (lines and all(isinstance(line, dict) for _, line in lines)):
            return any(line.get("case_id") in case_ids for _, line in lines)
    sheet = read_sheet(raw, SHEET_KINDS[".xlsx" if is_packed else ".csv"], FORMULA)
    return any(str(cells.get("case_id") or "").strip() in case_ids for _, cells in sheet.rows)


def _remove(run: Run, place: Path, removed: Removed, remove: Callable[[Path], None] | None = None) -> bool:
    try:
        (remove or folder.remove)(place)
    except PermissionError:
        removed.left.append(str(place.relative_to(run.home.path)))
        return False
    return True


def _holds(place: Path, numbers: Collection[bytes]) -> bool:
    """Whether a text in this folder holds one of these numbers."""
    texts = (path.read_bytes() for path in _below(place) if path.is_file() and not path.is_symlink())
    return any(number in text for text in texts for number in numbers)


def days_below(place: Path) -> Iterator[Path]:
    """What lies in the folders of this folder, as one day of one team; links are not followed."""
    for owner in _below(place):
        yield from _below(owner)


def _below(place: Path) -> list[Path]:
    if not place.is_dir() or place.is_symlink():
        return []
    return [place / entry.name for entry in folder.list_entries(place)]
