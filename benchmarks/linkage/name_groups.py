"""Is everybody found as often, whatever name and birthday: `python -m benchmarks.linkage.name_groups`.

The rule knows no origin and no sex, but names differ in how they are written: particles, two surnames, foreign
letters, birthdays that a register does not know. So a fair rule may still find one group less often. True cases of
the practice region are counted per group of names: proposed by tokens, shown after the opener, left to the
steward; and of what is shown, how much joins two persons. Intervals are Wilson's, 95%.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from math import sqrt
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.linkage.practice_data import practice_people, practice_records
from benchmarks.linkage.records import normalised
from benchmarks.linkage.samenloop_methods import as_signals, open_sets, propose, shown_rows
from benchmarks.linkage.scores import LEAST_PARTNERS
from pipeline.practice.names import ORIGINS, WOMAN
from pipeline.practice.people import PARTNER_THEN_OWN, People
from pipeline.vocabulary.case import VERDICT_DOUBTFUL

PAGE = Path(__file__).resolve().parents[2] / "docs" / "equal-treatment.md"
BEGIN, END = "<!-- begin: printed by the benchmark -->", "<!-- end -->"
Z = 1.959964  # 95%, two sides


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Wilson's interval for a share."""
    if not whole:
        return 0.0, 1.0
    share, room = part / whole, Z * Z / whole
    middle = (share + room / 2) / (1 + room)
    half = Z * sqrt(share * (1 - share) / whole + room / (4 * whole)) / (1 + room)
    return middle - half, middle + half


def groups_of(people: People) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """What a person's name belongs to: for each group, who is in it."""
    origins = {
        f"name: {label.replace('_', ' ')}": (lambda who, place=place: people.origin[who] == place)
        for place, label in enumerate(ORIGINS)
    }
    return {
        "everybody": lambda who: np.ones(len(who), dtype=np.bool_),
        **origins,
        "born on 1 January": lambda who: (people.birth_month[who] == 1) & (people.birth_day[who] == 1),
        "birthday not in the register": lambda who: people.birth_month[who] == 0,
        "women": lambda who: people.sex[who] == WOMAN,
        "men": lambda who: people.sex[who] != WOMAN,
        "women with two surnames": lambda who: (
            (people.sex[who] == WOMAN) & (people.used_name[who] == PARTNER_THEN_OWN)
        ),
    }


def count_groups(signals: int, seed: int) -> pl.DataFrame:
    """One row per group: true cases, and how many of them were proposed, shown and left to the steward."""
    people = practice_people(signals, seed).people
    records, keys = normalised(practice_records(signals, seed))
    proposed = propose(as_signals(records, keys))
    opened = open_sets(records, proposed)
    doubtful = pl.DataFrame(
        [(row, number) for number, rows, found in opened if found.verdict == VERDICT_DOUBTFUL for row in rows],
        schema={"row": pl.UInt32, "set": pl.UInt32},
        orient="row",
    )
    shown = _with_truth(records, shown_rows(opened))
    pure = shown.filter(pl.col("person").n_unique().over("set") == 1)
    true = _cases(records)
    mixed = shown.filter(pl.col("person").n_unique().over("set") > 1)["person"].unique()
    found = {
        "proposed": _cases(_with_truth(records, proposed), "set"),
        "shown": _cases(pure, "set"),
        "to_the_steward": _cases(_with_truth(records, doubtful), "set"),
        "with_somebody_else": mixed.filter(mixed >= 0),
    }
    rows = [
        {
            "group": name,
            "true_cases": int(is_in(true.to_numpy()).sum()),
            **{what: int(is_in(persons.to_numpy()).sum()) for what, persons in found.items()},
        }
        for name, is_in in groups_of(people).items()
    ]
    return pl.DataFrame(rows)


def _with_truth(records: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    truth = records.select("partner_id", "person").with_row_index("row")
    return rows.select("row", "set").join(truth, on="row")


def _cases(rows: pl.DataFrame, *within: str) -> pl.Series:
    """Natural persons whom at least two partners report, in all rows or in one set."""
    counted = rows.group_by("person", *within).agg(partners=pl.col("partner_id").n_unique())
    met = counted.filter((pl.col("partners") >= LEAST_PARTNERS) & (pl.col("person") >= 0))
    return met["person"].unique().sort()


def table(counts: pl.DataFrame) -> str:
    """The counts as a table for the page."""
    lines = [
        "| group | true cases | proposed by tokens | shown (95%) | to the steward | shown with somebody else |",
        "|---|---|---|---|---|---|",
    ]
    for row in counts.iter_rows(named=True):
        whole = row["true_cases"]
        low, high = wilson(row["shown"], whole)
        lines.append(
            f"| {row['group']} | {whole:,} | {row['proposed'] / whole:.3f} "
            f"| {row['shown'] / whole:.3f} ({low:.3f} to {high:.3f}) | {row['to_the_steward'] / whole:.3f} "
            f"| {row['with_somebody_else'] / whole:.4f} |"
        )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and with --write put it into the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--signals", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--write", action="store_true", help="write docs/equal-treatment.md")
    options = parser.parse_args(arguments)
    printed = table(count_groups(options.signals, options.seed))
    print(printed)
    if options.write:
        before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{printed}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
