"""What becomes of a household that was shown in another month, every rule as a table."""

from __future__ import annotations

import pytest

from pipeline.pseudonymous.join_cases import Join, Report, SeenCase, choose_join
from pipeline.vocabulary.case import CLOSED, JOINED_REPEAT, JOINED_ROSE, STATES
from tests.spec.tables import Chapter, Spec, rows

JOIN = Chapter(
    "A household that comes again",
    """
    The opener knows by pseudonyms which cases of other months are about the same household. A new case of December
    is confirmed; here stands which case goes on and why. `band` is the band of the amount, `-` is no such report.
    RUNNING_CASE and ARREARS_ROSE stand on the list under the first number; REPEAT is counted and told, not
    visited.
    """,
    (
        Spec(
            "A running case takes it in",
            "Whether the arrears rose or not; a running case goes before a closed one, however new.",
            given="""
                case | month   | state       | mark | huur | energie
                Z1   | 2026-10 | in_progress |      | 3    | 2
                Z2   | 2026-11 | closed      |      | 3    | 2
            """,
            when="""
                huur | energie | band    | crisis
                2    | 2       | 500-999 | no
                4    | 2       | 500-999 | no
            """,
            expected="""
                case | why
                Z1   | RUNNING_CASE
                Z1   | RUNNING_CASE
            """,
        ),
        Spec(
            "A closed case is reopened when the arrears rose",
            "More months, a higher band, a partner that is new, or a crisis that was not there.",
            given="""
                case | month   | state  | mark | huur | energie
                Z1   | 2026-11 | closed |      | 3    | -
            """,
            when="""
                huur | energie | band      | crisis
                4    | -       | 500-999   | no
                3    | -       | 1000-2499 | no
                3    | 2       | 500-999   | no
                3    | -       | 500-999   | yes
            """,
            expected="""
                case | why
                Z1   | ARREARS_ROSE
                Z1   | ARREARS_ROSE
                Z1   | ARREARS_ROSE
                Z1   | ARREARS_ROSE
            """,
        ),
        Spec(
            "Otherwise it is a repeat",
            "The same, less, or more months of less money: somebody who pays off.",
            given="""
                case | month   | state  | mark | huur | energie
                Z1   | 2026-11 | closed |      | 3    | 2
            """,
            when="""
                huur | energie | band    | crisis
                3    | 2       | 500-999 | no
                2    | -       | 500-999 | no
                4    | -       | 250-499 | no
            """,
            expected="""
                case | why
                Z1   | REPEAT
                Z1   | REPEAT
                Z1   | REPEAT
            """,
        ),
        Spec(
            "Six months back still counts",
            "The sixth month is the last one.",
            given="""
                case | month   | state  | mark | huur | energie
                Z1   | 2026-06 | closed |      | 3    | 2
            """,
            when="""
                huur | energie | band    | crisis
                3    | 2       | 500-999 | no
            """,
            expected="""
                case | why
                Z1   | REPEAT
            """,
        ),
        Spec(
            "What was taken back, or is too long ago, is left alone",
            "Then the household is new; six months back, unless `repeat_months` says otherwise.",
            given="""
                case | month   | state    | mark      | huur | energie
                Z1   | 2026-11 | revealed | retracted | 3    | 2
                Z2   | 2026-05 | revealed |           | 3    | 2
                Z3   | 2026-11 | excluded |           | 3    | 2
                Z4   | 2026-12 | revealed |           | 3    | 2
            """,
            when="""
                huur | energie | band    | crisis
                4    | 4       | 500-999 | no
            """,
            expected="""
                case | why
                     |
            """,
        ),
    ),
)

CHAPTERS = (JOIN,)


def reports(month: str, row: dict[str, str], band: str = "500-999", crisis: str = "no") -> tuple[Report, ...]:
    return tuple(
        Report(partner, month, int(row[partner]), band, crisis == "yes")
        for partner in ("huur", "energie")
        if row[partner] != "-"
    )


@pytest.mark.parametrize("spec", JOIN.specs, ids=str)
def test_join_rule(spec: Spec) -> None:
    """Each new case joins exactly the case that the table says, for that reason, in whatever order cases come."""
    seen = [
        SeenCase(row["case"], row["month"], row["state"], row["mark"] or None, reports(row["month"], row))
        for row in rows(spec.given)
    ]
    assert {case.state for case in seen} <= set(STATES)
    expected = [(row["case"], row["why"]) if row["case"] else None for row in rows(spec.expected)]
    for order in (seen, seen[::-1]):
        joins = [
            choose_join("2026-12", reports("2026-12", row, row["band"], row["crisis"]), order)
            for row in rows(spec.when)
        ]
        assert expected == [None if join is None else (join.case_id, join.reason_code) for join in joins]


@pytest.mark.parametrize(("months", "expected"), [(4, JOINED_ROSE), (3, JOINED_REPEAT)])
def test_newest_month_that_joined_a_case_counts(months: int, expected: str) -> None:
    """A case of long ago that a later month joined is not too long ago, and arrears rise against that month."""
    joined = (Report("huur", "2026-03", 8, "500-999", False), Report("huur", "2026-09", 3, "500-999", False))
    for order in (joined, joined[::-1]):
        seen = SeenCase("Z1", "2026-03", CLOSED, None, order)
        now = [Report("huur", "2026-12", months, "500-999", False)]
        assert Join("Z1", expected) == choose_join("2026-12", now, [seen])
