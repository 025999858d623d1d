"""A revoked key in a case that later months joined: each month is held against what was agreed for that month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders.deliveries import Municipality
from tests.builders.openings import (
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
    write_opening_key,
)
from tests.integration.test_key_revoked import NEXT, SON, look, revoke, show

JOINED_ON = date(2026, 12, 1)
PERSON, HOUSEHOLD = ({"match_on": ["person"]}, {"match_on": ["person", "household"]})
COUNTED, REVEALED = ({"crisis": "count"}, {"crisis": "reveal"})
CRISIS = {"is_crisis": True, "crisis_kind": "ontruiming", "crisis_on": "2026-12-20"}
SURNAME_AND_DOOR = {"initials": None, "birth_on": None, "phone": None, "email": None}

EVICTION = [report("huur-a", "a", "x", arrears_months=1, **CRISIS)]
PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]
THREE = [*PAIR, report("water-a", "c", "x")]
Rows = Sequence[dict[str, Any]]


def november(partner_id: str, label: str, **contact: Any) -> dict[str, Any]:
    return report(partner_id, f"{label}2", "y", month=NEXT, **contact)


SOUND = [november("energie-a", "b"), november("water-a", "c")]
RESTING = [november("huur-a", "a"), november("energie-a", "b")]


def agreed(path: Path, rule: Mapping[str, Any] | None = None, lanes: Mapping[str, Any] = COUNTED) -> Municipality:
    """A municipality with an opener that can open both months."""
    base = {"min_partners": 2, "min_months": 2, "late_months": 2, "match_on": ["person"]}
    place = make_municipality_with_opener(path, rule={**base, **(rule or {})}, lanes=lanes)
    write_opening_key(place, NEXT)
    return place


def amended(place: Municipality, rule: Mapping[str, Any], lanes: Mapping[str, Any]) -> Municipality:
    """From November on a second version rules; the first stands beside it and rules October."""
    place.home.agreements_dir.mkdir(exist_ok=True)
    place.home.agreement_file.rename(place.home.agreements_dir / "agreement-1.json")
    newer = {**place.agreement, "version": 2, "valid_from": "2026-11-01", "lanes": lanes}
    second = replace(place, agreement={**newer, "rule": {**place.agreement["rule"], **rule}})
    second.write_documents()
    return second


def shown_with(place: Municipality, october: Rows, later: Rows) -> str:
    """The case of October, after November was seen to have joined it."""
    show(place, october)
    show(place, [*october, *later], JOINED_ON)
    (case,) = worklist(place, on=JOINED_ON)["cases"]
    assert ("running", ["2026-10", NEXT]) == (case["ground"], case["months"])
    return str(case["case_id"])


def marks(place: Municipality) -> list[tuple[str, str, str | None, str | None]]:
    with place.run(JOINED_ON) as run:
        return [(row["month"], row["state"], row["mark"], row["reason_code"]) for row in rows_in(run, "cases")]


def on(days: int) -> date:
    return JOINED_ON + timedelta(days=days)


def test_a_month_that_meets_the_rule_carries_the_crisis_case_that_it_joined(tmp_path: Path) -> None:
    """The crisis is not believed any more; two other partners still are, and the visit goes on for their sake."""
    place = agreed(tmp_path, lanes=REVEALED)
    case_id = shown_with(place, EVICTION, SOUND)
    place = revoke(place)
    for days in (1, 2):
        (case,) = look(place, on(days))
        assert (case_id, "running") == (case["case_id"], case["ground"])
        told = [(signal["partner_id"], signal["month"], signal["is_crisis"]) for signal in case["signals"]]
        assert [("energie-a", NEXT, False), ("water-a", NEXT, False)] == sorted(told)
        assert "ontruiming" not in " ".join([*case["reasons"], case["next_step"]])
    assert {("2026-10", "revealed", None, None), (NEXT, "joined", None, "RUNNING_CASE")} == set(marks(place))


def test_a_month_that_comes_in_after_the_revocation_carries_it_as_well(tmp_path: Path) -> None:
    """It joins on the very day on which the case would have left the list."""
    place = agreed(tmp_path, lanes=REVEALED)
    show(place, EVICTION)
    place = revoke(place)
    with place.run(on(0)) as run:
        keep(run, [*EVICTION, *SOUND])
    for days in (0, 1):
        (case,) = look(place, on(days))
        assert ("running", 2) == (case["ground"], len(case["signals"]))


def test_a_crisis_case_of_which_both_months_rest_on_the_key_stops(tmp_path: Path) -> None:
    """What is left meets neither: one partner without a crisis."""
    place = agreed(tmp_path, lanes=REVEALED)
    shown_with(place, EVICTION, RESTING)
    place = revoke(place)
    (told,) = look(place, on(1))
    assert ("withdrawal", []) == (told["ground"], told["signals"])
    assert [] == look(place, on(2))


def test_a_month_that_cannot_be_read_for_a_day_still_carries_it_the_day_after(tmp_path: Path) -> None:
    """Its month key was gone: what was confirmed before is not forgotten for that."""
    place = agreed(tmp_path)
    case_id = shown_with(place, PAIR, SOUND)
    place = revoke(place)
    next(place.home.opener_keys_dir.glob(f"opening-{NEXT}-*.json")).unlink()
    with place.run(on(1)) as run:
        reveal_here(run)
    assert ["running"] == [case["ground"] for case in worklist(place, on=on(1))["cases"]]
    write_opening_key(place, NEXT)
    (case,) = look(place, on(2))
    assert (case_id, "running") == (case["case_id"], case["ground"])
    assert [("energie-a", NEXT), ("water-a", NEXT)] == sorted(
        (signal["partner_id"], signal["month"]) for signal in case["signals"] if signal["month"] == NEXT
    )


@pytest.mark.parametrize(
    ("first", "second", "october", "later", "goes_on"),
    [
        (({"min_partners": 3}, COUNTED), ({"min_partners": 2}, COUNTED), THREE, SOUND, True),
        (({}, COUNTED), ({"min_partners": 3}, COUNTED), PAIR, [*RESTING, SOUND[1]], False),
        (
            ({"min_months": 3}, COUNTED),
            ({"min_months": 2}, COUNTED),
            PAIR,
            [november("energie-a", "b", arrears_months=2), november("water-a", "c", arrears_months=2)],
            True,
        ),
        (({}, COUNTED), ({}, REVEALED), PAIR, [RESTING[0], november("energie-a", "b", **CRISIS)], True),
        (({}, REVEALED), ({}, COUNTED), EVICTION, [RESTING[0], november("energie-a", "b", **CRISIS)], False),
        ((PERSON, COUNTED), (HOUSEHOLD, COUNTED), PAIR, [SOUND[0], november("water-a", "c", **SON)], True),
        (
            (HOUSEHOLD, COUNTED),
            (PERSON, COUNTED),
            PAIR,
            [*RESTING, november("water-a", "c", **SON)],
            False,
        ),
        (
            ({"certainty": "certain"}, COUNTED),
            ({"certainty": "likely"}, COUNTED),
            PAIR,
            [SOUND[0], november("water-a", "c", **SURNAME_AND_DOOR)],
            True,
        ),
        (
            ({"certainty": "likely"}, COUNTED),
            ({"certainty": "certain"}, COUNTED),
            PAIR,
            [*RESTING, november("water-a", "c", **SURNAME_AND_DOOR)],
            False,
        ),
        (
            ({"certainty": "certain"}, COUNTED),
            ({"certainty": "likely"}, REVEALED),
            PAIR,
            [november("energie-a", "b", **{**CRISIS, "arrears_months": 1})],
            True,
        ),
    ],
    ids=[
        *("fewer partners", "more partners", "fewer months", "crisis shown", "crisis counted"),
        *("household", "person", "likely", "certain", "crisis of one month"),
    ],
)
def test_each_month_is_held_against_the_version_of_the_agreement_that_rules_it(
    tmp_path: Path,
    first: tuple[Mapping[str, Any], Mapping[str, Any]],
    second: tuple[Mapping[str, Any], Mapping[str, Any]],
    october: Rows,
    later: Rows,
    goes_on: bool,
) -> None:
    """October by the first and November by the second, whatever the other one says."""
    place = amended(agreed(tmp_path, *first), *second)
    case_id = shown_with(place, october, later)
    (case,) = look(revoke(place), on(1))
    assert (case_id, "running" if goes_on else "withdrawal") == (case["case_id"], case["ground"])
    assert "huur-a" not in {signal["partner_id"] for signal in case["signals"]}
