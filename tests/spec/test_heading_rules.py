"""Under which heading of the worklist a case stands, and in what order the headings come."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.revealed.crisis import is_over, pressing_crisis
from pipeline.revealed.texts import TEXTS
from pipeline.revealed.worklist import SECTIONS, section_of
from tests.spec.tables import Chapter, Row, rows
from tests.spec.test_priority_rules import whole

TODAY = "2026-10-06"
HEADINGS = """
    gone | urgency | crisis on  | due        | is due | appointment | tried      | reached | renewed | heading
    yes  | spoed   |            |            | yes    |             |            |         | no      | withdrawal
    no   | spoed   |            | 2026-10-09 | yes    |             |            |         | no      | spoed
    no   | spoed   |            | 2026-10-01 | yes    |             |            |         | no      | spoed
    no   | spoed   |            | 2026-10-09 | no     |             |            |         | no      | spoed
    no   | spoed   |            | 2026-10-09 | no     | 2026-10-06  |            |         | no      | spoed
    no   | spoed   |            | 2026-10-09 | no     | 2026-10-08  |            |         | no      | running
    no   | spoed   | 2026-10-08 | 2026-10-09 | no     | 2026-10-08  |            |         | no      | running
    no   | spoed   | 2026-10-08 | 2026-10-09 | no     | 2026-10-09  |            |         | no      | spoed
    no   | spoed   | 2026-10-05 | 2026-10-09 | no     | 2026-10-08  |            |         | no      | spoed
    no   | spoed   | 2026-10-05 | 2026-10-09 | no     | 2026-10-08  | 2026-10-05 | yes     | no      | spoed
    no   | spoed   | 2026-10-05 | 2026-10-09 | no     | 2026-10-08  | 2026-10-06 | no      | no      | spoed
    no   | spoed   | 2026-10-05 | 2026-10-09 | no     | 2026-10-08  | 2026-10-06 | yes     | no      | running
    no   | hoog    |            | 2026-10-05 | yes    |             |            |         | no      | late
    no   | gewoon  |            | 2026-10-05 | no     |             |            |         | no      | running
    no   | gewoon  |            | 2026-10-06 | yes    |             |            |         | no      | today
    no   | gewoon  |            | 2026-10-06 | no     |             |            |         | no      | running
    no   | gewoon  |            | 2026-11-03 | no     | 2026-10-06  |            |         | no      | today
    no   | gewoon  |            | 2026-11-03 | no     | 2026-10-01  |            |         | no      | today
    no   | gewoon  |            | 2026-11-03 | no     | 2026-10-01  | 2026-10-01 |         | no      | running
    no   | hoog    |            | 2026-11-03 | yes    |             |            |         | no      | new
    no   | gewoon  |            | 2026-10-05 | yes    | 2026-10-08  |            |         | no      | running
    no   | gewoon  |            | 2026-11-03 | no     |             |            |         | yes     | renewed
    no   | gewoon  |            | 2026-11-03 | yes    |             |            |         | yes     | renewed
    no   | spoed   |            | 2026-11-03 | no     |             |            |         | yes     | spoed
    no   | gewoon  |            | 2026-11-03 | no     | 2026-10-08  |            |         | yes     | running
"""
ORDER = "heading | on the page\n" + "\n".join(f"{name} | {TEXTS['sections'][name]}" for name in SECTIONS)

CRISES = """
    crises in the case     | counts     | is over
    2026-10-05             | 2026-10-05 | yes
    2026-10-05, 2026-11-06 | 2026-11-06 | no
    2026-10-06, 2026-11-06 | 2026-10-06 | no
    2026-10-05, no day     | no day     | no
    no day, 2026-11-06     | 2026-11-06 | no
"""

CHAPTERS = (
    Chapter(
        "Under which heading a case stands",
        f"""
    The headings come in this order. Under *spoed* a crisis that is over comes after those that are to come; of
    these whoever is overdue comes first, then the earliest crisis date. Of two crises in one case the earliest
    that is to come counts. Under every heading then most points. An appointment on a later day takes the hurry
    away, but not one after the day of the crisis, unless somebody was reached since that day. One that has passed,
    with nothing written down since, is for today. Given a list of {TODAY}:

    """
        + whole(ORDER)
        + "\n\n    Worked out:\n\n    "
        + whole(HEADINGS)
        + "\n\n    Which crisis counts:\n\n    "
        + whole(CRISES),
        (),
    ),
)


@pytest.mark.parametrize("row", rows(HEADINGS), ids=lambda row: f"{row['urgency']}-{row['due']}-{row['heading']}")
def test_heading(row: Row) -> None:
    """These facts put a case under exactly this heading."""
    tried = {"on": row["tried"], "is_reached": row["reached"] == "yes"}
    case: dict[str, Any] = {
        "ground": "withdrawal" if row["gone"] == "yes" else "running",
        "urgency": row["urgency"],
        "due_on": row["due"] or None,
        "is_contact_due": row["is due"] == "yes",
        "is_renewed": row["renewed"] == "yes",
        "attempts": [tried] if row["tried"] else [],
        "signals": [{"is_crisis": row["urgency"] == "spoed", "crisis_on": row["crisis on"] or None}],
        "next_appointment_on": row["appointment"] or None,
    }
    assert row["heading"] == section_of(case, TODAY)


@pytest.mark.parametrize("row", rows(CRISES), ids=lambda row: row["crises in the case"])
def test_crisis_that_counts(row: Row) -> None:
    """Of several crises this one gives a case its reason and its place."""
    days = [None if day == "no day" else day for day in row["crises in the case"].split(", ")]
    crisis = pressing_crisis(({"is_crisis": True, "crisis_on": day} for day in days), TODAY)
    assert crisis is not None
    assert (row["counts"], row["is over"]) == (
        crisis["crisis_on"] or "no day",
        "yes" if is_over(crisis, TODAY) else "no",
    )
