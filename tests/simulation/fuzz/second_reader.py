"""The slow second reader: what may be admitted, told once more in plain Python from the promised formats.

It shares no code with admission and reads no contract file, so that one mistake in either is seen. A value that it
objects to was wrongly admitted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from tests.simulation.fuzz.target import expect

HEX_DIGITS = set("0123456789abcdef")
BANDS = {"0-249", "250-499", "500-999", "1000-2499", "2500+"}
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)
PRINTABLE = re.compile(r"[ -~]{1,120}")
TEXT_FIELDS = {
    "delivery_id", "partner_id", "gemeentecode", "agreement_id", "month", "kind", "checksum", "creationTime",
    "expirationTime", "signing_key_id", "admission_key_id", "filename", "contentType", "recipe", "format",
}  # fmt: skip
NUMBER_FIELDS = {"agreement_version", "sequence", "row_count", "size"}
OPTIONAL_FIELDS = {"opening_key_id", "token_key_id"}


def _is_digits(text: str) -> bool:
    return text != "" and set(text) <= set("0123456789")


def check_signal(row: Mapping[str, Any], gemeentecode: str) -> None:
    """One admitted row of signals."""
    signal = row["signal_id"]
    expect(isinstance(signal, str) and len(signal) == 32 and set(signal) <= HEX_DIGITS, "signal_id")
    for name, value in row.items():
        if name.startswith("t_"):
            expect(value is None or (isinstance(value, bytes) and len(value) == 16), name)
    contact = row["sealed_contact"]
    expect(isinstance(contact, bytes) and 305 <= len(contact) <= 16384, "sealed_contact")
    wijk, postcode = row["wijkcode"], row["postcode4"]
    expect(wijk is not None or postcode is not None, "no area")
    if wijk is not None:
        expect(len(wijk) == 8 and wijk.startswith("WK" + gemeentecode[2:]) and _is_digits(wijk[2:]), "wijkcode")
    if postcode is not None:
        expect(len(postcode) == 4 and _is_digits(postcode) and postcode[0] != "0", "postcode4")
    months = row["arrears_months"]
    expect(type(months) is int and 0 <= months <= 12, "arrears_months")
    expect(row["arrears_band"] in BANDS, "arrears_band")
    expect(row["is_crisis"] in (True, False) and row["is_crisis"] is not None, "is_crisis")


def check_retraction(row: Mapping[str, Any], _gemeentecode: str) -> None:
    """One admitted row of a retraction."""
    signal = row["signal_id"]
    expect(isinstance(signal, str) and len(signal) == 32 and set(signal) <= HEX_DIGITS, "signal_id")


def check_manifest(raw: bytes, folder: str, today: date) -> None:
    """An accepted manifest, read again from its bytes."""
    pairs: list[list[tuple[str, Any]]] = []

    def keep(found: list[tuple[str, Any]]) -> dict[str, Any]:
        pairs.append(found)
        return dict(found)

    document = json.loads(raw.decode("utf-8"), object_pairs_hook=keep)
    expect(len(pairs) == 1 and len(document) == len(pairs[0]), "one flat object, no key twice")
    expect(set(document) == TEXT_FIELDS | NUMBER_FIELDS | OPTIONAL_FIELDS | {"has_social_collection"}, "fields")
    for name in TEXT_FIELDS:
        expect(isinstance(document[name], str) and PRINTABLE.fullmatch(document[name]) is not None, name)
    for name in OPTIONAL_FIELDS - ({""} if document["kind"] == "retraction" else set()):
        value = document[name]
        is_absent = value is None and document["kind"] == "retraction"
        expect(is_absent or (isinstance(value, str) and PRINTABLE.fullmatch(value) is not None), name)
    for name in NUMBER_FIELDS:
        expect(type(document[name]) is int and document[name] >= 0, name)
    expect(document["has_social_collection"] is True, "attestation")
    expect(document["delivery_id"] == folder, "folder")
    written = f"{document['partner_id']}_{document['month']}_{document['sequence']:04d}"
    expect(folder == written and 1 <= document["sequence"] <= 9999, "sequence")
    expect(MONTH.fullmatch(document["month"]) is not None and document["month"] <= today.isoformat()[:7], "month")
    expect(document["kind"] in ("signals", "correction", "retraction"), "kind")
    expect(document["row_count"] <= 2_000_000, "row_count")
    checksum = document["checksum"]
    expect(checksum[:7] == "sha256:" and len(checksum) == 71 and set(checksum[7:]) <= HEX_DIGITS, "checksum")


def check_export_row(row: Mapping[str, Any], last_day: str, furthest: str) -> None:
    """One row of an export that may go along."""
    client = row["klantnummer"]
    expect(isinstance(client, str) and 0 < len(client) <= 64 and client == client.strip(), "klantnummer")
    expect("\0" not in "".join(value for value in row.values() if isinstance(value, str)), "NUL")
    expect(bool(row["surname"]) and len(row["surname"]) <= 200, "achternaam")
    postcode = row["postcode"]
    is_postcode = len(postcode) == 6 and _is_digits(postcode[:4]) and postcode[0] != "0"
    expect(is_postcode and postcode[4:].isascii() and postcode[4:].isalpha(), "postcode")
    expect(_is_digits(str(row["house_number"])) and int(row["house_number"]) > 0, "huisnummer")
    expect(type(row["cents"]) is int and 0 <= row["cents"] <= 100_000_000, "bedrag")
    expect(type(row["arrears_months"]) is int and 0 <= row["arrears_months"] <= 240, "maanden")
    for name in ("since_on", "signalled_on", "crisis_on"):
        day = row[name]
        expect(day is None or date.fromisoformat(day).isoformat() == day, name)
        expect(day is None or day <= (furthest if name == "crisis_on" else last_day), f"{name} lies ahead")
    expect(row["birth_on"] is None or row["birth_on"] <= last_day, "geboortedatum")
    expect(row["crisis_kind"] in (None, "eindelevering", "afsluiting", "ontruiming"), "crisissoort")


def check_follow_up(row: Any, types: set[str], results: set[str]) -> None:
    """One returned row that counts."""
    expect(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", row.case_id) is not None, "case_id")
    expect(row.result is None or row.result in results, "result")
    expect(row.result is not None or row.result_on is None, "result_on without result")
    expect(row.is_unsafe in (None, True, False) and row.has_consent in (None, True, False), "yes or no")
    for attempt in row.attempts:
        expect(attempt.contact_type in types, "type")
        expect(type(attempt.is_reached) is bool and type(attempt.attempted_on) is date, "attempt")
        expect(attempt.part_of_day in (None, "Ochtend", "Middag", "Avond"), "part_of_day")
        by = attempt.attempted_by
        expect(by is None or (len(by) <= 40 and by.isprintable()), "by")
        by is None or by.encode()
