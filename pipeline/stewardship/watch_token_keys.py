"""Whose tokens cannot equal those of others, because they were made with another key of the month.

Both keys do that: the partner's token key, and the municipality's store key under which they were kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

OLD_KEY_REMARK = (
    "Uw tokens zijn gemaakt met een oudere tokensleutel dan die van anderen: deze lijst vindt niemand. "
    "Vraag de sleutelhouder om de nieuwe sleutel en lever opnieuw aan."
)


def behind_in_key(rows: Sequence[Mapping[str, Any]], key: str) -> list[tuple[str, str]]:
    """Partner and month of each newest list whose tokens are of an older key than somebody else's of that month.

    Nothing equals across two keys, so such a list finds nobody, and nobody would see why. It comes of a key that
    was made anew in an emergency, the number at the end of its id.

    Args:
        rows: partner_id, month, sequence and `key` of lists in force.
        key: `token_key_id` or `store_key_id`.
    """
    newest: dict[tuple[str, str], tuple[int, int]] = {}
    for row in rows:
        ending = str(row[key]).rpartition("-")[2]
        if ending.isdecimal():
            place = (str(row["partner_id"]), str(row["month"]))
            newest[place] = max(newest.get(place, (0, 0)), (int(row["sequence"]), int(ending)))
    last: dict[str, int] = {}
    for (_, month), (_, number) in newest.items():
        last[month] = max(last.get(month, 0), number)
    return sorted(place for place, (_, number) in newest.items() if number < last[place[1]])
