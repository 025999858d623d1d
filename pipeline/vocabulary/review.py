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


def signals_name(signals: Iterable[tuple[str, str, str]]) -> str:
    """What the journal calls a set of signals: 32 hexadecimal digits behind `B-`, whatever their order.

    Args:
        signals: partner id, month and signal id of each.
    """
    text = "\x1e".join(("samenloop/reviewed-signals/1", *sorted("\x1f".join(one) for one in signals)))
    return f"B-{hashlib.sha256(text.encode()).hexdigest()[:32]}"
