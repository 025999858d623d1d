"""A month with a case in each state, files of each kind, and what `retire` made and said of them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.commands.retire import retire
from pipeline.store import tables
from pipeline.vocabulary import case as words
from tests.builders.deliveries import MONTH, Municipality, signal_row
from tests.builders.stewardship import WHEN, make_stewarded, put, put_case, put_signals, stored_signal

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


def make_month(path: Path) -> Municipality:
    """A month with a case in each state, singles, and a later month."""
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
    """A row of table `results`."""
    return {
        "case_id": case_id,
        "result": "Vervolghulp en/of verwijzing",
        "result_on": result_on,
        "has_consent_for_feedback": True,
        "is_unsafe": False,
        "recorded_at": WHEN,
    }


def feedback(label: str) -> dict[str, Any]:
    """A row of table `feedback_sent`."""
    signal_id = signal_row(label)["signal_id"]
    return {
        "partner_id": "huur-a",
        "month": MONTH,
        "signal_id": signal_id,
        "code": "opgepakt",
        "sent_on": "2026-11-20",
    }


def retired(place: Municipality, today: date) -> Any:
    """The outcome of `retire` on a day."""
    with place.run(today) as run:
        return retire(run)


def report(place: Municipality, day: date) -> dict[str, Any]:
    """The report of what went on a day."""
    document: dict[str, Any] = json.loads((place.home.reports / f"vernietiging-{day}.json").read_text())
    return document


def counts_of(document: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    """Deleted, remaining and kept by class of data, where there is anything to count."""
    return {
        row["data_class"]: (row["deleted_count"], row["remaining_count"], row["kept_count"])
        for row in document["classes"]
        if row["deleted_count"] or row["remaining_count"] or row["kept_count"]
    }


def delivery(delivery_id: str, **changes: Any) -> dict[str, Any]:
    """A row of table `deliveries`."""
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


def line(at: str) -> dict[str, Any]:
    """A line of the journal."""
    return {"at": at, "actor": "a", "action": "probe", "object": "o", "result": "done", "transaction_name": "t"}


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
