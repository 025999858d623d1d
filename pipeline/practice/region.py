"""The whole practice region from one plan: places, people, six partners' exports, the truth behind them.

Same plan, same bytes. A month's exports do not depend on which other months are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from pipeline.practice.arrears import density, month_arrears
from pipeline.practice.chance import Chance
from pipeline.practice.contracts import build_contracts
from pipeline.practice.exports import export, truth
from pipeline.practice.names import name_book
from pipeline.practice.partners import PARTNERS
from pipeline.practice.people import build_households, build_people, count_addresses
from pipeline.practice.places import build_places
from pipeline.practice.records import Region

FEWEST_HOUSEHOLDS, MOST_HOUSEHOLDS = 50, 1_000_000
FEWEST_HOUSEHOLDS_PER_MUNICIPALITY = 25
HOUSEHOLDS_PER_BUSINESS = 40
FEWEST_BUSINESSES = 6 * len(PARTNERS)


@dataclass(frozen=True)
class Plan:
    """What region is wanted."""

    households: int
    seed: int
    months: tuple[str, ...]
    municipalities: int = 1
    signals_per_1000: float | None = None


@dataclass(frozen=True)
class Export:
    """One partner's file of one month."""

    partner_id: str
    month: str
    rows: int
    content: bytes


class Practice:
    """A region that has been built; exports are made as they are asked for."""

    def __init__(self, plan: Plan) -> None:
        chance = Chance(plan.seed)
        places = build_places(chance, count_addresses(chance, plan.households), plan.municipalities)
        households = build_households(chance, plan.households, places.addresses["municipality"].to_numpy())
        people = build_people(chance, households, name_book())
        businesses = max(FEWEST_BUSINESSES, plan.households // HOUSEHOLDS_PER_BUSINESS)
        self.plan = plan
        self.region = Region(chance, places, households, people, name_book(), businesses)
        contracts = build_contracts(chance, households, people)
        level = density(len(people), plan.signals_per_1000)
        self._arrears = {
            month: month_arrears(chance, contracts, level, month, businesses) for month in sorted(set(plan.months))
        }

    @property
    def inhabitants(self) -> int:
        """Everybody who lives in the region."""
        return len(self.region.people)

    def arrears(self, month: str) -> pl.DataFrame:
        """What the partners report of a month, before it is written: for tests and counts."""
        return self._arrears[month]

    def exports(self) -> Iterator[Export]:
        """Every partner's file of every month."""
        for month, rows in self._arrears.items():
            for place, partner in enumerate(PARTNERS):
                own = rows.filter(pl.col("partner") == place)
                yield Export(partner.partner_id, month, *export(self.region, place, own))

    def truth(self) -> pl.DataFrame:
        """Who stands behind each client number of all months."""
        return truth(self.region, pl.concat(self._arrears.values()))

    def areas(self) -> pl.DataFrame:
        """The area table in the layout of the CBS."""
        return self.region.places.areas()

    def key_figures(self, municipality: int) -> pl.DataFrame:
        """Names and inhabitants of a municipality and its wijken, in the layout of the CBS key figures."""
        places = self.region.places
        address = self.region.households.address[self.region.people.household]
        living = places.addresses.select("municipality", "wijk")[address].filter(
            pl.col("municipality") == municipality
        )
        counted = dict(living.group_by("wijk").len().iter_rows())
        wijken = [(code, name, counted.get(int(code[2:]), 0)) for code, name, _ in places.wijken(municipality)]
        whole = (places.gemeentecodes[municipality], places.municipality_names[municipality], living.height)
        return pl.DataFrame([whole, *wijken], schema=("gwb_code", "regio", "a_inw"), orient="row")
