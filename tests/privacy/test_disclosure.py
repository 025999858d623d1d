"""What leaves the building gives no small cell away; the attack that shows it does find them without the rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import combinations
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.analytics import disclosure
from pipeline.analytics.disclosure import Block, Cells, Group, Release, grouped, recounted
from tests.builders.analytics import Town, crisis_town, drawn_town, frames, signal
from tests.privacy.attack_publish import attack

SIZES = {1: 30, 2: 120}


@pytest.mark.parametrize("seed", SIZES)
def test_differencing_all_tables_finds_no_small_cell(tmp_path: Path, seed: int) -> None:
    """No cell of any table or of any crossing of two tables with one to nine in it is known to have so few."""
    town = Town(tmp_path / "analytics.duckdb")
    town.publish(drawn_town(seed, size=SIZES[seed]), one_partner_reveals=seed == 1)
    assert [] == list(attack(town.path))


def _nothing_together(cells: Cells) -> tuple[Group, ...]:
    return tuple(Group((name,), count) for name, count in cells.items())


def _small_ones_left_out(cells: Cells) -> tuple[Group, ...]:
    return tuple(Group((name,), count) for name, count in cells.items() if count >= disclosure.THRESHOLD)


@pytest.mark.parametrize("rule", [_nothing_together, _small_ones_left_out])
def test_the_attack_finds_cells_without_secondary_suppression(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: Callable[[Cells], tuple[Group, ...]]
) -> None:
    """Rounding alone, and hiding small cells alone, do give them away: the attack works."""
    monkeypatch.setattr(disclosure, "grouped", rule)
    town = Town(tmp_path / "analytics.duckdb")
    town.publish(drawn_town(2))
    assert next(attack(town.path), None) is not None


def test_no_published_number_counts_fewer_than_ten(tmp_path: Path) -> None:
    """Every number in every published table is 0 or at least ten, and a multiple of five."""
    town = Town(tmp_path / "analytics.duckdb")
    for seed in range(5, 12):
        town.known.clear()
        town.publish(drawn_town(seed, size=12 * seed))
        odd = "item_count BETWEEN 1 AND 9 OR item_count % 5 <> 0"
        assert [] == town.ask(f"SELECT * FROM publish.counts WHERE {odd}")
        assert [(True,)] == town.ask("SELECT count(*) > 20 FROM publish.counts")


def test_publishing_day_by_day_tells_of_no_small_change(tmp_path: Path) -> None:
    """Between any two published states of a period no number that can be compared differs by one to nine.

    Signals come and go: partners deliver more, and retract.
    """
    town = Town(tmp_path / "analytics.duckdb")
    full = drawn_town(3, size=90)
    states: list[dict[tuple[str, str, str], Release]] = []
    for day in range(1, 29):
        came = full["signals"].head(full["signals"].height * (100 + 11 * day % 45) // 144)
        tried = full["attempts"].head(full["attempts"].height * day // 28)
        town.publish({**full, "signals": came, "attempts": tried}, date(2027, 4, day))
        states.append(dict(town.known))
    assert any(release.revision > 1 for release in town.known.values())
    for earlier, later in combinations(states, 2):
        for key in earlier.keys() & later.keys():
            for block in earlier[key].blocks:
                after = later[key].block(block.topic)
                for group in after.groups if after else ():
                    parts = [one for one in block.groups if set(one.categories) <= set(group.categories)]
                    change = abs(group.count - sum(one.count for one in parts))
                    assert change == 0 or change >= disclosure.THRESHOLD


def test_a_count_that_comes_back_is_held_against_every_edition(tmp_path: Path) -> None:
    """After 62 and 47 signals of a partner 63 are not told, because one more than the first time would be seen."""
    town = Town(tmp_path / "analytics.duckdb")
    shown = []
    for day, count in enumerate((62, 47, 63, 62, 80), 1):
        energy = [signal("energie", 1000 + number) for number in range(40)]
        town.publish(frames(signals=[*(signal("huur", one) for one in range(count)), *energy]), date(2027, 1, day))
        shown += town.ask("SELECT item_count FROM publish.counts WHERE category = 'Huur'")
    assert [(60,), (45,), (45,), (60,), (80,)] == shown


def test_a_few_cases_not_approached_cost_no_reach_and_are_not_counted(tmp_path: Path) -> None:
    """With one case not approached, or seven, reach of cases shown is there, and every table says the same."""
    town = Town(tmp_path / "analytics.duckdb")
    told = []
    for missed in (1, 7):
        town.known.clear()
        given = crisis_town(0, 80 + missed, 100)
        tried = given["attempts"].head(80).with_columns(is_reached=pl.int_range(80) < 30)
        town.publish({**given, "attempts": tried})
        asked = "SELECT part_count, whole_count FROM publish.indicators WHERE indicator = 'reach'"
        assert [(30, 80)] == town.ask(asked)
        assert [] == list(attack(town.path))
        told.append(town.ask("SELECT * FROM publish.counts WHERE subject = 'cases' ORDER BY ALL"))
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("cases", "singles", "state", "taken_up"),
    [
        (200, 800, "gepubliceerd", [(400,)]),
        (201, 798, "gepubliceerd", [(400,)]),
        (196, 800, "gepubliceerd", [(400,)]),
        (208, 788, "past niet bij wat al is gepubliceerd", []),
    ],
)
def test_follow_up_is_told_of_the_population_that_was_told(
    tmp_path: Path, cases: int, singles: int, state: str, taken_up: list[tuple[int]]
) -> None:
    """A few signals that came or went since cost no follow-up and are not seen; many make it wait, and say so."""
    town = Town(tmp_path / "analytics.duckdb")
    town.publish(crisis_town(0, 200, 800), date(2026, 11, 3))
    town.publish(crisis_town(0, cases, singles), date(2027, 1, 4))
    shown = "SELECT item_count FROM publish.counts WHERE topic = 'taken_up' AND category = 'Opgepakt'"
    asked = "SELECT state FROM publish.releases WHERE subject = 'signals' AND moment = 'follow_up'"
    assert ([(state,)], taken_up) == (town.ask(asked), town.ask(shown))


def test_a_small_correction_costs_no_detail(tmp_path: Path) -> None:
    """When a few residents turn out to have been reached, what was published of the quarter stays as it was."""
    town = Town(tmp_path / "analytics.duckdb")
    given = drawn_town(3, size=120)
    town.publish(given)
    before = dict(town.known)
    missed = given["attempts"].with_row_index().filter(~pl.col("is_reached"))["index"].head(6)
    found = given["attempts"].with_row_index().with_columns(pl.col("is_reached") | pl.col("index").is_in(missed))
    town.publish({**given, "attempts": found.drop("index")}, date(2027, 7, 1))
    assert before == town.known
    assert any(block.topic == "reach" for block in before["cases", "2026Q4", "follow_up"].blocks)


def test_publishing_again_publishes_the_same(tmp_path: Path) -> None:
    """The same rows give the same published tables, whatever numbers the snapshot draws."""
    town = Town(tmp_path / "analytics.duckdb")
    everything = "SELECT * FROM publish.counts ORDER BY ALL"
    town.publish(drawn_town(1))
    first = town.ask(everything)
    town.publish(drawn_town(1), date(2027, 7, 1))
    assert first == town.ask(everything)


def test_signals_and_cases_together_do_not_count_the_larger_cases(tmp_path: Path) -> None:
    """What signals in cases are more than two per case is never known to be a number from one to nine."""
    town = Town(tmp_path / "analytics.duckdb")
    for seed in range(20, 30):
        town.known.clear()
        town.publish(drawn_town(seed, size=20 + 8 * (seed - 20)))
        with duckdb.connect(str(town.path), read_only=True) as connection:
            pairs = connection.execute(
                "SELECT s.item_count, c.item_count FROM publish.counts s JOIN publish.counts c "
                "ON c.subject = 'cases' AND c.topic = 'month' AND c.category = s.period "
                "WHERE s.topic = 'position' AND s.category = 'in een zaak' AND c.item_count > 0"
            ).fetchall()
        for signals, cases in pairs:
            least, most = signals - 2 - 2 * (cases + 2), signals + 2 - 2 * max(10, cases - 2)
            assert not (least >= 1 and most <= 9)


def test_what_lies_around_is_told_again_only_when_its_sum_does_not_tell_of_a_few(tmp_path: Path) -> None:
    """Seven shown cases went while more were approached: who was and was not, added up, would tell of them."""
    town = Town(tmp_path / "analytics.duckdb")
    told = []
    for day, (shown, approached) in enumerate(((51, 11), (44, 28)), 1):
        given = crisis_town(0, shown, 100)
        town.publish({**given, "attempts": given["attempts"].head(approached)}, date(2027, 6, day))
        asked = "SELECT item_count FROM publish.counts WHERE topic = '{}' ORDER BY category"
        told += [town.ask(asked.format(topic)) for topic in ("approach", "reach")]
    assert [[(10,), (40,)], [(0,), (10,)], [], [(0,), (30,)]] == told


def test_the_order_of_rows_does_not_tell_which_category_changed(tmp_path: Path) -> None:
    """When one of two partners takes back four signals, the tables are the same row by row, whichever it was."""
    told = []
    for huur, energie in ((26, 30), (30, 26)):
        town = Town(tmp_path / "analytics.duckdb")
        before = {"huur": 30, "energie": 30, "water": 60, "zorg": 60}
        for day, counts in enumerate((before, {"huur": huur, "energie": energie, "water": 80, "zorg": 75}), 1):
            rows = [signal(name, number) for name, count in counts.items() for number in range(count)]
            town.publish(frames(signals=rows), date(2027, 1, day))
        told.append(town.ask("SELECT * FROM publish.counts"))
    assert told[0] == told[1]
    assert [(3,)] == town.ask("SELECT count(*) FROM publish.counts WHERE topic = 'partner_type' AND is_together")


@pytest.mark.parametrize(
    ("cells", "groups"),
    [
        ({"a": 12, "b": 30}, [("a",), ("b",)]),
        ({"a": 4, "b": 30, "c": 15}, [("b",), ("a", "c")]),
        ({"a": 4, "b": 6, "c": 15}, [("c",), ("a", "b")]),
        ({"a": 4, "b": 5, "c": 15, "d": 40}, [("d",), ("a", "b", "c")]),
        ({"a": 0, "b": 30}, [("a",), ("b",)]),
        ({"a": 0, "b": 3, "c": 8, "d": 30}, [("d",), ("a", "b", "c")]),
        ({"a": 4, "b": 30}, None),
        ({"a": 4, "b": 3}, None),
        ({"a": 0, "b": 0}, None),
    ],
)
def test_small_cells_are_taken_together(cells: dict[str, int], groups: list[tuple[str, ...]] | None) -> None:
    """Small ones together, with the smallest other one when they need it; nothing where that leaves one group."""
    found = grouped(cells)
    assert groups == (None if found is None else [group.categories for group in found])


@pytest.mark.parametrize(
    ("before", "now", "after"),
    [
        ({"a": 40, "b": 60}, {"a": 55, "b": 80}, {("a",): 55, ("b",): 80}),
        ({"a": 40, "b": 60}, {"a": 40, "b": 80}, {("a",): 40, ("b",): 80}),
        ({"a": 40, "b": 60, "c": 30}, {"a": 43, "b": 80, "c": 37}, {("b",): 80, ("a", "c"): 80}),
        ({"a": 40, "b": 60, "c": 30}, {"a": 43, "b": 80, "c": 30}, None),
        ({"a": 40, "b": 60}, {"a": 43, "b": 80}, None),
        ({"a": 40, "b": 60}, {"a": 40, "b": 80, "new": 12}, {("a",): 40, ("b",): 80, ("new",): 12}),
        ({"a": 40, "b": 60, "c": 15}, {"a": 40, "b": 80, "c": 4}, {("b",): 80, ("c", "a"): 44}),
    ],
)
def test_small_changes_are_taken_together(
    before: dict[str, int], now: dict[str, int], after: dict[tuple[str, ...], int] | None
) -> None:
    """A group that changed by one to nine is joined by others until nothing small can be told."""
    block = Block("signals", "2026-10", "wijk", tuple(Group((name,), count) for name, count in before.items()))
    found = recounted(block, now)
    assert after == (None if found is None else {group.categories: group.count for group in found.groups})
