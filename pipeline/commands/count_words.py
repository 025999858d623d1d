"""What counts and places are called on a screen, in Dutch, from count_words.toml.

Scripts read the English names in the JSON object; people read these. What is zero is not said: a list of noughts
hides the one figure that matters.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_WORDS_FILE = Path(__file__).with_suffix(".toml")
_COMMON = "common"


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(_WORDS_FILE.read_text(encoding="utf-8"))


def word_for(command: str, name: str) -> str:
    """The Dutch word for a count or a place of a command; what follows a space in the name is kept as it is."""
    tables = (_words().get(command.partition(" ")[0], {}), _words()[_COMMON])
    what, _, of_whom = name.partition(" ")
    word = next((table[what] for table in tables if what in table), what.replace("_", " "))
    return f"{word} {of_whom}".rstrip()


def counted(count: int, one: str, many: str) -> str:
    """A count with its word: 1 rij, 2 rijen."""
    return f"{count} {one if count == 1 else many}"


def said_counts(command: str, counts: Mapping[str, int]) -> list[str]:
    """One line for each count that is not zero."""
    return [f"{word_for(command, name)}: {count}" for name, count in counts.items() if count]
