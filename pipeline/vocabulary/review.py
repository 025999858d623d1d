"""What the data steward may decide on a doubtful case, and on which grounds; a ground is a code, never free text.

The Dutch sentence of each code stands in `pipeline/revealed/texts.toml`. A decision holds for the evidence that it
was taken on: when that changes, the steward is asked again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pipeline.vocabulary.case import ROUTED, WITHHELD

ACCEPTED = "accepted"
REJECTED = "rejected"
STATE_OF_DECISION: dict[str, str] = {ACCEPTED: ROUTED, REJECTED: WITHHELD}

REVIEW_REASONS: dict[str, tuple[str, ...]] = {
    ACCEPTED: ("SPELLING", "CALLING_NAME", "OTHER_SURNAME", "WRONG_DATE", "MOVED"),
    REJECTED: ("RELATIVES", "NAMESAKES", "OTHER_PERSON", "TOO_UNCERTAIN"),
}

REVIEW_REJECTED = "REVIEW_REJECTED"
"""Why a case is withheld that the steward rejected."""

REVIEW_SIGNALS = "review_signals"
"""The line of the journal that binds a decision to the very signals that it was taken on."""
ASK_REVIEW = "ask_review"
"""The opener's line on the very signals that it found doubtful: on no others can anything be decided."""


def signals_name(evidence_digest: str, signals: Iterable[tuple[str, str, str]]) -> str:
    """What the journal calls signals with what they say: 32 hexadecimal digits behind `B-`, whatever their order.

    Args:
        evidence_digest: of the case, which tells what the signals say.
        signals: partner id, month and signal id of each.
    """
    told = (evidence_digest, *sorted("\x1f".join(one) for one in signals))
    text = "\x1e".join(("samenloop/reviewed-signals/1", *told))
    return f"B-{hashlib.sha256(text.encode()).hexdigest()[:32]}"
