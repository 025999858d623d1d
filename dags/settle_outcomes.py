"""What came of it (opvolging en terugkoppeling): case states on, feedback out to partners.

Starts when a wijkteam returns a list in `inbox/follow_up/`, and each day at 05:30, before the new worklists.

- `settle`: one square per gemeente. Attempts and results are recorded; feedback lies in `outbox/feedback/`.
- `tell_publish`: **pink** (skipped) means nothing came in.

**Red** shows a code; other municipalities went on. Mend it, then *Clear* the task: twice is the same as once.

**Another day:** *Trigger*, with `date`. **A month**, day by day:
`airflow backfill create --dag-id settle_outcomes --from-date A --to-date B`.
"""

from __future__ import annotations

from airflow.sdk import AssetOrTimeSchedule, dag, task
from samenloop_flow import (
    COMMON,
    FOLLOW_UP,
    OUTCOMES,
    WRITERS,
    announce,
    came_back,
    counts_of,
    daily,
    municipalities,
)


@dag(
    schedule=AssetOrTimeSchedule(timetable=daily("30 5 * * *"), assets=[FOLLOW_UP]),
    description="Follow-up in, case states on; feedback out to partners",
    doc_md=__doc__,
    **COMMON,
)
def settle_outcomes() -> None:
    """The tasks and their order."""

    @task
    def find_municipalities() -> list[str]:
        return municipalities()

    @task(pool=WRITERS, map_index_template="{{ label }}")
    def settle(gemeente: str) -> dict[str, int]:
        from pipeline.commands.settle import settle

        return counts_of(settle, gemeente)

    @task(outlets=[OUTCOMES], trigger_rule="all_done")
    def tell_publish() -> None:
        from pipeline.commands.work_found import has_new_outcomes

        announce(OUTCOMES, any(has_new_outcomes(counts) for counts in came_back("settle")))

    settle.expand(gemeente=find_municipalities()) >> tell_publish().as_teardown(on_failure_fail_dagrun=False)


settle_outcomes()
