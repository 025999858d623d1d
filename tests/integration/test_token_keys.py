"""A list that was made with an older token key than others finds nobody, and does not look like "no matches"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.admit import admit
from pipeline.commands.status import status
from pipeline.store import tables
from tests.builders.deliveries import GEMEENTE, MONTH, Municipality, make_delivery
from tests.builders.stewardship import make_stewarded, rows_of_table

OLDER, NEWER = (f"token-{GEMEENTE}-{MONTH}-{number}" for number in (9, 10))


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    return make_stewarded(tmp_path)


def deliver(place: Municipality, partner_id: str, sequence: int = 1, **changes: Any) -> list[str]:
    """What the receipt remarks."""
    make_delivery(place, partner_id, sequence=sequence, **changes)
    with place.run() as run:
        admit(run)
        ledger = rows_of_table(run, tables.deliveries)
    (row,) = (row for row in ledger if (row["partner_id"], row["sequence"]) == (partner_id, sequence))
    return [remark for remark in row["warnings"] if "tokensleutel" in remark]


def behind(place: Municipality) -> tuple[int, list[str]]:
    with place.run() as run:
        shown = status(run)
    return shown.counts["deliveries_with_old_token_key"], [line for line in shown.lines if "tokensleutel" in line]


def test_the_receipt_and_the_steward_say_whose_list_finds_nobody(place: Municipality) -> None:
    """After an emergency issue of the key: both who comes later and who came before, until they deliver again."""
    assert [] == deliver(place, "huur-a", token_key_id=OLDER)
    assert [] == deliver(place, "energie-a", token_key_id=NEWER)
    count, (line,) = behind(place)
    assert (1, True, False) == (count, "huur-a (2026-10)" in line, "energie-a" in line)
    (remark,) = deliver(place, "water-a", token_key_id=OLDER)
    assert "lever opnieuw aan" in remark
    assert 2 == behind(place)[0]
    assert [[], []] == [deliver(place, who, 2, token_key_id=NEWER) for who in ("huur-a", "water-a")]
    assert (0, []) == behind(place)


def test_a_retraction_has_no_tokens(place: Municipality) -> None:
    """It changes nothing about which key a partner's list was made with."""
    deliver(place, "huur-a", token_key_id=NEWER)
    deliver(place, "energie-a", token_key_id=NEWER)
    assert [] == deliver(place, "energie-a", 2, kind="retraction", rows=[])
    assert (0, []) == behind(place)
