"""Which case comes first, and by when: the published table, with cases as plain rows."""

from __future__ import annotations

from datetime import date
from importlib import resources
from itertools import pairwise

import pytest

from pipeline.revealed.priority import PRIORITY_ROWS, Urgency, due_date, is_high_amount
from pipeline.revealed.term import Begun, present_term
from tests.spec.tables import Chapter, Row, rows

TABLE = resources.files("pipeline.revealed").joinpath("priority.csv").read_text(encoding="utf-8")

POINTS = """
    crisis | days_overdue | partners | months | high_amounts | weeks_waiting | repeats | tried | points | urgency
    0      | 0            | 2        | 2      | 0            | 0             | 0       | 0     | 0      | gewoon
    0      | 0            | 3        | 4      | 0            | 0             | 0       | 0     | 30     | gewoon
    0      | 0            | 3        | 6      | 0            | 0             | 0       | 0     | 40     | hoog
    0      | 0            | 3        | 6      | 0            | 0             | 0       | 1     | 35     | gewoon
    0      | 0            | 5        | 12     | 3            | 0             | 0       | 0     | 100    | hoog
    0      | 0            | 3        | 4      | 0            | 0             | 1       | 3     | 35     | gewoon
    0      | 3            | 2        | 2      | 0            | 4             | 0       | 0     | 165    | hoog
    0      | 9            | 5        | 14     | 5            | 9             | 2       | 0     | 280    | hoog
    1      | 0            | 2        | 2      | 0            | 0             | 0       | 5     | 380    | spoed
    1      | 0            | 2        | 2      | 0            | 0             | 0       | 0     | 400    | spoed
    1      | 1            | 2        | 3      | 1            | 1             | 0       | 0     | 575    | spoed
"""

DUE = """
    opened     | crisis | setting | due
    2026-10-06 | no     |         | 2026-11-03
    2026-10-06 | yes    |         | 2026-10-09
    2026-10-09 | yes    |         | 2026-10-14
    2026-11-27 | no     |         | 2026-12-24
    2026-12-24 | yes    |         | 2026-12-30
    2026-10-10 | no     |         | 2026-11-06
    2026-10-06 | no     | 14      | 2026-10-20
    2026-10-06 | yes    | 1       | 2026-10-07
"""


TERMS = """
    term from | crisis from | tried                              | set before | from  | due   | contact due
              |             |                                    |            |       | 10-29 | yes
              |             |                                    | 10-12      |       | 10-12 | yes
              |             | 10-05 Brief no                     |            |       | 10-29 | yes
              |             | 10-05 Administratief no            |            |       | 10-29 | yes
              |             | 10-05 Brief yes                    |            |       | 10-29 | no
              |             | 10-05 Telefoon no                  |            |       | 10-29 | no
              | 10-01       |                                    |            |       | 10-06 | yes
              | 10-01       | 10-02 Brief no                     | 10-06      |       | 10-06 | yes
              | 10-01       | 10-02 Huisbezoek no                | 10-06      |       | 10-06 | no
              | 10-20       |                                    | 10-29      |       | 10-23 | yes
              | 10-20       | 10-05 Telefoon no                  | 10-29      | 10-20 | 10-23 | yes
              | 11-03       | 10-05 Telefoon no                  | 10-29      | 11-03 | 11-06 | yes
    11-03     | 11-03       | 10-05 Telefoon no                  | 11-06      | 11-03 | 11-06 | yes
    11-03     | 11-03       | 11-03 Afspraak op locatie no       | 11-06      | 11-03 | 11-06 | no
    11-02     |             | 10-03 Telefoon yes                 |            | 11-02 | 11-30 | yes
    11-02     |             | 10-03 Telefoon yes, 11-05 Brief no |            | 11-02 | 11-30 | yes
    11-02     |             | 10-03 Telefoon yes, 11-05 Mail yes |            | 11-02 | 11-30 | no
    11-02     | 10-01       | 10-03 Telefoon yes                 |            | 11-02 | 11-05 | yes
              | 10-09       | 10-09 Telefoon yes                 |            |       | 10-14 | no
              | 10-28       |                                    |            |       | 10-29 | yes
"""


def whole(table: str) -> str:
    """A table for a page with all of its rows, indented as the text of a chapter is."""
    header, *body = ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())
    lines = (header, ["---"] * len(header), *body)
    return "\n    ".join("| " + " | ".join(line) + " |" for line in lines)


CHAPTERS = (
    Chapter(
        "Which case comes first",
        """
    Under its heading most points come first. Points add up; of each kind the highest row that is reached counts.
    Of equals comes first the earliest crisis date, then who was not tried yet, then the earliest term, then the
    highest sum. Nothing is learned from people. *high_amounts* counts the amounts that reach the threshold of
    their partner type, *repeats* the later months in which the household was reported again, *attempts* (*tried*)
    what was tried before.

    """
        + whole(TABLE.replace(";", " | "))
        + "\n\n    Worked out:\n\n    "
        + whole(POINTS),
        (),
    ),
    Chapter(
        "By when a household must have been contacted",
        """
    Within four weeks after the case was opened, on a working day; within three working days when eviction,
    shut-off or end of supply threatens. Both can be set in the agreement (`first_contact_days`,
    `crisis_working_days`).

    """
        + whole(DUE)
        + """

    A term begins anew when a closed case is taken up again, and when a crisis comes in after somebody was in
    contact. Only a call, a visit, a meeting, or an attempt that reached somebody (*yes*) ends it. Of a case
    opened on 1 October 2026, in crisis where *crisis from* stands (months and days):

    """
        + whole(TERMS),
        (),
    ),
)


@pytest.mark.parametrize("row", rows(POINTS), ids=lambda row: row["points"])
def test_points(row: Row) -> None:
    """The facts of a case make exactly these points and this word."""
    named = {"attempts": "tried"}
    urgency = Urgency(**{name: int(row[named.get(name, name)]) for name in Urgency.__slots__})
    assert (int(row["points"]), row["urgency"]) == (urgency.points, urgency.label)


@pytest.mark.parametrize("row", rows(DUE), ids=lambda row: f"{row['opened']}-{row['crisis']}")
def test_due_date(row: Row) -> None:
    """The term ends on this day."""
    is_crisis = row["crisis"] == "yes"
    name = "crisis_working_days" if is_crisis else "first_contact_days"
    thresholds = {name: int(row["setting"])} if row["setting"] else {}
    due = due_date(date.fromisoformat(row["opened"]), thresholds, is_crisis=is_crisis)
    assert date.fromisoformat(row["due"]) == due


@pytest.mark.parametrize("row", rows(TERMS), ids=lambda row: f"{row['term from']}-{row['tried']}")
def test_present_term(row: Row) -> None:
    """From what began and what was tried follows until when somebody must be in contact, and whether still."""
    tried = [one.split(" ") for one in row["tried"].split(", ") if one]
    attempts = [
        {"on": f"2026-{on}", "type": " ".join(kind), "is_reached": reached == "yes"}
        for on, *kind, reached in tried
    ]
    days = (row["term from"], row["crisis from"], row["set before"])
    begun = Begun(date(2026, 10, 1), *(date.fromisoformat(f"2026-{day}") if day else None for day in days))
    term = present_term(begun, attempts, {}, is_crisis=bool(row["crisis from"]))
    told = (f"{term.from_on:%m-%d}" if term.from_on else "", f"{term.due_on:%m-%d}")
    assert (row["from"], row["due"], row["contact due"]) == (*told, "yes" if term.is_contact_due else "no")


def test_nothing_outranks_a_crisis() -> None:
    """All other points together are fewer than those of a crisis, however often it was tried."""
    most = Urgency(0, 999, 99, 99, 99, 99, 99)
    assert most.points < Urgency(1, 0, 0, 0, 0, 0, 0, 99).points


def test_overdue_comes_before_all_that_is_not_a_crisis() -> None:
    """Whoever should have been contacted already goes before any other need but a crisis, however great."""
    most_in_time = Urgency(0, 0, 99, 99, 99, 99, 99)
    assert most_in_time.points < Urgency(0, 1, 2, 2, 0, 0).points


def test_table_counts_facts_that_exist() -> None:
    """Every row counts something that a case has; higher needs give more points, more attempts fewer."""
    for before, after in pairwise(PRIORITY_ROWS):
        assert after.what in Urgency.__slots__
        if before.what == after.what:
            assert before.at_least < after.at_least
            assert (before.points < after.points) == (after.what != "attempts")


@pytest.mark.parametrize(
    ("partner_type", "euros", "thresholds", "expected"),
    [
        ("Huur", 1499, {}, False),
        ("Huur", 1500, {}, True),
        ("Overige", 999, {}, False),
        ("Overige", 1000, {}, True),
        ("Water", 200, {"high_amount_eur": {"Water": 150}}, True),
        ("Energie", 499, {"high_amount_eur": {"Water": 150}}, False),
    ],
)
def test_high_amount(partner_type: str, euros: int, thresholds: dict[str, object], expected: bool) -> None:
    """An amount is high from the threshold of its partner type on: the agreement's, else the default."""
    assert expected == is_high_amount(partner_type, euros, thresholds)
