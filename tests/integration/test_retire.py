"""`samenloop retire`: what is due goes everywhere, what is not stays, and the report proves it."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.channels import folder
from pipeline.commands.key_keeping import key_destruction
from pipeline.commands.retire import retire
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.vocabulary import case as words
from tests.builders.deliveries import Municipality, signal_row
from tests.builders.stewardship import (
    WHEN,
    make_stewarded,
    put,
    put_case,
    put_line,
    put_signals,
    rows_of_table,
    stored_signal,
)

MONTH = "2026-10"
BEFORE = date(2027, 4, 30)
DUE = date(2027, 5, 1)
STATES = {
    "Z-opened": words.OPENED,
    "Z-routed": words.ROUTED,
    "Z-doubtful": words.DOUBTFUL,
    "Z-withheld": words.WITHHELD,
    "Z-closed": words.CLOSED,
    "Z-running": words.IN_PROGRESS,
}


@pytest.fixture
def municipality(tmp_path: Path, database: str) -> Municipality:
    """A month with a case in each state, singles, and a later month; on both databases."""
    return make_month(tmp_path)


@pytest.fixture
def local(tmp_path: Path) -> Municipality:
    """The same, where the kind of database makes no difference."""
    return make_month(tmp_path)


def make_month(path: Path) -> Municipality:
    place = make_stewarded(path)
    with place.run(date(2026, 11, 3)) as run:
        for case_id, state in STATES.items():
            signals = [stored_signal(partner, f"{case_id}/{partner}") for partner in ("huur-a", "energie-a")]
            put_signals(run, signals)
            put_case(run, case_id, state, signals)
        put_signals(run, [stored_signal("water-a", "single"), stored_signal("water-a", "later", "2026-11")])
        put(run, tables.case_signals, **stranger("Z-running", "water-a", "single"))
        put(run, tables.results, **result("Z-closed"))
        waits = {"result": None, "result_on": None, "next_appointment_on": "2031-12-01"}
        put(run, tables.results, **{**result("Z-running"), **waits})
        put(run, tables.feedback_sent, **feedback("Z-closed/huur-a"))
        put(run, tables.feedback_sent, **feedback("single"))
    return place


def stranger(case_id: str, partner_id: str, label: str) -> dict[str, Any]:
    """A signal that was proposed for a case and turned out to be about somebody else."""
    signal_id = signal_row(label)["signal_id"]
    row = {"case_id": case_id, "partner_id": partner_id, "month": MONTH, "signal_id": signal_id}
    return {**row, "is_active": True, "is_confirmed": False}


def result(case_id: str, result_on: str = "2026-11-20") -> dict[str, Any]:
    return {
        "case_id": case_id,
        "result": "Vervolghulp en/of verwijzing",
        "result_on": result_on,
        "has_consent_for_feedback": True,
        "is_unsafe": False,
        "recorded_at": WHEN,
    }


def feedback(label: str) -> dict[str, Any]:
    signal_id = signal_row(label)["signal_id"]
    return {
        "partner_id": "huur-a",
        "month": MONTH,
        "signal_id": signal_id,
        "code": "opgepakt",
        "sent_on": "2026-11-20",
    }


def retired(place: Municipality, today: date) -> Any:
    with place.run(today) as run:
        return retire(run)


def snapshot(place: Municipality, today: date = DUE) -> dict[str, Any]:
    """The state that must be the same: no instants, no sequence numbers."""
    with place.run(today) as run:
        found: dict[str, Any] = {}
        for name, table in tables.metadata.tables.items():
            if table is tables.journal_seals:
                continue
            skipped = {"seq", "at", "changed_at", "retired_at", "recorded_at", "seen_at"}
            skipped |= {"previous_hash", "line_hash", "journal_seq"}
            rows = [
                {key: str(value) for key, value in row.items() if key not in skipped}
                for row in rows_of_table(run, table)
            ]
            found[name] = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
    found["files"] = sorted(
        str(path.relative_to(place.path)) for path in place.path.rglob("*") if "samenloop.db" not in path.name
    )
    return found


def report(place: Municipality, day: date) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((place.home.reports / f"vernietiging-{day}.json").read_text())
    return document


def counts_of(document: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    return {
        row["data_class"]: (row["deleted_count"], row["remaining_count"], row["kept_count"])
        for row in document["classes"]
        if row["deleted_count"] or row["remaining_count"] or row["kept_count"]
    }


def labels_left(run: Run) -> set[str]:
    ids = {signal_row(label)["signal_id"]: label for label in _labels()}
    return {ids[row["signal_id"]] for row in rows_of_table(run, tables.signals)}


def _labels() -> list[str]:
    pairs = [f"{case_id}/{partner}" for case_id in STATES for partner in ("huur-a", "energie-a")]
    return [*pairs, "single", "later"]


def test_nothing_goes_a_day_too_early(local: Municipality) -> None:
    """On the last day of the term all signals, cases and keys are there."""
    outcome = retired(local, BEFORE)
    with local.run(BEFORE) as run:
        assert len(_labels()) == len(rows_of_table(run, tables.signals))
    assert ["keys"] == [name for name, count in outcome.counts.items() if count]
    assert (local.home.keys_dir / f"store-{MONTH}-1.json").exists()
    assert {} == counts_of(report(local, BEFORE))


def test_signals_go_and_what_was_never_shown_lapses(municipality: Municipality) -> None:
    """A month past its term: only a running case keeps its signals; the report counts, proves and names nobody."""
    outcome = retired(municipality, DUE)
    with municipality.run(DUE) as run:
        left = labels_left(run)
        states = {row["case_id"]: row["state"] for row in rows_of_table(run, tables.cases)}
        marks = [row["month"] for row in rows_of_table(run, tables.month_marks)]
        told = [row["signal_id"] for row in rows_of_table(run, tables.feedback_sent)]
        lapsed = [row["object"] for row in rows_of_table(run, tables.journal) if row["action"] == "lapse_case"]
    assert {"Z-running/huur-a", "Z-running/energie-a", "later"} == left
    assert ["Z-doubtful", "Z-opened", "Z-routed"] == sorted(lapsed)
    assert {words.LAPSED} == {states[case_id] for case_id in lapsed}
    assert (words.WITHHELD, words.CLOSED, words.IN_PROGRESS) == tuple(
        states[case_id] for case_id in ("Z-withheld", "Z-closed", "Z-running")
    )
    assert (["2026-11"], [signal_row("Z-closed/huur-a")["signal_id"]]) == (marks, told)
    document = report(municipality, DUE)
    assert {"signals": (11, 0, 2), "lapsed": (3, 0, 0), "feedback": (1, 0, 0)} == counts_of(document)
    assert document["is_complete"]
    assert [] == [key for key in document["keys_destroyed"] if MONTH in key]
    assert (11, 0) == (outcome.counts["signals"], outcome.exit_code)
    text = (municipality.home.reports / f"vernietiging-{DUE}.txt").read_text()
    assert [] == [label for label in _labels() if signal_row(label)["signal_id"] in text + json.dumps(document)]


def test_keys_go_when_the_last_case_of_the_month_is_closed(local: Municipality) -> None:
    """The running case keeps the month's keys; once it is closed signals and keys go, named in the report."""
    retired(local, DUE)
    key_file = local.home.opener_keys_dir / f"opening-{MONTH}-1.json"
    assert key_file.exists()
    with local.run(DUE) as run, run.store.transaction("test", at=WHEN, actor="test") as transaction:
        transaction.update(tables.cases, tables.cases.c.case_id == "Z-running", {"state": words.CLOSED})
    retired(local, date(2027, 5, 2))
    assert not key_file.exists()
    assert not (local.home.keys_dir / f"store-{MONTH}-1.json").exists()
    assert (local.home.keys_dir / "store-2026-11-1.json").exists()
    document = report(local, date(2027, 5, 2))
    assert [f"opening-{MONTH}-1", f"store-{MONTH}-1"] == [
        key for key in document["keys_destroyed"] if MONTH in key
    ]
    assert [] == document["keys_waiting_for_opener"]
    with local.run(DUE) as run:
        assert {"2026-11"} == {row["month"] for row in rows_of_table(run, tables.signals)}


def test_where_only_the_opener_may_read_its_keys_the_opener_destroys_them(local: Municipality) -> None:
    """`retire` notes the month as over; the report says who is waited for; the opener's own step does it, once."""
    ours = local.home.opener_keys_dir
    ours.rename(ours.with_name("elsewhere"))
    retired(local, date(2027, 2, 1))
    ended = "2026-05"
    assert f"opening-{ended}-1" in report(local, date(2027, 2, 1))["keys_waiting_for_opener"]
    ours.with_name("elsewhere").rename(ours)
    with local.run(DUE, actor="opener") as run:
        destroyed = key_destruction.destroy_opening_keys(run)
        assert [] == key_destruction.destroy_opening_keys(run)
    assert f"opening-{ended}-1" in destroyed
    assert not (ours / f"opening-{ended}-1.json").exists()
    retired(local, date(2027, 2, 2))
    assert [] == report(local, date(2027, 2, 2))["keys_waiting_for_opener"]


def test_closed_cases_go_with_all_that_hangs_on_them(municipality: Municipality) -> None:
    """After the term of cases nothing in any table names the case; running ones stay."""
    with municipality.run(DUE) as run:
        attempt = {"attempt_id": "a-1", "case_id": "Z-closed", "contact_type": "Brief", "is_reached": False}
        put(run, tables.attempts, **attempt, attempted_on="2026-11-10", recorded_at=WHEN)
        disclosure = {"order_id": "W-1", "case_id": "Z-closed", "worklist_on": "2026-11-03", "team_id": "noord"}
        put(run, tables.disclosures, **disclosure, ground="rule", is_new=True, disclosed_at=WHEN)
        decided = {"decision": "accepted", "reason_code": "SPELLING", "decided_by": "steward", "decided_at": WHEN}
        put(run, tables.reviews, case_id="Z-closed", evidence_digest="ab", **decided)
    retired(municipality, DUE)
    retired(municipality, date(2028, 11, 1))
    with municipality.run(DUE) as run:
        everything = {row["case_id"] for row in rows_of_table(run, tables.cases)}
    assert {"Z-closed", "Z-running"} == everything
    retired(municipality, date(2028, 12, 1))
    with municipality.run(DUE) as run:
        names = ("cases", "case_signals", "attempts", "results", "disclosures", "feedback_sent", "reviews")
        for name in names:
            assert "Z-closed" not in json.dumps(rows_of_table(run, tables.metadata.tables[name]))
        assert ["Z-running"] == [row["case_id"] for row in rows_of_table(run, tables.cases)]


def delivery(delivery_id: str, **changes: Any) -> dict[str, Any]:
    row = {
        "delivery_id": delivery_id,
        "manifest_hash": "ab" * 32,
        "partner_id": "huur-a",
        "month": MONTH,
        "sequence": 1,
        "kind": "signals",
        "state": "admitted",
        "response_code": "OK",
        "row_count": 3,
        "admitted_count": 2,
        "refused_count": 1,
        "refused_rows": [{"code": "VALUE_MISSING", "column": "wijkcode", "row": 3}],
        "manifest": "{}",
        "signature_b64": "c2ln",
        "received_at": WHEN,
        "decided_at": WHEN,
        "decided_by": "samenloop",
    }
    return {**row, **changes}


def test_the_ledger_is_scrubbed_and_still_knows_a_repeat(municipality: Municipality) -> None:
    """Id, hash, counts and outcome stay; manifest, signature and refused rows go."""
    with municipality.run(DUE) as run:
        put(run, tables.deliveries, **delivery("huur-a_2026-10_0001"))
    retired(municipality, date(2028, 10, 31))
    with municipality.run(DUE) as run:
        assert "c2ln" == rows_of_table(run, tables.deliveries)[0]["signature_b64"]
    retired(municipality, date(2028, 11, 1))
    with municipality.run(DUE) as run:
        (row,) = rows_of_table(run, tables.deliveries)
    assert ("ab" * 32, 2, "OK") == (row["manifest_hash"], row["admitted_count"], row["response_code"])
    assert (None, None, []) == (row["manifest"], row["signature_b64"], row["refused_rows"])
    assert (1, 0, 0) == counts_of(report(municipality, date(2028, 11, 1)))["deliveries"]


def fill_files(place: Municipality) -> None:
    """Something of each kind, of November 2026, and one thing of today."""
    for name, day in (("noord", "2026-11-03"), ("noord", "2027-04-30")):
        (place.home.worklists / name / day).mkdir(parents=True)
        (place.home.worklists / name / day / "werklijst.html").write_text("x")
    for day in ("2026-11-03", "2027-04-30"):
        (place.home.feedback / "huur-a" / day).mkdir(parents=True)
        (place.home.quarantine / f"follow_up-{day}_follow-up-1").mkdir()
    papers = {"received_at": WHEN, "decided_at": WHEN}
    for place_, name in ((place.home.quarantine / "huur-a_2026-10_0002__abcd", "reason.json"),):
        place_.mkdir(parents=True)
        (place_ / name).write_text(json.dumps(papers))
    (place.home.receipts / "huur-a_2026-10_0001").mkdir()
    (place.home.receipts / "huur-a_2026-10_0001" / "receipt.json").write_text(json.dumps(papers))


def test_files_go_by_their_day_and_by_the_run_that_saw_them(local: Municipality) -> None:
    """Worklists and quarantine after a month, receipts after a year; what came since the last run stays."""
    fill_files(local)
    retired(local, date(2026, 11, 3))
    outcome = retired(local, DUE)
    assert ["2027-04-30"] == [path.name for path in (local.home.worklists / "noord").iterdir()]
    assert ["follow_up-2027-04-30_follow-up-1"] == local.quarantined()
    assert (2, 1, 0) == tuple(outcome.counts[name] for name in ("quarantine", "worklists", "receipts"))
    assert not (local.path / ".retired").exists()
    retired(local, date(2027, 12, 1))
    assert [] == list(local.home.receipts.iterdir())
    assert ["2027-04-30"] == [path.name for path in (local.home.feedback / "huur-a").iterdir()]


def test_a_link_in_the_outbox_goes_and_what_it_points_to_stays(local: Municipality, tmp_path: Path) -> None:
    """Nothing outside the home is ever deleted."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    (local.home.worklists / "noord").mkdir(parents=True)
    (local.home.worklists / "noord" / "2026-11-03").symlink_to(outside)
    (local.home.worklists / "link").symlink_to(outside)
    (outside / "2026-11-03").mkdir()
    retired(local, DUE)
    assert [] == list((local.home.worklists / "noord").iterdir())
    assert ["2026-11-03", "precious"] == sorted(path.name for path in outside.iterdir())


def test_a_held_delivery_waits_for_the_steward_until_its_month_is_over(local: Municipality) -> None:
    """It outlives the term of quarantine; when its month's term ends it is refused, and its partner hears so."""
    name = "huur-a_2026-10_0003__abababab"
    (local.home.quarantine / name / "huur-a_2026-10_0003").mkdir(parents=True)
    (local.home.quarantine / name / "reason.json").write_text(json.dumps({"received_at": WHEN}))
    with local.run(DUE) as run:
        row = delivery("huur-a_2026-10_0003", state="held", response_code="HELD", quarantine_name=name)
        put(run, tables.deliveries, **row)
    retired(local, date(2026, 11, 3))
    retired(local, BEFORE)
    assert [name] == local.quarantined()
    retired(local, DUE)
    assert [] == local.quarantined()
    assert "RETENTION_ENDED" == local.receipt("huur-a_2026-10_0003")["response_code"]


def test_the_journal_goes_by_its_own_term(local: Municipality) -> None:
    """Lines that an earlier run saw go after their term; the lines of this run stay."""
    with local.run(DUE) as run:
        put_line(run, **line("2099-01-01T00:00:00Z"))
    retired(local, date(2026, 11, 3))
    with local.run(DUE) as run:
        put_line(run, **line(WHEN))
    retired(local, date(2031, 12, 1))
    with local.run(DUE) as run:
        probes = [row["at"] for row in rows_of_table(run, tables.journal) if row["action"] == "probe"]
    assert [WHEN] == probes


@pytest.mark.parametrize("place_of_death", ["processings.retire_lines", "retire_lines", "retire_files"])
def test_what_earlier_runs_saw_is_not_forgotten_by_a_killed_one(
    local: Municipality, monkeypatch: pytest.MonkeyPatch, place_of_death: str
) -> None:
    """What is due by the day of an earlier run goes all the same when the run that should delete it was killed."""
    with local.run(DUE) as run:
        put_line(run, **line("2026-10-01T00:00:00Z"))
    fill_files(local)
    retired(local, date(2026, 11, 3))

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"pipeline.commands.retire.{place_of_death}", die)
        with pytest.raises(KeyboardInterrupt):
            retired(local, date(2031, 12, 1))
    retired(local, date(2031, 12, 1))
    with local.run(DUE) as run:
        assert [] == [row for row in rows_of_table(run, tables.journal) if row["action"] == "probe"]
    assert [] == list(local.home.receipts.iterdir())


def line(at: str) -> dict[str, Any]:
    return {"at": at, "actor": "a", "action": "probe", "object": "o", "result": "done", "transaction_name": "t"}


def test_run_twice_is_the_same_state_and_the_same_report(municipality: Municipality) -> None:
    """The second run of a day deletes nothing, and its report tells what the day deleted."""
    fill_files(municipality)
    retired(municipality, date(2026, 11, 3))
    retired(municipality, DUE)
    once, told = snapshot(municipality), report(municipality, DUE)
    retired(municipality, DUE)
    assert once == snapshot(municipality)
    assert told == report(municipality, DUE)


KILLED_IN = (
    "pipeline.store.retirement.retire_cases",
    "pipeline.store.retirement.scrub_deliveries",
    "pipeline.commands.erasing.file_retiring.count_files",
    "pipeline.commands.erasing.file_retiring.folder.remove",
    "pipeline.commands.key_keeping.key_destruction.note_months_over",
    "pipeline.commands.key_keeping.key_destruction.overwrite_and_remove",
    "pipeline.store.retirement_ledger.clean_pages",
    "pipeline.store.retirement_ledger.finish_run",
)


def prepared(path: Path) -> Municipality:
    place = make_stewarded(path)
    with place.run(date(2026, 11, 3)) as run:
        signals = [stored_signal(partner, f"Z/{partner}") for partner in ("huur-a", "energie-a")]
        put_signals(run, signals)
        put_case(run, "Z-opened", words.OPENED, signals)
        put_signals(run, [stored_signal("water-a", "earlier", "2026-09")])
        put_case(run, "Z-old", words.WITHHELD, [], month="2024-10")
        put(run, tables.deliveries, **delivery("huur-a_2024-10_0001", month="2024-10"))
    fill_files(place)
    retired(place, date(2026, 11, 3))
    return place


@pytest.mark.parametrize("place_of_death", KILLED_IN)
def test_killed_anywhere_the_next_run_completes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place_of_death: str
) -> None:
    """Every count, file, key and row ends as in a run that nobody disturbed."""
    disturbed = prepared(tmp_path / "disturbed")
    undisturbed = prepared(tmp_path / "undisturbed")

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place_of_death, die)
        with pytest.raises(KeyboardInterrupt):
            retired(disturbed, DUE)
    retired(disturbed, DUE)
    retired(undisturbed, DUE)
    assert snapshot(undisturbed) == snapshot(disturbed)
    assert report(undisturbed, DUE) == report(disturbed, DUE)


def test_a_run_that_was_killed_on_its_day_is_told_the_next_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a killed run deleted stands in the report of its own day, written by the next."""
    place = prepared(tmp_path)

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.store.retirement.retire_cases", die)
        with pytest.raises(KeyboardInterrupt):
            retired(place, DUE)
    retired(place, date(2027, 5, 2))
    assert (3, 0, 0) == counts_of(report(place, DUE))["signals"]
    assert "signals" not in counts_of(report(place, date(2027, 5, 2)))


def test_deleted_means_absent_from_the_file_too(tmp_path: Path) -> None:
    """On SQLite neither the database nor its log holds a byte of a retired contact, token or id."""
    place = make_stewarded(tmp_path)
    rows = [stored_signal("huur-a", f"client-{number}") for number in range(200)]
    with place.run(date(2026, 11, 3)) as run:
        put_signals(run, rows)
    secrets = [rows[7]["sealed_contact"], rows[150]["t_birth_postcode"], rows[199]["signal_id"].encode()]
    assert all(secret in _bytes_of(place) for secret in secrets)
    retired(place, DUE)
    assert [] == [secret for secret in secrets if secret in _bytes_of(place)]


def _bytes_of(place: Municipality) -> bytes:
    return b"".join(path.read_bytes() for path in place.path.glob("samenloop.db*"))


def test_a_reader_that_is_at_work_is_said_and_done_the_next_day(tmp_path: Path) -> None:
    """While somebody reads, the log cannot be emptied: the report says so, and the next run does it."""
    place = make_stewarded(tmp_path)
    with place.run(date(2026, 11, 3)) as run:
        put_signals(run, [stored_signal("huur-a", "client")])
        reader = run.store.engine.raw_connection()
        reader.cursor().execute("PRAGMA busy_timeout = 10")
        reader.cursor().execute("BEGIN")
        reader.cursor().execute("SELECT count(*) FROM signals").fetchone()
        with place.run(DUE) as other:
            sa.event.listen(other.store.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 10"))
            other.store.engine.dispose()
            retire(other)
        assert not report(place, DUE)["is_database_log_emptied"]
        reader.rollback()
        reader.close()
    retired(place, date(2027, 5, 2))
    assert report(place, date(2027, 5, 2))["is_database_log_emptied"]


def test_what_may_not_be_moved_is_refused_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worklist of the opener's user that this user may not remove is left, said, and in the proof."""
    place = make_stewarded(tmp_path)
    (place.home.worklists / "noord" / "2026-11-03").mkdir(parents=True)

    def forbidden(*_args: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(folder, "move", forbidden)
        outcome = retired(place, DUE)
    assert (["NO_PERMISSION"], 1) == ([fault.code for fault in outcome.refused], outcome.counts["remaining"])
    assert not report(place, DUE)["is_complete"]
    assert 0 == retired(place, DUE).counts["remaining"]


def test_the_analysts_file_holds_nothing_that_is_gone(tmp_path: Path) -> None:
    """When rows were deleted the published copy is made anew."""
    place = make_stewarded(tmp_path)
    from pipeline.commands.publish import publish

    with place.run(date(2026, 11, 3)) as run:
        put_signals(run, [stored_signal("huur-a", "client")])
        assert 1 == publish(run).counts["signals"]
    shutil.copy(place.home.analytics, tmp_path / "before.duckdb")
    retired(place, DUE)
    import duckdb

    with duckdb.connect(str(place.home.analytics), read_only=True) as connection:
        assert (0,) == connection.execute("SELECT count(*) FROM work.signals").fetchone()


RETIRED = {
    "signals": {"signals", "month_marks"},
    "cases": {"cases", "case_signals", "case_pseudonyms", "attempts", "results", "disclosures"}
    | {"opening_requests", "reviews", "worklist_orders", "team_days"},
    "with its signal": {"feedback_sent"},
    "scrubbed": {"deliveries"},
    "deliveries": {"subject_requests"},
    "journal": {"journal", "journal_seals", "processings", "retirements"},
}
KEPT = {
    "endings": "names of months and keys that ended: nothing of a person",
    "published_releases": "published counts of ten and more",
    "opener_heartbeats": "gone within an hour",
}


def test_every_table_has_an_end() -> None:
    """A table is retired by a class, or kept for a reason that says why it may be: a new one must choose."""
    assert set(tables.metadata.tables) == set().union(*RETIRED.values()) | set(KEPT)


def test_counts_per_team_and_requests_of_residents_go(municipality: Municipality) -> None:
    """What stands beside the cases goes by their terms, and the report counts it."""
    with municipality.run(date(2026, 11, 3)) as run:
        day = {"worklist_on": "2026-11-03", "team_id": "noord", "new_count": 1}
        put(run, tables.team_days, **day, urgent_count=0, waiting_count=0)
        request = {"request_id": "S-1", "kind": "access", "state": "done", "filed_at": WHEN, "filed_by": "x"}
        put(run, tables.subject_requests, **request)
        retire(run)
    with municipality.run(date(2029, 1, 1)) as run:
        counts = retire(run).counts
        assert (1, 1) == (counts["team_days"], counts["subject_requests"])
        assert [] == rows_of_table(run, tables.team_days) + rows_of_table(run, tables.subject_requests)


def test_what_never_became_complete_goes_too(local: Municipality) -> None:
    """A delivery without a manifest leaves the inbox when the term of its month has ended, and no sooner."""
    for name in ("huur-a_2026-10_0007", "huur-a_2027-04_0001"):
        (local.inbox / name).mkdir()
    (local.inbox / "huur-a_2026-10_0007" / "signals.sealed").write_bytes(b"sealed")
    retired(local, BEFORE)
    assert 2 == len(list(local.inbox.iterdir()))
    retired(local, DUE)
    assert ["huur-a_2027-04_0001"] == [path.name for path in local.inbox.iterdir()]


def test_what_nobody_can_take_out_of_follow_up_goes_after_its_term(local: Municipality, tmp_path: Path) -> None:
    """Half a file, a link, a pipe, a folder in a folder go; what is taken, what is new and team folders stay."""
    inbox = local.home.inbox_follow_up
    (inbox / "noord" / "deep").mkdir(parents=True)
    (inbox / "noord" / "deep" / "lijst.xlsx").write_text("x")
    for name in ("lijst.html.part", "new.part", "waits.xlsx"):
        (inbox / name).write_text("x")
    (inbox / "link.xlsx").symlink_to(tmp_path)
    os.mkfifo(inbox / "pipe.xlsx")
    for path in (*inbox.rglob("*"), inbox / "noord"):
        seen = 1_793_000_000 if path.name != "new.part" else 1_809_000_000
        os.utime(path, (seen, seen), follow_symlinks=False)
    retired(local, date(2026, 11, 3))
    assert 4 == retired(local, DUE).counts["quarantine"]
    assert ["new.part", "noord", "waits.xlsx"] == sorted(path.name for path in inbox.rglob("*"))
    assert tmp_path.exists()


def test_a_copy_elsewhere_is_unreadable_when_the_keys_are_gone(tmp_path: Path, database: str) -> None:
    """Rows of a month that somebody kept open before its end and not after, on PostgreSQL too."""
    from pipeline.commands.key_keeping.key_making import OPENING
    from pipeline.revealed.disclose_case import ContactDesk, StoredSignal
    from pipeline.store.openings import SIGNAL_COLUMNS
    from pipeline.vault.keyring import read_keys
    from pipeline.vocabulary.faults import Refused
    from tests.builders.openings import make_municipality_with_opener
    from tests.builders.openings import report as reported

    place = make_municipality_with_opener(tmp_path)
    row = reported("huur-a", "a", "x")
    copy = StoredSignal(**{name: row[name] for name in SIGNAL_COLUMNS})
    with place.run(date(2026, 11, 3)) as run:
        put_signals(run, [row])
        desk = ContactDesk(run.directory, read_keys(run.home.opener_keys_dir, OPENING))
        assert "klant-a" == desk.open(copy).contact["klantnummer"]
    with place.run(DUE) as run:
        retire(run)
        desk = ContactDesk(run.directory, read_keys(run.home.opener_keys_dir, OPENING))
        with pytest.raises(Refused, match="KEY_MISSING"):
            desk.open(copy)
