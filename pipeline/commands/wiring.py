"""Where a run gets what it may not fetch by itself: the home, the clock, the environment, the store.

Nothing else in the package reads the clock or the environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

from pipeline.commands.documents import read_agreement, read_directory, read_json
from pipeline.store.connect import Store
from pipeline.store.copies import refuse_unfinished
from pipeline.vocabulary.agreement import Agreement
from pipeline.vocabulary.directory import Directory
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import AMSTERDAM
from pipeline.vocabulary.teams import Teams

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
REVEAL_ON_CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one municipality and the places in it."""

    path: Path

    @property
    def agreement_file(self) -> Path:
        """The agreement version that is newest."""
        return self.path / "agreement.json"

    @property
    def agreements_dir(self) -> Path:
        """Earlier versions, `agreement-<version>.json`."""
        return self.path / "agreements"

    @property
    def directory_file(self) -> Path:
        """The key directory."""
        return self.path / "directory.json"

    @property
    def teams_file(self) -> Path:
        """Wijkteams and counsellors."""
        return self.path / "teams.json"

    @property
    def theme_file(self) -> Path:
        """Colours and letters of the worklist page, if the municipality has its own."""
        return self.path / "theme.css"

    @property
    def contact_file(self) -> Path:
        """Where a resident may turn to, for the letters, if the municipality wrote it down."""
        return self.path / "contact.toml"

    @property
    def keys_dir(self) -> Path:
        """Keys of admission and of the privacy officer."""
        return self.path / "keys"

    @property
    def opener_keys_dir(self) -> Path:
        """Keys that the opener alone reads."""
        return self.path / "opener-keys"

    @property
    def opener_lists_dir(self) -> Path:
        """Lists of people who must not be shown; the opener alone reads them."""
        return self.opener_keys_dir / "lists"

    @property
    def inbox_deliveries(self) -> Path:
        """Where partners' deliveries arrive."""
        return self.path / "inbox" / "deliveries"

    @property
    def inbox_follow_up(self) -> Path:
        """Where teams return their lists."""
        return self.path / "inbox" / "follow_up"

    @property
    def quarantine(self) -> Path:
        """Deliveries that were refused or are held."""
        return self.path / "quarantine"

    @property
    def receipts(self) -> Path:
        """Answers to deliveries."""
        return self.path / "outbox" / "receipts"

    @property
    def worklists(self) -> Path:
        """Worklists per team and day."""
        return self.path / "outbox" / "worklists"

    @property
    def subjects(self) -> Path:
        """Letters to residents who asked what is held; for the privacy officer."""
        return self.path / "outbox" / "subjects"

    @property
    def feedback(self) -> Path:
        """Feedback per partner and day."""
        return self.path / "outbox" / "feedback"

    @property
    def ddas(self) -> Path:
        """Deliveries to the statistics office per period and day, written by the opener."""
        return self.path / "outbox" / "ddas"

    @property
    def database(self) -> Path:
        """The store, where no other is set."""
        return self.path / "samenloop.db"

    @property
    def analytics(self) -> Path:
        """The analysts' database."""
        return self.path / "analytics.duckdb"

    @property
    def reports(self) -> Path:
        """Reports for stewards and the privacy officer."""
        return self.path / "reports"

    def make_folders(self) -> None:
        """Make the folders that a run writes to."""
        for folder in (
            self.inbox_deliveries,
            self.inbox_follow_up,
            self.quarantine,
            self.receipts,
            self.worklists,
            self.feedback,
            self.reports,
        ):
            folder.mkdir(parents=True, exist_ok=True)


@dataclass(frozen=True)
class Run:
    """Everything a command needs to know of its surroundings.

    `today` is D, the only clock of a run; `now` stamps what is written and is never compared with D.
    """

    home: Home
    store: Store
    directory: Directory
    agreements: tuple[Agreement, ...]
    teams: Teams
    today: date
    actor: str
    is_reveal_on_change: bool = False
    _instant: datetime | None = field(default=None, repr=False)

    @property
    def agreement(self) -> Agreement:
        """The newest version."""
        return max(self.agreements, key=lambda agreement: agreement.version)

    @property
    def now(self) -> str:
        """The instant that is stamped on rows, ISO-8601 UTC with seconds."""
        return utc_text(self._instant or datetime.now(UTC))

    @cached_property
    def gemeentecode(self) -> str:
        """The municipality of this home."""
        return self.agreement.gemeentecode


def utc_text(instant: datetime) -> str:
    """ISO-8601 in UTC, whole seconds, `Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def today_in_amsterdam() -> date:
    """The default of `--date`."""
    return datetime.now(AMSTERDAM).date()


def now_in_utc() -> str:
    """The instant that is stamped on what is made outside a home."""
    return utc_text(datetime.now(UTC))


def processor_count() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


def home_path(given: Path | None) -> Path:
    """`--home`, else SAMENLOOP_HOME, else ./var."""
    return (given or Path(os.environ.get("SAMENLOOP_HOME") or "var")).expanduser()


def otlp_endpoint() -> str | None:
    """Where the processing log is sent to: SAMENLOOP_OTLP_ENDPOINT, a collector's address; None is nowhere."""
    return os.environ.get("SAMENLOOP_OTLP_ENDPOINT") or None


def open_store(home: Home, gemeentecode: str, *, is_bare: bool = False) -> Store:
    """SAMENLOOP_DATABASE (PostgreSQL, one schema per municipality), else SQLite in the home; `is_bare`: as it is.

    Raises:
        Refused: DATABASE_URL_INVALID, DATABASE_UNREACHABLE, DATABASE_NEWER, DATABASE_DAMAGED.
    """
    url = os.environ.get("SAMENLOOP_DATABASE") or home.database.resolve()
    return Store.open(url, schema=gemeentecode.lower(), is_bare=is_bare)


def read_agreements(home: Home, directory: Directory) -> tuple[Agreement, ...]:
    """All versions in a home, each verified; the newest stands in agreement.json."""
    earlier = sorted(home.agreements_dir.glob("agreement-*.json"))
    versions = {version.version: version for version in (read_agreement(path, directory) for path in earlier)}
    newest = read_agreement(home.agreement_file, directory)
    versions[newest.version] = newest
    return tuple(versions[number] for number in sorted(versions))


@contextmanager
def open_run(
    home: Path | None = None,
    on: date | None = None,
    actor: str = "samenloop",
    now: datetime | None = None,
    *,
    is_restore: bool = False,
) -> Iterator[Run]:
    """Open a home for one command.

    Args:
        home: `--home`; None asks the environment.
        on: `--date`; None is today in Amsterdam.
        actor: who stands in the journal.
        now: a fixed instant, for tests.
        is_restore: work on a database that a backup was just put into.

    Raises:
        Refused: HOME_MISSING, RESTORE_UNFINISHED and what reading documents, teams and store refuse.
    """
    if not SCHEMAS.is_dir():
        raise Refused("INSTALLATION_INCOMPLETE", hint="(schemas)")
    place = Home(home_path(home))
    if not place.agreement_file.is_file():
        raise Refused("HOME_MISSING", hint=f"({place.path.name})")
    place.make_folders()
    directory = read_directory(place.directory_file)
    agreements = read_agreements(place, directory)
    store = open_store(place, directory.gemeentecode)
    try:
        if not is_restore:
            refuse_unfinished(store)
        yield Run(
            home=place,
            store=store,
            directory=directory,
            agreements=agreements,
            teams=Teams.from_dict(read_json(place.teams_file, "TEAMS_INVALID", "TEAMS_INVALID")),
            today=on or today_in_amsterdam(),
            actor=actor,
            is_reveal_on_change=os.environ.get("SAMENLOOP_REVEAL_ON") == REVEAL_ON_CHANGE,
            _instant=now,
        )
    finally:
        store.close()
