"""The charts of the monitor page as SVG: drawn here, without a browser, a font or a file from elsewhere.

Colours keep apart in grey and for the colour-blind; every chart has a text of its own for who cannot see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl
import vl_convert

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
INK, SOFT, LINE, BRAND, ACCENT = "#1d2b38", "#50606f", "#d5dde4", "#14466f", "#b3541e"
PALETTE = ("#14466f", "#d98f27", "#5aa0c8", "#7a3b69", "#3f7d57", "#8a8f98", "#b3541e", "#2b2f77")
WIDTH, HEIGHT = 640, 240
_LOCALE = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["€ ", ""], "percent": "%"}


def bars_by_type(rows: Sequence[Mapping[str, Any]]) -> str:
    """Signals per month, stacked by partner type. Rows: maand, soort, aantal."""
    types = sorted({row["soort"] for row in rows})
    months = list(dict.fromkeys(row["maand"] for row in rows))
    chart = (
        alt.Chart(pl.DataFrame(list(rows)))
        .mark_bar(size=min(36, 420 // max(1, len(months))))
        .encode(
            alt.X("maand:N", sort=months, title=None, axis=alt.Axis(labelAngle=0)),
            alt.Y("aantal:Q", title="signalen", axis=alt.Axis(format=",.0f", tickCount=5)),
            alt.Color(
                "soort:N",
                title=None,
                scale=alt.Scale(domain=types, range=list(PALETTE[: len(types)])),
                legend=alt.Legend(orient="top"),
            ),
            alt.Order("soort:N"),
        )
    )
    return _svg(chart)


def bars_by_area(rows: Sequence[Mapping[str, Any]], unit: str) -> str:
    """A bar per wijk. Rows: wijk, waarde, tekst."""
    base = alt.Chart(pl.DataFrame(list(rows))).encode(
        alt.Y("wijk:N", sort=alt.SortField("waarde", order="descending"), title=None),
        alt.X("waarde:Q", title=unit, axis=alt.Axis(format=",.0f", tickCount=5)),
    )
    bars = base.mark_bar(color=BRAND, size=18)
    labels = base.mark_text(align="left", dx=5, color=INK).encode(alt.Text("tekst:N"))
    return _svg(bars + labels, height=28 * len(rows) + 10)


def shares(rows: Sequence[Mapping[str, Any]]) -> str:
    """A dot with its interval per group, and the national figure as a mark beside it.

    Rows: groep, waarde, laag, hoog, landelijk (or None).
    """
    frame = pl.DataFrame(list(rows), schema_overrides={"landelijk": pl.Float64()})
    order = [row["groep"] for row in rows]
    y = alt.Y("groep:N", sort=order, title=None, axis=alt.Axis(labelLimit=260))
    axis = alt.Axis(format=".0%", tickCount=6)
    interval = (
        alt.Chart(frame)
        .mark_rule(color=BRAND, strokeWidth=2)
        .encode(y, alt.X("laag:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=axis), alt.X2("hoog:Q"))
    )
    dot = alt.Chart(frame).mark_point(color=BRAND, filled=True, size=90, opacity=1).encode(y, alt.X("waarde:Q"))
    national = (
        alt.Chart(frame.filter(pl.col("landelijk").is_not_null()))
        .mark_tick(color=ACCENT, thickness=3, size=20)
        .encode(y, alt.X("landelijk:Q"))
    )
    return _svg(interval + dot + national, height=34 * len(rows) + 10)


def trend(rows: Sequence[Mapping[str, Any]]) -> str:
    """Shares over periods with their intervals. Rows: periode, reeks, waarde, laag, hoog."""
    frame = pl.DataFrame(list(rows))
    series = list(dict.fromkeys(row["reeks"] for row in rows))
    periods = sorted({row["periode"] for row in rows})
    colour = alt.Color(
        "reeks:N",
        title=None,
        scale=alt.Scale(domain=series, range=list(PALETTE[: len(series)])),
        legend=alt.Legend(orient="top", labelLimit=400),
    )
    x = alt.X("periode:N", sort=periods, title=None, axis=alt.Axis(labelAngle=0))
    place = alt.XOffset("reeks:N", sort=series)
    scale = alt.Scale(domain=[0, 1])
    rule = (
        alt.Chart(frame)
        .mark_rule(strokeWidth=2)
        .encode(
            x,
            alt.Y("laag:Q", title=None, scale=scale, axis=alt.Axis(format=".0%")),
            alt.Y2("hoog:Q"),
            colour,
            place,
        )
    )
    dot = alt.Chart(frame).mark_point(filled=True, size=70, opacity=1).encode(x, alt.Y("waarde:Q"), colour, place)
    return _svg(rule + dot)


def _svg(chart: alt.Chart | alt.LayerChart, height: int = HEIGHT) -> str:
    styled = (
        chart.properties(width=WIDTH, height=height, background="transparent")
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=SOFT,
            gridColor=LINE,
            domainColor=LINE,
            tickColor=LINE,
            labelFontSize=13,
            titleFontSize=13,
            titleFontWeight="normal",
        )
        .configure_legend(labelColor=INK, labelFontSize=13, symbolType="square")
        .configure_text(fontSize=13)
    )
    return str(vl_convert.vegalite_to_svg(styled.to_dict(), format_locale=_LOCALE))
