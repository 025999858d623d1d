"""One size of one data set: every method on the same records, each in a process of its own, one JSON file.

Seconds of Samenloop count from written fields to cases: normalising, tokens, matching, and for the opener
comparing. Those of Splink count training and prediction, after the same normalising. Peak memory is the most that
the method's own process had, with the records read back in it.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.linkage import samenloop_methods as own
from benchmarks.linkage.records import normalised
from benchmarks.linkage.scores import Score
from benchmarks.linkage.sets import SETS

ROOT = Path(__file__).resolve().parents[2]
SPLINK = "Splink"
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
    told = {"data": data, "signals": len(written), "asked": signals, "seed": seed}
    with tempfile.TemporaryDirectory() as folder:
        for name, frame in (("records", records), ("keys", keys), ("rows", rows)):
            frame.write_parquet(Path(folder) / name)
        return [
            {**told, **_apart(Path(folder), number, _before(name, normalising, prepared))}
            for number, name in enumerate(METHODS)
            if has_splink or not name.startswith(SPLINK)
        ]


def _before(name: str, normalising: float, prepared: float) -> float:
    """Seconds of the work that a method finds done."""
    if name.startswith("Samenloop"):
        return prepared
    return 0.0 if "tidied" in name else normalising


def _apart(folder: Path, number: int, before: float) -> dict[str, Any]:
    """A method in a child: what one takes is not counted against the next."""
    command = [sys.executable, "-m", "benchmarks.linkage.measure", str(folder), str(number), str(before)]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE)
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


def _work(name: str, records: pl.DataFrame, keys: pl.DataFrame, rows: pl.DataFrame) -> Callable[[], Score]:
    if name.startswith(SPLINK):
        from benchmarks.linkage.splink_method import score_splink, tidied

        fields = tidied(records) if "tidied" in name else keys
        return lambda: score_splink(records, fields, is_labelled=name.endswith("the truth"))[0]
    work: dict[str, Callable[[], Score]] = {
        METHODS[0]: lambda: own.score_tokens(records, rows),
        METHODS[1]: lambda: own.score_opener(records, rows),
        METHODS[2]: lambda: own.score_households(records, rows),
        METHODS[7]: lambda: own.score_any_of(records, keys, [own.ONE_TOKEN]),
        METHODS[8]: lambda: own.score_any_of(records, keys, own.TEN_TOKENS),
    }
    return work[name]


def _row(folder: Path, name: str, before: float) -> dict[str, Any]:
    work = _work(name, *(pl.read_parquet(folder / frame) for frame in ("records", "keys", "rows")))
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


if __name__ == "__main__":
    print(json.dumps(_row(Path(sys.argv[1]), METHODS[int(sys.argv[2])], float(sys.argv[3]))))
