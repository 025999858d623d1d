"""One national morning: new cases opened, confirmed and handed over to many teams, held against opening them bare.

    python -m benchmarks.bench_reveal [--cases 3000] [--teams 400]

A practice region with short postcode areas is sealed, admitted and matched; of its cases so many are kept, spread
over so many teams without a limit of room. Teams go by the four digits of a postcode: wijken of one municipality
are at most a hundred. Measured is `samenloop reveal`, with the opener as the child process that it starts.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.bench_pipeline import DAY, _admit, _apart, _match, _sample, _seal

HOUSEHOLDS = 250_000
SIGNALS_PER_1000 = 170.0
POSTCODES_PER_AREA = 20
"""Letter pairs of one four-digit postcode, of some three hundred: so the region has areas enough for the teams."""


def main() -> None:
    """Print the line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--teams", type=int, default=400)
    parser.add_argument("--households", type=int, default=HOUSEHOLDS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="samenloop-bench-") as folder:
        region = Path(folder, "region")
        _apart(_sample_of_short_areas, region, given.households)
        _apart(_divide, region, given.teams)
        for step, place in ((_seal, region), (_admit, region / "municipality"), (_match, region / "municipality")):
            _apart(step, place)
        home = region / "municipality"
        kept = _apart(_keep, home, given.cases)
        floor = _apart(_open_floor, home)
        done = _apart(_reveal, home)
        what = f"{kept['cases']:,} new cases with {floor['contacts']:,} contacts, {done['teams']} teams"
        print(
            f"| `samenloop reveal`, {what}; {done['new']:,} shown "
            f"| {done['seconds']:.1f} s, of which {done['cpu']:.1f} s of processor "
            f"| {kept['cases'] / done['seconds']:,.0f} cases/s "
            f"| {done['seconds'] / floor['seconds']:.1f} times opening the same contacts bare on one core "
            f"| {done['peak_mb']:.0f} MB |"
        )


def _sample_of_short_areas(region: Path, households: int) -> dict[str, Any]:
    from pipeline.practice import places

    places.LETTER_PAIRS = places.LETTER_PAIRS[:POSTCODES_PER_AREA]
    return _sample(region, households, SIGNALS_PER_1000)


def _divide(region: Path, teams: int) -> dict[str, Any]:
    """Before anything is sealed: no wijken in the table of areas, and its postcodes divided over the teams."""
    import polars as pl

    areas = pl.read_csv(region / "areas.csv", separator=";", infer_schema=False)
    areas.with_columns(Wijk2025=pl.lit("")).write_csv(region / "areas.csv", separator=";")
    digits = areas["PC6"].str.head(4).unique().sort().to_list()
    listed = [
        {"team_id": f"team-{number}", "name": f"Wijkteam {number}", "postcode4": digits[number::teams]}
        for number in range(teams)
    ]
    if not listed[-1]["postcode4"]:
        raise SystemExit(f"The region has {len(digits)} areas only: ask fewer --teams or more --households.")
    file = region / "municipality" / "teams.json"
    file.write_text(json.dumps({"format": "samenloop/teams/1", "teams": listed}))
    return {}


def _keep(home: Path, most: int) -> dict[str, Any]:
    """Keep at most so many cases."""
    import sqlalchemy as sa

    from pipeline.commands.wiring import open_run
    from pipeline.store import tables

    with open_run(home, DAY) as run:
        ids = [
            row["case_id"]
            for row in run.store.all(sa.select(tables.cases.c.case_id).order_by(tables.cases.c.case_id))
        ]
        with run.store.transaction("bench", at=run.now, actor="bench") as transaction:
            for table in (tables.case_signals, tables.cases):
                transaction.connection.execute(table.delete().where(table.c.case_id.not_in(ids[:most])))
    return {"cases": len(ids[:most])}


def _open_floor(home: Path) -> dict[str, Any]:
    """Open and verify the contacts of all cases, and nothing else."""
    import sqlalchemy as sa

    from pipeline.commands.key_keeping.key_making import OPENING
    from pipeline.commands.wiring import open_run
    from pipeline.revealed.disclose_case import ContactDesk, StoredSignal
    from pipeline.store import openings, tables
    from pipeline.vault.keyring import read_keys

    with open_run(home, DAY) as run:
        ids = [row["case_id"] for row in run.store.all(sa.select(tables.cases.c.case_id))]
        rows = openings.signals_of_cases(run.store, ids)
        desk = ContactDesk(run.directory, read_keys(run.home.opener_keys_dir, OPENING))
        signals = [StoredSignal(**{name: row[name] for name in openings.SIGNAL_COLUMNS}) for row in rows]
        start = time.perf_counter()
        for signal in signals:
            desk.open(signal)
        return {"seconds": time.perf_counter() - start, "contacts": len(signals)}


def _reveal(home: Path) -> dict[str, Any]:
    import sqlalchemy as sa

    from pipeline.commands.reveal import reveal
    from pipeline.commands.wiring import open_run
    from pipeline.store.tables import disclosures

    with open_run(home, DAY) as run:
        start, before = time.perf_counter(), _processor_seconds()
        outcome = reveal(run)
        seconds, cpu = time.perf_counter() - start, _processor_seconds() - before
        visiting = run.store.all(sa.select(disclosures.c.team_id).distinct())
    return {"seconds": seconds, "cpu": cpu, "new": outcome.counts["new"], "teams": len(visiting)}


def _processor_seconds() -> float:
    """Of this process and of the children that ended: the opener too."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
