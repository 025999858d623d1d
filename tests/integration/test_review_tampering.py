"""Somebody can write to the database: a decision that nobody took brings nobody on a list, and hides nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.doubtful_cases import decide, doubt_references
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.store.connect import Transaction
from pipeline.vocabulary.review import ACCEPTED, REJECTED
from tests.builders.deliveries import Municipality, signal_id
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
)
from tests.integration.test_continuity_tampering import LATER, journalled
from tests.integration.test_review import CHANGED, OTHER_TWIN, TWINS

OTHERS = [report("huur-a", "c", "y"), report("water-a", "d", "y", **OTHER_TWIN)]
NEWCOMER = report("water-a", "w", "z", initials="K.P.", email="k.vanderberg@post.nl", phone=None)
ONE_PERSON = [report("huur-a", "c", "y"), report("water-a", "d", "y")]
REFUSED = ("refuse_review", "REVIEW_UNPROVEN")
Tamper = Callable[[Transaction, dict[str, Any]], None]


@pytest.fixture
def place(tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


@pytest.fixture
def run(place: Municipality) -> Iterator[Run]:
    """A municipality with a case that waits for the data steward."""
    with place.run(TUESDAY) as opened:
        keep(opened, TWINS)
        reveal_here(opened)
        yield replace(opened, actor="s.jansen")


def case_of(run: Run, label: str) -> dict[str, Any]:
    (held,) = (row for row in rows_in(run, "case_signals") if row["signal_id"] == signal_id(label))
    (case,) = (row for row in rows_in(run, "cases") if row["case_id"] == held["case_id"])
    return case


def kept_decision(case: dict[str, Any], decision: str) -> dict[str, Any]:
    names = {"decision": decision, "reason_code": "SPELLING", "decided_by": "s.jansen", "decided_at": "2026-11-03"}
    return {**names, "case_id": case["case_id"], "evidence_digest": case["evidence_digest"]}


def call_it_reviewed(transaction: Transaction, case: dict[str, Any]) -> None:
    """The case's own mark."""
    changed = {"state": "routed", "evidence": "reviewed", "reason_code": None}
    transaction.update(tables.cases, tables.cases.c.case_id == case["case_id"], changed)


def write_a_decision(transaction: Transaction, case: dict[str, Any]) -> None:
    """A row among the decisions."""
    transaction.insert(tables.reviews, [kept_decision(case, ACCEPTED)])
    transaction.update(tables.cases, tables.cases.c.case_id == case["case_id"], {"state": "routed"})


def tampered(run: Run, case: dict[str, Any], *tampers: Tamper) -> None:
    with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
        for tamper in tampers:
            tamper(transaction, case)


def shown_later(place: Municipality) -> list[dict[str, Any]]:
    with place.run(LATER) as later:
        reveal_here(later)
    cases: list[dict[str, Any]] = worklist(place, on=LATER)["cases"]
    return cases


@pytest.mark.parametrize("tamper", [call_it_reviewed, write_a_decision])
def test_a_decision_that_nobody_took_shows_nobody(place: Municipality, run: Run, tamper: Tamper) -> None:
    """The case waits for the data steward as before, and the journal says that a decision was not believed."""
    tampered(run, case_of(run, "a"), tamper)
    assert [] == shown_later(place)
    with place.run(LATER) as later:
        assert (True, 1) == (REFUSED in journalled(later), len(doubt_references(later)))


def test_a_rejection_that_nobody_wrote_hides_nobody(place: Municipality, run: Run) -> None:
    """Asked again on the same evidence, the case waits for the data steward: nobody said that they are two."""
    case = case_of(run, "a")
    with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
        transaction.insert(tables.reviews, [kept_decision(case, REJECTED)])
        transaction.update(tables.cases, tables.cases.c.case_id == case["case_id"], {"state": "routed"})
    assert [] == shown_later(place)
    with place.run(LATER) as later:
        assert (True, 1) == (REFUSED in journalled(later), len(doubt_references(later)))


def test_a_decision_holds_for_the_signals_that_it_was_taken_on(place: Municipality, run: Run) -> None:
    """What was accepted of one case accepts no other, whichever evidence the store says that it was about."""
    keep(run, [*TWINS, *OTHERS])
    reveal_here(run)
    decide(run, case_of(run, "a")["case_id"], ACCEPTED, "CALLING_NAME")
    other = case_of(run, "c")
    with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
        of_first = tables.reviews.c.case_id == case_of(run, "a")["case_id"]
        transaction.update(tables.reviews, of_first, {"evidence_digest": other["evidence_digest"]})
    tampered(run, other, call_it_reviewed)
    assert [{"klant-a", "klant-b"}] == [
        {signal["klantnummer"] for signal in case["signals"]} for case in shown_later(place)
    ]


def test_nobody_is_added_to_a_case_that_was_accepted(place: Municipality, run: Run) -> None:
    """Somebody else's signal that is put in the case waits for a decision with it."""
    decide(run, case_of(run, "a")["case_id"], ACCEPTED, "CALLING_NAME")
    keep(run, [*TWINS, NEWCOMER])
    held = rows_in(run, "case_signals")[0]
    with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
        transaction.insert(
            tables.case_signals,
            [{**held, "partner_id": "water-a", "signal_id": signal_id("w"), "is_active": True}],
        )
    assert [] == shown_later(place)
    with place.run(LATER) as later:
        assert REFUSED in journalled(later)


def test_what_was_accepted_goes_on_without_a_partner(place: Municipality, run: Run) -> None:
    """Of a case that was shown whole the journal is not asked again: what is left brings nobody on a list."""
    decide(run, case_of(run, "a")["case_id"], ACCEPTED, "CALLING_NAME")
    reveal_here(run)
    keep(run, TWINS[:1])
    (case,) = shown_later(place)
    assert ("reviewed", "withdrawal") == (case["evidence"], case["ground"])
    with place.run(LATER) as later:
        assert REFUSED not in journalled(later)


def test_a_joined_case_brings_nobody_along_under_the_mark(place: Municipality, run: Run) -> None:
    """Who stands in a case that is said to have joined another was not judged with it."""
    keep(run, [*ONE_PERSON, NEWCOMER])
    reveal_here(run)
    case, held = case_of(run, "c"), {row["signal_id"]: row for row in rows_in(run, "case_signals")}
    forged = {**case, "case_id": "Z-forged", "state": "joined", "joined_to": case["case_id"]}
    with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
        transaction.update(tables.cases, tables.cases.c.case_id == case["case_id"], {"evidence": "reviewed"})
        transaction.insert(tables.cases, [forged])
        taken = held[signal_id("c")]
        other = {**taken, "partner_id": "water-a", "signal_id": signal_id("w"), "is_confirmed": False}
        rows = [{**row, "case_id": "Z-forged"} for row in (taken, {**other, "confirmation": None})]
        transaction.insert(tables.case_signals, rows)
    shown = {signal["klantnummer"] for case in shown_later(place) for signal in case["signals"]}
    assert {"klant-c", "klant-d"} == shown


def test_what_came_after_the_question_is_not_accepted_with_it(place: Municipality, run: Run) -> None:
    """A signal that the opener did not doubt with the others, is in no answer about them."""
    keep(run, [*TWINS, NEWCOMER])
    held = rows_in(run, "case_signals")[0]
    with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
        forged = {**held, "partner_id": "water-a", "signal_id": signal_id("w"), "is_active": True}
        transaction.insert(tables.case_signals, [forged])
    decide(run, case_of(run, "a")["case_id"], ACCEPTED, "CALLING_NAME")
    assert [] == shown_later(place)


def test_a_decision_stands_again_when_its_evidence_comes_back(place: Municipality, run: Run) -> None:
    """Accepted, corrected, rejected as it was then, and the correction taken back: accepted, and no alarm."""
    decide(run, case_of(run, "a")["case_id"], ACCEPTED, "CALLING_NAME")
    keep(run, CHANGED)
    reveal_here(run)
    decide(run, case_of(run, "a")["case_id"], REJECTED, "RELATIVES")
    keep(run, TWINS)
    assert 1 == len(shown_later(place))
    with place.run(LATER) as later:
        assert REFUSED not in journalled(later)
