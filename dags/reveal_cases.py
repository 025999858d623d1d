"""Worklists (werklijsten): cases opened for one team and handed over.

Each working morning at 06:00; nothing on a weekend or public holiday. With `SAMENLOOP_REVEAL_ON=change` also as
soon as a case changes, on any day.

- `route`: cases go to their wijkteam. What cannot be routed stands in `samenloop status`.
- `order_worklists`: files an order. **Pink** (skipped): no working day, or nothing changed since the last list.
- `wait_for_opener`: the opener, a service of its own, opens the contacts and writes the lists. Airflow has no key
  to them. It keeps waiting? Then start `samenloop opener`; nothing is lost.
- `tell_publish`: **pink** means no new worklist.

**Deadline 07:00.** A list that is late stands in the journal as `worklist_late`.

**Red** shows a code; other municipalities went on. Mend it, then *Clear* the task: twice is the same as once.

**Another day:** *Trigger*, with `date`. **A month**, day by day:
`airflow backfill create --dag-id reveal_cases --from-date A --to-date B`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import (
    AssetOrTimeSchedule,
    DeadlineAlert,
    DeadlineReference,
    PokeReturnValue,
    SyncCallback,
    dag,
    task,
    task_group,
)
from samenloop_flow import (
    CASES,
    COMMON,
    REVEAL_ON_CHANGE,
    WORKLISTS,
    WRITERS,
    announce,
    came_back,
    counts_of,
    daily,
    municipalities,
    some,
    step,
)

MORNING = daily("0 6 * * 1-5")


@dag(
    schedule=AssetOrTimeSchedule(timetable=MORNING, assets=[CASES]) if REVEAL_ON_CHANGE else MORNING,
    deadline=DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(hours=1),
        callback=SyncCallback("samenloop_alarms.worklists_are_late"),
        name="The worklist is late",
    ),
    description="Each working morning: cases opened and handed over as worklists",
    doc_md=__doc__,
    **COMMON,
)
def reveal_cases() -> None:
    """The tasks and their order."""

    @task
    def find_municipalities() -> list[str]:
        return municipalities()

    @task_group
    def one_municipality(gemeente: str) -> None:
        @task(pool=WRITERS, map_index_template="{{ label }}")
        def route(gemeente: str) -> dict[str, int]:
            from pipeline.commands.reveal import route

            return counts_of(route, gemeente)

        @task(pool=WRITERS, map_index_template="{{ label }}")
        def order_worklists(gemeente: str) -> str:
            from pipeline.commands.reveal import order_worklists

            return some(step(order_worklists, gemeente))

        @task.sensor(mode="reschedule", poke_interval=5, timeout=4 * 3600, map_index_template="{{ label }}")
        def wait_for_opener(gemeente: str, order: str) -> PokeReturnValue:
            from pipeline.commands.reveal import order_is_done

            return PokeReturnValue(step(order_is_done, gemeente, order), xcom_value=order)

        order = order_worklists(gemeente)
        route(gemeente) >> order
        wait_for_opener(gemeente, order)

    @task(outlets=[WORKLISTS], trigger_rule="all_done")
    def tell_publish() -> None:
        announce(WORKLISTS, bool(came_back("one_municipality.wait_for_opener")))

    one_municipality.expand(gemeente=find_municipalities()) >> tell_publish().as_teardown(
        on_failure_fail_dagrun=False
    )


reveal_cases()
