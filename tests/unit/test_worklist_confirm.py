"""A case that was shown before is judged by who was confirmed then."""

from __future__ import annotations

from typing import Any

from pipeline.revealed.confirm_match import KnownSignal, confirm, confirm_running
from pipeline.revealed.disclose_case import identities_of
from pipeline.vocabulary.agreement import Rule
from tests.builders.worklists import CONTACT

SON = {"birth_on": "2010-01-17", "phone": None, "email": None}
TWIN = {"initials": "H.M.", "phone": None, "email": None}
HOUSEHOLD = Rule(match_on=("person", "household"))


def known(**reports: dict[str, Any]) -> list[KnownSignal]:
    """Signals by partner, each with what differs from CONTACT."""
    identities = identities_of([{**CONTACT, **changes} for changes in reports.values()])
    return [
        KnownSignal(partner_id, "1", 2, identity, 2026)
        for partner_id, identity in zip(reports, identities, strict=True)
    ]


def shown(signals: list[KnownSignal], rule: Rule, *kept: str, is_reviewed: bool = False) -> list[set[str]]:
    """Partners per person."""
    confirmation = confirm_running(
        signals, rule, frozenset((partner_id, "1") for partner_id in kept), is_reviewed=is_reviewed
    )
    return [{signals[at].partner_id for at in person} for person in confirmation.persons]


def test_signal_of_the_same_person_joins_and_of_another_does_not() -> None:
    """Water reports the same person, the insurer somebody of the house."""
    signals = known(huur={}, energie={}, water={}, zorg=SON)
    assert [{"huur", "energie", "water"}] == shown(signals, Rule(), "huur", "energie")


def test_case_stays_when_one_partner_took_its_signal_back() -> None:
    """One partner is left: the rule is not asked again."""
    assert [{"huur"}] == shown(known(huur={}), Rule(), "huur", "energie")


def test_a_case_of_a_household_is_never_called_likely_one_person() -> None:
    """Two client numbers of a landlord are likely one son; with his father they are a case of a household."""
    son = {"birth_on": "2003-05-31", "phone": None, "email": None}
    father = {"initials": "K.", "birth_on": "1970-02-03", "phone": None, "email": None}
    people = [{**CONTACT, **son, "initials": "J."}, {**CONTACT, **son, "initials": "H."}, {**CONTACT, **father}]
    names = (("huur", "1"), ("huur", "2"), ("zorg", "1"))
    signals = [
        KnownSignal(*name, 2, identity, 2026) for name, identity in zip(names, identities_of(people), strict=True)
    ]
    found = confirm(signals, HOUSEHOLD)
    assert ("HOUSEHOLD", 2, False) == (found.reason_code, len(found.persons), found.is_likely)


def test_signal_of_the_household_joins_where_the_agreement_says_so() -> None:
    """As a person of its own, so that nobody's debts are told to another."""
    signals = known(huur={}, energie={}, zorg=SON)
    assert [{"huur", "energie"}, {"zorg"}] == shown(signals, HOUSEHOLD, "huur", "energie")


def test_reviewed_person_stays_one_person() -> None:
    """The data steward took the two initials for one person; the next day they still are."""
    signals = known(huur={}, energie=TWIN)
    assert [{"huur", "energie"}] == shown(signals, Rule(), "huur", "energie", is_reviewed=True)
    assert [{"huur"}, {"energie"}] == shown(signals, Rule(), "huur", "energie")
