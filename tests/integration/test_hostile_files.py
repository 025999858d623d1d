"""What partners and teams can put into a file: every input that broke a reader once, and a sample of new ones."""

from __future__ import annotations

import pytest

from tests.simulation.fuzz.target import Parts, Target
from tests.simulation.fuzz.targets import TARGETS, corpus
from tests.simulation.fuzz.workers import FINDS, answer_of, answer_to

SEED = 2026
SAMPLE = 40
IN_PROCESS = [target for target in TARGETS if not target.is_through_child]


@pytest.mark.parametrize(
    ("target", "fault", "parts"), [pytest.param(*one, id=f"{one[0].name}-{one[1]}") for one in corpus()]
)
def test_what_broke_a_reader_once_is_refused_now(target: Target, fault: str, parts: Parts) -> None:
    """No crash, nothing wrongly admitted, no value in a refusal."""
    assert "" == answer_to(target, lambda: parts)[1]


@pytest.mark.parametrize("target", IN_PROCESS, ids=[target.name for target in IN_PROCESS])
def test_hostile_input_is_refused_or_good(target: Target) -> None:
    """Whatever stands in a file: refused with a code and no value, or admitted and good by a second reader."""
    found = [(number, *answer_of(target, SEED, number)) for number in range(SAMPLE)]
    assert [] == [one for one in found if one[1] in FINDS]
