"""Figures (monitor): a new read-only analytics.duckdb and the report.

Starts when worklists were handed over or outcomes came in, and each evening at 21:00.

- `publish`: one square per gemeente. `analytics.duckdb` is replaced in one go; whoever has the old file open goes
  on reading it.
- `report`: one square per gemeente. The monitor pages in `reports/` that are new or changed.

**Red** shows a code; other municipalities went on. Mend it, then *Clear* the task: twice is the same as once.

**Another day:** *Trigger*, with `date`. **A month**, day by day:
`airflow backfill create --dag-id publish_analytics --from-date A --to-date B`.
"""

from __future__ import annotations

from airflow.sdk import AssetOrTimeSchedule, dag, task, task_group
from samenloop_flow import COMMON, OUTCOMES, WORKLISTS, WRITERS, counts_of, daily, municipalities


@dag(
    schedule=AssetOrTimeSchedule(timetable=daily("0 21 * * *"), assets=(WORKLISTS | OUTCOMES)),
    description="A new read-only analytics.duckdb and the monitor report",
    doc_md=__doc__,
    **COMMON,
)
def publish_analytics() -> None:
    """The tasks and their order."""

    @task
    def find_municipalities() -> list[str]:
        return municipalities()

    @task_group
    def one_municipality(gemeente: str) -> None:
        @task(pool=WRITERS, map_index_template="{{ label }}")
        def publish(gemeente: str) -> dict[str, int]:
            from pipeline.commands.publish import publish

            return counts_of(publish, gemeente)

        @task(pool=WRITERS, map_index_template="{{ label }}")
        def report(gemeente: str) -> dict[str, int]:
            from pipeline.commands.report import report

            return counts_of(report, gemeente)

        publish(gemeente) >> report(gemeente)

    one_municipality.expand(gemeente=find_municipalities())


publish_analytics()
