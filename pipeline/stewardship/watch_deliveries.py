"""Who delivered for which month, who did not, what was refused or is held, in plain Dutch for the data steward.

A month is shown when deliveries for it may come: the one that is due, this one, and earlier ones for which anybody
delivered. A partner is missing when it takes part in that month and nothing of it was admitted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.stewardship.watch_clocks import delivery_due_on, month_expected
from pipeline.vocabulary.agreement import Agreement, version_for
from pipeline.vocabulary.faults import FAULTS
from pipeline.vocabulary.period import add_months, month_of

IN_FORCE = ("admitted", "warned", "released")
HELD = "held"
REFUSED = "refused"
_MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class Section:
    """A table, or a sentence where there is nothing to show."""

    title: str
    headings: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """All that was read. Rows are as pipeline.store.monitor gives them; `closing`: shown cases per closing day."""

    agreements: tuple[Agreement, ...]
    today: date
    deliveries: Sequence[Mapping[str, Any]]
    signal_counts: Mapping[tuple[str, str], int]
    seen_signal_count: int
    state_counts: Mapping[str, int]
    overdue: Mapping[str, int]
    retracted_counts: Mapping[str, int]
    lane_counts: Mapping[str, int]
    teamless_counts: Mapping[str, int]
    doubtful: Sequence[Mapping[str, Any]]
    unroutable: Sequence[Mapping[str, Any]]
    crisis_counts: Mapping[str, int]
    ended_case_months: Mapping[str, int]
    incoming: Sequence[str]
    odd_incoming_count: int
    follow_up_waiting_count: int
    quarantine_count: int
    is_opener_alive: bool
    opener_seen_at: str | None
    orders_waiting: Sequence[str]
    team_names: Mapping[str, str]
    single_counts: Mapping[str, int]
    team_days: Mapping[str, Mapping[str, Any]]
    absent_names: Mapping[str, Sequence[str]]
    opened_per_day: Mapping[str, int]
    token_keys: Sequence[Mapping[str, Any]] = ()
    store_keys: Sequence[Mapping[str, Any]] = ()
    ending_keys: Sequence[str] = ()
    deserted_teams: Sequence[str] = ()
    is_journal_distrusted: bool = False
    is_journal_key_lost: bool = False
    closing: Mapping[date, int] = field(default_factory=dict)
    unread: Sequence[Mapping[str, Any]] = ()

    @property
    def newest(self) -> Agreement:
        """The newest agreement."""
        return max(self.agreements, key=lambda version: version.version)

    def months_shown(self) -> list[str]:
        """Months for which deliveries may come, without those before anybody ever delivered; the newest first."""
        now, expected = month_of(self.today), month_expected(self.today)
        delivered = {str(row["month"]) for row in self.deliveries if row["month"]}
        window = [add_months(now, -count) for count in range(self.newest.rule.late_months + 1)]
        return [month for month in window if month in delivered or month in (expected, now)]


def delivery_grid(facts: FlowFacts) -> tuple[Section, list[tuple[str, str]]]:
    """One row per partner, one column per month; and which partner lacks which month."""
    months = facts.months_shown()
    missing: list[tuple[str, str]] = []
    names: dict[str, tuple[str, str]] = {}
    for month in reversed(months):
        ruling = version_for(facts.agreements, month) or facts.newest
        names |= {
            one.partner_id: (one.name, one.partner_type) for one in ruling.partners if one.is_valid_for(month)
        }
    rows = []
    for partner_id, (name, kind) in sorted(names.items()):
        cells = [_cell(facts, partner_id, month, missing) for month in months]
        rows.append((f"{name} ({partner_id})", kind, *cells))
    return Section("Aanleveringen", ("partner", "soort", *months), rows), missing


def _cell(facts: FlowFacts, partner_id: str, month: str, missing: list[tuple[str, str]]) -> str:
    ruling = version_for(facts.agreements, month) or facts.newest
    partner = ruling.partner(partner_id)
    if partner is None or not partner.is_valid_for(month):
        return "doet niet mee"
    ours = [row for row in facts.deliveries if (row["partner_id"], row["month"]) == (partner_id, month)]
    states = Counter(str(row["state"]) for row in ours)
    admitted = sum(states[state] for state in IN_FORCE)
    if admitted:
        count = facts.signal_counts.get((partner_id, month), 0)
        extra = f", {admitted} aanleveringen" if admitted > 1 else ""
        waiting = ", nieuwe vastgehouden" if states[HELD] else ""
        return f"{count} {'signaal' if count == 1 else 'signalen'}{extra}{waiting}"
    anybody = any(row["month"] == month and row["state"] in IN_FORCE for row in facts.deliveries)
    if month == month_of(facts.today) and not anybody and not ours:
        return "nog niet"
    missing.append((partner_id, month))
    if states[HELD]:
        return "vastgehouden"
    if states[REFUSED]:
        return f"ontbreekt ({states[REFUSED]} geweigerd)"
    if month == month_expected(facts.today) and facts.today <= (due := delivery_due_on(ruling, facts.today)):
        return f"ontbreekt (uiterlijk {due:%d-%m})"
    return "ontbreekt"


def decided_section(facts: FlowFacts) -> Section:
    """What was refused or is held, whole or in part, with the reason and what to do."""
    rows: list[tuple[str, ...]] = []
    for row in facts.deliveries:
        if row["state"] == HELD:
            warning = next(iter(row["warnings"] or []), FAULTS["HELD_FOR_STEWARD"].next_step)
            command = f"samenloop deliveries release {row['delivery_id']} (of: refuse)"
            rows.append((str(row["delivery_id"]), "vastgehouden", warning, command))
        elif row["state"] == REFUSED:
            fault = FAULTS.get(str(row["fault_code"]))
            rows.append(
                (str(row["delivery_id"]), "geweigerd", str(row["fault_code"]), fault.next_step if fault else "")
            )
        elif row["refused_count"]:
            codes = Counter(str(fault["code"]) for fault in row["refused_rows"] or [])
            why = ", ".join(f"{code} ({count})" for code, count in codes.most_common(3))
            refused = f"{row['refused_count']} van {row['row_count']} rijen geweigerd"
            rows.append(
                (str(row["delivery_id"]), refused, why, "De partner vindt de rijen in het ontvangstbericht.")
            )
    more = len(rows) - _MOST_ROWS
    note = f"En nog {more}: samenloop deliveries list." if more > 0 else ""
    headings = ("aanlevering", "stand", "reden", "wat nu")
    return Section("Geweigerd of vastgehouden", headings, rows[-_MOST_ROWS:], note)
