"""Values, their uncertainty, the national figure beside them, and what a later period is compared with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.analytics.releases import Month
from pipeline.analytics.topics import CASES, SIGNALS
from tests.builders.analytics import (
    BASELINE_SCHEMA,
    Town,
    attempt,
    case,
    crisis_town,
    drawn_town,
    frames,
    held,
    result,
    signal,
)

BOTH = frozenset((CASES, SIGNALS))


def shown(count: int, reached: int, month: str = "2026-10") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    names = [f"Z-{month}-{number}" for number in range(count)]
    tried = [attempt(name, 1, is_reached=place < reached) for place, name in enumerate(names)]
    return [case(name, month=month, state="in_progress") for name in names], tried


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path / "analytics.duckdb")


def baseline(**row: Any) -> pl.DataFrame:
    return pl.DataFrame(
        [{"label": "vroeger", "design": "voor-na", "period_kind": "quarter", **row}], BASELINE_SCHEMA
    )


def publish_cases(town: Town, *groups: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    town.publish(
        frames(
            cases=[row for cases, _ in groups for row in cases],
            attempts=[row for _, tried in groups for row in tried],
        )
    )


def test_a_share_has_the_interval_of_wilson(town: Town) -> None:
    """81 of 263 lies between 0.2553 and 0.3662 (Newcombe 1998, table I, method 3)."""
    publish_cases(town, shown(263, 81))
    question = "SELECT round(value_low, 4), round(value_high, 4), national_value FROM work.indicators"
    assert [(0.2553, 0.3662, 0.2)] == town.ask(f"{question} WHERE indicator = 'reach' AND period = '2026Q4'")


def test_a_difference_has_the_interval_of_newcombe(town: Town) -> None:
    """56 of 70 against 48 of 80 differs by 0.2, between 0.0524 and 0.3339 (Newcombe 1998, table II, method 10)."""
    town.baseline = baseline(indicator="reach", group_code="alle", part_count=48, whole_count=80)
    publish_cases(town, shown(70, 56))
    columns = "round(difference, 4), round(difference_low, 4), round(difference_high, 4), verdict, word"
    expected = [(0.2, 0.0524, 0.3339, "hoger", "verschil")]
    assert expected == town.ask(f"SELECT {columns} FROM work.comparison WHERE indicator = 'reach'")


@pytest.mark.parametrize("design", ["voor-na", "loting"])
def test_a_comparison_of_periods_is_never_called_an_effect(town: Town, design: str) -> None:
    """Who had which approach is not recorded, so a lot that was drawn changes nothing in what can be said."""
    town.baseline = baseline(design=design, from_period="2026Q3", until_period="2026Q3")
    publish_cases(town, shown(40, 10, "2026-08"), shown(40, 12))
    question = "SELECT period, word, verdict, baseline_value FROM work.comparison WHERE indicator = 'reach'"
    assert [("2026Q4", "verschil", "geen duidelijk verschil", 0.25)] == town.ask(question)


def test_a_period_that_passed_its_term_is_not_counted(town: Town) -> None:
    """What is left of a month, or of its quarter, after rows were deleted is not told as all of it."""
    gone = Month("2026-10", True, True, frozenset((CASES,)))
    town.plan_changes["months"] = {"2026-10": gone, "2026-11": replace(gone, month="2026-11", countable=BOTH)}
    town.publish(frames(signals=[signal("huur", number, month="2026-11") for number in range(3)]))
    question = "SELECT DISTINCT period FROM work.indicators WHERE indicator = 'signals_per_1000'"
    assert [("2026-11",)] == town.ask(question)
    subjects = "SELECT DISTINCT subject, period FROM work.counts WHERE topic IN ('total', 'standing') ORDER BY ALL"
    assert [("cases", "2026-10"), ("cases", "2026-11"), ("cases", "2026Q4"), ("signals", "2026-11")] == town.ask(
        subjects
    )


def test_days_from_the_first_signal_are_not_counted_when_the_signals_are_gone(town: Town) -> None:
    """A case of which the signals were deleted seems to begin when it was opened; what was published stays."""
    numbers = range(60)
    given = frames(
        signals=[signal("huur", number, admitted_on="2026-10-03") for number in numbers],
        cases=[case(f"Z-{number}", state="in_progress", opened_on="2026-10-25") for number in numbers],
        case_signals=[held(f"Z-{number}", "huur", number) for number in numbers],
        attempts=[attempt(f"Z-{number}", 1, attempted_on=f"2026-10-{25 + number % 2 * 6}") for number in numbers],
    )
    told = []
    for day, countable in ((date(2027, 3, 1), BOTH), (date(2027, 6, 1), frozenset((CASES,)))):
        town.plan_changes["months"] = {"2026-10": Month("2026-10", True, True, countable)}
        left = given["signals"] if SIGNALS in countable else given["signals"].clear()
        town.publish({**given, "signals": left}, day)
        asked = "SELECT category, item_count FROM {}.counts WHERE topic = 'contact_group' AND period = '2026Q4'"
        told += [town.ask(asked.format(schema)) for schema in ("publish", "work")]
        told.append(town.ask("SELECT case_count, days_to_contact FROM work.lead_times"))
    days = [("0-7 dagen", 0), ("8-28 dagen", 60), ("29 dagen of meer", 0)]
    assert [days, days, [(60, 25.0)], days, [], [(60, None)]] == told


def test_signals_per_1000_are_told_by_month(town: Town) -> None:
    """Three months added up never stand beside the monthly figure."""
    town.publish(frames(signals=[signal("huur", number, month=f"2026-1{number % 3}") for number in range(9)]))
    question = "SELECT period, indicator_value FROM work.indicators WHERE indicator = 'signals_per_1000'"
    assert [("2026-10", 0.15), ("2026-11", 0.15), ("2026-12", 0.15)] == town.ask(question)


def test_a_value_of_which_a_part_is_not_published_is_not_there(town: Town) -> None:
    """In `publish` an indicator with a small cell is absent, in `work` it is exact."""
    publish_cases(town, shown(60, 4))
    question = "SELECT part_count, whole_count FROM {}.indicators WHERE indicator = 'reach' AND period = '2026Q4'"
    assert [(4, 60)] == town.ask(question.format("work"))
    assert [] == town.ask(question.format("publish"))


def test_published_indicators_come_from_published_counts(town: Town) -> None:
    """Part and whole of a published indicator are sums of multiples of five."""
    town.publish(drawn_town(2, size=90), date(2027, 6, 1))
    shares = town.ask("SELECT part_count % 5, whole_count % 5 FROM publish.indicators WHERE kind = 'share'")
    assert {(0, 0)} == set(shares)
    assert len(shares) > 20


def test_what_was_published_before_a_category_was_there_keeps_its_indicator(town: Town) -> None:
    """Published when a case was sure or reviewed, a share of sure ones stays when likely is one."""
    given = crisis_town(0, 60, 100, reviewed=20)
    town.publish(given)
    asked = "SELECT part_count, whole_count FROM publish.indicators WHERE indicator = 'match_quality'"
    assert [(40, 60)] == town.ask(asked)
    for key, release in town.known.items():
        known = [
            (block, [one for one in block.groups if one.categories != ("waarschijnlijk",)])
            for block in release.blocks
        ]
        blocks = tuple(replace(block, groups=tuple(groups)) for block, groups in known)
        town.known[key] = replace(release, blocks=blocks)
    town.publish(given)
    assert [(40, 60)] == town.ask(asked)


def test_no_share_is_more_than_all(town: Town) -> None:
    """Most signals of a month are taken back, and what became of them cannot be told anew."""
    town.publish(_taken_up(200, 0, 40), date(2027, 1, 5))
    town.publish(_taken_up(40, 6, 36), date(2027, 1, 6))
    counts = "SELECT item_count FROM publish.counts WHERE category IN ('in een zaak', 'Opgepakt') ORDER BY topic"
    assert [(80,), (200,)] == town.ask(counts)
    assert [] == town.ask("SELECT * FROM publish.indicators WHERE part_count > whole_count AND kind = 'share'")


def _taken_up(taken_up: int, later: int, refused: int) -> dict[str, pl.DataFrame]:
    """So many signals in cases of two, and single ones beside them."""
    states = [("in_progress", taken_up), ("revealed", later), ("closed", refused)]
    cases = [case(f"{state} {number}", state=state) for state, count in states for number in range(count // 2)]
    members = [held(str(one["case_id"]), name, at) for at, one in enumerate(cases) for name in ("huur", "energie")]
    rows = [signal(str(one["partner_id"]), int(str(one["signal_id"]), 16)) for one in members]
    rows += [signal("water", number) for number in range(taken_up // 3)]
    closed = [result(f"closed {number}", "Niet opgepakt: onterecht signaal") for number in range(refused // 2)]
    return frames(signals=rows, cases=cases, case_signals=members, results=closed)
