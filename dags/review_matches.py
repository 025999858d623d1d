"""Doubtful matches (twijfelgevallen): the data steward decides, case by case, here instead of at a command line.

Each working morning at 07:15, after the worklists, every case that waits is asked about. Open the run and choose
*Required Actions*: per field you see what is equal, similar, different or unknown, never what it says.

- `find_doubts`: the cases that wait, per gemeente.
- `ask`: one square per case. It waits for your answer. No answer within 20 hours, or *Later*: nothing changes, and
  the case is asked about again on the next working day. **Pink** (skipped): decided elsewhere, or changed since.
- `keep_answer`: keeps your decision in your name. Accepted: the case is on the next worklist. Rejected: nobody
  sees it. `samenloop review` does the same.

**Red** shows a code. `CASE_NOT_DOUBTFUL` or `EVIDENCE_CHANGED`: somebody was first, or signals changed while you
looked; there is nothing to mend.

**Another day:** *Trigger*, with `date`.
"""

from __future__ import annotations

from functools import partial

from airflow.sdk import dag, task, task_group
from samenloop_flow import COMMON, WRITERS, counts_of, daily, in_each
from samenloop_steward import AskSteward


@dag(
    schedule=daily("15 7 * * 1-5"),
    description="Each working morning: the steward decides on doubtful matches",
    doc_md=__doc__,
    **COMMON,
)
def review_matches() -> None:
    """The tasks and their order."""

    @task
    def find_doubts() -> list[dict[str, str]]:
        from pipeline.commands.doubtful_cases import doubt_references

        return in_each(doubt_references, "doubt")

    @task_group
    def one_case(gemeente: str, doubt: str) -> None:
        @task(pool=WRITERS, map_index_template="{{ label }}")
        def keep_answer(gemeente: str, doubt: str, reply: dict[str, str]) -> dict[str, int]:
            from pipeline.commands.doubtful_cases import answer

            return counts_of(partial(answer, **reply), gemeente, doubt)

        ask = AskSteward(task_id="ask", gemeente=gemeente, doubt=doubt, map_index_template="{{ label }}")
        keep_answer(gemeente, doubt, ask.output)

    one_case.expand_kwargs(find_doubts())


review_matches()
