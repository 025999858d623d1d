"""The processing log to a collector of the municipality, as OpenTelemetry spans over OTLP/HTTP. I/O, no decisions.

The lines are written down first and sent later, so nothing that a person waits for waits for a collector.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import requests
from google.protobuf import json_format
from google.protobuf.message import DecodeError
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags

TRACES_PATH = "/v1/traces"
SECONDS = 10.0

# Its log lines quote the address, in which a password may stand, and whoever runs a command hears of it in Dutch.
_log = logging.getLogger("opentelemetry.exporter")
_log.addHandler(logging.NullHandler())
_log.propagate = False


class NotTaken(Exception):  # noqa: N818 - the exporter asks for an exception; nobody else sees it
    """The collector answered, and did not take all that was sent."""


def send_spans(endpoint: str, lines: Sequence[Mapping[str, Any]], resource: Mapping[str, str]) -> bool:
    """Send lines; whether the collector acknowledged them all.

    Args:
        endpoint: address of the collector, without a path.
        lines: trace_id, span_id, name, started_at, ended_at, status_code, attributes.
        resource: name and version of who processed.
    """
    session = requests.Session()
    session.hooks["response"].append(_refuse_untaken)
    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + TRACES_PATH, timeout=SECONDS, session=session)
    try:
        return exporter.export(list(_spans(lines, Resource(dict(resource))))) is SpanExportResult.SUCCESS
    finally:
        exporter.shutdown()  # type: ignore[no-untyped-call]  # their annotation lacks


def _refuse_untaken(response: requests.Response, **_: Any) -> None:
    """The exporter believes whatever is no error: a page of another server, a redirect, an answer that refuses.

    Raises:
        NotTaken: it was sent elsewhere, some spans were rejected, or who answers is no collector.
    """
    if 300 <= response.status_code < 400:
        raise NotTaken
    if response.ok and _answer(response).partial_success.rejected_spans:
        raise NotTaken


def _answer(response: requests.Response) -> ExportTraceServiceResponse:
    answer = ExportTraceServiceResponse()
    try:
        if "json" in response.headers.get("Content-Type", ""):
            json_format.Parse(response.text, answer, ignore_unknown_fields=True)
        else:
            answer.ParseFromString(response.content)
    except (ValueError, json_format.ParseError, DecodeError):
        raise NotTaken from None
    return answer


def _spans(lines: Sequence[Mapping[str, Any]], resource: Resource) -> Iterator[ReadableSpan]:
    for line in lines:
        context = SpanContext(
            int(line["trace_id"], 16), int(line["span_id"], 16), is_remote=False, trace_flags=TraceFlags(1)
        )
        yield ReadableSpan(
            name=line["name"],
            context=context,
            resource=resource,
            attributes={name: value for name, value in line["attributes"].items() if value is not None},
            status=Status(StatusCode[line["status_code"]]),
            start_time=_nanoseconds(line["started_at"]),
            end_time=_nanoseconds(line["ended_at"]),
        )


def _nanoseconds(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp()) * 1_000_000_000
