"""The two matchers behind one face: sets of (lane, evidence, signals)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from pipeline.pseudonymous.match_signals import match_month
from pipeline.vocabulary.agreement import Rule
from tests.reference import naive_match
from tests.spec.persons import frame

Engine = Callable[[list[dict[str, Any]], Rule, bool], set[naive_match.Case]]


def naive(signals: list[dict[str, Any]], rule: Rule, reveals_crisis: bool) -> set[naive_match.Case]:
    """The reference."""
    return naive_match.match(signals, rule.min_partners, rule.min_months, rule.match_on, reveals_crisis)


def fast(signals: list[dict[str, Any]], rule: Rule, reveals_crisis: bool) -> set[naive_match.Case]:
    """The product."""
    return as_cases(match_month(frame(signals), rule, reveals_crisis=reveals_crisis))


def as_cases(proposed: pl.DataFrame) -> set[naive_match.Case]:
    """A frame of proposals as the reference gives them."""
    return {
        (members["lane"][0], members["evidence"][0], frozenset(members.select("partner_id", "signal_id").rows()))
        for members in proposed.partition_by("set_number")
    }
