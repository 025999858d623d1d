"""Every change of state of a case: one table, held against the one in code and the diagram in docs/flow.md."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from pipeline.vocabulary.case import MERGED, STATES, TRANSITIONS, check_transition
from pipeline.vocabulary.faults import Refused
from tests.spec.tables import Chapter, rows

FLOW = Path(__file__).resolve().parents[2] / "docs" / "flow.md"
EDGE = re.compile(r"^\s*(\w+) --> (\w+):", re.MULTILINE)

CHANGES = """
    before      | after       | who        | when
    opened      | routed      | route      | a wijkteam serves the area
    opened      | withdrawn   | match      | the rule is no longer met
    opened      | merged      | match      | it is the same as an earlier case
    opened      | lapsed      | retire     | its term ended before it could be shown
    routed      | opened      | match      | the evidence changed, or no team serves the area any more
    routed      | revealed    | opener     | confirmed, and on a worklist
    routed      | in_progress | opener     | shown again after contact was sought, of it or of what merged into it
    routed      | doubtful    | opener     | the data steward decides
    routed      | withheld    | opener     | other persons, or the rule is not met by what was confirmed
    routed      | excluded    | opener     | on the exclusion list
    routed      | joined      | opener     | a household that was shown in another month: that case goes on
    routed      | withdrawn   | match      | the rule is no longer met
    routed      | merged      | match      | it is the same as an earlier case
    routed      | lapsed      | retire     | its term ended before it could be shown
    doubtful    | routed      | steward    | accepted, or the evidence changed
    doubtful    | withheld    | steward    | rejected
    doubtful    | withdrawn   | match      | the rule is no longer met
    doubtful    | merged      | match      | it is the same as an earlier case
    doubtful    | lapsed      | retire     | its term ended before the steward decided
    withheld    | opened      | match      | the evidence changed
    withheld    | withdrawn   | match      | the rule is no longer met
    withheld    | merged      | match      | it is the same as an earlier case
    excluded    | opened      | match      | the evidence changed
    excluded    | withdrawn   | match      | the rule is no longer met
    excluded    | merged      | match      | it is the same as an earlier case
    joined      | opened      | match      | the evidence changed
    joined      | withdrawn   | match      | the rule is no longer met
    joined      | merged      | match      | it is the same as an earlier case
    revealed    | in_progress | counsellor | a first attempt
    revealed    | in_progress | opener     | a case merged into it for which contact was sought
    revealed    | closed      | counsellor | an end result; or `retire`: nothing recorded for too long
    revealed    | excluded    | opener     | on the exclusion list since: the team is told
    revealed    | merged      | match      | it is the same as an earlier case
    in_progress | revealed    | counsellor | its only attempt was written down by mistake
    in_progress | closed      | counsellor | an end result; or `retire`: nothing recorded for too long
    in_progress | excluded    | opener     | on the exclusion list since: the team is told
    in_progress | merged      | match      | it is the same as an earlier case
    closed      | in_progress | opener     | the arrears rose, or what was taken back came again
    closed      | in_progress | counsellor | the end result was not right: opened again on a sheet
    closed      | merged      | match      | it is the same as an earlier case
    withdrawn   | opened      | match      | the rule is met again
    withdrawn   | merged      | match      | it is the same as an earlier case
    merged      | opened      | match      | a correction took the cases apart again
"""


def whole(table: str) -> str:
    """The table as Markdown, indented as the text of a chapter is."""
    header, *body = ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())
    lines = (header, ["---"] * len(header), *body)
    return "\n    ".join("| " + " | ".join(line) + " |" for line in lines)


CHAPTERS = (
    Chapter(
        "Every change of state",
        """
    What is not in this table cannot be stored. A case that a team saw is never withdrawn in silence: it gets the
    mark *retracted* and stands once on the next list as "hoeft niet meer", with who was there already.

    """
        + whole(CHANGES),
        (),
    ),
)


def changes() -> set[tuple[str, str]]:
    return {(row["before"], row["after"]) for row in rows(CHANGES)}


def test_the_table_is_the_one_in_code() -> None:
    """Every change that code allows stands here, and no other."""
    assert changes() == set(TRANSITIONS)
    assert {state for change in changes() for state in change} == set(STATES)


@pytest.mark.parametrize(("before", "after"), product(STATES, STATES))
def test_what_is_not_in_the_table_is_refused(before: str, after: str) -> None:
    """A change is allowed or refused by this table alone; staying as it is is no change."""
    if before == after or (before, after) in changes():
        check_transition(before, after)
        return
    with pytest.raises(Refused) as caught:
        check_transition(before, after)
    assert "NOT_ALLOWED_NOW" == caught.value.code


def test_the_diagram_shows_every_change() -> None:
    """docs/flow.md draws each change but merging, which it says in words because every state may merge."""
    diagram = FLOW.read_text(encoding="utf-8").split("```mermaid\nstateDiagram-v2\n")[1].split("```")[0]
    assert {change for change in changes() if change[1] != MERGED} == set(EDGE.findall(diagram))
