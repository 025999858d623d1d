"""Which crisis presses: what is still to come goes before what is over, then the earliest day.

A crisis without a day may come any moment, so it is still to come, after those whose day is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_NO_DAY = "9999"


def is_over(signal: Mapping[str, Any], today: str) -> bool:
    """Whether the day of a crisis has passed."""
    return bool(signal["crisis_on"] and signal["crisis_on"] < today)


def crisis_order(signals: Iterable[Mapping[str, Any]], today: str) -> tuple[bool, str]:
    """Sorts cases by their most pressing crisis; a case without one comes last."""
    crisis = pressing_crisis(signals, today)
    return (True, _NO_DAY) if crisis is None else _order(crisis, today)


def pressing_crisis(signals: Iterable[Mapping[str, Any]], today: str) -> Mapping[str, Any] | None:
    """The crisis that presses most, if there is one."""
    crises = [signal for signal in signals if signal["is_crisis"]]
    return min(crises, key=lambda signal: _order(signal, today), default=None)


def coming_crisis(signals: Iterable[Mapping[str, Any]], today: str) -> Mapping[str, Any] | None:
    """The crisis that presses most of those that are still to come."""
    return pressing_crisis((signal for signal in signals if not is_over(signal, today)), today)


def _order(signal: Mapping[str, Any], today: str) -> tuple[bool, str]:
    return is_over(signal, today), signal["crisis_on"] or _NO_DAY
