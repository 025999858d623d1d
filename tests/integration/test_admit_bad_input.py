"""Every bad input of a morning: a stable code, quarantine, a receipt in Dutch, and the others served."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator

from pipeline.commands.admit import admit, arrivals, pending_deliveries
from pipeline.commands.console import Outcome, print_outcome
from pipeline.commands.wiring import SCHEMAS
from pipeline.store import tables
from pipeline.vocabulary.faults import FAULTS
from tests.builders.bad_input import BAD_INPUT, BAD_ROWS, CANARY, Put
from tests.builders.deliveries import (
    Municipality,
    make_delivery,
    make_municipality,
    parquet_of,
    rows_of,
    signal_row,
    with_agreement,
    with_key,
)

RECEIPT = Draft202012Validator(json.loads((SCHEMAS / "delivery" / "receipt.schema.json").read_text()))
BAD = "huur-a_2026-10_0001"

GOOD = "water-a_2026-11_0001"


@dataclass(frozen=True)
class Morning:
    """One morning with everything bad at once, and what came of it. By name of the row in BAD_INPUT."""

    municipality: Municipality
    handles: dict[str, str]
    content: dict[str, list[Any]]
    outcome: Outcome
    ledger: list[dict[str, Any]]
    journal: list[dict[str, Any]]


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    municipality = make_municipality(tmp_path_factory.mktemp("m"))
    make_delivery(municipality, "water-a", month="2026-11")
    handles: dict[str, str] = {}
    content: dict[str, list[Any]] = {}
    for number, (given_, put, _code) in enumerate(BAD_INPUT, 1):
        path = put(municipality, number)
        handles[given_] = next(a.handle for a in arrivals(municipality.inbox) if a.entry.name == path.name)
        content[given_] = content_of(path)
    with municipality.run() as run:
        outcome = admit(run)
        ledger = run.store.all(sa.select(tables.deliveries))
        journal = run.store.all(sa.select(tables.journal))
    return Morning(municipality, handles, content, outcome, ledger, journal)


def content_of(place: Path) -> list[Any]:
    """What something holds, links and pipes as they are."""
    if place.is_symlink():
        return ["link", str(place.readlink())]
    if place.is_dir():
        return [(path.name, content_of(path)) for path in sorted(place.iterdir())]
    return ["file", place.read_bytes() if place.is_file() else "other"]


def test_one_bad_delivery_never_stops_the_others(morning: Morning) -> None:
    """With everything bad in the inbox at once, the good delivery is admitted and nothing stays behind."""
    assert "OK" == morning.municipality.receipt(GOOD)["response_code"]
    assert (len(BAD_INPUT), 1, 0) == tuple(
        morning.outcome.counts[name] for name in ("refused", "admitted", "waiting")
    )
    assert (1, []) == (morning.outcome.exit_code, list(morning.municipality.inbox.iterdir()))
    assert sorted(code for _, _, code in BAD_INPUT) == sorted(
        fault.code for fault in morning.outcome.refused if fault.row is None
    )


@pytest.mark.parametrize(("given_", "put", "code"), BAD_INPUT, ids=[row[0] for row in BAD_INPUT])
def test_bad_input_is_refused_with_its_code(morning: Morning, given_: str, put: Put, code: str) -> None:
    """A stable code; whole in quarantine with the reason; answered in Dutch; one journal line."""
    handle = morning.handles[given_]
    (row,) = [row for row in morning.ledger if row["delivery_id"] == handle]
    assert (code, "refused") == (row["fault_code"], row["state"])
    quarantined = morning.municipality.home.quarantine / row["quarantine_name"]
    reason = json.loads((quarantined / "reason.json").read_text())
    assert (code, FAULTS[code].next_step) == (reason["code"], reason["next_step"])
    (kept,) = [path for path in quarantined.iterdir() if path.name != "reason.json"]
    assert morning.content[given_] == content_of(kept)
    receipt = morning.municipality.receipt(handle)
    assert [] == list(RECEIPT.iter_errors(receipt))
    assert (code, FAULTS[code].next_step) == (receipt["response_code"], receipt["next_step"])
    assert {"code": code, "column": row["fault_column"], "row": None} == receipt["refused"][0]
    assert [code] == [line["result"] for line in morning.journal if line["object"] == handle]
    text = (morning.municipality.home.receipts / handle / "ontvangst.txt").read_text(encoding="utf-8")
    assert FAULTS[code].next_step in text


def test_something_unsigned_does_not_take_the_place_of_an_answer(municipality: Municipality) -> None:
    """Whoever drops a folder under the name of a delivery in force is answered apart; the receipt stays."""
    make_delivery(municipality)
    with municipality.run() as run:
        admit(run)
    place = municipality.home.receipts / BAD
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    (municipality.inbox / BAD).mkdir()
    (municipality.inbox / BAD / "manifest.json").write_text("{}")
    with municipality.run() as run:
        outcome = admit(run)
    assert ["MANIFEST_INVALID"] == [fault.code for fault in outcome.refused]
    after = {path.name: path.read_bytes() for path in place.iterdir()}
    assert before == {name: content for name, content in after.items() if name in before}
    (added,) = set(after) - set(before)
    assert "MANIFEST_INVALID" == json.loads(after[added])["response_code"]


def test_a_refusal_names_its_delivery_once(
    morning: Morning, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the object each refusal says which delivery it is of; on a screen each is told on one line."""
    told = json.loads(morning.outcome.as_json())["refused"]
    assert set(morning.handles.values()) == {fault["delivery"] for fault in told}
    monkeypatch.setenv("COLUMNS", "200")
    print_outcome(morning.outcome)
    said = capsys.readouterr().out
    assert [] == [handle for handle in morning.handles.values() if handle not in said]
    whole = [fault.code for fault in morning.outcome.refused if fault.row is None]
    assert [whole.count(code) for code in set(whole)] == [said.count(f"{code}: ") for code in set(whole)]


@pytest.fixture
def municipality(tmp_path: Path) -> Municipality:
    return make_municipality(tmp_path)


@pytest.mark.parametrize(
    ("agreement", "key", "code"),
    [
        ({"valid_from": "2026-11-01"}, {}, "AGREEMENT_EXPIRED"),
        ({"valid_until": "2026-09-30"}, {}, "AGREEMENT_EXPIRED"),
        ({"version": 2}, {}, "AGREEMENT_UNKNOWN"),
        ({}, {"revoked_on": "2026-11-01"}, "KEY_EXPIRED"),
        ({}, {"valid_until": "2026-09-30"}, "KEY_EXPIRED"),
    ],
)
def test_terms_that_ended_refuse(
    municipality: Municipality, agreement: dict[str, Any], key: dict[str, Any], code: str
) -> None:
    """An agreement or a key out of its term admits nothing."""
    with_key(with_agreement(municipality, **agreement), "signing-huur-a-1", **key)
    make_delivery(municipality)
    with municipality.run() as run:
        assert [code] == [fault.code for fault in admit(run).refused]


def test_a_replayed_sequence_with_other_content_is_refused(municipality: Municipality) -> None:
    """The first content stands; the second is in quarantine and its answer says so; both answers are kept."""
    make_delivery(municipality)
    with municipality.run() as run:
        admit(run)
        make_delivery(municipality, rows=rows_of(2, "other"))
        assert ["SEQUENCE_REPLAYED"] == [fault.code for fault in admit(run).refused]
        assert 3 == len(run.store.all(sa.select(tables.signals)))
    receipt = municipality.receipt(BAD)
    assert "SEQUENCE_REPLAYED" == receipt["response_code"]
    assert [
        "Aan de eerdere aanlevering met dit volgnummer verandert niets. Wat daarvan is aangenomen, geldt."
    ] == (receipt["warnings"])
    answers = (municipality.home.receipts / BAD).glob("receipt-*.json")
    assert ["OK", "SEQUENCE_REPLAYED"] == sorted(json.loads(path.read_text())["response_code"] for path in answers)


def test_faulty_rows_are_refused_one_by_one_and_the_rest_goes_on(municipality: Municipality) -> None:
    """The receipt names code, column and row of each; the other rows are in the store; the numbers add up."""
    bad = [signal_row(f"bad-{number}", **changes) for number, (changes, _, _) in enumerate(BAD_ROWS)]
    make_delivery(municipality, rows=[signal_row("good"), *bad, signal_row("last")])
    with municipality.run() as run:
        outcome = admit(run)
        stored = run.store.all(sa.select(tables.signals.c.signal_id))
    receipt = municipality.receipt(BAD)
    expected = [{"code": code, "column": column, "row": row} for row, (_, code, column) in enumerate(BAD_ROWS, 2)]
    assert expected == receipt["refused"]
    assert ("OK_WITH_WARNINGS", 14, 2, 12) == tuple(
        receipt[name] for name in ("response_code", "row_count", "rows_admitted", "rows_refused")
    )
    assert [{**row, "delivery": BAD} for row in expected] == [fault.as_dict() for fault in outcome.refused]
    assert (1, 1) == (outcome.counts["warned"], outcome.exit_code)
    assert {signal_row("good")["signal_id"], signal_row("last")["signal_id"]} == {
        row["signal_id"] for row in stored
    }


def test_a_half_copied_folder_is_left_alone_until_it_is_complete(municipality: Municipality) -> None:
    """Without a manifest it is not there yet: no refusal, no receipt; when the manifest comes it is admitted."""
    made = make_delivery(municipality)
    manifest = (made / "manifest.json").read_bytes()
    (made / "manifest.json").unlink()
    (municipality.inbox / ".huur-a_2026-10_0002").mkdir()
    (municipality.inbox / f"{BAD}.refusals.csv.part").touch()
    with municipality.run() as run:
        assert [] == pending_deliveries(run)
        first = admit(run)
        (made / "manifest.json").write_bytes(manifest)
        assert [BAD] == pending_deliveries(run)
        second = admit(run)
    assert (3, 0, [], 0) == (first.counts["waiting"], first.counts["refused"], first.refused, first.exit_code)
    assert (1, 2) == (second.counts["admitted"], second.counts["waiting"])
    left = {".huur-a_2026-10_0002", f"{BAD}.refusals.csv.part"}
    assert left == {path.name for path in municipality.inbox.iterdir()}


def test_what_was_refused_may_be_delivered_again(municipality: Municipality) -> None:
    """A file that broke on the way is mended by the same delivery, whole."""
    make_delivery(municipality, data_bytes=lambda raw: raw[:-1])
    with municipality.run() as run:
        assert 1 == admit(run).counts["refused"]
        make_delivery(municipality)
        assert 1 == admit(run).counts["admitted"]
    assert "OK" == municipality.receipt(BAD)["response_code"]


def test_refusing_the_same_twice_keeps_both_and_tells_once(municipality: Municipality) -> None:
    """A second copy of the same broken delivery lies beside the first; the journal has one line."""
    with municipality.run() as run:
        made = make_delivery(municipality.path / "elsewhere", without=("manifest.sig",))
        for _ in range(2):
            shutil.copytree(made, municipality.inbox / made.name)
            admit(run)
        assert 1 == len(run.store.all(sa.select(tables.journal)))
    first, second = municipality.quarantined()
    assert f"{first}-2" == second


def test_names_of_things_in_the_inbox_are_not_repeated(municipality: Municipality) -> None:
    """A file name may hold somebody's name: outcome, receipts, ledger and journal know it by a number."""
    (municipality.inbox / f"{CANARY}.csv").write_text(CANARY)
    (municipality.inbox / CANARY).mkdir()
    make_delivery(municipality, rows=[signal_row("a"), signal_row("b", wijkcode=CANARY)])
    make_delivery(municipality, "water-a", plain=parquet_of_names(), row_count=1)
    make_delivery(municipality, "energie-a", agreement_id=CANARY, token_key_id=CANARY)
    with municipality.run() as run:
        said = repr(pending_deliveries(run)) + repr(admit(run))
        for table in (tables.deliveries, tables.journal):
            said += repr(run.store.all(sa.select(table)))
    said += "".join(
        path.read_text() for path in municipality.home.receipts.rglob("*") if path.is_file()
    ) + "".join(path.name for path in municipality.home.receipts.rglob("*"))
    said += "".join(path.read_text() for path in municipality.home.quarantine.glob("*/reason.json"))
    assert "Kanarie" not in said
    assert 4 == len(municipality.quarantined())


def parquet_of_names() -> bytes:
    return parquet_of(pl.DataFrame({"achternaam": [CANARY]}))
