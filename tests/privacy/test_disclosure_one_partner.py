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
from tests.privacy.attack_across import BY_CRISIS, BY_RULE, attack_across
from tests.privacy.attack_publish import attack

TELLING = "topic IN ('position', 'lane', 'standing', 'taken_up', 'not_taken_up', 'partner_count')"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path / "analytics.duckdb")


def test_signals_beside_cases_do_not_tell_how_few_have_two_partners(town: Town) -> None:
    """Twenty signals taken up in fifteen cases would say that at most nine of these were matched."""
    given = crisis_town(12, 3, lane="matched")
    town.publish(given)
    assert attack_across(town.path, BY_RULE)
    town.known.clear()
    town.publish(given, one_partner_reveals=True)
    assert [] == attack_across(town.path, BY_RULE)


def test_crisis_cases_beside_crisis_signals_do_not_tell_how_few_made_none(town: Town) -> None:
    """Thirty-four crisis signals beside thirty cases of one would say that four made no case by themselves."""
    given = crisis_town(30, 20, crisis_singles=4)
    town.publish(given)
    assert attack_across(town.path, BY_CRISIS)
    town.known.clear()
    town.publish(given, one_partner_reveals=True)
    assert [] == attack_across(town.path, BY_CRISIS)
    assert [] == list(attack(town.path))


@pytest.mark.parametrize(("one_partner", "lane"), [(BY_CRISIS, "crisis"), (BY_RULE, "matched")])
def test_no_town_drawn_by_chance_tells_it(town: Town, one_partner: str, lane: str) -> None:
    """Whatever the numbers of crisis signals, matches and singles, both populations together tell of no few."""
    chance = Random(6)
    for _ in range(6):
        town.known.clear()
        counts = (chance.randrange(60), chance.randrange(30), chance.randrange(10, 90))
        drawn = crisis_town(*counts, lane=lane, crisis_singles=chance.randrange(10))
        town.publish(drawn, one_partner_reveals=True)
        assert [] == attack_across(town.path, one_partner)


def test_no_few_are_told_where_two_partners_make_a_case(town: Town) -> None:
    """Everything that is published where no partner makes a case alone tells of no few either."""
    town.publish(crisis_town(0, 14, 60))
    assert [] == attack_across(town.path)


def test_reach_of_matched_reports_is_told_where_a_crisis_signal_reveals(town: Town) -> None:
    """What lies inside the lane stays, of the same cases; what tells of lanes does not, and its state says so."""
    told = []
    for one_partner_reveals in (False, True):
        town.known.clear()
        town.publish(crisis_town(30, 60), one_partner_reveals=one_partner_reveals)
        asked = "SELECT topic, category, item_count FROM publish.counts WHERE subject = 'cases' "
        told.append(town.ask(asked + f"AND NOT {TELLING} AND item_count > 0 ORDER BY ALL"))
    assert told[0] == told[1]
    assert {("reach", "niet bereikt", 60), ("approach", "benaderd", 60), ("shown", "getoond", 60)} <= set(told[1])
    assert [] == town.ask(f"SELECT * FROM publish.counts WHERE {TELLING}")
    asked = "SELECT state FROM publish.releases WHERE subject = 'signals' AND moment = 'follow_up'"
    assert [("wordt niet gepubliceerd",)] == town.ask(asked)


def test_sure_cases_beside_cases_of_one_partner_do_not_tell_who_was_sure(town: Town) -> None:
    """Thirty cases of one partner and thirty-four sure ones would say that four of two partners were sure."""
    given = crisis_town(30, 20, reviewed=16, lane="matched")
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
