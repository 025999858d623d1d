"""Whether the journal is whole: no line changed, dropped, swapped, truncated, and no chain put in its place.

The chain finds what was changed inside; seals (signed by the opener's journal key) and heads (exported, kept
elsewhere) find a chain that was cut off or made anew. Signatures are judged elsewhere: seals come in as good.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.vocabulary.faults import RowFault
from pipeline.vocabulary.journal_chain import FIRST, GENESIS, line_hash

CHANGED = "JOURNAL_CHANGED"
DROPPED = "JOURNAL_DROPPED"
SWAPPED = "JOURNAL_SWAPPED"
TRUNCATED = "JOURNAL_TRUNCATED"
REWRITTEN = "JOURNAL_REWRITTEN"
_MOST_COMPARED = 200


@dataclass
class Verified:
    """What was found: `faults` name the number of a line as their row."""

    line_count: int = 0
    first_seq: int | None = None
    last_seq: int = 0
    last_hash: str = GENESIS
    faults: list[RowFault] = field(default_factory=list)


def verify_chain(
    lines: Iterable[Mapping[str, Any]], seals: Sequence[Mapping[str, Any]], heads: Sequence[Mapping[str, Any]]
) -> Verified:
    """Walk the chain from its first line to its last.

    Args:
        lines: the journal in the order of seq, each with previous_hash and line_hash.
        seals: seals whose signature holds: seq, line_hash, is_checkpoint.
        heads: heads that were exported: seq, line_hash.
    """
    found = Verified()
    marks: dict[int, set[str]] = {}
    for mark in (*seals, *heads):
        marks.setdefault(int(mark["seq"]), set()).add(str(mark["line_hash"]))
    retired = {int(seal["seq"]): str(seal["line_hash"]) for seal in seals if seal["is_checkpoint"]}
    expected_seq = FIRST
    previous: str | None = GENESIS
    broken: list[dict[str, Any]] = []
    for row in lines:
        line, seq = dict(row), int(row["seq"])
        if seq < FIRST:  # of no chain: somebody else put it before the first line
            found.faults.append(RowFault(CHANGED, row=seq))
            continue
        if found.first_seq is None:
            found.first_seq = seq
            if seq - 1 in retired:
                expected_seq, previous = seq, retired[seq - 1]
        found.faults += [RowFault(DROPPED, row=seq - 1)] if seq != expected_seq else []
        is_first_after_gap = seq != expected_seq
        is_broken = line_hash(line, str(line["previous_hash"])) != line["line_hash"]
        if is_broken:
            broken.append(line)
        elif previous not in (None, line["previous_hash"]) and not is_first_after_gap:
            found.faults.append(RowFault(REWRITTEN, row=seq))
        if marks.get(seq, {line["line_hash"]}) != {line["line_hash"]}:
            found.faults.append(RowFault(REWRITTEN, row=seq))
        found.line_count += 1
        found.last_seq, found.last_hash = seq, str(line["line_hash"])
        expected_seq, previous = seq + 1, None if is_broken else str(line["line_hash"])
    found.faults += _named(broken)
    if max(marks, default=0) > found.last_seq:
        found.faults.append(RowFault(TRUNCATED, row=found.last_seq + 1))
    found.faults = sorted(set(found.faults), key=lambda fault: (fault.row or 0, fault.code))
    return found


def _named(broken: Sequence[Mapping[str, Any]]) -> list[RowFault]:
    """Lines whose hash does not fit: in the place of another, or changed."""
    near = broken[:_MOST_COMPARED]

    def is_of_another_place(line: Mapping[str, Any]) -> bool:
        hash_, previous, seq = line["line_hash"], str(line["previous_hash"]), line["seq"]
        return any(
            hash_
            in (line_hash({**line, "seq": other["seq"]}, previous), line_hash({**other, "seq": seq}, previous))
            for other in near
        )

    return [
        RowFault(SWAPPED if number < _MOST_COMPARED and is_of_another_place(line) else CHANGED, row=line["seq"])
        for number, line in enumerate(broken)
    ]
