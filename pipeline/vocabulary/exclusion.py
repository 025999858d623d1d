"""Why a household must not be shown: the reasons of the municipality's list and of the population register."""

from __future__ import annotations

KNOWN = "KNOWN_TO_DEBT_HELP"
DECEASED = "DECEASED"
MOVED = "MOVED_AWAY"
UNSAFE = "UNSAFE"
OBJECTION = "OBJECTION"
REASONS = (OBJECTION, DECEASED, UNSAFE, KNOWN, MOVED)
"""Of several reasons the first counts."""

WRITTEN_REASONS = {
    "bezwaar": OBJECTION,
    "overleden": DECEASED,
    "onveilig": UNSAFE,
    "bekend_bij_schuldhulp": KNOWN,
    "verhuisd": MOVED,
}
"""The words that the municipality writes in its list."""
