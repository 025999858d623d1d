"""`samenloop export ddas`: the delivery to the statistics office, made by the opener.

Here an order is filed, no more: no key, no address. The opener opens the revealed cases of the period on the
ground `ddas`, writes the file, and says what was left out. Signals that never became a revealed case are not
opened for statistics; they are counted. A period that has not ended is delivered only as provisional, when asked.
"""

from __future__ import annotations

import json
import uuid
from contextlib import ExitStack
from typing import Annotated, Any

import typer

from pipeline.analytics.periods import Period, parse_period
from pipeline.commands.at_the_opener.answer_ddas import REPORT, file_name
from pipeline.commands.console import Outcome, run_command
from pipeline.commands.count_words import said_counts
from pipeline.commands.ddas_inputs import ddas_settings, ddas_version, purpose_of
from pipeline.commands.journal_keeping.kept_head import open_working_run
from pipeline.commands.options import DateOption, HomeOption, JsonOption
from pipeline.commands.reveal import WAIT_SECONDS, wait_for_order
from pipeline.commands.wiring import Run
from pipeline.revealed.confirmed_before import UNPROVEN
from pipeline.store import ddas_orders, openings
from pipeline.vocabulary.case import GROUND_DDAS
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import add_months, month_start

COMMAND = "export ddas"
REASONS = {
    "NOT_REVEALED": "werd nooit een getoonde zaak: daarvoor is geen grondslag om te openen",
    "CASE_JOINED": "hoort bij een huishouden dat al een zaak had; die eerdere zaak wordt geleverd",
    "EXCLUDED_PERSON": "iemand staat op de uitsluitingslijst",
    "CASE_EMPTY": "geen signaal van de zaak kon worden geleverd",
    "ADDRESS_INCOMPLETE": "geen bruikbare postcode en huisnummer",
    "DATE_ORDER": "datums die niet na elkaar kunnen komen",
    "RESULT_UNTRIED": "zegt dat er geen contact kwam, zonder contactpoging",
    "KEY_MISSING": "de sleutel is al vernietigd",
    "KEY_WRONG": "de sleutel van die maand is niet de goede: zet haar terug uit de kluis",
    UNPROVEN: "de opener heeft niet bevestigd dat het bij de zaak hoort",
}
NOTES = {
    "DAY_ASSUMED": "signalen zonder signaaldatum (de laatste dag van de maand is ingevuld)",
    "BIRTH_INCOMPLETE": "signalen zonder volledige geboortedatum",
    "RESULT_CONTRADICTS": "zaken met 'Definitief geen contact kunnen krijgen' waarin de inwoner wel is bereikt",
}


def export_ddas(
    run: Run, period: Period, version: str, wait_seconds: float = WAIT_SECONDS, *, is_provisional: bool = False
) -> Outcome:
    """File the order, wait for the opener, and say what came of it.

    Raises:
        Refused: PERIOD_NOT_ENDED (provisional: only when it has not begun), DDAS_VERSION_UNKNOWN,
            DDAS_SETTINGS_MISSING, DDAS_SETTINGS_INVALID, OPENER_NOT_RUNNING, OPENER_TIMED_OUT.
    """
    must_be_past = (
        month_start(period.months[0]) if is_provisional else month_start(add_months(period.months[-1], 1))
    )
    if run.today < must_be_past:
        raise Refused("PERIOD_NOT_ENDED", "period")
    ddas_version(version)
    ddas_settings(run.home)
    order_id = _file_order(run, period, version)
    with ExitStack() as children:
        wait_for_order(run, order_id, None, wait_seconds, children)
    place = run.home.ddas / period.name / run.today.isoformat()
    try:
        report = json.loads((place / REPORT).read_text(encoding="utf-8"))
    except OSError:
        raise Refused("NO_PERMISSION", "outbox/ddas") from None
    if "refused" in report:
        raise Refused(report["refused"]["code"], report["refused"]["column"])
    left, cases = report["left_out"], report["left_out_cases"]
    lines = ["Voorlopig: deze periode is nog niet voorbij."] if report["is_provisional"] else []
    lines += [_left_line(code, left.get(code, 0), cases.get(code, 0)) for code in sorted({*left, *cases})]
    lines += [f"Let op: {NOTES[code]}: {count}." for code, count in sorted(report["noted"].items()) if count]
    lines.append("In het bestand staan adressen. Lever het aan langs de afgesproken weg en bewaar geen kopie.")
    lines += [f"  {line}" for line in said_counts(COMMAND, report["counts"])]
    counts = {**report["counts"], "left_out": sum(left.values()), "left_out_cases": sum(cases.values())}
    counts |= {f"left_out_{code.lower()}": count for code, count in left.items()}
    paths = {"delivery": str(place / file_name(version)), "report": str(place / REPORT)}
    return Outcome(COMMAND, counts, paths=paths, lines=lines, has_said_counts=True)


def _left_line(code: str, signals: int, cases: int) -> str:
    said = [f"{count} {word}" for count, word in ((signals, "signalen"), (cases, "zaken")) if count]
    return f"Niet geleverd: {' en '.join(said)} ({REASONS.get(code, code)})."


def _file_order(run: Run, period: Period, version: str) -> str:
    day, at = run.today.isoformat(), run.now
    with run.store.writer_lock(COMMAND):
        order = {
            "order_id": f"D-{uuid.uuid4().hex}",
            "worklist_on": day,
            "revision": ddas_orders.next_revision(run.store, day),
            "state": openings.FILED,
            "fingerprint": "",
            "filed_at": at,
            "purpose": purpose_of(version, period),
        }
        requests: list[dict[str, Any]] = [
            {
                "request_id": f"R-{uuid.uuid4().hex}",
                "order_id": order["order_id"],
                "case_id": case["case_id"],
                "ground": GROUND_DDAS,
                "case_revision": case["revision"],
                "state": openings.FILED,
                "filed_at": at,
                "filed_by": run.actor,
            }
            for case in ddas_orders.revealed_cases(run.store, period.months)
        ]
        with run.store.transaction("order_ddas", at=at, actor=run.actor) as transaction:
            openings.file_order(transaction, order, requests)
            transaction.journal("order_ddas", str(order["order_id"]), counts={"requests": len(requests)})
    return str(order["order_id"])


def register(app: typer.Typer) -> None:
    """Add the command."""
    exports = typer.Typer(help="What goes to other systems.", no_args_is_help=True)

    @exports.callback()
    def root() -> None:
        """What goes to other systems."""

    @exports.command("ddas")
    def ddas(
        period: Annotated[str, typer.Option("--period", help="2026Q4, 2026-10, 2026 or 2026-01..2026-06.")],
        schema_version: Annotated[str, typer.Option("--schema-version", help="Version of the exchange model.")],
        home: HomeOption = None,
        date: DateOption = None,
        wait: Annotated[
            float, typer.Option("--wait", min=0, help="Seconds to wait for the opener.")
        ] = WAIT_SECONDS,
        provisional: Annotated[
            bool, typer.Option("--provisional", help="Also when the period has not ended yet.")
        ] = False,
        as_json: JsonOption = False,
    ) -> None:
        """Write the DDAS-Vroegsignalering delivery of a period for the statistics office.

        Example: samenloop export ddas --period 2026Q4 --schema-version 1.2 --home var
        """

        def work() -> Outcome:
            with open_working_run(home, date) as run:
                asked = parse_period(period)
                return export_ddas(run, asked, schema_version, wait, is_provisional=provisional)

        run_command(work, COMMAND, as_json=as_json)

    app.add_typer(exports, name="export")
