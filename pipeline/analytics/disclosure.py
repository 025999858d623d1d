"""Disclosure control: what may leave the building of exact counts, and when it may change (decision 0014).

A published table cuts a population into groups that exclude one another, each of which counts at least ten: small
categories are taken together, with the smallest other one when they need it. Every total and difference that can
be made of such groups is then a union of groups, or nobody. What was published for a period stays, until every
group has changed by ten or more, or not at all; only then all its tables are replaced at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.analytics.topics import FOLLOW_UP, Subject, Topic

THRESHOLD = 10
ROUNDING = 5

Cells = Mapping[str, int]
"""Category → exact count; categories without anybody are there with 0."""


@dataclass(frozen=True, slots=True)
class Group:
    """Categories that are published as one number. Exact count: 0, or at least the threshold."""

    categories: tuple[str, ...]
    count: int

    @property
    def rounded(self) -> int:
        """The number that leaves the building."""
        return rounded(self.count)


@dataclass(frozen=True, slots=True)
class Block:
    """One topic of one period as published."""

    subject: str
    period: str
    topic: str
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        """Everybody in it."""
        return sum(group.count for group in self.groups)

    def alone(self, category: str) -> int | None:
        """The count of a category that is published by itself."""
        return next((group.count for group in self.groups if group.categories == (category,)), None)


@dataclass(frozen=True, slots=True)
class Release:
    """All tables of one subject, period and moment: published and corrected together."""

    subject: str
    period: str
    moment: str
    blocks: tuple[Block, ...]
    revision: int
    first_published_on: str
    published_on: str
    reason_code: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What there is one release of."""
        return self.subject, self.period, self.moment

    def block(self, topic: str) -> Block | None:
        """The table of a topic, when it could be published."""
        return next((block for block in self.blocks if block.topic == topic), None)


CountCells = Callable[[Topic, str], Cells]
"""(topic, period) → exact cells now."""


def rounded(count: int) -> int:
    """To the nearest multiple of five."""
    return (count + ROUNDING // 2) // ROUNDING * ROUNDING


def grouped(cells: Cells) -> tuple[Group, ...] | None:
    """The groups of a population, in the order of the cells; None when no safe cut says anything.

    Small cells are taken together; while they count fewer than the threshold, the smallest other cell joins them.
    Where no cell is small and not empty, empty ones are published as nobody.
    """
    small = [name for name, count in cells.items() if 0 < count < THRESHOLD]
    others = sorted((name for name, count in cells.items() if count >= THRESHOLD), key=lambda name: cells[name])
    if small:
        small += [name for name, count in cells.items() if count == 0]
        while sum(cells[name] for name in small) < THRESHOLD:
            if not others:
                return None
            small.append(others.pop(0))
        if not others:
            return None
    if not others:
        return None
    together = tuple(name for name in cells if name in small)
    alone = [Group((name,), count) for name, count in cells.items() if name not in small]
    return (*alone, Group(together, sum(cells[name] for name in small))) if together else tuple(alone)


def first_release(
    subject: Subject, period: str, moment: str, cells_of: CountCells, parents: Sequence[Release], today: str
) -> Release | None:
    """The tables that may be published of a period now; None when its population is too small."""
    blocks: list[Block] = []
    for topic in subject.topics:
        if topic.moment != moment or not _has_universe(topic, blocks, parents, cells_of(topic, period)):
            continue
        groups = grouped(cells_of(topic, period))
        if groups is not None:
            blocks.append(Block(subject.code, period, topic.code, groups))
    if not blocks:
        return None
    return Release(subject.code, period, moment, tuple(blocks), 1, today, today)


def _has_universe(topic: Topic, blocks: Sequence[Block], parents: Sequence[Release], cells: Cells) -> bool:
    """Whether the population that a topic cuts is itself published, alone and with the same count."""
    total = sum(cells.values())
    if topic.within is None:
        return total >= THRESHOLD
    known = [*blocks, *(block for release in parents for block in release.blocks)]
    parent = next((block for block in known if block.topic == topic.within[0]), None)
    return parent is not None and total >= THRESHOLD and parent.alone(topic.within[1]) == total


def revised(
    release: Release, subject: Subject, cells_of: CountCells, parents: Sequence[Release], today: str, reason: str
) -> Release:
    """The release with today's counts when that tells of no small change; else the release as it stands.

    The groups stay as they are: cutting them anew would tell of their parts.
    """
    blocks = tuple(
        _recounted(block, cells_of(subject.topic(block.topic), block.period)) for block in release.blocks
    )
    if blocks == release.blocks or not all(
        _is_safe_change(before, after) for before, after in zip(release.blocks, blocks, strict=True)
    ):
        return release
    if release.moment == FOLLOW_UP and not _fit_parents(blocks, subject, parents):
        return release
    return replace(release, blocks=blocks, revision=release.revision + 1, published_on=today, reason_code=reason)


def _recounted(block: Block, cells: Cells) -> Block:
    groups = [
        Group(group.categories, sum(cells.get(name, 0) for name in group.categories)) for group in block.groups
    ]
    known = {name for group in block.groups for name in group.categories}
    new = tuple(Group((name,), count) for name, count in cells.items() if name not in known and count)
    return replace(block, groups=(*groups, *new))


def _is_safe_change(before: Block, after: Block) -> bool:
    was = {group.categories: group.count for group in before.groups}
    return all(
        (group.count == 0 or group.count >= THRESHOLD)
        and abs(group.count - was.get(group.categories, 0)) not in range(1, THRESHOLD)
        for group in after.groups
    )


def _fit_parents(blocks: Sequence[Block], subject: Subject, parents: Sequence[Release]) -> bool:
    known = {block.topic: block for release in parents for block in release.blocks}
    known |= {block.topic: block for block in blocks}
    for block in blocks:
        within = subject.topic(block.topic).within
        if within is not None and known[within[0]].alone(within[1]) != block.count:
            return False
    return True
