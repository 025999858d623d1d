"""Somebody who can write to the database forges what a household is known by, or what was confirmed before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.commands.settle import settle
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.vocabulary.case import JOINED
from tests.builders.deliveries import signal_id
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
    write_opening_key,
)
from tests.integration.test_continuity import LATER, NOVEMBER, OCTOBER, november

NEIGHBOUR = {"surname": "Bakker", "birth_on": "1980-02-11", "email": None, "phone": None, "house_number": "14"}


def test_forged_pseudonyms_bring_nobody_on_the_list_of_another(tmp_path: Path) -> None:
    """Pseudonyms moved to the case of a neighbour: what the household is reported for later does not join that."""
    place = make_municipality_with_opener(tmp_path)
    write_opening_key(place, NOVEMBER)
    neighbours = [report("huur-a", "n", "z", **NEIGHBOUR), report("water-a", "w", "z", **NEIGHBOUR)]
    with place.run(TUESDAY) as run:
        keep(run, [*OCTOBER, *neighbours])
        reveal_here(run)
        case_of = {row["partner_id"]: row["case_id"] for row in rows_in(run, "case_signals")}
        known = tables.case_pseudonyms
        with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
            transaction.connection.execute(known.delete().where(known.c.case_id == case_of["water-a"]))
            transaction.update(known, known.c.case_id == case_of["energie-a"], {"case_id": case_of["water-a"]})
    with place.run(LATER) as later:
        keep(later, [*OCTOBER, *neighbours, *november()])
        reveal_here(later)
    persons = [len(case["household"]["persons"]) for case in worklist(place, on=LATER)["cases"]]
    assert {1} == set(persons)


STRANGER = {"surname": "Bakker", "birth_on": "1980-02-11", "email": None, "phone": None, "house_number": "14"}
PAIR = (report("huur-a", "a", "x"), report("energie-a", "b", "x"))


def journalled(run: Run) -> set[tuple[str, str]]:
    """What was refused, and why."""
    return {
        (row["action"], row["result"]) for row in rows_in(run, "journal") if row["action"].startswith("refuse")
    }


def opened_since(run: Run, last: int) -> list[str]:
    """Cases of which contacts were opened after a line of the journal."""
    return [
        row["object"] for row in rows_in(run, "journal") if row["action"] == "open_contacts" and row["seq"] > last
    ]


def test_a_running_case_that_is_pointed_at_another_person_is_not_opened(tmp_path: Path) -> None:
    """Its signals replaced by one of somebody else, called confirmed: no proof, no opening."""
    place = make_municipality_with_opener(tmp_path)
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, report("water-a", "w", "z", **STRANGER)])
        reveal_here(run)
        last = rows_in(run, "journal")[-1]["seq"]
        (case,) = rows_in(run, "cases")
        held = tables.case_signals
        with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
            (one, other) = transaction.all(sa.select(held).order_by(held.c.partner_id))
            transaction.connection.execute(held.delete())
            transaction.insert(held, [{**one, "partner_id": "water-a", "signal_id": signal_id("w")}])
            transaction.update(tables.cases, tables.cases.c.case_id == case["case_id"], {"revision": 9})
        assert other["is_confirmed"]
    with place.run(LATER) as later:
        reveal_here(later)
        assert [] == opened_since(later, last)
        assert ("refuse_confirmation", "CONFIRMATION_WRONG") in journalled(later)
    assert [] == worklist(place, on=LATER)["cases"]


def test_a_case_that_nobody_was_shown_does_not_go_on_as_if_it_were(tmp_path: Path) -> None:
    """One signal of one partner, made a case that a team saw before: the rule is asked, and is not met."""
    place = make_municipality_with_opener(tmp_path)
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, report("water-a", "w", "z", **STRANGER)])
        reveal_here(run)
        last = rows_in(run, "journal")[-1]["seq"]
        (case,), held = rows_in(run, "cases"), rows_in(run, "case_signals")[0]
        forged = {"case_id": "Z-forged", "partner_id": "water-a", "signal_id": signal_id("w")}
        with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
            transaction.insert(tables.cases, [{**case, "case_id": "Z-forged"}])
            transaction.insert(tables.case_signals, [{**held, **forged}])
    with place.run(LATER) as later:
        reveal_here(later)
        assert [case["case_id"]] == opened_since(later, last)
    assert [case["case_id"]] == [one["case_id"] for one in worklist(place, on=LATER)["cases"]]


def test_a_case_that_is_said_to_join_another_is_not_shown_with_it(tmp_path: Path) -> None:
    """Each household stays on its own entry, and the other one's contacts stay closed, whatever the store says."""
    place = make_municipality_with_opener(tmp_path)
    neighbours = [report("huur-a", "n", "z", **STRANGER), report("water-a", "w", "z", **STRANGER)]
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, *neighbours])
        reveal_here(run)
        case_of = {row["signal_id"]: row["case_id"] for row in rows_in(run, "case_signals")}
        lead, joined = case_of[signal_id("a")], case_of[signal_id("n")]
        last = rows_in(run, "journal")[-1]["seq"]
        with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
            changed = {"state": JOINED, "joined_to": lead}
            transaction.update(tables.cases, tables.cases.c.case_id == joined, changed)
    with place.run(LATER) as later:
        reveal_here(later)
        assert ("refuse_confirmation", "CONFIRMATION_WRONG") in journalled(later)
        lines = [
            row for row in rows_in(later, "journal") if row["action"] == "open_contacts" and row["seq"] > last
        ]
        assert [(lead, {"contacts": 2})] == [(row["object"], row["counts"]) for row in lines]
    (entry,) = worklist(place, on=LATER)["cases"]
    assert {"klant-a", "klant-b"} == {signal["klantnummer"] for signal in entry["signals"]}


def closed_by_its_team(run: Run, case_id: str | None = None) -> str:
    """The case, closed by what its team returned; its id. None is the only one that there is."""
    (case,) = (row for row in rows_in(run, "cases") if case_id in (None, row["case_id"]))
    attempt = {"attempt_id": "x-1", "type": "Huisbezoek", "is_reached": True, "on": case["first_revealed_on"]}
    line = {
        "case_id": case["case_id"],
        "sheet_version": "2026-11-03.1",
        "attempts": [{**attempt, "part_of_day": "Middag", "by": "jd"}],
        "result": "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering",
        "result_on": case["first_revealed_on"],
        "has_consent_for_feedback": False,
    }
    (run.home.inbox_follow_up / "terug.jsonl").write_text(json.dumps(line) + "\n")
    settle(run)
    assert "closed" == {row["case_id"]: row["state"] for row in rows_in(run, "cases")}[case["case_id"]]
    return str(case["case_id"])


@pytest.mark.parametrize("state", ["revealed", "in_progress", "routed"])
def test_a_closed_case_that_is_called_running_is_not_opened_again(tmp_path: Path, state: str) -> None:
    """The journal says last that it was closed; whatever state the store gives it, nothing is opened or shown."""
    place = make_municipality_with_opener(tmp_path)
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
        closed_by_its_team(run)
        last = rows_in(run, "journal")[-1]["seq"]
        with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
            transaction.connection.execute(tables.cases.update().values(state=state))
    with place.run(LATER) as later:
        reveal_here(later)
        assert [] == opened_since(later, last)
        assert ("refuse_case", "CASE_CLOSED") in journalled(later)
    assert [] == worklist(place, on=LATER)["cases"]


def test_a_closed_case_of_which_the_result_was_corrected_is_opened_again(tmp_path: Path) -> None:
    """Its team took the end result back: the journal says that it runs, and so it is on the next list."""
    place = make_municipality_with_opener(tmp_path)
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
        case_id = closed_by_its_team(run)
        last = rows_in(run, "journal")[-1]["seq"]
        with run.store.transaction("settle_follow_up", at=run.now, actor="test") as transaction:
            transaction.connection.execute(tables.cases.update().values(state="in_progress"))
            transaction.journal("move_case", case_id, ground="file", result="in_progress")
    with place.run(LATER) as later:
        reveal_here(later)
        assert [case_id] == opened_since(later, last)
