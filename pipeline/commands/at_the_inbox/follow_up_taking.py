"""One returned file: read, decided on, kept, answered, and taken out of the inbox, in this order.

The inbox may hold names (a returned sheet does), so a file leaves it as soon as it is kept. Whatever was refused,
in part or whole, or contradicts what was known, stays in quarantine under seal; the team has its receipt. Killed
anywhere, the next run does the same file again and ends in the same state.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.channels import folder
from pipeline.channels.returned_files import (
    LINE_KINDS,
    MOST_FILE_BYTES,
    SHEET_KINDS,
    Waiting,
    read_lines,
    read_sheet,
)
from pipeline.commands.wiring import Run
from pipeline.stewardship.answer_follow_up import Answer, told_versions, words_of
from pipeline.stewardship.read_follow_up import FORMULA, Attempt, FollowUp, read_line, read_sheet_row
from pipeline.stewardship.record_follow_up import CaseBook, KnownCase, Settlement, settle_rows
from pipeline.stewardship.weigh_result import CaseResult
from pipeline.store import follow_up as kept
from pipeline.vault.keyring import as_listed, read_keys
from pipeline.vault.sealing import open_sealed, seal
from pipeline.vocabulary.directory import MUNICIPALITY
from pipeline.vocabulary.faults import Refused, RowFault

MOST_KEPT_BYTES = 64 << 20
MACRO_KINDS = (".xlsm", ".xlsb", ".xltm")
QUARANTINE_PREFIX = "follow_up-"
SEALED_FILE = "returned.sealed"
REASON_FILE = "reason.json"
_SEAL_FORMAT = "samenloop/returned/1"


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one thing in the inbox; `is_left` when it could not even be put away."""

    answer: Answer
    settlement: Settlement
    receipt: Path | None = None
    is_left: bool = False


def receipts_folder(run: Run) -> Path:
    """Where teams find the answers to what they returned."""
    return run.home.receipts.with_name("follow_up_receipts")


def take(run: Run, waiting: Waiting) -> Taken | None:
    """Settle one thing in the inbox for follow-up; None when it left meanwhile. Only under the writer lock.

    What this user may not read, put away or take out is left, and does not stop the others.

    Raises:
        Refused: KEY_MISSING when there is no admission key to seal refused files with.
    """
    entry = waiting.entry
    if entry.kind == folder.FOLDER and waiting.team_id is None and run.teams.by_id(entry.name) is not None:
        return _left(run, entry, "NO_PERMISSION")  # of a team's folder that opens, what is in it waits
    if entry.kind != folder.FILE:
        return _left(run, entry, "FOLLOW_UP_NOT_A_FILE")
    if entry.size > MOST_KEPT_BYTES:
        return _left(run, entry, "FOLLOW_UP_TOO_LARGE")
    try:
        return _take_file(run, waiting)
    except PermissionError:
        return _left(run, entry, "NO_PERMISSION")


def _left(run: Run, entry: folder.Entry, code: str) -> Taken:
    answer = Answer(_handle(entry), entry.name, run.today.isoformat(), 0, 0, (RowFault(code),))
    return Taken(answer, Settlement(), is_left=True)


def _take_file(run: Run, waiting: Waiting) -> Taken | None:
    place, entry = waiting.place, waiting.entry
    try:
        with folder.opened_folder(place) as handle:
            raw, status = folder.read_file_and_status(handle, entry.name, MOST_KEPT_BYTES)
    except (FileNotFoundError, NotADirectoryError, folder.NotPlainFileError):
        return None
    answer, settlement = _decide(run, waiting, raw)
    if answer.refused or answer.told:
        _put_under_seal(run, answer, raw)
    _keep(run, answer, settlement)
    receipt = receipts_folder(run) / f"{answer.received_on}-{answer.file_id}.json"
    folder.write_file(receipt.with_suffix(".txt"), answer.text())
    folder.write_file(receipt, answer.json())
    _take_out(place / entry.name, status)
    return Taken(answer, settlement, receipt)


def _decide(run: Run, waiting: Waiting, raw: bytes) -> tuple[Answer, Settlement]:
    name = waiting.entry.name
    read = _Read(None, [], {})
    team_ids = {waiting.team_id}
    try:
        read = _rows_of(name, raw)
        book = _book(run, read.rows)
        team_ids |= {case.team_id for case in book.cases.values()}
        settlement = settle_rows(read.rows, book, run.today)
    except Refused as refusal:
        settlement = Settlement(refused=[refusal.as_row_fault()])
    answer = Answer(
        file_id=_file_id(waiting, raw),
        name=name,
        received_on=run.today.isoformat(),
        rows_counted=settlement.rows_counted,
        rows_blank=settlement.rows_blank,
        refused=tuple(settlement.refused),
        sheet_versions=told_versions(row.sheet_version for row in read.rows if isinstance(row, FollowUp)),
        heading_row=read.heading_row,
        known_words=words_of(word for team in run.teams.teams for word in (team.team_id, team.name)),
        told=tuple(settlement.told),
        teams=tuple(team.name for team in run.teams.teams if team.team_id in team_ids),
        numbers=read.numbers,
    )
    return answer, settlement


def _file_id(waiting: Waiting, raw: bytes) -> str:
    """Made of content, name and folder: two files that hold the same each have a receipt of their own."""
    called = f"{waiting.team_id or ''}/{waiting.entry.name}\0".encode("utf-8", "surrogateescape")
    return f"follow-up-{hashlib.sha256(called + raw).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class _Read:
    """The rows of a file; of a sheet also where its headings stand, and the number of each row's case."""

    heading_row: int | None
    rows: list[FollowUp | RowFault]
    numbers: Mapping[int, int]


def _rows_of(name: str, raw: bytes) -> _Read:
    suffix = Path(name).suffix.lower()
    if len(raw) > MOST_FILE_BYTES:
        raise Refused("FOLLOW_UP_TOO_LARGE")
    if suffix in SHEET_KINDS:
        if not raw.strip():
            raise Refused("FOLLOW_UP_EMPTY")
        sheet = read_sheet(raw, SHEET_KINDS[suffix], FORMULA)
        rows = [_sheet_row(cells, row, sheet.changed.get(row)) for row, cells in sheet.rows]
        return _Read(sheet.heading_row, rows, sheet.numbers)
    if suffix in MACRO_KINDS:
        raise Refused("FOLLOW_UP_MACRO")
    if suffix in LINE_KINDS:
        return _Read(None, [_one(read_line, line, row) for row, line in read_lines(raw)], {})
    raise Refused("FOLLOW_UP_KIND")


def _sheet_row(cells: Mapping[str, Any], row: int, changed: str | None) -> FollowUp | RowFault:
    """A row whose protected cells were changed is refused as soon as it says something."""
    read = _one(read_sheet_row, cells, row)
    is_blank = isinstance(read, FollowUp) and read.is_blank
    return read if changed is None or is_blank else RowFault("SHEET_ROW_CHANGED", changed, row)


def _one(read: Any, content: Any, row: int) -> FollowUp | RowFault:
    try:
        follow_up: FollowUp = read(content, row)
    except Refused as refusal:
        return refusal.as_row_fault()
    return follow_up


def _book(run: Run, rows: Sequence[FollowUp | RowFault]) -> CaseBook:
    said = [row for row in rows if isinstance(row, FollowUp) and not row.is_blank]
    cases = kept.cases_named(run.store, {row.case_id for row in rows if isinstance(row, FollowUp)})
    named = {attempt.attempt_id for row in said for attempt in row.attempts}
    case_ids = {case["case_id"] for case in cases}
    absorbed = kept.cases_absorbed(run.store, case_ids)
    attempts = kept.attempts_known(
        run.store, named.union(*(row.withdrawn for row in said)), case_ids.union(*absorbed.values())
    )
    results = kept.results_known(run.store, case_ids)
    shown = _first_shown(cases)
    return CaseBook(
        cases={
            case["case_id"]: KnownCase(
                case["case_id"],
                case["month"],
                case["state"],
                case["case_id"] in shown,
                case["merged_into"],
                case["team_id"],
                shown.get(case["case_id"]),
            )
            for case in cases
        },
        attempts={row["attempt_id"]: (row["case_id"], _attempt(row)) for row in attempts},
        results={row["case_id"]: _result(row) for row in results},
        absorbed=absorbed,
    )


def _first_shown(cases: Sequence[Mapping[str, Any]]) -> dict[str, date]:
    """The first day that each case was on a worklist, it or a case that merged into it."""
    shown: dict[str, date] = {}
    for case in cases:
        if case["first_revealed_on"]:
            day = date.fromisoformat(case["first_revealed_on"])
            for case_id in filter(None, (case["case_id"], case["merged_into"])):
                shown[case_id] = min(day, shown.get(case_id, day))
    return shown


def _attempt(row: dict[str, Any]) -> Attempt:
    return Attempt(
        attempt_id=row["attempt_id"],
        contact_type=row["contact_type"],
        is_reached=row["is_reached"],
        attempted_on=date.fromisoformat(row["attempted_on"]),
        part_of_day=row["part_of_day"],
        attempted_by=row["attempted_by"],
        is_withdrawn=row["is_withdrawn"],
        sheet_version=row["sheet_version"],
    )


def _result(row: dict[str, Any]) -> CaseResult:
    return CaseResult(
        result=row["result"],
        result_on=_day(row["result_on"]),
        has_consent=row["has_consent_for_feedback"],
        next_appointment_on=_day(row["next_appointment_on"]),
        is_unsafe=row["is_unsafe"],
        sheet_version=row["sheet_version"],
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _keep(run: Run, answer: Answer, settlement: Settlement) -> None:
    if settlement.is_empty and kept.was_settled(run.store, answer.file_id, answer.result):
        return
    kept.write_file(
        run.store,
        answer.file_id,
        at=run.now,
        actor=run.actor,
        new_attempts=[_attempt_row(*pair) for pair in settlement.new_attempts.values()],
        corrected_attempts=[_attempt_row(*pair) for pair in settlement.corrected_attempts.values()],
        repeated_attempts=[_attempt_row(*pair) for pair in settlement.repeated_attempts.values()],
        case_results=[_result_row(*pair) for pair in settlement.results.items()],
        states=settlement.states,
        conflicts=settlement.conflicts,
        result=answer.result,
        counts={
            "rows_counted": answer.rows_counted,
            "rows_refused": len(answer.refused),
            "attempts": len(settlement.new_attempts),
        },
    )


def _attempt_row(case_id: str, attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt_id": attempt.attempt_id,
        "case_id": case_id,
        "contact_type": attempt.contact_type,
        "is_reached": attempt.is_reached,
        "attempted_on": attempt.attempted_on.isoformat(),
        "part_of_day": attempt.part_of_day,
        "attempted_by": attempt.attempted_by,
        "is_withdrawn": attempt.is_withdrawn,
        "sheet_version": attempt.sheet_version,
    }


def _result_row(case_id: str, result: CaseResult) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "result": result.result,
        "result_on": result.result_on and result.result_on.isoformat(),
        "has_consent_for_feedback": result.has_consent,
        "next_appointment_on": result.next_appointment_on and result.next_appointment_on.isoformat(),
        "is_unsafe": result.is_unsafe,
        "sheet_version": result.sheet_version,
    }


def _put_under_seal(run: Run, answer: Answer, raw: bytes) -> None:
    key = run.directory.current("admission", MUNICIPALITY, run.today)
    if key is None:
        raise Refused("KEY_MISSING", hint="(admission)")
    place = run.home.quarantine / quarantine_name(answer)
    place.mkdir(parents=True, exist_ok=True)
    sealed = seal(key.public, raw, _seal_info(run.gemeentecode, place.name, key.key_id))
    folder.write_file(place / SEALED_FILE, sealed)
    reason = {**answer.document(), "admission_key_id": key.key_id}
    folder.write_file(place / REASON_FILE, (json.dumps(reason, ensure_ascii=False, indent=2) + "\n").encode())


def quarantine_name(answer: Answer) -> str:
    """The folder in quarantine of what was refused; it begins with the day, by which it retires."""
    return f"{QUARANTINE_PREFIX}{answer.received_on}_{answer.file_id}"


def open_refused(run: Run, name: str, ground: str = "refused rows") -> bytes:
    """A returned file from quarantine, for the data steward or an erasure; journalled before it is opened.

    Raises:
        Refused: REFUSED_FILE_UNKNOWN or NO_PERMISSION when it cannot be read, KEY_MISSING, KEY_WRONG, SEAL_BROKEN.
    """
    place = run.home.quarantine / Path(name).name
    if not name.startswith(QUARANTINE_PREFIX):
        raise Refused("REFUSED_FILE_UNKNOWN", "open-refused")
    try:
        reason, sealed = (place / REASON_FILE).read_bytes(), (place / SEALED_FILE).read_bytes()
        key_id = json.loads(reason).get("admission_key_id")
    except PermissionError:
        raise Refused("NO_PERMISSION", "name") from None
    except (OSError, ValueError):
        raise Refused("REFUSED_FILE_UNKNOWN", "open-refused") from None
    key = next((key for key in read_keys(run.home.keys_dir, "admission") if key.key_id == key_id), None)
    if key is None:
        raise Refused("KEY_MISSING", hint="(admission)")
    key = as_listed(key, run.directory)
    with run.store.transaction("open_refused_follow_up", at=run.now, actor=run.actor) as transaction:
        transaction.journal("open_refused_follow_up", place.name, ground=ground)
    return open_sealed(key.secret.value, sealed, _seal_info(run.gemeentecode, place.name, key.key_id))


def _seal_info(gemeentecode: str, name: str, key_id: str) -> bytes:
    return "\x1f".join((_SEAL_FORMAT, gemeentecode, name, key_id)).encode()


def _take_out(path: Path, read: os.stat_result) -> None:
    """Remove the file that was read; one that was written to or replaced since waits for the next run."""
    try:
        now = path.lstat()
    except FileNotFoundError:
        return
    if all(getattr(now, name) == getattr(read, name) for name in ("st_ino", "st_size", "st_mtime_ns")):
        path.unlink()


def _handle(entry: folder.Entry) -> str:
    """Stands for a thing that cannot be read; its own name may hold somebody's."""
    return f"follow-up-{hashlib.sha256(entry.name.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"
