"""`samenloop publish`: a new analytics.duckdb for the municipality's analysts, in place of the former one.

What is released for publication is kept in the store before the file is put in place; a run that is killed between
the two and its successor publish the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import typer

from pipeline.analytics.disclosure import Block, Group, Release
from pipeline.analytics.publication import Publication, publish_to
from pipeline.commands.analysts_inputs import read_areas, read_baseline, release_plan, snapshot_facts
from pipeline.commands.console import Outcome, run_command
from pipeline.commands.journal_keeping.kept_head import open_working_run
from pipeline.commands.options import DateOption, HomeOption, JsonOption
from pipeline.commands.wiring import Run
from pipeline.store.published import keep_published, published
from pipeline.store.reports import analytics_sources

COMMAND = "publish"
COUNTED = ("signals", "cases", "worklist_counts", "deliveries", "refusals")


def publish(run: Run) -> Outcome:
    """Publish the state of this moment. Takes the writer lock, so that all tables show the same moment.

    Raises:
        Refused: AREAS_INVALID, MONITOR_INVALID when one of these files in the home cannot be read.
    """

    def keep(changed: Sequence[Release]) -> None:
        keep_published(run.store, map(_row, changed), at=run.now, actor=run.actor)

    areas, baseline = read_areas(run), read_baseline(run)
    with run.store.writer_lock("publish_analytics"):
        sources = analytics_sources(run.store)
        publication = Publication(
            facts=snapshot_facts(run, sources, areas),
            plan=release_plan(run, sources),
            baseline=baseline,
            known=[_release(row) for row in published(run.store)],
            keep=keep,
        )
        done = publish_to(run.home.analytics, sources, publication)
    counts = {name: done.row_counts[name] for name in COUNTED}
    counts |= {"releases": done.release_count, "releases_new": len(done.changed)}
    line = f"Nieuwe cijfers voor analisten: {counts['signals']} signalen, {counts['cases']} zaken."
    return Outcome(COMMAND, counts, paths={"analytics": str(run.home.analytics)}, lines=[line])


def _row(release: Release) -> dict[str, Any]:
    blocks = [
        {
            "topic": block.topic,
            "groups": [asdict(group) for group in block.groups],
            "former": [[asdict(group) for group in edition] for edition in block.former],
        }
        for block in release.blocks
    ]
    return {
        "subject": release.subject,
        "period": release.period,
        "moment": release.moment,
        "revision": release.revision,
        "first_published_on": release.first_published_on,
        "published_on": release.published_on,
        "reason_code": release.reason_code,
        "blocks": blocks,
    }


def _groups(rows: Iterable[Mapping[str, Any]]) -> tuple[Group, ...]:
    return tuple(Group(tuple(group["categories"]), group["count"]) for group in rows)


def _release(row: Mapping[str, Any]) -> Release:
    blocks: Iterable[Mapping[str, Any]] = row["blocks"]
    return Release(
        subject=row["subject"],
        period=row["period"],
        moment=row["moment"],
        blocks=tuple(
            Block(
                row["subject"],
                row["period"],
                block["topic"],
                _groups(block["groups"]),
                tuple(map(_groups, block.get("former", ()))),
            )
            for block in blocks
        ),
        revision=row["revision"],
        first_published_on=row["first_published_on"],
        published_on=row["published_on"],
        reason_code=row["reason_code"],
    )


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def publish_command(home: HomeOption = None, date: DateOption = None, as_json: JsonOption = False) -> None:
        """Write a new analytics.duckdb; whoever has the former one open goes on reading it.

        Example: samenloop publish --home var
        """

        def work() -> Outcome:
            with open_working_run(home, date) as run:
                return publish(run)

        run_command(work, COMMAND, as_json=as_json)
