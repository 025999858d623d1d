"""What a team reads about one case: what each partner reported, why it is on the list, what to do and by when.

The entry has the form of the published worklist (schemas/worklist); its sentences are made by case_sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.revealed.case_sentences import because_of, sentences_of
from pipeline.revealed.crisis import coming_crisis
from pipeline.revealed.describe_household import ShownSignal, describe_household, person_id
from pipeline.revealed.priority import URGENT, Urgency, is_high_amount
from pipeline.revealed.term import Begun, Term, present_term, since
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
    grown_on: date | None = None
    gone_partner_ids: tuple[str, ...] = ()
    case_holder: Mapping[str, Any] | None = None
    closes_on: date | None = None
    term_from_on: date | None = None
    crisis_from_on: date | None = None
    earlier_result: str | None = None
    earlier_result_on: str | None = None
    is_excluded: bool = False
    is_revoked: bool = False

    @property
    def begun(self) -> Begun:
        """What is known of its term."""
        return Begun(self.opened_on, self.term_from_on, self.crisis_from_on, self.due_on)


def describe_case(
    facts: CaseFacts,
    evidence: str,
    shown: Sequence[ShownSignal],
    agreement: Agreement,
    today: date,
    *,
    is_likely: bool = False,
) -> dict[str, Any]:
    """The entry of one case in the worklist; `priority` is filled in when the whole list is known.

    Args:
        facts: what the store knows of the case.
        evidence: person, household or reviewed.
        shown: the signals that were confirmed.
        agreement: the version for the case's month.
        today: the day of the list.
        is_likely: whether it is likely, and not sure, that the signals of a person are about that person.
    """
    is_withdrawn = facts.ground == GROUND_WITHDRAWAL
    shown = newest_reports(shown)
    reported = [_signal(item, agreement) for item in shown]
    signals = [] if is_withdrawn else reported
    is_crisis = any(signal["is_crisis"] for signal in signals)
    term = present_term(facts.begun, facts.attempts, agreement.thresholds, is_crisis=is_crisis)
    urgency = _urgency(facts, signals, term, agreement, today)
    standing = [item for item in reported if item["partner_id"] not in facts.gone_partner_ids]
    stays_urgent = is_withdrawn and not facts.is_excluded and coming_crisis(standing, today.isoformat())
    entry = {
        "case_id": facts.case_id,
        "month": facts.month,
        "lane": facts.lane,
        "evidence": evidence,
        "is_likely": is_likely,
        "ground": facts.ground,
        "is_new": facts.is_new,
        "points": 0 if is_withdrawn else max(0, urgency.points),
        "because": "" if is_withdrawn else because_of(urgency, _high_types(signals, agreement)),
        "urgency": URGENT if stays_urgent else urgency.label,
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
        "is_renewed": not is_withdrawn and _is_renewed(facts, facts.grown_on, facts.term_from_on),
        "gone_partners": [] if facts.is_excluded else _names(facts.gone_partner_ids, agreement),
        "case_holder": None if facts.case_holder is None else dict(facts.case_holder),
        "next_appointment_on": facts.next_appointment_on,
        "is_unsafe": facts.is_unsafe,
        "earlier_result": facts.earlier_result,
        "earlier_result_on": facts.earlier_result_on,
    }
    return entry | sentences_of(
        entry,
        today,
        standing,
        is_excluded=facts.is_excluded,
        is_revoked=facts.is_revoked,
        closes_on=facts.closes_on,
        has_grown=bool(facts.attempts and facts.grown_on and _is_renewed(facts, facts.grown_on)),
    )


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
    return Urgency(
        crisis=int(any(signal["is_crisis"] for signal in signals)),
        days_overdue=max(0, (today - term.due_on).days) if term.is_contact_due else 0,
        partners=len({signal["partner_id"] for signal in signals}),
        months=max((signal["arrears_months"] for signal in signals), default=0),
        high_amounts=len(_high_types(signals, agreement)),
        weeks_waiting=(today - waits_from).days // 7 if term.is_contact_due else 0,
        repeats=len(facts.months) - 1 if facts.months else 0,
        attempts=len(since(term.from_on, facts.attempts)),
    )


def _high_types(signals: Iterable[Mapping[str, Any]], agreement: Agreement) -> list[str]:
    """The partner type of each amount that reaches the threshold of its type."""
    reported = ((signal["partner_type"], signal["arrears_eur"]) for signal in signals)
    return [kind for kind, amount in reported if is_high_amount(kind, amount, agreement.thresholds)]


def _is_renewed(facts: CaseFacts, *changed_on: date | None) -> bool:
    """Whether a case that was tried or closed before changed on one of these days, and nobody tried since."""
    days = [day.isoformat() for day in changed_on if day is not None]
    was_known = bool(facts.attempts or facts.earlier_result_on)
    return bool(days and was_known and all(attempt["on"] < max(days) for attempt in facts.attempts))


def _names(partner_ids: Iterable[str], agreement: Agreement) -> list[str]:
    partners = [(partner_id, agreement.partner(partner_id)) for partner_id in partner_ids]
    return sorted({partner.name if partner else partner_id for partner_id, partner in partners})
