"""Every measurement in turn; each is a module of its own and prints its own table."""

from __future__ import annotations

import subprocess
import sys

MODULES = (
    "benchmarks.bench_tokens",
    "benchmarks.bench_pipeline",
    "benchmarks.bench_matching",
    "benchmarks.bench_publish",
    "benchmarks.bench_reveal",
)


def main() -> None:
    """Run them one after another."""
    for module in MODULES:
        print(f"\n## python -m {module}\n", flush=True)
        subprocess.run([sys.executable, "-m", module], check=True)


if __name__ == "__main__":
    main()
