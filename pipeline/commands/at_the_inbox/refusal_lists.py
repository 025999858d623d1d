"""The list of refused rows that a partner's own program leaves beside a delivery when it seals into the inbox.

It is not a delivery. It goes to the receipt when every cell of it is a number, a column name, a fault code or a
text of the fault table; anything else could be an export under a wrong name, and stays out of the outbox.
"""

from __future__ import annotations

import csv
import io

from pipeline.channels import folder
from pipeline.commands.at_the_partner.delivery_writing import REFUSALS_HEADER
from pipeline.commands.wiring import Run
from pipeline.identified.export_columns import COLUMNS
from pipeline.store import deliveries as ledger
from pipeline.vocabulary.faults import FAULTS, STEPS_OF_COLUMNS, Refused
from pipeline.vocabulary.manifest import DeliveryName

SUFFIX = ".refusals.csv"
MOST_BYTES = 64 << 20

_TEXTS = {text for fault in FAULTS.values() for text in (fault.code, fault.meaning, fault.next_step)}
_TEXTS |= set(STEPS_OF_COLUMNS.values())


def is_refusal_list(name: str) -> bool:
    """Whether a file name is `<delivery>.refusals.csv`."""
    if not name.endswith(SUFFIX):
        return False
    try:
        DeliveryName.parse(name.removesuffix(SUFFIX))
    except Refused:
        return False
    return True


def take_refusal_list(run: Run, delivery_id: str) -> None:
    """Move the list that belongs to a delivery beside its receipt; a strange one goes to quarantine.

    A list of a delivery that never came waits in the inbox: it is of an attempt that failed, and the partner's
    program replaces or removes it when the delivery of that name is made.
    """
    name = f"{delivery_id}{SUFFIX}"
    source = run.home.inbox_deliveries / name
    try:
        with folder.opened_folder(run.home.inbox_deliveries) as inbox:
            content = folder.read_file(inbox, name, MOST_BYTES)
    except FileNotFoundError:
        return
    except folder.NotPlainFileError:
        content = None
    if content is not None and holds_no_values(content):
        if not ledger.ledger_of_delivery(run.store, delivery_id):
            return
        folder.write_file(run.home.receipts / delivery_id / name, content)
        folder.remove(source)
        return
    place = run.home.quarantine / f"{delivery_id}__refusals"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.move(source, place / name)


def holds_no_values(content: bytes) -> bool:
    """Whether every cell is a number, a column name or a text of the fault table."""
    try:
        text = content.decode("utf-8-sig")
        delimiter = ";" if ";" in text.partition("\n")[0] else ","
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error):
        return False
    return all(_is_plain(cell) for row in rows for cell in row)


def _is_plain(cell: str) -> bool:
    is_number = cell.isascii() and cell.isdigit() and len(cell) <= 7
    return not cell or is_number or cell in _TEXTS or cell in COLUMNS or cell in REFUSALS_HEADER
