"""Places, people and arrears of a practice region."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest

from pipeline.practice.arrears import density
from pipeline.practice.people import CHILD, HEAD, MAN, PARTNER, STUDENT
from pipeline.practice.region import Plan, Practice
from tests.builders.practice import MONTH, dense_region

POSTCODE = re.compile(r"^[1-9][0-9]{3}[A-Z]{2}$")


@pytest.fixture(scope="module")
def region() -> Practice:
    return Practice(Plan(households=1_500, seed=11, months=("2026-09", "2026-10")))


def test_areas_have_the_layout_of_the_cbs_table(region: Practice) -> None:
    """Whole numbers without leading letters, one row per postcode and house number."""
    areas = region.areas()
    assert ["PC6", "Huisnummer", "Buurt2025", "Wijk2025", "Gemeente2025"] == areas.columns
    assert areas.height == areas.n_unique(["PC6", "Huisnummer"])
    assert areas.select(pl.col("Buurt2025") // 100 == pl.col("Wijk2025")).to_series().all()
    assert areas.select(pl.col("Wijk2025") // 100 == pl.col("Gemeente2025")).to_series().all()
    assert areas["Gemeente2025"].unique().to_list() == [9901]
    assert all(POSTCODE.match(code) and code[4:] not in {"SA", "SD", "SS"} for code in areas["PC6"])


def test_key_figures_count_everybody_once(region: Practice) -> None:
    """The municipality and its wijken by name, with inhabitants that add up."""
    figures = region.key_figures(0)
    assert ["GM9901", "WK990101"] == figures["gwb_code"].head(2).to_list()
    assert [region.inhabitants] * 2 == [figures["a_inw"][0], figures["a_inw"].slice(1).sum()]


def test_addresses_differ() -> None:
    """No two dwellings have one address, and letters and additions occur."""
    addresses = dense_region().region.places.addresses
    assert addresses.height == addresses.n_unique(["postcode", "number", "letter", "addition"])
    assert {"A", ""} <= set(addresses["letter"])
    assert {"hs", "II", "bis", "2"} <= set(addresses["addition"])


def test_four_digits_of_a_postcode_belong_to_one_wijk() -> None:
    """So a team can be found by them alone."""
    addresses = dense_region().region.places.addresses
    wijken = addresses.group_by(pl.col("postcode").str.slice(0, 4)).agg(pl.col("wijk").n_unique())
    assert {1} == set(wijken["wijk"])


def test_municipalities_divide_the_households() -> None:
    """Every municipality has at least four wijken, and nobody moved in from another one."""
    practice = Practice(Plan(households=300, seed=2, months=(MONTH,), municipalities=3))
    places, households = practice.region.places, practice.region.households
    assert ("GM9901", "GM9902", "GM9903") == places.gemeentecodes
    assert all(len(places.wijken(place)) == 4 for place in range(3))
    municipality = places.addresses["municipality"].to_numpy()
    assert (municipality[households.address] == municipality[households.former_address]).all()
    assert (households.address != households.former_address).any()


def test_people_live_as_people_do() -> None:
    """Families, couples of two surnames, students in one house, a son with his father's initial, twins."""
    practice = dense_region()
    people, households = practice.region.people, practice.region.households
    assert 2.0 < len(people) / 20_000 < 2.3
    partner = people.partner[people.role == HEAD]
    heads = np.flatnonzero(people.role == HEAD)[partner >= 0]
    assert 0.5 < (people.surname[heads] != people.surname[partner[partner >= 0]]).mean() <= 1
    students = households.address[households.kind == STUDENT]
    assert 3 <= np.bincount(students)[np.unique(students)].mean() <= 7
    names = practice.region.book.first["register"].str.slice(0, 1)
    child = np.flatnonzero((people.role == CHILD) & (people.sex == MAN) & (people.sex[people.household] == MAN))
    own, fathers = (names[people.first_names[who, 0]] for who in (child, people.household[child]))
    same_name = people.surname[child] == people.surname[people.household[child]]
    assert 0.08 < ((own == fathers).to_numpy() & same_name).mean() < 0.4
    births = pl.DataFrame(
        {
            "household": people.household,
            "year": people.birth_year,
            "month": people.birth_month,
            "day": people.birth_day,
            "role": people.role,
        }
    )
    twins = births.filter(pl.col("role") == CHILD).group_by("household", "year", "month", "day").len()
    assert (twins["len"] == 2).sum() > 20
    assert (people.birth_month == 0).any()
    assert (people.role == PARTNER).sum() > 8_000


@pytest.mark.parametrize(
    ("inhabitants", "least", "most"), [(100, 15, 25), (4_000, 280, 320), (1_000_000, 3_900, 4_100)]
)
def test_signals_per_inhabitant(inhabitants: int, least: int, most: int) -> None:
    """The national rate for large regions, more for small ones, and never more than a fifth of the people."""
    assert least <= density(inhabitants, None).signals <= most


def test_rate_can_be_set() -> None:
    """`--signals-per-1000` decides where it is given, and the overlap with it."""
    level = density(10_000, 4.0)
    assert (40.0, 0.11) == (level.signals, level.overlap)


def test_large_region_reports_as_the_country_does() -> None:
    """About 4 per 1,000 inhabitants; about 11% of reports concern a household with two or more partners."""
    practice = Practice(Plan(households=100_000, seed=5, months=(MONTH,)))
    rows = practice.arrears(MONTH).filter(~pl.col("is_business"))
    assert 3.7 < rows.height / practice.inhabitants * 1000 < 4.4
    partners = rows.group_by("household").agg(pl.len(), pl.col("partner").n_unique())
    overlap = partners.filter(pl.col("partner") >= 2)["len"].sum() / rows.height
    assert 0.08 < overlap < 0.15


@pytest.mark.parametrize("seed", range(8))
def test_smallest_region_has_cases(seed: int) -> None:
    """Fifty households still give at least two persons whom two partners report with two months or more."""
    practice = Practice(Plan(households=50, seed=seed, months=(MONTH,)))
    rows = practice.arrears(MONTH).filter((pl.col("months") >= 2) & ~pl.col("has_objection"))
    counts = rows.group_by("household").agg(pl.col("partner").n_unique())
    assert (counts["partner"] >= 2).sum() >= 2
    assert set(practice.arrears(MONTH)["partner"]) == set(range(6))


def test_month_does_not_depend_on_other_months(region: Practice) -> None:
    """One month asked for alone is the same month."""
    alone = Practice(Plan(households=1_500, seed=11, months=("2026-10",)))
    assert region.arrears("2026-10").equals(alone.arrears("2026-10"))


def test_arrears_go_on_from_month_to_month(region: Practice) -> None:
    """Most arrears of a month were there the month before, and most of those have grown."""
    key = ["partner", "holder", "is_business", "is_second"]
    both = region.arrears("2026-10").join(region.arrears("2026-09"), on=key, suffix="_before")
    assert 0.4 < both.height / region.arrears("2026-10").height < 0.8
    growth = both["months"] - both["months_before"]
    assert (growth.filter(growth > -2) >= 0).mean() > 0.7
    assert (growth < 0).any()


def test_arrears_hold_what_the_rule_must_sift() -> None:
    """One month of arrears, crises, warm handovers, objections, legal persons, two members of one household."""
    rows = dense_region().arrears(MONTH)
    assert 0.08 < (rows["months"] == 1).mean() < 0.35
    assert 0.03 < rows["is_crisis"].mean() < 0.2
    assert 0.02 < rows["has_objection"].mean() < 0.06
    assert 0.02 < rows["has_warm_handover"].mean() < 0.08
    assert 0.005 < rows["is_business"].mean() < 0.05
    assert rows["is_second"].any()
    crisis = rows.filter("is_crisis")
    assert (crisis["crisis_on"] > crisis["signalled_on"]).all()
    assert (rows["since_on"] <= rows["signalled_on"]).all()
    holders = rows.filter(~pl.col("is_business")).group_by("household").agg(pl.col("holder").n_unique())
    assert (holders["holder"] >= 2).sum() > 50


def test_legal_person_is_client_of_one_partner() -> None:
    """So no legal person is ever a match that was missed."""
    firms = (
        dense_region().arrears(MONTH).filter("is_business").group_by("holder").agg(pl.col("partner").n_unique())
    )
    assert {1} == set(firms["partner"])


def test_origin_does_not_bring_arrears() -> None:
    """The share of each origin among the reported is its share among tenants and owners alike, within chance."""
    practice = dense_region()
    rows = practice.arrears(MONTH).filter(~pl.col("is_business"))
    reported = np.bincount(practice.region.people.origin[rows["holder"].to_numpy()], minlength=8) / rows.height
    everybody = np.bincount(practice.region.people.origin, minlength=8) / practice.inhabitants
    assert np.abs(reported - everybody).max() < 0.03
