"""One size of one data set, measured in a process of its own: every method on the same records, one JSON file.

Seconds of Samenloop count from written fields to cases: normalising, tokens, matching, and for the opener
comparing. Those of Splink count training and prediction, after the same normalising. Peak memory is the most the
process had.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.linkage import samenloop_methods as own
from benchmarks.linkage.records import normalised
from benchmarks.linkage.scores import Score
from benchmarks.linkage.sets import SETS

METHODS = (
    "Samenloop: tokens alone",
    "Samenloop: tokens, then the opener",
    "Samenloop: with household",
    "Splink 5, fields tidied",
    "Splink 5, fields tidied, trained on the truth",
    "Splink 5, our normaliser",
    "Splink 5, our normaliser, trained on the truth",
    "one token: surname, initial, birth date",
    "naive: any of ten tokens",
)


def measure(data: str, signals: int, seed: int, *, has_splink: bool = True) -> list[dict[str, Any]]:
    """One row per method."""
    written = SETS[data](signals, seed)
    begin = time.perf_counter()
    records, keys = normalised(written)
    normalising = time.perf_counter() - begin
    begin = time.perf_counter()
    rows = own.as_signals(records, keys)
    prepared = normalising + time.perf_counter() - begin
    work: list[tuple[str, float, Callable[[], Score]]] = [
        (METHODS[0], prepared, lambda: own.score_tokens(records, rows)),
        (METHODS[1], prepared, lambda: own.score_opener(records, rows)),
        (METHODS[2], prepared, lambda: own.score_households(records, rows)),
        (METHODS[7], normalising, lambda: own.score_any_of(records, keys, [own.ONE_TOKEN])),
        (METHODS[8], normalising, lambda: own.score_any_of(records, keys, own.TEN_TOKENS)),
    ]
    if has_splink:
        work += _splink(records, keys, normalising)
    return [
        {"data": data, "signals": len(written), "asked": signals, "seed": seed, **_row(*item)}
        for item in sorted(work, key=lambda item: METHODS.index(item[0]))
    ]


def _splink(records, keys, normalising):  # type: ignore[no-untyped-def]
    from benchmarks.linkage.splink_method import score_splink, tidied

    tidy = tidied(records)
    return [
        (METHODS[3], 0.0, lambda: score_splink(records, tidy, is_labelled=False)[0]),
        (METHODS[4], 0.0, lambda: score_splink(records, tidy, is_labelled=True)[0]),
        (METHODS[5], normalising, lambda: score_splink(records, keys, is_labelled=False)[0]),
        (METHODS[6], normalising, lambda: score_splink(records, keys, is_labelled=True)[0]),
    ]


def _row(name: str, before: float, work: Callable[[], Score]) -> dict[str, Any]:
    begin = time.perf_counter()
    result = work()
    seconds = before + time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"method": name, **replace(result, seconds=round(seconds, 2), peak_mb=round(peak)).as_json()}


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Keep a result, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    part.replace(path)
