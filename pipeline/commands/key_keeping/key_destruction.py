"""Keys of months that are over: overwritten, removed, journalled. This is what makes deletion final.

`retire` destroys store keys, and opening keys where it may read them (practice: one user for all). In the real
deployment only the opener's user can; it calls `destroy_opening_keys` itself, for the months that `retire` wrote
down as over. The journal line comes first; killed in between, the next run removes the file without a second line.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path

from pipeline.commands.erasing.erasure_ledger import note_erased
from pipeline.commands.key_keeping.key_making import OPENING, STORE
from pipeline.commands.wiring import Home, Run
from pipeline.store.retirement_ledger import Retirement, months_over, note_months_over
from pipeline.vault.keyring import read_key
from pipeline.vocabulary.faults import Refused


def key_files(folder: Path, kind: str) -> dict[Path, tuple[str, str]]:
    """Key files of a kind that belong to a month: path → (key id, month). A folder one may not read holds none."""
    if not os.access(folder, os.R_OK | os.X_OK):
        return {}
    found: dict[Path, tuple[str, str]] = {}
    for path in sorted(folder.glob(f"{kind}*.json")):
        try:
            key = read_key(path)
        except Refused:
            continue
        if key.kind == kind and key.month is not None:
            found[path] = (key.key_id, key.month)
    return found


def month_keys(home: Home) -> dict[Path, tuple[str, str]]:
    """All store and opening keys of months that this user can read."""
    return {**key_files(home.keys_dir, STORE), **key_files(home.opener_keys_dir, OPENING)}


def destroy_keys(run: Run, mark: Retirement, months: Iterable[str]) -> list[str]:
    """End months: note them as over, and destroy the keys of them that this user can reach. Returns their ids."""
    over = sorted(months)
    note_erased(run.home, months=set(over) - set(months_over(run.store)))
    files = {path: named for path, named in month_keys(run.home).items() if named[1] in over}
    note_months_over(run.store, mark, over, dict(files.values()))
    over_by_now = months_over(run.store)
    for path in (
        *files,
        *_overwritten(run.home.keys_dir, STORE, over_by_now),
        *_overwritten(run.home.opener_keys_dir, OPENING, over_by_now),
    ):
        overwrite_and_remove(path)
    return sorted(key_id for key_id, _ in files.values())


def destroy_opening_keys(run: Run) -> list[str]:
    """For the opener: destroy its keys of the months that are over. Returns their ids."""
    over = set(months_over(run.store))
    files = {
        path: named for path, named in key_files(run.home.opener_keys_dir, OPENING).items() if named[1] in over
    }
    if files:
        mark = Retirement(run.now[:10], run.now, run.actor)
        note_months_over(run.store, mark, (), dict(files.values()))
    for path in (*files, *_overwritten(run.home.opener_keys_dir, OPENING, over)):
        overwrite_and_remove(path)
    return sorted(key_id for key_id, _ in files.values())


def _overwritten(folder: Path, kind: str, months: Collection[str]) -> list[Path]:
    """Key files of these months that a process wrote over and was killed before it could remove them.

    An empty file was never written over: what stands in its place may lie in the vault.
    """
    if not os.access(folder, os.R_OK | os.X_OK):
        return []
    paths = [path for month in sorted(months) for path in sorted(folder.glob(f"{kind}-*{month}-*.json"))]
    return [path for path in paths if (content := path.read_bytes()) and not content.strip(b"\0")]


def overwrite_and_remove(path: Path) -> None:
    """Write over the file before it goes. What a disk or a backup keeps besides is not claimed to be gone."""
    try:
        with path.open("r+b", buffering=0) as stream:
            stream.write(b"\0" * path.stat().st_size)
            os.fsync(stream.fileno())
        path.unlink()
    except FileNotFoundError:
        return
