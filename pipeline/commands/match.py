"""`samenloop match`: for every month that changed, propose sets and let the cases follow.

A month is matched again when a delivery raised its mark, and, as long as deliveries for it may still arrive, when
the agreement's rule changed. All that follows from one month is one transaction, with the mark up to which it was
matched; matching a month that did not change writes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import typer

from pipeline.commands.console import Outcome, progress, run_command
from pipeline.commands.erasing.erasure_ledger import apply_ledger
from pipeline.commands.journal_keeping.kept_head import open_working_run
from pipeline.commands.options import DateOption, HomeOption, JsonOption
from pipeline.commands.wiring import Run
from pipeline.pseudonymous.describe_sets import ProposedSet, SignalKey, describe_sets
from pipeline.pseudonymous.match_signals import RULES
from pipeline.pseudonymous.match_signals import match_month as propose
from pipeline.pseudonymous.open_cases import (
    CHANGED,
    MERGED,
    OPENED,
    REOPENED,
    RETRACTED,
    WITHDRAWN,
    Case,
    Decision,
    decide,
)
from pipeline.store import cases as store_cases
from pipeline.store.connect import Transaction
from pipeline.vault.randomness import new_secret
from pipeline.vocabulary.agreement import Agreement, version_for
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS, MOVED, opens_or_closes
from pipeline.vocabulary.period import add_months, month_of

COMMAND = "match"
TRANSACTION = "match_month"
COUNTED = {
    OPENED: "opened",
    CHANGED: "changed",
    REOPENED: "reopened",
    MERGED: "merged",
    WITHDRAWN: "withdrawn",
    RETRACTED: "marked_retracted",
}
_ID_DIGITS = 32
_KEPT_OF_CASE = (
    "state",
    "lane",
    "evidence",
    "partner_count",
    "months_max",
    "is_crisis",
    "wijkcode",
    "postcode4",
    "revision",
    "mark",
    "merged_into",
    "first_revealed_on",
    "reason_code",
)


def touched_months(run: Run) -> list[str]:
    """Months that must be matched: what counts in them changed, or, while they are open, the rule did."""
    first_open = add_months(month_of(run.today), -run.agreement.rule.late_months)
    touched = []
    for mark in store_cases.month_marks_of(run.store):
        agreement = version_for(run.agreements, mark["month"])
        if agreement is None:
            continue
        is_changed = mark["matched_revision"] < mark["changed_revision"]
        is_other_rule = mark["rule_fingerprint"] != rule_fingerprint(agreement, mark["month"])
        if is_changed or (is_other_rule and mark["month"] >= first_open):
            touched.append(str(mark["month"]))
    return touched


def match(run: Run) -> Outcome:
    """Match every touched month."""
    months = touched_months(run)
    counts = Counter(_no_counts())
    lines = []
    with progress("match", len(months)) as advance:
        for month in months:
            outcome = match_month(run, month)
            counts.update(outcome.counts)
            lines += outcome.lines
            advance(1)
    return Outcome(COMMAND, dict(counts), lines=lines or ["Er is niets veranderd sinds de vorige keer."])


def match_month(run: Run, month: str) -> Outcome:
    """Match one month, changed or not. A month without deliveries or without an agreement is left alone."""
    agreement = version_for(run.agreements, month)
    with run.store.writer_lock(TRANSACTION):
        apply_ledger(run)
        revision = next(
            (mark["changed_revision"] for mark in store_cases.month_marks_of(run.store) if mark["month"] == month),
            None,
        )
        if agreement is None or revision is None:
            return Outcome(COMMAND, _no_counts(), lines=[f"{month}: niets te vergelijken."])
        partner_types = {partner.partner_id: partner.partner_type for partner in _taking_part(agreement, month)}
        signals = store_cases.effective_signals(run.store, month, partner_types)
        reveals_crisis = agreement.lanes["crisis"] == "reveal"
        sets = describe_sets(propose(signals, agreement.rule, reveals_crisis=reveals_crisis), partner_types)
        held = store_cases.cases_under_two_keys(run.store, month, partner_types, agreement.rule)
        with run.store.transaction(TRANSACTION, at=run.now, actor=run.actor) as transaction:
            decisions = _save(transaction, run, month, agreement, sets, held)
            store_cases.mark_matched(transaction, month, revision, rule_fingerprint(agreement, month))
    return _outcome(month, signals.height, len(sets), decisions, len(held))


def rule_fingerprint(agreement: Agreement, month: str) -> str:
    """Changes when the same signals could make other cases: by the rule, the lane, or who takes part."""
    partners = sorted((partner.partner_id, partner.partner_type) for partner in _taking_part(agreement, month))
    said = {
        "rules": RULES,
        "rule": asdict(agreement.rule),
        "crisis": agreement.lanes["crisis"],
        "partners": partners,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _taking_part(agreement: Agreement, month: str) -> list[Any]:
    return [partner for partner in agreement.partners if partner.is_valid_for(month)]


def _save(
    transaction: Transaction,
    run: Run,
    month: str,
    agreement: Agreement,
    sets: Sequence[ProposedSet],
    held: frozenset[str],
) -> list[Decision]:
    known = [_as_case(row) for row in store_cases.cases_of_month(transaction, month)]
    decisions = decide(sets, known, _new_ids(), transaction.at, held)
    stamp = {"agreement_version": agreement.version, "changed_at": transaction.at}
    unseen = {
        "month": month,
        "team_id": None,
        "counsellor_id": None,
        "revealed_revision": None,
        "due_on": None,
        "opened_on": run.today.isoformat(),
    }
    store_cases.save_cases(
        transaction,
        [
            {**_as_row(item.after), **stamp, **unseen, "opened_at": item.after.opened_at}
            for item in decisions
            if item.before is None
        ],
        [
            {**_as_row(item.after), **stamp, **_new_term(item.before, item.after, run.today.isoformat())}
            for item in decisions
            if item.before is not None
        ],
    )
    _save_signals(transaction, month, decisions)
    for item in decisions:
        result = (
            item.after.state
            if item.after.merged_into is None
            else f"{item.after.state} into {item.after.merged_into}"
        )
        counts = {
            "signals": len(item.after.signals),
            "partners": item.after.partner_count,
            "revision": item.after.revision,
        }
        transaction.journal(item.action, item.after.case_id, result=result, counts=counts)
        if item.before is not None and opens_or_closes(item.before.state, item.after.state):
            transaction.journal(MOVED, item.after.case_id, ground=month, result=item.after.state)
    if decisions:
        transaction.journal("match_month", month, counts={"sets": len(sets), "decisions": len(decisions)})
    return decisions


def _new_term(before: Case, after: Case, today: str) -> dict[str, str | None]:
    """When a case is taken up again, or a crisis comes in, from today on somebody must be in contact anew."""
    change: dict[str, str | None] = {}
    if (before.state, after.state) == (CLOSED, IN_PROGRESS):
        change |= {"term_from_on": today, "due_on": None}
    if after.is_crisis and not before.is_crisis:
        change |= {"crisis_from_on": today}
    return change


def _save_signals(transaction: Transaction, month: str, decisions: Sequence[Decision]) -> None:
    joined, returned, left = [], [], []
    for item in decisions:
        before = item.before.signals if item.before is not None else frozenset()
        former = item.before.former if item.before is not None else frozenset()
        case_id = item.after.case_id
        joined += _keys(case_id, month, item.after.signals - before - former)
        returned += _keys(case_id, month, (item.after.signals - before) & former)
        left += _keys(case_id, month, before - item.after.signals)
    store_cases.save_case_signals(transaction, joined, returned, left)


def _keys(case_id: str, month: str, signals: frozenset[SignalKey]) -> list[dict[str, str]]:
    return [
        {"case_id": case_id, "partner_id": partner_id, "month": month, "signal_id": signal_id}
        for partner_id, signal_id in sorted(signals)
    ]


def _as_case(row: dict[str, Any]) -> Case:
    return Case(
        case_id=row["case_id"],
        signals=row["signals"],
        former=row["former"],
        digest=row["evidence_digest"],
        opened_at=row["opened_at"],
        **{name: row[name] for name in _KEPT_OF_CASE},
    )


def _as_row(case: Case) -> dict[str, Any]:
    kept = {name: getattr(case, name) for name in _KEPT_OF_CASE}
    return {"case_id": case.case_id, "evidence_digest": case.digest, **kept}


def _new_ids() -> Iterator[str]:
    while True:
        yield f"Z-{new_secret().hex()[:_ID_DIGITS]}"


def _no_counts() -> dict[str, int]:
    return dict.fromkeys(("months", "signals", "sets", *COUNTED.values()), 0)


def _outcome(
    month: str, signal_count: int, set_count: int, decisions: Sequence[Decision], held_count: int
) -> Outcome:
    actions = Counter(COUNTED[item.action] for item in decisions if item.action in COUNTED)
    counts = {**_no_counts(), "months": 1, "signals": signal_count, "sets": set_count, **actions}
    done = ", ".join(f"{counts[name]} {_DUTCH[name]}" for name in COUNTED.values() if counts[name])
    line = f"{month}: {signal_count} signalen, {set_count} samenlopen; {done or 'geen verandering'}."
    if held_count:
        stays = "zaak blijft" if held_count == 1 else "zaken blijven"
        line += f" {held_count} {stays} staan onder twee sleutels, tot elke partner opnieuw aanlevert."
    return Outcome(COMMAND, counts, lines=[line])


_DUTCH = {
    "opened": "geopend",
    "changed": "veranderd",
    "reopened": "heropend",
    "merged": "samengevoegd",
    "withdrawn": "ingetrokken",
    "marked_retracted": "gemeld als vervallen",
}


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def match_command(home: HomeOption = None, date: DateOption = None, as_json: JsonOption = False) -> None:
        """Compare the signals of every month that changed, and open, change or withdraw its cases.

        Example: samenloop match --home var --date 2026-10-12
        """

        def work() -> Outcome:
            with open_working_run(home, date) as run:
                return match(run)

        run_command(work, COMMAND, as_json=as_json)
