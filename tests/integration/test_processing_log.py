"""The processing log: one line per processing per data subject, without anything of a person, and its way out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from typer.testing import CliRunner

from pipeline.commands.admit import admit
from pipeline.commands.main import make_app
from pipeline.commands.processing import export_processings, list_lines
from pipeline.commands.retire import retire
from pipeline.store import tables
from pipeline.store.processings import ProcessingQuestion, mark_exported, not_exported
from pipeline.vocabulary.processing import subject_id, trace_id
from tests.builders.deliveries import Municipality, make_delivery, rows_of, signal_id
from tests.builders.openings import TUESDAY, keep, make_municipality_with_opener, report, reveal_here, rows_in
from tests.builders.stewardship import make_stewarded, rows_of_table

PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]
ALONE = report("water-a", "c", "y")


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


def lines_of(run: object, name: str) -> list[tuple[str, str, str | None, int | None]]:
    rows = rows_of_table(run, tables.processings)  # type: ignore[arg-type]
    return sorted(
        (row["data_subject_id"], row["trace_id"], row["ground"], row["agreement_version"])
        for row in rows
        if row["name"] == name
    )


def test_who_was_opened_and_shown_is_known_by_subject(place: Municipality) -> None:
    """Each opened contact has a line with ground, rule and the order as its trace; nobody else has one."""
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, ALONE])
        order_id = reveal_here(run)
        subjects = sorted(subject_id(row["partner_id"], row["month"], row["signal_id"]) for row in PAIR)
        expected = [(subject, trace_id(str(order_id)), "rule", 1) for subject in subjects]
        assert expected == lines_of(run, "open")
        assert expected == lines_of(run, "disclose")
        spans = [row["span_id"] for row in rows_of_table(run, tables.processings)]
    assert (len(spans), {16}) == (len(set(spans)), {len(span) for span in spans})


def test_who_was_opened_and_found_to_be_another_was_not_shown(place: Municipality) -> None:
    """A stranger with an equal token was opened with the case, has a line of that, and none of being shown."""
    stranger = {"surname": "Bakker", "initials": "Z", "birth_on": "1991-09-09", "email": None, "phone": None}
    other = report("water-a", "s", "x", postcode="9901ZZ", house_number="99", **stranger)
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, other])
        reveal_here(run)
        named = {subject_id(row["partner_id"], row["month"], row["signal_id"]) for row in PAIR}
        theirs = subject_id(other["partner_id"], other["month"], other["signal_id"])
        assert named | {theirs} == {line[0] for line in lines_of(run, "open")}
        assert named == {line[0] for line in lines_of(run, "disclose")}


def test_a_line_that_no_collector_has_is_sent_later(place: Municipality) -> None:
    """Of two lines with one cause one was acknowledged: the other waits still."""
    with place.run(TUESDAY) as run:
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.process("open", [("huur-a", "2026-10", "a"), ("huur-a", "2026-10", "b")], cause="one")
        first, second = not_exported(run.store, 10)
        mark_exported(run.store, [first], at=run.now, actor="test")
        assert [second["span_id"]] == [line["span_id"] for line in not_exported(run.store, 10)]


def test_each_admitted_signal_has_a_line(tmp_path: Path) -> None:
    """A delivery's signals are logged under one trace; the same delivery again adds nothing."""
    place = make_stewarded(tmp_path)
    with place.run() as run:
        for _ in range(2):
            make_delivery(place, "huur-a", rows=rows_of(30))
            admit(run)
        lines = lines_of(run, "admit")
    assert (30, 1) == (len(lines), len({trace for _, trace, _, _ in lines}))
    assert subject_id("huur-a", "2026-10", signal_id("client-0")) in {subject for subject, *_ in lines}


def test_no_line_holds_an_id_of_a_signal(place: Municipality) -> None:
    """Whoever reads the log alone finds neither signal, case nor client in it."""
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
        said = json.dumps(rows_of_table(run, tables.processings))
        (case,) = rows_in(run, "cases")
    assert [] == [text for text in (signal_id("a"), case["case_id"], "klant-a", "huur-a") if text in said]


def test_the_auditor_asks_by_signal_and_by_kind(tmp_path: Path) -> None:
    """With a signal's id, which only its partner can tell, its lines are found; the standard's names are used."""
    place = make_municipality_with_opener(tmp_path)
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
        opened = list_lines(run, ProcessingQuestion(name="open"))
        in_one_second = [line["name"] for line in list_lines(run, ProcessingQuestion()).log]
    assert ["open", "open", "disclose", "disclose"] == in_one_second
    asked = ["processing", "list", "--home", str(place.path), "--signal", f"huur-a/2026-10/{signal_id('a')}"]
    answer = json.loads(CliRunner().invoke(make_app(asked), [*asked, "--json"]).stdout)
    assert (2, 2) == (opened.counts["lines"], answer["counts"]["lines"])
    assert {"open", "disclose"} == {line["name"] for line in answer["lines"]}
    said = next(line["attributes"] for line in answer["lines"] if line["name"] == "open")
    assert "vroegsignalering/openen" == said["dpl.core.processing_activity_id"]
    assert subject_id("huur-a", "2026-10", signal_id("a")) == said["dpl.core.data_subject_id"]
    human = CliRunner().invoke(make_app(asked), asked)
    assert (0, True) == (human.exit_code, "getoond" in human.stdout)
    wrong = ["processing", "list", "--home", str(place.path), "--signal", "huur-a"]
    assert 2 == CliRunner().invoke(make_app(wrong), wrong).exit_code


def test_lines_go_by_the_term_of_the_journal(tmp_path: Path) -> None:
    """After its term no line is left, and the report counts them."""
    place = make_stewarded(tmp_path)
    with place.run() as run:
        make_delivery(place, "huur-a", rows=rows_of(30))
        admit(run)
        retire(run)
    with place.run(date(2031, 12, 1)) as run:
        assert 30 == retire(run).counts["processings"]
        assert [] == rows_of_table(run, tables.processings)


@contextmanager
def collector(
    status: int, body: bytes = b"", **headers: str
) -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """A collector on loopback that keeps what it receives, and answers so."""
    received: list[ExportTraceServiceRequest] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            if status == 200:
                received.append(ExportTraceServiceRequest.FromString(sent))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        server.server_close()


def test_a_collector_gets_each_line_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As spans with their W3C ids; what one refused goes along the next time, what one has is not sent again."""
    place = make_stewarded(tmp_path)
    with place.run() as run:
        make_delivery(place, "huur-a", rows=rows_of(30))
        admit(run)
        assert {"sent": 0} == export_processings(run).counts
        with collector(403) as (address, _):
            monkeypatch.setenv("SAMENLOOP_OTLP_ENDPOINT", address)
            assert ["COLLECTOR_SILENT"] == [fault.code for fault in export_processings(run).refused]
        with collector(200) as (address, received):
            monkeypatch.setenv("SAMENLOOP_OTLP_ENDPOINT", address)
            assert ({"sent": 30}, {"sent": 0}) == (export_processings(run).counts, export_processings(run).counts)
        kept = {(row["trace_id"], row["span_id"]) for row in rows_of_table(run, tables.processings)}
    spans = [
        span
        for request in received
        for part in request.resource_spans
        for scope in part.scope_spans
        for span in scope.spans
    ]
    assert kept == {(span.trace_id.hex(), span.span_id.hex()) for span in spans}
    named = {attribute.key for span in spans for attribute in span.attributes}
    assert {"dpl.core.processing_activity_id", "dpl.core.data_subject_id"} <= named


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (302, b"", {"Location": "http://127.0.0.1:9/v1/traces"}),
        (200, b'{"partialSuccess":{"rejectedSpans":"3"}}', {"Content_Type": "application/json"}),
        (200, ExportTraceServiceResponse(partial_success={"rejected_spans": 3}).SerializeToString(), {}),
        (200, b"<html>log in</html>", {"Content_Type": "text/html"}),
    ],
)
def test_what_a_collector_did_not_take_is_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, headers: dict[str, str]
) -> None:
    """Sent elsewhere, rejected in part or answered by another server: every line waits for the next time."""
    place = make_stewarded(tmp_path)
    with place.run() as run, collector(status, body, **headers) as (address, _):
        make_delivery(place, "huur-a", rows=rows_of(30))
        admit(run)
        monkeypatch.setenv("SAMENLOOP_OTLP_ENDPOINT", address)
        outcome = export_processings(run)
        assert ({"sent": 0}, ["COLLECTOR_SILENT"]) == (outcome.counts, [fault.code for fault in outcome.refused])
        assert 30 == len(not_exported(run.store, 100))


@pytest.mark.parametrize("body", [b'{"partialSuccess":{}, "later": 1}', b"{}"])
def test_a_collector_may_answer_in_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    """What it took whole counts as sent, however it says so."""
    place = make_stewarded(tmp_path)
    with place.run() as run, collector(200, body, Content_Type="application/json") as (address, _):
        make_delivery(place, "huur-a", rows=rows_of(30))
        admit(run)
        monkeypatch.setenv("SAMENLOOP_OTLP_ENDPOINT", address)
        assert {"sent": 30} == export_processings(run).counts


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("htps://u:geheim@collector.example", "OTLP_ENDPOINT_INVALID"),
        ("https//u:geheim@collector.example", "OTLP_ENDPOINT_INVALID"),
        ("u:geheim@127.0.0.1:18301", "OTLP_ENDPOINT_INVALID"),
        ("https://u:geheim@collector.example:xx", "OTLP_ENDPOINT_INVALID"),
        ("http://u:geheim@127.0.0.1:9", "COLLECTOR_SILENT"),
    ],
)
def test_the_password_of_a_collector_is_never_said(tmp_path: Path, address: str, code: str) -> None:
    """Whatever is wrong with the address, by hand and at night: its code, and no line of the library."""
    place = make_stewarded(tmp_path)
    with place.run() as run:
        make_delivery(place, "huur-a", rows=rows_of(30))
        admit(run)
    asked_of_nobody = [["processing", "export"]] if code == "OTLP_ENDPOINT_INVALID" else []  # one wait is enough
    for words in (["retire"], *asked_of_nobody):
        command = [sys.executable, "-m", "pipeline.commands.main", *words, "--home", str(place.path)]
        environment = {**os.environ, "SAMENLOOP_OTLP_ENDPOINT": address}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert 1 == done.returncode, done.stderr
        assert code in done.stdout
        assert ("", False) == (done.stderr, "geheim" in done.stdout)
