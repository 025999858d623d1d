"""Writing documents by replacement: whoever reads sees the whole old one or the whole new one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.channels.folder import sync_folder

PUBLIC_MODE = 0o644
SECRET_MODE = 0o600


def write_json(path: Path, document: Mapping[str, Any], mode: int = PUBLIC_MODE) -> Path:
    """Write a JSON document beside its place, sync it, and put it in place; a power cut does not undo it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(document, stream, indent=2, ensure_ascii=False)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(path)
    sync_folder(path.parent)
    sweep_left(path.parent, f".{path.name}.*")
    return path


def sweep_left(folder: Path, pattern: str) -> None:
    """Remove what killed processes left aside, by the number in its name; what another writes now stays."""
    for aside in folder.glob(pattern):
        if _is_of_killed(aside):
            aside.unlink(missing_ok=True)


def _is_of_killed(aside: Path) -> bool:
    """Whether what lies aside is of a process that is no more."""
    try:
        os.kill(int(aside.suffix.removeprefix(".")), 0)
    except ProcessLookupError:
        return True
    except (ValueError, OSError):
        return False
    return False
