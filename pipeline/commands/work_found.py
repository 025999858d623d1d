"""Which counts of a step mean that the next step has work, so that a DAG wakes another only when it has."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.commands.match import COUNTED


def has_changed_cases(counts: Mapping[str, int]) -> bool:
    """Whether matching opened, changed or withdrew a case."""
    return any(counts[name] for name in COUNTED.values())


def has_new_outcomes(counts: Mapping[str, int]) -> bool:
    """Whether settling took anything in or sent anything out."""
    return any(counts.values())
