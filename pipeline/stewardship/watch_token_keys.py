"""Whose tokens cannot equal those of others, because they were made with another key of the month.

Both keys do that: the partner's token key, and the municipality's store key under which they were kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

OLD_KEY_REMARK = (
    "Uw tokens zijn gemaakt met een oudere tokensleutel dan die van anderen: deze lijst vindt niemand. "
    "Vraag de sleutelhouder om de nieuwe sleutel en lever opnieuw aan."
)


def behind_in_token_key(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Partner and month of each newest list whose tokens are of an older key than somebody else's of that month.

    Nothing equals across two keys, so such a list finds nobody, and nobody would see why. It comes of a key that
    was made anew in an emergency, the number at the end of its id.

    Args:
        rows: partner_id, month, sequence, token_key_id of lists in force.
    """
    newest: dict[tuple[str, str], tuple[int, int]] = {}
    for place, number, sequence in _numbered(rows, "token_key_id"):
        newest[place] = max(newest.get(place, (0, 0)), (sequence, number))
    numbers = {place: number for place, (_, number) in newest.items()}
    return _behind(numbers, numbers.items())


def behind_in_store_key(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Partner and month of whom a signal that counts stands under an older store key than somebody's.

    Args:
        rows: partner_id, month, sequence and store_key_id of signals that count. A correction brings only its own
            rows under the new key.
    """
    oldest: dict[tuple[str, str], int] = {}
    numbered = list(_numbered(rows, "store_key_id"))
    for place, number, _ in numbered:
        oldest[place] = min(oldest.get(place, number), number)
    return _behind(oldest, ((place, number) for place, number, _ in numbered))


def _numbered(rows: Sequence[Mapping[str, Any]], key: str) -> Iterator[tuple[tuple[str, str], int, int]]:
    """Partner and month, the number its key's id ends in, and the sequence; ids without a number fall away."""
    for row in rows:
        ending = str(row[key]).rpartition("-")[2]
        if ending.isdecimal():
            yield (str(row["partner_id"]), str(row["month"])), int(ending), int(row["sequence"])


def _behind(
    numbers: Mapping[tuple[str, str], int], in_use: Iterable[tuple[tuple[str, str], int]]
) -> list[tuple[str, str]]:
    """The places of which the number is lower than the highest that is in use in the same month."""
    last: dict[str, int] = {}
    for (_, month), number in in_use:
        last[month] = max(last.get(month, 0), number)
    return sorted(place for place, number in numbers.items() if number < last[place[1]])
