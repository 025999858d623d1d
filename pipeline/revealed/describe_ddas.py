"""The delivery to the statistics office: what the exchange model needs of revealed cases, and nothing else.

A client is a postcode and a house number, with addition and birth date where the partner knew them; no name, no
client number. Records are made in our own words; a table per version of the model says how it calls them. What the
model leaves open is checked here: a record that does not hold is left out with a code, and counted.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.vocabulary.period import month_end, month_start
from pipeline.vocabulary.signal_outcome import status_of

ADDRESS_INCOMPLETE = "ADDRESS_INCOMPLETE"
DATE_ORDER = "DATE_ORDER"
CASE_EMPTY = "CASE_EMPTY"
RESULT_UNTRIED = "RESULT_UNTRIED"
RESULT_CONTRADICTS = "RESULT_CONTRADICTS"
DAY_ASSUMED = "DAY_ASSUMED"
BIRTH_INCOMPLETE = "BIRTH_INCOMPLETE"

_POSTCODE = re.compile(r"^[1-9][0-9]{3}[A-Z]{2}\Z")
_NUMBER = re.compile(r"^([1-9][0-9]{0,4})")
_NO_CONTACT = "Definitief geen contact kunnen krijgen"
_UNTRIED = (_NO_CONTACT, "Geen reactie na eerder contact")

Mapped = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, repr=False)
class KnownSignal:
    """A confirmed signal of a case: its place, its partner's type, and the contact that was opened for it."""

    partner_id: str
    month: str
    signal_id: str
    partner_type: str
    contact: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A revealed case with its follow-up. Days are ISO text."""

    month: str
    state: str
    opened_on: str
    result: str | None
    result_on: str | None
    attempts: tuple[Mapping[str, Any], ...]


@dataclass
class Delivery:
    """The records so far, whom they are about (partner, month, signal), what was left out, what to look at.

    `left_out` counts signals, `left_out_cases` the cases that went with them.
    """

    signals: list[dict[str, Any]] = field(default_factory=list)
    cases: list[dict[str, Any]] = field(default_factory=list)
    subjects: list[tuple[str, str, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    left_out_cases: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)

    def add(self, case: KnownCase, signals: Iterable[KnownSignal], gemeentecode: str) -> None:
        """Add a case with its signals, or count why not."""
        made = [(one, record) for one in signals if (record := self._signal(case, one, gemeentecode)) is not None]
        records = [record for _, record in made]
        if not records:
            self.left_out_cases[CASE_EMPTY] += 1
            return
        fault = _case_fault(case)
        if fault is not None:
            self.leave_out(fault, len(records))
            return
        if case.result == _NO_CONTACT and any(one["is_reached"] for one in case.attempts):
            self.noted[RESULT_CONTRADICTS] += 1
        self.signals += records
        self.subjects += [(one.partner_id, one.month, one.signal_id) for one, _ in made]
        self.cases.append(_case_record(case, [record["signal_id"] for record in records]))

    def leave_out(self, code: str, signal_count: int) -> None:
        """Count a case that is not delivered, and its signals."""
        self.left_out[code] += signal_count
        self.left_out_cases[code] += 1

    def _signal(self, case: KnownCase, known: KnownSignal, gemeentecode: str) -> dict[str, Any] | None:
        client = _client(known.contact)
        if client is None:
            self.left_out[ADDRESS_INCOMPLETE] += 1
            return None
        if "birth_on" not in client:
            self.noted[BIRTH_INCOMPLETE] += 1
        signalled_on = known.contact.get("signalled_on")
        if signalled_on is None:
            self.noted[DAY_ASSUMED] += 1
            signalled_on = month_end(known.month).isoformat()
        since_on = known.contact.get("since_on")
        if since_on is not None and since_on > signalled_on:
            self.left_out[DATE_ORDER] += 1
            return None
        return {
            "signal_id": record_id(gemeentecode, known.partner_id, known.month, known.signal_id),
            "client": client,
            "partner": {"type": known.partner_type},
            "is_crisis": bool(known.contact.get("is_crisis")),
            "has_warm_handover": bool(known.contact.get("has_warm_handover")),
            "amount_eur": int(known.contact["arrears_eur"]),
            "since_on": since_on,
            "signalled_on": signalled_on,
            "status": status_of(case.state, None, case.result),
        }


def ddas_document(
    mapping: Mapped,
    settings: Mapping[str, Any],
    delivery: Delivery,
    *,
    starts_on: date,
    ends_on: date,
    delivered_at: str,
    gemeentecode: str,
) -> dict[str, Any]:
    """The document of one municipality and period, in the words of a version of the model."""
    signals = sorted(delivery.signals, key=lambda record: str(record["signal_id"]))
    cases = sorted(delivery.cases, key=lambda record: (record["matched_on"], record["signals"][0]["signal_id"]))
    organisation = settings["organisation"]
    body = {
        "number": 1,
        "gemeentecode": gemeentecode[2:],
        "organisation": _named(
            mapping["organisation"],
            {**organisation, "contacts": [_named(mapping["contact"], one) for one in organisation["contacts"]]},
        ),
        "signals": [
            _named(
                mapping["signal"],
                {
                    **record,
                    "client": _named(mapping["client"], record["client"]),
                    "partner": _named(mapping["partner"], record["partner"]),
                },
            )
            for record in signals
        ],
        "cases": [
            _named(
                mapping["case"],
                {
                    **record,
                    "signals": [_named(mapping["case_signal"], one) for one in record["signals"]],
                    "attempts": [_named(mapping["attempt"], one) for one in record["attempts"]],
                },
            )
            for record in cases
        ],
    }
    root = {
        "starts_on": starts_on.isoformat(),
        "ends_on": ends_on.isoformat(),
        "delivered_at": delivered_at,
        "supplier_code": settings["supplier_code"],
        "deliveries": [_named(mapping["delivery"], body)],
    }
    return _named(mapping["root"], root)


def _named(words: Mapping[str, str], record: Mapping[str, Any]) -> dict[str, Any]:
    """A record in the model's words; what the table does not name, and what is not known, is not written."""
    return {theirs: record[ours] for ours, theirs in words.items() if record.get(ours) is not None}


def _client(contact: Mapping[str, Any]) -> dict[str, str] | None:
    postcode = re.sub(r"\s", "", str(contact.get("postcode") or "")).upper()
    number = _NUMBER.match(str(contact.get("house_number") or "").strip())
    if not _POSTCODE.match(postcode) or number is None:
        return None
    client = {"postcode": postcode, "house_number": number[1]}
    addition = "".join(str(contact.get(name) or "") for name in ("house_letter", "house_addition"))
    addition = re.sub(r"[^0-9A-Za-z]", "", addition)
    if 0 < len(addition) <= 6:
        client["house_addition"] = addition
    birth_on = _full_day(contact.get("birth_on"))
    if birth_on is not None:
        client["birth_on"] = birth_on
    return client


def _full_day(text: Any) -> str | None:
    """A birth date of which day and month are known."""
    try:
        return date.fromisoformat(str(text)).isoformat()
    except ValueError:
        return None


def record_id(gemeentecode: str, partner_id: str, month: str, signal_id: str) -> str:
    """The same in every delivery of this period; the partner's own id of the signal cannot be read from it."""
    parts = (gemeentecode, partner_id, month, signal_id)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _case_fault(case: KnownCase) -> str | None:
    """Why a case cannot be delivered: the model does not ask, the statistics office would."""
    first = month_start(case.month).isoformat()
    days = [str(one["attempted_on"]) for one in case.attempts]
    if any(day < first for day in days) or (case.result_on is not None and case.result_on < first):
        return DATE_ORDER
    if case.result in _UNTRIED and not case.attempts:
        return RESULT_UNTRIED
    return None


def _case_record(case: KnownCase, signal_ids: Sequence[str]) -> dict[str, Any]:
    days = [str(one["attempted_on"]) for one in case.attempts] + ([case.result_on] if case.result_on else [])
    return {
        "result": case.result,
        "matched_on": case.opened_on,
        "match_starts_on": month_start(case.month).isoformat(),
        "match_ends_on": month_end(case.month).isoformat(),
        "taken_up_on": min(days, default=None),
        "signals": [{"signal_id": signal_id} for signal_id in sorted(set(signal_ids))],
        "attempts": [
            {name: one[name] for name in ("contact_type", "is_reached", "attempted_on", "part_of_day")}
            for one in case.attempts
        ],
    }
