"""A practice region with its partners' sealed deliveries, for `samenloop demo` and `samenloop airflow`.

Made by the functions that partners and municipalities use themselves. A region is recognised by a file of its own,
so that no other folder is ever replaced.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from pipeline.commands.console import Outcome
from pipeline.commands.partner import seal_export
from pipeline.commands.sample import make_sample
from pipeline.practice.partners import PARTNERS
from pipeline.practice.region import Plan
from pipeline.vocabulary.faults import Refused

MARK = ".samenloop-practice"
_MARK_TEXT = "A practice region. `samenloop demo` and `samenloop airflow` may replace this folder.\n"


@dataclass(frozen=True)
class Region:
    """Where things lie in a practice region of one municipality and one month."""

    folder: Path
    month: str

    @property
    def home(self) -> Path:
        """Home of the municipality."""
        return self.folder / "municipality"

    @property
    def sealed(self) -> Path:
        """Sealed deliveries that were not dropped yet."""
        return self.folder / "sealed"

    @property
    def is_whole(self) -> bool:
        """Whether it was made to the end."""
        return (self.folder / MARK).is_file()

    def export_of(self, partner_id: str) -> Path:
        """A partner's own list."""
        return self.folder / "partners" / partner_id / f"export-{self.month}.csv"

    def seal(self, partner_id: str, into: Path, *, kind: str = "signals") -> Outcome:
        """Seal a partner's list, on the partner's premises."""
        return seal_export(
            self.export_of(partner_id),
            agreement_file=self.folder / "agreement.json",
            keys_file=self.folder / "partners" / partner_id / "keys.json",
            month=self.month,
            areas_file=self.folder / "areas.csv",
            kind=kind,
            out=into,
        )


def clear(folder: Path) -> None:
    """Make room for a new region; only a region of ours is taken away.

    Raises:
        Refused: FOLDER_NOT_EMPTY.
    """
    if not folder.exists():
        return
    if any(folder.iterdir()) and not (folder / MARK).is_file():
        raise Refused("FOLDER_NOT_EMPTY", hint=f"({folder.name})")
    shutil.rmtree(folder)


def make_region(folder: Path, plan: Plan) -> Region:
    """Write people, lists, keys and home of a region of one month; nothing is sealed yet."""
    make_sample(folder, plan)
    (folder / MARK).write_text(_MARK_TEXT, encoding="utf-8")
    return Region(folder, plan.months[-1])


def region_to_drop(folder: Path, plan: Plan) -> Region:
    """A region whose sealed deliveries lie ready to be dropped into its inbox; an earlier one is used again.

    Raises:
        Refused: FOLDER_NOT_EMPTY when something else lies there.
    """
    region = Region(folder, plan.months[-1])
    if region.is_whole and region.sealed.is_dir():
        return region
    clear(folder)
    region = make_region(folder, plan)
    sealing = region.folder / "sealing"
    seal_all(region, sealing)
    for rows_to_look_at in sealing.glob("*.refusals.csv"):  # for the partner; an inbox takes deliveries only
        rows_to_look_at.rename(region.folder / "partners" / rows_to_look_at.name)
    sealing.rename(region.sealed)
    return region


def seal_all(region: Region, into: Path) -> list[Outcome]:
    """Seal every partner's list."""
    return [region.seal(partner.partner_id, into) for partner in PARTNERS]
