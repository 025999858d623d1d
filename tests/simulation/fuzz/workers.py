"""Fresh processes that take inputs of one target, watched from outside: what ends or stops one is known by number.

A worker reports each input before the next one begins, so an abort, a lack of memory or a hang is laid at the door
of the input that caused it; the work goes on behind it in another process.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.simulation.fuzz.target import LeakError, Target, WrongAdmissionError

CRASH = "crash"
WRONG = "wrong admission"
LEAK = "leak"
CHILD_ENDED = "child ended"
TOO_SLOW = "too slow"
TOO_MUCH_MEMORY = "too much memory"
FINDS = (CRASH, WRONG, LEAK, TOO_SLOW, TOO_MUCH_MEMORY)

# Of the worker as a whole, libraries included; the real child has less.
MOST_MEMORY_BYTES = 1 << 30
_MOST_ADDRESS_BYTES = 8 << 30
_LONGEST_SECONDS = 90


@dataclass
class Result:
    """What came of a chunk: outcomes, finds as (number, kind, what), most memory in kB, and of the children."""

    outcomes: Counter[str] = field(default_factory=Counter)
    finds: list[tuple[int, str, str]] = field(default_factory=list)
    memory_kb: int = 0
    child_memory_kb: int = 0


def answer_of(target: Target, seed: int, number: int) -> tuple[str, str]:
    """(outcome, what was found) of one input."""
    return answer_to(target, lambda: target.input_of(seed, number))


def answer_to(target: Target, make: Callable[[], dict[str, bytes]]) -> tuple[str, str]:
    """The same of an input that is still to be made."""
    try:
        return target.answer_to(make()), ""
    except WrongAdmissionError as wrong:
        return WRONG, str(wrong)
    except LeakError as leak:
        return LEAK, str(leak)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return CRASH, told(error)


def told(error: BaseException) -> str:
    """Kind and place of an error, without its message: that may quote the input."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/pipeline/" in frame.filename]
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-3:])]
    return f"{type(error).__name__} at {' < '.join(places) or 'the harness'}"


def run_chunk(name: str, seed: int, start: int, stop: int, advance: Callable[[int], None]) -> Result:
    """Work through the inputs from `start` up to `stop`, in as many processes as it takes."""
    from tests.simulation.fuzz import targets

    target = targets.by_name(name)
    result = Result()
    context = multiprocessing.get_context("spawn")
    while start < stop:
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(theirs, name, seed, start, stop), daemon=True)
        worker.start()
        theirs.close()
        start = _listen(ours, worker, target, result, start, advance)
    return result


def _listen(
    pipe: Connection, worker: Any, target: Target, result: Result, start: int, advance: Callable[[int], None]
) -> int:
    """Take what a worker tells until it ends; the number at which the next one begins."""
    number, is_ready, end = start, False, TOO_SLOW
    try:
        while pipe.poll(_LONGEST_SECONDS):
            told_ = pipe.recv()
            if told_[0] == "ready":
                is_ready = True
                continue
            if told_[0] == "end":
                result.memory_kb = max(result.memory_kb, told_[1])
                result.child_memory_kb = max(result.child_memory_kb, told_[2])
                worker.join()
                return number
            _, outcome, what = told_
            result.outcomes[outcome] += 1
            if outcome in FINDS:
                result.finds.append((number, outcome, what))
            number += 1
            advance(1)
    except EOFError:
        end = CRASH
    worker.kill()
    worker.join()
    if not is_ready:
        raise RuntimeError(f"the worker of {target.name} does not start")
    outcome = CHILD_ENDED if target.is_child else end
    result.outcomes[outcome] += 1
    if outcome in FINDS:
        result.finds.append((number, outcome, f"the process ended with {worker.exitcode}"))
    advance(1)
    return number + 1


def _work(pipe: Connection, name: str, seed: int, start: int, stop: int) -> None:
    os.environ["POLARS_MAX_THREADS"] = "1"
    from tests.simulation.fuzz import targets

    target = targets.by_name(name)
    target.goods()
    quiet = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(quiet, stream)
    if not target.is_through_child:
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_ADDRESS_BYTES, _MOST_ADDRESS_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pipe.send(("ready",))
    for number in range(start, stop):
        outcome, what = answer_of(target, seed, number)
        if not target.is_child and _memory_kb(resource.RUSAGE_SELF) << 10 > MOST_MEMORY_BYTES:
            pipe.send(("done", TOO_MUCH_MEMORY, "of the process"))
            sys.exit(1)
        pipe.send(("done", outcome, what))
    pipe.send(("end", _memory_kb(resource.RUSAGE_SELF), _memory_kb(resource.RUSAGE_CHILDREN)))


def _memory_kb(who: int) -> int:
    return resource.getrusage(who).ru_maxrss
