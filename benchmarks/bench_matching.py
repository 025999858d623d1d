"""Matching: the kernel and its candidate search, beside the barest query that could do it, in the same run.

    python -m benchmarks.bench_matching [--rows 72000 --rows 1000000] [--chart]

The floor is DuckDB grouping all token rows by kind and value, and keeping groups with more than one partner. A
ratio to it holds on any machine; seconds do not. Ratios are of processor seconds, which other work on the machine
changes little; they stand behind the seconds of the clock. The search is from token rows to candidate pairs, the
whole from signals to proposed sets. Signals are random: a tenth is a second signal of somebody, tokens are missing
as at real partners, one in seven is spoilt by an error. The sizes give one, 2.5, five and ten million token rows.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.linkage.tables import as_table
from pipeline.pseudonymous.match_signals import match_month
from pipeline.pseudonymous.match_signals.candidates import connect, find_pairs, token_rows
from pipeline.pseudonymous.match_signals.evidence import MOST_SHARING
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.frames import BAND_CODES, TOKEN_BYTES, TOKEN_KINDS

SIZES = (72_000, 156_000, 390_000, 781_000, 1_000_000, 1_562_000)
CHART = Path(__file__).resolve().parents[1] / "docs" / "images" / "matching-growth.svg"
RULES = {"person": Rule(), "person and household": Rule(match_on=("person", "household"))}
FLOOR = """
SELECT count(*) FROM (
    SELECT kind, low, high FROM tokens GROUP BY kind, low, high HAVING min(partner) <> max(partner)
)
"""
_SHARE_MISSING = {"name_email": 0.6, "name_phone": 0.5}
_SHARE_MISSING_ELSE = 0.15
_SHARE_SINGLE_NAME = 0.9
_SHARE_SPOILT = 1 / 7


def synthesise(count: int, seed: int = 1) -> pl.DataFrame:
    """So many signals of one month, as matching takes them."""
    chance = np.random.default_rng(seed)
    persons = count * 9 // 10
    person = np.concatenate([np.arange(persons), chance.choice(persons, count - persons)])
    chance.shuffle(person)
    columns = {
        "partner_id": pl.Series([f"partner-{number}" for number in range(6)]).gather(chance.integers(0, 6, count)),
        "signal_id": _random_tokens(chance, count).bin.encode("hex"),
        **_token_columns(chance, person, persons),
        "wijkcode": pl.Series([f"WK99{number:04d}" for number in range(300)]).gather(
            chance.integers(0, 300, count)
        ),
        "postcode4": pl.Series([None], dtype=pl.String).new_from_index(0, count),
        "arrears_months": pl.Series(chance.integers(1, 7, count).astype(np.int16)),
        "arrears_band": pl.Series(BAND_CODES).gather(chance.integers(0, len(BAND_CODES), count)),
        "is_crisis": pl.Series(chance.random(count) < 0.08),
    }
    return pl.DataFrame(columns)


def _token_columns(chance: np.random.Generator, person: np.ndarray, persons: int) -> dict[str, pl.Series]:
    columns = {}
    for kind, names in TOKEN_KINDS.items():
        for name in names:
            missing = (
                _SHARE_SINGLE_NAME if name.endswith("_alt") else _SHARE_MISSING.get(kind, _SHARE_MISSING_ELSE)
            )
            own, spoilt = _random_tokens(chance, persons).gather(person), _random_tokens(chance, person.size)
            columns[name] = pl.select(
                pl.when(pl.Series(chance.random(person.size) < missing))
                .then(None)
                .when(pl.Series(chance.random(person.size) < _SHARE_SPOILT))
                .then(spoilt)
                .otherwise(own)
            ).to_series()
    return columns


def _random_tokens(chance: np.random.Generator, count: int) -> pl.Series:
    content = chance.bytes(TOKEN_BYTES * count)
    return pl.Series(
        [content[at : at + TOKEN_BYTES] for at in range(0, len(content), TOKEN_BYTES)], dtype=pl.Binary
    )


def measure(count: int) -> dict[str, str]:
    """One row of the table for so many signals. Run it in a process of its own: memory is counted per process."""
    signals = synthesise(count)
    before = _peak_mb()
    partner = signals.select(partner=pl.col("partner_id").cast(pl.Categorical).to_physical()).with_row_index("row")
    row, floor = _search(signals, partner)
    row = {"signals": f"{count:,}", **row}
    searched = _peak_mb()
    for name, rule in RULES.items():
        whole = _best(lambda rule=rule: match_month(signals, rule))
        row[f"whole s, {name}"] = _told(whole)
        row[f"whole / floor, {name}"] = f"{whole[1] / floor[1]:.2f}"
    row["sets"] = f"{match_month(signals, RULES['person'])['set_number'].n_unique():,}"
    row["peak MB: data, search, whole"] = f"{before:,.0f}, {searched:,.0f}, {_peak_mb():,.0f}"
    return row


def _search(signals: pl.DataFrame, partner: pl.DataFrame) -> tuple[dict[str, str], tuple[float, float]]:
    kinds = tuple(TOKEN_KINDS)
    tokens = token_rows(signals, kinds).join(partner, on="row")
    floor = _best(lambda: _group(tokens))
    search = _best(lambda: find_pairs(tokens, kinds, MOST_SHARING))
    row = {
        "token rows": f"{tokens.height:,}",
        "floor s": _told(floor),
        "search s": _told(search),
        "search / floor": f"{search[1] / floor[1]:.2f}",
    }
    return row, floor


def _group(tokens: pl.DataFrame) -> None:
    with connect() as connection:
        connection.register("tokens", tokens.to_arrow())
        connection.execute(FLOOR).fetchall()


def _best(work: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """The fewest seconds of a clock, and of the processors."""
    seconds, used = [], []
    for _ in range(times):
        begin, begin_used = time.perf_counter(), time.process_time()
        work()
        seconds.append(time.perf_counter() - begin)
        used.append(time.process_time() - begin_used)
    return min(seconds), min(used)


def _told(spent: tuple[float, float]) -> str:
    return f"{spent[0]:.2f} ({spent[1]:.2f})"


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def draw(rows: list[dict[str, str]]) -> None:
    """Processor seconds of floor, search and whole against token rows."""
    import altair as alt

    points = [
        {
            "token rows": int(row["token rows"].replace(",", "")),
            "seconds": float(row[column].split("(")[1].strip(")")),
            "what": column.replace(" s", ""),
        }
        for row in rows
        for column in ("floor s", "search s", "whole s, person")
    ]
    lines = alt.Chart(alt.Data(values=points)).mark_line(point=True)
    lines.encode(
        x=alt.X("token rows:Q", title="token rows"),
        y=alt.Y("seconds:Q", title="processor seconds"),
        color=alt.Color("what:N", title=None),
    ).properties(width=420, height=260).save(CHART)


def main(arguments: list[str] | None = None) -> None:
    """Measure each size in a child process and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, action="append", help="number of signals; may be repeated")
    parser.add_argument("--chart", action="store_true", help="draw docs/images/matching-growth.svg")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.here:
        print(json.dumps([measure(size) for size in options.rows]))
        return
    rows: list[dict[str, str]] = []
    for size in options.rows or SIZES:
        command = [sys.executable, "-m", "benchmarks.bench_matching", "--here", "--rows", str(size)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        rows += json.loads(done.stdout)
        lines = as_table(list(rows[0]), [list(row.values()) for row in rows]).splitlines()
        print("\n".join(lines if len(rows) == 1 else lines[-1:]), flush=True)
    if options.chart:
        draw(rows)


if __name__ == "__main__":
    main()
