"""What a set of cases is worth: cases and pairs found, wrong doors, what was opened in vain.

A true case is a person whom at least two partners report with at least two months. A case is right when all that
it shows is about one person; a true case is found when a right case shows at least two of its partners. A wrong
door is a case that joins persons who never had one address. What a method leaves to a human counts as not found.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import polars as pl

LEAST_PARTNERS = 2


@dataclass(frozen=True)
class Score:
    """Counts, and the figures that follow from them; `sets` are cases shown, `proposed` those opened."""

    true_cases: int
    sets: int
    right_sets: int
    found_cases: int
    wrong_doors: int
    true_pairs: int
    pairs: int
    right_pairs: int
    proposed: int = 0
    proposed_found: int = 0
    in_vain: int = 0
    withheld: int = 0
    doubtful: int = 0
    household_sets: int = 0
    household_right: int = 0
    household_of_one: int = 0
    household_true: int = 0
    household_found: int = 0
    seconds: float = 0.0
    peak_mb: float = 0.0

    @property
    def precision(self) -> float:
        """Share of the cases that are right."""
        return _share(self.right_sets, self.sets)

    @property
    def recall(self) -> float:
        """Share of the true cases that are found."""
        return _share(self.found_cases, self.true_cases)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall of cases."""
        return _harmonic(self.precision, self.recall)

    @property
    def pair_precision(self) -> float:
        """Share of the pairs inside cases that are one person."""
        return _share(self.right_pairs, self.pairs)

    @property
    def pair_recall(self) -> float:
        """Share of the pairs of one person inside true cases that are in one case."""
        return _share(self.right_pairs, self.true_pairs)

    def as_json(self) -> dict[str, Any]:
        """Counts and figures."""
        names = ("precision", "recall", "f1", "pair_precision", "pair_recall")
        return asdict(self) | {name: round(getattr(self, name), 4) for name in names}


def score(records: pl.DataFrame, shown: pl.DataFrame) -> Score:
    """Judge cases.

    Args:
        records: signals with truth, one per row.
        shown: `row` (number in `records`) and `set`; a row in no case is left out.
    """
    members = shown.select("row", "set").join(_numbered(records), on="row")
    truth = _numbered(records).filter(pl.col("partner_id").n_unique().over("person") >= LEAST_PARTNERS)
    sets = members.group_by("set").agg(
        persons=pl.col("person").n_unique(), person=pl.col("person").first(), partners=_partners()
    )
    right = sets.filter((pl.col("persons") == 1) & (pl.col("partners") >= LEAST_PARTNERS))
    mixed = members.join(sets.filter(pl.col("persons") > 1), on="set", how="semi")
    return Score(
        true_cases=truth["person"].n_unique(),
        sets=sets.height,
        right_sets=right.height,
        found_cases=right["person"].n_unique(),
        wrong_doors=_wrong_doors(mixed),
        true_pairs=_pairs(truth, ["person"]),
        pairs=_pairs(members, ["set"]),
        right_pairs=_pairs(members, ["set", "person"]),
    )


def with_proposals(result: Score, records: pl.DataFrame, proposed: pl.DataFrame) -> Score:
    """Add what opening these proposed sets found: true cases in them, and sets that held none."""
    members = proposed.select("row", "set").join(_numbered(records), on="row")
    met = members.group_by("set", "person").agg(partners=_partners()).filter(pl.col("partners") >= LEAST_PARTNERS)
    count = members["set"].n_unique()
    return replace(
        result,
        proposed=count,
        proposed_found=met["person"].n_unique(),
        in_vain=count - met["set"].n_unique(),
    )


def with_households(result: Score, records: pl.DataFrame, shown: pl.DataFrame) -> Score:
    """Add the cases on household evidence alone: right when one household is behind all that is shown.

    What such a case shows may be one person, whom the opener took for a household; those are counted apart.
    Households to be found are those of two partners in which no person is a case.
    """
    numbered = _numbered(records)
    homes = shown.select("row", "set").join(numbered, on="row")
    sets = homes.group_by("set").agg(
        households=pl.col("household").n_unique(),
        household=pl.col("household").first(),
        persons=pl.col("person").n_unique(),
        partners=_partners(),
    )
    right = sets.filter(pl.col("households") == 1)
    by_home = numbered.group_by("household").agg(partners=_partners()).filter(pl.col("partners") >= LEAST_PARTNERS)
    by_person = numbered.group_by("household", "person").agg(partners=_partners())
    persons = by_person.filter(pl.col("partners") >= LEAST_PARTNERS)
    wanted = by_home.join(persons, on="household", how="anti")
    found = wanted.join(right.filter(pl.col("partners") >= LEAST_PARTNERS), on="household", how="semi")
    return replace(
        result,
        household_sets=sets.height,
        household_right=right.height,
        household_of_one=right.filter(pl.col("persons") == 1).height,
        household_true=wanted.height,
        household_found=found.height,
    )


def _wrong_doors(mixed: pl.DataFrame) -> int:
    """Sets in which two persons have no door in common, now or formerly."""
    people = mixed.select("set", "person", "door", "former_door").unique(["set", "person"])
    pairs = people.join(people, on="set", suffix="_other").filter(pl.col("person") < pl.col("person_other"))
    doors = ("door", "former_door")
    shares = pl.any_horizontal(pl.col(mine) == pl.col(f"{theirs}_other") for mine in doors for theirs in doors)
    return pairs.filter(~shares)["set"].n_unique()


def _numbered(records: pl.DataFrame) -> pl.DataFrame:
    return records.select("partner_id", "person", "household", "door", "former_door").with_row_index("row")


def _partners() -> pl.Expr:
    return pl.col("partner_id").n_unique()


def _pairs(members: pl.DataFrame, by: list[str]) -> int:
    sizes = members.group_by(by).agg(n=pl.len().cast(pl.Int64))
    return int(sizes.select((pl.col("n") * (pl.col("n") - 1) // 2).sum()).item())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
