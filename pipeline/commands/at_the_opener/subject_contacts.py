"""`contact.toml` in the home: where a resident who got a letter may turn to.

What is not there, or cannot be read, is a marked blank in the letter: no letter waits for it.
"""

from __future__ import annotations

import tomllib

from pipeline.commands.wiring import Home

NAMES = ("gemeente", "functionaris", "wijkteam", "ondertekening")
_MOST_BYTES = 1 << 16
_MOST_CHARACTERS = 300


def read_contacts(home: Home) -> dict[str, str]:
    """The four lines of the file; empty where it has none."""
    try:
        with home.contact_file.open("rb") as stream:
            found = tomllib.loads(stream.read(_MOST_BYTES).decode("utf-8-sig"))
    except (OSError, ValueError):
        found = {}
    return {name: _line(found.get(name)) for name in NAMES}


def _line(value: object) -> str:
    return " ".join(value.split())[:_MOST_CHARACTERS] if isinstance(value, str) else ""
