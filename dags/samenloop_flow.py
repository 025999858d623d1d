"""What the DAGs share: the assets that chain them, the day of a run, and how a refusal looks to a steward.

A run's day is the date the steward gave, else the day that the triggering run worked on, else the local day of the
logical date where a hand or a backfill chose it, else today: a scheduled run that starts late works for the day on
which it starts, so that no worklist is dated on a day when nobody saw it. A refusal fails its own task with a code
and is never tried again; a fault of ours is, and shows where in the code it arose, not what it said: messages of
libraries quote values.
"""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pendulum
from airflow.sdk import Asset, AssetWatcher, CronTriggerTimetable, Param, get_current_context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from samenloop_inbox import InboxTrigger

if TYPE_CHECKING:
    from pipeline.commands.console import Outcome
    from pipeline.commands.wiring import Run

Result = TypeVar("Result")
log = logging.getLogger("samenloop")

ZONE = "Europe/Amsterdam"
WRITERS = "samenloop_writers"
HOMES = [home for home in os.environ.get("SAMENLOOP_HOMES", "").split(os.pathsep) if home] or [
    os.environ.get("SAMENLOOP_HOME", "var")
]
REVEAL_ON_CHANGE = os.environ.get("SAMENLOOP_REVEAL_ON", "working-morning") == "change"
ADMIT_CRON = os.environ.get("SAMENLOOP_ADMIT_SCHEDULE", "0 5 * * *")
INBOX_SECONDS = float(os.environ.get("SAMENLOOP_INBOX_SECONDS", "10"))


def _inbox(name: str, pattern: str) -> Asset:
    trigger = InboxTrigger(homes=HOMES, pattern=pattern, seconds=INBOX_SECONDS)
    return Asset(f"samenloop_{name}", watchers=[AssetWatcher(name=f"samenloop_{name}", trigger=trigger)])


INBOX = _inbox("inbox", "inbox/deliveries/*")
FOLLOW_UP = _inbox("follow_up", "inbox/follow_up/**/*")
SIGNALS = Asset("samenloop_signals")
CASES = Asset("samenloop_cases")
WORKLISTS = Asset("samenloop_worklists")
OUTCOMES = Asset("samenloop_outcomes")

COMMON: dict[str, Any] = {
    "catchup": False,
    "max_active_runs": 1,
    "tags": ["samenloop"],
    "params": {
        "date": Param(
            None,
            type=["null", "string"],
            format="date",
            pattern="^2[01][0-9]{2}-",  # the years that commands take
            title="Day (dag)",
            description="The day to work for, as 2026-11-03. Empty: the day of this run.",
        )
    },
    "default_args": {
        "owner": "gegevensbeheerder",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=15),
        "execution_timeout": timedelta(hours=1),
    },
}


def daily(cron: str) -> CronTriggerTimetable:
    """A timetable in Dutch local time."""
    return CronTriggerTimetable(cron, timezone=ZONE)


def run_day() -> date | None:
    """The day that this run works for; None is today."""
    context = get_current_context()
    if chosen := context["params"].get("date"):
        return date.fromisoformat(chosen)
    events = (context.get("triggering_asset_events") or {}).values()
    told = [event.extra["date"] for group in events for event in group if (event.extra or {}).get("date")]
    if told:
        return date.fromisoformat(max(told))
    logical = context.get("logical_date")
    if logical and not is_daily_run():
        return pendulum.instance(logical).in_timezone(ZONE).date()
    return None


def municipalities() -> list[str]:
    """The gemeentecodes that this Airflow works for."""
    from pipeline.commands.homes import homes_by_gemeente

    return list(homes_by_gemeente(HOMES))


@contextmanager
def open_gemeente(gemeente: str) -> Iterator[Run]:
    """The home of a municipality, opened for this run's day."""
    from pipeline.commands.homes import homes_by_gemeente
    from pipeline.commands.journal_keeping.kept_head import open_working_run

    dag_id = get_current_context()["dag"].dag_id
    with open_working_run(homes_by_gemeente(HOMES)[gemeente], run_day(), actor=f"airflow:{dag_id}") as run:
        yield run


def in_each(find: Callable[[Run], Iterable[str]], name: str) -> list[dict[str, str]]:
    """What there is to do in every municipality. One that cannot be opened keeps a place; its task says why."""
    found: list[dict[str, str]] = []
    for gemeente in municipalities():
        try:
            with _said_plainly(gemeente), open_gemeente(gemeente) as run:
                found += [{"gemeente": gemeente, name: item} for item in find(run)]
        except AirflowFailException:
            found.append({"gemeente": gemeente, name: ""})
    return found


def is_there(find: Callable[[Run], Iterable[str]]) -> bool:
    """Whether any municipality has something of this kind."""
    return any(found["item"] for found in in_each(find, "item"))


def counts_of(command: Callable[..., Outcome], gemeente: str, *arguments: str) -> dict[str, int]:
    """Do one command for one municipality, and show in the grid what it came to."""
    counts = step(command, gemeente, *arguments).counts
    label(gemeente, *arguments, ", ".join(f"{name} {count}" for name, count in counts.items() if count))
    return counts


def step(command: Callable[..., Result], gemeente: str, *arguments: str) -> Result:
    """Do one command for one municipality; what it came to, or why not, is shown in the grid."""
    label(gemeente, *arguments)
    try:
        with _said_plainly(gemeente), open_gemeente(gemeente) as run:
            return command(run, *arguments)
    except AirflowException as failure:
        label(gemeente, *arguments, str(failure))
        raise


@contextmanager
def _said_plainly(gemeente: str) -> Iterator[None]:
    """Let a failure be read by a data steward.

    Raises:
        AirflowFailException: the input was refused; holds the stable code, nothing else.
        AirflowException: a fault of ours; holds its kind and place, and is tried again.
    """
    from pipeline.vocabulary.faults import Refused

    try:
        yield
    except Refused as refused:
        log.error("%s: %s. %s", gemeente, refused.code, refused.next_step)
        raise AirflowFailException(refused.code) from None
    except Exception as error:
        ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "pipeline" in frame.filename]
        place = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
        raise AirflowException(f"{type(error).__name__}{place}") from None


def some(result: str | None) -> str:
    """The result of a step that had something to do.

    Raises:
        AirflowSkipException: it had not.
    """
    if result is None:
        raise AirflowSkipException("nothing to do")
    return result


def label(*words: str) -> None:
    """Name this mapped task in the grid."""
    get_current_context()["label"] = " ".join(word for word in words if word)  # type: ignore[typeddict-unknown-key]


def is_daily_run() -> bool:
    """Whether the clock started this run: only then may it wait for partners, a hand or a backfill never waits."""
    return get_current_context()["dag_run"].run_type == "scheduled"


def came_back(task_id: str) -> list[Any]:
    """What the instances of a mapped task returned; those that failed or were skipped are left out."""
    found = get_current_context()["ti"].xcom_pull(task_ids=task_id)
    return [value for value in (found if isinstance(found, list) else [found]) if value is not None]


def announce(asset: Asset, has_changed: bool) -> None:
    """Wake the next DAG, with the day to work for; nothing changed is a skipped task and wakes nobody.

    Raises:
        AirflowSkipException: nothing changed.
    """
    if not has_changed:
        raise AirflowSkipException("nothing changed")
    day = run_day()
    get_current_context()["outlet_events"][asset].extra = {"date": day.isoformat() if day else None}
