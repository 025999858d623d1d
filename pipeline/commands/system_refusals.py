"""What the system refuses (no rights, no room, a file where a folder belongs), as a refusal with a next step.

A place is named as the part of the home that it is, never by the path: names below it may hold a person's.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from pipeline.vocabulary.faults import STEPS_OF_PLACES, Refused

_NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_IN_THE_WAY = (errno.EEXIST, errno.ENOTDIR)
_FOLDERS = {
    "inbox": ("deliveries", "follow_up"),
    "outbox": ("receipts", "worklists", "subjects", "feedback", "ddas"),
    "keys": ("public",),
    "opener-keys": ("lists",),
    "quarantine": (),
    "reports": (),
    "agreements": (),
}
_FILES = (
    "agreement.json",
    "analytics.duckdb",
    "ddas.json",
    "directory.json",
    "kerncijfers.csv",
    "monitor.json",
    "samenloop.db",
    "teams.json",
    "theme.css",
    "wisregister.jsonl",
)


def refusal_of(error: BaseException) -> Refused | None:
    """The refusal that an error of the system is to whoever runs a command; None when it is a mistake of ours."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, MemoryError):
        return Refused("MEMORY_FULL")
    if not isinstance(error, OSError):
        return None
    if error.errno in _NO_ROOM:
        return Refused("DISK_FULL")
    if error.errno == errno.ENOMEM:
        return Refused("MEMORY_FULL")
    if isinstance(error, PermissionError) or error.errno in _NOT_ALLOWED:
        return place_refused(error)
    if error.errno in _IN_THE_WAY and _is_taken(error):
        return Refused("FOLDER_TAKEN", _place(error))
    return None


def place_refused(error: OSError) -> Refused:
    """That this user may not go where an error of the system says."""
    place = _place(error)
    return Refused("NO_PERMISSION", place, hint=STEPS_OF_PLACES.get((place or "").partition("/")[0], ""))


def _place(error: OSError) -> str | None:
    """The last part of a path that is a place of a home, as `outbox/worklists`; None when there is none."""
    parts = _path(error).parts
    for at in range(len(parts) - 1, -1, -1):
        name, below = parts[at], parts[at + 1] if at + 1 < len(parts) else ""
        if name in _FOLDERS:
            return f"{name}/{below}" if below in _FOLDERS[name] else name
        if name.startswith("samenloop.db"):  # its lock and its log too
            return "samenloop.db"
        if name in _FILES:
            return name
    return None


def _path(error: OSError) -> Path:
    return Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else Path()


def _is_taken(error: OSError) -> bool:
    """Whether a file or a device stands where a folder was asked for; a name taken otherwise is no such thing."""
    path = _path(error)
    return any(place.exists() and not place.is_dir() for place in (path, *path.parents))
