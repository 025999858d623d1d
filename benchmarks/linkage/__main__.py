"""Samenloop beside Splink 5 and two baselines: `python -m benchmarks.linkage`, or `make bench-linkage`.

Each data set and size is measured in a child process and kept in var/linkage, so a run that was cut off goes on
where it stopped; `--fresh` measures again. The table goes to the terminal and into docs/linkage.md, charts to
docs/images. Seeds 1 to 5 were for development; what is reported has seed 101.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.linkage import measure, report
from benchmarks.linkage.sets import SETS

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "linkage"
SIZES = (10_000, 100_000)
SEED = 101


def main(arguments: list[str] | None = None) -> None:
    """Measure what is asked, print the table, and with --write put it into the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--signals", type=int, action="append", help="size; may be repeated")
    parser.add_argument("--data", choices=tuple(SETS), action="append", help="data set; may be repeated")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--no-splink", action="store_true", help="leave Splink out (it takes most of the time)")
    parser.add_argument("--fresh", action="store_true", help="measure again what was measured before")
    parser.add_argument("--write", action="store_true", help="write docs/linkage.md and its charts")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    wanted = [
        (data, size)
        for data in options.data or list(SETS)
        for size in (options.signals or list(SIZES) if data != "febrl4" else [10_000])
    ]
    rows: list[dict[str, Any]] = []
    for data, size in wanted:
        path = KEPT / f"{data}-{size}-{options.seed}{'-own' if options.no_splink else ''}.json"
        if options.here:
            measure.write(path, measure.measure(data, size, options.seed, has_splink=not options.no_splink))
        elif options.fresh or not path.exists():
            command = [
                sys.executable,
                "-m",
                "benchmarks.linkage",
                "--here",
                "--data",
                data,
                "--signals",
                str(size),
            ]
            command += ["--seed", str(options.seed), *(["--no-splink"] if options.no_splink else [])]
            subprocess.run(command, check=True, cwd=ROOT)
        if not options.here:
            found = json.loads(path.read_text(encoding="utf-8"))
            print(
                f"\n{data}, {found[0]['signals']:,} signals, seed {options.seed}\n\n{report.table(found)}",
                flush=True,
            )
            rows += found
    if options.write:
        report.write(ROOT / "docs", rows)


if __name__ == "__main__":
    main()
