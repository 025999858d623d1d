"""The opener at work on a delivery to the statistics office: journal, seal, open, make the records, write, keep.

Only cases that a team has seen are opened, only their confirmed signals, and only what the model asks for is kept
of them. Nobody on the exclusion list is delivered. Beside the file stands a report that counts every signal of the
period that was left out, and why, or says why there is no file: an order that cannot be answered never holds up
the worklists behind it. Killed anywhere, it begins anew and ends with the same file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from pipeline.channels import folder
from pipeline.commands.at_the_opener.answer_order import Papers
from pipeline.commands.ddas_inputs import PURPOSE, ddas_settings, parse_purpose
from pipeline.commands.journal_keeping.journal_sealing import seal_head
from pipeline.commands.system_refusals import refusal_of
from pipeline.commands.wiring import Run
from pipeline.revealed.confirmed_before import UNPROVEN, believed, is_same_person
from pipeline.revealed.describe_ddas import Delivery, KnownCase, KnownSignal, ddas_document
from pipeline.revealed.disclose_case import StoredSignal, identities_of
from pipeline.store import ddas_orders, openings
from pipeline.vocabulary.case import GROUND_DDAS, SEEN_STATES, VERDICT_CONFIRMED, VERDICT_WITHHELD
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import month_end, month_start
from pipeline.vocabulary.processing import OPEN
from pipeline.vocabulary.processing import REPORT as REPORT_STATISTICS

BATCH_CASES = 500
EXCLUDED_PERSON = "EXCLUDED_PERSON"
REPORT = "verslag.json"
_OUT_OF_MODEL = "SCHEMA_MISMATCH"
_NOT_FOR_ALL = 0o640


def is_ddas(order: Mapping[str, Any]) -> bool:
    """Whether an order is for the statistics office."""
    return str(order["purpose"] or "").startswith(PURPOSE)


def file_name(version: str) -> str:
    """How the delivery is called in the folder of its period and day."""
    return f"ddas-vroegsignalering-{version}.json"


def answer_ddas(run: Run, order: Mapping[str, Any], papers: Papers, keep_going: Callable[[], None]) -> None:
    """Answer all requests of an order, write the delivery or why there is none. Under the writer lock."""
    place = report_place(run, order)
    delivery = Delivery()
    try:
        report = _deliver(run, order, papers, keep_going, place, delivery)
        subjects = delivery.subjects
        _write(place / REPORT, report)
    except (Refused, OSError) as fault:
        refusal = refusal_of(fault) or Refused("NO_PERMISSION", "outbox/ddas")
        subjects, report = [], {"refused": refusal.as_row_fault().as_dict()}
        with suppress(OSError):  # the order is answered all the same: it never holds up the worklists behind it
            _write(place / REPORT, report)
    counts = report.get("counts", {})
    with run.store.transaction("export_ddas", at=run.now, actor=run.actor) as transaction:
        result = "done" if counts else "refused"
        transaction.journal("export_ddas", str(order["purpose"]), ground=GROUND_DDAS, result=result, counts=counts)
        transaction.process(REPORT_STATISTICS, subjects, cause=str(order["order_id"]), ground=GROUND_DDAS)
        openings.finish_order(
            transaction, str(order["order_id"]), done_at=run.now, shown=[], changed_cases=[], compared=[]
        )


def report_place(run: Run, order: Mapping[str, Any]) -> Path:
    """Where the delivery of an order and its report stand."""
    return run.home.ddas / str(order["purpose"]).rpartition(" ")[2] / str(order["worklist_on"])


def _deliver(
    run: Run,
    order: Mapping[str, Any],
    papers: Papers,
    keep_going: Callable[[], None],
    place: Path,
    delivery: Delivery,
) -> dict[str, Any]:
    version, period = parse_purpose(str(order["purpose"]))
    settings = ddas_settings(run.home)
    for batch in _batches(openings.requests_of(run.store, str(order["order_id"]))):
        _answer_batch(run, batch, papers, delivery, str(order["order_id"]))
        keep_going()
    document = ddas_document(
        version.mapping,
        settings,
        delivery,
        starts_on=month_start(period.months[0]),
        ends_on=month_end(period.months[-1]),
        delivered_at=str(order["filed_at"]),
        gemeentecode=run.gemeentecode,
    )
    if next(Draft202012Validator(version.schema).iter_errors(document), None) is not None:
        raise Refused(_OUT_OF_MODEL)
    counts = {"cases": len(delivery.cases), "signals": len(delivery.signals)}
    _write(place / file_name(version.version), document)
    delivery.left_out.update(ddas_orders.unrevealed_signals(run.store, period.months))
    return {
        "counts": counts,
        "left_out": {code: count for code, count in sorted(delivery.left_out.items()) if count},
        "left_out_cases": dict(sorted(delivery.left_out_cases.items())),
        "noted": dict(sorted(delivery.noted.items())),
        "is_provisional": month_end(period.months[-1]).isoformat() >= str(order["worklist_on"]),
    }


def _answer_batch(
    run: Run, requests: Sequence[Mapping[str, Any]], papers: Papers, delivery: Delivery, cause: str
) -> None:
    may_open = [row for row in requests if row["ground"] == GROUND_DDAS and row["state"] in SEEN_STATES]
    ids = [str(row["case_id"]) for row in may_open]
    stored: dict[str, list[Mapping[str, Any]]] = {}
    for row in openings.signals_of_cases(run.store, ids):
        if row["is_confirmed"] and believed(str(row["case_id"]), [row], papers.case_keys)[0]["is_confirmed"]:
            stored.setdefault(str(row["case_id"]), []).append(row)
        elif row["is_confirmed"]:
            delivery.left_out[UNPROVEN] += 1
    tried, said = openings.follow_up_of_cases(run.store, ids)
    with run.store.transaction("note_openings", at=run.now, actor=run.actor) as transaction:
        for case_id in ids:
            counts = {"contacts": len(stored.get(case_id, ()))}
            transaction.journal("open_contacts", case_id, ground=GROUND_DDAS, result="begun", counts=counts)
            subjects = [(row["partner_id"], row["month"], row["signal_id"]) for row in stored.get(case_id, ())]
            transaction.process(OPEN, subjects, cause=cause, ground=GROUND_DDAS)
    if ids:
        seal_head(run)
    for request in may_open:
        case_id = str(request["case_id"])
        opened = _opened(run, stored.get(case_id, ()), papers, delivery.left_out)
        identities = identities_of([one.contact for _, one in opened])
        same = [
            (one, who)
            for (row, one), who in zip(opened, identities, strict=True)
            if is_same_person(case_id, row, who, papers.case_keys)
        ]
        delivery.left_out[UNPROVEN] += len(opened) - len(same)
        signals = [one for one, _ in same]
        if papers.exclusions.reason_for(who for _, who in same) is not None:
            delivery.leave_out(EXCLUDED_PERSON, len(signals))
            continue
        case = _case(request, tried.get(case_id, ()), said.get(case_id, {}))
        delivery.add(case, signals, run.gemeentecode)
    _keep_answers(run, requests, set(ids))


def _opened(
    run: Run, rows: Sequence[Mapping[str, Any]], papers: Papers, left_out: Counter[str]
) -> list[tuple[Mapping[str, Any], KnownSignal]]:
    """The contacts of a case that open, each with its row."""
    types = {
        partner.partner_id: partner.partner_type for version in run.agreements for partner in version.partners
    }
    known = []
    for row in rows:
        stored = StoredSignal(**{name: row[name] for name in openings.SIGNAL_COLUMNS})
        try:
            contact = papers.desk.open(stored).contact
        except Refused as refusal:
            left_out[refusal.code] += 1
            continue
        partner_type = types[stored.partner_id]
        known.append((row, KnownSignal(stored.partner_id, stored.month, stored.signal_id, partner_type, contact)))
    return known


def _case(request: Mapping[str, Any], tried: Sequence[Mapping[str, Any]], said: Mapping[str, Any]) -> KnownCase:
    return KnownCase(
        month=str(request["month"]),
        state=str(request["state"]),
        opened_on=str(request["opened_on"]),
        result=said.get("result"),
        result_on=said.get("result_on"),
        attempts=tuple(tried),
    )


def _keep_answers(run: Run, requests: Sequence[Mapping[str, Any]], opened: set[str]) -> None:
    rows = [
        {
            "request_id": request["request_id"],
            "verdict": VERDICT_CONFIRMED if request["case_id"] in opened else VERDICT_WITHHELD,
            "reason_code": "DDAS" if request["case_id"] in opened else "GROUND_NOT_MET",
            "fields": {},
            "answered_at": run.now,
        }
        for request in requests
    ]
    with run.store.transaction("answer_openings", at=run.now, actor=run.actor) as transaction:
        openings.answer_requests(transaction, rows)


def _write(path: Path, document: Mapping[str, Any]) -> None:
    folder.write_file(path, (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode())
    path.chmod(_NOT_FOR_ALL)


def _batches(requests: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    for start in range(0, len(requests), BATCH_CASES):
        yield requests[start : start + BATCH_CASES]
