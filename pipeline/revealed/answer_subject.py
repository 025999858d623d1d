"""What is held about one resident, as a letter in plain Dutch; and the row that keeps who objected out.

One letter is about one person: contacts that name somebody else are left out, and when the signals that were named
are about different persons there is no letter. Nothing here decides who may ask: that is the municipality's work,
before the request is filed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from pipeline.revealed.compare_fields import Identity, compare
from pipeline.revealed.confirm_rules import is_one_person
from pipeline.revealed.texts import TEXTS, euros, joined, long_date, long_month, months_text
from pipeline.revealed.written_names import full_name, is_trade_name
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import day_of

SUBJECT_DIFFERS = "SUBJECT_DIFFERS"
FIELDS = {
    "klantnummer": "klantnummer",
    "initials": "voorletters",
    "particles": "voorvoegsels",
    "surname": "achternaam",
    "birth_on": "geboortedatum",
    "postcode": "postcode",
    "house_number": "huisnummer",
    "house_letter": "huisletter",
    "house_addition": "toevoeging bij het huisnummer",
    "email": "e-mail",
    "phone": "telefoon",
    "arrears_months": "maanden achterstand",
    "arrears_eur": "bedrag van de achterstand",
    "since_on": "achterstand sinds",
    "signalled_on": "datum van de melding",
    "is_crisis": "spoed (er dreigt bijvoorbeeld afsluiting)",
    "crisis_kind": "wat er dreigt",
    "crisis_on": "dag waarop dat dreigt",
    "has_warm_handover": "u weet van de melding (warme overdracht)",
    "contract_count": "aantal contracten",
}
_LISTED = (
    "surname",
    "particles",
    "initials",
    "birth_on",
    "postcode",
    "house_number",
    "house_letter",
    "house_addition",
)


@dataclass(frozen=True, slots=True, repr=False)
class HeldSignal:
    """A signal that was opened for the person it is about; `is_named` when the request named it.

    `area` is the wijkcode, or what stands in its place, in the clear.
    """

    name: tuple[str, str, str]
    contact: Mapping[str, Any]
    identity: Identity
    admitted_at: str
    is_named: bool
    area: str = ""


def about_one_person(held: Sequence[HeldSignal]) -> list[HeldSignal]:
    """Those that are about the person of the named signals.

    Raises:
        Refused: SUBJECT_DIFFERS when the named signals are not about one person.
    """
    named = [one for one in held if one.is_named]
    if any(not is_same_person(named[0].identity, other.identity) for other in named[1:]):
        raise Refused(SUBJECT_DIFFERS)
    return [
        one for one in held if one.is_named or any(is_same_person(one.identity, other.identity) for other in named)
    ]


def is_same_person(one: Identity, other: Identity) -> bool:
    """By the table that the opener confirms with."""
    return is_one_person(compare(one, other))


def exclusion_row(contact: Mapping[str, Any], until: str | None) -> dict[str, str]:
    """The row of the opener's own list for somebody who objects, from what a partner reported."""
    names = {
        "surname": "achternaam",
        "particles": "voorvoegsels",
        "initials": "voorletters",
        "birth_on": "geboortedatum",
        "postcode": "postcode",
        "house_number": "huisnummer",
        "house_letter": "huisletter",
        "house_addition": "huisnummertoevoeging",
    }
    row = {names[field]: str(contact.get(field) or "") for field in _LISTED}
    return row | {"reden": "bezwaar", "tot": until or ""}


def render_letter(held: Sequence[HeldSignal], facts: Mapping[str, Any]) -> bytes:
    """inzage.html.

    Args:
        held: signals about this person; none is an answer too.
        facts: values without names, as subject_facts and answer_subject of the opener make them.
    """
    html = _template().render(
        name=next((full_name(one.contact) for one in held if not is_trade_name(one.contact)), None),
        signals=[_described(one, facts) for one in held],
        **facts,
    )
    return html.encode()


def _described(one: HeldSignal, facts: Mapping[str, Any]) -> dict[str, Any]:
    partner_id, month, _ = one.name
    rows = [(label, _written(field, one.contact.get(field))) for field, label in FIELDS.items()]
    label = "code van uw wijk" if one.area.startswith("WK") else "begin van uw postcode"
    rows.append((label, one.area))
    return {
        "partner": facts["partners"].get(partner_id, partner_id),
        "month": month,
        "admitted_on": day_of(one.admitted_at).isoformat(),
        "rows": [*((label, text) for label, text in rows if text), *facts["notes"].get(one.name, ())],
    }


def _written(field: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if field == "crisis_kind":
        return str(TEXTS["crisis_kinds"].get(value, value))
    if field == "arrears_eur":
        return euros(int(value))
    if field.endswith("_on"):
        try:
            return long_date(str(value))
        except ValueError:
            return str(value)
    return str(value)


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("pipeline.revealed", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "long_date": long_date,
        "long_month": long_month,
        "joined": joined,
        "months_text": months_text,
    }
    return environment.get_template("inzage.html.j2")
