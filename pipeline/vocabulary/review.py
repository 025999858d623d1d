"""What the data steward may decide on a doubtful case, and on which grounds; a ground is a code, never free text.

The Dutch sentence of each code stands in `pipeline/revealed/texts.toml`. A decision holds for the evidence that it
was taken on: when that changes, the steward is asked again.
"""

from __future__ import annotations

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
