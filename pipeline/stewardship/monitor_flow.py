"""What stands where, in plain Dutch for the data steward: what waits, which case is where, what goes next.

First what the steward must do, each with its next step; then the tables. Counts, codes and ids only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.stewardship.retire_records import CASES, SIGNALS, Terms
from pipeline.stewardship.watch_clocks import delivery_due_on, month_expected
from pipeline.stewardship.watch_deliveries import (
    HELD,
    IN_FORCE,
    REFUSED,
    FlowFacts,
    Section,
    decided_section,
    delivery_grid,
)
from pipeline.stewardship.watch_lanes import (
    days_over_ceiling,
    lane_section,
    lane_todo,
    room_section,
    unread_todo,
    waiting_count,
)
from pipeline.stewardship.watch_token_keys import behind_in_store_key, behind_in_token_key
from pipeline.vocabulary.case import LANE_CRISIS
from pipeline.vocabulary.period import working_days_between, written_day
from pipeline.vocabulary.untouched import is_last_month

STATE_LABELS: dict[str, str] = {
    "opened": "wacht op een wijkteam",
    "routed": "klaar voor de werklijst",
    "doubtful": "twijfel: beoordelen",
    "revealed": "op de werklijst, nog geen contact",
    "in_progress": "op de werklijst, contact gezocht",
    "closed": "afgerond",
    "withheld": "niet getoond: andere personen, afgewezen, of regel niet gehaald",
    "excluded": "niet getoond: staat op de uitsluitingslijst",
    "joined": "hoort bij een zaak van een andere maand",
    "withdrawn": "ingetrokken voordat een team het zag",
    "merged": "samengevoegd met een eerdere zaak",
    "lapsed": "vervallen: termijn voorbij",
}
_ROUTE_REASONS = {"no_team": "geen wijkteam voor dit gebied", "no_area": "gebied onbekend"}
_MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class Flow:
    """What is shown: things to do, tables, and the counts behind them."""

    todo: list[str]
    sections: list[Section]
    counts: dict[str, int]


def monitor_flow(facts: FlowFacts) -> Flow:
    """Describe the flow of one municipality on one day."""
    grid, missing = delivery_grid(facts)
    counts = _counts(facts, missing)
    sections = [
        grid,
        decided_section(facts),
        _case_section(facts),
        lane_section(facts),
        room_section(facts),
        _waiting_section(facts),
        _retention_section(facts),
    ]
    return Flow(_todo(facts, missing), [section for section in sections if section.rows or section.note], counts)


def _case_section(facts: FlowFacts) -> Section:
    """Cases per state, and what is late in it."""
    late = sum(facts.overdue.values())
    rows = []
    for state, label in STATE_LABELS.items():
        count = facts.state_counts.get(state, 0)
        if not count:
            continue
        unrouted = _unroutable_count(facts) - sum(facts.teamless_counts.values())
        remark = {
            "revealed": f"{late} te laat voor eerste contact" if late else "",
            "doubtful": f"oudste: {_working_days(_oldest_doubt(facts))}" if facts.doubtful else "",
            "opened": f"{unrouted} zonder wijkteam" if unrouted > 0 else "",
        }.get(state, "")
        rows.append((label, str(count), remark))
        if gone := facts.retracted_counts.get(state, 0):
            rows.append(("  daarvan ingetrokken", str(gone), "het team is het verteld"))
        if teamless := facts.teamless_counts.get(state, 0):
            rows.append(("  daarvan zonder wijkteam", str(teamless), "op geen enkele lijst: vul teams.json aan"))
    return Section("Zaken", ("stand", "aantal", "let op"), rows, "" if rows else "Er zijn nog geen zaken.")


def _waiting_section(facts: FlowFacts) -> Section:
    """Signals without a case, the opener, what lies in the inbox."""
    total = sum(facts.signal_counts.values())
    rows = [
        ("signalen die gelden", str(total), f"{total - facts.seen_signal_count} niet in een getoonde zaak"),
        ("nog niet compleet in de inbox", str(len(facts.incoming)), ", ".join(facts.incoming[:3])),
        ("opvolging in de inbox", str(facts.follow_up_waiting_count), ""),
        ("mappen in quarantaine", str(facts.quarantine_count), ""),
        ("opener", "actief" if facts.is_opener_alive else "niet actief", _opener_remark(facts)),
    ]
    return Section("Verder", ("wat", "stand", ""), rows)


def _opener_remark(facts: FlowFacts) -> str:
    remarks = [f"werklijst van {written_day(day)} wacht op de opener" for day in facts.orders_waiting[:1]]
    if not facts.is_opener_alive and facts.opener_seen_at is not None:
        remarks.append(f"laatst gezien {facts.opener_seen_at[:16].replace('T', ' ')} (UTC)")
    return "; ".join(remarks)


def _retention_section(facts: FlowFacts) -> Section:
    """What retires next: per class the oldest month."""
    terms = Terms(facts.agreements, facts.today)
    per_month: Counter[str] = Counter()
    for (_, month), count in facts.signal_counts.items():
        per_month[month] += count
    rows = []
    for data_class, label, months in (
        (SIGNALS, "signalen van", per_month),
        (CASES, "zaken van", Counter(facts.ended_case_months)),
    ):
        for month in sorted(months)[:2]:
            due = terms.next_due_on(data_class, month)
            when = f"{due:%d-%m-%Y}"
            if due < facts.today:  # what is due goes each night; what is left is in use
                when = f"sinds {when}, als geen team er meer mee bezig is"
            rows.append((f"{label} {month}", str(months[month]), when))
    return Section("Wat als eerste wordt vernietigd", ("wat", "aantal", "vanaf"), rows)


def _todo(facts: FlowFacts, missing: Sequence[tuple[str, str]]) -> list[str]:
    """What the steward must do now."""
    expected, due = month_expected(facts.today), delivery_due_on(facts.newest, facts.today)
    late = [one for one in missing if one[1] < expected or (one[1] == expected and facts.today > due)]
    held = sum(row["state"] == HELD for row in facts.deliveries)
    lines = []
    if facts.is_journal_distrusted:
        lines.append(
            "Het journaal is NIET te vertrouwen. Waarschuw de privacyfunctionaris: samenloop journal verify"
        )
    if facts.is_journal_key_lost:
        lines.append("Het journaal wordt niet verzegeld: de sleutel ervan is weg. Zie: samenloop keys check")
    lines += unread_todo(facts)
    if held:
        waits = "1 aanlevering wacht" if held == 1 else f"{held} aanleveringen wachten"
        lines.append(f"{waits} op uw besluit: samenloop deliveries list --state held")
    if late:
        told = ", ".join(f"{who} ({month})" for who, month in late[:6])
        lines.append(f"Vraag om de aanlevering: {told}{' …' if len(late) > 6 else ''}")
    made = behind_in_token_key(facts.token_keys), "Gemaakt met een oude tokensleutel"
    kept = behind_in_store_key(facts.store_keys), "Bewaard onder een oude opslagsleutel"
    for behind, how in (made, kept):
        if behind:
            told = ", ".join(f"{who} ({month})" for who, month in behind[:6])
            lines.append(f"{how}, vindt niemand: {told}. Vraag om een nieuwe aanlevering.")
    if facts.orders_waiting and not facts.is_opener_alive:
        day = written_day(facts.orders_waiting[0])
        lines.append(f"De werklijst van {day} wacht: start de opener (samenloop opener).")
    if facts.ending_keys:
        more = " …" if len(facts.ending_keys) > 4 else ""
        told = ", ".join(facts.ending_keys[:4])
        lines.append(f"Sleutels lopen af of ontbreken ({told}{more}): samenloop keys check")
    if facts.doubtful:
        is_are = "is twijfelachtig en wacht" if len(facts.doubtful) == 1 else "zijn twijfelachtig en wachten"
        days = _working_days(_oldest_doubt(facts))
        lines.append(
            f"{_cases(len(facts.doubtful))} {is_are} op uw besluit, de oudste {days}: samenloop review list"
        )
    for row in facts.unroutable[:3]:
        area = row["wijkcode"] or row["postcode4"] or "onbekend gebied"
        why = _ROUTE_REASONS.get(str(row["reason_code"]), str(row["reason_code"]))
        lines.append(f"{_cases(row['count'])} in {area}: {why}. Vul teams.json aan.")
    if late_cases := sum(facts.overdue.values()):
        lines.append(f"{_cases(late_cases)} te laat voor het eerste contact: spreek de teams aan.")
    for on, count in sorted(_closing_soon(facts).items()):
        when = "vannacht" if on <= facts.today else f"op {on:%d-%m-%Y}"
        closes = "sluit" if count == 1 else "sluiten"
        lines.append(
            f"{_cases(count)} {closes} {when}, want geen team legde er iets over vast: spreek de teams aan."
        )
    lines += lane_todo(facts)
    if facts.odd_incoming_count:
        things = "1 ding" if facts.odd_incoming_count == 1 else f"{facts.odd_incoming_count} dingen"
        lines.append(f"In de inbox: {things} zonder de naam van een aanlevering. Zie: samenloop admit.")
    return lines


def _closing_soon(facts: FlowFacts) -> dict[date, int]:
    return {on: count for on, count in facts.closing.items() if is_last_month(on, facts.today)}


def _cases(count: int) -> str:
    return "1 zaak" if count == 1 else f"{count} zaken"


def _working_days(count: int) -> str:
    return "1 werkdag" if count == 1 else f"{count} werkdagen"


def _oldest_doubt(facts: FlowFacts) -> int:
    return max((working_days_between(_asked_on(row), facts.today) for row in facts.doubtful), default=0)


def _asked_on(row: Mapping[str, Any]) -> date:
    return date.fromisoformat(row["asked_on"] or row["opened_on"])


def _unroutable_count(facts: FlowFacts) -> int:
    return sum(int(row["count"]) for row in facts.unroutable)


def _counts(facts: FlowFacts, missing: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The figures for `--json`; refusals by code as refused_<CODE>."""
    states = Counter(str(row["state"]) for row in facts.deliveries)
    codes = Counter(str(row["fault_code"]) for row in facts.deliveries if row["state"] == REFUSED)
    return {
        "deliveries_admitted": sum(states[state] for state in IN_FORCE),
        "deliveries_held": states[HELD],
        "deliveries_refused": states[REFUSED],
        "deliveries_missing": len(missing),
        "deliveries_with_old_token_key": len(behind_in_token_key(facts.token_keys)),
        "deliveries_with_old_store_key": len(behind_in_store_key(facts.store_keys)),
        "deliveries_incoming": len(facts.incoming),
        "rows_refused": sum(int(row["refused_count"]) for row in facts.deliveries if row["state"] in IN_FORCE),
        "follow_up_waiting": facts.follow_up_waiting_count,
        "quarantined": facts.quarantine_count,
        "signals": sum(facts.signal_counts.values()),
        "signals_in_seen_cases": facts.seen_signal_count,
        "crisis_signals": sum(facts.crisis_counts.values()),
        **{f"cases_{state}": facts.state_counts.get(state, 0) for state in STATE_LABELS},
        "single_signals": sum(facts.single_counts.values()),
        "cases_waiting_for_room": waiting_count(facts),
        "days_over_opening_ceiling": len(days_over_ceiling(facts)),
        "cases_overdue": sum(facts.overdue.values()),
        "cases_closing_untouched": sum(_closing_soon(facts).values()),
        "cases_unread": len(facts.unread),
        "cases_retracted": sum(facts.retracted_counts.values()),
        "cases_shown_matched": sum(facts.lane_counts.values()) - facts.lane_counts.get(LANE_CRISIS, 0),
        "cases_shown_crisis": facts.lane_counts.get(LANE_CRISIS, 0),
        "cases_shown_without_team": sum(facts.teamless_counts.values()),
        "cases_unroutable": _unroutable_count(facts),
        "doubtful_oldest_working_days": _oldest_doubt(facts),
        "orders_waiting": len(facts.orders_waiting),
        "journals_distrusted": int(facts.is_journal_distrusted),
        "journal_keys_lost": int(facts.is_journal_key_lost),
        "keys_ending": len(facts.ending_keys),
        "is_opener_alive": int(facts.is_opener_alive),
        **{f"refused_{code}": count for code, count in sorted(codes.items())},
    }
