"""What the letter of a resident says of one case: why it is there, how it stands, what was compared.

Only of the resident's own reports; what a case holds of somebody else is not given to these functions.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.revealed.texts import TEXTS, joined, long_month, months_text, sentence
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.case import LANE_CRISIS


def why_sentences(month: str, partners: Sequence[str], rule: Rule | None, lane: str, version: int) -> list[str]:
    """Who reported the resident, and the rule by which that makes a case.

    Args:
        month: of the case.
        partners: names of those who reported the resident in it; none when it is not told.
        rule: of the agreement for the case; None when that version is not there any more.
        lane: of the case.
        version: of the agreement.
    """
    found = []
    if partners:
        which = "reported_one" if len(partners) == 1 else "reported_many"
        found.append(sentence("letter_why", which, month=long_month(month), partners=joined(partners)))
    if lane == LANE_CRISIS:
        found.append(sentence("letter_why", "crisis"))
    elif rule is not None:
        least = sentence(
            "letter_why", "partner" if rule.min_partners == 1 else "partners", count=rule.min_partners
        )
        about = "household" if "household" in rule.match_on else "person"
        found.append(
            sentence(
                "letter_why",
                "rule",
                partners=least,
                months=months_text(rule.min_months),
                about=sentence("letter_why", about),
            )
        )
    return [*found, sentence("letter_why", "agreement", version=version)]


def state_sentence(state: str) -> str:
    """How a case stands."""
    return str(TEXTS["letter_states"][state])
