"""What the linkage benchmark calls right, found, in vain and a wrong door: a measure that errs flatters."""

from __future__ import annotations

import polars as pl

from benchmarks.linkage.scores import Score, score, with_households, with_proposals

# Ann (1) at three partners, Bob (2) at two, Cas (3) once; Ann and Cas share a household and a door.
RECORDS = pl.DataFrame(
    {
        "partner_id": ["huur", "energie", "water", "huur", "energie", "zorg"],
        "person": [1, 1, 1, 2, 2, 3],
        "household": [10, 10, 10, 20, 20, 10],
        "door": [100, 100, 100, 200, 200, 100],
        "former_door": [100, 100, 100, 200, 200, 100],
    }
)


def cases(*sets: list[int]) -> pl.DataFrame:
    rows = [(row, number) for number, members in enumerate(sets) for row in members]
    return pl.DataFrame(rows, schema={"row": pl.UInt32, "set": pl.UInt32}, orient="row")


def judged(*sets: list[int]) -> Score:
    shown = cases(*sets)
    return with_proposals(score(RECORDS, shown), RECORDS, shown)


def test_whole_persons_are_right_and_found() -> None:
    """Two true cases, both shown and nobody else with them."""
    result = judged([0, 1, 2], [3, 4])
    assert (1.0, 1.0, 1.0, 1.0) == (result.precision, result.recall, result.pair_precision, result.pair_recall)
    assert (2, 0, 0) == (result.true_cases, result.wrong_doors, result.in_vain)


def test_two_of_three_partners_find_the_case() -> None:
    """The case is found; a pair is lost."""
    result = judged([0, 1], [3, 4])
    assert (1.0, 1.0, 0.5) == (result.precision, result.recall, result.pair_recall)


def test_a_case_with_a_stranger_is_wrong_and_finds_nobody() -> None:
    """Bob beside Ann: another door; what was proposed still held true cases, so it was not in vain."""
    result = judged([0, 1, 2, 3, 4])
    assert (0.0, 0.0, 1, 2, 0) == (
        result.precision,
        result.recall,
        result.wrong_doors,
        result.proposed_found,
        result.in_vain,
    )


def test_a_housemate_is_wrong_but_no_wrong_door() -> None:
    """Cas lives with Ann, so nobody rings at a strange door; one partner each is no case of a person."""
    result = judged([0, 5])
    assert (0.0, 0, 1) == (result.precision, result.wrong_doors, result.in_vain)


def test_household_evidence_is_judged_by_household() -> None:
    """Ann and Cas are one household, Ann and Bob are not; neither home needs it: both have a case of their own."""
    result = with_households(score(RECORDS, cases()), RECORDS, cases([0, 5], [1, 3]))
    assert (2, 1, 0) == (result.household_sets, result.household_right, result.household_true)


def test_recall_of_household_evidence_counts_homes_without_a_case_of_a_person() -> None:
    """Two homes of single partners: one found with both persons, one too; Bob, a case himself, is none of them."""
    pair = pl.DataFrame(
        {
            "partner_id": ["huur", "zorg", "huur", "zorg"],
            "person": [4, 5, 6, 7],
            "household": [40, 40, 60, 60],
            "door": [400, 400, 600, 600],
            "former_door": [400, 400, 600, 600],
        }
    )
    records = pl.concat([RECORDS, pair])
    result = with_households(score(records, cases()), records, cases([3, 4], [6, 7]))
    assert (2, 1) == (result.household_true, result.household_found)
    assert (2, 1) == (result.household_right, result.household_of_one)
