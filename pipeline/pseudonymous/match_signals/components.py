"""Which signals hang together: connected components, so that what A shares with B and B with C makes one set."""

from __future__ import annotations

import numpy as np
import polars as pl


def components(rows: pl.Series, pairs: pl.DataFrame, count: int) -> pl.Series:
    """For each row the lowest row that it is connected with, through pairs of which both ends are in `rows`.

    Each round hooks both ends of every pair to the lower of their labels and then shortens the way to it, so
    the number of rounds grows with the logarithm of the longest chain.

    Args:
        rows: distinct row numbers below `count`.
        pairs: `left` and `right`, row numbers below `count`.
        count: the number of rows there are.
    """
    chosen = rows.to_numpy()
    label = np.arange(count, dtype=np.uint32)
    is_chosen = np.zeros(count, dtype=bool)
    is_chosen[chosen] = True
    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    counts = is_chosen[left] & is_chosen[right]
    left, right = left[counts], right[counts]
    while not np.array_equal(label[left], label[right]):
        lowest = np.minimum(label[left], label[right])
        np.minimum.at(label, label[left], lowest)
        np.minimum.at(label, label[right], lowest)
        while not np.array_equal(label, label[label]):
            label = label[label]
    return pl.Series(label[chosen])
