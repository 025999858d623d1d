"""Deletion (bewaartermijnen): what is due is deleted, and proven.

Each day at 04:00. Whatever has passed its term in the agreement is deleted; the proof stands in `reports/`.

- `retire`: one square per gemeente. Its name tells how many of each kind were deleted.

**Red** shows a code; other municipalities went on. Mend it, then *Clear* the task: twice is the same as once.

**Another day:** *Trigger*, with `date`. **A month**, day by day:
`airflow backfill create --dag-id retire_records --from-date A --to-date B`.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from samenloop_flow import COMMON, WRITERS, counts_of, daily, municipalities


@dag(
    schedule=daily("0 4 * * *"),
    description="Daily: what is due is deleted, and proven",
    doc_md=__doc__,
    **COMMON,
)
def retire_records() -> None:
    """The tasks and their order."""

    @task
    def find_municipalities() -> list[str]:
        return municipalities()

    @task(pool=WRITERS, map_index_template="{{ label }}")
    def retire(gemeente: str) -> dict[str, int]:
        from pipeline.commands.retire import retire

        return counts_of(retire, gemeente)

    retire.expand(gemeente=find_municipalities())


retire_records()
