"""Publishing for analysts: a million signals, 100,000 cases with their follow-up, every indicator on that file.

    python -m benchmarks.bench_publish [--signals 1000000] [--cases 100000]

The store is filled in bulk; the rows are drawn, not delivered, so they hold no contact. Publishing runs in a
process of its own, so that its peak memory is its own, and is held against its floor: writing the same rows of
signals and cases into a DuckDB file and counting them once.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.bench_pipeline import _apart

MONTHS = tuple(f"2026-{number:02d}" for number in range(7, 13))
DAY = date(2027, 1, 4)
ATTEMPTS_PER_CASE = 2


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--signals", type=int, default=1_000_000)
    parser.add_argument("--cases", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="samenloop-bench-") as folder:
        home = Path(folder, "region", "municipality")
        _apart(_fill, Path(folder, "region"), given.signals, given.cases)
        floor = _apart(_floor, home)
        done = _apart(_publish, home)
        print(
            f"| publishing {given.signals:,} signals, {given.cases:,} cases with follow-up "
            f"| {done['seconds']:.1f} s | | {done['seconds'] / floor['seconds']:.1f} times reading signals, cases "
            f"and writing them to DuckDB | {done['peak_mb']:.0f} MB |"
        )
        asked = _apart(_ask, home)
        print(
            f"| slowest of {asked['indicators']} indicators and {asked['views']} views on that file "
            f"| {asked['slowest']:.2f} s | | | {asked['peak_mb']:.0f} MB |"
        )
        page = _apart(_report, home)
        took = f"{page['seconds']:.1f} s | | | {page['peak_mb']:.0f} MB"
        print(f"| monitor pages of {page['pages']} months | {took} |")


def _fill(region: Path, signal_count: int, case_count: int) -> dict[str, Any]:
    from pipeline.commands.sample import make_sample
    from pipeline.commands.wiring import open_run
    from pipeline.practice.region import Plan
    from pipeline.store import tables

    make_sample(region, Plan(households=200, seed=1, months=MONTHS))
    with open_run(region / "municipality", DAY) as run:
        partners = [partner.partner_id for partner in run.agreement.partners]
        for name, frame in _drawn(partners, signal_count, case_count):
            table = tables.metadata.tables[name]
            with run.store.writer_lock("bench"), run.store.staged(frame) as staged:
                columns = [table.c[column] for column in frame.columns]
                with run.store.transaction("bench", at=run.now, actor="bench") as transaction:
                    transaction.connection.execute(table.insert().from_select(columns, staged.select()))
    return {}


def _drawn(partners: list[str], signal_count: int, case_count: int) -> Iterator[tuple[str, Any]]:
    """Table by table the rows of a year that nobody lived."""
    import numpy as np
    import polars as pl

    from pipeline.vocabulary.frames import BAND_CODES
    from pipeline.vocabulary.outcome import CONTACT_TYPES, END_RESULTS, PARTS_OF_DAY

    chance = np.random.default_rng(1)

    def choice(values: Any, count: int) -> Any:
        return np.array(values)[chance.integers(0, len(values), count)]

    stamp, written = "2026-12-01T06:00:00Z", pl.lit("bench").alias("written_by")
    wijken = [f"WK9901{number:02d}" for number in range(1, 41)]
    signals = pl.DataFrame(
        {
            "partner_id": choice(partners, signal_count),
            "month": choice(MONTHS, signal_count),
            "sequence": np.ones(signal_count, dtype=np.int64),
            "signal_id": [f"{number:032x}" for number in range(signal_count)],
            "wijkcode": choice(wijken, signal_count),
            "arrears_months": chance.integers(1, 13, signal_count),
            "arrears_band": choice(BAND_CODES, signal_count),
            "is_crisis": chance.random(signal_count) < 0.1,
        }
    ).with_columns(
        pl.lit("d").alias("delivery_id"),
        pl.lit(value=False).alias("is_retraction"),
        pl.lit(value=True).alias("is_current"),
        pl.lit(stamp).alias("admitted_at"),
        written,
    )
    yield "signals", signals
    case_ids = [f"Z-{number:032x}" for number in range(case_count)]
    held = signals.head(2 * case_count).select("partner_id", "month", "signal_id")
    cases = pl.DataFrame(
        {
            "case_id": case_ids,
            "month": held["month"].gather_every(2),
            "state": choice(["closed"] * 7 + ["in_progress", "revealed", "withheld"], case_count),
            "wijkcode": choice(wijken, case_count),
            "team_id": choice(["team-a", "team-b", "team-c"], case_count),
            "partner_count": chance.integers(2, 4, case_count),
            "is_crisis": chance.random(case_count) < 0.1,
        }
    ).with_columns(
        *(pl.lit(value).alias(name) for name, value in {"lane": "matched", "evidence": "person"}.items()),
        *(pl.lit(1).alias(name) for name in ("revision", "agreement_version", "months_max")),
        *(pl.lit("2026-12-03").alias(name) for name in ("opened_on", "first_revealed_on", "due_on")),
        *(pl.lit(stamp).alias(name) for name in ("opened_at", "changed_at")),
        pl.lit("digest").alias("evidence_digest"),
        written,
    )
    yield "cases", cases
    yield (
        "case_signals",
        held.with_columns(
            pl.Series("case_id", np.repeat(np.array(case_ids), 2)),
            pl.lit(value=True).alias("is_active"),
            pl.lit(value=True).alias("is_confirmed"),
            written,
        ),
    )
    tries = case_count * ATTEMPTS_PER_CASE
    yield (
        "attempts",
        pl.DataFrame(
            {
                "attempt_id": [f"a{number}" for number in range(tries)],
                "case_id": np.repeat(np.array(case_ids), ATTEMPTS_PER_CASE),
                "contact_type": choice(CONTACT_TYPES, tries),
                "is_reached": chance.random(tries) < 0.3,
                "part_of_day": choice(PARTS_OF_DAY, tries),
            }
        ).with_columns(pl.lit("2026-12-10").alias("attempted_on"), pl.lit(stamp).alias("recorded_at"), written),
    )
    yield (
        "results",
        cases.filter(pl.col("state") == "closed")
        .select("case_id")
        .with_columns(
            pl.Series("result", choice(END_RESULTS, cases.filter(pl.col("state") == "closed").height)),
            pl.lit("2026-12-20").alias("result_on"),
            pl.lit(value=False).alias("has_consent_for_feedback"),
            pl.lit(value=False).alias("is_unsafe"),
            pl.lit(stamp).alias("recorded_at"),
            written,
        ),
    )


def _floor(home: Path) -> dict[str, Any]:
    import duckdb
    import sqlalchemy as sa

    from pipeline.commands.wiring import open_run
    from pipeline.store import tables

    with open_run(home, DAY) as run:
        start = time.perf_counter()
        with duckdb.connect(str(home / "floor.duckdb")) as connection:
            for table, names in (
                (
                    tables.signals,
                    ("partner_id", "month", "signal_id", "wijkcode", "arrears_months", "arrears_band"),
                ),
                (tables.cases, ("case_id", "month", "state", "wijkcode", "team_id")),
            ):
                connection.register(
                    "rows", run.store.read_frame(sa.select(*(table.c[n] for n in names))).to_arrow()
                )
                connection.execute(f"CREATE TABLE {table.name} AS SELECT * FROM rows")
                connection.execute(f"SELECT month, count(*) FROM {table.name} GROUP BY ALL").fetchall()
        seconds = time.perf_counter() - start
    (home / "floor.duckdb").unlink()
    return {"seconds": seconds}


def _publish(home: Path) -> dict[str, Any]:
    import duckdb

    from pipeline.commands.publish import publish
    from pipeline.commands.wiring import open_run

    with open_run(home, DAY) as run:
        start = time.perf_counter()
        publish(run)
        seconds = time.perf_counter() - start
    with duckdb.connect(str(home / "analytics.duckdb"), read_only=True) as connection:
        (attempts,) = connection.execute("SELECT count(*) FROM work.attempts").fetchone() or (0,)
    return {"seconds": seconds, "attempts": attempts}


def _ask(home: Path) -> dict[str, Any]:
    import duckdb

    from pipeline.analytics.described_tables import described_schemas
    from pipeline.analytics.indicators import indicators

    views = [
        f"{schema.name}.{table.name}" for schema in described_schemas() for table in schema.tables if table.view
    ]
    asked = [f"SELECT * FROM work.indicators WHERE indicator = '{one.code}'" for one in indicators()]
    asked += [f"SELECT * FROM {view}" for view in views]
    slowest = 0.0
    with duckdb.connect(str(home / "analytics.duckdb"), read_only=True) as connection:
        for question in asked:
            start = time.perf_counter()
            connection.execute(question).fetchall()
            slowest = max(slowest, time.perf_counter() - start)
    return {"slowest": slowest, "indicators": len(indicators()), "views": len(views)}


def _report(home: Path) -> dict[str, Any]:
    from pipeline.commands.report import report
    from pipeline.commands.wiring import open_run

    with open_run(home, DAY) as run:
        start = time.perf_counter()
        outcome = report(run)
        return {"seconds": time.perf_counter() - start, "pages": outcome.counts["pages"]}


if __name__ == "__main__":
    main()
