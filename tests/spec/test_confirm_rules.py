"""What the opener makes of a proposed case, when it sees who the contacts are: every rule as a table."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import pytest

from pipeline.revealed.compare_fields import CONFLICT, EQUAL, MISSING, OUTCOMES, SIMILAR, Comparison, compare
from pipeline.revealed.confirm_match import confirm, confirm_running
from pipeline.revealed.confirm_rules import (
    DIFFERENT,
    DOUBTFUL,
    LIKELY,
    PAIR_RULES,
    PAIR_VERDICTS,
    SAME_HOUSEHOLD,
    SAME_PERSON,
    SIGNS,
    VERDICT_OF_REASON,
    is_one_person,
    judge_pair,
)
from pipeline.revealed.disclose_case import identities_of
from pipeline.revealed.texts import TEXTS
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.case import VERDICT_CONFIRMED
from tests.spec.confirm_agreement import AGAIN, HOUSEHOLD
from tests.spec.confirm_others import DOUBT, OTHER
from tests.spec.confirm_same_person import PROBABLE, SAME
from tests.spec.confirm_table import EXAMPLES, THE_TABLE
from tests.spec.contacts import YEAR, contact, known
from tests.spec.tables import Row, Spec, rows
from tests.spec.test_match_rules import read_setting

AGREES = (EQUAL, SIMILAR)
CHAPTERS = (THE_TABLE, SAME, PROBABLE, OTHER, DOUBT, AGAIN, HOUSEHOLD)


@pytest.mark.parametrize("spec", [spec for chapter in CHAPTERS for spec in chapter.specs], ids=str)
def test_confirm_rule(spec: Spec) -> None:
    """What is given leads to the verdict and shows the signals that are expected, in whatever order they come."""
    rule, reveals_crisis = read_setting(spec.setting)
    (expected,) = rows(spec.expected)
    signals = known(spec.given)
    for ordered in permutations(signals):
        confirmation = confirm(ordered, rule, shows_crisis=reveals_crisis)
        shown = {f"{ordered[at].partner_id} {ordered[at].signal_id}" for at in confirmation.confirmed}
        assert expected["verdict"] == confirmation.verdict
        assert expected["reason"] == confirmation.reason_code
        assert set(expected["shown"].split(", ")) - {""} == shown


@pytest.mark.parametrize("example", rows(EXAMPLES), ids=lambda row: row["row"])
def test_each_row_of_the_table_has_its_example(example: Row) -> None:
    """The two contacts are judged by this row, with this verdict, in either order."""
    names = ("initials", "name", "born", "address", "e-mail", "phone")
    people = [
        dict(zip(names, (part.strip() for part in example[side].split(",")), strict=False))
        for side in ("one", "other")
    ]
    one, other = identities_of([contact(person) for person in people])
    for left, right in ((one, other), (other, one)):
        rule = judge_pair(compare(left, right, YEAR))
        assert (example["row"], example["verdict"]) == (rule.rule_id, rule.verdict)


def test_every_row_has_an_example() -> None:
    """The examples stand in the order of the table, one for each row."""
    assert [rule.rule_id for rule in PAIR_RULES] == [example["row"] for example in rows(EXAMPLES)]


@pytest.mark.parametrize(
    ("title", "verdict"),
    [
        ("twins,-whatever-their-age", "REVIEWED"),
        ("a-signal-between-father-and-son", "REVIEWED"),
        ("two-persons-who-are-a-case-each", "REVIEWED"),
    ],
)
def test_reviewed_case_is_confirmed(title: str, verdict: str) -> None:
    """What the data steward accepted is not called doubtful again."""
    spec = next(spec for spec in DOUBT.specs if str(spec) == title.replace(",", ""))
    rule, _ = read_setting(spec.setting)
    signals = known(spec.given)
    confirmation = confirm(signals, rule, is_reviewed=True)
    assert (VERDICT_CONFIRMED, verdict) == (confirmation.verdict, confirmation.reason_code)
    assert len(signals) == len(confirmation.confirmed)


def test_a_crisis_makes_no_one_of_two_persons_on_a_later_day() -> None:
    """It is like both, so it joins neither, and who was not shown before is not shown by it."""
    address = "Bakker | | 9901AB 12 | 0612349876"
    signals = known(f"""
        partner | client | months | initials | name | born | address | phone | crisis
        huur    | 1 | 9 | J. | {address} | no
        energie | 7 | 2 | J. | {address} | no
        zorg    | 3 | 4 | M. | {address} | no
        water   | 4 | 1 |    | {address} | yes
    """)
    kept = frozenset({("huur", "1"), ("energie", "7")})
    for ordered in permutations(signals):
        confirmation = confirm_running(ordered, Rule(), kept)
        assert {"huur", "energie"} == {ordered[at].partner_id for at in confirmation.confirmed}


def comparisons() -> list[Comparison]:
    """Every combination of outcomes, and of what makes equal or different more than that."""
    both = (False, True)
    return [
        Comparison(*outcome, is_whole, is_rare, is_past, is_crossed, is_later, is_year, is_named, is_first, *names)
        for outcome in product(OUTCOMES, repeat=6)
        for is_whole in (both if outcome[1] in (EQUAL, CONFLICT) else (False,))
        for is_rare in (both if outcome[0] == EQUAL else (False,))
        for is_past in (both if outcome[2] == EQUAL else (False,))
        for is_crossed in (both if outcome[:2] == (CONFLICT, CONFLICT) else (False,))
        for is_later in (both if outcome[1] == SIMILAR else (False,))
        for is_year in (both if outcome[2] == SIMILAR else (False,))
        for is_named in (both if outcome[0] == CONFLICT else (False,))
        for is_first in (both if outcome[1] == CONFLICT and is_whole else (False,))
        for names in product(both if is_crossed else (False,), both if outcome[1] in AGREES else (False,))
    ]


def test_every_combination_is_decided_by_a_rule_that_is_used() -> None:
    """Every combination of outcomes falls to a row, and no row stands in the table for nothing."""
    used = {judge_pair(comparison).rule_id for comparison in comparisons()}
    assert {rule.rule_id for rule in PAIR_RULES} == used


def test_table_speaks_the_known_words() -> None:
    """Every cell is a sign and every verdict one of the five."""
    signs = {*SIGNS.values(), "*"}
    for rule in PAIR_RULES:
        for cell in (rule.surname, rule.initials, rule.birth, rule.address, rule.reach):
            assert cell
            assert set(cell) <= signs
        assert rule.verdict in PAIR_VERDICTS
    assert len(PAIR_RULES) == len({rule.rule_id for rule in PAIR_RULES})


def test_conflicting_birth_dates_are_never_one_person() -> None:
    """No agreement of other fields outweighs two birth dates."""
    verdicts = {judge_pair(case).verdict for case in comparisons() if case.birth == CONFLICT}
    assert {SAME_HOUSEHOLD, DIFFERENT} == verdicts


def test_conflicting_initials_are_one_person_only_where_something_explains_them() -> None:
    """A calling name: one letter, the whole birth date, and a way to reach or an age past sharing a home.

    Or a later letter that is wrong: then the first is the same, and the age past sharing a home. Or exchanged
    names: the letters crosswise, the whole birth date, and a way to reach or the address. Where both partners know
    the year alone, whole words and the address.
    """
    one = [case for case in comparisons() if case.initials == CONFLICT and judge_pair(case).verdict == SAME_PERSON]
    assert {False, True} == {case.has_crossed_names for case in one}
    for case in one:
        if case.has_crossed_names:
            has_address = case.address in (EQUAL, SIMILAR)
            assert EQUAL == case.birth or (case.has_year_alone and case.has_crossed_words and has_address)
            assert EQUAL == case.reach or has_address
            continue
        assert not case.has_whole_initials or (case.has_first_letter and case.is_past_sharing)
        assert EQUAL == case.birth
        assert case.surname in (EQUAL, SIMILAR)
        assert EQUAL == case.reach or case.is_past_sharing


def test_agreement_never_makes_a_pair_less_alike() -> None:
    """Where one more field agrees, a pair that was one person, or likely so, stays at least that."""
    rank = {outcome: place for place, outcome in enumerate(OUTCOMES)}
    for case in comparisons():
        verdict = judge_pair(case).verdict
        if verdict not in (SAME_PERSON, LIKELY):
            continue
        at_least = {SAME_PERSON, verdict}
        names = () if case.has_crossed_names else ("surname", "initials")  # what is crossed agrees by its conflict
        for field in (*names, "birth", "address", "email", "phone"):
            for better in OUTCOMES[: rank[getattr(case, field)]]:
                if case.is_named_by_mail and (field, better) == ("surname", MISSING):
                    continue  # a surname that nobody knows stands in no e-mail address
                closer = replace(case, **{field: better})
                assert judge_pair(closer).verdict in at_least, (case, closer)
        more = {"has_rare_surname": True, "is_past_sharing": True}
        more |= {"has_whole_initials": True} if case.initials == EQUAL else {}
        assert judge_pair(replace(case, **more)).verdict in at_least


def test_what_is_likely_means_a_person_where_initials_agree() -> None:
    """On the municipality's list and in a letter: an initial in part, and not a surname at a door alone."""
    for case in comparisons():
        verdict, agrees = judge_pair(case).verdict, case.initials in (EQUAL, SIMILAR)
        assert is_one_person(case) == (verdict == SAME_PERSON or (verdict == LIKELY and agrees))
    door = Comparison(EQUAL, SIMILAR, MISSING, EQUAL, MISSING, MISSING)
    assert (True, False) == (is_one_person(door), is_one_person(replace(door, initials=MISSING)))


def test_what_is_likely_is_one_address() -> None:
    """What is likely never joins two addresses, two birth dates, or two initials with two that begin otherwise."""
    likely = [case for case in comparisons() if judge_pair(case).verdict == LIKELY]
    assert likely
    for case in likely:
        assert case.address in (EQUAL, SIMILAR)
        assert CONFLICT != case.birth
        is_single = not case.has_whole_initials or (case.has_first_letter and EQUAL == case.reach)
        assert CONFLICT != case.initials or (EQUAL == case.birth and is_single)


def test_two_first_names_are_never_one_person() -> None:
    """On an equal letter alone; the whole birth date outweighs them, of who is too old to live with a twin."""
    for case in comparisons():
        if case.has_other_names and not (case.birth == EQUAL and case.is_past_sharing):
            assert judge_pair(case).verdict not in (SAME_PERSON, LIKELY)


def test_two_first_names_never_make_a_pair_more_alike() -> None:
    """And they take nothing to the steward that was no person and no question before."""
    order = (DIFFERENT, SAME_HOUSEHOLD, DOUBTFUL, LIKELY, SAME_PERSON)
    for case in comparisons():
        if case.has_other_names:
            before = order.index(judge_pair(replace(case, has_other_names=False)).verdict)
            assert order.index(judge_pair(case).verdict) <= before, case


def test_every_reason_has_a_dutch_sentence() -> None:
    """The data steward reads why, for each reason code."""
    assert set(VERDICT_OF_REASON) == set(TEXTS["verdicts"])
