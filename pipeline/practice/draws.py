"""One partner's draws for its client records, as columns.

Every draw is for that partner and that client, so a record is wrong in the same way every month, as records
are, and nothing is shared between partners.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipeline.practice.chance import Chance, Ids


class Draws:
    """One partner's draws for its client records, as columns."""

    def __init__(self, chance: Chance, partner_id: str, who: Ids) -> None:
        self._chance, self._partner_id, self._who = chance, partner_id, who

    def uniform(self, name: str) -> pl.Series:
        """Numbers from 0 to 1."""
        return pl.Series(self._chance.uniform(f"{self._partner_id}/{name}", self._who))

    def happens(self, name: str, rate: float) -> pl.Series:
        """True at a rate."""
        return self.uniform(name) < rate

    def pick(self, name: str, weights: Sequence[float]) -> pl.Series:
        """Positions in a list of weights."""
        return pl.Series(self._chance.pick(f"{self._partner_id}/{name}", weights, self._who))

    def one_of(self, name: str, values: Sequence[str]) -> pl.Series:
        """One of these texts."""
        return pl.Series(values)[self._chance.whole(f"{self._partner_id}/{name}", 0, len(values) - 1, self._who)]
