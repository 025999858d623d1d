"""Disclosure control: what may leave the building of exact counts, and when it may change (decision 0014).

A published table cuts a population into groups that exclude one another, each of which counts at least ten: small
categories are taken together, with the smallest other one when they need it. Every total and difference that can
be made of such groups is then a union of groups, or nobody. What was published for a period stays, until every
group differs by ten or more, or not at all, from everything that was ever told of it; only then all its tables
are replaced at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.analytics.topics import Subject, Topic

THRESHOLD = 10
ROUNDING = 5
LARGE_ENOUGH = 50
"""A population of so many stands for the one around it that has one to nine more."""
LARGE_CHANGE = 10
"""A population that changed by one part in so many is told anew, also when that costs details."""

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
    """One topic of one period as published. `former`: the groups as they were told before, first edition first."""

    subject: str
    period: str
    topic: str
    groups: tuple[Group, ...]
    former: tuple[tuple[Group, ...], ...] = ()

    @property
    def count(self) -> int:
        """Everybody in it."""
        return sum(group.count for group in self.groups)

    def told(self, categories: Collection[str]) -> list[int]:
        """What every edition says of these categories together, each of which is whole groups in all of them."""
        return [
            sum(group.count for group in edition if set(group.categories) <= set(categories))
            for edition in (self.groups, *self.former)
        ]

    def totals(self) -> list[int]:
        """Everybody in it, by every edition."""
        return [sum(group.count for group in edition) for edition in (self.groups, *self.former)]

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
        cells = cells_of(topic, period)
        if topic.moment != moment or topic.code in subject.frame:
            continue
        told = cells if subject.is_root(topic) else as_told(topic, blocks, parents, cells)
        if told is not None:
            groups = grouped(told)
            blocks += [Block(subject.code, period, topic.code, groups)] if groups is not None else []
    if not blocks:
        return None
    if moment == subject.topics[0].moment:
        blocks += _frame_blocks(subject, period, cells_of)
        around = _around(subject, period, cells_of, blocks)
        blocks += [Block(subject.code, period, subject.around or "", grouped(around) or ())] if around else []
    return Release(subject.code, period, moment, tuple(blocks), 1, today, today)


def _frame_blocks(subject: Subject, period: str, cells_of: CountCells) -> list[Block]:
    """What lies around the published population, from the inside out, until a remainder would be small."""
    found: list[Block] = []
    core = next((topic.within for topic in subject.topics if subject.is_root(topic)), None)
    for code in reversed(subject.frame):
        topic = subject.topic(code)
        groups = grouped(cells_of(topic, period))
        if groups is None or core is None or (core[1],) not in {group.categories for group in groups}:
            break
        found.append(Block(subject.code, period, code, groups))
        core = topic.within
    return found


def _around(subject: Subject, period: str, cells_of: CountCells, blocks: Sequence[Block]) -> Cells | None:
    """The population around the one that is published, as one number that shares are taken of.

    Where it has one to nine more, these are left out, because the difference would count them. Whether there are
    enough beside them is judged by what is published, so that it says nothing of how few they are.
    """
    root = next((block for block in blocks if subject.is_root(subject.topic(block.topic))), None)
    if subject.around is None or root is None:
        return None
    ((name, count),) = cells_of(subject.topic(subject.around), period).items()
    if not _is_small(count - root.count):
        return {name: count}
    return {name: root.count} if root.count >= LARGE_ENOUGH else None


def as_told(topic: Topic, blocks: Sequence[Block], parents: Sequence[Release], cells: Cells) -> Cells | None:
    """The cells as parts of the category that they cut, with the count that was told of it.

    A difference of one to nine, of what came or went since, is put into the largest cell: two counts of one
    category would tell of it. None where it is not published alone, or the difference is larger than that.
    """
    assert topic.within is not None, "a topic within nothing cuts the population"
    known = [*blocks, *(block for release in parents for block in release.blocks)]
    parent = next((block for block in known if block.topic == topic.within[0]), None)
    told = parent.alone(topic.within[1]) if parent is not None else None
    if not told or not any(cells.values()):
        return None
    difference, largest = told - sum(cells.values()), max(cells, key=lambda name: cells[name])
    after = cells[largest] + difference
    if abs(difference) >= THRESHOLD or (difference and after < THRESHOLD):
        return None
    return {**cells, largest: after}


def revised(
    release: Release, subject: Subject, cells_of: CountCells, parents: Sequence[Release], today: str, reason: str
) -> Release:
    """The release with today's counts when that tells of no small change; else the release as it stands.

    Groups are never cut anew: that would tell of their parts. A group that changed by one to nine is taken
    together with others; a topic of which no two groups are left is not published any more. Where that would
    cost a topic, or half of the numbers, a population that changed by less than a tenth stays as it was told.
    What the subject no longer has (the agreement of the month was replaced) goes with the next edition.
    """
    blocks: list[Block] = []
    known = {topic.code for topic in subject.topics}
    for block in release.blocks:
        if block.topic not in known:
            continue
        topic, cells = subject.topic(block.topic), cells_of(subject.topic(block.topic), block.period)
        if topic.code in (*subject.frame, subject.around):
            continue
        if subject.is_root(topic) and not _is_safe(sum(cells.values()), block.totals()):
            return release
        told = cells if subject.is_root(topic) else as_told(topic, blocks, parents, cells)
        after = recounted(block, told) if told is not None else None
        blocks += [after] if after is not None else []
    if blocks:
        blocks += _frame_again(release, subject, cells_of)
        before = release.block(subject.around) if subject.around else None
        around = _around(subject, release.period, cells_of, blocks)
        after = recounted(before, around) if before is not None and around else None
        blocks += [after] if after is not None else []
    if not _has_news(release.blocks, blocks):
        return release
    is_costly = len(blocks) < len(release.blocks) or 2 * _number_count(blocks) < _number_count(release.blocks)
    if is_costly and not _is_large_change(release, subject, cells_of):
        return release
    return replace(
        release, blocks=tuple(blocks), revision=release.revision + 1, published_on=today, reason_code=reason
    )


def recounted(block: Block, cells: Cells) -> Block | None:
    """A topic with today's counts, in groups that differ by nothing or ten and more from every edition of them.

    Comparing with the last edition alone would let a count go down by fifteen and up by sixteen, and tell of one.
    None when no such groups are left.
    """
    known = {name for group in block.groups for name in group.categories}
    told = [group.categories for group in block.groups]
    told += [(name,) for name, count in cells.items() if name not in known and count]
    groups = [Group(names, sum(cells.get(name, 0) for name in names)) for names in told]
    safe = sorted((group for group in groups if _is_told_safely(block, group)), key=lambda group: group.count)
    unsafe = [group for group in groups if group not in safe]
    while unsafe and not _is_told_safely(block, _union(unsafe)):
        if not safe:
            return None
        unsafe.append(safe.pop(0))
    after = [group for group in groups if group in safe]
    after += [_union(unsafe)] if unsafe else []
    if len(after) < min(2, len(block.groups)):
        return None
    if set(after) == set(block.groups):
        return block
    return replace(block, groups=tuple(after), former=(*block.former, block.groups))


def _union(groups: Sequence[Group]) -> Group:
    return Group(tuple(name for group in groups for name in group.categories), sum(one.count for one in groups))


def _is_told_safely(block: Block, group: Group) -> bool:
    return _is_safe(group.count, block.told(group.categories))


def _is_safe(count: int, told: Sequence[int]) -> bool:
    return not _is_small(count) and not any(_is_small(count - before) for before in told)


def _is_small(count: int) -> bool:
    return 0 < abs(count) < THRESHOLD


def _frame_again(release: Release, subject: Subject, cells_of: CountCells) -> list[Block]:
    found: list[Block] = []
    core = next((topic.within for topic in subject.topics if subject.is_root(topic)), None)
    for code in reversed(subject.frame):
        block = release.block(code)
        after = recounted(block, cells_of(subject.topic(code), release.period)) if block is not None else None
        if block is None or after is None or core is None or after.alone(core[1]) is None:
            break
        if not _is_safe(after.count, block.totals()):
            break
        found.append(after)
        core = subject.topic(code).within
    return found


def _has_news(before: Sequence[Block], after: Sequence[Block]) -> bool:
    """Whether any number that was told has changed by ten and more; to take groups together is no news."""
    told = {(block.topic, group.categories): group.count for block in before for group in block.groups}
    return any(
        abs(group.count - told.get((block.topic, group.categories), group.count)) >= THRESHOLD
        for block in after
        for group in block.groups
    )


def _is_large_change(release: Release, subject: Subject, cells_of: CountCells) -> bool:
    codes = {topic.code for topic in subject.topics if subject.is_root(topic)}
    roots = [block for block in release.blocks if block.topic in codes] or release.blocks[:1]
    before = roots[0].count
    now = sum(cells_of(subject.topic(roots[0].topic), release.period).values())
    return abs(now - before) * LARGE_CHANGE >= before


def _number_count(blocks: Sequence[Block]) -> int:
    return sum(len(block.groups) for block in blocks)
