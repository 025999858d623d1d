"""What must not be found, and where it must not be found: the people of a practice region after a day."""

from __future__ import annotations

import csv
import json
import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tests.builders.practice import read_back
from tests.privacy.search_bytes import WINDOW, Needles, files_below

TELLING_COLUMNS = ("klantnummer", "email", "telefoon", "achternaam")
Client = tuple[str, str]


def values_by_client(region: Path) -> dict[Client, set[str]]:
    """Per (partner_id, klantnummer): its values of eight characters or more that nobody else has or has part of.

    SCHOUTEN stands in de Vries-Schouten: whose it is, cannot be told from a page.
    """
    rows = [
        (folder.name, row)
        for folder in sorted((region / "partners").iterdir())
        for export in sorted(folder.glob("export-*.csv"))
        for row in read_back(folder.name, export.read_bytes())
    ]
    values: dict[Client, set[str]] = {}
    for partner_id, row in rows:
        client = (partner_id, row["klantnummer"])
        fresh = {row[name] for name in TELLING_COLUMNS if len(row.get(name) or "") >= WINDOW}
        values.setdefault(client, set()).update(fresh)
    written = "\n".join(_plain(value) for mine in values.values() for value in mine)
    return {
        client: {value for value in mine if written.count(_plain(value)) == 1} for client, mine in values.items()
    }


def _plain(value: str) -> str:
    """In capitals and without diacritics, as some partners write."""
    signs = unicodedata.normalize("NFKD", value)
    return "".join(sign for sign in signs if not unicodedata.combining(sign)).upper()


def shown_clients(region: Path, home: Path) -> set[Client]:
    """All clients who are, in truth, the persons whose signals stand on a worklist."""
    with (region / "truth.csv").open(encoding="utf-8", newline="") as file:
        person_of = {(row["partner_id"], row["klantnummer"]): row["person_id"] for row in csv.DictReader(file)}
    persons = {person_of[client] for client in _clients_on_lists(home)}
    return {client for client, person in person_of.items() if person in persons}


def _clients_on_lists(home: Path) -> set[Client]:
    return {
        (signal["partner_id"], signal["klantnummer"])
        for sheet in sorted((home / "outbox" / "worklists").rglob("werklijst.json"))
        for case in json.loads(sheet.read_text("utf-8"))["cases"]
        for signal in case["signals"]
    }


def leaking_files(values: Iterable[str], *folders: Path, leave_out: Path | None = None) -> list[str]:
    """Names of files, with how many values stand in them; sheets are looked into."""
    needles = Needles(values)
    leaks = []
    for path in files_below(*folders):
        if leave_out is not None and path.is_relative_to(leave_out):
            continue
        found = needles.found_in(path.name.encode()) + sum(needles.found_in(part) for part in _contents(path))
        if found:
            leaks.append(f"{path.name}: {found}")
    return leaks


def _contents(path: Path) -> list[bytes]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return [archive.read(name) for name in archive.namelist()]
    return [path.read_bytes()]
