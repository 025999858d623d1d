"""What partners do in a practice year: who delivers when, what is put right afterwards, what is dropped twice.

Most lists come in the first working days of the next month, some late, a few a month late. A third is followed by
a correction (somebody paid, or pays off) and a third by a retraction; now and then a delivery is dropped again.
Everything is sealed by the partner's own program on the partner's own list.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.commands.partner import seal_export
from pipeline.identified.read_export import read_export
from pipeline.identified.read_mapping import ExportMapping
from pipeline.practice.partners import PARTNERS
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import add_months, add_working_days, month_start

ON_TIME, LATE, A_MONTH_LATE = (1, 5), (6, 12), (24, 30)
WHEN = ((ON_TIME, 0.8), (LATE, 0.15), (A_MONTH_LATE, 0.05))
CORRECTED, RETRACTED, DROPPED_TWICE = 0.35, 0.35, 0.1
SHARE_CORRECTED, SHARE_RETRACTED = 0.06, 0.03


@dataclass(frozen=True)
class Drop:
    """One thing that a partner does on a day: deliver, put right, take back, or drop a delivery again."""

    on: date
    partner_id: str
    month: str
    kind: str


def plan_drops(months: tuple[str, ...], chance: np.random.Generator) -> list[Drop]:
    """All that partners do in the year, in order; a correction never comes before what it corrects."""
    drops = []
    for month in months:
        begin = month_start(add_months(month, 1)) - timedelta(days=1)
        for partner in PARTNERS:
            first, last = WHEN[int(chance.choice(len(WHEN), p=[share for _, share in WHEN]))][0]
            on = add_working_days(begin, int(chance.integers(first, last + 1)))
            drops.append(Drop(on, partner.partner_id, month, "signals"))
            for kind, share in (("correction", CORRECTED), ("retraction", RETRACTED), ("again", DROPPED_TWICE)):
                if chance.random() < share:
                    later = add_working_days(on, int(chance.integers(2, 9)))
                    drops.append(Drop(later, partner.partner_id, month, kind))
    return sorted(drops, key=lambda drop: (drop.on, drop.month, drop.partner_id, drop.kind != "signals"))


class Partners:
    """Does what was planned, at the partners: in `region`, into the municipality's inbox."""

    def __init__(self, region: Path, inbox: Path, chance: np.random.Generator) -> None:
        self._region = region
        self._inbox = inbox
        self._chance = chance
        self.row_counts: dict[str, int] = {}

    def act(self, drop: Drop) -> None:
        """Carry out one drop; what comes to nothing is left."""
        place = self._region / "partners" / drop.partner_id
        export = place / f"export-{drop.month}.csv"
        if drop.kind == "again":
            self._drop_again(drop)
            return
        if drop.kind != "signals":
            export = self._part_of(export, place / f"{drop.kind}-{drop.month}.csv", drop.kind)
        try:
            outcome = seal_export(
                export,
                agreement_file=self._region / "agreement.json",
                keys_file=place / "keys.json",
                month=drop.month,
                areas_file=self._region / "areas.csv",
                kind=drop.kind,
                out=place / "sealed",
            )
        except Refused as refusal:
            if refusal.code not in ("NO_SIGNALS_LEFT", "EXPORT_EMPTY"):
                raise
            return
        sealed = Path(outcome.paths["delivery"])
        self.row_counts[sealed.name] = outcome.counts["signals"]
        shutil.copytree(sealed, self._inbox / sealed.name)

    def _drop_again(self, drop: Drop) -> None:
        name = f"{drop.partner_id}_{drop.month}_0001"
        sealed = self._region / "partners" / drop.partner_id / "sealed" / name
        if sealed.is_dir() and not (self._inbox / name).exists():
            shutil.copytree(sealed, self._inbox / name)

    def _part_of(self, export: Path, target: Path, kind: str) -> Path:
        """Some rows of a list: taken back as they are, or with less to pay."""
        rows = read_export(export.read_bytes(), ExportMapping()).rows.drop("row")
        share = SHARE_RETRACTED if kind == "retraction" else SHARE_CORRECTED
        chosen = rows.filter(pl.Series(self._chance.random(rows.height) < share))
        if kind == "correction":
            chosen = chosen.with_columns(maanden_achterstand=pl.lit("1"))
        chosen.write_csv(target, separator=";")
        return target


def read_feedback(region: Path, home: Path, out: Path) -> Iterator[tuple[str, int, int]]:
    """Each partner makes its list of all that the municipality told: partner, packages, signals told of."""
    from pipeline.commands.at_the_partner.partner_feedback import list_feedback
    from pipeline.vault.keyring import PartnerKeys

    for partner in PARTNERS:
        place = home / "outbox" / "feedback" / partner.partner_id
        if not place.is_dir():
            continue
        own = region / "partners" / partner.partner_id
        told = list_feedback(
            place,
            PartnerKeys.read(own / "keys.json"),
            sorted(own.glob("export-*.csv")),
            out=out / f"terugkoppeling-{partner.partner_id}.csv",
        )
        yield partner.partner_id, told.counts["packages"], told.counts["signals"]
