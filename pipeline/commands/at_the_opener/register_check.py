"""Ask the population register about the persons of a new case: deceased, or registered elsewhere.

Off unless the opener has a brp.json. Only a single hit with the same surname and first initial says anything; not
found, or found twice, says nothing. When the register is silent the case waits: it is asked about again with the
next order, and nobody visits a household that may be in mourning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from pipeline.channels.population_register import PopulationRegister, Registered
from pipeline.revealed.compare_fields import CONFLICT, Identity, compare_initials, compare_surnames
from pipeline.revealed.disclose_case import CaseAnswer, identities_of
from pipeline.vocabulary.exclusion import DECEASED, MOVED

REGISTER_SILENT = "REGISTER_SILENT"


def registered_reason(
    answer: CaseAnswer, register: PopulationRegister, keep_going: Callable[[], None]
) -> str | None:
    """Why a confirmed case must not be shown, by the register; None when it knows of no reason.

    Raises:
        RegisterSilentError: the register did not answer.
    """
    for signal in answer.shown:
        keep_going()
        surname = str(signal.contact["surname"])
        identity = signal.identity
        if all(identity.birth):
            found = _reason_by_name(register, surname, identity)
        elif identity.postcode and identity.number.isdecimal():
            found = (
                DECEASED
                if _is_deceased(register.at_door(identity.postcode, int(identity.number)), identity)
                else None
            )
        else:
            found = None
        if found is not None:
            return found
    return None


def _reason_by_name(register: PopulationRegister, surname: str, identity: Identity) -> str | None:
    birth_on = date(*identity.birth)
    everywhere = _meant(register.by_name(surname, birth_on), identity)
    if len(everywhere) != 1:
        return None
    if everywhere[0].is_deceased:
        return DECEASED
    return None if _meant(register.by_name(surname, birth_on, only_here=True), identity) else MOVED


def _is_deceased(found: Iterable[Registered], identity: Identity) -> bool:
    meant = _meant(found, identity)
    return len(meant) == 1 and meant[0].is_deceased


def _meant(found: Iterable[Registered], identity: Identity) -> list[Registered]:
    """Those whose surname and initials do not speak against it."""
    people = list(found)
    contacts = [
        {"surname": one.surname, "particles": one.particles or None, "initials": one.first_names or None}
        for one in people
    ]
    return [
        one
        for one, other in zip(people, identities_of(contacts), strict=True)
        if compare_surnames(identity.surnames, other.surnames) != CONFLICT
        and compare_initials(identity.initials[:1], other.initials[:1]) != CONFLICT
    ]
