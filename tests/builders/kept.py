"""A municipality that many tests begin from: made once for a file of tests, then copied with its database."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.builders.deliveries import Municipality

Begin = Callable[..., Municipality]
CopyDatabase = Callable[..., str]


class KeptMunicipalities:
    """By what made them, and on which database. Whoever makes one gets a folder and leaves nothing open."""

    def __init__(self, folder: Path, databases: ExitStack) -> None:
        self._folder = folder
        self._databases = databases
        self._kept: dict[object, tuple[Municipality, str | None]] = {}

    def copy(
        self, path: Path, copy_database: CopyDatabase | None, make: Callable[..., Municipality], **changes: Any
    ) -> Municipality:
        """A copy below `path`.

        Args:
            path: of the test.
            copy_database: makes a database as the named one, or without a row, sets it and returns its name;
                given a stack it stays until that closes. None where the database is a file of the home.
            make: gets a folder and the changes.
            changes: what `make` gets besides.
        """
        key = (make, repr(sorted(changes.items())), copy_database is None)
        if key not in self._kept:
            name = copy_database(None, self._databases) if copy_database is not None else None
            self._kept[key] = make(self._folder / str(len(self._kept)), **changes), name
        kept, name = self._kept[key]
        if copy_database is not None:
            copy_database(name)
        home = path / kept.path.name
        shutil.copytree(kept.path, home, symlinks=True)
        return Municipality(home, copy.deepcopy(kept.agreement), copy.deepcopy(kept.directory))
