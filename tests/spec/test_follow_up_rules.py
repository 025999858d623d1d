"""What a returned row does to its case, as tables."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.stewardship.read_follow_up import Attempt, FollowUp
from pipeline.stewardship.record_follow_up import CaseBook, CaseResult, KnownCase, settle_rows
from tests.spec.tables import Chapter, Row, Spec, rows

TODAY = date(2026, 11, 10)
RESULTS = {
    "help": "Vervolghulp en/of verwijzing",
    "no contact": "Definitief geen contact kunnen krijgen",
    "deceased": "Inwoner is overleden",
}
EACH_ROW = "When this comes back, each row by itself:"
NAMES = {result: short for short, result in RESULTS.items()}

FOLLOW_UP = Chapter(
    "What a team returns",
    """
    It is 10 November 2026, the case is of October. A row of a sheet says something about the case; here stands
    what the case is afterwards, and what the receipt says: a code with which the row was refused as a whole, or one
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
