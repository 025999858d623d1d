"""Plain Dutch: the reviewed sentences of worklists and letters; how dates, amounts and lists are written."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from importlib import resources
from typing import Any

_MONTHS = [
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
]
_WEEKDAYS = ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"]


def _read() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("texts.toml", "letter_texts.toml"):
        found |= tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))
    return found


TEXTS: dict[str, Any] = _read()


def sentence(section: str, name: str, /, **values: object) -> str:
    """A reviewed sentence with its blanks filled in."""
    return str(TEXTS[section][name]).format(**values)


def long_date(day: date | str) -> str:
    """6 oktober 2026."""
    on = _day(day)
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def day_and_date(day: date | str) -> str:
    """Dinsdag 6 oktober."""
    on = _day(day)
    return f"{_WEEKDAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]}"


def long_month(month: str) -> str:
    """Oktober 2026, from 2026-10."""
    return f"{_MONTHS[int(month[5:7]) - 1]} {month[:4]}"


def euros(amount: int) -> str:
    """€ 1.234, with a space that does not break."""
    return f"€\u00a0{amount:,}".replace(",", ".")


def signed(points: int) -> str:
    """+20 or −5, with the sign for subtraction."""
    return f"+{points}" if points >= 0 else f"\u2212{-points}"


def joined(parts: Sequence[str]) -> str:
    """A, b en c."""
    return " en ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def months_text(count: int) -> str:
    """1 maand, 2 maanden."""
    return f"{count} maand" if count == 1 else f"{count} maanden"


def _day(day: date | str) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day
