"""Everything bad that can lie in an inbox or stand in a row, each with the code it is refused with."""

from __future__ import annotations

import io
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.commands.wiring import SCHEMAS
from tests.builders.deliveries import Municipality, make_delivery, rows_of, signal_row

FAULTY = SCHEMAS / "delivery" / "faulty"
CANARY = "Kanarie van der Berg"

# Puts one bad thing, under a sequence number of its own, and returns where it lies in the inbox.
Put = Callable[[Municipality, int], Path]


def delivery(**options: Any) -> Put:
    return lambda place, number: make_delivery(place, **{"sequence": number, **options})


def faulty(name: str, kind: str = "signals") -> Put:
    plain = (FAULTY / f"{name}.parquet").read_bytes()
    return delivery(plain=plain, kind=kind, row_count=3)


def manifest_of(name: str) -> Put:
    content = (FAULTY / f"manifest-invalid--{name}.json").read_bytes()
    return delivery(manifest_bytes=lambda _raw: content)


def named(name: str | bytes, *files: str) -> Put:
    """A folder with a name of its own; without files it is a file."""

    def put(place: Municipality, _number: int) -> Path:
        made = place.inbox / os.fsdecode(name)
        made.mkdir()
        for file in files:
            (made / file).write_bytes(b"x")
        return made

    return put


def file(name: str) -> Put:
    def put(place: Municipality, number: int) -> Path:
        made = place.inbox / name.format(number=number)
        made.write_bytes(b"x")
        return made

    return put


def elsewhere(place: Municipality, number: int) -> Path:
    return make_delivery(place.path / "elsewhere", sequence=number)


def zipped(place: Municipality, number: int) -> Path:
    made = elsewhere(place, number)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in made.iterdir():
            archive.write(path, f"{made.name}/{path.name}")
    (place.inbox / f"{made.name}.zip").write_bytes(buffer.getvalue())
    return place.inbox / f"{made.name}.zip"


def linked_folder(place: Municipality, number: int) -> Path:
    made = elsewhere(place, number)
    (place.inbox / made.name).symlink_to(made)
    return place.inbox / made.name


def linked_file(name: str) -> Put:
    def put(place: Municipality, number: int) -> Path:
        made = make_delivery(place, sequence=number)
        moved = place.path / f"elsewhere-{name}-{number}"
        (made / name).rename(moved)
        (made / name).symlink_to(moved)
        return made

    return put


def link_to(name: str, target: str) -> Put:
    def put(place: Municipality, _number: int) -> Path:
        (place.inbox / name).symlink_to(place.path / target)
        return place.inbox / name

    return put


def with_files(*names: str) -> Put:
    def put(place: Municipality, number: int) -> Path:
        made = make_delivery(place, sequence=number)
        for name in names:
            (made / name).write_text(CANARY)
        return made

    return put


def pipe(place: Municipality, _number: int) -> Path:
    os.mkfifo(place.inbox / "pipe")
    return place.inbox / "pipe"


def pipe_inside(place: Municipality, number: int) -> Path:
    made = make_delivery(place, sequence=number, without=("manifest.sig",))
    os.mkfifo(made / "manifest.sig")
    return made


def socket_in_inbox(place: Municipality, _number: int) -> Path:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(place.inbox / "s"))
    return place.inbox / "s"


# what lies in the inbox beside good deliveries → the code it is refused with
BAD_INPUT: list[tuple[str, Put, str]] = [
    ("a wrong signature", delivery(signed_by="signing/water-a"), "SIGNATURE_WRONG"),
    ("no signature", delivery(without=("manifest.sig",)), "SIGNATURE_MISSING"),
    (
        "a changed byte in the manifest",
        delivery(manifest_bytes=lambda raw: raw.replace(b"T09", b"T08")),
        "SIGNATURE_WRONG",
    ),
    (
        "a changed byte in the data",
        delivery(data_bytes=lambda raw: raw[:-1] + bytes([raw[-1] ^ 1])),
        "CHECKSUM_ERROR",
    ),
    ("a truncated file", delivery(data_bytes=lambda raw: raw[:-100]), "INCORRECT_FILE_SIZE"),
    ("a file that grew", delivery(data_bytes=lambda raw: raw + b"x"), "INCORRECT_FILE_SIZE"),
    ("no data file", delivery(without=("signals.sealed",)), "FILE_MISSING"),
    (
        "an unknown partner",
        delivery(partner_id="onbekend-a"),
        "PARTNER_UNKNOWN",
    ),
    ("another municipality", delivery(gemeentecode="GM9902"), "OTHER_MUNICIPALITY"),
    ("a month to come", delivery(month="2026-12"), "WRONG_MONTH"),
    ("a month too far back", delivery(month="2026-08"), "WRONG_MONTH"),
    ("no attestation", delivery(has_social_collection=False), "NO_ATTESTATION"),
    ("sealed to another key", delivery(sealed_for="admission-9"), "SEAL_BROKEN"),
    ("not encrypted", delivery(data_bytes=lambda _raw: b"PAR1", size=4), "CHECKSUM_ERROR"),
    ("a size beyond all measure", delivery(size=10**11), "TOO_LARGE"),
    ("ten million rows stated", delivery(row_count=10_000_000), "TOO_LARGE"),
    ("ten million rows not stated", faulty("too-large--ten-million-retractions", "retraction"), "TOO_LARGE"),
    ("more rows than stated", faulty("row-count-mismatch--four-rows"), "ROW_COUNT_MISMATCH"),
    ("crafted Parquet, footer", faulty("unreadable-data--footer-noise"), "UNREADABLE_DATA"),
    ("crafted Parquet, 100 MB in 12 kB", faulty("unreadable-data--100-mb-in-12-kb"), "UNREADABLE_DATA"),
    ("csv instead of Parquet", faulty("unreadable-data--csv"), "UNREADABLE_DATA"),
    ("a column with names", faulty("schema-mismatch--column-too-many"), "SCHEMA_MISMATCH"),
    ("a column of another type", faulty("schema-mismatch--months-as-text"), "SCHEMA_MISMATCH"),
    ("only faulty rows", delivery(rows=rows_of(3, arrears_months=-1)), "NO_ROWS_LEFT"),
    ("a zip", zipped, "NOT_A_FOLDER"),
    ("a link to a folder", linked_folder, "NOT_A_FOLDER"),
    ("a link to our keys", link_to("keys", "keys"), "NOT_A_FOLDER"),
    ("a link that goes nowhere", link_to("x", "nowhere"), "NOT_A_FOLDER"),
    ("a file", file(f"{CANARY}.xlsx"), "NOT_A_FOLDER"),
    ("a file with a delivery's name", file("huur-a_2026-10_{number:04d}"), "NOT_A_FOLDER"),
    ("a pipe", pipe, "NOT_A_FOLDER"),
    ("a socket", socket_in_inbox, "NOT_A_FOLDER"),
    ("a folder with an odd name", named("Nieuwe map"), "ODD_NAME"),
    ("a folder with a name in capitals", named("HUUR-A_2026-10_0001", "manifest.json"), "ODD_NAME"),
    ("a folder with the month written otherwise", named("huur-a_10-2026_0001", "manifest.json"), "ODD_NAME"),
    ("sequence nought", named("huur-a_2026-10_0000", "manifest.json"), "ODD_NAME"),
    ("a name with a newline", named("huur-a_2026-10_0001\n", "manifest.json"), "ODD_NAME"),
    ("a name with other digits", named("huur-a_2026-10_000١", "manifest.json"), "ODD_NAME"),
    ("a name that is not text", named(b"huur-a_\xff\xfe_0001", "manifest.json"), "ODD_NAME"),
    ("a very long name", named("h" * 255), "ODD_NAME"),
    ("a name that writes from the right", named("\u202egnp.x"), "ODD_NAME"),
    ("a name like a formula", named("=HYPERLINK(x)"), "ODD_NAME"),
    ("a name like our own reason", file("reason.json"), "NOT_A_FOLDER"),
    ("a file too many", with_files("namen.csv"), "UNEXPECTED_FILE"),
    ("hundreds of files too many", with_files(*(f"{number}.txt" for number in range(300))), "UNEXPECTED_FILE"),
    ("a linked manifest", linked_file("manifest.json"), "UNEXPECTED_FILE"),
    ("a linked signature", linked_file("manifest.sig"), "UNEXPECTED_FILE"),
    ("a linked data file", linked_file("signals.sealed"), "UNEXPECTED_FILE"),
    ("a pipe inside", pipe_inside, "UNEXPECTED_FILE"),
    ("a manifest too large", delivery(manifest_bytes=lambda raw: raw + b" " * 70_000), "TOO_LARGE"),
    ("a signature too large", delivery(signature_bytes=lambda raw: raw * 100), "TOO_LARGE"),
    ("a manifest with a key twice", manifest_of("key-twice"), "MANIFEST_INVALID"),
    ("a manifest nested beyond depth", manifest_of("deep"), "MANIFEST_INVALID"),
    ("a folder by another sequence", delivery(folder_name="huur-a_2026-10_0777"), "MANIFEST_INVALID"),
]

# one row among good ones → its code and column
BAD_ROWS: list[tuple[dict[str, Any], str, str]] = [
    ({"arrears_months": -1}, "OUT_OF_RANGE", "arrears_months"),
    ({"arrears_months": 300}, "OUT_OF_RANGE", "arrears_months"),
    ({"signal_id": "signal_id", "wijkcode": "wijkcode"}, "VALUE_INVALID", "signal_id"),
    ({"wijkcode": "WK9901\x0001"}, "VALUE_INVALID", "wijkcode"),
    ({"arrears_band": '=HYPERLINK("http://x")'}, "VALUE_INVALID", "arrears_band"),
    ({"wijkcode": CANARY}, "VALUE_INVALID", "wijkcode"),
    ({"wijkcode": None}, "VALUE_MISSING", "wijkcode"),
    ({"wijkcode": "WK036301"}, "OTHER_MUNICIPALITY", "wijkcode"),
    ({"sealed_contact": None}, "VALUE_MISSING", "sealed_contact"),
    ({"sealed_contact": bytes(20_000)}, "VALUE_INVALID", "sealed_contact"),
    ({"t_birth_postcode": b"123"}, "VALUE_INVALID", "t_birth_postcode"),
    ({"signal_id": signal_row("good")["signal_id"]}, "DUPLICATE_ROW", "signal_id"),
]
