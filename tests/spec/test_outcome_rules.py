"""What came of a signal, as rows: the status that the figures show, and what a partner hears."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from pipeline.stewardship.feed_back import code_signals
from pipeline.vocabulary.case import JOINED
from pipeline.vocabulary.signal_outcome import signal_outcomes, status_of
from tests.spec.tables import Chapter, Row, Spec, rows

OUTCOME = Chapter(
    "What came of a signal",
    """
    One rule for feedback, the monitor and the statistics office. `state` and `result` are those of its own
    case; where that joined an earlier one, `joined` says why, and `state` and `result` are the earlier one's.
    `status` is the term of DDAS, `told` the code that the partner hears.
    """,
    (
        Spec(
            "A signal shares the outcome of its case",
            "Taken up is what has an attempt or an end result; only some end results are a status of their own.",
            given="""
                joined | state       | result                                    | confirmed
                       | revealed    |                                           | yes
                       | in_progress |                                           | yes
                       | closed      | Vervolghulp en/of verwijzing              | yes
                       | closed      | Inwoner is overleden                      | yes
                       | closed      | Niet opgepakt: andere reden               | yes
                       | withheld    |                                           | yes
            """,
            expected="""
                status                      | told
                Nog niet opgepakt           |
                Opgepakt                    | opgepakt
                Opgepakt                    | opgepakt
                Inwoner is overleden        | overleden
                Niet opgepakt: andere reden | niet_opgepakt
                Nog niet opgepakt           |
            """,
        ),
        Spec(
            "A case that joined another shares that one's outcome",
            "A running case took the signals in, a closed one was taken up again; a repeat is told as a repeat.",
            given="""
                joined       | state       | result                       | confirmed
                RUNNING_CASE | revealed    |                              | yes
                RUNNING_CASE | in_progress |                              | yes
                ARREARS_ROSE | closed      | Inwoner is overleden         | yes
                REPEAT       | closed      | Vervolghulp en/of verwijzing | yes
            """,
            expected="""
                status                           | told
                Nog niet opgepakt                |
                Opgepakt                         | opgepakt
                Inwoner is overleden             | overleden
                Niet opgepakt: herhaalde melding | herhaling
            """,
        ),
        Spec(
            "What is about somebody else is not of the case",
            "The opener compared it and said no, or a team saw the case before it came in.",
            given="""
                joined | state       | result | confirmed
                       | in_progress |        | no
                       | in_progress |        | unknown
                       | closed      |        | unknown
                       | in_progress |        | yes
            """,
            expected="""
                status            | told
                Nog niet opgepakt |
                Nog niet opgepakt |
                Nog niet opgepakt |
                Opgepakt          | opgepakt
            """,
        ),
    ),
)
CHAPTERS = (OUTCOME,)
CONFIRMED = {"yes": True, "no": False, "unknown": None}


def case(case_id: str, state: str, **changes: str | None) -> dict[str, Any]:
    fields = dict.fromkeys(("mark", "reason_code", "merged_into", "joined_to"))
    return {"case_id": case_id, "state": state, **fields, **changes}


def outcome_of(row: Row) -> tuple[str, str]:
    """The status and the code of the one signal of a row."""
    cases = [case("Z-1", row["state"])]
    if row["joined"]:
        cases.append(case("Z-2", JOINED, joined_to="Z-1", reason_code=row["joined"]))
    member = {"partner_id": "huur", "month": "2026-10", "signal_id": "a", "case_id": cases[-1]["case_id"]}
    said = {"case_id": "Z-1", "result": row["result"], "result_on": "2026-10-20", "has_consent": False}
    outcomes = signal_outcomes(
        pl.DataFrame(
            [{**member, "is_confirmed": CONFIRMED[row["confirmed"]]}],
            schema_overrides={"is_confirmed": pl.Boolean()},
        ),
        pl.DataFrame(cases, dict.fromkeys(cases[0], pl.String)),
        pl.DataFrame(
            [said] if row["result"] else [],
            dict.fromkeys(("case_id", "result", "result_on"), pl.String) | {"has_consent": pl.Boolean()},
        ),
    )
    told = code_signals(outcomes)["code"].to_list()
    statuses = outcomes["status"].to_list() or [status_of(None, None, None)]
    return statuses[0], told[0] if told else ""


@pytest.mark.parametrize("spec", OUTCOME.specs, ids=str)
def test_a_signal_has_one_outcome(spec: Spec) -> None:
    """Status and feedback of every row are exactly those of the table."""
    expected = [(row["status"], row["told"]) for row in rows(spec.expected)]
    assert expected == [outcome_of(row) for row in rows(spec.given)]


def test_a_signal_of_several_cases_follows_the_one_that_stands_firmest() -> None:
    """A case that a team saw goes before one that was withheld, and one that was taken back comes last."""
    cases = [
        case("Z-1", "withheld"),
        case("Z-2", "in_progress"),
        case("Z-3", "closed", mark="retracted"),
        case("Z-4", "merged", merged_into="Z-2"),
    ]
    member = {"partner_id": "huur", "month": "2026-10", "signal_id": "a", "is_confirmed": True}
    outcomes = signal_outcomes(
        pl.DataFrame(
            [{**member, "case_id": one["case_id"]} for one in cases],
            schema_overrides={"is_confirmed": pl.Boolean()},
        ),
        pl.DataFrame(cases, dict.fromkeys(cases[0], pl.String)),
        pl.DataFrame([], dict.fromkeys(("case_id", "result"), pl.String)),
    )
    assert [("Z-2", "Opgepakt")] == outcomes.select("case_id", "status").rows()
