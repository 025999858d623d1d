"""What a returned row does to its case, as tables."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.stewardship.read_follow_up import Attempt, FollowUp
from pipeline.stewardship.record_follow_up import CaseBook, KnownCase, settle_rows
from pipeline.stewardship.weigh_result import CaseResult
from pipeline.vocabulary.outcome import REOPEN
from tests.spec.tables import Chapter, Row, Spec, rows

TODAY = date(2026, 11, 10)
RESULTS = {
    "help": "Vervolghulp en/of verwijzing",
    "no contact": "Definitief geen contact kunnen krijgen",
    "deceased": "Inwoner is overleden",
    "reopen": REOPEN,
}
EACH_ROW = "When this comes back, each row by itself:"
NAMES = {result: short for short, result in RESULTS.items()}

FOLLOW_UP = Chapter(
    "What a team returns",
    """
    It is 10 November 2026, the case is of October. A row of a sheet says something about the case; here stands
    what the case is afterwards, and what the receipt says: a code with which the row was refused whole, or one
    that stands under "Let op". `sheet` is the day of the list that was filled in, `visit` the day of an attempt.
    """,
    (
        Spec(
            "An appointment is near, and not before what it follows",
            "A mistyped year would take a case out of sight for good.",
            given="""
                state       | sheet | result | result_on | consent | appointment
                in_progress | 11-03 |        |           | no      |
            """,
            when_title=EACH_ROW,
            when="""
                sheet | visit | result | result_on | consent | appointment
                11-03 | 11-04 |        |           |         | 2026-11-04
                11-03 | 11-04 |        |           |         | 2027-02-08
                11-03 | 11-04 |        |           |         | 2027-02-09
                11-03 | 11-04 |        |           |         | 2062-11-05
                11-03 | 11-04 |        |           |         | 2026-11-03
                11-03 |       |        |           |         | 2026-11-02
            """,
            expected="""
                state       | result | consent | appointment | said
                in_progress |        | no      | 2026-11-04  |
                in_progress |        | no      | 2027-02-08  |
                in_progress |        | no      |             | APPOINTMENT_TOO_FAR
                in_progress |        | no      |             | APPOINTMENT_TOO_FAR
                in_progress |        | no      |             | APPOINTMENT_BEFORE_CONTACT
                in_progress |        | no      |             | APPOINTMENT_BEFORE_CONTACT
            """,
        ),
        Spec(
            "An older sheet takes nothing back, and says so",
            "What stands was said on the list of 5 November. Consent comes along with its result.",
            given="""
                state       | sheet | result | result_on | consent | appointment
                in_progress | 11-05 |        |           | no      | 2026-11-20
            """,
            when_title=EACH_ROW,
            when="""
                sheet | visit | result | result_on | consent | appointment
                11-03 |       | help   | 11-06     | yes     |
                11-03 |       | help   |           | yes     |
                11-03 |       |        |           | yes     |
                11-03 | 11-04 |        |           |         | 2026-11-12
                11-05 |       |        |           | yes     | 2026-11-12
                11-05 |       |        |           | yes     | 2026-11-20
                11-06 |       |        |           |         | 2026-11-12
            """,
            expected="""
                state       | result | consent | appointment | said
                closed      | help   | yes     | 2026-11-20  |
                closed      | help   | yes     | 2026-11-20  |
                in_progress |        | no      | 2026-11-20  | CONSENT_LEFT_ASIDE
                in_progress |        | no      | 2026-11-20  | APPOINTMENT_LEFT_ASIDE
                in_progress |        | yes     | 2026-11-12  | APPOINTMENT_REPLACED
                in_progress |        | yes     | 2026-11-20  |
                in_progress |        | no      | 2026-11-12  |
            """,
        ),
        Spec(
            "Consent does not go over to another result",
            "Help was refused to be told; a colleague's overruled result brings no yes to it.",
            given="""
                state  | sheet | result | result_on | consent | appointment
                closed | 11-05 | help   | 11-06     | no      |
            """,
            when_title=EACH_ROW,
            when="""
                sheet | visit | result     | result_on | consent | appointment
                11-05 |       | no contact | 11-05     | yes     |
                11-03 |       | help       | 11-06     | yes     |
                11-05 |       | help       | 11-06     | yes     |
                11-05 |       | no contact | 11-07     | no      |
            """,
            expected="""
                state  | result     | consent | appointment | said
                closed | help       | no      |             | RESULT_OVERRULED, CONSENT_LEFT_ASIDE
                closed | help       | no      |             | CONSENT_LEFT_ASIDE
                closed | help       | yes     |             |
                closed | no contact | no      |             | RESULT_REPLACED
            """,
        ),
        Spec(
            "Consent that was given stays with its result",
            "A yes to one result is no yes to the next: the team asks again. The same result said again keeps it.",
            given="""
                state  | sheet | result     | result_on | consent | appointment
                closed | 11-05 | no contact | 11-06     | yes     |
            """,
            when_title=EACH_ROW,
            when="""
                sheet | visit | result     | result_on | consent | appointment
                11-09 |       | help       | 11-09     |         |
                11-09 |       | help       | 11-09     | yes     |
                11-09 |       | no contact | 11-09     |         |
            """,
            expected="""
                state  | result     | consent | appointment | said
                closed | help       | no      |             | RESULT_REPLACED
                closed | help       | yes     |             | RESULT_REPLACED
                closed | no contact | yes     |             |
            """,
        ),
        Spec(
            "On a case that the municipality stopped, attempts count",
            "The team went before it knew: the visit is kept, the case stays as it is, and the team is told.",
            given="""
                state    | sheet | result | result_on | consent | appointment
                excluded | 11-03 |        |           | no      |
            """,
            when_title=EACH_ROW,
            when="""
                sheet | visit | result | result_on | consent | appointment
                11-03 | 11-04 |        |           |         |
                11-03 | 11-04 | help   | 11-04     | yes     | 2026-11-20
            """,
            expected="""
                state    | result | consent | appointment | said
                excluded |        | no      |             | CASE_STOPPED
                excluded |        | no      |             | CASE_STOPPED
            """,
        ),
        Spec(
            "A result that was not right is taken back",
            "The case runs again, without result and consent. An older sheet or an earlier day does not do it.",
            given="""
                state  | sheet | result   | result_on | consent | appointment
                closed | 11-05 | deceased | 11-06     | yes     |
            """,
            when_title=EACH_ROW,
            when="""
                sheet | visit | result | result_on | consent | appointment
                11-05 |       | reopen |           |         |
                11-05 |       | reopen | 11-06     |         |
                11-03 |       | reopen |           |         |
                11-05 |       | reopen | 11-05     |         |
            """,
            expected="""
                state       | result   | consent | appointment | said
                in_progress |          | no      |             |
                in_progress |          | no      |             |
                closed      | deceased | yes     |             | RESULT_OVERRULED
                closed      | deceased | yes     |             | RESULT_OVERRULED
            """,
        ),
        Spec(
            "A reopened case is not closed by the same mistake",
            "Opened again on 9 November from the list of 5 November; a newer list ends it, or a later day.",
            given="""
                state       | sheet | result | result_on | consent | appointment
                in_progress | 11-05 |        | 11-09     | no      |
            """,
            when_title=EACH_ROW,
            when="""
                sheet | visit | result   | result_on | consent | appointment
                11-05 |       | deceased | 11-06     |         |
                11-05 |       | deceased |           |         |
                11-05 |       | reopen   |           |         |
                11-09 |       | help     |           | yes     |
                11-05 |       | help     | 11-10     |         |
            """,
            expected="""
                state       | result | consent | appointment | said
                in_progress |        | no      |             | RESULT_AFTER_REOPENING
                in_progress |        | no      |             | RESULT_AFTER_REOPENING
                in_progress |        | no      |             |
                closed      | help   | yes     |             |
                closed      | help   | no      |             |
            """,
        ),
    ),
)

CHAPTERS = (FOLLOW_UP,)


def day(text: str) -> date | None:
    """A day of this year, or one with its year."""
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}") if text else None


def case_of(row: Row) -> CaseBook:
    stands = CaseResult(
        result=RESULTS.get(row["result"]),
        result_on=day(row["result_on"]),
        has_consent=row["consent"] == "yes",
        next_appointment_on=day(row["appointment"]),
        sheet_version=f"2026-{row['sheet']}.1" if row["sheet"] else None,
    )
    return CaseBook({"Z1": KnownCase("Z1", "2026-10", row["state"], was_shown=True)}, {}, {"Z1": stands})


def said_in(row: Row) -> FollowUp:
    visit = day(row["visit"])
    return FollowUp(
        1,
        "Z1",
        f"2026-{row['sheet']}.1" if row["sheet"] else None,
        attempts=(Attempt("a1", "Huisbezoek", True, visit, None, None),) if visit else (),
        next_appointment_on=day(row["appointment"]),
        result=RESULTS.get(row["result"], row["result"] or None),
        result_on=day(row["result_on"]),
        has_consent={"yes": True, "no": False, "": None}[row["consent"]],
    )


@pytest.mark.parametrize("spec", FOLLOW_UP.specs, ids=str)
def test_follow_up_rule(spec: Spec) -> None:
    """Each row by itself leaves the case exactly as the table says, and tells the team exactly that."""
    (given,) = rows(spec.given)
    known = case_of(given)
    found = []
    for row in rows(spec.when):
        settlement = settle_rows([said_in(row)], known, TODAY)
        result = settlement.results.get("Z1", known.results["Z1"])
        found.append(
            {
                "state": settlement.states.get("Z1", ("", given["state"]))[1],
                "result": NAMES.get(result.result or "", result.result or ""),
                "consent": "yes" if result.has_consent else "no",
                "appointment": result.next_appointment_on.isoformat() if result.next_appointment_on else "",
                "said": ", ".join(fault.code for fault in (*settlement.refused, *settlement.told)),
            }
        )
    assert rows(spec.expected) == found
