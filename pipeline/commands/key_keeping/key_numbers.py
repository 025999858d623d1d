"""Which numbers were given to keys before: an id is never given twice, also when the key itself is gone.

`numbers.json` beside the keys remembers the highest number of each kind (and month). The key directory and
journal-keys.json remember ids too, also of keys that were made before there was a numbers.json.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.commands.documents import read_directory, read_json
from pipeline.commands.key_keeping.document_writing import SECRET_MODE, write_json
from pipeline.commands.key_keeping.journal_keys import listed_journal_keys
from pipeline.commands.wiring import Home
from pipeline.vocabulary.directory import MUNICIPALITY
from pipeline.vocabulary.faults import Refused

FORMAT = "samenloop/key-numbers/1"
FILE = "numbers.json"


def note_numbers(folder: Path) -> None:
    """Remember the numbers of the keys that lie in a folder, beside those that it remembers already."""
    highest = read_numbers(folder)
    for path in folder.glob("*-*.json"):
        name, number = _parted(path.stem)
        highest[name] = max(number, highest.get(name, 0))
    write_json(folder / FILE, {"format": FORMAT, "highest": dict(sorted(highest.items()))}, SECRET_MODE)


def remembered_number(home: Path, folder: Path, name: str, kind: str, month: str | None) -> int:
    """The highest number that was given under a name, as `opening-GM9901-2026-11`; 0 when there was none.

    Raises:
        Refused: KEY_INVALID; what reading the directory refuses.
    """
    numbers = (_parted(key_id)[1] for key_id in (*_in_directory(home, kind, month), *_in_journal_keys(home, kind)))
    return max((read_numbers(folder).get(name, 0), *numbers))


def _in_directory(home: Path, kind: str, month: str | None) -> Iterator[str]:
    path = Home(home).directory_file
    keys = read_directory(path).keys if path.exists() else ()
    return (key.key_id for key in keys if (key.kind, key.holder, key.month) == (kind, MUNICIPALITY, month))


def _in_journal_keys(home: Path, kind: str) -> Iterable[str]:
    return listed_journal_keys(home) if kind == "journal" else ()


def _parted(key_id: str) -> tuple[str, int]:
    name, _, number = key_id.rpartition("-")
    return (name, int(number)) if number.isdecimal() else (key_id, 0)


def read_numbers(folder: Path) -> dict[str, int]:
    """The highest number that was given under each name.

    Raises:
        Refused: KEY_INVALID.
    """
    if not any(folder.glob(FILE)):  # also in a folder that is the opener's alone
        return {}
    document = read_json(folder / FILE, "KEY_MISSING", "KEY_INVALID")
    highest = document.get("highest")
    if document.get("format") != FORMAT or not isinstance(highest, dict):
        raise Refused("KEY_INVALID", hint=f"({FILE})")
    if not all(isinstance(number, int) for number in highest.values()):
        raise Refused("KEY_INVALID", hint=f"({FILE})")
    return dict(highest)
