"""Matching: the kernel and its candidate search, beside the barest query that could do it, in the same run.

    python -m benchmarks.bench_matching [--rows 72000 --rows 1000000]

The floor is DuckDB grouping all token rows by kind and value, and keeping groups with more than one partner. A
ratio to it holds on any machine; seconds do not. The search is from token rows to candidate pairs, the whole from
signals to proposed sets. The signals are random: a tenth is a second signal of somebody, tokens are missing as at
real partners, and one in seven is spoilt by an error.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import polars as pl

from pipeline.pseudonymous.match_signals import match_month
from pipeline.pseudonymous.match_signals.candidates import connect, find_pairs, token_rows
from pipeline.pseudonymous.match_signals.evidence import MOST_SHARING
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.frames import BAND_CODES, TOKEN_BYTES, TOKEN_KINDS

SIZES = (72_000, 1_000_000)
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


def measure(count: int) -> list[dict[str, object]]:
    """Rows of the table for so many signals. Run it in a process of its own: memory is counted per process."""
    signals = synthesise(count)
    before = _peak_mb()
    partner = signals.select(partner=pl.col("partner_id").cast(pl.Categorical).to_physical()).with_row_index("row")
    found = []
    for name, rule in RULES.items():
        kinds = tuple(TOKEN_KINDS)
        tokens = token_rows(signals, kinds).join(partner, on="row")
        floor = _best(lambda tokens=tokens: _group(tokens))
        search = _best(lambda tokens=tokens, kinds=kinds: find_pairs(tokens, kinds, MOST_SHARING))
        whole = _best(lambda rule=rule: match_month(signals, rule))
        proposed = match_month(signals, rule)
        found.append(
            {
                "signals": f"{count:,}",
                "match on": name,
                "token rows": f"{tokens.height:,}",
                "sets": f"{proposed['set_number'].n_unique():,}",
                "floor s": f"{floor:.2f}",
                "search s": f"{search:.2f}",
                "search / floor": f"{search / floor:.1f}",
                "whole s": f"{whole:.2f}",
                "whole / floor": f"{whole / floor:.1f}",
                "peak MB": f"{_peak_mb():,.0f} (data alone {before:,.0f})",
            }
        )
        del tokens
    return found


def _group(tokens: pl.DataFrame) -> None:
    with connect() as connection:
        connection.register("tokens", tokens.to_arrow())
        connection.execute(FLOOR).fetchall()


def _best(work: Callable[[], object], times: int = 3) -> float:
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def as_table(rows: list[dict[str, object]]) -> str:
    """Rows as Markdown."""
    header = list(rows[0])
    lines = [header, ["---"] * len(header), *([str(row[name]) for name in header] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main(arguments: list[str] | None = None) -> None:
    """Measure each size in a child process and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, action="append", help="number of signals; may be repeated")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    sizes = options.rows or list(SIZES)
    if options.here:
        print(as_table([row for size in sizes for row in measure(size)]))
        return
    is_first = True
    for size in sizes:
        command = [sys.executable, "-m", "benchmarks.bench_matching", "--here", "--rows", str(size)]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        print("\n".join(lines if is_first else lines[2:]), flush=True)
        is_first = False


if __name__ == "__main__":
    main()
