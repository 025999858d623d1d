"""The decision on one delivery, and the answer to its partner made from it.

The answer is a pure function of the decision that stands in the ledger, so that it can be written again after a
crash or a steward's decision. It holds codes, columns, row numbers and counts, never a value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from pipeline.vocabulary.faults import FAULTS, RowFault

RECEIPT_FORMAT = "samenloop/receipt/1"

ADMITTED = "admitted"
WARNED = "warned"
HELD = "held"
REFUSED = "refused"
RELEASED = "released"
IN_FORCE = (ADMITTED, WARNED, RELEASED)

OK = "OK"
OK_WITH_WARNINGS = "OK_WITH_WARNINGS"
RESPONSE_HELD = "HELD"

_MOST_ROWS_IN_TEXT = 200
_EARLIER_STANDS = (
    "Aan de eerdere aanlevering met dit volgnummer verandert niets. Wat daarvan is aangenomen, geldt."
)


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of the ledger. What could not be read of a refused delivery is None."""

    delivery_id: str
    manifest_hash: str
    state: str
    response_code: str
    received_at: str
    decided_at: str
    decided_by: str
    partner_id: str | None = None
    month: str | None = None
    sequence: int | None = None
    kind: str | None = None
    fault_code: str | None = None
    fault_column: str | None = None
    agreement_id: str | None = None
    agreement_version: int | None = None
    row_count: int = 0
    admitted_count: int = 0
    refused_count: int = 0
    refused_rows: tuple[RowFault, ...] = ()
    warnings: tuple[str, ...] = ()
    manifest: str | None = None
    signature_b64: str | None = None
    quarantine_name: str | None = None

    @property
    def is_in_force(self) -> bool:
        """Whether its rows count."""
        return self.state in IN_FORCE

    def to_row(self) -> dict[str, Any]:
        """The row of table `deliveries`."""
        row = asdict(self)
        return {**row, "refused_rows": list(row["refused_rows"]), "warnings": list(row["warnings"])}

    @staticmethod
    def from_row(row: Mapping[str, Any]) -> Decision:
        """Read a row of table `deliveries`."""
        values = {field.name: row[field.name] for field in fields(Decision)}
        values["refused_rows"] = tuple(RowFault(**item) for item in values["refused_rows"])
        values["warnings"] = tuple(values["warnings"])
        return Decision(**values)

    def refused_as(self, code: str, column: str | None, rows: tuple[RowFault, ...] = ()) -> Decision:
        """The same delivery, refused."""
        remarks = (_EARLIER_STANDS,) if code == "SEQUENCE_REPLAYED" else ()
        return replace(
            self,
            state=REFUSED,
            response_code=code,
            fault_code=code,
            fault_column=column,
            admitted_count=0,
            refused_count=len(rows),
            refused_rows=rows,
            warnings=tuple(dict.fromkeys((*self.warnings, *remarks))),
        )

    def faults(self) -> list[RowFault]:
        """Everything that was refused: the delivery itself first, then its rows."""
        whole = [] if self.fault_code is None else [RowFault(self.fault_code, self.fault_column)]
        return [*whole, *self.refused_rows]


def receipt_document(decision: Decision) -> dict[str, Any]:
    """receipt.json, as promised to partners."""
    return {
        "format": RECEIPT_FORMAT,
        "delivery_id": decision.delivery_id,
        "manifest_hash": decision.manifest_hash,
        "response_code": decision.response_code,
        "state": decision.state,
        "row_count": decision.row_count,
        "rows_admitted": decision.admitted_count,
        "rows_refused": decision.refused_count,
        "refused": [fault.as_dict() for fault in decision.faults()],
        "next_steps": {
            code: FAULTS[code].next_step for code in sorted({fault.code for fault in decision.faults()})
        },
        "warnings": list(decision.warnings),
        "next_step": next_step(decision),
        "received_at": decision.received_at,
        "decided_at": decision.decided_at,
    }


def receipt_json(decision: Decision) -> bytes:
    """The bytes of receipt.json."""
    return (json.dumps(receipt_document(decision), ensure_ascii=False, indent=2) + "\n").encode()


def next_step(decision: Decision) -> str:
    """What the partner does now, in Dutch."""
    if decision.state == HELD:
        return FAULTS["HELD_FOR_STEWARD"].next_step
    if decision.fault_code is not None:
        return FAULTS[decision.fault_code].next_step
    if decision.refused_count:
        return "Verbeter de geweigerde rijen en lever ze aan als correctie. De andere rijen zijn aangenomen."
    if decision.warnings:
        return "Lees de opmerkingen. Kloppen de gegevens? Dan hoeft u niets te doen."
    return "U hoeft niets te doen."


def receipt_text(decision: Decision) -> bytes:
    """ontvangst.txt: the same for a person."""
    lines = [
        f"Ontvangstbericht voor aanlevering {decision.delivery_id}",
        "",
        f"Uitkomst: {summary(decision)}",
        f"Code: {decision.response_code}",
        f"Ontvangen: {decision.received_at} (UTC)",
        f"Wat u nu doet: {next_step(decision)}",
    ]
    if decision.warnings:
        lines += ["", "Opmerkingen:", *(f"- {line}" for line in decision.warnings)]
    if decision.refused_rows:
        lines += ["", "Geweigerde rijen (rij 1 is de eerste rij onder de kop):"]
        lines += [_row_line(fault) for fault in decision.refused_rows[:_MOST_ROWS_IN_TEXT]]
        more = len(decision.refused_rows) - _MOST_ROWS_IN_TEXT
        if more > 0:
            lines.append(f"- en nog {more}; zie receipt.json")
    return ("\n".join(lines) + "\n").encode()


def _row_line(fault: RowFault) -> str:
    column = f", kolom {fault.column}" if fault.column else ""
    return f"- rij {fault.row}{column}: {fault.code}. {FAULTS[fault.code].next_step}"


def summary(decision: Decision) -> str:
    """One Dutch sentence for partner and steward."""
    if decision.state == HELD:
        return f"de aanlevering wacht op de gegevensbeheerder ({decision.row_count} rijen)."
    if decision.state == REFUSED:
        return "de aanlevering is niet aangenomen."
    refused = f", {decision.refused_count} geweigerd" if decision.refused_count else ""
    return f"de aanlevering is aangenomen: {decision.admitted_count} van {decision.row_count} rijen{refused}."


def reason_json(decision: Decision) -> bytes:
    """reason.json beside what lies in quarantine: why, and what frees it. Codes and counts only."""
    document = {
        "delivery_id": decision.delivery_id,
        "state": decision.state,
        "code": decision.response_code,
        "column": decision.fault_column,
        "warnings": list(decision.warnings),
        "next_step": next_step(decision),
        "received_at": decision.received_at,
        "decided_at": decision.decided_at,
        "decided_by": decision.decided_by,
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
