"""`samenloop processing`: the processing log (Logboek Dataverwerkingen), apart from the journal.

`list` answers what was done with the data of one signal, of those of a case, or on a day. `export` sends what no
collector has yet, when SAMENLOOP_OTLP_ENDPOINT names one; `retire` does so at the end of each day. No line holds a
name or a value.
"""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from pipeline import __version__
from pipeline.commands.console import Outcome, run_command
from pipeline.commands.journal_keeping.journal_words import ground_said
from pipeline.commands.log_listing import (
    MOST_SHOWN,
    LogOutcome,
    MostOption,
    SinceOption,
    UntilOption,
    code_of,
    local,
    period_of,
    print_log,
)
from pipeline.commands.named_signals import CaseOption, named
from pipeline.commands.options import DateOption, HomeOption, JsonOption
from pipeline.commands.wiring import Run, open_run, otlp_endpoint
from pipeline.store import processings as kept
from pipeline.store.processings import ProcessingQuestion
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.processing import ACTIVITIES, LABELS, SUBJECT_TYPE, subject_id

COMMAND = "processing"
BATCH = 1_000
_SCHEMES = ("http", "https")
_TRACE = re.compile(r"[0-9a-f]{32}")

processing_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="What was done with whose data, on which ground.",
)


def list_lines(run: Run, question: ProcessingQuestion, most: int = MOST_SHOWN) -> LogOutcome:
    """The newest lines that answer a question."""
    found = [described(line) for line in kept.newest_lines(run.store, question, most)]
    counts = {"lines": len(found), "lines_in_all": kept.count_lines(run.store, question)}
    return LogOutcome(COMMAND, counts, log=found)


def described(line: dict[str, Any]) -> dict[str, Any]:
    """A line with the names of the standard: activity, data subject and its type."""
    return {
        **{name: line[name] for name in ("trace_id", "span_id", "name", "started_at", "ended_at", "status_code")},
        "attributes": {
            "dpl.core.processing_activity_id": ACTIVITIES.get(line["name"], line["name"]),
            "dpl.core.data_subject_id": line["data_subject_id"],
            "dpl.core.data_subject_id_type": SUBJECT_TYPE,
            "samenloop.ground": line["ground"],
            "samenloop.agreement_version": line["agreement_version"],
        },
    }


def export_processings(run: Run) -> Outcome:
    """Send what was not sent; without a collector nothing happens. What it did not acknowledge is sent again."""
    endpoint, sent = otlp_endpoint(), 0
    if endpoint and not _is_address(endpoint):
        return Outcome(f"{COMMAND} export", {"sent": 0}, [RowFault("OTLP_ENDPOINT_INVALID")])
    resource = {"service.name": "samenloop", "service.version": __version__, "gemeentecode": run.gemeentecode}
    while endpoint and (lines := kept.not_exported(run.store, BATCH)):
        from pipeline.channels.otlp import send_spans  # loads OpenTelemetry, which nobody else needs

        if not send_spans(endpoint, [described(line) for line in lines], resource):
            return Outcome(f"{COMMAND} export", {"sent": sent}, [RowFault("COLLECTOR_SILENT")])
        kept.mark_exported(run.store, lines, at=run.now, actor=run.actor)
        sent += len(lines)
    lines_said = [] if endpoint else ["Er is geen verzamelpunt ingesteld (SAMENLOOP_OTLP_ENDPOINT)."]
    return Outcome(f"{COMMAND} export", {"sent": sent}, lines=lines_said)


def _is_address(endpoint: str) -> bool:
    """Whether a collector can be asked there: http or https, a host, and a port that can be."""
    try:
        parts = urlsplit(endpoint)
        return parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0 and endpoint.isprintable()
    except ValueError:  # a port that is no number, half an address of IPv6
        return False


def named_trace(text: str) -> str:
    """A W3C trace id as the log holds it.

    Raises:
        Refused: USAGE.
    """
    trace = text.strip().lower()
    if not _TRACE.fullmatch(trace):
        raise Refused("USAGE", "trace", hint="(32 tekens: 0-9, a-f)")
    return trace


def register(app: typer.Typer) -> None:
    """Add `processing` to the command line."""
    app.add_typer(processing_app, name=COMMAND)


@processing_app.command("list")
def list_command(
    home: HomeOption = None,
    signal: Annotated[
        str | None, typer.Option("--signal", metavar="PARTNER/MONTH/SIGNAL-ID", help="Whom it is about.")
    ] = None,
    case: CaseOption = None,
    name: Annotated[
        str | None,
        typer.Option("--name", help=f"Its word in the listing, as `geopend`, or one of: {', '.join(ACTIVITIES)}."),
    ] = None,
    trace: Annotated[str | None, typer.Option("--trace", help="A W3C trace id: what had one cause.")] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    most: MostOption = MOST_SHOWN,
    as_json: JsonOption = False,
) -> None:
    """List the newest lines of the processing log.

    Example: samenloop processing list --home region/municipality --name open --since 2026-11-03
    """

    def work() -> Outcome:
        period = period_of(since, until)
        kind = None if name is None else code_of(name, LABELS, "name")
        cause = None if trace is None else named_trace(trace)
        with open_run(home) as run:
            is_of_all = signal is None and case is None
            names = () if is_of_all else named(run, None if signal is None else [signal], case)
            subjects = None if is_of_all else tuple(sorted(subject_id(*one) for one in names))
            question = ProcessingQuestion(subjects, kind, cause, *period)
            outcome = list_lines(run, question, most)
        if not as_json:
            _print(outcome)
            return Outcome(COMMAND)
        return outcome

    run_command(work, f"{COMMAND} list", as_json=as_json)


@processing_app.command("export")
def export_command(home: HomeOption = None, date_: DateOption = None, as_json: JsonOption = False) -> None:
    """Send what was not sent to the collector that SAMENLOOP_OTLP_ENDPOINT names, as OpenTelemetry spans.

    Example: SAMENLOOP_OTLP_ENDPOINT=https://collector samenloop processing export --home region/municipality
    """

    def work() -> Outcome:
        with open_run(home, date_) as run:
            return export_processings(run)

    run_command(work, f"{COMMAND} export", as_json=as_json)


def _print(outcome: LogOutcome) -> None:
    print_log(outcome, ("wanneer", "wat", "betrokkene", "grond", "regel"), [_cells(line) for line in outcome.log])


def _cells(line: dict[str, Any]) -> tuple[str, ...]:
    said = line["attributes"]
    version = said["samenloop.agreement_version"]
    return (
        local(line["started_at"]),
        LABELS.get(line["name"], line["name"]),
        said["dpl.core.data_subject_id"],
        ground_said(said["samenloop.ground"]),
        "" if version is None else f"versie {version}",
    )
