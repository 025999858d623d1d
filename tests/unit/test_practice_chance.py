"""Draws depend on seed, name and id, and on nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from pipeline.practice.chance import Chance

IDS = np.arange(20_000, dtype=np.int64)


def test_draw_of_one_id_does_not_depend_on_the_others() -> None:
    """Who is drawn for beside an id changes nothing for that id."""
    whole = Chance(7).uniform("name", IDS)
    assert whole[[4, 19, 3]].tolist() == Chance(7).uniform("name", np.array([4, 19, 3])).tolist()


@pytest.mark.parametrize("other", [Chance(8).uniform("name", IDS), Chance(7).uniform("eman", IDS)])
def test_another_seed_or_name_draws_anew(other: np.ndarray) -> None:
    """Two seeds, and two names under one seed, have nothing to do with one another."""
    drawn = Chance(7).uniform("name", IDS)
    assert abs(np.corrcoef(drawn, other)[0, 1]) < 0.03


def test_draws_are_even() -> None:
    """Tenths of the range are hit equally often, and whole numbers reach both ends."""
    counts = np.histogram(Chance(7).uniform("name", IDS), bins=10, range=(0, 1))[0]
    assert counts.min() > 1_850
    assert counts.max() < 2_150
    assert {3, 4, 5} == set(Chance(7).whole("small", 3, 5, IDS).tolist())


def test_pick_follows_the_weights() -> None:
    """A weight of zero is never picked and a weight of three three times as often as one."""
    counts = np.bincount(Chance(7).pick("which", (1, 0, 3), IDS), minlength=3)
    assert counts[1] == 0
    assert 2.8 < counts[2] / counts[0] < 3.2


def test_draws_do_not_hang_on_the_hash_seed_of_the_interpreter() -> None:
    """Another process with another PYTHONHASHSEED draws the same numbers."""
    program = (
        "from pipeline.practice.chance import Chance\n"
        "import numpy as np\n"
        "print(Chance(7).whole('x', 0, 10**9, np.arange(3)))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for hash_seed in ("0", "1")
    }
    assert len(seen) == 1
