"""Deliveries in (aanleveringen): admitted or refused, each with a receipt.

Starts as soon as a complete delivery lies in `inbox/deliveries/`, and each day at 05:00 for what was left.

- `find_deliveries`: which deliveries wait, per gemeente.
- `admit`: one square per delivery, named after it. **Green** means judged, and that may be a refusal: read
  `outbox/receipts/<delivery>/receipt.json`, or `samenloop status`.
- `tell_match`: **pink** (skipped) means nothing new to match.
- `wait_for_partners`: only in the daily run, which waits until every partner has delivered last month. **Pink** in
  the evening means that somebody has not.

**Deadline 12:00.** Who has not delivered by the agreed working day stands in the journal as `partner_late`.

**Red** shows a code; other deliveries went on. Mend it, then *Clear* the task: twice is the same as once.

**Another day:** *Trigger*, with `date`. **A month**, day by day:
`airflow backfill create --dag-id admit_deliveries --from-date A --to-date B`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import AssetOrTimeSchedule, DeadlineAlert, DeadlineReference, SyncCallback, dag, task
from samenloop_flow import (
    ADMIT_CRON,
    COMMON,
    INBOX,
    SIGNALS,
    WRITERS,
    announce,
    counts_of,
    daily,
    in_each,
    is_daily_run,
    is_there,
)


@dag(
    schedule=AssetOrTimeSchedule(timetable=daily(ADMIT_CRON), assets=[INBOX]),
    deadline=DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(hours=7),
        callback=SyncCallback("samenloop_alarms.partners_are_late"),
        name="A partner has not delivered",
    ),
    description="A delivery arrived: admitted or refused, with a receipt",
    doc_md=__doc__,
    **COMMON | {"max_active_runs": 4},  # the daily run may be waiting for partners while others admit
)
def admit_deliveries() -> None:
    """The tasks and their order."""

    @task
    def find_deliveries() -> list[dict[str, str]]:
        from pipeline.commands.admit import pending_deliveries

        return in_each(pending_deliveries, "delivery")

    @task(pool=WRITERS, map_index_template="{{ label }}")
    def admit(gemeente: str, delivery: str) -> dict[str, int]:
        from pipeline.commands.admit import admit_delivery

        return counts_of(admit_delivery, gemeente, delivery)

    @task(outlets=[SIGNALS], trigger_rule="all_done")
    def tell_match() -> None:
        from pipeline.commands.match import touched_months

        announce(SIGNALS, is_there(touched_months))

    @task.sensor(mode="reschedule", poke_interval=900, timeout=16 * 3600, soft_fail=True)
    def wait_for_partners() -> bool:
        from pipeline.commands.deadlines import late_partners

        return not is_daily_run() or not is_there(late_partners)

    admit.expand_kwargs(find_deliveries()) >> tell_match().as_teardown(on_failure_fail_dagrun=False)
    wait_for_partners()


admit_deliveries()
