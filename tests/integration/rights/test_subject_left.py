"""A resident whose signal left its case is still found: what a team saw is told, and erasing takes all of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.commands import subject
from pipeline.commands.wiring import Run
from pipeline.store import tables
from tests.builders.deliveries import MONTH, Municipality, signal_id, with_key
from tests.builders.kept import Begin
from tests.builders.openings import TUESDAY, keep, report, reveal_here, rows_in
from tests.builders.subjects import (
    DECEMBER,
    LATER,
    MINE,
    NEIGHBOUR,
    PAIR,
    make_reported,
    reported_again,
)

WEDNESDAY = TUESDAY + timedelta(days=1)
WATER = report("water-a", "w", "x")
WATER_NAME = ("water-a", MONTH, signal_id("w"))
HIS = (("huur-a", "a"), ("energie-a", "b"))
SAME_PERSON = {("huur-a", MONTH, signal_id("a")), ("energie-a", MONTH, signal_id("b")), WATER_NAME}


def held(run: Run, table: str = "signals") -> set[tuple[str, str, str]]:
    return {(row["partner_id"], row["month"], row["signal_id"]) for row in rows_in(run, table)}


def letter(outcome: Any) -> str:
    return Path(outcome.paths["letter"]).read_text("utf-8")


def lists(place: Municipality) -> list[Path]:
    return [path for path in place.home.worklists.rglob("*") if path.is_file() and path.stat().st_size]


def corrected(place: Municipality) -> str:
    """Three partners reported; the team saw it; a day later one says that it is one month. Returns the case."""
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, WATER, NEIGHBOUR])
        reveal_here(run)
    with place.run(WEDNESDAY) as run:
        keep(run, [*PAIR, report("water-a", "w", "x", sequence=2, arrears_months=1), NEIGHBOUR])
        reveal_here(run)
        (left,) = (row for row in rows_in(run, "case_signals") if not row["is_active"])
        assert signal_id("w") == left["signal_id"]
        return str(left["case_id"])


def test_who_was_shown_before_a_correction_reads_it(place: Municipality) -> None:
    """The signal that left the case was on the list of the day before, and that is in the letter."""
    case_id = corrected(place)
    with place.run(WEDNESDAY) as run:
        text = letter(subject.access(run, {WATER_NAME}))
    assert [] == [word for word in (case_id, "Wijkteam Noord", "klant-a", "klant-w") if word not in text]
    assert "Niemand" not in text


@pytest.mark.parametrize("named", [WATER_NAME, *MINE], ids=["left", "stayed"])
def test_one_signal_is_enough_to_erase_whoever_left_the_case(
    place: Municipality, named: tuple[str, str, str]
) -> None:
    """Named by the signal that left or by one that stayed: all signals, the case and its lists go."""
    corrected(place)
    with place.run(WEDNESDAY) as run:
        outcome = subject.erase(run, {named})
        assert {("water-a", MONTH, NEIGHBOUR["signal_id"])} == held(run)
        assert [] == rows_in(run, "cases") + rows_in(run, "case_signals")
    assert (3, 1, 2) == tuple(outcome.counts[name] for name in ("signals", "cases", "worklists"))
    assert any(line.startswith("Bel Wijkteam Noord") for line in outcome.lines)
    assert not any("Geen team" in line for line in outcome.lines)
    assert not any(b"klant-w" in path.read_bytes() for path in lists(place))


def test_a_number_of_a_case_that_all_have_left_still_leads_to_them(place: Municipality) -> None:
    """The case holds nobody any more, and its number erases who stood in it."""
    with place.run(WEDNESDAY) as run:
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.update(tables.case_signals, sa.true(), {"is_active": False})
        (case,) = rows_in(run, "cases")
        outcome = subject.erase(run, subject.named(run, None, case["case_id"]), case["case_id"])
        assert (2, 1, 1) == tuple(outcome.counts[name] for name in ("signals", "cases", "worklists"))


def revoked(place: Municipality) -> Municipality:
    """The key of one partner was revoked; the next list shows the case without it."""
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, WATER, NEIGHBOUR])
        reveal_here(run)
    changed = with_key(place, "signing-water-a-1", revoked_on=str(WEDNESDAY))
    with changed.run(WEDNESDAY) as run:
        reveal_here(run)
    return changed


def test_what_cannot_be_opened_is_erased_by_its_number_and_the_rest_is_counted(place: Municipality) -> None:
    """Named by a contact of a revoked key: it goes with the lists that showed it; of two others nobody knows."""
    changed = revoked(place)
    with changed.run(WEDNESDAY) as run:
        outcome = subject.erase(run, {WATER_NAME})
        assert WATER_NAME not in held(run) | held(run, "case_signals")
        assert SAME_PERSON - {WATER_NAME} <= held(run)
    assert (1, 2) == tuple(outcome.counts[name] for name in ("signals", "worklists"))
    assert any("niemand kan zien" in line and ": 2." in line for line in outcome.lines)
    assert not any("Geen team" in line or "over een ander" in line for line in outcome.lines)
    assert not any(b"klant-w" in path.read_bytes() for path in lists(place))


def test_a_later_month_that_cannot_be_opened_is_counted_and_erased_when_named(place: Municipality) -> None:
    """Named by another signal the outcome counts what stays unread; named as well, it goes."""
    reported_again(place)
    changed = with_key(place, "signing-water-a-1", revoked_on=str(DECEMBER))
    left = ("water-a", LATER[1]["month"], LATER[1]["signal_id"])
    with changed.run(DECEMBER) as run:
        outcome = subject.erase(run, MINE)
        assert any("niemand kan zien" in line and ": 1." in line for line in outcome.lines)
        assert not any("over een ander" in line for line in outcome.lines)
        assert left in held(run)
        subject.erase(run, {left})
        assert left not in held(run)


def test_a_stranger_who_was_only_proposed_takes_nothing_along(place: Municipality) -> None:
    """The opener found somebody else: neither the letter nor the erasure touches the case."""
    who = {"surname": "Willems", "initials": "Z", "birth_on": "1991-09-09", "email": None, "phone": None}
    other = report("water-a", "s", "x", **who)
    stranger = ("water-a", MONTH, other["signal_id"])
    with place.run(WEDNESDAY) as run:
        keep(run, [*PAIR, other])
        reveal_here(run)
        (row,) = (row for row in rows_in(run, "case_signals") if row["signal_id"] == other["signal_id"])
        assert row["is_confirmed"] is False
        text = letter(subject.access(run, {stranger}))
        assert ("Willems" in text, row["case_id"] in text, "Wijkteam Noord" in text) == (True, False, False)
        outcome = subject.erase(run, {stranger})
        assert (1, 0, 0) == tuple(outcome.counts[name] for name in ("signals", "cases", "worklists"))
        assert "Geen team heeft deze zaak gezien." in outcome.lines
        assert 1 == len(rows_in(run, "cases"))
        assert SAME_PERSON - {WATER_NAME} == held(run)


def test_who_was_put_into_a_case_since_reads_nothing_of_it(place: Municipality) -> None:
    """Proposed this morning for a case of somebody else: until the opener compared them it is not about them."""
    who = {"surname": "Willems", "initials": "Z", "birth_on": "1991-09-09", "email": None, "phone": None}
    other = report("water-a", "s", "x", **who)
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, other])
        (case,) = rows_in(run, "cases")
        assert 3 == len([row for row in rows_in(run, "case_signals") if row["is_active"]])
        text = letter(subject.access(run, {("water-a", MONTH, other["signal_id"])}))
        assert ("Willems" in text, case["case_id"] in text, "Wijkteam Noord" in text) == (True, False, False)
        assert case["case_id"] in letter(subject.access(run, MINE))


def test_whoever_stays_keeps_the_case_that_another_left(begin: Begin) -> None:
    """He was shown in it and left it: his signals and the lists go, her case stays and knows him no more."""
    rule = {"min_partners": 2, "min_months": 2, "late_months": 2, "match_on": ["person", "household"]}
    place = begin(make_reported, rule=rule)
    her = {"initials": "Z", "birth_on": "1951-09-09", "email": None, "phone": None}
    wife = [report("huur-a", "w1", "x", **her), report("water-a", "w2", "x", **her)]
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, *wife])
        reveal_here(run)
    lower = (report(partner, label, "x", sequence=2, arrears_months=1) for partner, label in HIS)
    with place.run(WEDNESDAY) as run:
        keep(run, [*lower, *wife])
        reveal_here(run)
        assert 2 == len([row for row in rows_in(run, "case_signals") if not row["is_active"]])
        outcome = subject.erase(run, MINE)
        assert (2, 0, 2) == tuple(outcome.counts[name] for name in ("signals", "cases", "worklists"))
        assert (
            {(row["partner_id"], MONTH, row["signal_id"]) for row in wife}
            == held(run)
            == held(run, "case_signals")
        )
        assert [] == rows_in(run, "case_pseudonyms")
        assert [] == [path for path in lists(place) if b"klant-a" in path.read_bytes()]
        assert "Wijkteam Noord" in letter(subject.access(run, {("water-a", MONTH, signal_id("w2"))}))
