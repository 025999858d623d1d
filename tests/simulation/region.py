"""A small municipality's days, chosen so that every step of every command has something to do.

A night in which the clock goes back, the first lists and a doubtful case, corrections and what teams returned, the
last hour of a year with a delivery that is held and a key that changes, a household that comes again, somebody who
is erased between a backup and its restore, and two days on which much is due for deletion. Everybody is a canary:
whoever never stands on a list may be found nowhere, and whoever was erased not even there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipeline.commands.key_keeping.key_making import BACKUP, new_municipal_key, write_trust
from pipeline.commands.wiring import open_store
from pipeline.vault.sealing import public_of_box
from pipeline.vault.signing import fingerprint, public_of_signing
from tests.builders.deliveries import (
    GEMEENTE,
    PARTNERS,
    Municipality,
    _public,
    key_bytes,
    make_delivery,
    signal_id,
    write_secret,
)
from tests.builders.openings import make_municipality_with_opener, report, write_opening_key
from tests.builders.stewardship import write_journal_key

LAST_DAY_OF_KEYS = date(2026, 12, 31)
OCTOBER, DECEMBER = "2026-10", "2026-12"
HELD_ROWS = 5 * 4 + 1  # more than five times what this partner delivered in October
FREE_TEXT = "Mevrouw Zilverreiger-Achterdeur was er niet"


def person(label: str) -> dict[str, Any]:
    """Somebody whose every field is found at a glance wherever it turns up."""
    return {
        "surname": f"Roodborstje{label.capitalize()}veld",
        "birth_on": f"19{60 + ord(label[0]) % 30}-04-1{ord(label[0]) % 9}",
        "email": f"post.{label}@roodborstje.example",
        "phone": f"06119{ord(label[0]):03d}{ord(label[-1]):03d}",
        "postcode": f"99{ord(label[0]) % 90 + 10}AB",
        "house_number": str(ord(label[0])),
    }


def row(partner_id: str, client: str, who: str, token: str | None = None, **changes: Any) -> dict[str, Any]:
    """A partner's row about somebody; rows with one token are proposed together."""
    fields = {**person(who), "klantnummer": f"KLANT-{client}-00417", **changes}
    return report(partner_id, client, token or who, **fields)


SHOWN = ("anna", "bram", "fien", "hugo", "kees")
HIDDEN = ("cora", "dirk", "evi", "gijs")
ERASED = ("anna",)
ERASED_SIGNAL = f"huur-a/{OCTOBER}/{signal_id('a')}"
DOUBTFUL_SIGNAL = signal_id("q")

STEPS = ("admit", "settle", "match", "reveal", "publish", "retire")
RELEASE, REVIEW, ROTATE, BACK_UP, ERASE, RESTORE = GIVEN = (
    "deliveries release",
    "review accept",
    "keys rotate",
    "backup",
    "subject erase",
    "restore",
)


@dataclass(frozen=True, slots=True)
class Day:
    """One day: its date, the instant that is stamped, what arrives before it begins, and which commands follow.

    `gone` are those of whom nothing may be found any more when a command of this day has ended.
    """

    name: str
    on: date
    now: datetime
    arrive: Callable[[Municipality], None]
    steps: tuple[str, ...] = STEPS
    gone: tuple[str, ...] = ()


def make_region(path: Path) -> Municipality:
    """A municipality with all its keys, before anything has arrived."""
    place = make_municipality_with_opener(path, today=LAST_DAY_OF_KEYS)
    for partner_id in PARTNERS:
        public = public_of_box(key_bytes(f"box/{partner_id}"))
        place.directory["keys"].append(_public(f"box-{partner_id}-1", "partner-box", partner_id, public))
    place.write_documents()
    write_secret(place, "municipal-signing-1", "municipal-signing", "municipal-signing")
    write_opening_key(place, DECEMBER)
    write_journal_key(place)
    write_trust(place.home.keys_dir, GEMEENTE, fingerprint(public_of_signing(key_bytes("municipal-signing"))))
    new_municipal_key(place.path, BACKUP, GEMEENTE, date(2026, 1, 1))
    return place


def _first_deliveries(place: Municipality) -> None:
    rows = {
        "huur-a": [
            row("huur-a", "a", "anna"),
            row("huur-a", "b", "bram"),
            row("huur-a", "d", "dirk", "look-alikes"),
            row("huur-a", "q", "kees"),
        ],
        "energie-a": [
            row("energie-a", "c", "anna"),
            row("energie-a", "e", "evi", "look-alikes"),
            row("energie-a", "f", "fien", wijkcode="WK990102"),
            row("energie-a", "g", "cora"),
        ],
        "water-a": [
            row("water-a", "h", "bram"),
            row("water-a", "i", "fien", wijkcode="WK990102"),
            row("water-a", "r", "kees", initials="H.M.", email="", phone=None),
        ],
    }
    faulty = {**row("water-a", "j", "gijs"), "arrears_band": "veel"}
    for partner_id, mine in rows.items():
        make_delivery(place, partner_id, OCTOBER, rows=[*mine, faulty] if partner_id == "water-a" else mine)


def _nothing(_place: Municipality) -> None:
    return


def _corrections(place: Municipality) -> None:
    grown = row("huur-a", "a", "anna", sequence=2, arrears_months=7)
    make_delivery(place, "huur-a", OCTOBER, 2, "correction", rows=[grown])
    make_delivery(place, "water-a", OCTOBER, 2, "retraction", rows=[{"signal_id": signal_id("h")}])
    make_delivery(place, "energie-a", OCTOBER, 3, rows=[row("energie-a", "k", "gijs")], signed_by="intruder")
    make_delivery(place, "energie-a", OCTOBER, 2, "signals", rows=_energy_again())
    (place.inbox / "lijst Roodborstje.zip").write_bytes(b"PK")
    _return(place, "a", attempts=[_attempt("a-1", "2026-11-02")])
    (place.home.inbox_follow_up / "los.jsonl").write_text(json.dumps({"case_id": "Z-1", "note": FREE_TEXT}) + "\n")


def _energy_again() -> list[dict[str, Any]]:
    rows = [
        row("energie-a", "c", "anna", sequence=2),
        row("energie-a", "f", "fien", wijkcode="WK990102", sequence=2),
        row("energie-a", "g", "cora", sequence=2),
    ]
    return [*rows, row("energie-a", "l", "hugo", sequence=2)]


def _year_end(place: Municipality) -> None:
    for partner_id, clients in (("huur-a", "am"), ("energie-a", "cn"), ("water-a", "o")):
        who = {"a": "anna", "c": "anna", "m": "hugo", "n": "hugo", "o": "cora"}
        rows = [row(partner_id, client, who[client], month=DECEMBER) for client in clients]
        if partner_id == "water-a":
            many = (f"o-{number}" for number in range(1, HELD_ROWS))
            rows += [row(partner_id, client, "cora", client, month=DECEMBER) for client in many]
        make_delivery(place, partner_id, DECEMBER, rows=rows)
    _return(place, "i", result="Vervolghulp en/of verwijzing financieel", result_on="2026-12-30")


def _late(place: Municipality) -> None:
    make_delivery(place, "water-a", DECEMBER, 2, "correction", rows=[_water_late()])
    _return(place, "a", result="Geen contact", result_on="2027-01-03")
    _return(place, "n", attempts=[_attempt("n-1", "2027-01-03")], result="Geen contact", result_on="2027-01-03")


def _water_late() -> dict[str, Any]:
    return row("water-a", "p", "gijs", month=DECEMBER, sequence=2)


def _database_lost(place: Municipality) -> None:
    store = open_store(place.home, GEMEENTE, is_bare=True)
    if not store.is_sqlite:
        with store.engine.begin() as connection:
            connection.execute(sa.schema.DropSchema(GEMEENTE.lower(), cascade=True))
    store.close()
    for path in place.path.glob("samenloop.db*"):
        path.unlink()


def _attempt(attempt_id: str, on: str) -> dict[str, Any]:
    return {"attempt_id": attempt_id, "type": "Huisbezoek", "is_reached": True, "on": on, "by": "mv"}


def _return(place: Municipality, client: str, **said: Any) -> None:
    """A team's line about the case in which this client stands, by the newest list it is on."""
    for sheet in sorted(
        place.home.worklists.rglob("werklijst.json"), key=lambda path: path.parent.name, reverse=True
    ):
        for case in json.loads(sheet.read_text())["cases"]:
            if f"KLANT-{client}-00417" in {signal["klantnummer"] for signal in case["signals"]}:
                line = json.dumps({"case_id": case["case_id"], **said})
                (place.home.inbox_follow_up / f"terug-{client}.jsonl").write_text(line + "\n")
                return
    raise AssertionError(f"no list shows client {client}")


def _at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


DAYS = (
    Day("clock-goes-back", date(2026, 10, 25), _at(2026, 10, 25, 0, 59, 58), _first_deliveries),
    Day("first-lists", date(2026, 10, 26), _at(2026, 10, 26, 6, 0), _nothing, (*STEPS, REVIEW)),
    Day("corrections", date(2026, 11, 3), _at(2026, 11, 3, 6, 0), _corrections),
    Day(
        "year-end",
        date(2026, 12, 31),
        _at(2026, 12, 31, 23, 30),
        _year_end,
        ("admit", RELEASE, *STEPS[1:], ROTATE),
    ),
    Day("new-year", date(2027, 1, 4), _at(2027, 1, 4, 6, 0), _late, (*STEPS, BACK_UP)),
    Day("somebody-erased", date(2027, 1, 5), _at(2027, 1, 5, 6, 0), _nothing, (ERASE,), ERASED),
    Day("database-lost", date(2027, 1, 6), _at(2027, 1, 6, 6, 0), _database_lost, (RESTORE, "reveal"), ERASED),
    Day("clock-goes-forward", date(2027, 3, 28), _at(2027, 3, 28, 1, 0, 1), _nothing, gone=ERASED),
    Day("october-ends", date(2027, 5, 3), _at(2027, 5, 3, 6, 0), _nothing, gone=ERASED),
    Day("all-ends", date(2032, 2, 2), _at(2032, 2, 2, 6, 0), _nothing, gone=ERASED),
)
