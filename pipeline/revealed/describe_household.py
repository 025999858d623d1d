"""Who a case is about, where they live and how to reach them, from contacts that were opened and confirmed.

Of the birth date only the year is shown: enough to tell father from son at the door. Where partners disagree, the
address of most partners comes first, then that of the landlord, then the newest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.revealed.compare_fields import CONFLICT, Identity, compare_initials, compare_surnames
from pipeline.revealed.written_names import full_name, initials, is_damaged, is_readable, is_trade_name, surname
from pipeline.revealed.written_words import is_in_one_case
from pipeline.vocabulary.agreement import Agreement
from pipeline.vocabulary.identity.letters import has_lost_letters


@dataclass(frozen=True, slots=True, repr=False)
class ShownSignal:
    """One confirmed signal: whose person it is about, what the partner sealed, and the same normalised."""

    partner_id: str
    person: int
    contact: Mapping[str, Any]
    identity: Identity
    month: str


def describe_household(shown: Sequence[ShownSignal], agreement: Agreement) -> dict[str, Any]:
    """The household of an entry: the address as a route planner takes it, other addresses, persons."""
    addresses = _addresses(shown, agreement)
    return {
        "address": addresses[0] if addresses else None,
        "other_addresses": addresses[1:],
        "persons": [
            _person(number, [item for item in shown if item.person == number])
            for number in sorted({item.person for item in shown})
        ],
    }


def person_id(number: int) -> str:
    """How signals point to their person within one entry."""
    return f"P{number + 1}"


def _person(number: int, items: Sequence[ShownSignal]) -> dict[str, Any]:
    """One person; the surname most partners use with the fullest initials, and other surnames beside it."""
    best = _best(items)
    others = [
        surname(item.contact)
        for item in items
        if compare_surnames(item.identity.surnames, best.identity.surnames) == CONFLICT
    ]
    years = [item.identity.birth[0] for item in items if item.identity.birth[0]]
    return {
        "person": person_id(number),
        "name": full_name(best.contact, _fullest_initials(best, items)),
        "also_known_as": sorted(set(others)),
        "birth_year": Counter(years).most_common(1)[0][0] if years else None,
        "phones": _distinct(items, "phone", lambda item: item.identity.phone),
        "emails": _distinct(items, "email", lambda item: item.identity.email),
    }


def _best(items: Sequence[ShownSignal]) -> ShownSignal:
    """Whose way of writing the surname is shown; of one name, a form of which no letter was lost goes before."""

    def fullness(item: ShownSignal) -> tuple[bool, int, bool, int, int, str]:
        return _fullness(item, items)

    best = max(items, key=fullness)
    known = [item for item in items if item.identity.surnames and _may_be_one(item, best)]
    whole = [item for item in known if not is_damaged(item.contact)]
    return max(whole or [best], key=fullness)


def _may_be_one(item: ShownSignal, best: ShownSignal) -> bool:
    return compare_surnames(item.identity.surnames, best.identity.surnames) != CONFLICT


def _fullest_initials(best: ShownSignal, items: Sequence[ShownSignal]) -> str:
    """As most of them are known to any partner, where surname and initials may both be those of the name shown.

    Of two ways to write one given name, that with capitals and small letters: Abdelkarim, not ABD EL KARIM.
    """
    same = [
        item
        for item in items
        if _may_be_one(item, best)
        and compare_initials(item.identity.initials, best.identity.initials) != CONFLICT
        and not has_lost_letters(str(item.contact.get("initials") or ""))
    ]

    def fullness(item: ShownSignal) -> tuple[int, bool, int, str]:
        written = initials(item.contact)
        return len(item.identity.initials), item is best, len(written), written

    fullest = max((best, *same), key=fullness)
    in_both_cases = (item for item in same if _is_same_in_both_cases(item.contact, fullest.contact))
    return initials(next(in_both_cases, fullest).contact)


def _is_same_in_both_cases(contact: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the given names of one have small letters, and those of the other but for spaces."""
    name, name_too = (re.sub(r"[ -]", "", str(one.get("initials") or "")) for one in (contact, other))
    return not is_in_one_case(name) and name.lower() == name_too.lower()


def _fullness(item: ShownSignal, items: Sequence[ShownSignal]) -> tuple[bool, int, bool, int, int, str]:
    """A person's name before a trade's, then the most used, with capitals and small letters, the most letters."""
    used = sum(other.identity.surnames == item.identity.surnames for other in items)
    name = full_name(item.contact)
    return (
        not is_trade_name(item.contact),
        used,
        is_readable(item.contact),
        len(item.identity.initials),
        len(name),
        name,
    )


def _distinct(items: Sequence[ShownSignal], field: str, key_of: Callable[[ShownSignal], str]) -> list[str]:
    """Written forms of a field, one per normalised value, most reported first; placeholders have no value."""
    written: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for item in items:
        key = key_of(item)
        if key:
            written.setdefault(key, str(item.contact[field]).strip())
            counts[key] += 1
    return [written[key] for key, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]


def _addresses(shown: Sequence[ShownSignal], agreement: Agreement) -> list[str]:
    """Addresses as a route planner takes them, the likeliest first."""
    reports: dict[tuple[str, str, str], list[ShownSignal]] = {}
    for item in shown:
        identity = item.identity
        reports.setdefault((identity.postcode, identity.number, identity.addition), []).append(item)

    def weight(key: tuple[str, str, str]) -> tuple[int, bool, str, tuple[str, str, str]]:
        partners = {item.partner_id: agreement.partner(item.partner_id) for item in reports[key]}
        has_landlord = any(partner is not None and partner.partner_type == "Huur" for partner in partners.values())
        newest = max(str(item.contact.get("signalled_on") or "") for item in reports[key])
        return len(partners), has_landlord, newest, key

    return [_written_address(reports[key][0].contact) for key in sorted(reports, key=weight, reverse=True)]


def _written_address(contact: Mapping[str, Any]) -> str:
    postcode = re.sub(r"\s", "", str(contact["postcode"])).upper()
    number = f"{contact['house_number']}{contact.get('house_letter') or ''}"
    addition = str(contact.get("house_addition") or "").strip()
    return f"{postcode[:4]} {postcode[4:]} {number}{'-' if addition else ''}{addition}"
