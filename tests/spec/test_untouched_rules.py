"""When a case of which no team records anything is closed, and as what: every rule as a row."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.vocabulary.untouched import closes_on, is_last_month, result_of, touched_on
from tests.spec.tables import Chapter, Row, Spec, rows

CLOSING = Spec(
    "Months are counted after the last thing that happened",
    "A case does not stand on a list for ever. Being shown is the first thing; growing, being reported again, an "
    "attempt and an appointment begin the count anew.",
    """
    what           | shown      | grown      | attempt    | appointment | joined  | untouched_months
    only shown     | 2026-11-03 |            |            |             |         |
    last day       | 2026-11-30 |            |            |             |         |
    grew           | 2026-11-03 | 2026-12-01 |            |             |         |
    was tried      | 2026-11-03 |            | 2027-02-10 |             |         |
    waits          | 2026-11-03 |            | 2026-11-10 | 2027-03-01  |         |
    came again     | 2026-11-03 |            |            |             | 2027-01 |
    shorter        | 2026-11-03 |            |            |             |         | 2
    """,
    """
    what           | closes
    only shown     | 2027-06-01
    last day       | 2027-06-01
    grew           | 2027-07-01
    was tried      | 2027-09-01
    waits          | 2027-10-01
    came again     | 2027-09-01
    shorter        | 2027-02-01
    """,
)
RESULT = Spec(
    "It is closed as what was recorded, and no more",
    "The day of the result is that of the last thing that happened, so that what a team returns about a later day "
    "goes before it. Partners hear *niet opgepakt* where nobody tried, else *opgepakt*.",
    """
    what      | attempts
    untried   |
    nobody    | no, no
    somebody  | no, yes, no
    """,
    """
    what      | result
    untried   | Niet opgepakt: andere reden
    nobody    | Definitief geen contact kunnen krijgen
    somebody  | Geen reactie na eerder contact
    """,
)
WARNING = Spec(
    "It is told before",
    "In the whole month before, the team reads it on its list and the data steward in `status`. Here the case "
    "closes on 1 June 2027.",
    """
    today
    2027-04-30
    2027-05-01
    2027-05-31
    2027-06-02
    """,
    """
    today      | told
    2027-04-30 | no
    2027-05-01 | yes
    2027-05-31 | yes
    2027-06-02 | yes
    """,
)
CHAPTERS = (
    Chapter(
        "Cases of which nothing is heard",
        "`untouched_months` in the agreement says after how many whole months; six where it says nothing.",
        (CLOSING, RESULT, WARNING),
    ),
)


@pytest.mark.parametrize(
    ("given", "expected"), zip(rows(CLOSING.given), rows(CLOSING.expected), strict=True), ids=str
)
def test_months_are_counted_after_the_last_thing(given: Row, expected: Row) -> None:
    """The closing day is the one in the table."""
    touched = touched_on(
        given["shown"],
        given["grown"] or None,
        [given["attempt"]] if given["attempt"] else [],
        given["appointment"] or None,
        [given["joined"]] if given["joined"] else [],
    )
    thresholds = {"untouched_months": int(given["untouched_months"])} if given["untouched_months"] else {}
    assert date.fromisoformat(expected["closes"]) == closes_on(touched, thresholds)


@pytest.mark.parametrize(
    ("given", "expected"), zip(rows(RESULT.given), rows(RESULT.expected), strict=True), ids=str
)
def test_it_is_closed_as_what_was_recorded(given: Row, expected: Row) -> None:
    """The result is the one in the table."""
    attempts = [{"is_reached": word.strip() == "yes"} for word in given["attempts"].split(",") if word.strip()]
    assert expected["result"] == result_of(attempts)


@pytest.mark.parametrize("expected", rows(WARNING.expected), ids=str)
def test_it_is_told_in_the_month_before(expected: Row) -> None:
    """Whoever must know is told on the days in the table."""
    told = is_last_month(date(2027, 6, 1), date.fromisoformat(expected["today"]))
    assert expected["told"] == ("yes" if told else "no")
