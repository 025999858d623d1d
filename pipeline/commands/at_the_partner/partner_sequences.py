"""The sequence numbers that a partner has used, per municipality and month, kept beside its key file.

Beside them the number of clients of the newest regular list: one that is much shorter replaces it all the same.

A number is written down before the delivery that bears it is made: a crash may skip a number, which only gives a
warning, and never uses one twice, which would be refused.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.commands.documents import read_json
from pipeline.commands.key_keeping.document_writing import SECRET_MODE, write_json
from pipeline.vocabulary.faults import Refused

FORMAT = "samenloop/sequences/1"
MOST = 9999
LAST = "last"
CLIENTS = "clients"

_Kept = dict[str, dict[str, dict[str, int]]]


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
    return max((_read(keys_file)[LAST].get(gemeentecode, {}).get(month, 0), *seen)) + 1


def take_sequence(
    keys_file: Path, gemeentecode: str, month: str, wanted: int | None, seen: Iterable[int] = ()
) -> int:
    """Write down the next number, or the wanted one, and return it.

    Raises:
        Refused: USAGE when the number is not from 1 to 9999; KEY_INVALID when the kept file is damaged.
    """
    with _locked(keys_file):
        number = wanted if wanted is not None else next_sequence(keys_file, gemeentecode, month, seen)
        if not 1 <= number <= MOST:
            raise Refused("USAGE", "sequence", hint=f"(1 tot en met {MOST})")
        kept = _read(keys_file)
        months = kept[LAST].setdefault(gemeentecode, {})
        months[month] = max(number, months.get(month, 0))
        _write(keys_file, kept)
    return number


def keep_client_count(
    keys_file: Path, gemeentecode: str, month: str, sequence: int, client_count: int
) -> int | None:
    """Keep how many clients a regular list has, and return how many the one had that it replaces.

    None where no earlier list is known, or a newer one goes before.

    Raises:
        Refused: KEY_INVALID when the kept file is damaged.
    """
    with _locked(keys_file):
        kept = _read(keys_file)
        if kept[LAST].get(gemeentecode, {}).get(month, 0) > sequence:
            return None
        months = kept[CLIENTS].setdefault(gemeentecode, {})
        before = months.get(month)
        months[month] = client_count
        _write(keys_file, kept)
    return before


@contextmanager
def _locked(keys_file: Path) -> Iterator[None]:
    with sequences_file(keys_file).with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(keys_file: Path, kept: _Kept) -> None:
    write_json(sequences_file(keys_file), {"format": FORMAT, **kept}, SECRET_MODE)


def _read(keys_file: Path) -> _Kept:
    path = sequences_file(keys_file)
    if not path.exists():
        return {LAST: {}, CLIENTS: {}}
    document = read_json(path, "KEY_INVALID", "KEY_INVALID")
    return {LAST: _numbers(document.get(LAST), path), CLIENTS: _numbers(document.get(CLIENTS, {}), path)}


def _numbers(numbers: Any, path: Path) -> dict[str, dict[str, int]]:
    if not isinstance(numbers, dict) or not all(_are_numbers(months) for months in numbers.values()):
        raise Refused("KEY_INVALID", hint=f"({path.name})")
    return {code: dict(months) for code, months in numbers.items()}


def _are_numbers(months: Any) -> bool:
    return isinstance(months, dict) and all(type(number) is int for number in months.values())
