"""Admission on both databases: what is stored, sequences, repeats, keys."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.commands.admit import admit, admit_delivery
from pipeline.commands.at_the_inbox import delivery_judging
from pipeline.commands.at_the_partner.delivery_writing import write_refusals
from pipeline.store import tables
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.frames import TOKEN_COLUMNS
from pipeline.vocabulary.manifest import DeliveryName
from tests.builders.deliveries import (
    MONTH,
    Municipality,
    make_delivery,
    make_municipality,
    rows_of,
    signal_id,
    signal_row,
    token,
    with_key,
    write_secret,
)

FIRST = "huur-a_2026-10_0001"


@pytest.fixture
def municipality(tmp_path: Path, database: str) -> Municipality:
    """On each of the two databases in turn."""
    return make_municipality(tmp_path)


@pytest.fixture
def local(tmp_path: Path) -> Municipality:
    """On SQLite alone: what is shown does not depend on the database."""
    return make_municipality(tmp_path)


def served(municipality: Municipality, **options: Any) -> dict[str, int]:
    with municipality.run(**options) as run:
        return {name: count for name, count in admit(run).counts.items() if count}


def everything(municipality: Municipality, table: sa.Table, *order: str) -> list[dict[str, Any]]:
    with municipality.run() as run:
        return run.store.all(sa.select(table).order_by(*(table.c[name] for name in order)))


def current(municipality: Municipality) -> set[tuple[str, int, str]]:
    return {
        (row["partner_id"], row["sequence"], row["signal_id"])
        for row in everything(municipality, tables.signals)
        if row["is_current"]
    }


def test_an_admitted_delivery_is_in_the_store_with_all_of_it(municipality: Municipality) -> None:
    """Rows, ledger, mark and journal carry the transaction's name; the folder is gone, the receipt is there."""
    row = signal_row("a", t_name_address=token("same"), t_name_address_alt=token("same"), t_birth_postcode=None)
    make_delivery(municipality, rows=[row])
    assert {"admitted": 1} == served(municipality)
    (stored,) = everything(municipality, tables.signals)
    for name in (
        "signal_id",
        "sealed_contact",
        "wijkcode",
        "postcode4",
        "arrears_months",
        "arrears_band",
        "is_crisis",
    ):
        assert row[name] == stored[name]
    assert (True, False, "opening-2026-10-1", "signing-huur-a-1", 1) == tuple(
        stored[name]
        for name in ("is_current", "is_retraction", "opening_key_id", "signing_key_id", "agreement_version")
    )
    assert (FIRST, "2026-11-03T06:00:00Z") == (stored["delivery_id"], stored["admitted_at"])
    assert "2026-11-03" == stored["admitted_on"]
    (ledgered,) = everything(municipality, tables.deliveries)
    assert ("admitted", "OK", 1, "signals") == tuple(
        ledgered[name] for name in ("state", "response_code", "admitted_count", "kind")
    )
    assert FIRST == json.loads(ledgered["manifest"])["delivery_id"]
    (mark,) = everything(municipality, tables.month_marks)
    assert ("2026-10", 1, 0) == tuple(mark[name] for name in ("month", "changed_revision", "matched_revision"))
    (line,) = everything(municipality, tables.journal)
    assert ("admit_delivery", FIRST, "OK", {"rows": 1, "admitted": 1, "refused": 0}) == tuple(
        line[name] for name in ("action", "object", "result", "counts")
    )
    assert {"admit_delivery"} == {stored["written_by"], ledgered["written_by"], mark["written_by"]}
    assert [] == list(municipality.inbox.iterdir()) + list(municipality.home.quarantine.iterdir())
    assert "U hoeft niets te doen." == municipality.receipt(FIRST)["next_step"]


def test_tokens_are_stored_under_the_store_key_of_their_month(municipality: Municipality) -> None:
    """No token is stored as delivered; equal tokens agree over partners and within a kind, not over months."""
    same = dict.fromkeys(TOKEN_COLUMNS, token("same"))
    for partner_id, month in (("huur-a", "2026-10"), ("water-a", "2026-10"), ("energie-a", "2026-11")):
        make_delivery(municipality, partner_id, month=month, rows=[signal_row(partner_id, **same)])
    served(municipality)
    energie, huur, water = everything(municipality, tables.signals, "partner_id")
    assert huur["t_birth_postcode"] == water["t_birth_postcode"] != energie["t_birth_postcode"]
    assert huur["t_name_address"] == huur["t_name_address_alt"] != huur["t_birth_postcode"]
    assert token("same") not in {row[column] for row in (energie, huur, water) for column in TOKEN_COLUMNS}


def test_the_same_delivery_again_changes_nothing(municipality: Municipality) -> None:
    """A repeat is recognised by its manifest: no row, no mark, no journal line, the same receipt."""
    made = make_delivery(municipality.path / "elsewhere")
    for expected in ({"admitted": 1}, {"repeated": 1}):
        shutil.copytree(made, municipality.inbox / made.name)
        assert expected == served(municipality)
    assert 1 == len(everything(municipality, tables.journal))
    assert 1 == everything(municipality, tables.month_marks)[0]["changed_revision"]
    assert [] == list(municipality.inbox.iterdir())
    assert {} == served(municipality)


Step = Callable[[Municipality], object]
ORDER: list[Step] = [
    lambda place: make_delivery(place, sequence=1, rows=rows_of(2, "old")),
    lambda place: make_delivery(place, sequence=2, rows=rows_of(3, "new")),
    lambda place: make_delivery(
        place, sequence=3, kind="correction", rows=[signal_row("new-0", arrears_months=5)]
    ),
    lambda place: make_delivery(place, sequence=4, kind="retraction", rows=[{"signal_id": signal_id("new-1")}]),
]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_sequences_end_in_the_same_signals_in_any_order(
    municipality: Municipality, order: tuple[int, ...]
) -> None:
    """Signals replace, a correction corrects, a retraction takes back, whenever they come."""
    for number in order:
        ORDER[number](municipality)
        assert 1 == sum(served(municipality).values())
    expected = {("huur-a", 3, signal_id("new-0")), ("huur-a", 2, signal_id("new-2"))}
    assert expected == current(municipality)
    assert {2, 3, 4} == {row["sequence"] for row in everything(municipality, tables.signals)}
    months = {
        row["sequence"]: row["arrears_months"]
        for row in everything(municipality, tables.signals)
        if row["is_current"]
    }
    assert {3: 5, 2: 3} == months


def test_a_newer_list_replaces_the_partners_own_signals_of_its_month_alone(local: Municipality) -> None:
    """The same clients of another partner, and of another month, stay as they were sent."""
    others = (("energie-a", MONTH), ("huur-a", "2026-09"))
    for partner_id, month in (*others, ("huur-a", MONTH)):
        make_delivery(local, partner_id, month, rows=rows_of(3))
    with local.run() as run:
        admit(run)
    make_delivery(local, sequence=2, rows=rows_of(1))
    with local.run() as run:
        admit(run)
        rows = run.store.all(sa.select(tables.signals))
    left = Counter((row["partner_id"], row["month"], row["sequence"], row["is_current"]) for row in rows)
    assert {**{(*other, 1, True): 3 for other in others}, ("huur-a", MONTH, 2, True): 1} == left


def test_the_receipt_of_a_newer_list_says_what_it_replaces_and_what_lapses(local: Municipality) -> None:
    """A note when most comes back; a warning when it does not: rows that were mended belong in a correction."""
    counts = {2: 4, 3: 3, 4: 1, 5: 0}
    make_delivery(local, rows=rows_of(4))
    assert {"admitted": 1} == served(local)
    assert [] == local.receipt(FIRST)["warnings"]
    made = {}
    for sequence, count in counts.items():
        make_delivery(local, sequence=sequence, rows=rows_of(count))
        served(local)
        receipt = local.receipt(f"huur-a_2026-10_{sequence:04}")
        made[sequence] = (receipt["response_code"], receipt["state"], receipt["warnings"])
    advice = (
        "Was dit alleen een verbetering van enkele rijen? Lever dan de hele lijst opnieuw in, en gebruik "
        "voortaan --kind correction, met alle rijen van elke klant die u verbetert."
    )
    replaces = "Deze lijst vervangt {} van deze maand"
    assert {
        2: ("OK", "admitted", [f"{replaces.format('4 signalen')}. Er vervalt niets."]),
        3: ("OK", "admitted", [f"{replaces.format('4 signalen')}; 1 daarvan komt niet terug en vervalt."]),
        4: (
            "OK_WITH_WARNINGS",
            "warned",
            [f"{replaces.format('3 signalen')}; 2 daarvan komen niet terug en vervallen. {advice}"],
        ),
        5: (
            "OK_WITH_WARNINGS",
            "warned",
            [f"{replaces.format('1 signaal')}; 1 daarvan komt niet terug en vervalt. {advice}"],
        ),
    } == made


def test_a_list_that_comes_too_late_says_of_nothing_that_it_lapses(local: Municipality) -> None:
    """A later list goes before, so that nothing is replaced; nor does a correction replace a list."""
    make_delivery(local, sequence=2, rows=rows_of(4))
    served(local)
    make_delivery(local, sequence=1, rows=rows_of(1))
    make_delivery(local, sequence=3, kind="correction", rows=rows_of(1))
    served(local)
    lines = [line for number in (1, 3) for line in local.receipt(f"huur-a_2026-10_{number:04}")["warnings"]]
    assert [] == [line for line in lines if "vervangt" in line]


def test_an_empty_list_is_a_change_of_its_month(local: Municipality) -> None:
    """A partner that has nobody any more takes all of its signals back: the month is matched again."""
    make_delivery(local)
    with local.run() as run:
        admit(run)
        (before,) = run.store.all(sa.select(tables.month_marks))
    make_delivery(local, sequence=2, rows=[])
    with local.run() as run:
        admit(run)
        (after,) = run.store.all(sa.select(tables.month_marks))
        assert [] == run.store.all(sa.select(tables.signals))
    assert before["changed_revision"] + 1 == after["changed_revision"]


def test_gaps_and_unknown_retractions_are_remarks(local: Municipality) -> None:
    """What is missing or unknown is said, and refuses nothing."""
    make_delivery(local, sequence=3, rows=rows_of(1))
    make_delivery(local, sequence=4, kind="retraction", rows=[{"signal_id": signal_id("x")}])
    assert {"warned": 2} == served(local)
    assert ["Deze volgnummers ontbreken nog: 1, 2."] == local.receipt("huur-a_2026-10_0003")["warnings"]
    assert (
        "1 ingetrokken signalen zijn bij de gemeente niet bekend."
        in (local.receipt("huur-a_2026-10_0004")["warnings"])
    )


@pytest.mark.parametrize("code", ["admission-1", "store-2026-10-1"])
def test_a_key_of_our_own_that_is_missing_refuses_nothing(local: Municipality, code: str) -> None:
    """The delivery stays in the inbox and the steward is told; with the key it is admitted; others go on."""
    key = local.home.keys_dir / f"{code}.json"
    content = key.read_bytes()
    key.unlink()
    make_delivery(local)
    (local.inbox / "bestand.zip").touch()
    with local.run() as run:
        outcome = admit(run)
        with pytest.raises(Refused, match=r"^KEY_MISSING$"):
            admit_delivery(run, FIRST)
    assert (1, 1) == (outcome.counts["waiting"], outcome.counts["refused"])
    assert {"KEY_MISSING", "NOT_A_FOLDER"} == {fault.code for fault in outcome.refused}
    assert any("blijft in de inbox. KEY_MISSING" in line for line in outcome.lines)
    assert [FIRST] == [path.name for path in local.inbox.iterdir()]
    key.write_bytes(content)
    assert {"admitted": 1} == served(local)


@pytest.mark.parametrize("name", ["contract_for", "history_of"])
def test_a_file_of_our_own_that_is_missing_is_a_bug(
    local: Municipality, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It is not told as a delivery that left the inbox; the delivery stays, and is admitted when it is mended."""

    def missing(*_arguments: object) -> None:
        raise FileNotFoundError

    make_delivery(local)
    with monkeypatch.context() as patched, local.run() as run:
        patched.setattr(delivery_judging, name, missing)
        with pytest.raises(FileNotFoundError):
            admit(run)
    assert [FIRST] == [path.name for path in local.inbox.iterdir()]
    assert {"admitted": 1} == served(local)


def test_a_rotated_admission_key_still_opens_what_was_sealed_to_the_former(local: Municipality) -> None:
    """All keys in term read."""
    with_key(local, "admission-1", valid_until="2026-10-15")
    write_secret(local, "admission-2", "admission", "admission-2")
    make_delivery(local)
    assert {"admitted": 1} == served(local)


def test_a_refusal_list_of_the_partners_program_goes_to_the_receipt(local: Municipality) -> None:
    """What `seal` leaves beside a delivery is not a delivery; a list that could hold names is quarantined."""
    make_delivery(local)
    faults = [
        RowFault("DATE_INVALID", "geboortedatum", 3),
        RowFault("VALUE_INVALID", "klantnummer", 4),
        RowFault("LEGAL_PERSON", "achternaam", 5),
        RowFault("COLUMN_MISSING"),
        RowFault("NUL_BYTE", None, 9),
    ]
    listed = write_refusals(local.inbox, DeliveryName.parse(FIRST), faults).read_text()
    (local.inbox / "water-a_2026-10_0001.refusals.csv").write_text("achternaam\nKanarie\n")
    assert {"admitted": 1} == served(local)
    assert listed == (local.home.receipts / FIRST / f"{FIRST}.refusals.csv").read_text()
    assert [] == list(local.inbox.iterdir())
    assert ["water-a_2026-10_0001__refusals"] == local.quarantined()
