"""The data sets by name: each makes records from a size and a seed."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from benchmarks.linkage.febrl_data import febrl_records
from benchmarks.linkage.hard_data import hard_records
from benchmarks.linkage.practice_data import practice_records

SETS: dict[str, Callable[[int, int], pl.DataFrame]] = {
    "practice": practice_records,
    "hard": hard_records,
    "febrl4": febrl_records,
}
