"""States of a case (vroegsignaalzaak), the transitions between them, grounds for opening and verdicts.

Nothing closes silently: a state change that is not in TRANSITIONS cannot be stored. A test holds the table against
docs/rules.md and the diagram in docs/flow.md.
"""

from __future__ import annotations

from pipeline.vocabulary.faults import Refused

OPENED = "opened"
ROUTED = "routed"
REVEALED = "revealed"
IN_PROGRESS = "in_progress"
CLOSED = "closed"
DOUBTFUL = "doubtful"
WITHHELD = "withheld"
WITHDRAWN = "withdrawn"
MERGED = "merged"
LAPSED = "lapsed"
EXCLUDED = "excluded"
JOINED = "joined"

TRANSITIONS: dict[tuple[str, str], str] = {
    (OPENED, ROUTED): "a wijkteam serves the area",
    (ROUTED, OPENED): "the evidence changed or no team serves the area any more: route again",
    (ROUTED, REVEALED): "the opener confirmed the persons and a worklist was handed over",
    (ROUTED, IN_PROGRESS): "confirmed again, or merged with one that was shown, after contact was sought",
    (ROUTED, DOUBTFUL): "the opener cannot tell: the data steward decides",
    (ROUTED, WITHHELD): "different persons, or the rule is not met by what was confirmed",
    (ROUTED, EXCLUDED): "the household is on the exclusion list",
    (REVEALED, EXCLUDED): "put on the exclusion list since: the team hears that no visit is needed",
    (IN_PROGRESS, EXCLUDED): "put on the exclusion list since: the team hears that no visit is needed",
    (ROUTED, JOINED): "a household that was shown in another month: its case goes on, no new visit",
    (JOINED, OPENED): "the evidence changed: route and confirm again",
    (JOINED, WITHDRAWN): "the rule is no longer met",
    (JOINED, MERGED): "another, earlier case turned out to be the same",
    (DOUBTFUL, ROUTED): "the data steward accepted, or the evidence changed",
    (DOUBTFUL, WITHHELD): "the data steward rejected",
    (WITHHELD, OPENED): "the evidence changed: route and confirm again",
    (EXCLUDED, OPENED): "the evidence changed: route and confirm again",
    (REVEALED, IN_PROGRESS): "a first attempt was recorded, of it or of a case that merged into it",
    (REVEALED, CLOSED): "an end result was recorded, or nothing for too long",
    (IN_PROGRESS, REVEALED): "its only attempt was written down by mistake",
    (IN_PROGRESS, CLOSED): "an end result was recorded, or nothing for too long",
    (CLOSED, IN_PROGRESS): "a team took the end result back, or the arrears rose",
    (OPENED, WITHDRAWN): "the rule is no longer met",
    (ROUTED, WITHDRAWN): "the rule is no longer met",
    (DOUBTFUL, WITHDRAWN): "the rule is no longer met",
    (WITHHELD, WITHDRAWN): "the rule is no longer met",
    (EXCLUDED, WITHDRAWN): "the rule is no longer met",
    (WITHDRAWN, OPENED): "the rule is met again",
    (OPENED, MERGED): "another, earlier case turned out to be the same",
    (ROUTED, MERGED): "another, earlier case turned out to be the same",
    (DOUBTFUL, MERGED): "another, earlier case turned out to be the same",
    (WITHHELD, MERGED): "another, earlier case turned out to be the same",
    (EXCLUDED, MERGED): "another, earlier case turned out to be the same",
    (REVEALED, MERGED): "another, earlier case turned out to be the same",
    (IN_PROGRESS, MERGED): "another, earlier case turned out to be the same",
    (CLOSED, MERGED): "another, earlier case turned out to be the same",
    (WITHDRAWN, MERGED): "another, earlier case turned out to be the same",
    (MERGED, OPENED): "a correction took the cases apart again",
    (OPENED, LAPSED): "its term ended before it could be shown",
    (ROUTED, LAPSED): "its term ended before it could be shown",
    (DOUBTFUL, LAPSED): "its term ended before the steward decided",
}
STATES: tuple[str, ...] = (
    OPENED,
    ROUTED,
    REVEALED,
    IN_PROGRESS,
    CLOSED,
    DOUBTFUL,
    WITHHELD,
    WITHDRAWN,
    MERGED,
    LAPSED,
    EXCLUDED,
    JOINED,
)
SHOWN_STATES = (REVEALED, IN_PROGRESS)
SEEN_STATES = (REVEALED, IN_PROGRESS, CLOSED)

MOVED = "move_case"
"""The journal's word for a case that becomes closed or stops being so, with its new state as the result. Whoever
makes such a change writes it: the opener believes this word and no other of a case that was closed."""

MARK_RETRACTED = "retracted"

JOINED_RUNNING = "RUNNING_CASE"
JOINED_ROSE = "ARREARS_ROSE"
JOINED_REPEAT = "REPEAT"
JOIN_REASONS = (JOINED_RUNNING, JOINED_ROSE, JOINED_REPEAT)
"""Why a case joined another: that one runs, it was closed and the arrears rose, or nothing rose."""

LANE_MATCHED = "matched"
LANE_CRISIS = "crisis"
LANE_REPEAT = "repeat"
"""Known only after opening: the household was reported again in a later month."""

EVIDENCE_PERSON = "person"
EVIDENCE_HOUSEHOLD = "household"
EVIDENCE_REVIEWED = "reviewed"

GROUND_RULE = "rule"
GROUND_RUNNING = "running"
GROUND_WITHDRAWAL = "withdrawal"
GROUND_SUBJECT = "subject"
GROUND_DDAS = "ddas"

VERDICT_CONFIRMED = "confirmed"
VERDICT_DOUBTFUL = "doubtful"
VERDICT_WITHHELD = "withheld"
VERDICT_EXCLUDED = "excluded"

SIGNAL_REFUSED = "SIGNAL_REFUSED"
"""Why a case is withheld of which a contact did not hold: sealed anew it is asked again."""

UNREAD_REASONS = ("KEY_MISSING", SIGNAL_REFUSED)
"""Why a case is withheld whose contacts did not open: that says nothing of its persons, nor of the rule."""

JOINS_NEXT = "JOINS_NEXT"
"""Why a case is withheld whose household stands on a list for the first time today: it joins that one tomorrow."""

KEY_REVOKED = "KEY_REVOKED"
"""Why a shown case was taken off its team's list: a partner's key was revoked, and the rest does not meet the
rule. Sealed anew it is asked again."""


def opens_or_closes(before: str, after: str) -> bool:
    """Whether a case becomes closed or stops being so, and the journal must say MOVED."""
    return (before == CLOSED) != (after == CLOSED)


def check_transition(before: str, after: str) -> None:
    """Allow a state change that the table knows.

    Raises:
        Refused: NOT_ALLOWED_NOW.
    """
    if before != after and (before, after) not in TRANSITIONS:
        raise Refused("NOT_ALLOWED_NOW", "state", hint=f"({before} → {after})")
