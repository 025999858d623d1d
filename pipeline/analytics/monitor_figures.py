"""What the monitor page shows of a period, read from schema `publish` alone: nothing else can get onto the page.

A period is a month, a quarter, a year, or months `A..B`. Counts of several periods are added up as published; what
was published for some of them only is said to be so.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipeline.analytics.periods import Period
from pipeline.analytics.snapshot import raise_as_system
from pipeline.analytics.topics import MONTH, QUARTER, period_of
from pipeline.vocabulary.faults import Refused

TABLES = (
    "snapshot",
    "releases",
    "deliveries",
    "areas",
    "counts",
    "indicators",
    "indicator_definitions",
    "comparison",
    "topics",
)
TREND_MONTHS = 13
_Z2 = 1.96**2


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator of one group in a period: published parts added up, and the interval of a share.

    `is_whole`: every month or quarter of the period is in it.
    """

    indicator: str
    group: str
    name: str
    kind: str
    period: str
    part: int
    whole: int | None
    value: float
    low: float | None
    high: float | None
    national: float | None
    is_whole: bool


@dataclass(frozen=True)
class Published:
    """Every table of `publish`, as frames."""

    tables: dict[str, pl.DataFrame]

    @staticmethod
    def read(path: Path) -> Published:
        """Read a file as any analyst would.

        Raises:
            Refused: ANALYTICS_MISSING.
            OSError: the file may not be read.
        """
        if not path.is_file():
            raise Refused("ANALYTICS_MISSING")
        try:
            with duckdb.connect(str(path), read_only=True) as connection:
                frames = {name: connection.sql(f"SELECT * FROM publish.{name}").pl() for name in TABLES}  # noqa: S608
        except duckdb.Error as error:
            raise_as_system(error, path)
            raise
        return Published(frames)

    def rows(self, table: str, **equal: Any) -> list[dict[str, Any]]:
        """Rows of a table in which these columns have these values."""
        frame = self.tables[table]
        for name, value in equal.items():
            frame = frame.filter(pl.col(name).is_in(value) if isinstance(value, tuple) else pl.col(name) == value)
        return frame.to_dicts()

    def published_months(self) -> list[str]:
        """Months of which signals are published."""
        return sorted(
            row["period"]
            for row in self.rows("releases", subject="signals", moment="deliveries")
            if row["revision"] is not None
        )

    def published_quarters(self) -> list[str]:
        """Quarters of which cases are published."""
        return sorted(
            row["period"] for row in self.rows("releases", subject="cases") if row["revision"] is not None
        )

    def known_months(self) -> list[str]:
        """Months of which signals are published, or are expected."""
        return sorted({row["period"] for row in self.rows("releases", subject="signals")})

    def knows(self, period: Period) -> bool:
        """Whether a month or quarter of a period is published, or is expected."""
        return bool(self.rows("releases", period=(*period.months, *period.quarters)))

    def figures(self, period: Period) -> list[Figure]:
        """Every indicator that can be told of a period: signals of its months, cases of its quarters.

        A month has no quarter of its own: it shows the last quarter that was published by then.
        """
        months, quarters = period.months, self.quarters_shown(period)
        wanted = self.tables["indicators"].filter(
            ((pl.col("period_kind") == MONTH) & pl.col("period").is_in(months))
            | ((pl.col("period_kind") == QUARTER) & pl.col("period").is_in(quarters))
        )
        summed = wanted.group_by("indicator", "group_code", "name", "kind", "period_kind").agg(
            pl.col("part_count").sum(),
            pl.when(pl.col("kind").first() == "per_1000")
            .then(pl.col("whole_count").max())
            .otherwise(pl.col("whole_count").sum())
            .alias("whole_count"),
            pl.col("national_value").first(),
            pl.col("period").sort().alias("periods"),
        )
        definitions = self.tables["indicator_definitions"].select("indicator", "group_code").rows()
        order = {key: place for place, key in enumerate(definitions)}
        asked = {MONTH: len(months), QUARTER: len(quarters)}
        found = [
            _figure(row, asked[row["period_kind"]])
            for row in summed.to_dicts()
            if row["kind"] == "count" or row["whole_count"]
        ]
        return sorted(found, key=lambda figure: order.get((figure.indicator, figure.group), len(order)))

    def figure(self, period: Period, indicator: str, group: str = "alle") -> Figure | None:
        """One of them."""
        found = self.figures(period)
        return next((one for one in found if (one.indicator, one.group) == (indicator, group)), None)

    def months_told(self, period: Period) -> list[str]:
        """The months of a period of which signals are published."""
        known = self.published_months()
        return [month for month in period.months if month in known]

    def quarters_told(self, period: Period) -> list[str]:
        """The quarters beside a period of which cases are published."""
        known = self.published_quarters()
        return [quarter for quarter in self.quarters_shown(period) if quarter in known]

    def signal_total(self, period: Period) -> int:
        """All signals of a period, as published."""
        rows = self.rows("counts", subject="signals", topic="total", period=period.months)
        return sum(row["item_count"] for row in rows)

    def quarters_shown(self, period: Period) -> tuple[str, ...]:
        """The quarters whose cases stand beside a period: those within it, else the last one published by then."""
        if period.quarters:
            return period.quarters
        until = period_of(period.months[-1], QUARTER)
        return tuple([quarter for quarter in self.published_quarters() if quarter <= until][-1:])


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927), as the view `indicators` gives it."""
    middle, spread = part + _Z2 / 2, 1.96 * sqrt(part * (whole - part) / whole + _Z2 / 4)
    return max(0.0, (middle - spread) / (whole + _Z2)), min(1.0, (middle + spread) / (whole + _Z2))


def differs(one: Figure, other: Figure) -> int:
    """1 when the first share is clearly higher, -1 when clearly lower, 0 when chance may explain it (Newcombe)."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return 0
    change = one.value - other.value
    low = change - sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    high = change + sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return 1 if low > 0 else -1 if high < 0 else 0


def _figure(row: dict[str, Any], asked: int) -> Figure:
    part, whole, kind, periods = row["part_count"], row["whole_count"], row["kind"], row["periods"]
    low, high = wilson(part, whole) if kind == "share" else (None, None)
    months = len(periods)
    value = part if kind == "count" else part / whole if kind == "share" else 1000 * part / whole / months
    name = periods[0] if months == 1 else f"{periods[0]}..{periods[-1]}"
    name += "" if months == asked else f" ({months} van {asked})"
    return Figure(
        row["indicator"],
        row["group_code"],
        row["name"],
        kind,
        name,
        part,
        None if kind == "count" else whole,
        value,
        low,
        high,
        row["national_value"],
        months == asked,
    )
