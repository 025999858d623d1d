"""A visit that was written down by mistake: gone from list, status and figures; known to journal and resident."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import subject
from pipeline.commands.settle import settle
from pipeline.commands.status import status
from pipeline.stewardship.feed_back import TAKEN_UP, code_signals
from pipeline.store.feedback import signals_of_no_case, signals_with_outcome
from pipeline.store.reports import analytics_sources
from pipeline.vocabulary.case import IN_PROGRESS, MOVED, REVEALED
from pipeline.vocabulary.outcome import WITHDRAWN_REACHED
from tests.builders.deliveries import MONTH, Municipality
from tests.builders.kept import Begin
from tests.builders.openings import TUESDAY, reveal_here, rows_in, worklist
from tests.builders.returned import Returned
from tests.builders.subjects import MINE, let_opener_answer, make_reported

WRONG = {"attempt_id": "mv-17", "type": "Huisbezoek", "is_reached": True, "on": str(TUESDAY), "by": "mv"}
WEDNESDAY = TUESDAY + timedelta(days=1)
LONG_AFTER = TUESDAY + timedelta(days=60)


@pytest.fixture
def place(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> Municipality:
    """A municipality with a case on a worklist; the opener answers in this process."""
    let_opener_answer(monkeypatch)
    return begin(make_reported)


def case_of(place: Municipality) -> str:
    with place.run(TUESDAY) as run:
        return str(rows_in(run, "cases")[0]["case_id"])


def said(place: Municipality, day: date, **fields: Any) -> Mapping[str, int]:
    """Settle one line about the case that day; what it counted."""
    text = json.dumps({"case_id": case_of(place), **fields}) + "\n"
    (place.home.inbox_follow_up / "terug.jsonl").write_text(text)
    with place.run(day) as run:
        outcome = settle(run)
    assert [] == outcome.refused
    return outcome.counts


def tried(place: Municipality, day: date) -> list[str]:
    """The attempts that the list of that day shows for the case."""
    with place.run(day) as run:
        reveal_here(run)
    (case,) = worklist(place, on=day)["cases"]
    return [attempt["attempt_id"] for attempt in case["attempts"]]


def test_a_mistake_leaves_the_list_the_figures_and_the_count_of_who_is_late(place: Municipality) -> None:
    """The visit ended the wait for a contact; taken back, the case is late again."""
    said(place, TUESDAY, attempts=[WRONG])
    with place.run(LONG_AFTER) as run:
        assert 0 == status(run).counts["cases_overdue"]
        assert 1 == analytics_sources(run.store)["attempts"].height
    assert ["mv-17"] == tried(place, WEDNESDAY)
    said(place, WEDNESDAY, withdrawn_attempts=["mv-17"])
    assert [] == tried(place, WEDNESDAY + timedelta(days=1))
    with place.run(LONG_AFTER) as run:
        assert 1 == status(run).counts["cases_overdue"]
        assert 0 == analytics_sources(run.store)["attempts"].height


def test_partners_hear_nothing_of_a_visit_that_never_was(place: Municipality) -> None:
    """Of three signals two are in a case: without an attempt it was not taken up, and the journal says so."""
    for words, taken_up in (
        ({"attempts": [WRONG]}, 2),
        ({"withdrawn_attempts": ["mv-17"]}, 0),
        ({"attempts": [{**WRONG, "attempt_id": "mv-18"}]}, 2),
    ):
        said(place, TUESDAY, **words)
        with place.run(TUESDAY) as run:
            codes = code_signals(signals_with_outcome(run.store))
            assert [TAKEN_UP] * taken_up == codes["code"].to_list()
            assert 3 - taken_up == signals_of_no_case(run.store, MONTH).height
    with place.run(TUESDAY) as run:
        moves = [row["result"] for row in rows_in(run, "journal") if row["action"] == MOVED]
    assert [IN_PROGRESS, REVEALED, IN_PROGRESS] == moves


def test_the_journal_and_the_letter_keep_that_it_was_said(place: Municipality) -> None:
    """What was held of somebody is told, also where it was wrong."""
    said(place, TUESDAY, attempts=[WRONG])
    with place.run(TUESDAY) as run:
        assert "vergissing" not in Path(subject.access(run, MINE).paths["letter"]).read_text()
    said(place, WEDNESDAY, withdrawn_attempts=["mv-17"])
    said(place, WEDNESDAY, withdrawn_attempts=["mv-17"], sheet_version="")
    with place.run(WEDNESDAY) as run:
        assert 1 == [row["action"] for row in rows_in(run, "journal")].count("withdraw_attempt")
        assert (
            "later ingetrokken: het was een vergissing"
            in Path(subject.access(run, MINE).paths["letter"]).read_text()
        )


def test_the_choice_on_the_sheet_is_taken_by_the_reader(place: Municipality) -> None:
    """Filled in on one morning's sheet, taken back on the next; saved as csv it reads alike."""
    case_id, visit = case_of(place), {"type": "Huisbezoek", "on": TUESDAY, "part_of_day": "Avond"}
    for day, reached in ((TUESDAY, "Ja"), (WEDNESDAY, WITHDRAWN_REACHED)):
        with place.run(day) as run:
            reveal_here(run)
            (case,) = rows_in(run, "cases")
        path = place.home.worklists / case["team_id"] / str(day) / "werklijst.xlsx"
        sheet = Returned.opened(path.read_bytes()).fill(case_id, **visit, is_reached=reached)
        for name, content in (("terug.xlsx", sheet.xlsx()), ("terug.csv", sheet.csv())):
            (place.home.inbox_follow_up / name).write_bytes(content)
        with place.run(day) as run:
            assert [] == settle(run).refused
    with place.run(WEDNESDAY) as run:
        assert [True] == [bool(row["is_withdrawn"]) for row in rows_in(run, "attempts")]
