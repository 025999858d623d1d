"""Every target, and the inputs that found something once: these are tried first, in every run of the tests."""

from __future__ import annotations

from pathlib import Path

from tests.simulation.fuzz import deliveries, documents, inboxes, partners
from tests.simulation.fuzz.target import Parts, Target

TARGETS: tuple[Target, ...] = (
    *deliveries.TARGETS,
    *partners.TARGETS,
    *documents.TARGETS,
    *inboxes.TARGETS,
)
CORPUS = Path(__file__).parent / "corpus"


def by_name(name: str) -> Target:
    """The target of this name."""
    return next(target for target in TARGETS if target.name == name)


def corpus() -> list[tuple[Target, str, Parts]]:
    """(target, what was wrong once, input), kept as corpus/<target>/<what was wrong>/<part>."""
    return [
        (by_name(folder.parent.name), folder.name, {part.name: part.read_bytes() for part in folder.iterdir()})
        for folder in sorted(CORPUS.glob("*/*"))
    ]
