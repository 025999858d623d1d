"""The views for analysts inside, each with an example that was counted by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.builders.analytics import FACTS, Town, attempt, case, frames, result
from tests.spec.tables import Chapter, Spec, rows

CASES = """
    case | month   | lane    | partners | state       | joined | tries | reached | result
    A    | 2026-04 | matched | 2        | closed      |        | 2     | yes     | Vervolghulp en/of verwijzing
    B    | 2026-04 | matched | 3        | closed      |        | 1     | no      | Geen reactie na eerder contact
    C    | 2026-04 | crisis  | 1        | in_progress |        | 1     | yes     |
    D    | 2026-04 | matched | 2        | revealed    |        | 0     |         |
    E    | 2026-09 | matched | 2        | joined      | A      | 0     |         |
    F    | 2026-11 | matched | 2        | joined      | B      | 0     |         |
    G    | 2026-04 | matched | 2        | lapsed      |        | 0     |         |
"""
VIEWS = Chapter(
    "What the views count",
    """
    Views of schema `work`, for use inside the municipality, counted by hand. An empty cell is unknown.
    """,
    (
        Spec(
            "case_kinds: single, multiple and consecutive cases",
            "What joined an earlier case is consecutive, whatever it is by itself; what lapsed was never shown.",
            given=CASES,
            expected="""
                month   | kind         | case_count | case_share
                2026-04 | enkelvoudig  | 1          | 0.25
                2026-04 | meervoudig   | 3          | 0.75
                2026-09 | opeenvolgend | 1          | 1.0
                2026-11 | opeenvolgend | 1          | 1.0
            """,
        ),
        Spec(
            "returns: repeats within six months",
            "A came back after five months. B came back after seven, which is too long.",
            given=CASES,
            expected="""
                month   | case_count | returned_count | returned_share | is_complete
                2026-04 | 4          | 1              | 0.25           | yes
            """,
        ),
        Spec(
            "lane_outcomes: cases of two partners beside cases of a crisis signal alone",
            "One of two approached was reached against one of one; intervals of so few say next to nothing.",
            given=CASES,
            expected="""
                lane               | approached_count | reached_count | accepted_count | reach_low | reach_high
                alleen crisis      | 1                | 1             | 0              | 0.21      | 1.0
                met andere partner | 2                | 1             | 1              | 0.09      | 0.91
            """,
        ),
    ),
)
CHAPTERS = (VIEWS,)


def _cases(table: str) -> dict[str, Any]:
    cases, attempts, results = [], [], []
    for row in rows(table):
        joined = {"joined_to": f"Z-{row['joined']}", "reason_code": "ARREARS_ROSE"} if row["joined"] else {}
        case_id = f"Z-{row['case']}"
        opened = {"month": row["month"], "lane": row["lane"], "partner_count": int(row["partners"])}
        cases.append(case(case_id, state=row["state"], **opened, **joined))
        attempts += [
            attempt(case_id, number, is_reached=row["reached"] == "yes") for number in range(int(row["tries"]))
        ]
        results += [result(case_id, row["result"])] if row["result"] else []
    return frames(cases=cases, attempts=attempts, results=results)


def _text(value: Any) -> str:
    """A value as a cell of a table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(round(value, 2) if isinstance(value, float) else value)


@pytest.mark.parametrize("spec", VIEWS.specs, ids=str)
def test_views_count_what_was_counted_by_hand(tmp_path: Path, spec: Spec) -> None:
    """Every view gives exactly the rows of the example."""
    view = spec.title.split(":")[0]
    town = Town(tmp_path / "analytics.duckdb", facts=replace(FACTS, published_on="2026-11-30"))
    town.publish(_cases(spec.given))
    columns = ", ".join(rows(spec.expected)[0])
    found = town.ask(f"SELECT {columns} FROM work.{view}")
    assert [tuple(row.values()) for row in rows(spec.expected)] == [tuple(map(_text, row)) for row in found]
