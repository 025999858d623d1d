"""Equal treatment is counted honestly: every true case in one origin, and intervals as Wilson gave them."""

from __future__ import annotations

import pytest

from benchmarks.linkage.name_groups import count_groups, table, wilson


def test_intervals_are_wilsons() -> None:
    """Against a published example: 81 of 263 gives 0.2553 to 0.3662."""
    assert (0.2553, 0.3662) == tuple(round(end, 4) for end in wilson(81, 263))
    assert (0.0, 1.0) == wilson(0, 0)


def test_each_true_case_has_one_origin_and_one_sex() -> None:
    """The groups of one kind add up to everybody, in every column."""
    counts = count_groups(4_000, 3)
    figures = [name for name in counts.columns if name != "group"]
    everybody = counts.filter(counts["group"] == "everybody").select(figures).row(0)
    for groups in (counts["group"].str.starts_with("name: "), counts["group"].is_in(["women", "men"])):
        assert everybody == counts.filter(groups).select(figures).sum().row(0)
    assert 0 < everybody[1] <= everybody[0]
    assert len(counts) + 2 == len(table(counts).splitlines())


@pytest.mark.parametrize(("part", "whole"), [(0, 10), (10, 10)])
def test_an_interval_holds_its_share(part: int, whole: int) -> None:
    """Also at nothing and at everything."""
    low, high = wilson(part, whole)
    assert low <= part / whole + 1e-12
    assert part / whole <= high + 1e-12
