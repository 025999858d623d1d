"""The tables of schema `publish` and the exact counts beside them, made of decided releases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from pipeline.analytics.context_tables import SnapshotFacts
from pipeline.analytics.disclosure import Block, Release
from pipeline.analytics.releases import Counts, PeriodState, ReleasePlan, counted_by_rows, is_countable
from pipeline.analytics.topics import MONTH, QUARTER, Subject, Topic, months_of, period_of
from pipeline.vocabulary.period import add_months, month_end, month_start, months_between

TOGETHER = "samengenomen"
_COUNT_SCHEMA = {
    "subject": pl.String(),
    "period_kind": pl.String(),
    "period": pl.String(),
    "topic": pl.String(),
    "category": pl.String(),
    "item_count": pl.Int64(),
}


def exact_counts(subjects: Sequence[Subject], counts: Counts, plan: ReleasePlan) -> pl.DataFrame:
    """`work.counts`: every topic by month and by quarter, with the categories that nobody is in.

    A period of which rows have passed their term is not there: what is left of it would be counted as all.
    """
    rows = []
    for kind in (MONTH, QUARTER):
        for period in sorted({period_of(month, kind) for month in plan.months}):
            for subject in (one for one in subjects if is_countable(one, period, plan)):
                for topic in counted_by_rows(subject, period, plan).topics:
                    cells = counts.cells(topic, period)
                    rows += [(subject.code, kind, period, topic.code, name, n) for name, n in cells.items()]
    return pl.DataFrame(rows, schema=_COUNT_SCHEMA, orient="row")


def publish_tables(
    releases: Sequence[Release],
    states: Sequence[PeriodState],
    deliveries: pl.DataFrame,
    facts: SnapshotFacts,
    context: Mapping[str, pl.DataFrame],
) -> dict[str, pl.DataFrame]:
    """The tables of schema `publish` by name."""
    rows = [row for release in releases for block in release.blocks for row in _rows(block)]
    return {
        "snapshot": context["snapshot"],
        "counts": pl.DataFrame(
            rows,
            schema={**_COUNT_SCHEMA, "is_together": pl.Boolean()},
            orient="row",
        ),
        "releases": _releases(releases, states),
        "deliveries": _deliveries(deliveries, facts),
        "areas": context["areas"],
    }


def topic_table(subjects: Sequence[Subject]) -> pl.DataFrame:
    """`topics`: what is counted, in both schemas the same."""
    rows = [_topic_row(topic) for subject in subjects for topic in subject.topics]
    return pl.DataFrame(
        rows,
        schema={
            name: pl.String()
            for name in ("subject", "topic", "meaning", "period_kind", "moment", "within_topic", "within_category")
        },
        orient="row",
    )


def _topic_row(topic: Topic) -> tuple[str | None, ...]:
    within = topic.within or (None, None)
    return topic.subject, topic.code, topic.meaning, topic.period, topic.moment, *within


def _rows(block: Block) -> Iterator[tuple[Any, ...]]:
    kind = MONTH if len(months_of(block.period)) == 1 else QUARTER
    place = (block.subject, kind, block.period, block.topic)
    for group in block.groups:
        is_together = len(group.categories) > 1
        # By name: a group keeps the order in which its parts were taken in, which tells which of them changed.
        for category in sorted(group.categories):
            yield (*place, category, None if is_together else group.rounded, is_together)
        if is_together:
            yield (*place, TOGETHER, group.rounded, False)


def _releases(releases: Sequence[Release], states: Sequence[PeriodState]) -> pl.DataFrame:
    known = {release.key: release for release in releases}
    rows = []
    for state in states:
        release = known.get((state.subject, state.period, state.moment))
        rows.append(
            {
                "subject": state.subject,
                "period": state.period,
                "moment": state.moment,
                "state": state.state,
                "expected_on": state.expected_on,
                "first_published_on": _day(release.first_published_on) if release else None,
                "published_on": _day(release.published_on) if release else None,
                "revision": release.revision if release else None,
                "reason": release.reason_code if release else None,
            }
        )
    return pl.DataFrame(
        rows,
        schema={
            "subject": pl.String(),
            "period": pl.String(),
            "moment": pl.String(),
            "state": pl.String(),
            "expected_on": pl.Date(),
            "first_published_on": pl.Date(),
            "published_on": pl.Date(),
            "revision": pl.Int64(),
            "reason": pl.String(),
        },
    )


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _deliveries(deliveries: pl.DataFrame, facts: SnapshotFacts) -> pl.DataFrame:
    """Partners, not people: how many of each type took part in a month, and how many of them delivered.

    From the first month to the last one that has ended: one in which nobody delivered is there with 0.
    """
    came = deliveries.filter(pl.col("state").is_in(("admitted", "warned", "released"))).select(
        "month", "partner_id"
    )
    known = came["month"].drop_nulls().to_list()
    last = max([*known, add_months(facts.published_on[:7], -1)])
    months = months_between(min(known), last) if known else []
    partners = pl.DataFrame(
        [
            (month, partner["partner_id"], partner["partner_type"])
            for month in months
            for partner in facts.partners
            if partner["valid_from"] <= month_end(month)
            and (partner["valid_until"] is None or partner["valid_until"] >= month_start(month))
        ],
        schema={"month": pl.String(), "partner_id": pl.String(), "partner_type": pl.String()},
        orient="row",
    )
    return (
        partners.join(came.unique().with_columns(has_come=True), on=["month", "partner_id"], how="left")
        .group_by("month", "partner_type")
        .agg(
            pl.len().cast(pl.Int64).alias("partner_count"),
            pl.col("has_come").fill_null(value=False).sum().cast(pl.Int64).alias("delivered_count"),
        )
        .sort("month", "partner_type")
    )
