"""What the demo spoils on purpose, so that refusals can be seen: rows, a delivery on its way, a stranger."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from pipeline.commands.practising.practice_region import Region
from pipeline.practice.habits import HABITS
from pipeline.practice.partners import PARTNERS
from pipeline.vocabulary.manifest import DATA_FILE, MANIFEST_FILE, DeliveryName

SLOPPY, UNLUCKY, COPIED = (PARTNERS[place].partner_id for place in (2, 3, 0))
STRANGER = "kamerverhuur-zonder-afspraak"
_FAULTY = (("maanden_achterstand", "-3"), ("postcode", "12 AB"), ("bedrag", "veel"))


@dataclass(frozen=True, slots=True)
class Staged:
    """A delivery that was spoilt: what was done to it, and the code that it must be refused with."""

    delivery: str
    what: str
    code: str


def spoil_list(region: Region) -> int:
    """Put faulty rows under one partner's list, as a tired clerk would. Returns how many."""
    path, habit = region.export_of(SLOPPY), HABITS[SLOPPY]
    with path.open(encoding=habit.encoding, newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter=habit.delimiter))
    columns = {name.lower(): name for name in rows[0]}
    with path.open("a", encoding=habit.encoding, newline="") as handle:
        writer = csv.DictWriter(
            handle, list(rows[0]), delimiter=habit.delimiter, lineterminator=habit.newline, quoting=csv.QUOTE_ALL
        )
        for number, (column, value) in enumerate(_FAULTY, start=1):
            writer.writerow({**rows[0], columns["klantnummer"]: f"OEFEN{number}", columns[column]: value})
    return len(_FAULTY)


def stage_deliveries(region: Region) -> list[Staged]:
    """Drop a delivery that was changed on its way, and one of somebody without an agreement."""
    inbox = region.home / "inbox" / "deliveries"
    return [_changed_on_its_way(region), _of_a_stranger(inbox / str(DeliveryName(COPIED, region.month, 1)))]


def _changed_on_its_way(region: Region) -> Staged:
    region.seal(UNLUCKY, region.home / "inbox" / "deliveries")
    delivery = DeliveryName(UNLUCKY, region.month, 2)
    data = region.home / "inbox" / "deliveries" / str(delivery) / DATA_FILE
    content = bytearray(data.read_bytes())
    content[len(content) // 2] ^= 1
    data.write_bytes(content)
    return Staged(str(delivery), "one byte changed on its way", "CHECKSUM_ERROR")


def _of_a_stranger(original: Path) -> Staged:
    delivery = DeliveryName(STRANGER, DeliveryName.parse(original.name).month, 1)
    copy = original.with_name(str(delivery))
    shutil.copytree(original, copy)
    manifest = json.loads((copy / MANIFEST_FILE).read_text(encoding="utf-8"))
    changed = {**manifest, "partner_id": STRANGER, "delivery_id": str(delivery)}
    (copy / MANIFEST_FILE).write_text(json.dumps(changed), encoding="utf-8")
    return Staged(str(delivery), "sent by somebody without an agreement", "PARTNER_UNKNOWN")
