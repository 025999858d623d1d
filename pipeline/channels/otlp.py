"""The processing log to a collector of the municipality, as OpenTelemetry spans over OTLP/HTTP. I/O, no decisions.

The lines are written down first and sent later, so nothing that a person waits for waits for a collector.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags

TRACES_PATH = "/v1/traces"
SECONDS = 10.0


def send_spans(endpoint: str, lines: Sequence[Mapping[str, Any]], resource: Mapping[str, str]) -> bool:
    """Send lines; whether the collector acknowledged them.

    Args:
        endpoint: address of the collector, without a path.
        lines: trace_id, span_id, name, started_at, ended_at, status_code, attributes.
        resource: name and version of who processed.
    """
    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + TRACES_PATH, timeout=SECONDS)
    try:
        return exporter.export(list(_spans(lines, Resource(dict(resource))))) is SpanExportResult.SUCCESS
    finally:
        exporter.shutdown()  # type: ignore[no-untyped-call]  # their annotation lacks


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
