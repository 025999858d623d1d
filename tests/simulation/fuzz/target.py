"""What every target of the fuzzer is, and how an answer of the code under test is told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pipeline.vocabulary.faults import FAULTS, Refused, RowFault
from tests.simulation.fuzz.mutations import Chance

REFUSED = "refused"
UNCHANGED = "unchanged"
ACCEPTED = "accepted"

Parts = dict[str, bytes]
_TELLING = ("kanarie", "canarie")


class WrongAdmissionError(Exception):
    """Something was accepted that must not be."""


class LeakError(Exception):
    """A refusal holds something of the input."""


@dataclass(frozen=True)
class Target:
    """One reader.

    Attributes:
        name: of the target.
        inputs: how many of them `make fuzz` makes.
        good: what is good about it, made once per process.
        make: (good, chance) → the parts of one input.
        judge: (good, parts) → REFUSED, UNCHANGED or ACCEPTED; raises Refused for a refusal of the whole.
        is_child: in production this code runs in a child with limits; its end is the end of one file, no crash.
        is_through_child: the real child is started, for each input.
    """

    name: str
    inputs: int
    good: Callable[[], Any]
    make: Callable[[Any, Chance], Parts]
    judge: Callable[[Any, Parts], str]
    is_child: bool = False
    is_through_child: bool = False

    def goods(self) -> Any:
        """What is good, made once."""
        return _made(self)

    def input_of(self, seed: int, number: int) -> Parts:
        """The input of this number: always the same."""
        return self.make(self.goods(), Chance(f"{seed}/{self.name}/{number}"))

    def answer_to(self, parts: Parts) -> str:
        """What the code says to an input.

        Raises:
            WrongAdmissionError, LeakError: it is wrong. Anything else that is no Refused: a crash.
        """
        try:
            return self.judge(self.goods(), parts)
        except Refused as refusal:
            look_for_leak([refusal.as_row_fault()], refusal.hint, str(refusal), refusal.next_step)
            return REFUSED


@lru_cache(maxsize=4)
def _made(target: Target) -> Any:
    return target.good()


def look_for_leak(faults: Iterable[RowFault], *texts: str) -> None:
    """A refusal names code, column, row: nothing of what stood in a value."""
    faults = list(faults)
    unknown = {fault.code for fault in faults} - set(FAULTS)
    if unknown:
        raise WrongAdmissionError("a fault code that no table knows")
    said = repr(faults).lower() + " ".join(texts).lower()
    if any(word in said for word in _TELLING):
        raise LeakError("a value of the input stands in a refusal")


def expect(holds: bool, what: str) -> None:
    """Say what was wrongly admitted."""
    if not holds:
        raise WrongAdmissionError(what)
