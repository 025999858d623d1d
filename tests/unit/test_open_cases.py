"""Cases that follow proposed sets: what the tables of cases over time leave unsaid."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import polars as pl
import pytest

from pipeline.pseudonymous.describe_sets import ProposedSet, describe_sets
from pipeline.pseudonymous.match_signals import PROPOSED_SCHEMA
from pipeline.pseudonymous.open_cases import Case, decide
from pipeline.vocabulary import case as words
from tests.spec.test_case_rules import known_case, proposed_set

NOW = "2026-11-03T06:00:00Z"


def case(case_id: str, signals: str, state: str = words.ROUTED, opened_at: str = "2026-11-02T06:00:00Z") -> Case:
    return replace(known_case(0, {"case": case_id, "state": state, "signals": signals}), opened_at=opened_at)


def after(proposed: list[ProposedSet], *known: Case) -> dict[str, Case]:
    decisions = decide(proposed, known, (f"new{number}" for number in count(1)), NOW)
    return {one.case_id: one for one in known} | {decision.after.case_id: decision.after for decision in decisions}


def test_the_first_opened_survives_whatever_its_id() -> None:
    """Ids are random; the instant of opening decides who goes on."""
    late, early = case("A", "a b", opened_at="2026-11-02T07:00:00Z"), case("Z", "c d")
    found = after([proposed_set("a b c d", 2)], late, early)
    assert ("opened", "merged") == (found["Z"].state, found["A"].state)


@pytest.mark.parametrize("is_turned", [False, True])
def test_cases_of_one_instant_go_by_their_first_signal(is_turned: bool) -> None:
    """Cases that one run opened merge in the same way whatever their ids and the order they are read in."""
    known = [case("Z", "a b"), case("A", "c d")]
    found = after([proposed_set("a b c d", 2)], *(reversed(known) if is_turned else known))
    assert ("opened", "merged") == (found["Z"].state, found["A"].state)


def test_a_case_keeps_its_id_when_its_lane_changes() -> None:
    """A crisis signal that a second partner confirms is the same case in another lane."""
    crisis = replace(case("Z", "a"), lane=words.LANE_CRISIS)
    found = after([proposed_set("a b", 2)], crisis)["Z"]
    assert (words.LANE_MATCHED, 2) == (found.lane, found.revision)


def test_what_the_steward_reviewed_stays_reviewed_until_it_changes() -> None:
    """A decision survives re-runs and is undone by a correction."""
    reviewed = replace(case("Z", "a b"), evidence=words.EVIDENCE_REVIEWED)
    assert words.EVIDENCE_REVIEWED == after([proposed_set("a b", 2)], reviewed)["Z"].evidence
    assert words.EVIDENCE_PERSON == after([proposed_set("a b c", 2)], reviewed)["Z"].evidence


def test_a_changed_case_forgets_why_it_was_withheld() -> None:
    """The reason was about evidence that is no longer there."""
    withheld = replace(case("Z", "a b", words.WITHHELD), reason_code="RULE_NOT_MET")
    assert "RULE_NOT_MET" == after([proposed_set("a b", 2)], withheld)["Z"].reason_code
    assert after([proposed_set("a b c", 2)], withheld)["Z"].reason_code is None


def test_a_living_case_goes_before_a_lapsed_one() -> None:
    """Nothing merges into a case that can no longer be shown."""
    lapsed, living = case("A", "a b", words.LAPSED), case("Z", "c d", opened_at="2026-11-02T07:00:00Z")
    found = after([proposed_set("a b c d", 2)], lapsed, living)
    assert (words.LAPSED, words.OPENED, 4) == (found["A"].state, found["Z"].state, len(found["Z"].signals))


def test_a_case_takes_another_set_rather_than_merge() -> None:
    """When an earlier case has the set it shares most with, it goes on with the rest of its signals."""
    found = after([proposed_set("a b c", 2), proposed_set("d e", 2)], case("A", "a b"), case("Z", "c d"))
    assert ("opened", {"d", "e"}) == (found["Z"].state, {signal for _, signal in found["Z"].signals})


def rows_of_set(**changes: object) -> pl.DataFrame:
    base = {"set_number": 0, "lane": "matched", "evidence": "person", "is_crisis": False, "wijkcode": "WK990101"}
    huur = {"partner_id": "h", "signal_id": "1", "arrears_months": 3, "digest": "x"}
    energie = {"partner_id": "e", "signal_id": "2", "arrears_months": 5, "digest": "y"}
    return pl.DataFrame([{**base, **huur}, {**base, **energie, **changes}], schema=PROPOSED_SCHEMA)


def test_a_set_is_described_by_its_members() -> None:
    """Partners are counted once, months are the most, a crisis is anybody's."""
    (found,) = describe_sets(rows_of_set(is_crisis=True), {"h": "Huur", "e": "Energie"})
    assert (2, 5, True, "WK990101", None) == (
        found.partner_count,
        found.months_max,
        found.is_crisis,
        found.wijkcode,
        found.postcode4,
    )


def test_a_set_without_wijk_has_the_postcode_of_its_signals() -> None:
    """The four digits of the postcode stand in where no partner knew the wijk."""
    rows = rows_of_set().with_columns(wijkcode=pl.lit(None, pl.String), postcode4=pl.lit("9901"))
    (found,) = describe_sets(rows, {})
    assert (None, "9901") == (found.wijkcode, found.postcode4)


def test_the_digest_of_a_set_tells_every_change() -> None:
    """Another member, another state of a member, another lane or evidence: another digest; another order: none."""
    (same,) = describe_sets(rows_of_set().reverse(), {})
    digests = {
        describe_sets(rows_of_set(**change), {})[0].digest
        for change in ({}, {"digest": "z"}, {"signal_id": "3"}, {"partner_id": "w"})
    }
    digests |= {describe_sets(rows_of_set().with_columns(pl.lit("household").alias("evidence")), {})[0].digest}
    digests |= {describe_sets(rows_of_set().with_columns(pl.lit("crisis").alias("lane")), {})[0].digest}
    assert 6 == len(digests)
    assert same.digest in digests


@pytest.mark.parametrize(
    ("other", "expected"), [(words.CLOSED, words.CLOSED), (words.REVEALED, words.IN_PROGRESS)]
)
def test_closed_cases_that_become_one_make_no_new_visit(other: str, expected: str) -> None:
    """The work on both is done; only a case that somebody is still working on takes the closed one up again."""
    closed = case("A", "a b", words.CLOSED)
    later = case("B", "c d", other, opened_at="2026-11-02T07:00:00Z")
    found = after([proposed_set("a b c d", 2)], closed, later)
    assert (expected, words.MERGED) == (found["A"].state, found["B"].state)


def test_a_lapsed_case_stays_lapsed_whatever_is_proposed_of_it() -> None:
    """Its month is over: what changes afterwards neither opens it again nor makes a new case of it."""
    lapsed = case("Z", "a b", words.LAPSED)
    assert {"Z": lapsed} == after([proposed_set("a b c", 2)], lapsed)
