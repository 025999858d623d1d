"""Putting a delivery and its list of refusals on disk, so that nobody ever sees half of one.

Each file is written under a temporary name, synced and renamed; the manifest comes last, and a folder without it
is not there yet.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable
from pathlib import Path

from pipeline.vocabulary.faults import Refused, RowFault, step_of_row
from pipeline.vocabulary.manifest import DATA_FILE, MANIFEST_FILE, SIGNATURE_FILE, DeliveryName

REFUSALS_HEADER = ("row", "column", "code", "next_step")
_TEMPORARY = ".part"


def sequences_in(out: Path, partner_id: str, month: str) -> list[int]:
    """Sequence numbers of deliveries of this partner and month that lie in a folder."""
    form = re.compile(rf"{re.escape(partner_id)}_{month}_(\d{{4}})")
    names = (form.fullmatch(path.name) for path in out.iterdir()) if out.is_dir() else ()
    return [int(found[1]) for found in names if found]


def refuse_existing(out: Path, name: DeliveryName) -> None:
    """Refuse to write over a whole delivery; what a crash left behind is no delivery.

    Raises:
        Refused: FOLDER_NOT_EMPTY.
    """
    if (out / str(name) / MANIFEST_FILE).exists():
        raise Refused("FOLDER_NOT_EMPTY", hint=f"({name})")


def write_delivery(out: Path, name: DeliveryName, sealed: bytes, manifest: bytes, signature: bytes) -> Path:
    """Write a delivery folder and return it.

    Raises:
        Refused: FOLDER_NOT_EMPTY.
    """
    refuse_existing(out, name)
    folder = out / str(name)
    folder.mkdir(parents=True, exist_ok=True)
    for left_behind in folder.iterdir():
        left_behind.unlink()
    for file_name, content in ((DATA_FILE, sealed), (SIGNATURE_FILE, signature), (MANIFEST_FILE, manifest)):
        _write(folder / file_name, content)
    _sync_folder(out)
    return folder


def refusals_file(out: Path, name: DeliveryName) -> Path:
    """Where the list of refused rows of a delivery lies."""
    return out / f"{name}.refusals.csv"


def write_refusals(out: Path, name: DeliveryName, faults: Iterable[RowFault]) -> Path:
    """Write which rows were refused or have a remark, why, and how to mend them; never a value."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(REFUSALS_HEADER)
    for fault in faults:
        writer.writerow((fault.row or "", fault.column or "", fault.code, step_of_row(fault)))
    out.mkdir(parents=True, exist_ok=True)
    path = refusals_file(out, name)
    _write(path, text.getvalue().encode())
    return path


def _write(path: Path, content: bytes) -> None:
    aside = path.with_name(path.name + _TEMPORARY)
    with aside.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
