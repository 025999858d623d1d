"""Which rows of a partner's month count, as a table of given deliveries and expected signals."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.pseudonymous.keep_signals import (
    KEEPING_SCHEMA,
    Ledgered,
    keep_signals,
    missing_sequences,
    replaced_signals,
    unknown_retractions,
)

S, C, R = "signals", "correction", "retraction"

# given: (sequence, kind, ids) in any order; expected: signal → sequence whose row counts
CASES: list[tuple[str, list[tuple[int, str, str]], dict[str, int]]] = [
    ("one delivery", [(1, S, "ab")], {"a": 1, "b": 1}),
    ("signals replace all lower sequences", [(1, S, "ab"), (2, S, "bc")], {"b": 2, "c": 2}),
    ("also corrections and retractions", [(1, C, "a"), (2, R, "b"), (3, S, "b")], {"b": 3}),
    ("late lower signals do nothing", [(2, S, "b"), (1, S, "a")], {"b": 2}),
    ("a correction replaces and adds", [(1, S, "ab"), (2, C, "bc")], {"a": 1, "b": 2, "c": 2}),
    ("the last correction counts", [(1, S, "a"), (3, C, "a"), (2, C, "a")], {"a": 3}),
    ("a retraction takes back", [(1, S, "ab"), (2, R, "a")], {"b": 1}),
    ("a correction after it brings back", [(1, S, "a"), (2, R, "a"), (3, C, "a")], {"a": 3}),
    ("a retraction before its signals came", [(2, R, "a"), (1, S, "ab")], {"b": 1}),
    ("corrections without signals", [(2, C, "a")], {"a": 2}),
    ("an empty delivery takes all back", [(1, S, "ab"), (2, S, "")], {}),
    ("nothing", [], {}),
]


def rows_of(deliveries: list[tuple[int, str, str]]) -> pl.DataFrame:
    rows = [(sequence, signal, kind == R) for sequence, kind, ids in deliveries for signal in ids]
    return pl.DataFrame(rows, schema=KEEPING_SCHEMA, orient="row")


@pytest.mark.parametrize(("given_", "deliveries", "expected"), CASES, ids=[case[0] for case in CASES])
def test_the_rows_that_count(
    given_: str, deliveries: list[tuple[int, str, str]], expected: dict[str, int]
) -> None:
    """For each signal the row of at most one sequence counts."""
    kept = keep_signals([Ledgered(sequence, kind) for sequence, kind, _ in deliveries], rows_of(deliveries))
    current = kept.rows.filter("is_current")
    assert expected == dict(current.select("signal_id", "sequence").sort("signal_id").iter_rows())
    assert current.height == len(expected)


def test_rows_below_the_newest_signals_go() -> None:
    """Lower sequences are not kept at all: a partner's withdrawn list is not stored."""
    deliveries = [(1, S, "ab"), (2, S, "c"), (3, C, "d")]
    kept = keep_signals([Ledgered(sequence, kind) for sequence, kind, _ in deliveries], rows_of(deliveries))
    assert (2, [2, 3]) == (kept.from_sequence, sorted(kept.rows["sequence"].unique()))


def test_retractions_of_unknown_signals_are_counted() -> None:
    """Only ids that no kept row knows count; taking back twice is known."""
    rows = rows_of([(1, S, "ab"), (2, R, "a"), (3, R, "axy")])
    assert 2 == unknown_retractions(rows, 3)
    assert 0 == unknown_retractions(rows, 2)


@pytest.mark.parametrize(
    ("before", "newest", "expected"),
    [
        ([(1, S, "abcd")], (2, S, "ab"), (4, 2)),
        ([(1, S, "ab")], (2, S, "abc"), (2, 0)),
        ([(1, S, "abc"), (2, C, "ad"), (3, R, "b")], (4, S, "a"), (3, 2)),
        ([(1, S, "ab"), (3, C, "b")], (2, S, "a"), (1, 0)),
        ([(3, R, "b"), (1, S, "ab")], (2, S, "a"), (1, 0)),
        ([], (1, S, "ab"), (0, 0)),
    ],
)
def test_what_a_newer_list_replaces_is_counted(
    before: list[tuple[int, str, str]], newest: tuple[int, str, str], expected: tuple[int, int]
) -> None:
    """Signals that counted under a lower sequence, and those of them that count no more."""

    def kept_of(deliveries: list[tuple[int, str, str]]) -> pl.DataFrame:
        return keep_signals(
            [Ledgered(sequence, kind) for sequence, kind, _ in deliveries], rows_of(deliveries)
        ).rows

    assert expected == replaced_signals(kept_of(before), kept_of([*before, newest]), newest[0])


def test_a_gap_is_what_never_arrived() -> None:
    """Sequences begin at 1; what was refused did arrive."""
    assert (2, 4) == missing_sequences([1, 3, 5], 5)
    assert () == missing_sequences([1, 2], 3)
    assert (1, 2) == missing_sequences([], 3)
