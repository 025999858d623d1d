"""A day far ahead destroys what has not passed its term today: a person who types it is asked, a script is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.commands import options
from pipeline.commands.main import make_app
from pipeline.store.retirement import signal_months
from tests.builders.deliveries import Municipality
from tests.builders.stewardship import make_stewarded, put_signals, stored_signal
from tests.integration.test_backup import NOVEMBER

FAR = "2036-11-03"


@pytest.fixture
def place(tmp_path: Path) -> Municipality:
    found = make_stewarded(tmp_path)
    with found.run(NOVEMBER) as run:
        put_signals(run, [stored_signal("huur-a", "een")])
    return found


def months_after(place: Municipality, day: str, typed: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(
        make_app(["retire"]), ["retire", "--home", str(place.path), "--date", day], input=typed
    )
    with place.run(NOVEMBER) as run:
        return done.exit_code, sorted(signal_months(run.store))


@pytest.mark.parametrize(
    ("typed", "code", "is_kept"),
    [("2036-11-03\n", 0, False), ("2026-11-03\n", 2, True), ("ja\n", 2, True), ("", 2, True)],
)
def test_whoever_types_is_asked_for_the_day_again(
    place: Municipality, monkeypatch: pytest.MonkeyPatch, typed: str, code: int, is_kept: bool
) -> None:
    """Anything but that same day leaves all as it is."""
    monkeypatch.setattr(options, "is_typing", lambda: True)
    exit_code, months = months_after(place, FAR, typed)
    assert (code, is_kept) == (exit_code, bool(months))


def test_a_day_that_is_near_is_not_asked_about(place: Municipality, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a script, whatever its day."""
    monkeypatch.setattr(options, "is_typing", lambda: True)
    assert (0, ["2026-10"]) == months_after(place, "2026-11-04", "")
    monkeypatch.setattr(options, "is_typing", lambda: False)
    assert (0, []) == months_after(place, FAR, "")
