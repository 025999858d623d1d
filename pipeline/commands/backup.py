"""`samenloop backup`: the whole store and the signed documents in one sealed file, while everything runs.

One snapshot of all tables, as rows, in a stream sealed to the backup key. What never goes in: keys of any kind,
names (they stand in no table), worklists, the inbox, and the register of what was erased, which must outlive the
backup it is held against. The public half of the backup key is enough; a restore needs the private one and the
register.
"""

from __future__ import annotations

import base64
import errno
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.channels import folder
from pipeline.commands.console import Outcome
from pipeline.commands.erasing.erasure_ledger import last_number, ledger_file, read_ledger
from pipeline.commands.journal_keeping.restore_proofs import FILE as RESTORES
from pipeline.commands.key_keeping.backup_keys import write_half
from pipeline.commands.key_keeping.document_writing import sweep_left
from pipeline.commands.key_keeping.journal_keys import FILE as JOURNAL_KEYS
from pipeline.commands.key_keeping.key_making import BACKUP, backup_halves
from pipeline.commands.options import DateOption, HomeOption, JsonOption
from pipeline.commands.who_acts import ActorOption, run_as
from pipeline.commands.wiring import Home, Run
from pipeline.store import copies, journal_chain
from pipeline.vault.archive import SealedWriter
from pipeline.vocabulary.faults import Refused

COMMAND = "backup"
FORMAT = "samenloop/backup/1"
SUFFIX = ".samenloop"


def backup(run: Run, out: Path) -> Outcome:
    """Write one backup into a folder.

    Raises:
        Refused: KEY_MISSING without a backup key; LEDGER_INVALID.
        OSError: the folder may not be made or written, or the disk is full.
    """
    key = next(iter(reversed(backup_halves(run.home.path))), None)
    if key is None:
        raise Refused("KEY_MISSING", hint=f"({BACKUP})")
    _make_folder(out)
    moment = run.now
    path = out / f"reservekopie-{run.gemeentecode}-{moment.replace(':', '')}{SUFFIX}"
    aside = out / f".{path.name}.{os.getpid()}"
    ledger_file(run.home).touch()  # a restore asks for it: none at all says that it was lost
    head = journal_chain.head(run.store)
    header = {
        "format": FORMAT,
        "gemeentecode": run.gemeentecode,
        "made_at": moment,
        "key_id": key.key_id,
        "revision": copies.revision_of(run.store),
        "ledger_number": last_number(read_ledger(ledger_file(run.home))),
        "journal_seq": head["seq"],
    }
    counts = {"tables": 0, "rows": 0, "files": 0}
    try:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as stream:
            with (
                SealedWriter(stream, key.public, header) as sealed,
                gzip.GzipFile(fileobj=sealed, mode="wb", compresslevel=1, mtime=0) as packed,
            ):
                for piece in _pieces(run, counts):
                    packed.write(json.dumps(piece, separators=(",", ":")).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
        sweep_left(out, f".reservekopie-{run.gemeentecode}-*")
        folder.sync_folder(out)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    with run.store.transaction("back_up", at=run.now, actor=run.actor) as transaction:
        transaction.journal("back_up", path.name, ground=key.key_id, counts=counts)
    write_half(run.home.keys_dir, key)
    lines = [f"Reservekopie gemaakt, verzegeld met {key.key_id}.", "Er zitten geen sleutels en geen namen in."]
    return Outcome(COMMAND, counts, paths={"backup": str(path)}, lines=lines)


def _make_folder(out: Path) -> None:
    """Make the folder of a medium. Where nobody can make one, as in /proc, the system says something else."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileNotFoundError:
        raise PermissionError(errno.EACCES, "no folder can be made here", str(out)) from None


def documents_of(home: Home) -> list[Path]:
    """The documents that go along: without them the rows cannot be judged."""
    fixed = (
        home.agreement_file,
        home.directory_file,
        home.teams_file,
        home.path / JOURNAL_KEYS,
        home.path / RESTORES,
    )
    return [path for path in (*fixed, *sorted(home.agreements_dir.glob("agreement-*.json"))) if path.is_file()]


def _pieces(run: Run, counts: dict[str, int]) -> Iterator[list[Any]]:
    for path in documents_of(run.home):
        content = base64.b64encode(path.read_bytes()).decode()
        counts["files"] += 1
        yield ["file", str(path.relative_to(run.home.path)), content]
    for piece in copies.rows_of_everything(run.store):
        is_table = len(piece) == 2 and isinstance(piece[0], str)
        counts["tables"] += is_table
        counts["rows"] += 0 if is_table else len(piece)
        yield ["table", *piece] if is_table else ["rows", piece]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def command(
        out: Annotated[Path, typer.Option("--out", help="Folder for the backup, on another machine.")],
        home: HomeOption = None,
        actor: ActorOption = None,
        date: DateOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Make one sealed backup of the store and the signed documents, while everything runs.

        Example: samenloop backup --home region/municipality --out /media/reservekopie
        """
        run_as(COMMAND, lambda run: backup(run, out), home, date, as_json=as_json, actor=actor)
