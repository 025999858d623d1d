"""Where true cases are lost: by tokens, by the opener, or to the data steward; and on which row of the table.

    python -m benchmarks.linkage.losses [--data hard] [--signals 60000] [--seed 12]

Seed 12 is one of those on which rows were chosen; the seed that the benchmark reports is not looked at here.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict

from benchmarks.linkage.records import normalised
from benchmarks.linkage.samenloop_methods import as_signals, open_sets, propose
from benchmarks.linkage.scores import LEAST_PARTNERS
from benchmarks.linkage.sets import SETS
from benchmarks.linkage.tables import as_table
from pipeline.revealed.confirm_match import Confirmation
from pipeline.vocabulary.case import VERDICT_CONFIRMED

LEAST_MONTHS = 2
FOUND, NOT_PROPOSED, SHOWN_WRONG = "found", "not proposed by tokens", "shown with somebody else"
HEADER = ("what became of it", "rows between its partners", "true cases", "share")


def count_losses(data: str, signals: int, seed: int) -> Counter[tuple[str, str]]:
    """True cases by what became of them and by the rows of the opener's table between two of their partners."""
    records, keys = normalised(SETS[data](signals, seed))
    persons, partners = records["person"].to_list(), records["partner_id"].to_list()
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row, (person, months) in enumerate(records.select("person", "arrears_months").iter_rows()):
        if months >= LEAST_MONTHS:
            rows_of[person].append(row)
    sets_with: dict[int, list[tuple[list[int], Confirmation]]] = defaultdict(list)
    for _, places, confirmation in open_sets(records, propose(as_signals(records, keys))):
        for row in places:
            sets_with[row].append((places, confirmation))
    found: Counter[tuple[str, str]] = Counter()
    for person, rows in rows_of.items():
        if len({partners[row] for row in rows}) < LEAST_PARTNERS:
            continue
        fates = [
            _fate(person, set(rows), places, confirmation, persons, partners)
            for places, confirmation in {id(one[0]): one for row in rows for one in sets_with[row]}.values()
        ]
        known = [fate for fate in fates if fate is not None]
        found[min(known, key=lambda fate: fate[0] != FOUND, default=(NOT_PROPOSED, ""))] += 1
    return found


def _fate(
    person: int,
    rows: set[int],
    places: list[int],
    confirmation: Confirmation,
    persons: list[int],
    partners: list[str],
) -> tuple[str, str] | None:
    """What one proposed set makes of a true case; None where it brings no two of its partners together."""
    if len({partners[row] for row in places if row in rows}) < LEAST_PARTNERS:
        return None
    between = "+".join(
        sorted(
            {
                pair.rule.rule_id
                for pair in confirmation.pairs
                if {places[pair.one], places[pair.other]} <= rows
                and partners[places[pair.one]] != partners[places[pair.other]]
            }
        )
    )
    if confirmation.verdict != VERDICT_CONFIRMED:
        return f"{confirmation.verdict}: {confirmation.reason_code}", between
    shown = [places[at] for at in confirmation.confirmed]
    is_found = len({partners[row] for row in shown if row in rows}) >= LEAST_PARTNERS
    return (FOUND, "") if is_found and {persons[row] for row in shown} == {person} else (SHOWN_WRONG, between)


def main(arguments: list[str] | None = None) -> None:
    """Print the table, what was found first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=tuple(SETS), default="hard")
    parser.add_argument("--signals", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=12)
    options = parser.parse_args(arguments)
    found = count_losses(options.data, options.signals, options.seed)
    whole = sum(found.values())
    lines = [
        (fate, between, f"{count:,}", f"{count / whole:.2%}") for (fate, between), count in found.most_common(20)
    ]
    print(as_table(HEADER, lines))


if __name__ == "__main__":
    main()
