"""The delivery to the statistics office: from revealed cases to a file that its schema accepts."""

from __future__ import annotations

import json
import shutil
import stat
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator

from pipeline.analytics.periods import parse_period
from pipeline.commands.at_the_opener import answer_ddas
from pipeline.commands.at_the_opener.exclusion_lists import add_exclusion
from pipeline.commands.ddas_inputs import SETTINGS_FILE
from pipeline.commands.export import export_ddas
from pipeline.commands.opener import serve
from pipeline.commands.wiring import SCHEMAS, Run
from pipeline.store import tables
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.processing import OPEN, REPORT
from tests.builders.deliveries import NOW, Municipality
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
)

VERSION = SCHEMAS / "ddas" / "1.2"
PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x", has_warm_handover=True, signalled_on=None)]
SINGLE = report("water-a", "c", "z", surname="Alleen")
OBJECTED = {"achternaam": "Van der Berg", "voorletters": "J", "geboortedatum": "31-05-1950", "reden": "bezwaar"}


@pytest.fixture
def place(tmp_path: Path) -> Municipality:
    made = make_municipality_with_opener(tmp_path)
    shutil.copyfile(SCHEMAS / "ddas" / "settings.example.json", made.home.path / SETTINGS_FILE)
    return made


@pytest.fixture
def run(place: Municipality) -> Iterator[Run]:
    with place.run(TUESDAY) as opened:
        keep(opened, [*PAIR, SINGLE])
        reveal_here(opened)
        yield opened


def export(run: Run, version: str = "1.2", period: str = "2026-10", *, is_provisional: bool = False) -> Any:
    """File the order while an opener serves in a thread of its own."""
    stop = threading.Event()
    opener = threading.Thread(target=serve, args=(run.home.path,), kwargs={"stop": stop, "now": NOW})
    opener.start()
    try:
        while not rows_in(run, "opener_heartbeats"):
            time.sleep(0.01)
        return export_ddas(run, parse_period(period), version, 30, is_provisional=is_provisional)
    finally:
        stop.set()
        opener.join()


def visit(run: Run, **result: Any) -> None:
    """What a team sent back of the one case."""
    (case_id,) = {row["case_id"] for row in rows_in(run, "cases")}
    tried = {
        "attempt_id": "a1",
        "case_id": case_id,
        "contact_type": "Huisbezoek",
        "is_reached": True,
        "attempted_on": "2026-11-05",
        "part_of_day": "Middag",
        "recorded_at": run.now,
    }
    said = {"case_id": case_id, "has_consent_for_feedback": False, "is_unsafe": False, "recorded_at": run.now}
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        transaction.insert(tables.attempts, [tried])
        transaction.insert(tables.results, [{**said, **result}])
        transaction.update(tables.cases, sa.true(), {"state": "closed"})


def order_by_hand(
    run: Run, place: Municipality, *, on: str = "2026-11-03", ground: str = "ddas"
) -> dict[str, Any]:
    """What the opener says of an order that somebody wrote into the store for the one case."""
    (case,) = rows_in(run, "cases")
    order = {"order_id": "D-1", "worklist_on": on, "revision": 10_000, "state": "filed", "fingerprint": ""}
    order |= {"filed_at": run.now, "purpose": "ddas 1.2 2026-10"}
    request = {"request_id": "R-1", "order_id": "D-1", "case_id": case["case_id"], "ground": ground}
    request |= {"case_revision": case["revision"], "state": "filed", "filed_at": run.now, "filed_by": "test"}
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        transaction.insert(tables.worklist_orders, [order])
        transaction.insert(tables.opening_requests, [request])
    serve(run.home.path, once=True, now=NOW)
    said: dict[str, Any] = json.loads((place.home.ddas / "2026-10" / on / "verslag.json").read_text("utf-8"))
    return said


def report_of(outcome: Any) -> dict[str, Any]:
    """What the opener says beside the delivery."""
    said: dict[str, Any] = json.loads(Path(outcome.paths["report"]).read_text(encoding="utf-8"))
    return said


def document_of(outcome: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(outcome.paths["delivery"]).read_text(encoding="utf-8"))
    return document


def test_a_revealed_case_is_delivered_with_what_the_model_needs(
    database: str, place: Municipality, run: Run
) -> None:
    """Postcode, house number and birth date; kind of partner, whole euros, days and what came of it; no more."""
    visit(run, result="Vervolghulp en/of verwijzing", result_on="2026-11-20")
    outcome = export(run)
    (delivery,) = document_of(outcome)["leveringen"]
    left = {"left_out": 1, "left_out_cases": 0, "left_out_not_revealed": 1}
    assert {"cases": 1, "signals": 2, **left} == outcome.counts
    assert {
        "postcode": "9901AB",
        "huisnummer": "12",
        "huisnummertoevoeging": "A",
        "geboortedatum": "1950-05-31",
    } == (delivery["vroegsignalen"][0]["client"])
    kinds = {(one["signaalpartner"]["type"], one["warmeOverdracht"]) for one in delivery["vroegsignalen"]}
    assert {("Huur", False), ("Energie", True)} == kinds
    assert {(812, "2026-08-01", "Opgepakt")} == {
        (one["bedrag"], one["ontstaansdatum"], one["status"]) for one in delivery["vroegsignalen"]
    }
    (case,) = delivery["vroegsignaalzaken"]
    assert ("Vervolghulp en/of verwijzing", "2026-11-05") == (case["resultaat"], case["datumOpgepakt"])
    assert [{"soort": "Huisbezoek", "bereikt": True, "datum": "2026-11-05", "dagdeel": "Middag"}] == (
        case["contactpogingen"]
    )
    assert {one["ID"] for one in delivery["vroegsignalen"]} == {one["ID"] for one in case["vroegsignalen"]}


def test_no_name_and_no_client_number_is_delivered(place: Municipality, run: Run) -> None:
    """Nothing that the model does not ask for is in the file, and the case id of the store is not either."""
    text = Path(export(run).paths["delivery"]).read_text(encoding="utf-8")
    (case,) = rows_in(run, "cases")
    hidden = ("Berg", "J.P.", "klant-", "post.nl", "0612349876", case["case_id"], PAIR[0]["signal_id"])
    assert [] == [value for value in hidden if value in text]


def test_what_was_left_out_is_counted_with_its_reason(place: Municipality, run: Run) -> None:
    """A signal that stands alone is never opened for statistics; a day that was filled in is said."""
    outcome = export(run)
    assert outcome.lines[0].startswith("Niet geleverd: 1 signalen (werd nooit een getoonde zaak")
    said = report_of(outcome)
    assert {"DAY_ASSUMED": 1} == said["noted"]
    assert ({"NOT_REVEALED": 1}, {}, False) == (said["left_out"], said["left_out_cases"], said["is_provisional"])
    assert 0o640 == stat.S_IMODE(Path(outcome.paths["report"]).stat().st_mode)


def test_signals_of_a_joined_case_have_a_reason_of_their_own(place: Municipality, run: Run) -> None:
    """The household was shown with its earlier case: these signals are no strangers to a team."""
    (case,) = rows_in(run, "cases")
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        transaction.update(tables.cases, sa.true(), {"state": "joined", "joined_to": case["case_id"]})
    assert {"CASE_JOINED": 2, "NOT_REVEALED": 1} == report_of(export(run))["left_out"]


def test_a_case_that_is_left_out_takes_its_signals_along(place: Municipality, run: Run) -> None:
    """An end result before the month cannot be: one case and its two signals are counted apart."""
    visit(run, result="Vervolghulp en/of verwijzing", result_on="2026-09-20")
    said = report_of(export(run))
    assert ({"DATE_ORDER": 2, "NOT_REVEALED": 1}, {"DATE_ORDER": 1}) == (said["left_out"], said["left_out_cases"])


def test_a_result_that_its_attempts_contradict_is_delivered_and_noted(place: Municipality, run: Run) -> None:
    """Nobody was reached, says the result; an attempt says otherwise: the municipality looks at it."""
    visit(run, result="Definitief geen contact kunnen krijgen", result_on="2026-11-20")
    outcome = export(run)
    assert 1 == report_of(outcome)["noted"]["RESULT_CONTRADICTS"]
    assert 1 == len(document_of(outcome)["leveringen"][0]["vroegsignaalzaken"])


@pytest.mark.parametrize(("period", "is_provisional"), [("2026Q4", False), ("2026-11", False), ("2030", True)])
def test_a_period_that_has_not_ended_is_refused(
    place: Municipality, run: Run, period: str, is_provisional: bool
) -> None:
    """No order is filed for a period that goes on, nor a provisional one for a period that has not begun."""
    with pytest.raises(Refused, match="PERIOD_NOT_ENDED"):
        export_ddas(run, parse_period(period), "1.2", is_provisional=is_provisional)
    assert all(row["purpose"] is None for row in rows_in(run, "worklist_orders"))


def test_a_provisional_delivery_says_so(place: Municipality, run: Run) -> None:
    """Asked for on purpose, a period that goes on is delivered, and its report says that it goes on."""
    outcome = export(run, period="2026Q4", is_provisional=True)
    assert (1, True) == (outcome.counts["cases"], report_of(outcome)["is_provisional"])
    assert "Voorlopig: deze periode is nog niet voorbij." == outcome.lines[0]


def test_every_opening_for_statistics_stands_in_the_journal(place: Municipality, run: Run) -> None:
    """The case that was opened, on the ground ddas, before the file was made; the other was not opened."""
    export(run)
    lines = [row for row in rows_in(run, "journal") if row["ground"] == "ddas"]
    assert [("open_contacts", {"contacts": 2}), ("export_ddas", {"cases": 1, "signals": 2})] == [
        (row["action"], row["counts"]) for row in lines
    ]


def test_every_opening_for_statistics_is_a_line_per_signal_in_the_processing_log(
    place: Municipality, run: Run
) -> None:
    """A resident who asks reads that the contact was opened, and that it was counted."""
    export(run)
    lines = [row for row in rows_in(run, "processings") if row["ground"] == "ddas"]
    assert {OPEN: 2, REPORT: 2} == Counter(row["name"] for row in lines)


@pytest.mark.parametrize(("state", "ground"), [("routed", "ddas"), ("withheld", "ddas"), ("revealed", "rule")])
def test_case_that_no_team_saw_is_not_opened_for_statistics(
    place: Municipality, run: Run, state: str, ground: str
) -> None:
    """Whoever writes an order into the store: nothing is opened, and the request says that it had no ground."""
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        transaction.update(tables.cases, sa.true(), {"state": state})
    assert {"cases": 0, "signals": 0} == order_by_hand(run, place, ground=ground)["counts"]
    (request,) = [row for row in rows_in(run, "opening_requests") if row["request_id"] == "R-1"]
    assert ("withheld", "GROUND_NOT_MET") == (request["verdict"], request["reason_code"])
    assert not [
        row for row in rows_in(run, "journal") if (row["action"], row["ground"]) == ("open_contacts", "ddas")
    ]


def test_a_signal_that_is_about_somebody_else_now_is_left_out(place: Municipality, run: Run) -> None:
    """Only of whom the opener confirmed anything leaves the building; the rest is counted."""
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        corrected = tables.case_signals.c.partner_id == "energie-a"
        transaction.update(tables.case_signals, corrected, {"confirmed_person": b"x" * 16})
    outcome = export(run)
    assert 1 == report_of(outcome)["left_out"]["CONFIRMATION_WRONG"]
    assert ["Huur"] == [
        one["signaalpartner"]["type"] for one in document_of(outcome)["leveringen"][0]["vroegsignalen"]
    ]


def test_signal_that_the_opener_did_not_confirm_itself_is_not_opened(place: Municipality, run: Run) -> None:
    """The store says that it was confirmed; without the opener's proof it is left out, and counted."""
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        forged = tables.case_signals.c.partner_id == "energie-a"
        transaction.update(tables.case_signals, forged, {"confirmation": b"x" * 16})
    outcome = export(run)
    assert 1 == report_of(outcome)["left_out"]["CONFIRMATION_WRONG"]
    assert ["Huur"] == [
        one["signaalpartner"]["type"] for one in document_of(outcome)["leveringen"][0]["vroegsignalen"]
    ]
    assert [{"contacts": 1}] == [
        row["counts"]
        for row in rows_in(run, "journal")
        if (row["action"], row["ground"]) == ("open_contacts", "ddas")
    ]


def test_contact_that_does_not_open_is_left_out_and_counted(place: Municipality, run: Run) -> None:
    """The figures would be short by one signal, and the report says so, and why."""
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        damaged = tables.signals.c.partner_id == "energie-a"
        transaction.update(tables.signals, damaged, {"sealed_contact": b"\x01damaged"})
    assert {"NOT_REVEALED": 1, "SEAL_BROKEN": 1} == report_of(export(run))["left_out"]


def test_delivery_that_does_not_follow_the_model_is_not_written(
    place: Municipality, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The office would refuse it: the order is answered with the reason, and no file stands there."""
    monkeypatch.setattr(answer_ddas, "ddas_document", lambda *_, **__: {"leveringen": "geen"})
    assert "SCHEMA_MISMATCH" == order_by_hand(run, place)["refused"]["code"]
    assert ["verslag.json"] == [path.name for path in (place.home.ddas / "2026-10" / "2026-11-03").iterdir()]


@pytest.mark.parametrize(("on", "expected"), [("2026-10-31", True), ("2026-11-01", False)])
def test_last_day_of_a_period_is_still_in_it(place: Municipality, run: Run, on: str, expected: bool) -> None:
    """A delivery of that day may miss what is still recorded, so it is called provisional."""
    assert expected == order_by_hand(run, place, on=on)["is_provisional"]


def test_who_is_on_the_exclusion_list_is_not_delivered(place: Municipality, run: Run) -> None:
    """An objection since the case was shown also keeps it out of the statistics."""
    add_exclusion(place.home.opener_lists_dir, OBJECTED)
    outcome = export(run)
    assert [] == document_of(outcome)["leveringen"][0]["vroegsignalen"]
    assert any("uitsluitingslijst" in line for line in outcome.lines)


def test_worklists_go_on_beside_an_order_for_statistics(place: Municipality, run: Run) -> None:
    """An export on a worklist day neither takes the place of its lists nor counts as them."""
    export(run)
    keep(run, [*PAIR, report("huur-a", "d", "y", surname="Ander"), report("water-a", "e", "y", surname="Ander")])
    reveal_here(run)
    assert 2 == len(worklist(place)["cases"])


def test_exporting_twice_gives_the_same_file(place: Municipality, run: Run) -> None:
    """The second file replaces the first and differs in nothing."""
    first = document_of(export(run))
    assert first == document_of(export(run))


@pytest.mark.parametrize("version", ["1.3", "../1.2", "1.2/", ""])
def test_a_version_that_does_not_exist_is_refused(place: Municipality, run: Run, version: str) -> None:
    """No order is filed, and the refusal names the versions that there are."""
    with pytest.raises(Refused) as refusal:
        export_ddas(run, parse_period("2026-10"), version)
    assert ("DDAS_VERSION_UNKNOWN", True) == (refusal.value.code, "(1.2)" in refusal.value.next_step)
    assert all(row["purpose"] is None for row in rows_in(run, "worklist_orders"))


def test_without_settings_nothing_is_opened(place: Municipality, run: Run) -> None:
    """Who delivers must be known before a contact is opened."""
    (place.home.path / SETTINGS_FILE).unlink()
    with pytest.raises(Refused, match="DDAS_SETTINGS_MISSING"):
        export_ddas(run, parse_period("2026-10"), "1.2")


def test_an_order_that_cannot_be_answered_holds_up_nothing(place: Municipality, run: Run) -> None:
    """Settings that broke after the order was filed are said by the export; the opener goes on."""
    order = {"order_id": "D-1", "worklist_on": TUESDAY.isoformat(), "revision": 10_000, "state": "filed"}
    order |= {"fingerprint": "", "filed_at": run.now, "purpose": "ddas 1.2 2026Q4"}
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        transaction.insert(tables.worklist_orders, [order])
    (place.home.path / SETTINGS_FILE).write_text("{}", encoding="utf-8")
    serve(run.home.path, once=True, now=NOW)
    states = {row["order_id"]: row["state"] for row in rows_in(run, "worklist_orders")}
    said = json.loads((place.home.ddas / "2026Q4" / TUESDAY.isoformat() / "verslag.json").read_text("utf-8"))
    assert ("done", "DDAS_SETTINGS_INVALID") == (states["D-1"], said["refused"]["code"])


def _schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads((VERSION / "delivery.schema.json").read_text(encoding="utf-8")))


def test_the_schema_takes_its_example() -> None:
    """The example of a version is valid under its schema."""
    assert [] == list(_schema().iter_errors(json.loads((VERSION / "example.json").read_text(encoding="utf-8"))))


@pytest.mark.parametrize("path", sorted((VERSION / "faulty").iterdir()), ids=lambda path: path.stem)
def test_the_schema_refuses_faulty_deliveries(path: Path) -> None:
    """Each faulty file breaks the schema at the field that its name says."""
    faults = list(_schema().iter_errors(json.loads(path.read_text(encoding="utf-8"))))
    assert faults
    assert path.stem.split("--")[0] in str([list(fault.absolute_path) for fault in faults])


def test_a_delivery_that_cannot_be_written_holds_up_nobody(place: Municipality, run: Run) -> None:
    """The order is answered and said to be refused, and the opener serves what is filed after it."""
    shutil.rmtree(place.home.ddas, ignore_errors=True)
    place.home.ddas.write_text("in the way")
    with pytest.raises(Refused) as refusal:
        export(run)
    assert "NO_PERMISSION" == refusal.value.code
    assert {"done"} == {row["state"] for row in rows_in(run, "worklist_orders")}
