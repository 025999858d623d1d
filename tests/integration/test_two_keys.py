"""A month's token or store key is changed in an emergency: partners deliver again one by one, and cases stand."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.match import match_month
from pipeline.commands.status import status
from pipeline.vocabulary.case import OPENED, REVEALED, WITHDRAWN
from tests.builders.deliveries import GEMEENTE, MONTH, Municipality
from tests.builders.openings import keep, make_municipality_with_opener, report, reveal_here, rows_in, worklist

OLD, NEW = (f"token-{GEMEENTE}-{MONTH}-1 store-{GEMEENTE}-{MONTH}-{number}" for number in (1, 2))
LANDLORD, ENERGY, WATER = ("huur-a", "a"), ("energie-a", "b"), ("water-a", "c")


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


def signal(client: tuple[str, str], under: str, person: str = "x", **changes: Any) -> dict[str, Any]:
    """A row as admission keeps it under these keys: its token equals none that was kept under others."""
    row = report(*client, person, sequence=1 + (under == NEW), **changes)
    return {**row, "tokens_under": under, **dict.fromkeys(["t_name_initial_birth"], _token(person, under))}


def _token(person: str, under: str) -> bytes:
    return hashlib.sha256(f"{person} {under}".encode()).digest()[:16]


def now(place: Municipality, *rows: dict[str, Any]) -> list[tuple[str, str | None]]:
    """State and mark of the cases once these signals, and no others, were matched."""
    with place.run() as run:
        keep(run, rows)
        return sorted((case["state"], case["mark"]) for case in rows_in(run, "cases"))


def shown(place: Municipality, *rows: dict[str, Any]) -> None:
    with place.run() as run:
        keep(run, rows)
        reveal_here(run)


def asked_again(place: Municipality) -> tuple[int, list[str]]:
    """What the steward reads of who must deliver again."""
    with place.run() as run:
        outcome = status(run)
    lines = [line for line in outcome.lines if "opslagsleutel" in line]
    return outcome.counts["deliveries_with_old_store_key"], lines


def test_a_shown_case_stands_until_every_partner_delivered_again(place: Municipality) -> None:
    """No team reads that a visit is off while the second partner must still deliver; then all is as ever."""
    shown(place, signal(LANDLORD, OLD), signal(ENERGY, OLD))
    assert (0, []) == asked_again(place)
    assert [(REVEALED, None)] == now(place, signal(LANDLORD, NEW), signal(ENERGY, OLD))
    count, (line,) = asked_again(place)
    assert (1, True, False) == (count, "energie-a (2026-10)" in line, "huur-a" in line)
    with place.run() as run:
        assert "1 zaak blijft staan onder twee sleutels" in match_month(run, MONTH).lines[0]
    assert [(REVEALED, None)] == now(place, signal(LANDLORD, NEW), signal(ENERGY, NEW))
    assert (0, []) == asked_again(place)
    shown(place, signal(LANDLORD, NEW), signal(ENERGY, NEW))
    assert 1 == len(worklist(place)["cases"])


def test_a_new_case_is_found_between_who_delivered_again(place: Municipality) -> None:
    """A third partner joins the case that stands, and whom both newly report is a case of its own."""
    now(place, signal(LANDLORD, OLD), signal(ENERGY, OLD))
    again = signal(LANDLORD, NEW), signal(ENERGY, OLD), signal(WATER, NEW)
    assert [(OPENED, None)] == now(place, *again)
    others = signal(("huur-a", "d"), NEW, "y"), signal(("water-a", "e"), NEW, "y")
    assert [(OPENED, None)] * 2 == now(place, *again, *others)
    with place.run() as run:
        assert [2, 3] == sorted(case["partner_count"] for case in rows_in(run, "cases"))


@pytest.mark.parametrize(
    "left", [[signal(LANDLORD, NEW)], [signal(LANDLORD, NEW), signal(ENERGY, OLD, arrears_months=1)]]
)
def test_who_is_no_longer_reported_is_no_case(place: Municipality, left: list[dict[str, Any]]) -> None:
    """A key holds nobody: a signal that is gone, or of too few months, counts no more than it did."""
    now(place, signal(LANDLORD, OLD), signal(ENERGY, OLD))
    assert [(WITHDRAWN, None)] == now(place, *left)


def test_a_correction_under_one_key_parts_them(place: Municipality) -> None:
    """Where all signals of a case stand under one key, tokens tell who it is about."""
    now(place, signal(LANDLORD, OLD), signal(ENERGY, OLD))
    assert [(WITHDRAWN, None)] == now(place, signal(LANDLORD, OLD, "z"), signal(ENERGY, OLD))
