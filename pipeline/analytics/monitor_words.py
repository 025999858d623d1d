"""The sentences of the monitor page: what changed, and what to look at, in plain Dutch (B1).

Only whole periods are compared. A share is called higher or lower only when chance does not explain the
difference; a partner type is named when its count is a quarter more or less.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from pipeline.analytics.monitor_figures import Figure, Published, differs
from pipeline.analytics.periods import Period
from pipeline.analytics.topics import period_of
from pipeline.vocabulary.period import add_months

_MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)
NOTABLE_CHANGE = 0.25
LATE = "29 dagen of meer"
_MOST_AREAS = 3
_FOLLOWED = (
    "share_crisis",
    "share_in_case",
    "approached",
    "reach_of_approached",
    "acceptance_of_reached",
    "repeats",
)


def in_sentence(period: str) -> str:
    """A quarter with its article; other periods have none."""
    return f"het {period_name(period)}" if "Q" in period and ".." not in period else period_name(period)


def short_month(month: str) -> str:
    """Okt 26."""
    name = _MONTHS[int(month[5:7]) - 1]
    return f"{'mrt' if name == 'maart' else name[:3]} {month[2:4]}"


def whole(count: float) -> str:
    """1.234."""
    return f"{count:,.0f}".replace(",", ".")


def decimal(value: float) -> str:
    """4,2."""
    return f"{value:.1f}".replace(".", ",")


def percent(share: float) -> str:
    """46%."""
    return f"{share * 100:.0f}%"


def period_name(period: str) -> str:
    """Oktober 2026; vierde kwartaal van 2026; 2026; januari 2026 tot en met juni 2026."""
    if ".." in period:
        first, last = period.split("..")
        return f"{period_name(first)} tot en met {period_name(last)}"
    if "Q" in period:
        return f"{('eerste', 'tweede', 'derde', 'vierde')[int(period[5]) - 1]} kwartaal van {period[:4]}"
    return period if len(period) == 4 else f"{_MONTHS[int(period[5:7]) - 1]} {period[:4]}"


def long_date(day: date) -> str:
    """6 oktober 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def value_text(figure: Figure) -> str:
    """The value as a reader writes it."""
    texts = {"count": whole, "share": percent, "per_1000": decimal}
    return texts[figure.kind](figure.value)


def joined(parts: Sequence[str]) -> str:
    """A, b en c."""
    return " en ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def before(period: Period) -> Period:
    """The period of the same length before this one."""
    count = len(period.months)
    months = tuple(add_months(month, -count) for month in period.months)
    name = months[0] if count == 1 else f"{months[0]}..{months[-1]}"
    if count == 3 and period.quarters:
        name = period_of(months[0], "quarter")
    return Period(name, months)


def what_changed(published: Published, period: Period) -> list[str]:
    """What is clearly more, less, higher or lower than in the period before."""
    former = before(period)
    now = {(one.indicator, one.group): one for one in published.figures(period)}
    then = {(one.indicator, one.group): one for one in published.figures(former)}
    shares = list(_share_changes(now, then))
    gaps = [line for one in (period, former) if (line := _gap(published, one))]
    if gaps:
        what = "Of er meer of minder signalen zijn" if shares else "Wat er veranderd is"
        return [*gaps, f"{what}, is dus niet te zeggen.", *shares]
    totals = published.signal_total(period), published.signal_total(former)
    lines = [*_count_changes(now, then, totals, former), *shares]
    return lines or [f"Geen duidelijke veranderingen sinds {in_sentence(former.name)}."]


def _gap(published: Published, period: Period) -> str | None:
    """What of a period is not published, if anything."""
    told = published.months_told(period)
    if not told:
        return f"Over {in_sentence(period.name)} is niets gepubliceerd."
    if len(told) == len(period.months):
        return None
    return f"Over {in_sentence(period.name)} zijn niet alle signalen gepubliceerd: {months_told(told, period)}."


def months_told(told: Sequence[str], period: Period) -> str:
    """Januari, februari en maart (3 van 12 maanden)."""
    names = joined([period_name(month) for month in told])
    return f"{names} ({len(told)} van {len(period.months)} maanden)"


Known = dict[tuple[str, str], Figure]


def _count_changes(now: Known, then: Known, totals: tuple[int, int], former: Period) -> Iterator[str]:
    count, before_count = totals
    if count and before_count:
        yield (
            f"{_more(count, before_count, 'signalen')} in {in_sentence(former.name)}: "
            f"{whole(count)} tegen {whole(before_count)}."
        )
    for key, one in now.items():
        other = then.get(key)
        if one.indicator == "signals_per_partner_type" and other and other.part:
            change = one.part / other.part - 1
            if abs(change) >= NOTABLE_CHANGE:
                more = _more(one.part, other.part, "").lower()
                yield f"{one.group}: {whole(one.part)} signalen, {more} de {whole(other.part)} van daarvoor."


def _more(count: int, former: int, what: str) -> str:
    """29% meer signalen dan, ongeveer evenveel signalen als."""
    change = count / former - 1
    if abs(change) < 0.05:
        words = ("Ongeveer evenveel", what, "als")
    else:
        words = (f"{abs(change) * 100:.0f}% {'meer' if change > 0 else 'minder'}", what, "dan")
    return " ".join(word for word in words if word)


def _share_changes(now: Known, then: Known) -> Iterator[str]:
    for code in _FOLLOWED:
        one, other = now.get((code, "alle")), then.get((code, "alle"))
        if one is None or other is None or one.period == other.period or not (one.is_whole and other.is_whole):
            continue
        direction = differs(one, other)
        if direction:
            word = "hoger" if direction > 0 else "lager"
            yield f"{one.name}: {percent(one.value)}, duidelijk {word} dan de {percent(other.value)} van daarvoor."


def what_to_look_at(published: Published, period: Period) -> list[str]:
    """What asks for somebody's attention."""
    lines = [
        *_missing_deliveries(published, period),
        *_revisions(published, period),
        *_follow_up(published, period),
        *_areas(published, period),
    ]
    if not any(row["inhabitants"] for row in published.rows("areas")):
        lines.append(
            "Het aantal inwoners is niet bekend. Zet de tabel met kerncijfers van het CBS als kerncijfers.csv in "
            "de map van de gemeente; dan staan hier cijfers per 1.000 inwoners."
        )
    return lines or ["Niets bijzonders."]


def _missing_deliveries(published: Published, period: Period) -> Iterator[str]:
    came: dict[str, int] = {}
    for row in published.rows("deliveries", month=period.months):
        came[row["month"]] = came.get(row["month"], 0) + row["delivered_count"]
    last = str(published.rows("snapshot")[0]["published_on"])[:7]
    empty = [month for month in sorted(came) if came[month] == 0 and month < last]
    if empty:
        yield f"Niemand leverde aan over {joined([period_name(month) for month in empty])}."
    for month in (one for one in period.months if one not in empty):
        late = [
            row
            for row in published.rows("deliveries", month=month)
            if row["delivered_count"] < row["partner_count"]
        ]
        if late:
            parts = [
                f"{row['partner_type']} ({row['delivered_count']} van {row['partner_count']} partners)"
                for row in late
            ]
            yield (
                f"Niet alle partners leverden aan over {period_name(month)}: {joined(parts)}. "
                "De cijfers zijn dus te laag."
            )


def _revisions(published: Published, period: Period) -> Iterator[str]:
    known = {*period.months, *(period_of(month, "quarter") for month in period.months)}
    for row in published.rows("releases"):
        if row["period"] in known and (row["revision"] or 0) > 1:
            kind = {"signals": "signalen", "cases": "zaken"}[row["subject"]]
            yield (
                f"De cijfers over {kind} van {in_sentence(row['period'])} zijn verbeterd op "
                f"{long_date(row['published_on'])}. Reden: {row['reason']}. Eerdere uitgaven kloppen niet meer."
            )


def _follow_up(published: Published, period: Period) -> Iterator[str]:
    approached = published.figure(period, "approached")
    if approached is not None and approached.value < 0.9:
        yield (
            f"{percent(1 - approached.value)} van de getoonde zaken is niet benaderd. "
            "Een zaak waar niemand heen gaat, helpt niemand."
        )
    late = published.figure(period, "contact_within", LATE)
    if late is not None and late.value > 0.1:
        yield f"Bij {percent(late.value)} van de benaderde zaken kwam de eerste poging pas na vier weken."
    mixes = [one for one in published.figures(period) if one.indicator == "reach_by_mix"]
    if len(mixes) > 1:
        best = max(mixes, key=lambda one: one.value)
        yield (
            f"Het hoogste bereik: {best.group} ({percent(best.value)}). Wie bezoek krijgt is niet door het lot "
            "gekozen, dus dit zegt niet dat het door het bezoek komt."
        )


def _areas(published: Published, period: Period) -> Iterator[str]:
    names = {row["code"]: row["name"] for row in published.rows("areas")}
    rates = [one for one in published.figures(period) if one.indicator == "signals_per_1000_wijk"]
    rates.sort(key=lambda one: -one.value)
    if len(rates) > _MOST_AREAS:
        parts = [f"{names.get(one.group, one.group)} ({decimal(one.value)})" for one in rates[:_MOST_AREAS]]
        yield f"De meeste signalen per 1.000 inwoners: {joined(parts)}."
