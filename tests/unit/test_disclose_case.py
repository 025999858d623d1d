"""What the opener answers on a proposed case: when it believes what was confirmed before, and why it withholds."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.revealed.compare_fields import EQUAL
from pipeline.revealed.confirmed_before import compared
from pipeline.revealed.disclose_case import (
    CaseAnswer,
    ContactDesk,
    MonthTerms,
    ProposedCase,
    StoredSignal,
    answer_cases,
)
from pipeline.store.openings import SIGNAL_COLUMNS
from pipeline.vault.keyring import KeyFile, Secret
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.case import EVIDENCE_PERSON, EVIDENCE_REVIEWED, GROUND_RULE, GROUND_RUNNING
from pipeline.vocabulary.directory import Directory
from tests.builders.deliveries import MONTH, TODAY, key_bytes, made_documents, signal_id
from tests.builders.openings import report

SON = {"birth_on": "1980-02-11", "phone": None, "email": None}
TWIN = {"initials": "H.M.", "phone": None, "email": None}
NO_MORE_THAN_SURNAME = {"initials": None, "birth_on": None, "phone": None, "email": None}
HUUR, ENERGIE = (("huur-a", signal_id("a")), ("energie-a", signal_id("b")))


def opening_key(month: str) -> KeyFile:
    secret = Secret(key_bytes(f"opening/{month}"))
    return KeyFile(f"opening-{month}-1", "opening", "municipality", TODAY, TODAY, None, secret, month)


def answer(
    *rows: dict[str, Any], ground: str = GROUND_RULE, evidence: str = EVIDENCE_PERSON, is_kept: bool = False
) -> CaseAnswer:
    """The answer on a case of these rows; `is_kept` says that the first was confirmed before."""
    desk = ContactDesk(Directory.from_dict(made_documents()[1]), [opening_key(MONTH)])
    signals = tuple(StoredSignal(**{name: row[name] for name in SIGNAL_COLUMNS}) for row in rows)
    kept = frozenset({signals[0].key} if is_kept else ())
    (found,) = answer_cases([ProposedCase("Z-1", ground, evidence, Rule(), signals, kept)], desk)
    return found


def test_case_that_must_meet_the_rule_is_not_shown_for_what_was_confirmed_before() -> None:
    """It was taken back and opened anew: father and son are two persons, whoever of them was shown once."""
    found = answer(report("huur-a", "a", "x"), report("energie-a", "b", "x", **SON), is_kept=True)
    assert ("withheld", "ONE_HOUSEHOLD_ONLY", ()) == (found.verdict, found.reason_code, found.shown)


def test_a_client_of_two_months_may_be_another_in_one_of_them() -> None:
    """One client number in both months of a case, in the later one somebody else's: no proof is of both."""
    other = {**SON, "surname": "Kanarie", "initials": "K", "postcode": "9901ZZ"}
    rows = [
        report("huur-a", "a", "x"),
        report("energie-a", "b", "x"),
        report("huur-a", "a", "z", month="2026-11", **other),
    ]
    desk = ContactDesk(Directory.from_dict(made_documents()[1]), [opening_key(MONTH), opening_key("2026-11")])
    signals = tuple(StoredSignal(**{name: row[name] for name in SIGNAL_COLUMNS}) for row in rows)
    kept = frozenset(signal.key for signal in signals)
    case = ProposedCase(
        "Z-1", GROUND_RUNNING, EVIDENCE_PERSON, Rule(), signals, kept, is_same=lambda name, _: name[1] == MONTH
    )
    (found,) = answer_cases([case], desk)
    stored = [{**row, "case_id": "Z-1", "is_active": True, "is_confirmed": True} for row in rows]
    told = list(compared(found, stored, "Z-1", [opening_key(MONTH)]))
    assert [True, True, False] == [row["is_confirmed"] for row in told]
    assert [True, True, False] == [row["confirmed_person"] is not None for row in told]


def test_running_case_goes_on_without_the_rule() -> None:
    """A visit may be under way: who was confirmed stays, and nobody else joins."""
    rows = report("huur-a", "a", "x"), report("energie-a", "b", "x", **SON)
    found = answer(*rows, ground=GROUND_RUNNING, is_kept=True)
    assert ("confirmed", "RUNNING", (HUUR,)) == (found.verdict, found.reason_code, found.confirmed)


def test_running_case_of_which_nothing_is_left_is_judged_by_the_rule() -> None:
    """Its own signals are gone: it is never confirmed with nobody in it."""
    rows = report("huur-a", "a", "x"), report("energie-a", "b", "x")
    found = answer(*rows, ground=GROUND_RUNNING)
    assert ("confirmed", "PERSON", {HUUR, ENERGIE}) == (found.verdict, found.reason_code, set(found.confirmed))


CHANGED = {"stored": {"arrears_months": 9}}
NO_KEY = {"opening_key_id": "opening-2020-01-1"}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ((report("huur-a", "a", "x"), report("energie-a", "b", "x") | NO_KEY), "KEY_MISSING"),
        ((report("huur-a", "a", "x", **CHANGED), report("energie-a", "b", "x") | NO_KEY), "SIGNAL_REFUSED"),
        (
            (
                report("huur-a", "a", "x"),
                report("energie-a", "b", "x", **TWIN),
                report("water-a", "c", "x", **CHANGED),
            ),
            "SIGNAL_REFUSED",
        ),
    ],
    ids=["a key may still come", "one was changed", "a doubt beside what was changed"],
)
def test_case_with_a_refused_contact_is_withheld(rows: tuple[dict[str, Any], ...], reason: str) -> None:
    """It waits only where nothing but a key is missing; nobody is asked to judge a case with a forged row."""
    found = answer(*rows)
    assert ("withheld", reason, ()) == (found.verdict, found.reason_code, found.shown)


def test_box_key_of_a_partner_signs_nothing() -> None:
    """A key counts for what the directory says it is for, not for whose it is."""
    made = made_documents()[1]
    box = {**next(key for key in made["keys"] if key["key_id"] == "signing-huur-a-1"), "kind": "partner-box"}
    desk_of = Directory.from_dict({**made, "keys": [*made["keys"], {**box, "key_id": "box-huur-a-1"}]})
    rows = [report("huur-a", "a", "x") | {"signing_key_id": "box-huur-a-1"}, report("energie-a", "b", "x")]
    signals = tuple(StoredSignal(**{name: row[name] for name in SIGNAL_COLUMNS}) for row in rows)
    case = ProposedCase("Z-1", GROUND_RULE, EVIDENCE_PERSON, Rule(), signals)
    (found,) = answer_cases([case], ContactDesk(desk_of, [opening_key(MONTH)]))
    assert ((HUUR, "KEY_WRONG"),) == found.refused


def test_likely_person_is_called_likely_until_the_data_steward_accepted_it() -> None:
    """Somebody looked: the list says no word of caution any more."""
    rows = report("huur-a", "a", "x"), report("energie-a", "b", "x", **NO_MORE_THAN_SURNAME)
    assert answer(*rows).is_likely
    assert not answer(*rows, evidence=EVIDENCE_REVIEWED).is_likely


def test_data_steward_reads_whether_surnames_agree_and_not_how_rare_they_are() -> None:
    """A surname that few people have would narrow down who it is."""
    rare = {"surname": "Kwint", "particles": None}
    found = answer(report("huur-a", "a", "x", **rare), report("energie-a", "b", "x", **rare))
    assert [EQUAL] == [pair["surname"] for pair in found.fields["pairs"]]


HUUR_KEY = "signing-huur-a-1"
REVOKED, RUNS_ON = report("huur-a", "a", "x"), report("energie-a", "b", "x")
WATER, OTHER_MONTH = report("water-a", "c", "x"), report("water-a", "c", "x", month="2026-11")
EVERYBODY = ("a", "b", "c")


@pytest.mark.parametrize(
    ("rows", "kept", "expected"),
    [
        ((REVOKED, RUNS_ON, WATER), EVERYBODY, "RUNNING"),
        ((REVOKED, RUNS_ON, WATER | NO_KEY), EVERYBODY, "RUNNING"),
        ((REVOKED, RUNS_ON, WATER | NO_KEY), ("a", "b"), "KEY_REVOKED"),
        ((REVOKED | NO_KEY, RUNS_ON), EVERYBODY, "KEY_REVOKED"),
        ((REVOKED, RUNS_ON, report("water-a", "c", "x", **CHANGED)), EVERYBODY, "KEY_REVOKED"),
        ((REVOKED, RUNS_ON, report("water-a", "c", "x", arrears_months=1)), EVERYBODY, "KEY_REVOKED"),
        ((REVOKED, RUNS_ON, report("water-a", "c", "x", **SON)), EVERYBODY, "KEY_REVOKED"),
        ((REVOKED, RUNS_ON, OTHER_MONTH), EVERYBODY, "KEY_REVOKED"),
    ],
    ids=["three partners", "unread", "not known", "unread and revoked", "forged", "months", "persons", "a month"],
)
def test_a_running_case_must_meet_the_rule_without_a_revoked_key(
    rows: tuple[dict[str, Any], ...], kept: tuple[str, ...], expected: str
) -> None:
    """By one person in one month; what was confirmed before and lacks its key now has the benefit of the doubt."""
    made = made_documents()[1]
    keys = [{**key, "revoked_on": "2026-11-03"} if key["key_id"] == HUUR_KEY else key for key in made["keys"]]
    desk = ContactDesk(Directory.from_dict({**made, "keys": keys}), [opening_key(MONTH), opening_key("2026-11")])
    signals = tuple(StoredSignal(**{name: row[name] for name in SIGNAL_COLUMNS}) for row in rows)
    known = frozenset(signal.key for signal in signals if signal.signal_id in {signal_id(label) for label in kept})
    terms = {signal.month: MonthTerms(Rule(), shows_crisis=False) for signal in signals}
    case = ProposedCase("Z-1", GROUND_RUNNING, EVIDENCE_PERSON, Rule(), signals, known, terms=terms)
    (found,) = answer_cases([case], desk)
    assert expected == found.reason_code
    assert (expected == "RUNNING") == bool(found.shown)
