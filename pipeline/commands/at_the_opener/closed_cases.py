"""Closed is closed: what the journal says last of a case goes before the state that the store gives it.

Who can write to the store can call a closed case running, and a running case is not asked for the rule. A line of
the journal cannot be taken back or changed unseen, and each way into and out of `closed` writes one, the same word
for all: an end result and one that was taken back, months without a word, higher arrears, one met again, a merge.
What else is journalled of a case says in which state it was found, and it was found in the store. A line that is
forged for it stands there for good.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.commands.at_the_opener.answered_cases import Answered, Asked
from pipeline.commands.wiring import Run
from pipeline.store import journal
from pipeline.vocabulary.case import CLOSED, MOVED

REFUSE_CASE = "refuse_case"
CASE_CLOSED = "CASE_CLOSED"


def closed_by_journal(run: Run, batch: Sequence[Asked], answered: Answered) -> set[str]:
    """The cases that the journal says are closed, but for what this very order takes up again."""
    last = journal.last_results(run.store, [asked.case_id for asked in batch], (MOVED,))
    return {case_id for case_id, result in last.items() if result == CLOSED} - set(answered.reopened())
