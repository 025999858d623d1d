"""A count says what it counts: also where what was asked for, or was so once, is more than what is there now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.commands.publish import publish
from pipeline.commands.status import status
from pipeline.commands.wiring import Run
from tests.builders.deliveries import Municipality
from tests.builders.openings import TUESDAY, keep, make_municipality_with_opener, report, reveal_here

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
