"""monitor-<period>.html: one self-contained page for council, manager and policy adviser, from `publish` alone.

No script, no request, charts inside; every chart has a text for who cannot see it and a table for who wants the
numbers. The page names the releases it was made of, so that it is made anew only when one of them changed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.analytics import monitor_charts as charts
from pipeline.analytics import monitor_words as words
from pipeline.analytics.monitor_figures import TREND_MONTHS, Figure, Published
from pipeline.analytics.page_templates import page_template
from pipeline.analytics.periods import Period
from pipeline.analytics.topics import period_of
from pipeline.vocabulary.period import add_months

_TILES = (
    ("signals_per_1000", "signalen per 1.000 inwoners en maand"),
    ("share_in_case", "van de signalen valt samen met die van een andere partner"),
    ("share_crisis", "van de signalen is een crisissignaal"),
    ("approached", "van de getoonde zaken is benaderd"),
    ("reach_of_approached", "van de benaderde inwoners is bereikt"),
    ("acceptance_of_reached", "van de bereikte inwoners aanvaardt hulp"),
)
_TREND = (
    ("reach_of_approached", "bereikt, van benaderde zaken"),
    ("acceptance_of_reached", "hulp aanvaard, van bereikte zaken"),
)
_IN_CHARTS = ("signals_per_partner_type", "signals_per_1000_wijk")
MARK = "samenloop-releases"


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its words and its numbers."""

    title: str
    text: str
    picture: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def render_monitor(published: Published, period: Period) -> bytes:
    """The page of a period."""
    figures = published.figures(period)
    html = page_template("monitor.html.j2").render(
        snapshot=published.rows("snapshot")[0],
        period=period,
        title=words.period_name(period.name),
        months=_months(published, period),
        quarter=_quarters(published, period),
        mark=MARK,
        fingerprint=fingerprint(published, period),
        tiles=_tiles(published.signal_total(period), figures),
        changed=words.what_changed(published, period),
        look_at=words.what_to_look_at(published, period),
        charts=_charts(published, period),
        figures=[one for one in figures if one.indicator not in _IN_CHARTS],
        comparison=_comparison(published, period),
        releases=_releases(published, period),
        words=words,
        definitions={row["indicator"]: row for row in published.rows("indicator_definitions")},
    )
    return html.encode()


def figures_frame(published: Published, period: Period) -> pl.DataFrame:
    """The page's figures as rows, for CSV and Parquet."""
    rows = [
        {
            "indicator": one.indicator,
            "group_code": one.group,
            "name": one.name,
            "period": one.period,
            "part_count": one.part,
            "whole_count": one.whole,
            "indicator_value": one.value,
            "value_low": one.low,
            "value_high": one.high,
            "national_value": one.national,
        }
        for one in published.figures(period)
    ]
    schema = {
        **dict.fromkeys(("indicator", "group_code", "name", "period"), pl.String()),
        **dict.fromkeys(("part_count", "whole_count"), pl.Int64()),
        **dict.fromkeys(("indicator_value", "value_low", "value_high", "national_value"), pl.Float64()),
    }
    return pl.DataFrame(rows, schema=schema)


def fingerprint(published: Published, period: Period) -> str:
    """A short hash of everything that the page is made of."""
    used: dict[str, Any] = {
        "counts": published.tables["counts"].filter(pl.col("period") <= f"{period.months[-1]}~").sort(pl.all()),
        "releases": _releases(published, period),
        "deliveries": published.tables["deliveries"].filter(pl.col("month").is_in(period.months)),
        "areas": published.tables["areas"],
        "comparison": published.tables["comparison"],
    }
    rows = {
        name: table.rows() if isinstance(table, pl.DataFrame) else [tuple(row.values()) for row in table]
        for name, table in used.items()
    }
    return hashlib.sha256(json.dumps([period.name, rows], default=str).encode()).hexdigest()[:16]


def _months(published: Published, period: Period) -> str | None:
    """Which months the signals are of, when that is not the whole period."""
    told = published.months_told(period)
    return words.months_told(told, period) if 0 < len(told) < len(period.months) else None


def _quarters(published: Published, period: Period) -> str | None:
    """Which quarters the cases are of."""
    told, shown = published.quarters_told(period), published.quarters_shown(period)
    if not told:
        return None
    names = words.joined([words.period_name(quarter) for quarter in told])
    return names if len(told) == len(shown) else f"{names} ({len(told)} van {len(shown)} kwartalen)"


def _tiles(signals: int, figures: list[Figure]) -> list[tuple[str, str, str]]:
    """Value, what it is of, and what stands beside it."""
    tiles = [(words.whole(signals), "signalen", "")] if signals else []
    for code, text in _TILES:
        one = next((one for one in figures if (one.indicator, one.group) == (code, "alle")), None)
        if one is not None:
            beside = f"landelijk {words.percent(one.national)}" if one.national else ""
            tiles.append((words.value_text(one), text, beside))
    return tiles


def _charts(published: Published, period: Period) -> list[Chart]:
    made = (
        _by_type(published, period),
        _by_area(published, period),
        _by_mix(published, period),
        _over_time(published, period),
    )
    return [chart for chart in made if chart is not None]


def _by_type(published: Published, period: Period) -> Chart | None:
    last = period.months[-1]
    months = tuple(sorted({add_months(last, -count) for count in range(TREND_MONTHS)} | set(period.months)))
    rows = published.rows("indicators", indicator="signals_per_partner_type", period=months)
    if not rows:
        return None
    drawn = [
        {"maand": words.short_month(row["period"]), "soort": row["group_code"], "aantal": row["part_count"]}
        for row in sorted(rows, key=lambda row: (row["period"], row["group_code"]))
    ]
    sums: dict[str, int] = {}
    for row in drawn:
        sums[row["maand"]] = sums.get(row["maand"], 0) + row["aantal"]
    return Chart(
        "Signalen per maand en soort partner",
        "Per maand een staaf, verdeeld naar soort partner. "
        + " ".join(f"{month}: {words.whole(count)} signalen." for month, count in sums.items()),
        _image(charts.bars_by_type(drawn)),
        ("Maand", "Soort partner", "Signalen"),
        [(row["maand"], row["soort"], words.whole(row["aantal"])) for row in drawn],
    )


def _by_area(published: Published, period: Period) -> Chart | None:
    names = {row["code"]: row["name"] for row in published.rows("areas")}
    rates = [one for one in published.figures(period) if one.indicator == "signals_per_1000_wijk"]
    if rates:
        rows = [(names.get(one.group, one.group), one.value, words.decimal(one.value)) for one in rates]
        title, unit = "Signalen per 1.000 inwoners, per wijk", "signalen per 1.000 inwoners"
    else:
        counts: dict[str, int] = {}
        for row in published.rows("counts", subject="signals", topic="wijk", period=period.months):
            if row["item_count"] is not None:
                counts[row["category"]] = counts.get(row["category"], 0) + row["item_count"]
        rows = [(names.get(code, code), float(count), words.whole(count)) for code, count in counts.items()]
        title, unit = "Signalen per wijk", "signalen"
    if len(rows) < 2:
        return None
    rows.sort(key=lambda row: -row[1])
    drawn = [{"wijk": name, "waarde": value, "tekst": text} for name, value, text in rows]
    return Chart(
        title,
        f"Per wijk een staaf met het aantal {unit}. " + " ".join(f"{name}: {text}." for name, _, text in rows),
        _image(charts.bars_by_area(drawn, unit)),
        ("Wijk", unit.capitalize()),
        [(name, text) for name, _, text in rows],
    )


def _by_mix(published: Published, period: Period) -> Chart | None:
    rows = [one for one in published.figures(period) if one.indicator == "reach_by_mix"]
    if not rows:
        return None
    drawn = [
        {"groep": one.group, "waarde": one.value, "laag": one.low, "hoog": one.high, "landelijk": one.national}
        for one in rows
    ]
    told = [
        (one.group, words.percent(one.value), _between(one), words.percent(one.national) if one.national else "")
        for one in rows
    ]
    return Chart(
        "Bereik naar soort contact",
        "Per soort contact een stip met de marge van het toeval; een streep is het landelijke cijfer. "
        + " ".join(f"{name}: {value} ({between})." for name, value, between, _ in told)
        + " Wie bezoek krijgt is niet door het lot gekozen.",
        _image(charts.shares(drawn)),
        ("Soort contact", "Bereikt", "Marge", "Landelijk"),
        told,
    )


def _over_time(published: Published, period: Period) -> Chart | None:
    until = period_of(period.months[-1], "quarter")
    rows = []
    for code, name in _TREND:
        for row in published.rows("indicators", indicator=code, group_code="alle", period_kind="quarter"):
            if row["period"] <= until:
                rows.append((row["period"], name, row["indicator_value"], row["value_low"], row["value_high"]))
    if not rows:
        return None
    names = ("periode", "reeks", "waarde", "laag", "hoog")
    told = [
        (period, name, words.percent(value), f"{words.percent(low)} tot {words.percent(high)}")
        for period, name, value, low, high in rows
    ]
    return Chart(
        "Bereik en hulp per kwartaal",
        "Per kwartaal een stip met de marge van het toeval. "
        + " ".join(f"{name}, {period}: {value} ({between})." for period, name, value, between in told),
        _image(charts.trend([dict(zip(names, row, strict=True)) for row in rows])),
        ("Kwartaal", "Wat", "Aandeel", "Marge"),
        told,
    )


def _comparison(published: Published, period: Period) -> list[dict[str, Any]]:
    """Beside the baseline: of each share the last period that this page covers."""
    until = {*period.months, *(period_of(month, "quarter") for month in period.months)}
    rows = [row for row in published.rows("comparison", group_code="alle") if row["period"] in until]
    return sorted(rows, key=lambda row: (row["label"], row["name"], row["period"]))


def _releases(published: Published, period: Period) -> list[dict[str, Any]]:
    known = {*period.months, *(period_of(month, "quarter") for month in period.months)}
    rows = [row for row in published.rows("releases") if row["period"] in known]
    return sorted(rows, key=lambda row: (row["subject"], row["period"], row["moment"]))


def _between(one: Figure) -> str:
    return f"{words.percent(one.low or 0)} tot {words.percent(one.high or 0)}"


def _image(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
