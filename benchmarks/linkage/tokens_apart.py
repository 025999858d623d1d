"""What each token earns: alone, and what is lost when it is left out.

Run as `python -m benchmarks.linkage.tokens_apart --data practice --signals 20000 --seed 101`.
"""

from __future__ import annotations

import argparse

import polars as pl

from benchmarks.linkage.records import normalised
from benchmarks.linkage.samenloop_methods import as_signals, propose
from benchmarks.linkage.scores import Score, score, with_proposals
from benchmarks.linkage.sets import SETS
from benchmarks.linkage.tables import as_table
from pipeline.pseudonymous.match_signals.candidates import find_pairs, token_rows
from pipeline.pseudonymous.match_signals.evidence import MOST_SHARING
from pipeline.vocabulary.frames import TOKEN_KINDS

HEADER = (
    "token",
    "signals that have it",
    "pair precision",
    "pair recall",
    "without it: proposal recall",
    "case precision",
    "case F1",
    "opened in vain",
)


def measure(data: str, signals: int, seed: int) -> list[tuple[str, ...]]:
    """One row per token kind, after a row with all of them."""
    records, keys = normalised(SETS[data](signals, seed))
    rows = as_signals(records, keys)
    kinds = tuple(TOKEN_KINDS)
    pairs = find_pairs(token_rows(rows, kinds), kinds, MOST_SHARING)
    person = records["person"]
    pairs = pairs.with_columns(is_right=person[pairs["left"]] == person[pairs["right"]])
    whole = _score(records, rows)
    found = [("all", "", "", "", *_figures(whole))]
    for kind, columns in TOKEN_KINDS.items():
        alone = pairs.filter(pl.col(f"shares_{kind}"))
        right = int(alone["is_right"].sum())
        bare = rows.with_columns(pl.lit(None, pl.Binary).alias(column) for column in columns)
        found.append(
            (
                kind,
                f"{rows[columns[0]].count() / len(rows):.0%}",
                f"{right / max(1, len(alone)):.3f}",
                f"{right / max(1, _same(person)):.3f}",
                *_figures(_score(records, bare)),
            )
        )
    return found


def _same(person: pl.Series) -> int:
    sizes = person.value_counts()["count"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def _score(records: pl.DataFrame, rows: pl.DataFrame) -> Score:
    proposed = propose(rows)
    return with_proposals(score(records, proposed), records, proposed)


def _figures(result: Score) -> tuple[str, ...]:
    proposal_recall = result.proposed_found / result.true_cases
    in_vain = result.in_vain / max(1, result.proposed)
    return f"{proposal_recall:.4f}", f"{result.precision:.4f}", f"{result.f1:.4f}", f"{in_vain:.2%}"


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", choices=tuple(SETS), default="practice")
    parser.add_argument("--signals", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=101)
    options = parser.parse_args(arguments)
    print(as_table(HEADER, measure(options.data, options.signals, options.seed)))


if __name__ == "__main__":
    main()
