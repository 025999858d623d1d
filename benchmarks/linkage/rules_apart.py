"""What each row of the opener's table is worth: of the pairs it decides, how many are one person.

    python -m benchmarks.linkage.rules_apart [--data hard --data practice] [--signals 100000] [--seed 11 --seed 12]

These are the seeds on which rows were chosen and weighed; the seed that the benchmark reports is another. Pairs
are of two partners, in one proposed set.
"""

from __future__ import annotations

import argparse
from collections import Counter

from benchmarks.linkage.records import normalised
from benchmarks.linkage.samenloop_methods import as_signals, open_sets, propose
from benchmarks.linkage.sets import SETS
from benchmarks.linkage.tables import as_table
from pipeline.revealed.confirm_rules import PAIR_RULES

SEEDS = (11, 12, 13)
HEADER = ("row", "verdict", "pairs", "one person", "one household", "one door", "strangers", "because")
SAME, HOUSEHOLD, DOOR, STRANGERS = range(4)


def count_pairs(data: str, signals: int, seed: int) -> Counter[tuple[str, int]]:
    """Pairs per row of the table and what they truly are."""
    records, keys = normalised(SETS[data](signals, seed))
    opened = open_sets(records, propose(as_signals(records, keys)))
    partner = records["partner_id"].to_list()
    told = list(records.select("person", "household", "door", "former_door").iter_rows())
    found: Counter[tuple[str, int]] = Counter()
    for _, places, confirmation in opened:
        for pair in confirmation.pairs:
            one, other = places[pair.one], places[pair.other]
            if partner[one] != partner[other]:
                found[pair.rule.rule_id, _truth(told[one], told[other])] += 1
    return found


def _truth(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    if one[0] == other[0]:
        return SAME
    if one[1] == other[1]:
        return HOUSEHOLD
    return DOOR if set(one[2:]) & set(other[2:]) else STRANGERS


def rows_of(found: Counter[tuple[str, int]]) -> list[tuple[str, ...]]:
    """One line per row of the table, in its order."""
    lines = []
    for rule in PAIR_RULES:
        counts = [found[rule.rule_id, truth] for truth in range(4)]
        shares = [f"{count / max(1, sum(counts)):.1%}" for count in counts]
        lines.append((rule.rule_id, rule.verdict, f"{sum(counts):,}", *shares, rule.because))
    return lines


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=tuple(SETS), action="append")
    parser.add_argument("--signals", type=int, default=100_000)
    parser.add_argument("--seed", type=int, action="append")
    options = parser.parse_args(arguments)
    found: Counter[tuple[str, int]] = Counter()
    for data in options.data or ("hard", "practice"):
        for seed in options.seed or SEEDS:
            found += count_pairs(data, options.signals, seed)
    print(as_table(HEADER, rows_of(found)))


if __name__ == "__main__":
    main()
