"""The pipeline on a practice region: sealing, a national month in one home, a day of a municipality.

    python -m benchmarks.bench_pipeline [--rows 88000] [--inhabitants 100000]

Each part runs in a process of its own, so that its peak memory is its own. Sealing is held against its floor, the
bare HPKE seal and Ed25519 signature of as many contacts on one core in the same run; admission against decrypting
and reading the same files.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

MONTH = "2026-10"
DAY = date(2026, 11, 3)
INHABITANTS_PER_HOUSEHOLD = 2.1
SIGNALS_PER_1000 = 170
_CONTACT_BYTES = 704
CASES_TO_CONFIRM = 3_000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=88_000, help="about a sixth stays at the partners")
    parser.add_argument("--inhabitants", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="samenloop-bench-") as folder:
        region, town = Path(folder, "region"), Path(folder, "town")
        households = round(given.rows / SIGNALS_PER_1000 * 1000 / INHABITANTS_PER_HOUSEHOLD)
        _apart(_sample, region, households, float(SIGNALS_PER_1000))
        sealed = _apart(_seal, region)
        floor = _apart(_seal_floor, 5_000)
        rate = sealed["signals"] / sealed["seconds"]
        print(
            f"| sealing {sealed['signals']:,} signals, six partners | {sealed['seconds']:.1f} s "
            f"| {rate:,.0f} signals/s | {rate / floor['rate']:.2f} of the bare seal and signature on one core "
            f"({floor['rate']:,.0f}/s) | {sealed['peak_mb']:.0f} MB |"
        )
        read = _apart(_read_floor, region / "municipality")
        for name, step in (("admission", _admit), ("matching and cases", _match)):
            done = _apart(step, region / "municipality")
            ratio = f"{done['seconds'] / read['seconds']:.1f} times decrypting and reading the same files"
            print(
                f"| {name} of these in one home | {done['seconds']:.1f} s | | {ratio} | {done['peak_mb']:.0f} MB |"
            )
        done = _apart(_confirm, region / "municipality")
        print(
            f"| opening and confirming {done['cases']:,} cases of these | {done['seconds']:.1f} s "
            f"| {done['cases'] / done['seconds']:,.0f} cases/s "
            f"| {done['processor_seconds']:.1f} processor seconds, {done['contacts']:,} contacts "
            f"| {done['peak_mb']:.0f} MB |"
        )
        town_households = round(given.inhabitants / INHABITANTS_PER_HOUSEHOLD)
        _apart(_sample, town, town_households, 4.0)
        _apart(_seal, town)
        done = _apart(_day, town / "municipality")
        print(
            f"| `samenloop day`, {given.inhabitants:,} inhabitants, {done['signals']} signals "
            f"| {done['seconds']:.1f} s (import {done['import_seconds']:.1f} s) | | | {done['peak_mb']:.0f} MB |"
        )


def _apart(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Run one part in a fresh process and add the peak memory of it and of its children, in MB."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(theirs, work, arguments))
    process.start()
    theirs.close()
    answer: dict[str, Any] = mine.recv()
    process.join()
    return answer


def _measured(answer: Any, work: Callable[..., dict[str, Any]], arguments: tuple[Any, ...]) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        result = work(*arguments)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    answer.send({**result, "peak_mb": peak / 1024})


def _sample(region: Path, households: int, signals_per_1000: float) -> dict[str, Any]:
    from pipeline.commands.sample import make_sample
    from pipeline.practice.region import Plan

    make_sample(region, Plan(households=households, seed=1, months=(MONTH,), signals_per_1000=signals_per_1000))
    return {}


def _seal(region: Path) -> dict[str, Any]:
    from pipeline.commands.practising.practice_region import Region, seal_all

    start = time.perf_counter()
    outcomes = seal_all(Region(region, MONTH), region / "municipality/inbox/deliveries")
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "signals": sum(outcome.counts["signals"] for outcome in outcomes)}


def _seal_floor(count: int) -> dict[str, Any]:
    from pipeline.vault.sealing import new_box_key, public_of_box, sealer
    from pipeline.vault.signing import new_signing_key, sign

    seal, key, contact = sealer(public_of_box(new_box_key())), new_signing_key(), bytes(_CONTACT_BYTES)
    start = time.perf_counter()
    for _ in range(count):
        seal(sign(key, contact) + contact, b"info")
    return {"rate": count / (time.perf_counter() - start)}


def _read_floor(home: Path) -> dict[str, Any]:
    import json

    import polars as pl

    from pipeline.commands.wiring import open_run
    from pipeline.vault.keyring import read_keys
    from pipeline.vault.sealing import open_sealed
    from pipeline.vocabulary.manifest import DATA_FILE, MANIFEST_FILE, DeliveryName, file_info

    with open_run(home, DAY) as run:
        (key,) = read_keys(run.home.keys_dir, "admission")
        start = time.perf_counter()
        for folder in filter(Path.is_dir, run.home.inbox_deliveries.iterdir()):
            manifest = json.loads((folder / MANIFEST_FILE).read_text("utf-8"))
            name = DeliveryName.parse(folder.name)
            info = file_info(name, manifest["gemeentecode"], manifest["agreement_id"], key.key_id)
            pl.read_parquet(io.BytesIO(open_sealed(key.secret.value, (folder / DATA_FILE).read_bytes(), info)))
    return {"seconds": time.perf_counter() - start}


def _admit(home: Path) -> dict[str, Any]:
    import great_expectations  # noqa: F401 - its import is counted apart

    from pipeline.commands.admit import admit

    return _timed(home, admit)


def _match(home: Path) -> dict[str, Any]:
    from pipeline.commands.match import match

    return _timed(home, match)


def _confirm(home: Path) -> dict[str, Any]:
    """The opener's own work without writing lists: open, verify, normalise, compare, judge."""
    import sqlalchemy as sa

    from pipeline.commands.wiring import open_run
    from pipeline.revealed.disclose_case import ContactDesk, ProposedCase, StoredSignal, answer_cases
    from pipeline.store import cases, openings, tables
    from pipeline.vault.keyring import read_keys
    from pipeline.vocabulary.case import EVIDENCE_PERSON, GROUND_RULE

    with open_run(home, DAY) as run:
        desk = ContactDesk(run.directory, read_keys(run.home.opener_keys_dir, "opening"))
        with run.store.transaction("look", at=run.now, actor="bench") as transaction:
            found = cases.cases_of_month(transaction, MONTH)[:CASES_TO_CONFIRM]
        current = sa.select(tables.signals).where(tables.signals.c.is_current, tables.signals.c.month == MONTH)
        stored = {
            (row["partner_id"], row["signal_id"]): StoredSignal(
                **{name: row[name] for name in openings.SIGNAL_COLUMNS}
            )
            for row in run.store.all(current)
        }
        proposed = [
            ProposedCase(
                row["case_id"],
                GROUND_RULE,
                EVIDENCE_PERSON,
                run.agreement.rule,
                tuple(stored[key] for key in sorted(row["signals"])),
            )
            for row in found
        ]
        begin, begin_used = time.perf_counter(), time.process_time()
        answers = answer_cases(proposed, desk)
        seconds, used = time.perf_counter() - begin, time.process_time() - begin_used
    assert not any(answer.refused for answer in answers), "a measurement of refused contacts says nothing"
    contacts = sum(len(case.signals) for case in proposed)
    return {"seconds": seconds, "processor_seconds": used, "cases": len(answers), "contacts": contacts}


def _day(home: Path) -> dict[str, Any]:
    start = time.perf_counter()
    import great_expectations  # noqa: F401 - its import is counted apart

    from pipeline.commands import admit, match, publish, retire, reveal, settle  # noqa: F401 - as above
    from pipeline.commands.day import day

    imported = time.perf_counter() - start
    return {**_timed(home, day), "import_seconds": imported}


def _timed(home: Path, step: Callable[[Any], Any]) -> dict[str, Any]:
    from pipeline.commands.wiring import open_run

    with open_run(home, DAY) as run:
        start = time.perf_counter()
        outcome = step(run)
        seconds = time.perf_counter() - start
    assert not outcome.refused, "a measurement of refused deliveries says nothing"
    return {"seconds": seconds, "signals": outcome.counts.get("match_signals", 0)}


if __name__ == "__main__":
    main()
