"""Where one partner can make a case, what is published says nothing of the few cases that have one, or more."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import polars as pl
import pytest

from pipeline.analytics.releases import Month
from pipeline.analytics.topics import CASES, SIGNALS
from tests.builders.analytics import Town, crisis_town
from tests.privacy.attack_across import attack_across
from tests.privacy.attack_publish import attack

TELLING = "topic IN ('position', 'taken_up', 'not_taken_up', 'partner_count')"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path / "analytics.duckdb")


def test_signals_beside_cases_do_not_tell_how_few_have_two_partners(town: Town) -> None:
    """Twenty signals taken up in fifteen cases would say that at most nine of these were matched."""
    town.publish(crisis_town(12, 3))
    assert attack_across(town.path, one_partner_reveals=True)
    town.known.clear()
    town.publish(crisis_town(12, 3), one_partner_reveals=True)
    assert [] == attack_across(town.path, one_partner_reveals=True)


def test_no_town_drawn_by_chance_tells_it(town: Town) -> None:
    """Whatever the numbers of crisis signals, matches and singles, both populations together tell of no few."""
    chance = Random(6)
    for _ in range(6):
        town.known.clear()
        drawn = crisis_town(chance.randrange(60), chance.randrange(30), chance.randrange(10, 90))
        town.publish(drawn, one_partner_reveals=True)
        assert [] == attack_across(town.path, one_partner_reveals=True)
    town.known.clear()
    town.publish(crisis_town(0, 14, 60))
    assert [] == attack_across(town.path, one_partner_reveals=False)


def test_sure_cases_beside_cases_of_one_partner_do_not_tell_who_was_sure(town: Town) -> None:
    """Thirty cases of one partner and thirty-four sure ones would say that four of two partners were sure."""
    given = crisis_town(30, 20, reviewed=16)
    town.publish(given)
    assert (("confirmation", "zeker"), ("partner_count", "2")) in {
        tuple(sorted(found.cell)) for found in attack(town.path)
    }
    town.known.clear()
    town.publish(given, one_partner_reveals=True)
    assert [] == list(attack(town.path))


def test_the_agreement_of_the_month_decides(town: Town) -> None:
    """A month in which a crisis signal revealed keeps its rule after the agreement was replaced."""
    former, later = crisis_town(30, 20), crisis_town(30, 20, month="2027-01")
    given = {name: pl.concat([former[name], later[name]]) for name in former}
    countable = frozenset((SIGNALS, CASES))
    reveals = {"2026-10": True, "2027-01": False}
    town.plan_changes["months"] = {month: Month(month, True, True, countable, reveals[month]) for month in reveals}
    town.publish(given, date(2027, 9, 1))
    assert [("2027-01",), ("2027Q1",)] == town.ask(
        f"SELECT DISTINCT period FROM publish.counts WHERE {TELLING} ORDER BY ALL"
    )
    inside = f"SELECT DISTINCT period FROM work.counts WHERE {TELLING} AND item_count > 0 AND period = '2026-10'"
    assert [("2026-10",)] == town.ask(inside)
