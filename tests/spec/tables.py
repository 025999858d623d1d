"""Rules as plain tables: what is given, what is expected. The same tables are tested and printed."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

Row = dict[str, str]
MOST_PRINTED = 12


@dataclass(frozen=True)
class Spec:
    """One rule: a title, why it is so, and tables of text with a header row, columns parted by `|`."""

    title: str
    why: str
    given: str
    expected: str
    setting: str = ""
    when: str = ""
    when_title: str = "When matching proposes:"

    def __str__(self) -> str:
        return self.title.lower().replace(" ", "-").replace(",", "")


@dataclass(frozen=True)
class Chapter:
    """Rules that belong together, with a text before them."""

    title: str
    text: str
    specs: tuple[Spec, ...]


def rows(table: str) -> list[Row]:
    """The rows of a text table, by column name; an empty cell is an empty text."""
    lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    header, *body = lines
    assert all(len(line) == len(header) for line in body), "a row has as many cells as the header"
    return [dict(zip(header, line, strict=True)) for line in body]


def as_markdown(table: str, most_rows: int | None = None) -> str:
    """The same table for a page; a long one is cut, an empty one says so."""
    found = rows(table)
    if not found:
        return "Nothing."
    header = [cell.strip() for cell in table.strip().splitlines()[0].split("|")]
    body = [[row[name] for name in header] for row in found]
    if most_rows is not None and len(body) > most_rows:
        body = [*body[:3], [f"… {len(body) - 4} more of these …", *[""] * (len(header) - 1)], body[-1]]
    return "\n".join("| " + " | ".join(line) + " |" for line in (header, ["---"] * len(header), *body))


def chapter_as_markdown(chapter: Chapter) -> str:
    """A chapter for a page."""
    parts = [f"## {chapter.title}", textwrap.dedent(chapter.text).strip()]
    for spec in chapter.specs:
        parts += [f"### {spec.title}", spec.why]
        if spec.setting:
            parts.append(f"Agreement: {spec.setting}.")
        parts += ["Given:", as_markdown(spec.given, MOST_PRINTED)]
        if spec.when:
            parts += [spec.when_title, as_markdown(spec.when)]
        parts += ["Then:", as_markdown(spec.expected)]
    return "\n\n".join(parts)
