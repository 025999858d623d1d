"""A count says what it counts: also where what was asked for, or was so once, is more than what is there now."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.commands.match import match
from pipeline.commands.publish import publish
from pipeline.commands.reveal import reveal
from pipeline.commands.route import route
from pipeline.commands.status import status
from pipeline.commands.wiring import Run
from pipeline.store import tables
from tests.builders.deliveries import Municipality
from tests.builders.matching import NOW, deliver, later, make_run
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    write_opening_key,
)

OTHER_TWIN: dict[str, Any] = {"initials": "H.M.", "email": "h.vanderberg@post.nl", "phone": None}
SURE = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]
DOUBTFUL = [report("huur-a", "c", "y"), report("water-a", "d", "y", **OTHER_TWIN)]


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


def ask(run: Run, question: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(run.home.analytics), read_only=True) as connection:
        return connection.execute(question).fetchall()


def comment(run: Run, table: str, column: str) -> str:
    where = f"schema_name = 'work' AND table_name = '{table}' AND column_name = '{column}'"
    return str(ask(run, f"SELECT comment FROM duckdb_columns() WHERE {where}")[0][0])


def test_new_cases_of_a_day_are_those_that_went_to_the_opener(place: Municipality) -> None:
    """One was shown and one doubted: two went to the opener, and neither status nor the file calls both new."""
    with place.run(TUESDAY) as run:
        keep(run, [*SURE, *DOUBTFUL])
        reveal_here(run)
        publish(run)
        told = status(run).lines
        counted = "(SELECT count(*) FROM work.worklist_items WHERE is_new)"
        assert [(2, 1)] == ask(run, f"SELECT sum(new_count)::INT, {counted}::INT FROM work.team_days")
        assert "naar de opener zijn gestuurd" in comment(run, "team_days", "new_count")
    headings = next(line for line in told if line.startswith("team  "))
    words = [word.strip() for word in headings.split("   ") if word.strip()]
    assert ["team", "naar de opener", "ruimte"] == words[:3]
    assert any(line.startswith("Naar de opener: nieuwe zaken.") for line in told)


PAIR = """
    partner | client | name   | initial | born
    huur    | 1      | Jansen | A       | 1980-05-31
    energie | 7      | Jansen | A       | 1980-05-31
"""


def test_a_retracted_case_says_that_its_counts_are_of_then(database: str, tmp_path: Path) -> None:
    """Both partners took back what a team saw: the case still says two and two, and that nothing is in it now."""
    run = make_run(database, tmp_path)
    deliver(run, PAIR)
    match(run)
    route(run)
    with run.store.transaction("reveal", **NOW) as transaction:
        shown = {"state": "revealed", "first_revealed_on": "2026-10-12"}
        transaction.update(tables.cases, tables.cases.c.state == "routed", shown)
        transaction.update(tables.case_signals, tables.case_signals.c.is_active, {"is_confirmed": True})
    deliver(run, "partner | client")
    match(later(run, 5))
    publish(later(run, 6))
    held = "(SELECT count(case_no) FROM work.signals)::INT"
    counts = f"SELECT is_retracted, signal_count, partner_count, {held} FROM work.cases"
    assert [(True, 2, 2, 0)] == ask(run, counts)
    told = [comment(run, "cases", name) for name in ("signal_count", "partner_count")]
    assert [True, True] == ["(is_retracted)" in text and "houdt het aantal" in text for text in told]
    assert "nu in de zaak zit" not in told[0]
    assert [(0,)] == ask(run, "SELECT sum(open_case_count)::INT FROM work.workload")
    assert "(is_retracted) tellen niet mee" in comment(run, "workload", "open_case_count")


def test_an_outcome_of_a_signal_that_left_the_list_says_why_it_has_no_number(
    database: str, tmp_path: Path
) -> None:
    """A partner heard of two signals and sent a new list with one: the other's outcome stays, without a number."""
    run = make_run(database, tmp_path)
    deliver(run, PAIR)
    with run.store.transaction("send_feedback", **NOW) as transaction:
        for row in transaction.all(tables.signals.select()):
            name = {column: row[column] for column in ("partner_id", "month", "signal_id")}
            told = {"code": "opgepakt", "sent_on": "2026-10-12"}
            transaction.insert(tables.feedback_sent, [{**name, **told}])
    deliver(run, PAIR.rstrip().rpartition("\n")[0])
    publish(later(run, 5))
    assert [("energie", None), ("huur", 1)] == ask(
        run, "SELECT partner_id, signal_no FROM work.feedback ORDER BY partner_id"
    )
    assert "niet meer op de nieuwste lijst van de partner" in comment(run, "feedback", "signal_no")


def test_a_month_that_joins_tomorrow_is_not_said_to_miss_the_rule(place: Municipality) -> None:
    """Two months of one household on one day: the first is shown, of the second nothing is wrong."""
    november = "2026-11"
    write_opening_key(place, november)
    clients = (("huur-a", "a"), ("energie-a", "b"))
    both = [report(*client, "x", month=month) for client in clients for month in ("2026-10", november)]
    with place.run(TUESDAY + timedelta(days=28)) as run:
        keep(run, both)
        reveal_here(run)
        counts = reveal(run).counts
    assert (1, 1, 0) == (counts["new"], counts["joins_next"], counts["withheld"])
