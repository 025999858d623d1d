"""Cases that rest on a crisis signal alone give no small cell away beside those of two partners."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders.analytics import Town, drawn_town
from tests.privacy.attack_across import BY_CRISIS, attack_across
from tests.privacy.attack_publish import attack


@pytest.mark.parametrize("crisis_size", [6, 30])
def test_differencing_the_lanes_finds_no_small_cell(tmp_path: Path, crisis_size: int) -> None:
    """Few or many crisis cases: no cell with one to nine in it is known to have so few, and lanes are not told."""
    town = Town(tmp_path / "analytics.duckdb")
    town.publish(drawn_town(4, size=50, crisis_size=crisis_size), one_partner_reveals=True)
    assert [] == list(attack(town.path))
    assert [] == attack_across(town.path, BY_CRISIS)
    assert [(0,)] == town.ask(
        "SELECT count(*) FROM publish.counts WHERE topic IN ('lane', 'position', 'standing')"
    )
