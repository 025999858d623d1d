"""The table and the charts of the benchmark, and their place in docs/linkage.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import polars as pl

from benchmarks.linkage.tables import as_table

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
HEADER = (
    "method",
    "case precision",
    "case recall",
    "case F1",
    "pair precision",
    "pair recall",
    "proposal recall",
    "opened in vain",
    "to the steward",
    "wrong door",
    "seconds",
    "peak MB",
)


def table(rows: list[dict[str, Any]]) -> str:
    """One line per method; household evidence on a line below."""
    return as_table(HEADER, [_line(row) for row in rows]) + _households(rows)


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    figures = [f"{row[name]:.3f}" for name in ("precision", "recall", "f1", "pair_precision", "pair_recall")]
    if _is_household(row):
        return (
            f"{row['method']} (one household is right)",
            *figures,
            "",
            "",
            "",
            _of(row["wrong_doors"], row["sets"]),
            *_cost(row),
        )
    is_opened = row["doubtful"] or row["withheld"]
    return (
        row["method"],
        *figures,
        f"{row['proposed_found'] / max(1, row['true_cases']):.3f}",
        _of(row["in_vain"], row["proposed"]),
        _of(row["doubtful"], row["proposed"]) if is_opened else "",
        _of(row["wrong_doors"], row["sets"]),
        *_cost(row),
    )


def _is_household(row: dict[str, Any]) -> bool:
    return str(row["method"]).endswith("with household")


def _cost(row: dict[str, Any]) -> tuple[str, str]:
    return f"{row['seconds']:.1f}", f"{row['peak_mb']:,.0f}"


def _of(part: int, whole: int) -> str:
    return f"{part / max(1, whole):.2%}"


def _households(rows: list[dict[str, Any]]) -> str:
    found = [row for row in rows if _is_household(row)]
    return "".join(
        f"\n\nTrue cases of a person: {rows[0]['true_cases']:,}. Household evidence, where it counts: "
        f"{row['household_sets']:,} more cases, {_of(row['household_right'], row['household_sets'])} of them "
        f"of one household; {row['household_of_one']:,} of these are one person. "
        f"{row['household_true']:,} households in which no person is a case were to be found, and "
        f"{_of(row['household_found'], row['household_true'])} of them were: the recall of household evidence."
        for row in found
    )


def write(docs: Path, rows: list[dict[str, Any]]) -> None:
    """Put the tables between the marks of the page and draw the charts."""
    page = docs / "linkage.md"
    text = page.read_text(encoding="utf-8")
    groups: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["data"], row["signals"], row["seed"]), []).append(row)
    tables = "\n\n".join(
        f"### {data}, {signals:,} signals, seed {seed}\n\n{table(found)}"
        for (data, signals, seed), found in groups.items()
    )
    before, behind = text.split(BEGIN)[0], text.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{behind}", encoding="utf-8")
    images = docs / "images"
    images.mkdir(exist_ok=True)
    for data in sorted({row["data"] for row in rows}):
        _chart([row for row in rows if row["data"] == data]).save(images / f"linkage-{data}.svg")


def _chart(rows: list[dict[str, Any]]) -> alt.FacetChart:
    """Case precision against recall, one point per method and size."""
    frame = pl.DataFrame(
        [
            {
                "method": row["method"],
                "signals": f"{row['asked']:,}",
                "precision": row["precision"],
                "recall": row["recall"],
            }
            for row in rows
            if not _is_household(row)
        ]
    )
    points = alt.Chart(frame).mark_point(filled=True, size=90)
    return (
        points.encode(
            x=alt.X("recall:Q", scale=alt.Scale(zero=False), title="case recall"),
            y=alt.Y("precision:Q", scale=alt.Scale(zero=False), title="case precision"),
            color=alt.Color("method:N", title=None, legend=alt.Legend(labelLimit=400)),
            shape=alt.Shape("method:N", title=None),
        )
        .properties(width=260, height=260)
        .facet(column=alt.Column("signals:N", title="signals"))
    )
