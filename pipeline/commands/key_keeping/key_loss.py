"""What to do about a key of the municipality that is gone: the copy in the vault, else what makes the next."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.commands.key_keeping.key_making import (
    ADMISSION,
    BACKUP,
    CASE,
    JOURNAL,
    MUNICIPAL_KINDS,
    OPENING,
    STORE,
)
from pipeline.vocabulary.directory import Directory

_MONTH = re.compile(r"-(\d{4}-\d{2})-\d+$")
_NEXT = {
    ADMISSION: "samenloop keys rotate admission --emergency",
    OPENING: "samenloop keys rotate opening --month {month} --emergency",
    STORE: "samenloop keys rotate store --month {month} --emergency",
    CASE: "samenloop keys rotate case",
    JOURNAL: "samenloop keys rotate journal",
    BACKUP: "samenloop keys rotate backup",
}


def remedies(missing: Iterable[str], directory: Directory | None) -> list[str]:
    """A line for each missing key, by its id or its kind; an id says more than its kind."""
    names = sorted(set(missing))
    told = [name for name in names if not any(other.startswith(f"{name}-") for other in names)]
    return [line for name in told if (line := _remedy(name, directory)) is not None]


def _remedy(name: str, directory: Directory | None) -> str | None:
    kind = next((kind for kind in MUNICIPAL_KINDS if name == kind or name.startswith(f"{kind}-")), None)
    if kind is None:
        return None
    found = _MONTH.search(name)
    month = found[1] if found else ""
    listed = directory.by_id(name) if directory else None
    if listed is not None and listed.revoked_on is not None:
        return f"{name} is ingetrokken. Partners leveren {month} opnieuw aan."
    command = _NEXT.get(kind)
    otherwise = f" Is er geen kopie? {command.format(month=month)}" if command else ""
    return f"{name} is weg: leg de kopie uit de kluis terug.{otherwise}"
