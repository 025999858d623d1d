"""Chance by counting: every draw is a hash of (seed, what is drawn, for whom).

So a draw depends on nothing else: not on the order of drawing, the machine, other months or other partners. One
more month, or one more kind of slip, changes no byte of what was there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)


class Chance:
    """Draws for arrays of ids; the same seed, name and ids give the same numbers, always."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def bits(self, name: str, *ids: Ids) -> NDArray[np.uint64]:
        """64 even bits per element; several id arrays make one compound id."""
        digest = hashlib.blake2b(f"{self._seed}/{name}".encode(), digest_size=8).digest()
        state = np.full(np.shape(ids[0]), int.from_bytes(digest, "big"), dtype=np.uint64)
        for part in ids:
            state = _mixed(state ^ (np.asarray(part).astype(np.uint64) * _STEP + _MIX_A))
        return _mixed(state + _STEP)

    def uniform(self, name: str, *ids: Ids) -> Floats:
        """Numbers from 0 up to, not including, 1."""
        return (self.bits(name, *ids) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def happens(self, name: str, rate: float | Floats, *ids: Ids) -> Flags:
        """True at a rate."""
        return self.uniform(name, *ids) < rate

    def whole(self, name: str, least: int | Ids, most: int | Ids, *ids: Ids) -> Ids:
        """Whole numbers from least to most, both included."""
        low = np.asarray(least, dtype=np.int64)
        spread = np.asarray(most, dtype=np.int64) - low + 1
        drawn: Ids = low + np.floor(self.uniform(name, *ids) * spread).astype(np.int64)
        return drawn

    def pick(self, name: str, weights: Sequence[float] | Floats, *ids: Ids) -> Ids:
        """Positions in a list of weights, each as often as its weight says."""
        return pick_by_weight(self.uniform(name, *ids), np.asarray(weights, dtype=np.float64))

    def order(self, name: str, count: int) -> Ids:
        """A shuffle of 0 .. count - 1."""
        return np.argsort(self.bits(name, np.arange(count, dtype=np.int64)), kind="stable").astype(np.int64)


def pick_by_weight(uniform: Floats, weights: Floats) -> Ids:
    """Positions in a list of weights for numbers from 0 to 1."""
    edges = np.cumsum(weights)
    places: Ids = np.searchsorted(edges, uniform * edges[-1], side="right").astype(np.int64)
    return np.minimum(places, len(weights) - 1)


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64; it wraps around on purpose."""
    state = (state ^ (state >> np.uint64(30))) * _MIX_A
    state = (state ^ (state >> np.uint64(27))) * _MIX_B
    return state ^ (state >> np.uint64(31))
