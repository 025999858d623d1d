"""Matching and cases on data that nobody would think of: the reference agrees, and order does not matter."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.pseudonymous.describe_sets import ProposedSet, describe_sets
from pipeline.pseudonymous.match_signals import match_month
from pipeline.pseudonymous.open_cases import Case, decide
from pipeline.vocabulary import case as words
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.frames import TOKEN_COLUMNS
from tests.reference import engines
from tests.spec.persons import frame, signal

# Values that agree in one half only, and the same values under every kind: neither may join anybody.
HALVES = [b"A" * 16, b"A" * 8 + b"B" * 8, b"B" * 8 + b"A" * 8]

persons = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Jansen", "Yilmaz", "Jansen/Yilmaz", "de Vries/Jansen", ""]),
        "initial": st.sampled_from(["A", "B", ""]),
        "born": st.sampled_from(["1980-05-31", "1955-01-02", ""]),
        "address": st.sampled_from(["3811AB 5", "3811AB 7", "3822CD 8", ""]),
        "e-mail": st.sampled_from(["a@example.nl", "", ""]),
        "phone": st.sampled_from(["0612345678", "", ""]),
        "months": st.sampled_from(["0", "1", "2", "3"]),
        "crisis": st.sampled_from(["yes", "no", "no"]),
    }
)
tokens = st.fixed_dictionaries(
    {column: st.sampled_from([None, None, None, *HALVES]) for column in TOKEN_COLUMNS}
    | {"arrears_months": st.integers(0, 3), "is_crisis": st.booleans()}
)
rules = st.builds(
    Rule,
    min_partners=st.integers(1, 3),
    min_months=st.integers(0, 2),
    match_on=st.sampled_from([("person",), ("person", "household")]),
)


@st.composite
def months_of_signals(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to fourteen signals, told as persons or as arbitrary tokens."""
    rows = draw(st.lists(persons, max_size=14)) if draw(st.booleans()) else draw(st.lists(tokens, max_size=14))
    signals = []
    for number, row in enumerate(rows):
        who = {"partner": draw(st.sampled_from(["huur", "energie", "water"])), "client": f"{number:02d}"}
        signals.append(signal({**row, **who}) if "born" in row else {**signal(who), **row})
    return signals


@settings(max_examples=150)
@given(months_of_signals(), rules, st.booleans())
def test_the_fast_matcher_finds_what_the_reference_finds(
    signals: list[dict[str, Any]], rule: Rule, reveals_crisis: bool
) -> None:
    """On every month of signals and under every rule, both propose the same sets on the same evidence."""
    assert engines.naive(signals, rule, reveals_crisis) == engines.fast(signals, rule, reveals_crisis)


house_mates = st.lists(
    st.fixed_dictionaries(
        {
            "partner": st.sampled_from(["huur", "energie"]),
            "name": st.sampled_from(["Jansen", "Yilmaz"]),
            "initial": st.just("A"),
            "born": st.sampled_from(["1980-05-31", "1955-01-02", "", ""]),
            "address": st.just("3811AB 5"),
            "e-mail": st.sampled_from(["a@example.nl", ""]),
            "months": st.just("2"),
        }
    ),
    min_size=4,
    max_size=8,
)


@settings(max_examples=60)
@given(house_mates, rules)
def test_the_fast_matcher_finds_what_the_reference_finds_behind_one_door(
    rows: list[dict[str, str]], rule: Rule
) -> None:
    """Where everybody has one initial, both keep the same persons who are a case each apart."""
    signals = [signal({**row, "client": f"{number:02d}"}) for number, row in enumerate(rows)]
    assert engines.naive(signals, rule, False) == engines.fast(signals, rule, False)


@settings(max_examples=20)
@given(months_of_signals(), rules, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_is_nothing(
    signals: list[dict[str, Any]], rule: Rule, reveals_crisis: bool, random: Any
) -> None:
    """The same signals in another order give the same frame, to the row."""
    shuffled = random.sample(signals, len(signals))
    first = match_month(frame(signals), rule, reveals_crisis=reveals_crisis)
    assert_frame_equal(first, match_month(frame(shuffled), rule, reveals_crisis=reveals_crisis))


class Municipality:
    """The pure steps in a row: signals in, cases kept."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}
        self.ids = (f"Z{number:04d}" for number in count())
        self.clock = count()

    def learn(self, proposed: list[ProposedSet]) -> None:
        """Let the cases follow what is proposed now, then route what can be routed."""
        now = f"2026-11-02T06:00:{next(self.clock):06d}Z"
        for decision in decide(proposed, self.cases.values(), self.ids, now):
            self.cases[decision.after.case_id] = decision.after
        self.become(words.OPENED, words.ROUTED)

    def become(self, before: str, after: str) -> None:
        """What routing, the opener and the teams do between two deliveries."""
        for case in list(self.cases.values()):
            if case.state == before:
                seen_on = "2026-11-02" if after in words.SEEN_STATES else case.first_revealed_on
                self.cases[case.case_id] = replace(case, state=after, first_revealed_on=seen_on)

    def living(self) -> set[tuple[str, str, str, frozenset[tuple[str, str]]]]:
        """What "the same state" means: lane, evidence, state and signals of every case that lives."""
        return {
            (case.lane, case.evidence, case.state, case.signals)
            for case in self.cases.values()
            if case.state not in (words.WITHDRAWN, words.MERGED)
        }


deliveries = st.lists(
    st.tuples(st.sampled_from(["huur", "energie", "water"]), st.integers(1, 3), st.lists(persons, max_size=4)),
    max_size=4,
    unique_by=lambda delivery: delivery[:2],
)


def effective(admitted: list[tuple[str, int, list[dict[str, str]]]]) -> list[dict[str, Any]]:
    """The newest delivery of each partner counts, in whatever order they came."""
    newest = {partner: rows for partner, _, rows in sorted(admitted, key=lambda delivery: delivery[1])}
    return [
        signal({**row, "partner": partner, "client": f"{number}"})
        for partner, rows in newest.items()
        for number, row in enumerate(rows)
    ]


def proposals(admitted: list[tuple[str, int, list[dict[str, str]]]]) -> list[ProposedSet]:
    proposed = match_month(frame(effective(admitted)), Rule(min_months=1, match_on=("person", "household")))
    return describe_sets(proposed, {"huur": "Huur"})


@settings(max_examples=25)
@given(deliveries, st.randoms(use_true_random=False))
def test_any_order_of_arrival_ends_in_the_same_state(
    admitted: list[tuple[str, int, list[dict[str, str]]]], random: Any
) -> None:
    """Late, corrected and early deliveries leave the cases that all at once would have left."""
    at_once, one_by_one = Municipality(), Municipality()
    at_once.learn(proposals(admitted))
    shuffled = random.sample(admitted, len(admitted))
    for number in range(len(shuffled)):
        one_by_one.learn(proposals(shuffled[: number + 1]))
    assert at_once.living() == one_by_one.living()


partitions = st.lists(st.sampled_from("abcdefgh"), max_size=8, unique=True).flatmap(
    lambda letters: st.lists(st.integers(0, 3), min_size=len(letters), max_size=len(letters)).map(
        lambda groups: tuple(
            tuple(letter for letter, group in zip(letters, groups, strict=True) if group == number)
            for number in sorted(set(groups))
        )
    )
)
happenings = st.sampled_from(
    [
        (words.ROUTED, words.REVEALED),
        (words.ROUTED, words.DOUBTFUL),
        (words.ROUTED, words.WITHHELD),
        (words.ROUTED, words.EXCLUDED),
        (words.REVEALED, words.IN_PROGRESS),
        (words.IN_PROGRESS, words.CLOSED),
    ]
)


def as_proposed(partition: tuple[tuple[str, ...], ...]) -> list[ProposedSet]:
    return [
        ProposedSet(
            lane=words.LANE_MATCHED,
            evidence=words.EVIDENCE_PERSON,
            signals=frozenset((letter, letter) for letter in letters),
            partner_count=len(letters),
            months_max=2,
            is_crisis=False,
            wijkcode=None,
            postcode4=None,
            digest="".join(letters),
        )
        for letters in partition
    ]


@settings(max_examples=300)
@given(st.lists(st.one_of(partitions, happenings), max_size=12), partitions)
def test_whatever_happened_the_living_cases_are_the_proposed_sets(history: list[Any], last: Any) -> None:
    """Opening, growing, splitting, merging, withdrawing and reopening never lose or double a set."""
    municipality = Municipality()
    for item in (*history, last):
        before = dict(municipality.cases)
        if item and isinstance(item[0], str):
            municipality.become(*item)
            continue
        municipality.learn(as_proposed(item))
        check_step(before, municipality.cases)
    living = [case for case in municipality.cases.values() if case.state not in (words.WITHDRAWN, words.MERGED)]
    assert sorted(sorted(letters) for letters in last) == sorted(
        sorted(letter for letter, _ in case.signals) for case in living if case.mark is None
    )
    settled = dict(municipality.cases)
    municipality.learn(as_proposed(last))
    assert settled == municipality.cases


def check_step(before: dict[str, Case], after: dict[str, Case]) -> None:
    """What one step may do to a case that was there."""
    for case_id, case in before.items():
        now = after[case_id]
        assert now.revision >= case.revision
        assert (now.signals == case.signals) or now.revision > case.revision
        assert case.signals <= now.signals | now.former
        if case.state in words.SEEN_STATES:
            assert now.state in (*words.SEEN_STATES, words.MERGED)
        if case.first_revealed_on is not None:
            assert now.first_revealed_on is not None
        if now.state == words.MERGED:
            survivor = after[str(now.merged_into)]
            assert survivor.case_id != case_id
            if case.state != words.MERGED:
                assert survivor.age <= case.age
                assert case.signals & survivor.signals
