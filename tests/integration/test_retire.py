"""`samenloop retire`: what is due goes everywhere, what is not stays, and the report proves it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.commands.key_keeping import key_destruction
from pipeline.commands.retire import retire
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.vocabulary import case as words
from tests.builders.deliveries import MONTH, Municipality, signal_row
from tests.builders.retirement import BEFORE, DUE, STATES, counts_of, delivery, line, make_month, report, retired
from tests.builders.stewardship import WHEN, put, put_case, put_line, rows_of_table


@pytest.fixture
def municipality(tmp_path: Path, database: str) -> Municipality:
    """A month with a case in each state, singles, and a later month; on both databases."""
    return make_month(tmp_path)


@pytest.fixture
def local(tmp_path: Path) -> Municipality:
    """The same, where the kind of database makes no difference."""
    return make_month(tmp_path)


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


def test_what_the_opener_compared_goes_with_the_signal(municipality: Municipality) -> None:
    """What was found about a running case's own signals stays; of a signal that is gone its number alone stays."""
    running, closed = (
        [[partner, signal_row(f"{case_id}/{partner}")["signal_id"]] for partner in ("huur-a", "energie-a")]
        for case_id in ("Z-running", "Z-closed")
    )
    stranger = ["water-a", signal_row("single")["signal_id"]]
    own = {"one": running[0], "other": running[1], "verdict": "person"}
    found = {
        "Z-running": {
            "pairs": [own, {"one": running[0], "other": stranger, "verdict": "different"}],
            "refused": [{"signal": stranger, "code": "SEAL_BROKEN", "key_id": None}],
        },
        "Z-closed": {"pairs": [{"one": closed[0], "other": closed[1], "verdict": "doubtful"}], "refused": []},
    }
    with municipality.run(DUE) as run:
        for case_id, fields in found.items():
            asked = {"request_id": f"R-{case_id}", "order_id": "W-1", "case_id": case_id, "ground": "rule"}
            said = {"case_revision": 1, "state": "answered", "filed_at": WHEN, "filed_by": "x"}
            put(run, tables.opening_requests, **asked, **said, fields=fields)
        with run.store.transaction("test", at=WHEN, actor="test") as transaction:
            transaction.update(tables.case_signals, sa.true(), {"confirmed_person": b"x" * 16})
    retired(municipality, DUE)
    with municipality.run(DUE) as run:
        left = {row["case_id"]: row["fields"] for row in rows_of_table(run, tables.opening_requests)}
        proofs = {row["signal_id"]: row["confirmed_person"] for row in rows_of_table(run, tables.case_signals)}
        held = {row["signal_id"] for row in rows_of_table(run, tables.signals)}
    numbers = proofs.keys()
    assert {number for number, proof in proofs.items() if proof is not None} == numbers & held != set()
    assert {"Z-running": {"pairs": [own], "refused": []}, "Z-closed": {"pairs": [], "refused": []}} == left
    assert len(numbers - held) == report(municipality, DUE)["signal_numbers_kept_with_cases"] > 0


@pytest.mark.parametrize(("is_withdrawn", "left"), [(True, set()), (False, {"Z-closed"})])
def test_an_attempt_that_never_was_keeps_no_closed_case(
    municipality: Municipality, is_withdrawn: bool, left: set[str]
) -> None:
    """Closed in November; a visit of March keeps the case for longer, unless it was written down by mistake."""
    with municipality.run(DUE) as run:
        attempt = {"attempt_id": "a-9", "case_id": "Z-closed", "contact_type": "Huisbezoek", "is_reached": True}
        said = {"attempted_on": "2027-03-05", "is_withdrawn": is_withdrawn, "recorded_at": WHEN}
        put(run, tables.attempts, **attempt, **said)
    retired(municipality, date(2028, 12, 1))
    with municipality.run(date(2028, 12, 1)) as run:
        kept = {row["case_id"] for row in rows_of_table(run, tables.cases)}
        assert left == kept & {"Z-closed"}
        assert left == {row["case_id"] for row in rows_of_table(run, tables.attempts)}


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


@pytest.mark.parametrize(("state", "pointer"), [(words.JOINED, "joined_to"), (words.MERGED, "merged_into")])
def test_what_joined_or_merged_into_a_running_case_stays_with_it(
    local: Municipality, state: str, pointer: str
) -> None:
    """Years later its number still leads to the case that a team works on; that of a closed one is gone."""
    with local.run(DUE) as run:
        for to in ("Z-running", "Z-closed"):
            put_case(run, f"to {to}", state, **{pointer: to})
    retired(local, date(2030, 1, 1))
    with local.run(DUE) as run:
        left = {row["case_id"] for row in rows_of_table(run, tables.cases) if row["state"] != words.LAPSED}
    assert {"Z-running", "to Z-running"} == left


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
