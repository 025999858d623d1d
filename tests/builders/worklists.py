"""A worklist of one invented team with every kind of case, made by the functions that the opener uses.

It is the example beside the schema; `python -m tests.builders.worklists` writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.revealed.describe_case import CaseFacts, describe_case
from pipeline.revealed.describe_household import ShownSignal
from pipeline.revealed.disclose_case import identities_of
from pipeline.revealed.worklist import as_json, make_worklist
from pipeline.vocabulary.agreement import Agreement

EXAMPLE = Path(__file__).resolve().parents[2] / "schemas" / "worklist" / "example.json"
TODAY = date(2026, 10, 6)
PARTNERS = (
    ("woonstichting-de-brug", "Huur", "Woonstichting De Brug"),
    ("stroomdal", "Energie", "Stroomdal Energie"),
    ("vaartwater", "Water", "Vaartwater"),
    ("zorgzaam", "Zorg", "Zorgzaam Zorgverzekeringen"),
)
CONTACT: dict[str, Any] = {
    "klantnummer": "00481516",
    "initials": "J.P.",
    "particles": "van der",
    "surname": "Berg",
    "birth_on": "1986-03-14",
    "postcode": "9901AB",
    "house_number": "12",
    "house_letter": "A",
    "house_addition": None,
    "email": "jp.vanderberg@post.nl",
    "phone": "06-44234785",
    "arrears_eur": 1240,
    "arrears_months": 3,
    "since_on": "2026-07-01",
    "signalled_on": "2026-10-02",
    "is_crisis": False,
    "crisis_kind": None,
    "crisis_on": None,
    "has_warm_handover": False,
    "contract_count": 1,
}


def agreement(**thresholds: Any) -> Agreement:
    """The agreement of the invented municipality."""
    return Agreement.from_dict(
        {
            "format": "samenloop/agreement/1",
            "agreement_id": "vroegsignalering-9901",
            "version": 1,
            "gemeentecode": "GM9901",
            "municipality": "Oefenstad",
            "valid_from": "2026-01-01",
            "valid_until": None,
            "partners": [
                {"partner_id": partner_id, "partner_type": kind, "name": name, "valid_from": "2026-01-01"}
                for partner_id, kind, name in PARTNERS
            ],
            "rule": {},
            "lanes": {"crisis": "count"},
            "thresholds": thresholds,
        }
    )


def facts(number: int, **changes: Any) -> CaseFacts:
    """What the store knows of the number-th case: new today unless `changes` says otherwise."""
    given: dict[str, Any] = {
        "case_id": f"Z-{number:032x}",
        "month": "2026-10",
        "lane": "matched",
        "ground": "rule",
        "is_new": True,
        "opened_on": TODAY,
        "due_on": None,
        "wijkcode": "WK990101",
        "first_revealed_on": TODAY.isoformat(),
    }
    return CaseFacts(**{**given, **changes})


def shown(*reports: tuple[str, int, Mapping[str, Any]]) -> list[ShownSignal]:
    """Confirmed signals: (partner, number of the person, what differs from CONTACT)."""
    contacts = [
        {**CONTACT, "klantnummer": f"{4815 + at:08d}", **changes} for at, (_, _, changes) in enumerate(reports)
    ]
    identities = identities_of(contacts)
    return [
        ShownSignal(partner_id, person, contact, identity, "2026-10")
        for (partner_id, person, _), contact, identity in zip(reports, contacts, identities, strict=True)
    ]


def entry(
    case: CaseFacts,
    *reports: tuple[str, int, Mapping[str, Any]],
    evidence: str = "person",
    is_likely: bool = False,
) -> dict[str, Any]:
    """One entry of a worklist of TODAY."""
    return describe_case(case, evidence, shown(*reports), agreement(), TODAY, is_likely=is_likely)


def worklist_of(*entries: Mapping[str, Any]) -> dict[str, Any]:
    """A worklist of TODAY."""
    return make_worklist("noord", "Wijkteam Noord", "Oefenstad", TODAY, "2026-10-06.1", entries)


def attempt(number: int, kind: str, on: str, part: str) -> dict[str, Any]:
    """A contact attempt that reached nobody."""
    return {
        "attempt_id": f"A-{number}",
        "type": kind,
        "is_reached": False,
        "on": on,
        "part_of_day": part,
        "by": "L. Smit",
    }


def example_worklist() -> dict[str, Any]:
    """Every kind of case once."""
    crisis = {"is_crisis": True, "crisis_kind": "ontruiming", "crisis_on": "2026-10-22", "arrears_months": 5}
    amrani = {
        "initials": "A.",
        "particles": "El",
        "surname": "Amrani",
        "birth_on": "1979-11-02",
        "house_number": "3",
    }
    son = {"initials": "Y.", "birth_on": "2003-01-17", "phone": "06-51720344", "email": None}
    yilmaz = {
        "initials": "F.",
        "particles": None,
        "surname": "Yılmaz-Öztürk",
        "birth_on": "1991-02-03",
        "house_letter": None,
    }
    formula = {
        "initials": "T.",
        "particles": None,
        "surname": '=HYPERLINK("http://x.nl";"klik")',
        "house_number": "7",
    }
    earlier = {"is_new": False, "ground": "running", "opened_on": date(2026, 9, 8), "month": "2026-09"}
    return worklist_of(
        entry(
            facts(1),
            ("woonstichting-de-brug", 0, crisis),
            ("stroomdal", 0, {"arrears_eur": 612, "birth_on": None}),
            ("vaartwater", 0, {"arrears_eur": 190, "phone": None, "email": None}),
        ),
        entry(
            facts(2),
            ("woonstichting-de-brug", 0, {**amrani, "house_addition": "2", "house_letter": None}),
            ("zorgzaam", 1, {**amrani, **son, "house_addition": "2", "house_letter": None, "arrears_eur": 655}),
            evidence="household",
        ),
        entry(
            facts(
                3,
                **earlier,
                first_revealed_on="2026-09-08",
                attempts=(
                    attempt(1, "Huisbezoek", "2026-09-21", "Middag"),
                    attempt(2, "Telefoon", "2026-09-29", "Avond"),
                ),
                is_unsafe=True,
            ),
            ("stroomdal", 0, {**yilmaz, "surname": "Yilmaz", "arrears_eur": 402}),
            ("zorgzaam", 0, {**yilmaz, "house_number": "18", "phone": None}),
        ),
        entry(
            facts(4, **earlier, first_revealed_on="2026-09-08", due_on=date(2026, 10, 5)),
            ("vaartwater", 0, {**formula, "phone": None, "email": None, "birth_on": None, "since_on": None}),
            ("zorgzaam", 0, {**formula, "phone": None, "email": None}),
        ),
        entry(
            facts(5, is_new=False, ground="withdrawal", first_revealed_on="2026-10-01"),
            ("stroomdal", 0, {"initials": "R.", "particles": None, "surname": "Ramdin", "house_number": "44"}),
        ),
    )


if __name__ == "__main__":
    EXAMPLE.write_bytes(as_json(example_worklist()))
