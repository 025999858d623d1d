"""Lanes and room, in plain Dutch for the data steward: what is shown, counted, repeated or waits for room.

A crisis signal that the agreement only counts is a warning: the law wants help offered. A signal that stands alone
is counted until it lapses. What waits for room stands per team, with who is away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.stewardship.retire_records import SIGNALS, Terms
from pipeline.stewardship.watch_deliveries import FlowFacts, Section
from pipeline.vocabulary.case import LANE_CRISIS, SIGNAL_REFUSED
from pipeline.vocabulary.period import written_day

_ON_A_LIST = "lopende zaken op een werklijst"
_OF_THE_OPENER = "Naar de opener: nieuwe zaken. Waarover hij twijfelt of wat hij niet toont, komt op geen lijst."


def lane_section(facts: FlowFacts) -> Section:
    """Cases and signals per lane."""
    terms = Terms(facts.agreements, facts.today)
    shown = sum(facts.lane_counts.values())
    crisis, singles = facts.lane_counts.get(LANE_CRISIS, 0), sum(facts.single_counts.values())
    alone = sum(facts.crisis_counts.values())
    lapses = [
        f"{month}: {count}, vervalt {terms.next_due_on(SIGNALS, month):%d-%m-%Y}"
        for month, count in sorted(facts.single_counts.items())[:2]
    ]
    rows = [
        ("samenloop", str(shown - crisis), _ON_A_LIST),
        ("crisis", str(crisis), _ON_A_LIST),
        ("crisissignaal zonder zaak", str(alone), _crisis_remark(facts)),
        ("herhaling", str(facts.state_counts.get("joined", 0)), "hoort bij een zaak van een andere maand"),
        ("enkel", str(singles), "; ".join(lapses)),
    ]
    return Section("Banen", ("baan", "aantal", ""), rows)


def _crisis_remark(facts: FlowFacts) -> str:
    if not sum(facts.crisis_counts.values()):
        return ""
    told = ", ".join(f"{month}: {count}" for month, count in facts.crisis_counts.items())
    return f"{told}; alleen geteld" if facts.newest.lanes.get("crisis") == "count" else told


def room_section(facts: FlowFacts) -> Section:
    """Per team what was asked for on the last day of lists, what waits, what is late, and who is away."""
    rows = []
    for team_id in sorted({*facts.team_names, *facts.team_days, *facts.overdue}):
        day = facts.team_days.get(team_id, {})
        room = day.get("room_count")
        late = facts.overdue.get(team_id, 0)
        cells = (
            str(day.get("new_count", 0)),
            "geen grens" if room is None else str(room),
            str(day.get("waiting_count", 0)),
            str(late) if late else "",
            ", ".join(facts.absent_names.get(team_id, ())[:3]),
        )
        if late or _is_busy(day) or cells[-1]:
            rows.append((facts.team_names.get(team_id, team_id or "zonder team"), *cells))
    on = max((str(day["worklist_on"]) for day in facts.team_days.values()), default="")
    title = "Ruimte bij de teams" + (f", werklijst van {written_day(on)}" if on else "")
    headings = ("team", "naar de opener", "ruimte", "wacht", "te laat", "afwezig vandaag")
    return Section(title, headings, rows, _OF_THE_OPENER if rows else "")


def _is_busy(day: Mapping[str, Any]) -> bool:
    return bool(day.get("waiting_count") or day.get("new_count"))


def waiting_count(facts: FlowFacts) -> int:
    """New cases that did not fit on the last day of lists."""
    return sum(int(day["waiting_count"]) for day in facts.team_days.values())


def days_over_ceiling(facts: FlowFacts) -> dict[str, int]:
    """Days on which more cases were opened than the agreement expects."""
    ceiling = facts.newest.openings_per_day
    return {day: count for day, count in sorted(facts.opened_per_day.items()) if count > ceiling}


def lane_todo(facts: FlowFacts) -> list[str]:
    """What the steward must do about it."""
    lines = []
    for day, count in list(days_over_ceiling(facts).items())[-1:]:
        ceiling = facts.newest.openings_per_day
        lines.append(
            f"Op {written_day(day)} zijn {count} zaken geopend, meer dan de grens van {ceiling}. "
            "Vraag de privacy officer om dit na te gaan: samenloop journal."
        )
    crisis = sum(facts.crisis_counts.values())
    if crisis and facts.newest.lanes.get("crisis") == "count":
        signals = "1 crisissignaal staat" if crisis == 1 else f"{crisis} crisissignalen staan"
        lines.append(
            f"{signals} niet in een zaak: alleen geteld. De wet vraagt om een aanbod van hulp: "
            "bespreek lanes.crisis in de overeenkomst."
        )
    lines += [
        f"{team}: vandaag is er niemand. Regel een vervanger, of verander de dagen in teams.json."
        for team in facts.deserted_teams[:3]
    ]
    waiting = waiting_count(facts)
    if waiting:
        cases = "1 zaak wacht" if waiting == 1 else f"{waiting} zaken wachten"
        lines.append(
            f"{cases} op ruimte bij een team en blijven dicht tot er ruimte is, uiterlijk tot hun termijn."
        )
    return lines


def unread_todo(facts: FlowFacts) -> list[str]:
    """That cases stood on no list because they did not open: for want of a key, or because a report differs."""
    waiting = [case for case in facts.unread if case["reason_code"] != SIGNAL_REFUSED]
    refused = [row for case in waiting for row in (case["fields"] or {}).get("refused", [])]
    keys = sorted({str(row["key_id"]) for row in refused if row.get("key_id")})
    which = f" ({', '.join(keys[:4])}{' …' if len(keys) > 4 else ''})" if keys else ""
    lines = []
    if waiting:
        lines.append(
            f"{_did_not_open(len(waiting))}, want een sleutel ontbreekt of is verkeerd{which}. "
            "Vraag de beheerder van de opener om de goede sleutel terug te zetten uit de kluis. "
            "Geef dan: samenloop reveal."
        )
    if differing := len(facts.unread) - len(waiting):
        lines.append(
            f"{_did_not_open(differing)}, want een melding klopt niet met wat de organisatie ondertekende. "
            "Waarschuw de privacy officer."
        )
    return lines


def _did_not_open(count: int) -> str:
    return f"{'1 zaak stond' if count == 1 else f'{count} zaken stonden'} niet op de laatste werklijst"
