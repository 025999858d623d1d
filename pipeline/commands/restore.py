"""`samenloop restore`: put a backup back in an empty database, without those who were deleted since.

Nothing is believed before it opens under the backup key. Then, before anybody can match or reveal: what the
register of erasures names goes again, what is past its term goes again, and the journal says that it happened.
Keys of months that are over were never in it, so their contacts stay closed. `--check` does all of it in a
database that is thrown away: the drill. Killed halfway, no command works on the database until the restore is
given again.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from pipeline.channels import folder
from pipeline.commands.backup import FORMAT
from pipeline.commands.console import Outcome, run_command
from pipeline.commands.documents import read_json
from pipeline.commands.erasing.erased_files import days_below
from pipeline.commands.erasing.erasure_ledger import Erased, apply_ledger, last_number, ledger_file, read_ledger
from pipeline.commands.journal_keeping.exported_heads import exported_heads
from pipeline.commands.journal_keeping.restore_proofs import ACTION, prove_restore
from pipeline.commands.key_keeping.key_making import BACKUP, keys_of, read_trust
from pipeline.commands.options import BackupKeyOption, DateOption, HomeOption, JsonOption
from pipeline.commands.retire import retire
from pipeline.commands.who_acts import ActorOption, user_of_this_computer
from pipeline.commands.wiring import Home, Run, home_path, open_run, open_store
from pipeline.stewardship.verify_journal import verify_chain
from pipeline.store import copies, deliveries, journal_chain
from pipeline.store.connect import Store
from pipeline.store.retirement_ledger import Retirement
from pipeline.vault.archive import open_archive
from pipeline.vault.keyring import read_key
from pipeline.vocabulary.faults import Refused, RowFault

COMMAND = "restore"


def restore(
    home: Path,
    file: Path,
    ledger: Path | None,
    today: date | None,
    actor: str,
    *,
    is_check: bool = False,
    key: Path | None = None,
) -> Outcome:
    """Put a backup back, or with `is_check` try it in a database that is thrown away; `key`: a private
    backup key that does not lie in keys/.

    Raises:
        Refused: KEY_MISSING, BACKUP_INVALID, BACKUP_SEAL_BROKEN, LEDGER_BEHIND, LEDGER_INVALID,
            DATABASE_NOT_EMPTY, RESTORE_UNFINISHED, DATABASE_NEWER.
    """
    place = Home(home)
    gemeentecode, _ = read_trust(place.keys_dir)
    register = ledger or ledger_file(place)
    if not register.is_file() and not is_check:
        raise Refused("LEDGER_BEHIND")
    rows = read_ledger(register)
    with _stream_of(file) as stream:
        header, pieces = _open(place, stream, gemeentecode, key)
        if is_check:
            return _check(header, pieces)
        if last_number(rows) < max(int(header["ledger_number"]), *_numbers_told(place), 0):
            raise Refused("LEDGER_BEHIND")
        with closing(open_store(place, gemeentecode, is_bare=True)) as store:
            counts = _fill(place, store, header, pieces)
            store.bring_up_to_date()
    if ledger is not None and ledger.resolve() != ledger_file(place).resolve():
        folder.write_file(ledger_file(place), ledger.read_bytes())
    with open_run(home, today, actor, is_restore=True) as run:
        return _clean(run, header, file, rows, counts)


def _stream_of(file: Path) -> BinaryIO:
    if file.is_dir():
        raise Refused("BACKUP_INVALID")
    return file.open("rb")


def _open(
    place: Home, stream: BinaryIO, gemeentecode: str, given: Path | None
) -> tuple[Mapping[str, Any], Iterator[list[Any]]]:
    def private_of(header: Mapping[str, Any]) -> bytes:
        names = ("made_at", "key_id", "revision", "ledger_number", "journal_seq")
        if header.get("format") != FORMAT or not all(name in header for name in names):
            raise Refused("BACKUP_INVALID")
        if header.get("gemeentecode") != gemeentecode:
            raise Refused("OTHER_MUNICIPALITY")
        keys = keys_of(place.path, BACKUP) if given is None else (read_key(given, "FILE_NOT_FOUND"),)
        key = next((key for key in keys if (key.kind, key.key_id) == (BACKUP, header["key_id"])), None)
        if key is None:
            raise Refused("KEY_MISSING", hint=f"({header['key_id']})")
        return key.secret.value

    with _as_of_a_backup():
        header, sealed = open_archive(stream, private_of)
    return header, _pieces(sealed)


@contextmanager
def _as_of_a_backup() -> Iterator[None]:
    """What does not open is told with the next step of a backup: nobody delivers one again."""
    try:
        yield
    except Refused as refusal:
        if refusal.code != "SEAL_BROKEN":
            raise
        raise Refused("BACKUP_SEAL_BROKEN") from None


def _pieces(sealed: io.RawIOBase) -> Iterator[list[Any]]:
    try:
        with _as_of_a_backup(), gzip.GzipFile(fileobj=io.BufferedReader(sealed), mode="rb") as packed:
            for line in packed:
                yield json.loads(line)
    except (OSError, EOFError, ValueError):
        raise Refused("BACKUP_INVALID") from None


def _fill(place: Home, store: Store, header: Mapping[str, Any], pieces: Iterator[list[Any]]) -> dict[str, int]:
    files: dict[str, bytes] = {}

    def rows() -> Iterator[list[Any]]:
        for piece in pieces:
            if piece[0] == "file":
                files[str(piece[1])] = base64.b64decode(piece[2])
            else:
                yield piece[1:] if piece[0] == "table" else piece[1]

    counts = copies.fill(store, str(header["revision"]), str(header["made_at"]), rows())
    for name, content in files.items():
        path = place.path / name
        if not path.resolve().is_relative_to(place.path.resolve()):
            raise Refused("BACKUP_INVALID")
        if not path.exists():  # what stands there may be newer
            folder.write_file(path, content)
    return counts


def _clean(
    run: Run, header: Mapping[str, Any], file: Path, rows: list[Erased], counts: Mapping[str, int]
) -> Outcome:
    with run.store.writer_lock(COMMAND):
        if not copies.is_journalled(run.store):
            with run.store.transaction("restore", at=run.now, actor=run.actor) as transaction:
                said = {"journal_seq": int(header["journal_seq"]), "rows": sum(counts.values())}
                transaction.journal(ACTION, file.name, ground=str(header["made_at"]), counts=said)
                copies.note_journalled(transaction)
        refused = _prove(run, file, int(header["journal_seq"]))
        applied = apply_ledger(run, rows, Retirement(run.today.isoformat(), run.now, run.actor))
    has_lists, kept = _take_back_lists(run)
    refused += kept
    retired = retire(run, is_restore=True)  # it tries what the register left once more, and tells
    copies.finish_restore(run.store)
    lines = [
        f"Teruggezet: de stand van {header['made_at']}, {sum(counts.values())} rijen.",
        f"Opnieuw gewist volgens het wisregister: {applied.counts['signals']} signalen, "
        f"{applied.counts['cases']} zaken.",
        *retired.lines,
    ]
    lost = _lost_deliveries(run)
    if lost:
        lines.append(f"Deze aanleveringen kwamen na de reservekopie; vraag ze opnieuw: {', '.join(lost)}.")
    if has_lists:
        lines.append("De werklijsten van vandaag zijn weggehaald. Maak ze opnieuw: samenloop reveal.")
    lines.append(
        "Zijn de volgende werklijsten er? Vraag de teams dan "
        "om hun lijsten van na de reservekopie opnieuw in te leveren."
    )
    told = {"rows": sum(counts.values()), "lost_deliveries": len(lost)}
    told |= {f"erased_{what}": count for what, count in applied.counts.items()}
    refused += retired.refused
    return Outcome(COMMAND, told, refused, paths=dict(retired.paths), lines=lines, has_said_counts=True)


def _take_back_lists(run: Run) -> tuple[bool, list[RowFault]]:
    """Take away the lists of D: they may tell of what came after the backup, and `reveal` makes them again."""
    lists = [place for place in days_below(run.home.worklists) if place.name == run.today.isoformat()]
    try:
        for place in lists:
            folder.remove(place)
    except PermissionError:
        return bool(lists), [RowFault("NO_PERMISSION")]
    return bool(lists), []


def _prove(run: Run, file: Path, journal_seq: int) -> list[RowFault]:
    """Sign for the restore; without the municipal signing key it is done all the same, and said to be unproven."""
    try:
        prove_restore(run, file, journal_seq)
    except Refused as refusal:
        return [refusal.as_row_fault(), RowFault("RESTORE_UNPROVEN")]
    return []


def confirm_restore(home: Path, file: Path, today: date | None, actor: str, key: Path | None = None) -> Outcome:
    """Sign afterwards for a restore that was done without the municipal signing key, or was killed.

    Args:
        home: the municipality's home.
        file: the backup that was put back.
        today: D.
        actor: who signs.
        key: the backup key's file, where the home does not hold it.

    Raises:
        Refused: KEY_MISSING, BACKUP_INVALID, BACKUP_SEAL_BROKEN, OTHER_MUNICIPALITY; NOT_FOUND when the journal
            knows no restore of this backup.
    """
    with open_run(home, today, actor) as run, _stream_of(file) as stream:
        header, pieces = _open(run.home, stream, run.gemeentecode, key)
        for _ in pieces:  # to its end: what was changed anywhere is no backup
            pass
        prove_restore(run, file, int(header["journal_seq"]))
    lines = ["Ondertekend. De opener verzegelt het journaal weer zodra hij draait."]
    return Outcome("journal confirm-restore", {"restores": 1}, lines=lines, has_said_counts=True)


def _numbers_told(place: Home) -> list[int]:
    """How far the register had come on each day of which the home still has the exported head of the journal."""
    heads = (read_json(path, "JOURNAL_HEAD_INVALID", "JOURNAL_HEAD_INVALID") for path in exported_heads(place))
    return [int(head.get("ledger_number") or 0) for head in heads]


def _lost_deliveries(run: Run) -> list[str]:
    """Deliveries that were answered, as their receipts say, and of which the ledger knows nothing."""
    known = deliveries.known_ids(run.store)
    answered = folder.list_entries(run.home.receipts) if run.home.receipts.is_dir() else []
    return sorted(entry.name for entry in answered if entry.kind == folder.FOLDER and entry.name not in known)


def _check(header: Mapping[str, Any], pieces: Iterator[list[Any]]) -> Outcome:
    """The drill: every byte opened, every row put in, the journal's chain walked."""
    with tempfile.TemporaryDirectory(prefix="samenloop-restore-") as folder_name:
        place = Home(Path(folder_name))
        with closing(Store.open(place.database, is_bare=True)) as store:
            counts = _fill(place, store, header, pieces)
            store.bring_up_to_date()
            found = verify_chain(journal_chain.lines_in_order(store), journal_chain.seals(store), ())
    if found.last_seq < int(header["journal_seq"]):
        raise Refused("BACKUP_INVALID")
    told = {"rows": sum(counts.values()), "tables": len(counts), "journal_lines": found.line_count}
    lines = [
        f"De reservekopie van {header['made_at']} is heel: {told['rows']} rijen in {told['tables']} tabellen.",
        f"Het journaal erin heeft {found.line_count} regels.",
    ]
    return Outcome(f"{COMMAND} --check", told, found.faults, lines=lines, has_said_counts=True)


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def command(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="A reservekopie-….samenloop.", exists=True)],
        home: HomeOption = None,
        ledger: Annotated[
            Path | None,
            typer.Option("--ledger", help="wisregister.jsonl from elsewhere. Default: the home's."),
        ] = None,
        key: BackupKeyOption = None,
        check: Annotated[bool, typer.Option("--check", help="Try it, and change nothing.")] = False,
        actor: ActorOption = None,
        date: DateOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Put a backup back in an empty database; whoever was deleted since stays deleted.

        Example: samenloop restore reservekopie-GM9901-2026-11-03T180000Z.samenloop --home region/municipality
        """
        who = actor or user_of_this_computer()
        run_command(
            lambda: replace(
                restore(home_path(home), file, ledger, date, who, is_check=check, key=key), command=COMMAND
            ),
            COMMAND,
            as_json=as_json,
        )
