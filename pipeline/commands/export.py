"""`samenloop export ddas`: the delivery to the statistics office, made by the opener.

Here an order is filed, no more: no key, no address. The opener opens the revealed cases of the period on the
ground `ddas`, writes the file, and says what was left out. Signals that never became a revealed case are not
opened for statistics; they are counted.
"""

from __future__ import annotations

import json
import uuid
from contextlib import ExitStack
from typing import Annotated, Any

import typer

from pipeline.analytics.periods import Period, parse_period
from pipeline.commands.answer_ddas import REPORT, file_name
from pipeline.commands.console import Outcome, run_command
from pipeline.commands.ddas_papers import ddas_settings, ddas_version, purpose_of
from pipeline.commands.options import DateOption, HomeOption, JsonOption
from pipeline.commands.reveal import WAIT_SECONDS, wait_for_order
from pipeline.commands.wiring import Run, open_run
from pipeline.store import ddas_orders, openings
from pipeline.vocabulary.case import GROUND_DDAS
from pipeline.vocabulary.faults import Refused

COMMAND = "export ddas"
REASONS = {
    "NOT_REVEALED": "signalen die nooit een getoonde zaak werden: daarvoor is geen grondslag om te openen",
    "EXCLUDED_PERSON": "zaken van iemand die op de uitsluitingslijst staat",
    "CASE_EMPTY": "zaken waarvan geen signaal kon worden geleverd",
    "ADDRESS_INCOMPLETE": "signalen zonder bruikbare postcode en huisnummer",
    "DATE_ORDER": "signalen of zaken met datums die niet na elkaar kunnen komen",
    "RESULT_UNTRIED": "zaken zonder contactpoging die zeggen dat er geen contact kwam",
    "KEY_MISSING": "signalen waarvan de sleutel al is vernietigd",
}
NOTES = {
    "DAY_ASSUMED": "signalen zonder signaaldatum: de laatste dag van de maand is ingevuld",
    "BIRTH_INCOMPLETE": "signalen zonder volledige geboortedatum",
}


def export_ddas(run: Run, period: Period, version: str, wait_seconds: float = WAIT_SECONDS) -> Outcome:
    """File the order, wait for the opener, and say what came of it.

    Raises:
        Refused: DDAS_VERSION_UNKNOWN, DDAS_SETTINGS_MISSING, DDAS_SETTINGS_INVALID, OPENER_NOT_RUNNING,
            OPENER_TIMED_OUT.
    """
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
    left = dict(report["left_out"])
    left["NOT_REVEALED"] = ddas_orders.unrevealed_signals(run.store, period.months)
    lines = [f"Niet geleverd: {count} {REASONS.get(code, code)}." for code, count in sorted(left.items()) if count]
    lines += [f"Let op: {count} {NOTES[code]}." for code, count in sorted(report["noted"].items()) if count]
    lines.append("In het bestand staan adressen. Lever het aan langs de afgesproken weg en bewaar geen kopie.")
    counts = {**report["counts"], "left_out": sum(left.values())}
    paths = {"delivery": str(place / file_name(version)), "report": str(place / REPORT)}
    return Outcome(COMMAND, counts, paths=paths, lines=lines)


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
        as_json: JsonOption = False,
    ) -> None:
        """Write the DDAS-Vroegsignalering delivery of a period for the statistics office.

        Example: samenloop export ddas --period 2026Q4 --schema-version 1.2 --home var
        """

        def work() -> Outcome:
            with open_run(home, date) as run:
                return export_ddas(run, parse_period(period), schema_version, wait)

        run_command(work, COMMAND, as_json=as_json)

    app.add_typer(exports, name="export")
