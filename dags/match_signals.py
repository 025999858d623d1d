"""Signals together (matchen): cases opened, extended or withdrawn.

Starts when new signals were admitted, and each day at 05:45 for what was left. Nobody has a name here: tokens are
compared, per gemeente and per month.

- `find_months`: the months whose signals changed.
- `match`: one square per gemeente and month. Its name tells how many cases were opened, changed, withdrawn.
- `tell_reveal`: **pink** (skipped) means no case changed.

**Red** shows a code; other months went on. Mend it, then *Clear* the task: twice is the same as once.

**Another day:** *Trigger*, with `date`. **A month**, day by day:
`airflow backfill create --dag-id match_signals --from-date A --to-date B`.
"""

from __future__ import annotations

from airflow.sdk import AssetOrTimeSchedule, dag, task
from samenloop_flow import CASES, COMMON, SIGNALS, WRITERS, announce, came_back, counts_of, daily, in_each


@dag(
    schedule=AssetOrTimeSchedule(timetable=daily("45 5 * * *"), assets=[SIGNALS]),
    description="Signals changed: cases opened, extended or withdrawn",
    doc_md=__doc__,
    **COMMON,
)
def match_signals() -> None:
    """The tasks and their order."""

    @task
    def find_months() -> list[dict[str, str]]:
        from pipeline.commands.match import touched_months

        return in_each(touched_months, "month")

    @task(pool=WRITERS, map_index_template="{{ label }}")
    def match(gemeente: str, month: str) -> dict[str, int]:
        from pipeline.commands.match import match_month

        return counts_of(match_month, gemeente, month)

    @task(outlets=[CASES], trigger_rule="all_done")
    def tell_reveal() -> None:
        from pipeline.commands.work_found import has_changed_cases

        announce(CASES, any(has_changed_cases(counts) for counts in came_back("match")))

    match.expand_kwargs(find_months()) >> tell_reveal().as_teardown(on_failure_fail_dagrun=False)


match_signals()
