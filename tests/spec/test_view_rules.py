"""The views for analysts inside, each with an example that was counted by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.builders.analytics import BASELINE_SCHEMA, FACTS, Town, attempt, case, frames, held, result, signal
from tests.spec.tables import Chapter, Spec, rows

BEFORE = pl.DataFrame(
    [
        {
            "label": "vroeger",
            "design": "voor-na",
            "indicator": "reach",
            "group_code": "alle",
            "period_kind": "quarter",
            "part_count": 48,
            "whole_count": 80,
        }
    ],
    BASELINE_SCHEMA,
)
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
        Spec(
            "lead_times: days from the first signal",
            "All cases began on October 5th. Two signals came in before, on the 1st and the 3rd; of B nothing "
            "came before it began. The middle one counts; who was not tried or has no result is left out.",
            given="""
                case | first signal | shown | first attempt | result
                A    | 1            | 6     | 8             | 21
                B    |              | 7     | 7             |
                C    | 3            | 9     |               |
            """,
            expected="""
                month   | case_count | days_to_list | days_to_contact | days_to_result
                2026-10 | 3          | 5.0          | 4.5             | 20.0
            """,
        ),
        Spec(
            "workload: open cases beside what a team can bear",
            "Published on October 12th. Noord has five open cases, one of them untouched; its people have 1.9 fte "
            "for 10,000 inhabitants. What is closed or waits is not on its list. Late are the untouched one, the "
            "one that had only a letter, and the one that was called before its present term began.",
            given="""
                team  | state       | due on | tried    | on | term from
                noord | revealed    | 9      |          |    |
                noord | in_progress | 9      | Telefoon | 7  |
                noord | in_progress | 9      | Brief    | 7  |
                noord | in_progress | 11     | Telefoon | 7  | 8
                noord | in_progress | 13     | Brief    | 7  |
                noord | closed      | 9      | Brief    | 7  |
                noord | routed      |        |          |    |
            """,
            expected="""
                team_id | open_case_count | untouched_case_count | overdue_case_count | fte_per_10000
                noord   | 5               | 1                    | 3                  | 1.9
                zuid    | 0               | 0                    | 0                  | 1.9
            """,
        ),
        Spec(
            "review_queue: doubtful cases and how old they are",
            "Published on October 12th; both doubtful cases began on the 5th.",
            given="""
                team  | state    | due on | tried
                noord | doubtful |        |
                noord | doubtful |        |
                noord | withheld |        |
            """,
            expected="""
                month   | case_count | oldest_days
                2026-10 | 2          | 7
            """,
        ),
        Spec(
            "attempts_by_moment: attempts, not cases",
            "Two letters in the morning, one phone call in the evening that reached somebody.",
            given="""
                kind     | part of day | reached
                Brief    | Ochtend     | no
                Brief    | Ochtend     | no
                Telefoon | Avond       | yes
            """,
            expected="""
                month   | contact_type | part_of_day | attempt_count | reached_count
                2026-10 | Brief        | Ochtend     | 2             | 0
                2026-10 | Telefoon     | Avond       | 1             | 1
            """,
        ),
        Spec(
            "feedback_counts: what partners heard",
            "A signal of which something was told twice counts twice.",
            given="""
                partner | signal | code
                huur    | 1      | opgepakt
                huur    | 1      | hulp_aanvaard
                huur    | 2      | opgepakt
                energie | 3      | herhaling
            """,
            expected="""
                month   | partner_type | code          | feedback_count
                2026-10 | Energie      | herhaling     | 1
                2026-10 | Huur         | hulp_aanvaard | 1
                2026-10 | Huur         | opgepakt      | 2
            """,
        ),
        Spec(
            "comparison: a quarter beside the former way of working",
            "Before, 48 of 80 were reached; now one of three. The interval holds nought: no clear difference.",
            given=CASES,
            expected="""
                baseline_value | indicator_value | difference | difference_low | difference_high | word
                0.6            | 0.33            | -0.27      | -0.56          | 0.21            | verschil
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


def _led(table: str) -> dict[str, Any]:
    cases, members, signals, attempts, results = [], [], [], [], []
    for number, row in enumerate(rows(table)):
        case_id = f"Z-{row['case']}"
        cases.append(case(case_id, state="in_progress", first_revealed_on=_october(row["shown"])))
        if row["first signal"]:
            signals.append(signal("huur", number, admitted_on=_october(row["first signal"])))
            members.append(held(case_id, "huur", number))
        if row["first attempt"]:
            attempts.append(attempt(case_id, 1, attempted_on=_october(row["first attempt"])))
        if row["result"]:
            results.append(result(case_id, "Geen reactie na eerder contact", result_on=_october(row["result"])))
    return frames(cases=cases, case_signals=members, signals=signals, attempts=attempts, results=results)


def _carried(table: str) -> dict[str, Any]:
    cases, attempts = [], []
    for number, row in enumerate(rows(table)):
        days = {"due_on": row["due on"], "term_from_on": row.get("term from")}
        days = {name: _october(day) if day else None for name, day in days.items()}
        cases.append(case(f"Z-{number}", state=row["state"], team_id=row["team"], **days))
        if row["tried"]:
            attempts.append(attempt(f"Z-{number}", 1, contact_type=row["tried"], attempted_on=_october(row["on"])))
    return frames(cases=cases, attempts=attempts)


def _tried(table: str) -> dict[str, Any]:
    kinds = [(row["kind"], row["part of day"], row["reached"] == "yes") for row in rows(table)]
    tried = [
        attempt("Z-1", number, contact_type=kind, part_of_day=part, is_reached=is_reached)
        for number, (kind, part, is_reached) in enumerate(kinds)
    ]
    return frames(cases=[case("Z-1", state="in_progress")], attempts=tried)


def _told(table: str) -> dict[str, Any]:
    return frames(
        feedback=[
            {
                "partner_id": row["partner"],
                "month": "2026-10",
                "signal_id": row["signal"],
                "code": row["code"],
                "sent_on": "2026-10-20",
            }
            for row in rows(table)
        ]
    )


def _october(day: str) -> str:
    return f"2026-10-{int(day):02d}"


GIVEN = {
    "lead_times": _led,
    "workload": _carried,
    "review_queue": _carried,
    "attempts_by_moment": _tried,
    "feedback_counts": _told,
}


def _text(value: Any) -> str:
    """A value as a cell of a table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(round(value, 2) if isinstance(value, float) else value)


@pytest.mark.parametrize("spec", VIEWS.specs, ids=str)
def test_views_count_what_was_counted_by_hand(tmp_path: Path, spec: Spec) -> None:
    """Every view gives exactly the rows of the example."""
    view = spec.title.split(":")[0]
    facts = FACTS if view in GIVEN else replace(FACTS, published_on="2026-11-30")
    town = Town(tmp_path / "analytics.duckdb", facts=facts, baseline=BEFORE)
    town.publish(GIVEN.get(view, _cases)(spec.given))
    columns = ", ".join(rows(spec.expected)[0])
    only = "WHERE indicator = 'reach' AND period_kind = 'quarter'" if view == "comparison" else ""
    found = town.ask(f"SELECT {columns} FROM work.{view} {only}")
    assert [tuple(row.values()) for row in rows(spec.expected)] == [tuple(map(_text, row)) for row in found]
