"""The balance of a practice year: every signal and every case accounted for, to the last one.

Looked at each evening, so that what is deleted on its date is known by what it was last. A line says what became
of how many; the checks say what does not add up. Both sides are counted by themselves: what partners sealed and
what counsellors wrote down on the one, the store on the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.commands.wiring import Run
from pipeline.stewardship.monitor_flow import STATE_LABELS
from pipeline.store import balance
from pipeline.vocabulary.case import (
    CLOSED,
    EXCLUDED,
    IN_PROGRESS,
    JOIN_REASONS,
    JOINED,
    MERGED,
    REVEALED,
    SEEN_STATES,
    WITHHELD,
)

SIGNAL_LABELS = {
    balance.REPLACED: "vervangen door een nieuwere aanlevering",
    balance.TAKEN_BACK: "ingetrokken door de partner",
    balance.SINGLE: "enkel: in geen zaak",
    balance.OTHER_PERSON: "in een zaak, maar over iemand anders",
    balance.RETRACTED: "in een zaak die is ingetrokken nadat een team haar zag",
}
RETRACTED = "ingetrokken nadat een team het zag; het team is het verteld"
CASE_LABELS = STATE_LABELS | {"in_progress": "in een lopende zaak", "revealed": "in een getoonde zaak"}
DESTROYED = " (vernietigd op termijn)"

Line = tuple[str, str, int]


@dataclass
class Ledger:
    """What was seen each evening. A signal that is not there any more keeps what it was last."""

    rows: dict[tuple[str, str, int, str], tuple[str, str]] = field(default_factory=dict)
    left: set[tuple[str, str, int, str]] = field(default_factory=set)
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: set[tuple[str, str, str]] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    def look(self, run: Run, counts: Mapping[str, int]) -> None:
        """Look at the store in the evening; `counts` are those of the day."""
        now = balance.signal_rows(run.store)
        self.rows |= now
        self.left = set(now)
        self.cases |= balance.case_rows(run.store)
        self.told |= balance.told_signals(run.store)
        self.counts.update(counts)


@dataclass(frozen=True)
class Balance:
    """The table, and what does not add up."""

    lines: tuple[Line, ...]
    wrong: tuple[str, ...]


def draw_up(
    run: Run,
    ledger: Ledger,
    *,
    sealed: Mapping[str, int],
    written: Mapping[str, str],
    heard: Mapping[str, int],
) -> Balance:
    """The balance at the end of the year.

    Args:
        run: the last day.
        ledger: what was seen each evening.
        sealed: rows per delivery, as the partners counted them.
        written: attempts that counsellors wrote down, with their case.
        heard: signals per partner of which the partner's own list tells something.
    """
    deliveries = balance.delivery_counts(run.store)
    attempts = balance.attempt_cases(run.store)
    lines = [
        *_signal_lines(ledger, sealed, deliveries),
        *(("zaken", label, count) for label, count in _states(ledger)),
        ("pogingen", "opgeschreven door counsellors", len(written)),
        ("pogingen", "verwerkt, elk één keer", len(set(written) & set(attempts))),
        ("pogingen", "in een geweigerde rij", len(set(written) - set(attempts))),
        ("terugkoppeling", "signalen waarover partners iets hoorden", sum(heard.values())),
    ]
    wrong = [
        *_wrong_signals(ledger, sealed, deliveries),
        *_wrong_cases(run, ledger),
        *_wrong_follow_up(ledger, written, attempts),
        *_wrong_feedback(ledger, heard),
    ]
    return Balance(tuple(lines), tuple(wrong))


def _signal_lines(
    ledger: Ledger, sealed: Mapping[str, int], deliveries: Mapping[str, Mapping[str, Any]]
) -> Iterator[Line]:
    refused = sum(int(row["refused_count"]) for name, row in deliveries.items() if name in sealed)
    yield "signalen", "verzegeld door partners", sum(sealed.values())
    if refused:
        yield "signalen", "geweigerd, met ontvangstbevestiging", refused
    labels = {**CASE_LABELS, **SIGNAL_LABELS}
    kinds = Counter((what, key in ledger.left) for key, (_, what) in ledger.rows.items())
    for (what, is_left), count in sorted(kinds.items()):
        yield "signalen", labels[what] + ("" if is_left else DESTROYED), count


def _wrong_signals(
    ledger: Ledger, sealed: Mapping[str, int], deliveries: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    seen = Counter(delivery_id for delivery_id, _ in ledger.rows.values())
    for name, rows in sorted(sealed.items()):
        row = deliveries.get(name)
        if row is None:
            yield f"aanlevering {name}: niet beoordeeld"
            continue
        admitted, refused = int(row["admitted_count"]), int(row["refused_count"])
        if admitted + refused != rows:
            yield f"aanlevering {name}: {rows} verzegeld, {admitted} toegelaten en {refused} geweigerd"
        if seen[name] != admitted:
            yield f"aanlevering {name}: {admitted} toegelaten, {seen[name]} in de boeken"
    yield from (f"signalen van {name}: door niemand verzegeld" for name in sorted(set(seen) - set(sealed)))


def _states(ledger: Ledger) -> list[tuple[str, int]]:
    counts = Counter(balance.what_is(case) for case in ledger.cases.values())
    labels = STATE_LABELS | {balance.RETRACTED: RETRACTED}
    return [(labels[state], counts[state]) for state in labels if counts[state]]


def _wrong_cases(run: Run, ledger: Ledger) -> Iterator[str]:
    opened = balance.opened_cases(run.store)
    if opened != len(ledger.cases):
        yield f"zaken: {opened} geopend volgens het logboek, {len(ledger.cases)} in de boeken"
    for case_id, case in sorted(ledger.cases.items()):
        state = case["state"]
        was_shown = case["first_revealed_on"] is not None
        if state in SEEN_STATES and (not was_shown or case["new_days"] != 1):
            yield f"zaak {case_id}: {case['new_days']} dagen als nieuw getoond"
        if state == CLOSED and not case["result"]:
            yield f"zaak {case_id}: afgerond zonder eindresultaat"
        if state in (REVEALED, IN_PROGRESS) and case["result"]:
            yield f"zaak {case_id}: eindresultaat, maar niet afgerond"
        if state in (WITHHELD, EXCLUDED) and not case["reason_code"]:
            yield f"zaak {case_id}: niet getoond zonder reden"
        if state == JOINED and (case["reason_code"] not in JOIN_REASONS or case["joined_to"] not in ledger.cases):
            yield f"zaak {case_id}: hoort bij een zaak die er niet is"
        if state == MERGED and case["merged_into"] not in ledger.cases:
            yield f"zaak {case_id}: samengevoegd met een zaak die er niet is"


def _wrong_follow_up(ledger: Ledger, written: Mapping[str, str], attempts: Mapping[str, str]) -> Iterator[str]:
    strange = set(attempts) - set(written)
    if strange:
        yield f"pogingen: {len(strange)} die niemand opschreef"
    lost = len(set(written) - set(attempts))
    if lost > ledger.counts["settle_rows_refused"]:
        yield f"pogingen: {lost} niet verwerkt, {ledger.counts['settle_rows_refused']} rijen geweigerd"
    if ledger.counts["settle_attempts"] != len(attempts):
        yield f"pogingen: {ledger.counts['settle_attempts']} geteld, {len(attempts)} in de boeken"


def _wrong_feedback(ledger: Ledger, heard: Mapping[str, int]) -> Iterator[str]:
    told = Counter(partner_id for partner_id, _, _ in ledger.told)
    for partner_id in sorted({*told, *heard}):
        if told[partner_id] != heard.get(partner_id, 0):
            yield f"terugkoppeling {partner_id}: {told[partner_id]} verteld, {heard.get(partner_id, 0)} gehoord"
    known = {(partner_id, month, signal_id) for partner_id, month, _, signal_id in ledger.rows}
    if ledger.told - known:
        yield f"terugkoppeling: {len(ledger.told - known)} signalen die niemand aanleverde"
    silent = {
        key
        for key, (_, what) in ledger.rows.items()
        if what in (balance.SINGLE, CLOSED)
        and key not in ledger.left
        and (key[0], key[1], key[3]) not in ledger.told
    }
    if silent:
        yield f"terugkoppeling: {len(silent)} signalen vernietigd zonder bericht aan de partner"
