"""What a partner's computer does before it seals: normalising and ten kinds of token, in one process and in two.

    python -m benchmarks.bench_tokens [--rows 200000]

The records are the practice region's, as partners write them. Two processes are what `samenloop partner seal` uses
on two cores; each has one thread. The floor is the bare keyed hash, from pre-keyed copies, of as many tokens: a
ratio to it holds on any machine, records a second do not. Below it stands the keyed hash of the standard library.
Processor seconds leave out what other work on the machine takes; records a second on two idle cores are twice
those of one processor second.
"""

from __future__ import annotations

import argparse
import hmac
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

_KEY = bytes(range(32))
_ROWS_AT_ONCE = 50_000
"""The partner's tool normalises its whole export at once, and hashes in smaller parts."""
_FLOOR_TOKENS = 400_000


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    rows = parser.parse_args(arguments).rows
    # Before Polars is imported, here or in a child: each process has one thread, as each has one core.
    os.environ["POLARS_MAX_THREADS"] = "1"
    from benchmarks.linkage.practice_data import practice_records
    from pipeline.vocabulary.identity.normalise import WRITTEN_COLUMNS

    people = practice_records(rows, 1).select(WRITTEN_COLUMNS)
    floor = _floor()
    print("| processes | records | tokens | seconds | records/s | records per processor second | of the floor |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for processes in (1, 2):
        with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
            parts = list(people.iter_slices(_ROWS_AT_ONCE))
            list(pool.map(_tokens_of, [parts[0].head(100)] * processes * 4))  # imports are not counted
            begin = time.perf_counter()
            done = list(pool.map(_tokens_of, parts))
            seconds = time.perf_counter() - begin
        made, used = (sum(part[place] for part in done) for place in (0, 1))
        print(
            f"| {processes} | {people.height:,} | {made:,} | {seconds:.2f} | {people.height / seconds:,.0f} "
            f"| {people.height / used:,.0f} | {made / used / floor:.2f} of {floor:,.0f} tokens/s |"
        )
    print(f"\nThe keyed hash of the standard library: {_standard_library():,.0f} tokens/s.")


def _tokens_of(part) -> tuple[int, float]:  # type: ignore[no-untyped-def]
    """Normalise some people and make their tokens; how many there are, and the processor seconds it took."""
    from pipeline.identified.derive_tokens import derive_tokens
    from pipeline.vocabulary.identity.normalise import normalise_people

    begin = time.process_time()
    tokens = derive_tokens(normalise_people(part), _KEY)
    return sum(tokens[name].count() for name in tokens.columns), time.process_time() - begin


def _floor() -> float:
    """Tokens a processor second of the keyed hash that the product uses."""
    keyed = HMAC(_KEY, SHA256())

    def one(message: bytes) -> bytes:
        digest = keyed.copy()
        digest.update(message)
        return digest.finalize()

    return _per_second(one)


def _standard_library() -> float:
    """The same with the standard library's."""
    keyed = hmac.new(_KEY, digestmod=sha256)

    def one(message: bytes) -> bytes:
        digest = keyed.copy()
        digest.update(message)
        return digest.digest()

    return _per_second(one)


def _per_second(one: Callable[[bytes], bytes]) -> float:
    messages = [b"%030d" % number for number in range(_FLOOR_TOKENS)]
    begin = time.process_time()
    for message in messages:
        one(message)
    return _FLOOR_TOKENS / (time.process_time() - begin)


if __name__ == "__main__":
    main()
