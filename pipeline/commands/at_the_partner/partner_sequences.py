"""The sequence numbers that a partner has used, per municipality and month, kept beside its key file.

A number is written down before the delivery that bears it is made: a crash may skip a number, which only gives a
warning, and never uses one twice, which would be refused.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.commands.documents import read_json
from pipeline.commands.key_keeping.document_writing import SECRET_MODE, write_json
from pipeline.vocabulary.faults import Refused

FORMAT = "samenloop/sequences/1"
MOST = 9999


def sequences_file(keys_file: Path) -> Path:
    """Where the numbers are kept."""
    return keys_file.with_name(f"{keys_file.stem}.sequences.json")


def next_sequence(keys_file: Path, gemeentecode: str, month: str, seen: Iterable[int] = ()) -> int:
    """The number that the next delivery would get; nothing is written down.

    Args:
        keys_file: the partner's keys.json.
        gemeentecode: of the agreement.
        month: of the delivery.
        seen: numbers of deliveries that lie in the output folder.
    """
    return max((_read(keys_file).get(gemeentecode, {}).get(month, 0), *seen)) + 1


def take_sequence(
    keys_file: Path, gemeentecode: str, month: str, wanted: int | None, seen: Iterable[int] = ()
) -> int:
    """Write down the next number, or the wanted one, and return it.

    Raises:
        Refused: USAGE when the number is not from 1 to 9999; KEY_INVALID when the kept file is damaged.
    """
    path = sequences_file(keys_file)
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        number = wanted if wanted is not None else next_sequence(keys_file, gemeentecode, month, seen)
        if not 1 <= number <= MOST:
            raise Refused("USAGE", "sequence", hint=f"(1 tot en met {MOST})")
        last = _read(keys_file)
        months = last.setdefault(gemeentecode, {})
        months[month] = max(number, months.get(month, 0))
        write_json(path, {"format": FORMAT, "last": last}, SECRET_MODE)
    return number


def _read(keys_file: Path) -> dict[str, dict[str, int]]:
    path = sequences_file(keys_file)
    if not path.exists():
        return {}
    last: Any = read_json(path, "KEY_INVALID", "KEY_INVALID").get("last")
    if not isinstance(last, dict) or not all(_are_numbers(months) for months in last.values()):
        raise Refused("KEY_INVALID", hint=f"({path.name})")
    return {code: dict(months) for code, months in last.items()}


def _are_numbers(months: Any) -> bool:
    return isinstance(months, dict) and all(type(number) is int for number in months.values())
