"""One municipality with three partners, worked by the product's own functions, for the machine of `test_model.py`.

Keys come from a real ceremony, exports are sealed by the partner's own tool, the opener serves in this process.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from pipeline.commands import restore as restore_command
from pipeline.commands.admit import admit
from pipeline.commands.at_the_partner.partner_sealing import seal_export
from pipeline.commands.backup import backup
from pipeline.commands.console import Outcome
from pipeline.commands.erasing.subject_erasing import erase
from pipeline.commands.key_keeping.directory_keeping import enter_partner, open_directory, sign_directory
from pipeline.commands.key_keeping.key_rotation import OVERLAP, rotate_municipal_key
from pipeline.commands.key_keeping.partner_parts import check_public_part, rotate_partner_key
from pipeline.commands.match import match
from pipeline.commands.opener import serve
from pipeline.commands.retire import retire
from pipeline.commands.reveal import order_worklists
from pipeline.commands.route import route
from pipeline.commands.settle import settle
from pipeline.commands.wiring import Home, Run, open_run, open_store
from pipeline.store import subjects
from pipeline.store.subjects import SignalName
from pipeline.vault.tokens import signal_ids
from tests.builders.ceremony import GEMEENTE, Region, copy_region, make_region
from tests.builders.partners import csv_of

PARTNERS = (("woonpunt", "Huur"), ("waterkring", "Water"), ("stroomhuis", "Energie"))
MONTHS = ("2026-10", "2026-11")
SURNAMES = {"a": "Goudvinkveld", "b": "Kwikstaartman", "c": "Tapuitsema", "d": "Wielewaalstra"}
AREAS = "PC6;Huisnummer;Buurt2026;Wijk2026;Gemeente2026\n" + "".join(
    f"9901A{person.upper()};{number};99010101;990101;9901\n" for number, person in enumerate(SURNAMES, 1)
)


def client(partner: str, person: str) -> str:
    """The client number of a person at a partner."""
    return f"KLANT-{partner}-{person}-0042"


def export_row(partner: str, person: str, months: int) -> dict[str, str]:
    """A person as a partner exports it."""
    number = ord(person) - ord("a") + 1
    return {
        "klantnummer": client(partner, person),
        "voorletters": f"{person.upper()}.",
        "achternaam": SURNAMES[person],
        "geboortedatum": f"19{60 + number}-04-1{number}",
        "postcode": f"9901 A{person.upper()}",
        "huisnummer": str(number),
        "bedrag": f"{months * 100},00",
        "maanden_achterstand": str(months),
    }


@cache
def _ceremony(folder: Path) -> Region:
    """A region to copy from; a ceremony takes longer than a copy."""
    region = make_region(folder, PARTNERS, MONTHS)
    teams = [{"team_id": "noord", "name": "Wijkteam Noord", "wijken": ["WK990101"], "counsellors": []}]
    (region.home / "teams.json").write_text(json.dumps({"format": "samenloop/teams/1", "teams": teams}))
    (region.path / "areas.csv").write_text(AREAS)
    return region


@dataclass
class World:
    """The municipality, its partners and its database."""

    region: Region
    today: date
    is_sealed: bool = False
    _ticks: int = 0

    @classmethod
    def made(cls, template: Path, path: Path, today: date) -> World:
        """A copy of the region of `template`, made there when it is not there yet."""
        return cls(copy_region(_ceremony(template), path), today)

    @property
    def home(self) -> Home:
        return Home(self.region.home)

    @property
    def now(self) -> datetime:
        """A later second of today each time: no two things happen at one instant."""
        self._ticks += 1
        return datetime.combine(self.today, time(6), UTC) + timedelta(seconds=self._ticks)

    @contextmanager
    def run(self) -> Iterator[Run]:
        with open_run(self.home.path, self.today, "test", self.now) as run:
            yield run

    def do(self, command: Callable[[Run], Outcome]) -> Outcome:
        with self.run() as run:
            return command(run)

    # the partner's side

    def seal(self, partner: str, month: str, kind: str, rows: dict[str, int], sequence: int | None = None) -> Path:
        """Seal an export and return the delivery's folder."""
        place = self.region.path / partner
        place.joinpath("export.csv").write_text(
            csv_of([export_row(partner, *item) for item in sorted(rows.items())])
        )
        outcome = seal_export(
            place / "export.csv",
            agreement_file=self.home.agreement_file,
            keys_file=self.region.keys_file(partner),
            month=month,
            out=place / ("again" if sequence else "out"),
            areas_file=self.region.path / "areas.csv",
            kind=kind,
            sequence=sequence,
            is_empty=not rows,
        )
        return Path(outcome.paths["delivery"])

    def signal_id(self, partner: str, month: str, person: str) -> str:
        """What a client is called in a month."""
        secret = self.region.partner_keys(partner).secret.secret.value
        return str(signal_ids(secret, GEMEENTE, month, pl.Series([client(partner, person)]))[0])

    def drop(self, delivery: Path) -> None:
        """Put a delivery in the inbox, as a copy."""
        target = self.home.inbox_deliveries / delivery.name
        if not target.exists():
            shutil.copytree(delivery, target)

    # the municipality's side

    def admit(self) -> Outcome:
        return self.do(admit)

    def match(self) -> Outcome:
        return self.do(match)

    def reveal(self) -> dict[str, Any] | None:
        """Route, order, let the opener serve; the list of the one team, if there is one today."""
        with self.run() as run:
            route(run)
            order_worklists(run)
        self._serve()
        return self.worklist()

    def _serve(self) -> None:
        serve(self.home.path, once=True, now=self.now)
        self.is_sealed = True

    def worklist(self) -> dict[str, Any] | None:
        """Today's list."""
        path = self.home.worklists / "noord" / self.today.isoformat() / "werklijst.json"
        return json.loads(path.read_text()) if path.is_file() else None

    def tell(self, case_id: str, **said: Any) -> None:
        """A line that a team returns."""
        count = len(list(self.home.inbox_follow_up.iterdir()))
        line = json.dumps({"case_id": case_id, "sheet_version": f"{self.today}.1", **said})
        (self.home.inbox_follow_up / f"terug-{count}.jsonl").write_text(line + "\n")

    def settle(self) -> Outcome:
        return self.do(settle)

    def retire(self) -> Outcome:
        outcome = self.do(retire)
        self._serve()
        return outcome

    def erase(self, names: set[SignalName], is_mine: Callable[[SignalName], bool]) -> set[SignalName]:
        """Erase somebody; the opener tells which others in the same cases are theirs, taken back or not."""

        def work(run: Run) -> Outcome:
            cases = [str(case["case_id"]) for case in subjects.cases_holding(run.store, names)]
            told.update(name for name in subjects.names_in_cases(run.store, cases) if is_mine(name))
            return erase(run, told)

        told = set(names)
        self.do(work)
        return told

    def back_up(self) -> Path:
        return Path(self.do(lambda run: backup(run, self.region.path / "media")).paths["backup"])

    def put_back(self, file: Path) -> None:
        """Lose the database and restore it."""
        with self.run() as run:
            if not run.store.is_sqlite:
                with run.store.engine.begin() as connection:
                    connection.execute(sa.schema.DropSchema(GEMEENTE.lower(), cascade=True))
        for path in self.home.path.glob("samenloop.db*"):
            path.unlink()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(restore_command, "open_run", partial(open_run, now=self.now))
            restore_command.restore(self.home.path, file, None, self.today, "test")
        self.is_sealed = True

    def rotate(self, kind: str) -> None:
        """Change one of the municipality's keys, or the signing key of each partner."""
        if kind != "partner-signing":
            rotate_municipal_key(self.home.path, kind, self.today, MONTHS[-1] if kind == "opening" else None)
            return
        document = open_directory(self.home.path)
        for partner, _ in PARTNERS:
            part = rotate_partner_key(self.region.keys_file(partner), kind, self.today)
            document = enter_partner(document, check_public_part(part), self.today + OVERLAP, self.today)
        sign_directory(self.home.path, document, self.today)

    # what is there

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        """Every row of a table, as it is committed."""
        with closing(open_store(self.home, GEMEENTE, is_bare=True)) as store:
            return store.all(sa.select(table))
