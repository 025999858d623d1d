"""The commands that a person gives, beside those of every day, as the command line calls them.

A person reads what a command says. One that is given again may be refused, for it was done already (the case is
decided, the database is not empty): that is as good as done when the state is the same. Before a key is rotated
once more, a person looks in the directory whether the former attempt came through: it is the one command that by
its nature does more when it is given twice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from pipeline.commands import restore as restoring
from pipeline.commands.backup import SUFFIX, backup
from pipeline.commands.console import Outcome
from pipeline.commands.deliveries import release
from pipeline.commands.doubtful_cases import decide
from pipeline.commands.erasing.subject_erasing import erase
from pipeline.commands.key_keeping.key_making import ADMISSION
from pipeline.commands.key_keeping.keys_rotate import rotate_municipality
from pipeline.commands.subject import named
from pipeline.commands.wiring import Run, open_run
from pipeline.store import subjects, tables
from pipeline.vocabulary.review import ACCEPTED
from tests.simulation.region import (
    BACK_UP,
    DECEMBER,
    DOUBTFUL_SIGNAL,
    ERASE,
    ERASED_SIGNAL,
    RELEASE,
    RESTORE,
    REVIEW,
    ROTATE,
    Day,
)

ACTOR = "steward"


def give(step: str, home: Path, media: Path, day: Day) -> Outcome:
    """Give one of these commands."""
    if step == RESTORE:
        restoring.open_run = partial(open_run, now=day.now)  # type: ignore[attr-defined]
        (file,) = media.glob(f"*{SUFFIX}")
        return restoring.restore(home, file, None, day.on, ACTOR)
    with open_run(home, day.on, ACTOR, day.now) as run:
        if step == BACK_UP:
            return backup(run, media)
        return _COMMANDS[step](run)


def _accept(run: Run) -> Outcome:
    of = tables.case_signals
    (row,) = run.store.all(sa.select(of.c.case_id).where(of.c.signal_id == DOUBTFUL_SIGNAL))
    return decide(run, row["case_id"], ACCEPTED, "CALLING_NAME")


def _rotate(run: Run) -> Outcome:
    if any(key.kind == ADMISSION and key.valid_from == run.today for key in run.directory.keys):
        return Outcome("keys show")
    return rotate_municipality(run.home.path, ADMISSION, None, None, run.today)


def _erase(run: Run) -> Outcome:
    names = named(run, [ERASED_SIGNAL], None)
    cases = [str(case["case_id"]) for case in subjects.cases_holding(run.store, names)]
    return erase(run, names | subjects.confirmed_in_cases(run.store, cases))  # what the opener would tell


_COMMANDS: dict[str, Callable[[Run], Outcome]] = {
    RELEASE: lambda run: release(run, f"water-a_{DECEMBER}_0001"),
    REVIEW: _accept,
    ROTATE: _rotate,
    ERASE: _erase,
}
