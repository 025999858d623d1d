"""What a team reads about one case: what each partner reported, why it is on the list, what to do and by when.

The entry has the form of the published worklist (schemas/worklist). Reasons and next step are sentences of
texts.toml, chosen by fixed rules: what threatens first, then who reports, then how much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.revealed.crisis import is_over, pressing_crisis
from pipeline.revealed.describe_household import ShownSignal, describe_household, person_id
from pipeline.revealed.priority import Urgency, is_high_amount
from pipeline.revealed.term import Begun, Term, present_term, since
from pipeline.revealed.texts import TEXTS, euros, joined, long_date, long_month, months_text, sentence
from pipeline.vocabulary.agreement import Agreement
from pipeline.vocabulary.case import GROUND_WITHDRAWAL


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the store knows of a case that is going to be shown. No value of a person."""

    case_id: str
    month: str
    lane: str
    ground: str
    is_new: bool
    opened_on: date
    due_on: date | None
    wijkcode: str | None
    attempts: tuple[Mapping[str, Any], ...] = ()
    next_appointment_on: str | None = None
    is_unsafe: bool = False
    first_revealed_on: str | None = None
    months: tuple[str, ...] = ()
    is_grown: bool = False
    gone_partner_ids: tuple[str, ...] = ()
    case_holder: Mapping[str, Any] | None = None
    term_from_on: date | None = None
    crisis_from_on: date | None = None
    earlier_result: str | None = None
    earlier_result_on: str | None = None

    @property
    def begun(self) -> Begun:
        """What is known of its term."""
        return Begun(self.opened_on, self.term_from_on, self.crisis_from_on, self.due_on)


def describe_case(
    facts: CaseFacts, evidence: str, shown: Sequence[ShownSignal], agreement: Agreement, today: date
) -> dict[str, Any]:
    """The entry of one case in the worklist; `priority` is filled in when the whole list is known."""
    is_withdrawn = facts.ground == GROUND_WITHDRAWAL
    shown = newest_reports(shown)
    signals = [] if is_withdrawn else [_signal(item, agreement) for item in shown]
    is_crisis = any(signal["is_crisis"] for signal in signals)
    term = present_term(facts.begun, facts.attempts, agreement.thresholds, is_crisis=is_crisis)
    urgency = _urgency(facts, signals, term, agreement, today)
    entry = {
        "case_id": facts.case_id,
        "month": facts.month,
        "lane": facts.lane,
        "evidence": evidence,
        "ground": facts.ground,
        "is_new": facts.is_new,
        "points": 0 if is_withdrawn else max(0, urgency.points),
        "urgency": urgency.label,
        "due_on": None if is_withdrawn else term.due_on.isoformat(),
        "is_contact_due": term.is_contact_due and not is_withdrawn,
        "term_from_on": None if term.from_on is None else term.from_on.isoformat(),
        "first_shown_on": facts.first_revealed_on,
        "wijkcode": facts.wijkcode,
        "household": describe_household(shown, agreement),
        "signals": signals,
        "attempts": [dict(attempt) for attempt in facts.attempts],
        "months": list(facts.months or (facts.month,)),
        "is_grown": facts.is_grown,
        "gone_partners": [] if is_withdrawn else _names(facts.gone_partner_ids, agreement),
        "case_holder": None if facts.case_holder is None else dict(facts.case_holder),
        "next_appointment_on": facts.next_appointment_on,
        "is_unsafe": facts.is_unsafe,
        "earlier_result": facts.earlier_result,
        "earlier_result_on": facts.earlier_result_on,
    }
    return entry | {"reasons": _reasons(entry, today), "next_step": _next_step(entry, today)}


def newest_reports(shown: Sequence[ShownSignal]) -> list[ShownSignal]:
    """Of each client of a partner what was reported last: an older month says what was so before."""
    newest: dict[tuple[str, str], str] = {}
    for item in shown:
        client = (item.partner_id, str(item.contact["klantnummer"]))
        newest[client] = max(newest.get(client, ""), item.month)
    return [item for item in shown if item.month == newest[item.partner_id, str(item.contact["klantnummer"])]]


def _signal(item: ShownSignal, agreement: Agreement) -> dict[str, Any]:
    contact = item.contact
    partner = agreement.partner(item.partner_id)
    return {
        "partner_id": item.partner_id,
        "month": item.month,
        "partner_type": partner.partner_type if partner else "Overige",
        "partner_name": partner.name if partner else item.partner_id,
        "klantnummer": contact["klantnummer"],
        "person": person_id(item.person),
        "arrears_months": contact["arrears_months"],
        "arrears_eur": contact["arrears_eur"],
        "since_on": contact.get("since_on"),
        "signalled_on": contact.get("signalled_on"),
        "is_crisis": bool(contact.get("is_crisis")),
        "crisis_kind": contact.get("crisis_kind"),
        "crisis_on": contact.get("crisis_on"),
        "has_warm_handover": bool(contact.get("has_warm_handover")),
        "contract_count": contact.get("contract_count"),
    }


def _urgency(
    facts: CaseFacts, signals: Sequence[Mapping[str, Any]], term: Term, agreement: Agreement, today: date
) -> Urgency:
    waits_from = term.from_on or facts.opened_on
    high = [
        signal
        for signal in signals
        if is_high_amount(signal["partner_type"], signal["arrears_eur"], agreement.thresholds)
    ]
    return Urgency(
        crisis=int(any(signal["is_crisis"] for signal in signals)),
        days_overdue=max(0, (today - term.due_on).days) if term.is_contact_due else 0,
        partners=len({signal["partner_id"] for signal in signals}),
        months=max((signal["arrears_months"] for signal in signals), default=0),
        high_amounts=len(high),
        weeks_waiting=(today - waits_from).days // 7 if term.is_contact_due else 0,
        repeats=len(facts.months) - 1 if facts.months else 0,
        attempts=len(since(term.from_on, facts.attempts)),
    )


def _names(partner_ids: Iterable[str], agreement: Agreement) -> list[str]:
    partners = [(partner_id, agreement.partner(partner_id)) for partner_id in partner_ids]
    return sorted({partner.name if partner else partner_id for partner_id, partner in partners})


def _reasons(entry: Mapping[str, Any], today: date) -> list[str]:
    """One or two sentences: what presses most, if anything does, and who reports how much."""
    if entry["ground"] == GROUND_WITHDRAWAL:
        return _withdrawn(entry)
    if not entry["signals"]:
        return [sentence("reasons", "closed_contact")]
    pressing = _pressing(entry, today)
    return [*([pressing] if pressing else []), _reported(entry)]


def _withdrawn(entry: Mapping[str, Any]) -> list[str]:
    """That no visit is needed, and who was there already."""
    which = "withdrawal" if entry["household"]["persons"] else "excluded"
    reasons = [sentence("reasons", which)]
    if entry["attempts"]:
        last = entry["attempts"][-1]
        by = sentence("reasons", "by", who=last["by"]) if last["by"] else ""
        told = "visited_reached" if last["is_reached"] else "visited"
        reasons.append(sentence("reasons", told, type=last["type"], date=long_date(last["on"]), by=by))
    return reasons


def _pressing(entry: Mapping[str, Any], today: date) -> str | None:
    """What threatens, else a passed term, else that it came again or grew since it was shown."""
    crisis = pressing_crisis(entry["signals"], today.isoformat())
    if crisis is not None:
        return _crisis_sentence(crisis, today)
    if _is_overdue(entry, today):
        return sentence("reasons", "overdue", date=long_date(entry["due_on"]))
    if len(entry["months"]) > 1:
        return sentence("reasons", "repeated", month=long_month(entry["months"][-1]))
    return sentence("reasons", "grown") if entry["is_grown"] else None


def _reported(entry: Mapping[str, Any]) -> str:
    """Who reports, how long and how much, and how sure it is that it is one person."""
    signals = entry["signals"]
    names = sorted({signal["partner_name"] for signal in signals})
    months = max(signal["arrears_months"] for signal in signals)
    return sentence(
        "reasons",
        "reported_one" if len(names) == 1 else "reported_many",
        count=len(names),
        partners=joined(names),
        months=months_text(months),
        total=euros(sum(signal["arrears_eur"] for signal in signals)),
        evidence=TEXTS["evidence"].get(entry["evidence"], ""),
    )


def _crisis_sentence(signal: Mapping[str, Any], today: date) -> str:
    """What threatens and when; after that day, what may have happened already."""
    on = sentence("reasons", "on", date=long_date(signal["crisis_on"])) if signal["crisis_on"] else ""
    supply = TEXTS["supply"].get(signal["partner_type"], TEXTS["supply"]["other"])
    kind = signal["crisis_kind"] if signal["crisis_kind"] in TEXTS["crisis_kinds"] else "crisis"
    if is_over(signal, today.isoformat()):
        kind = f"{kind}_past"
    return sentence("reasons", kind, on=on, supply=supply, partner=signal["partner_name"])


def _is_overdue(entry: Mapping[str, Any], today: date) -> bool:
    return bool(entry["is_contact_due"] and entry["due_on"] < today.isoformat())


def _next_step(entry: Mapping[str, Any], today: date) -> str:
    if entry["ground"] == GROUND_WITHDRAWAL:
        return sentence("next_steps", "withdrawal")
    if entry["is_unsafe"]:
        return sentence("next_steps", "unsafe")
    if entry["next_appointment_on"] and entry["next_appointment_on"] >= today.isoformat():
        return sentence("next_steps", "appointment", date=long_date(entry["next_appointment_on"]))
    if any(signal["is_crisis"] for signal in entry["signals"]) and entry["is_contact_due"]:
        return sentence("next_steps", "crisis")
    if _is_overdue(entry, today):
        return sentence("next_steps", "overdue")
    return sentence("next_steps", "new" if entry["is_contact_due"] else "running")
