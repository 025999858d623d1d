"""What becomes of cases when the proposed sets of their month change: every rule as a table."""

from __future__ import annotations

from itertools import count

import pytest

from pipeline.pseudonymous.describe_sets import ProposedSet, SignalKey
from pipeline.pseudonymous.open_cases import Case, decide
from pipeline.vocabulary import case as words
from tests.spec.tables import Chapter, Row, Spec, rows

OVER_TIME = Chapter(
    "Cases over time",
    """
    Deliveries arrive late, twice, corrected and in any order. After each change of a month its sets are proposed
    again, and the cases follow. Signals are letters here; cases are listed from the first opened to the last.
    """,
    (
        Spec(
            "A set that nobody knows is a new case",
            "It waits to be routed.",
            given="case | state | signals",
            when="""
                signals | months
                a b     | 2
            """,
            expected="""
                case | state  | signals
                new1 | opened | a b
            """,
        ),
        Spec(
            "Nothing changed, nothing happens",
            "Running a step twice gives the same state.",
            given="""
                case | state    | signals
                Z1   | routed   | a b
                Z2   | doubtful | c d
                Z3   | withheld | e f
                Z4   | revealed | g h
            """,
            when="""
                signals | months
                a b     | 2
                c d     | 2
                e f     | 2
                g h     | 2
            """,
            expected="""
                case | state    | signals
                Z1   | routed   | a b
                Z2   | doubtful | c d
                Z3   | withheld | e f
                Z4   | revealed | g h
            """,
        ),
        Spec(
            "A case that grows keeps its id",
            "Before anybody saw it, it is routed and confirmed anew; a team that saw it sees it grown.",
            given="""
                case | state       | signals
                Z1   | routed      | a b
                Z2   | doubtful    | c d
                Z3   | withheld    | e f
                Z4   | excluded    | g h
                Z5   | revealed    | i j
                Z6   | in_progress | k l
                Z7   | joined      | s t
            """,
            when="""
                signals | months
                a b m   | 2
                c d n   | 2
                e f o   | 2
                g h p   | 2
                i j q   | 2
                k l r   | 2
                s t u   | 2
            """,
            expected="""
                case | state       | signals | revision
                Z1   | opened      | a b m   | +1
                Z2   | routed      | c d n   | +1
                Z3   | opened      | e f o   | +1
                Z4   | opened      | g h p   | +1
                Z5   | revealed    | i j q   | +1
                Z6   | in_progress | k l r   | +1
                Z7   | opened      | s t u   | +1
            """,
        ),
        Spec(
            "A case that shrinks and still meets the rule stays",
            "What is no longer part of it is not opened again.",
            given="""
                case | state    | signals
                Z1   | revealed | a b c
            """,
            when="""
                signals | months
                b c     | 2
            """,
            expected="""
                case | state    | signals | revision
                Z1   | revealed | b c     | +1
            """,
        ),
        Spec(
            "The rule is no longer met before anybody saw the case",
            "A retraction or correction withdraws it.",
            given="""
                case | state    | signals
                Z1   | opened   | a b
                Z2   | routed   | c d
                Z3   | doubtful | e f
                Z4   | withheld | g h
                Z5   | excluded | i j
                Z6   | joined   | k l
            """,
            when="signals | months",
            expected="""
                case | state     | signals | revision
                Z1   | withdrawn |         | +1
                Z2   | withdrawn |         | +1
                Z3   | withdrawn |         | +1
                Z4   | withdrawn |         | +1
                Z5   | withdrawn |         | +1
                Z6   | withdrawn |         | +1
            """,
        ),
        Spec(
            "The rule is no longer met after a team saw the case",
            "It is marked, so that the team hears that it need not go any more; nothing disappears in silence.",
            given="""
                case | state       | signals
                Z1   | revealed    | a b
                Z2   | in_progress | c d
                Z3   | closed      | e f
            """,
            when="signals | months",
            expected="""
                case | state       | signals | mark
                Z1   | revealed    | a b     | retracted
                Z2   | in_progress | c d     | retracted
                Z3   | closed      | e f     | retracted
            """,
        ),
        Spec(
            "The rule is met again",
            "The same case returns, with its id.",
            given="""
                case | state     | signals | former | mark
                Z1   | withdrawn |         | a b    |
                Z2   | revealed  | c d     |        | retracted
                Z3   | closed    | e f     |        | retracted
            """,
            when="""
                signals | months
                a b     | 2
                c d     | 2
                e f     | 2
            """,
            expected="""
                case | state       | signals | mark | revision
                Z1   | opened      | a b     |      | +1
                Z2   | revealed    | c d     |      |
                Z3   | in_progress | e f     |      |
            """,
        ),
        Spec(
            "A closed case whose arrears rose is taken up again",
            "A repeat that is not higher stays closed.",
            given="""
                case | state  | signals | months
                Z1   | closed | a b     | 3
                Z2   | closed | c d     | 3
            """,
            when="""
                signals | months
                a b     | 4
                c d     | 2
            """,
            expected="""
                case | state       | signals | revision
                Z1   | in_progress | a b     | +1
                Z2   | closed      | c d     | +1
            """,
        ),
        Spec(
            "Two cases turn out to be one",
            "The first opened goes on; the other points to it.",
            given="""
                case | state  | signals
                Z1   | routed | a b
                Z2   | routed | c d e
            """,
            when="""
                signals   | months
                a b c d e | 2
            """,
            expected="""
                case | state  | signals   | merged_into | revision
                Z1   | opened | a b c d e |             | +1
                Z2   | merged |           | Z1          | +1
            """,
        ),
        Spec(
            "The other had been seen",
            "The first opened still goes on, and does not appear as new a second time.",
            given="""
                case | state    | signals | first_revealed_on
                Z1   | routed   | a b     |
                Z2   | revealed | c d     | 2026-10-12
            """,
            when="""
                signals | months
                a b c d | 2
            """,
            expected="""
                case | state  | signals | merged_into | first_revealed_on
                Z1   | opened | a b c d |             | 2026-10-12
                Z2   | merged |         | Z1          | 2026-10-12
            """,
        ),
        Spec(
            "A closed case takes in one that runs",
            "Somebody is still being helped, so it is taken up again.",
            given="""
                case | state       | signals | first_revealed_on
                Z1   | closed      | a b     | 2026-10-05
                Z2   | in_progress | c d     | 2026-10-12
            """,
            when="""
                signals | months
                a b c d | 2
            """,
            expected="""
                case | state       | signals | merged_into | first_revealed_on
                Z1   | in_progress | a b c d |             | 2026-10-05
                Z2   | merged      |         | Z1          | 2026-10-12
            """,
        ),
        Spec(
            "A correction takes cases apart again",
            "The case that had merged comes back with its own id.",
            given="""
                case | state  | signals | former | merged_into
                Z1   | routed | a b c d |        |
                Z2   | merged |         | c d    | Z1
            """,
            when="""
                signals | months
                a b     | 2
                c d     | 2
            """,
            expected="""
                case | state  | signals | merged_into
                Z1   | opened | a b     |
                Z2   | opened | c d     |
            """,
        ),
        Spec(
            "A case falls apart",
            "It stays with the set that shares most of it; the other set is a new case.",
            given="""
                case | state  | signals
                Z1   | routed | a b c d e
            """,
            when="""
                signals | months
                a b     | 2
                c d e   | 2
            """,
            expected="""
                case | state  | signals
                Z1   | opened | c d e
                new1 | opened | a b
            """,
        ),
        Spec(
            "Whoever points to a merged case keeps pointing at the signals",
            "When the one that took it in merges as well, both point to the last.",
            given="""
                case | state  | signals | former | merged_into
                Z1   | routed | a b     |        |
                Z2   | routed | c d e   |        |
                Z3   | merged |         | e      | Z2
            """,
            when="""
                signals   | months
                a b c d e | 2
            """,
            expected="""
                case | state  | signals   | merged_into
                Z1   | opened | a b c d e |
                Z2   | merged |           | Z1
                Z3   | merged |           | Z1
            """,
        ),
        Spec(
            "A lapsed case stays lapsed",
            "Its term has ended; it neither returns nor makes room for another of the same signals.",
            given="""
                case | state  | signals
                Z1   | lapsed | a b
            """,
            when="""
                signals | months
                a b     | 2
            """,
            expected="""
                case | state  | signals
                Z1   | lapsed | a b
            """,
        ),
    ),
)

CHAPTERS = (OVER_TIME,)


@pytest.mark.parametrize("spec", OVER_TIME.specs, ids=str)
def test_case_rule(spec: Spec) -> None:
    """Known cases and proposed sets give exactly the cases that are expected."""
    known = [known_case(number, row) for number, row in enumerate(rows(spec.given))]
    proposed = [proposed_set(row["signals"], int(row["months"])) for row in rows(spec.when)]
    decisions = decide(proposed, known, (f"new{number}" for number in count(1)), "2026-11-03T06:00:00Z")
    cases = {case.case_id: case for case in known} | {
        decision.after.case_id: decision.after for decision in decisions
    }
    before = {case.case_id: case.revision for case in known}
    expected = rows(spec.expected)
    assert expected == [as_row(cases[row["case"]], before, row) for row in expected]
    assert {row["case"] for row in expected} == set(cases)


@pytest.mark.parametrize("spec", OVER_TIME.specs, ids=str)
def test_deciding_twice_changes_nothing_more(spec: Spec) -> None:
    """What was decided is what is proposed, so deciding again finds nothing to do."""
    known = [known_case(number, row) for number, row in enumerate(rows(spec.given))]
    proposed = [proposed_set(row["signals"], int(row["months"])) for row in rows(spec.when)]
    decisions = decide(proposed, known, (f"new{number}" for number in count(1)), "2026-11-03T06:00:00Z")
    after = {case.case_id: case for case in known} | {
        decision.after.case_id: decision.after for decision in decisions
    }
    assert [] == decide(proposed, after.values(), iter(()), "2026-11-04T06:00:00Z")


def proposed_set(signals: str, months: int) -> ProposedSet:
    keys = signal_keys(signals)
    digest = f"{signals} {months}"
    return ProposedSet(words.LANE_MATCHED, words.EVIDENCE_PERSON, keys, 2, months, False, "WK990101", None, digest)


def known_case(number: int, row: Row) -> Case:
    months = int(row.get("months") or 2)
    return Case(
        case_id=row["case"],
        state=row["state"],
        lane=words.LANE_MATCHED,
        evidence=words.EVIDENCE_PERSON,
        signals=signal_keys(row["signals"]),
        former=signal_keys(row.get("former", "")),
        partner_count=2,
        months_max=months,
        is_crisis=False,
        wijkcode="WK990101",
        postcode4=None,
        digest=f"{row['signals']} {months}",
        revision=1,
        opened_at=f"2026-11-02T06:00:{number:02d}Z",
        mark=row.get("mark") or None,
        merged_into=row.get("merged_into") or None,
        first_revealed_on=row.get("first_revealed_on") or None,
    )


def as_row(case: Case, revisions: dict[str, int], asked: Row) -> Row:
    """The columns of a case that a table asks for."""
    raised = case.revision - revisions.get(case.case_id, case.revision)
    facts = {
        "case": case.case_id,
        "state": case.state,
        "signals": " ".join(sorted(signal for _, signal in case.signals)),
        "mark": case.mark or "",
        "merged_into": case.merged_into or "",
        "first_revealed_on": case.first_revealed_on or "",
        "revision": f"+{raised}" if raised else "",
    }
    return {name: facts[name] for name in asked}


def signal_keys(letters: str) -> frozenset[SignalKey]:
    return frozenset(("partner", letter) for letter in letters.split())
