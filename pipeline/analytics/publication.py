"""One publication: rows are counted, releases are decided and kept, and the file is put in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.analytics.context_tables import SnapshotFacts
from pipeline.analytics.disclosure import Release
from pipeline.analytics.indicators import definition_tables
from pipeline.analytics.publish_tables import exact_counts, publish_tables, topic_table
from pipeline.analytics.releases import Counts, ReleasePlan, decide_releases
from pipeline.analytics.snapshot import Contents, CountRow, write_snapshot
from pipeline.analytics.topics import Subject, subjects
from pipeline.analytics.work_tables import work_tables


@dataclass(frozen=True, slots=True)
class Published:
    """What came of a publication: rows per table of `work`, how many releases hold, and which of them are new."""

    row_counts: Mapping[str, int]
    release_count: int
    changed: tuple[Release, ...]


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication goes by.

    `known` are the releases that hold; `keep` must keep the changed ones before it returns.
    """

    facts: SnapshotFacts
    plan: ReleasePlan
    baseline: pl.DataFrame
    known: Sequence[Release]
    keep: Callable[[Sequence[Release]], None]


def publish_to(path: Path, sources: Mapping[str, pl.DataFrame], publication: Publication) -> Published:
    """Replace the analysts' file.

    Args:
        path: where analysts find it.
        sources: frames as `store.reports.analytics_sources` gives them.
        publication: what it goes by.

    Raises:
        OSError: the disk is full; the former file is still there.
    """
    rows = work_tables(sources, publication.facts)
    wanted = subjects()
    desk = _Desk(publication, wanted, rows)
    write_snapshot(path, rows, wanted, desk.decide)
    return Published({name: frame.height for name, frame in rows.items()}, desk.release_count, desk.changed)


class _Desk:
    """Decides what is released once the rows are counted."""

    def __init__(
        self, publication: Publication, wanted: Sequence[Subject], rows: Mapping[str, pl.DataFrame]
    ) -> None:
        self._publication, self._subjects, self._rows = publication, wanted, rows
        self.release_count = 0
        self.changed: tuple[Release, ...] = ()

    def decide(self, counted: Sequence[CountRow]) -> Contents:
        given = self._publication
        counts = Counts(counted, given.plan)
        releases, states = decide_releases(self._subjects, counts, given.known, given.plan)
        self.changed = tuple(release for release in releases if release not in given.known)
        self.release_count = len(releases)
        given.keep(self.changed)
        exact = exact_counts(self._subjects, counts, given.plan)
        public = publish_tables(releases, states, self._rows["deliveries"], given.facts, self._rows)
        shared = {"topics": topic_table(self._subjects), "baseline": given.baseline}
        return Contents(
            work={"counts": exact, **shared, **definition_tables(_categories(exact))},
            publish={**public, **shared, **definition_tables(_categories(public["counts"]))},
        )


def _categories(counts: pl.DataFrame) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for subject, topic, category in counts.select("subject", "topic", "category").unique().iter_rows():
        found.setdefault((subject, topic), []).append(category)
    return found
