"""Somebody can write to the database, the inbox or the documents: no name more is opened because of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.commands import opener
from pipeline.commands.key_keeping.key_making import write_trust
from pipeline.commands.opener import serve
from pipeline.commands.reveal import order_worklists
from pipeline.commands.route import route
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.vault.keyring import Secret
from pipeline.vault.signing import public_of_signing, sign_document
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.processing import subject_id
from tests.builders.deliveries import GEMEENTE, NOW, Municipality, key_bytes, signal_id, with_key
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
)

PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]


@pytest.fixture
def place(tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


@pytest.fixture
def run(place: Municipality) -> Iterator[Run]:
    with place.run(TUESDAY) as opened:
        yield opened


Tamper = Callable[[Run, str, str], None]


def change_row(**values: Any) -> Tamper:
    """Change a stored signal behind the back of everybody."""

    def change(run: Run, label: str, _other: str) -> None:
        with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
            assert 1 == transaction.update(tables.signals, tables.signals.c.signal_id == signal_id(label), values)

    return change


def contact_of(run: Run, label: str) -> bytes:
    return next(row["sealed_contact"] for row in rows_in(run, "signals") if row["signal_id"] == signal_id(label))


def take_contact_of_other(run: Run, label: str, other: str) -> None:
    """Move the contact of one signal to another."""
    change_row(sealed_contact=contact_of(run, other))(run, label, other)


def flip_a_byte(run: Run, label: str, other: str) -> None:
    """Damage one sealed contact."""
    blob = contact_of(run, label)
    change_row(sealed_contact=blob[:-1] + bytes([blob[-1] ^ 1]))(run, label, other)


TAMPERING = {
    "months-raised": (change_row(arrears_months=9), "ROW_CHANGED"),
    "moved-to-another-wijk": (change_row(wijkcode="WK990102"), "ROW_CHANGED"),
    "crisis-invented": (change_row(is_crisis=True), "ROW_CHANGED"),
    "contact-of-an-earlier-sequence": (change_row(sequence=2), "ROW_CHANGED"),
    "contact-moved": (take_contact_of_other, "SEAL_BROKEN"),
    "contact-damaged": (flip_a_byte, "SEAL_BROKEN"),
    "key-of-another-partner": (change_row(signing_key_id="signing-energie-a-1"), "KEY_WRONG"),
    "key-of-nobody": (change_row(signing_key_id="signing-x"), "KEY_MISSING"),
    "municipal-key-as-partner": (change_row(signing_key_id="municipal-signing-1"), "KEY_WRONG"),
}


@pytest.mark.parametrize(("tamper", "code"), TAMPERING.values(), ids=TAMPERING)
def test_changed_signal_is_refused_and_counts_for_nothing(
    place: Municipality, run: Run, tamper: Tamper, code: str
) -> None:
    """It is refused under a code and journalled. Its case is withheld unless those that can be believed meet the
    rule, and then shows only these."""
    other = {"birth_on": "1980-02-11", "phone": None, "email": None}
    three = [
        report(partner, label, "y", **other)
        for partner, label in (("huur-a", "d"), ("energie-a", "e"), ("water-a", "f"))
    ]
    keep(run, [*PAIR, *three])
    tamper(run, "a", "b")
    tamper(run, "d", "e")
    reveal_here(run)
    (case,) = worklist(place)["cases"]
    assert ["klant-e", "klant-f"] == sorted(signal["klantnummer"] for signal in case["signals"])
    assert {f"{subject_id('huur-a', '2026-10', signal_id(label))} {code}" for label in ("a", "d")} == {
        f"{row['object']} {row['result']}" for row in rows_in(run, "journal") if row["action"] == "refuse_contact"
    }
    states = {row["case_id"]: row["state"] for row in rows_in(run, "cases")}
    (answer,) = [row for row in rows_in(run, "opening_requests") if row["verdict"] == "withheld"]
    expected = ("routed", "KEY_MISSING") if code == "KEY_MISSING" else ("withheld", "SIGNAL_REFUSED")
    assert expected == (states[answer["case_id"]], answer["reason_code"])


def test_invented_partner_makes_no_case(place: Municipality, run: Run) -> None:
    """A contact that another key signed counts for nobody, however well it is sealed."""
    keep(run, [PAIR[0], report("energie-a", "b", "x", signed_by="intruder")])
    reveal_here(run)
    assert [] == worklist(place)["cases"]
    assert "SIGNATURE_WRONG" in {row["result"] for row in rows_in(run, "journal")}


def test_malformed_contact_costs_its_own_signal_only(place: Municipality, run: Run) -> None:
    """A partner that signs nonsense does not stop the list of a municipality."""
    nonsense = report("water-a", "c", "x", arrears_eur="veel", since_on="toen")
    other = [report("huur-a", "d", "y"), report("energie-a", "e", "y", surname=None)]
    keep(run, [*PAIR, nonsense, *other])
    reveal_here(run)
    (case,) = worklist(place)["cases"]
    assert ["klant-a", "klant-b"] == sorted(signal["klantnummer"] for signal in case["signals"])
    assert 2 == sum(row["result"] == "CONTACT_INVALID" for row in rows_in(run, "journal"))


def test_contacts_of_a_revoked_key_do_not_count(place: Municipality) -> None:
    """After a partner's key was revoked, what it signed makes no case."""
    place = with_key(place, "signing-energie-a-1", revoked_on="2026-11-02")
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
        assert "KEY_EXPIRED" in {row["result"] for row in rows_in(run, "journal")}
    assert [] == worklist(place)["cases"]


def test_case_put_together_by_hand_is_not_opened(place: Municipality, run: Run) -> None:
    """Two signals that no partner reported together, made a case in the store: the opener sees other persons."""
    son = {"birth_on": "1980-02-11", "postcode": "9944CD", "phone": None, "email": None}
    keep(run, [*PAIR, report("water-a", "c", "y", **son)])
    with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
        transaction.connection.execute(
            tables.case_signals.delete().where(tables.case_signals.c.partner_id == "energie-a")
        )
        (case,) = transaction.all(sa.select(tables.cases))
        key = {
            "case_id": case["case_id"],
            "partner_id": "water-a",
            "month": case["month"],
            "signal_id": signal_id("c"),
        }
        transaction.insert(tables.case_signals, [{**key, "is_active": True}])
    reveal_here(run)
    assert [] == worklist(place)["cases"]
    assert "withheld DIFFERENT_PERSONS" in {row["result"] for row in rows_in(run, "journal")}


def test_state_set_by_hand_opens_nothing_without_the_rule(place: Municipality, run: Run) -> None:
    """One signal of one partner, made a routed case: the rule is asked before anything is opened."""
    keep(run, PAIR)
    with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
        transaction.connection.execute(
            tables.case_signals.delete().where(tables.case_signals.c.partner_id == "energie-a")
        )
    reveal_here(run)
    assert "open_contacts" not in {row["action"] for row in rows_in(run, "journal")}
    assert [] == worklist(place)["cases"]


def alone(run: Run) -> None:
    """Leave the first case a single signal of one partner, in a lane that the agreement does not show."""
    with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
        held = tables.case_signals
        transaction.connection.execute(held.delete().where(held.c.partner_id == "huur-a"))
        transaction.connection.execute(tables.cases.update().values(lane="crisis", is_crisis=True))


def test_lane_set_by_hand_opens_nothing_that_the_agreement_does_not_show(place: Municipality, run: Run) -> None:
    """A real crisis signal of one partner, moved to a lane of which the agreement says that it is counted."""
    keep(run, [PAIR[0], report("energie-a", "b", "x", is_crisis=True)])
    alone(run)
    reveal_here(run)
    assert "open_contacts" not in {row["action"] for row in rows_in(run, "journal")}
    assert [] == worklist(place)["cases"]


def test_row_that_was_corrected_or_taken_back_counts_for_nothing(place: Municipality, run: Run) -> None:
    """Its partner's later word stands in the store too: the former row, marked current, is refused."""
    corrected = [{**PAIR[0], "is_current": False}, report("huur-a", "a", "x", sequence=2, arrears_months=1)]
    keep(run, [*corrected, PAIR[1], report("water-a", "c", "x")])
    with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
        late = tables.signals.c.sequence == 2
        transaction.update(tables.signals, late, {"is_current": False})
        first = (tables.signals.c.signal_id == signal_id("a")) & (tables.signals.c.sequence == 1)
        transaction.update(tables.signals, first, {"is_current": True})
        held = tables.case_signals
        (one, *_) = transaction.all(sa.select(held))
        transaction.insert(held, [{**one, "partner_id": "huur-a", "signal_id": signal_id("a")}])
    reveal_here(run)
    (case,) = worklist(place)["cases"]
    assert ["klant-b", "klant-c"] == sorted(signal["klantnummer"] for signal in case["signals"])
    assert f"{subject_id('huur-a', '2026-10', signal_id('a'))} SIGNAL_REPLACED" in {
        f"{row['object']} {row['result']}" for row in rows_in(run, "journal")
    }


def test_team_set_by_hand_is_shown_nothing_of_another_area(place: Municipality, run: Run) -> None:
    """A case given to a team that serves none of the areas which its partners signed is not opened."""
    keep(run, PAIR)
    route(run)
    order_worklists(run)
    with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
        transaction.connection.execute(tables.cases.update().values(team_id="zuid"))
    serve(place.path, once=True, now=NOW)
    assert "open_contacts" not in {row["action"] for row in rows_in(run, "journal")}
    assert [] == worklist(place, "zuid")["cases"]


def test_directory_of_somebody_else_is_not_believed(place: Municipality, run: Run) -> None:
    """A key directory that another key signed: the opener stops before it opens anything."""
    keep(run, PAIR)
    route(run)
    order_worklists(run)
    forge_directory(place)
    with pytest.raises(Refused) as refusal:
        serve(place.path, once=True, now=NOW)
    assert "FINGERPRINT_MISMATCH" == refusal.value.code
    assert "open_contacts" not in {row["action"] for row in rows_in(run, "journal")}


def test_directory_replaced_while_the_opener_runs_is_not_believed(
    place: Municipality, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents are verified anew for each order, by the same pinned fingerprint."""
    keep(run, PAIR)
    route(run)
    order_worklists(run)
    really = opener._next_order

    def forge_first(opened: Run) -> Any:
        forge_directory(place)
        return really(opened)

    monkeypatch.setattr(opener, "_next_order", forge_first)
    with pytest.raises(Refused) as refusal:
        serve(place.path, once=True, now=NOW)
    assert "FINGERPRINT_MISMATCH" == refusal.value.code
    assert "open_contacts" not in {row["action"] for row in rows_in(run, "journal")}


def forge_directory(place: Municipality) -> None:
    """Replace the key directory by one that is signed with a key of somebody else, under the known key id."""
    keys = [
        {**key, "public_b64": key_of("intruder")} if key["kind"] == "municipal-signing" else key
        for key in place.directory["keys"]
    ]
    forged = sign_document({**place.directory, "keys": keys}, key_bytes("intruder"), "municipal-signing-1")
    place.home.directory_file.write_text(json.dumps(forged))


def key_of(label: str) -> str:
    return Secret(public_of_signing(key_bytes(label))).b64()


def test_opener_of_another_municipality_does_not_serve_this_home(place: Municipality) -> None:
    """Keys and documents must be of one municipality."""
    trust = json.loads((place.home.opener_keys_dir / "trust.json").read_text())
    write_trust(place.home.opener_keys_dir, "GM9902", trust["municipal_fingerprint"])
    with pytest.raises(Refused) as refusal:
        serve(place.path, once=True, now=NOW)
    assert "OTHER_MUNICIPALITY" == refusal.value.code
    assert GEMEENTE == place.agreement["gemeentecode"]
