"""Closed is closed: what the journal says last of a case goes before the state that the store gives it.

Who can write to the store can call a closed case running, and a running case is not asked for the rule. A line of
the journal cannot be taken back or changed unseen, and each way out of `closed` writes one: a corrected result, a
household that was reported with higher arrears, a merge. A line that is forged for it stands there for good.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.commands.at_the_opener.answered_cases import Answered, Asked
from pipeline.commands.wiring import Run
from pipeline.store import journal
from pipeline.vocabulary.case import CLOSED

REFUSE_CASE = "refuse_case"
CASE_CLOSED = "CASE_CLOSED"
_MOVES = ("move_case", "reopen_case", "merge_case")


def closed_by_journal(run: Run, batch: Sequence[Asked], answered: Answered) -> set[str]:
    """The cases that the journal says are closed, but for what this very order takes up again."""
    last = journal.last_results(run.store, [asked.case_id for asked in batch], _MOVES)
    return {case_id for case_id, result in last.items() if result == CLOSED} - set(answered.reopened())
