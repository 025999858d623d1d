"""A small practice year: two months of signals, two months of working days, and a balance without a hole."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.commands.practising.year_balance import Ledger, draw_up
from pipeline.commands.wiring import open_run
from pipeline.commands.year import year


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("jaar") / "year"


def test_every_signal_and_every_case_is_accounted_for(folder: Path) -> None:
    """Late deliveries, corrections, leave, repeats, lists that come late or twice: nothing is lost or doubled."""
    outcome = year(folder, households=150, months=2, seed=1, tail_months=1)
    assert [] == outcome.refused
    assert 0 == outcome.counts["not_accounted_for"]
    for name in ("signals", "cases", "attempts"):
        assert outcome.counts[name] > 10


def test_the_balance_misses_what_is_missing(folder: Path) -> None:
    """A delivery, a signal, a case, an attempt or a told outcome that one side does not know is named."""
    with open_run(folder / "municipality", date(2026, 3, 31)) as run:
        ledger = Ledger()
        ledger.look(run, {})
        ledger.cases.popitem()
        key, (delivery, _) = ledger.rows.popitem()
        ledger.told.add(("huur-a", "2026-01", "f" * 32))
        balance = draw_up(
            run, ledger, sealed={"huur-a_2026-01_0009": 3}, written={"x-1": "Z-1"}, heard={key[0]: -1}
        )
    found = " ".join(balance.wrong)
    for told in ("huur-a_2026-01_0009: niet beoordeeld", "door niemand verzegeld", "geopend volgens het logboek"):
        assert told in found
    for told in ("1 niet verwerkt", "die niemand opschreef", f"terugkoppeling {key[0]}", "die niemand aanleverde"):
        assert told in found
    assert delivery
