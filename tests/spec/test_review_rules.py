"""What the data steward reads of a doubtful case and may decide: each code and each rule has its sentence."""

from __future__ import annotations

import itertools

import pytest

from pipeline.revealed.compare_fields import CONFLICT, EQUAL, MISSING, SIMILAR
from pipeline.revealed.confirm_rules import LIKELY, PAIR_RULES, PAIR_VERDICTS
from pipeline.revealed.describe_doubt import (
    ASKED,
    FIELDS,
    LATER,
    OPTIONS,
    ClearSignal,
    ComparedPair,
    Doubt,
    as_markdown,
    choice_lines,
    clear_signals,
    reason_text,
)
from pipeline.revealed.texts import TEXTS
from pipeline.stewardship.monitor_flow import STATE_LABELS
from pipeline.vocabulary.case import DOUBTFUL, TRANSITIONS
from pipeline.vocabulary.review import REVIEW_REASONS, REVIEW_REJECTED, STATE_OF_DECISION
from tests.spec.tables import Chapter

DECISION_WORDS = {"accepted": "accept", "rejected": "reject"}


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = (header, ("---",) * len(header), *rows)
    return "\n    ".join("| " + " | ".join(line) + " |" for line in lines)


CHAPTERS = (
    Chapter(
        "What the data steward reads",
        """
    A doubtful case waits for the data steward, who sees per pair of signals the outcome per field, the row of the
    table above, and this sentence; never a value.

    """
        + _table(
            ("rule_id", "verdict", "uitleg"),
            [(rule.rule_id, rule.verdict, TEXTS["pair_rules"][rule.rule_id]) for rule in PAIR_RULES],
        )
        + """

    A decision has a reason from this list. It holds for the evidence that it was taken on, also when that comes
    back after a correction was taken back; other evidence is asked about again.

    """
        + _table(
            ("decision", "reason_code", "uitleg"),
            [
                (DECISION_WORDS[decision], code, TEXTS["review_reasons"][code])
                for decision, codes in REVIEW_REASONS.items()
                for code in codes
            ],
        ),
        (),
    ),
)


def doubt(*pairs: ComparedPair, reason_code: str = "PERSON_UNCERTAIN") -> Doubt:
    return Doubt(
        case_id="Z-1",
        revision=2,
        month="2026-10",
        state=DOUBTFUL,
        state_label=STATE_LABELS[DOUBTFUL],
        area="WK990101",
        team="Wijkteam Noord",
        asked_on="2026-11-03",
        waiting_days=1,
        reason_code=reason_code,
        is_of_former_evidence=False,
        signals=(ClearSignal("A", "Huur", 3, "WK990101"), ClearSignal("B", "Energie", 1, "WK990101")),
        pairs=pairs,
    )


def test_every_rule_of_the_table_is_explained() -> None:
    """One Dutch sentence for each row, and none for a row that is gone."""
    assert {rule.rule_id for rule in PAIR_RULES} == set(TEXTS["pair_rules"])


def test_everything_shown_has_a_dutch_word() -> None:
    """Fields, outcomes, verdicts, decisions and their reasons."""
    assert set(FIELDS) == set(TEXTS["review_fields"])
    assert {EQUAL, SIMILAR, CONFLICT, MISSING} == set(TEXTS["review_outcomes"])
    assert set(PAIR_VERDICTS) == set(TEXTS["review_pairs"])
    assert {LIKELY, DOUBTFUL} == set(ASKED)
    codes = set(itertools.chain(*REVIEW_REASONS.values()))
    assert codes | {REVIEW_REJECTED} == set(TEXTS["review_reasons"])
    assert set(STATE_OF_DECISION) == set(TEXTS["review_decisions"]) == set(REVIEW_REASONS)


def test_each_decision_is_an_allowed_change() -> None:
    """From doubtful on to the worklist, or to nobody."""
    for state in STATE_OF_DECISION.values():
        assert (DOUBTFUL, state) in TRANSITIONS


def test_an_option_stands_for_one_decision_and_reason() -> None:
    """No two reasons read the same, so that a choice in Airflow can be told back."""
    decisions = [f"{decision}:{code}" for decision, codes in REVIEW_REASONS.items() for code in codes]
    assert [*decisions, LATER] == list(OPTIONS.values())


@pytest.mark.parametrize(
    ("reason_code", "word"), [("PERSON_UNCERTAIN", "samen één zaak"), ("TWO_PERSONS", "beide")]
)
def test_what_accepting_does_is_said(reason_code: str, word: str) -> None:
    """Two persons who are a case each come on the list together; that is told beforehand."""
    assert word in choice_lines(doubt(reason_code=reason_code))[0]


def test_page_for_airflow_is_a_table_with_its_reason() -> None:
    """Each pair a row, each rule a line below it; the codes themselves are in words."""
    pair = ComparedPair("A", "B", {**dict.fromkeys(FIELDS, EQUAL), "initials": CONFLICT}, "I1", "doubtful")
    page = as_markdown(doubt(pair))
    assert "| A en B | gelijk | anders | gelijk | gelijk | gelijk | gelijk | twijfel |" in page
    assert "- A-B (I1): De voorletters verschillen." in page
    assert "A: Huur, 3 maanden en B: Energie, 1 maand" in page


def test_a_rule_without_a_sentence_shows_its_verdict() -> None:
    """A comparison of an older table still reads."""
    assert "twijfel" == ComparedPair("A", "B", {}, "Q9", "doubtful").because


def test_letters_go_on_after_z() -> None:
    """A case of many signals keeps one name for each."""
    rows = [
        {"partner_id": "p", "signal_id": f"{n:03}", "arrears_months": 2, "wijkcode": None, "postcode4": "9901"}
        for n in range(30)
    ]
    signals = list(clear_signals(rows, {"p": "Huur"}).values())
    assert ("A", "Z", "A2", "9901") == (signals[0].letter, signals[25].letter, signals[26].letter, signals[0].area)
    assert 30 == len({signal.letter for signal in signals})


def test_the_stewards_own_reason_reads_too() -> None:
    """A rejected case says who rejected it, in words."""
    assert "afgewezen" in reason_text(REVIEW_REJECTED)
