"""The sentences of one case: why it is on the list and what to do, by fixed rules from texts.toml.

What threatens comes first, then who reports, then how much. Of a case that needs no visit any more they say who
took a report back, what still stands, and who was there already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pipeline.revealed.crisis import coming_crisis, is_over, pressing_crisis
from pipeline.revealed.priority import Urgency
from pipeline.revealed.texts import (
    TEXTS,
    euros,
    joined,
    long_date,
    long_month,
    months_text,
    sentence,
    signed,
)
from pipeline.revealed.worklist import crisis_before, is_missed
from pipeline.vocabulary.case import GROUND_WITHDRAWAL
from pipeline.vocabulary.untouched import is_last_month


def sentences_of(
    entry: Mapping[str, Any],
    today: date,
    standing: Sequence[Mapping[str, Any]] = (),
    *,
    is_excluded: bool = False,
    is_revoked: bool = False,
    closes_on: date | None = None,
    has_grown: bool = False,
) -> dict[str, Any]:
    """`reasons` and `next_step` of an entry.

    Args:
        entry: the entry of the worklist, but for these two.
        today: the day of the list.
        standing: of a case that needs no visit any more, the reports that were not taken back.
        is_excluded: whether the municipality decided that nobody calls on this household.
        is_revoked: whether it rested on a partner's key that was revoked.
        closes_on: when the case closes if nothing more is recorded about it.
        has_grown: whether somebody tried, and it grew since.
    """
    if is_excluded:
        return {"reasons": [sentence("reasons", "excluded"), *_visited(entry)], "next_step": _stop(entry, today)}
    if entry["ground"] == GROUND_WITHDRAWAL:
        return _withdrawn(entry, today, standing, is_revoked=is_revoked)
    reasons = _reasons(entry, closes_on, today, has_grown=has_grown)
    return {"reasons": reasons, "next_step": _next_step(entry, today)}


def because_of(urgency: Urgency, high_types: Sequence[str]) -> str:
    """The points of a case and what they are for, from the rows of the table that count."""
    if not urgency.rows:
        return sentence("because", "none")
    kinds = joined(sorted({kind.lower() for kind in high_types}))
    types = sentence("because", "types", types=kinds) if kinds else ""
    rows = [f"{sentence('because', row.key, types=types)} ({signed(row.points)})" for row in urgency.rows]
    told = sentence("because", "told", points=f"{max(0, urgency.points)} punten", rows=", ".join(rows))
    return told + (sentence("because", "below") if urgency.points < 0 else "")


def _reasons(entry: Mapping[str, Any], closes_on: date | None, today: date, *, has_grown: bool) -> list[str]:
    """What presses most, if anything does; who reports how much; what changed, and if it may not be one person."""
    if not entry["signals"]:
        return [sentence("reasons", "closed_contact")]
    pressing, grown = _pressing(entry, closes_on, today), sentence("reasons", "grown")
    changed = sentence("reasons", "changed") if has_grown and pressing != grown else ""
    likely = TEXTS["evidence"]["likely"] if entry["is_likely"] else ""
    return [told for told in (pressing, changed, _reported(entry), likely) if told]


def _withdrawn(
    entry: Mapping[str, Any], today: date, standing: Sequence[Mapping[str, Any]], *, is_revoked: bool
) -> dict[str, Any]:
    """Who took a report back, that no visit is needed, what threatens nevertheless, who was there already."""
    gone = entry["gone_partners"]
    which = "withdrawal" if not gone else "withdrawal_one" if len(gone) == 1 else "withdrawal_many"
    rest = sentence("reasons", "withdrawal_rest") if gone and standing else ""
    told = sentence("reasons", which, partners=joined(gone), rest=rest)
    reasons = [sentence("reasons", "revoked") if is_revoked else told]
    crisis = coming_crisis(standing, today.isoformat())
    if crisis is not None:
        kind = TEXTS["crisis_kinds"].get(crisis["crisis_kind"], "crisissignaal")
        on = sentence("reasons", "on", date=long_date(crisis["crisis_on"])) if crisis["crisis_on"] else ""
        reasons.append(sentence("reasons", "crisis_stands", partner=crisis["partner_name"], kind=kind, on=on))
        step = sentence("next_steps", "crisis_stands")
    else:
        step = sentence("next_steps", "withdrawal", appointment=_appointment(entry, today, "cancel"))
    return {"reasons": [*reasons, *_visited(entry)], "next_step": step}


def _stop(entry: Mapping[str, Any], today: date) -> str:
    """That nobody may call on the household any more, and what becomes of an appointment."""
    told = _appointment(entry, today, "cancel_by_lead") or sentence("next_steps", "cancel_any")
    return sentence("next_steps", "excluded", appointment=told)


def _appointment(entry: Mapping[str, Any], today: date, which: str) -> str:
    """A sentence about an appointment that stands; nothing without one."""
    on = entry["next_appointment_on"]
    return sentence("next_steps", which, date=long_date(on)) if on and on >= today.isoformat() else ""


def _visited(entry: Mapping[str, Any]) -> list[str]:
    """Who was there last, if anybody was."""
    if not entry["attempts"]:
        return []
    last = entry["attempts"][-1]
    by = sentence("reasons", "by", who=last["by"]) if last["by"] else ""
    told = "visited_reached" if last["is_reached"] else "visited"
    return [sentence("reasons", told, type=last["type"], date=long_date(last["on"]), by=by)]


def _pressing(entry: Mapping[str, Any], closes_on: date | None, today: date) -> str | None:
    """That the case is about to close, else what threatens, a passed term, or that it came again or grew."""
    if closes_on is not None and is_last_month(closes_on, today):
        return sentence("reasons", "closes", date=long_date(max(closes_on, today)))
    crisis = pressing_crisis(entry["signals"], today.isoformat())
    if crisis is not None:
        return _crisis_sentence(crisis, today)
    if _is_overdue(entry, today):
        return sentence("reasons", "overdue", date=long_date(entry["due_on"]))
    if len(entry["months"]) > 1:
        return sentence("reasons", "repeated", month=long_month(entry["months"][-1]))
    return sentence("reasons", "grown") if entry["is_grown"] else None


def _reported(entry: Mapping[str, Any]) -> str:
    """Who reports, how long and how much, and whether it is about several persons."""
    signals = entry["signals"]
    names = sorted({signal["partner_name"] for signal in signals})
    months = max(signal["arrears_months"] for signal in signals)
    return sentence(
        "reasons",
        "reported_many" if len(names) > 1 else "reported_one_more" if len(signals) > 1 else "reported_one",
        count=len(names),
        partners=joined(names),
        months=months_text(months),
        total=euros(sum(signal["arrears_eur"] for signal in signals)),
        evidence="" if entry["is_likely"] else TEXTS["evidence"].get(entry["evidence"], ""),
    )


def _crisis_sentence(signal: Mapping[str, Any], today: date) -> str:
    """What threatens and when; after that day, what may have happened already."""
    on = sentence("reasons", "on", date=long_date(signal["crisis_on"])) if signal["crisis_on"] else ""
    supply = TEXTS["supply"].get(signal["partner_type"], TEXTS["supply"]["other"])
    kind = _kind(signal)
    if is_over(signal, today.isoformat()):
        kind = f"{kind}_past"
    return sentence("reasons", kind, on=on, supply=supply, partner=signal["partner_name"])


def _is_overdue(entry: Mapping[str, Any], today: date) -> bool:
    return bool(entry["is_contact_due"] and entry["due_on"] < today.isoformat())


def _next_step(entry: Mapping[str, Any], today: date) -> str:
    """What to do: that it is not safe and what was agreed, else by what was written down last."""
    unsafe = sentence("next_steps", "unsafe") if entry["is_unsafe"] else ""
    return " ".join(part for part in (unsafe, _agreed(entry, today)) if part) or _try(entry, today)


def _agreed(entry: Mapping[str, Any], today: date) -> str:
    """The appointment that stands or passed; of one that comes too late for a crisis what to do before."""
    on = entry["next_appointment_on"]
    if is_missed(entry, today.isoformat()):
        return sentence("next_steps", "missed", date=long_date(on))
    if not on or on < today.isoformat():
        return ""
    told = sentence("next_steps", "appointment", date=long_date(on))
    crisis = crisis_before(entry, today.isoformat())
    if crisis is None:
        return told
    if is_over(crisis, today.isoformat()):
        return f"{told} {_ask(entry, crisis)}"
    return f"{told} {sentence('next_steps', 'appointment_late', what=TEXTS['crisis_days'][_kind(crisis)])}"


def _try(entry: Mapping[str, Any], today: date) -> str:
    """How to get in touch when nothing is agreed."""
    crisis = pressing_crisis(entry["signals"], today.isoformat())
    if crisis is not None and entry["is_contact_due"]:
        is_past = is_over(crisis, today.isoformat())
        return _ask(entry, crisis) if is_past else _by_phone("crisis", entry)
    if _is_overdue(entry, today):
        return sentence("next_steps", "overdue")
    if entry["is_contact_due"]:
        return _by_phone("new", entry)
    if entry["is_renewed"]:
        return sentence("next_steps", "renewed")
    reached = [
        one["on"] for one in entry["attempts"] if one["is_reached"] and one["on"] >= (entry["term_from_on"] or "")
    ]
    return (
        sentence("next_steps", "reached", date=long_date(max(reached)))
        if reached
        else sentence("next_steps", "running")
    )


def _ask(entry: Mapping[str, Any], crisis: Mapping[str, Any]) -> str:
    """After the day of a crisis: first ask whether it happened."""
    return _by_phone("crisis_past", entry, what=TEXTS["crisis_asked"][_kind(crisis)])


def _by_phone(name: str, entry: Mapping[str, Any], **values: object) -> str:
    """A step that says to call, or its like when no phone is known of anybody."""
    has_phone = any(person["phones"] for person in entry["household"]["persons"])
    return sentence("next_steps", name if has_phone else f"{name}_no_phone", **values)


def _kind(crisis: Mapping[str, Any]) -> str:
    """The kind of a crisis as texts.toml names it."""
    return str(crisis["crisis_kind"]) if crisis["crisis_kind"] in TEXTS["crisis_kinds"] else "crisis"
