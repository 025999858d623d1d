"""Cases of which no team records anything: told before, closed by `retire`, and their term begins."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.retire import retire
from pipeline.commands.settle import settle
from pipeline.commands.status import status
from pipeline.store import tables
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS, JOINED, REVEALED
from tests.builders.deliveries import Municipality
from tests.builders.openings import keep, make_municipality_with_opener, report, reveal_here, rows_in, worklist
from tests.builders.stewardship import (
    WHEN,
    make_stewarded,
    put,
    put_case,
    put_signals,
    rows_of_table,
    stored_signal,
)

BEFORE = date(2027, 5, 31)
CLOSING = date(2027, 6, 1)
STATES = {"Z-shown": REVEALED, "Z-tried": IN_PROGRESS, "Z-busy": IN_PROGRESS, "Z-gone": REVEALED}


@pytest.fixture
def place(tmp_path: Path, database: str) -> Municipality:
    """Shown in November: never tried, tried then, tried in May, and one that partners took back."""
    made = make_stewarded(tmp_path)
    with made.run(date(2026, 11, 3)) as run:
        for case_id, state in STATES.items():
            signals = [stored_signal(partner, f"{case_id}/{partner}") for partner in ("huur-a", "energie-a")]
            put_signals(run, signals)
            put_case(run, case_id, state, signals, mark="retracted" if case_id == "Z-gone" else None)
        for case_id, day in (("Z-tried", "2026-11-10"), ("Z-busy", "2027-05-03")):
            attempt = {"attempt_id": f"a-{case_id}", "case_id": case_id, "contact_type": "Brief"}
            put(run, tables.attempts, **attempt, is_reached=False, attempted_on=day, recorded_at=WHEN)
    return made


def told(outcome: Any) -> list[str]:
    return [line for line in outcome.lines if "geen team legde er iets over vast" in line]


def test_untouched_cases_are_closed_and_their_signals_go(place: Municipality) -> None:
    """On the first day of the seventh month and not before, each with a result and a line in the journal."""
    with place.run(BEFORE) as run:
        assert 0 == retire(run).counts["untouched"]
    with place.run(CLOSING) as run:
        outcome = retire(run)
        states = {row["case_id"]: row["state"] for row in rows_of_table(run, tables.cases)}
        results = {row["case_id"]: (row["result"], row["result_on"]) for row in rows_of_table(run, tables.results)}
        lines = [row for row in rows_of_table(run, tables.journal) if row["action"] == "close_untouched"]
        held = {row["signal_id"] for row in rows_of_table(run, tables.signals)}
    assert {"Z-shown": CLOSED, "Z-tried": CLOSED, "Z-busy": IN_PROGRESS, "Z-gone": REVEALED} == states
    assert {
        "Z-shown": ("Niet opgepakt: andere reden", "2026-11-03"),
        "Z-tried": ("Definitief geen contact kunnen krijgen", "2026-11-10"),
    } == results
    assert ["Z-shown", "Z-tried"] == [line["object"] for line in lines]
    assert {
        stored_signal(partner, f"Z-busy/{partner}")["signal_id"] for partner in ("huur-a", "energie-a")
    } == held
    document = json.loads((place.home.reports / f"vernietiging-{CLOSING}.json").read_text())
    (proof,) = [row for row in document["classes"] if row["data_class"] == "untouched"]
    assert (2, 0, 6) == (proof["deleted_count"], proof["remaining_count"], proof["term_months"])
    assert 2 == outcome.counts["untouched"]
    with place.run(CLOSING) as run:
        assert 2 == retire(run).counts["untouched"]


def test_the_steward_reads_it_a_month_before(place: Municipality) -> None:
    """From the first day of the last month `status` counts them and names the day."""
    with place.run(date(2027, 4, 30)) as run:
        assert ([], 0) == (told(status(run)), status(run).counts["cases_closing_untouched"])
    with place.run(BEFORE) as run:
        assert ["2 zaken sluiten op 01-06-2027"] == [line[4:33] for line in told(status(run))]


def test_partners_hear_and_a_team_can_still_tell(place: Municipality) -> None:
    """Where nobody tried the partner reads so; a sheet about a later day goes before what was filled in."""
    with place.run(CLOSING) as run:
        retire(run)
        settle(run)
        codes = {row["signal_id"]: row["code"] for row in rows_of_table(run, tables.feedback_sent)}
        shown, tried = (stored_signal("huur-a", f"{name}/huur-a")["signal_id"] for name in ("Z-shown", "Z-tried"))
        assert ("niet_opgepakt", "opgepakt") == (codes[shown], codes[tried])
        said = {"case_id": "Z-shown", "result": "Inwoner is overleden", "result_on": "2026-12-01"}
        (place.home.inbox_follow_up / "late.jsonl").write_text(json.dumps(said))
        settle(run)
        results = {row["case_id"]: row["result"] for row in rows_of_table(run, tables.results)}
    assert "Inwoner is overleden" == results["Z-shown"]


def test_a_household_that_is_reported_again_keeps_its_case(place: Municipality) -> None:
    """The months begin anew after the month of a case that joined it."""
    with place.run(CLOSING) as run:
        put_case(run, "Z-later", JOINED, month="2027-03", joined_to="Z-shown")
        retire(run)
        states = {row["case_id"]: row["state"] for row in rows_of_table(run, tables.cases)}
    assert (REVEALED, CLOSED) == (states["Z-shown"], states["Z-tried"])


def test_the_team_reads_it_on_its_list_and_then_no_more(tmp_path: Path) -> None:
    """In the last month the case says when it closes; after that it is opened no more."""
    made = make_municipality_with_opener(tmp_path)
    with made.run(date(2026, 11, 3)) as run:
        keep(run, [report("huur-a", "a", "x"), report("energie-a", "b", "x")])
        reveal_here(run)
    with made.run(date(2027, 5, 3)) as run:
        reveal_here(run)
        (entry,) = worklist(made, on=run.today)["cases"]
    assert "Op 1 juni 2027 sluit deze zaak, als u niets vastlegt." in entry["reasons"][0]
    with made.run(CLOSING) as run:
        retire(run)
    with made.run(date(2027, 6, 2)) as run:
        before = len(rows_in(run, "opening_requests"))
        reveal_here(run)
        assert (before, CLOSED) == (len(rows_in(run, "opening_requests")), rows_in(run, "cases")[0]["state"])
