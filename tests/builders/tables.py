"""A store of SQLite in which the migrations have run: to copy it costs a tenth of running them again."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from pipeline.store.connect import Store


def put_tables(file: Path) -> None:
    """Copy a store with tables and without a row to a file, where no other database is set."""
    if "SAMENLOOP_DATABASE" not in os.environ:
        shutil.copyfile(_made(), file)


@cache
def _made() -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Store.open(f"sqlite:///{folder / 'tables.db'}").close()
    [file] = folder.glob("tables.db")
    return file
