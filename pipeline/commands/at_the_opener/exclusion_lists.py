"""The municipality's lists of people who must not be shown: csv files that the opener alone reads.

They lie in opener-keys/lists, where nobody else can read: names stand there and nowhere else. Every .csv in that
folder counts. One row that cannot be understood refuses the whole list, and then nothing is revealed: an objection
that was typed wrongly must not lead to a visit. What is added here goes to a file of its own, so that a nightly
export may replace the others. A row of that file goes once its last day has passed; the others are the
municipality's, and whoever makes them takes a row out.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.channels.folder import sync_folder
from pipeline.commands.wiring import Run
from pipeline.revealed.compare_fields import Identity
from pipeline.revealed.disclose_case import identities_of
from pipeline.revealed.exclusions import ExclusionList, ExclusionRow, is_usable
from pipeline.store import journal
from pipeline.store.journal import JournalQuestion
from pipeline.vocabulary.exclusion import OBJECTION, WRITTEN_REASONS
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.identity.dates import iso_dates
from pipeline.vocabulary.period import day_of

ADDED_FILE = "toegevoegd.csv"
FIELDS = {
    "achternaam": "surname",
    "voorvoegsels": "particles",
    "voorletters": "initials",
    "geboortedatum": "birth_on",
    "postcode": "postcode",
    "huisnummer": "house_number",
    "huisletter": "house_letter",
    "huisnummertoevoeging": "house_addition",
}
REASON = "reden"
UNTIL = "tot"
COLUMNS = (*FIELDS, REASON, UNTIL)
_ENDED = "objections"


def read_exclusions(folder: Path, today: date) -> ExclusionList:
    """Every list of the folder; an absent folder is an empty list.

    Raises:
        Refused: EXCLUSIONS_INVALID with column and row; the hint names the file.
    """
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    return ExclusionList((row for path in files for row in _read(path)), today)


def objections_of(folder: Path, today: date, identities: Iterable[Identity]) -> list[ExclusionRow]:
    """The rows of the opener's own list that say that this person objected.

    Not one that knows no more than surname and door: it may be of whoever lives there under the same name.

    Raises:
        Refused: as read_exclusions.
    """
    place = folder / ADDED_FILE
    own = ExclusionList(_read(place) if place.exists() else (), today)
    return [
        row
        for row in own.rows_about(identities)
        if row.reason_code == OBJECTION and (row.identity.initials or row.identity.birth[0])
    ]


def add_exclusion(folder: Path, row: Mapping[str, str]) -> None:
    """Add one row to the list that Samenloop keeps itself; the same row is not added twice.

    Args:
        folder: opener-keys/lists.
        row: values by COLUMNS; what is absent is empty.

    Raises:
        Refused: EXCLUSIONS_INVALID with the column, before anything is written.
    """
    place = folder / ADDED_FILE
    written = {name: str(row.get(name) or "").strip() for name in COLUMNS}
    if set(row) - set(COLUMNS):
        raise Refused("EXCLUSIONS_INVALID")
    list(_rows([written], place.name))
    held = _lines(place) if place.exists() else []
    if any({name: line.get(name) or "" for name in COLUMNS} == written for line in held):
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(place, [*held, written])


def drop_ended(run: Run) -> None:
    """For the opener: take out of its own list the rows of which the last day has passed, by its own clock.

    The journal line with their number comes first; killed in between, the same day adds no second one. A list that
    nobody understands is left as it is: it stops the next worklist, and that is said there.
    """
    place = run.home.opener_lists_dir / ADDED_FILE
    today = day_of(run.now)
    if len(_holding(place, today)) == len(_held(place)):
        return
    with run.store.writer_lock("retire_objections"):
        kept = _holding(place, today)
        count = len(_held(place)) - len(kept)
        ground, counts = f"due before {today}", {"deleted": count}
        newest = journal.newest_lines(run.store, JournalQuestion(object_=_ENDED, action="retire"), 1)
        if count and (ground, counts) not in [(line["ground"], line["counts"]) for line in newest]:
            with run.store.transaction("retire_objections", at=run.now, actor=run.actor) as transaction:
                transaction.journal("retire", _ENDED, ground=ground, counts=counts)
        if kept:
            _write(place, kept)
        else:
            place.unlink(missing_ok=True)


def _held(place: Path) -> list[dict[str, str]]:
    """The rows of the opener's own list; none when nobody understands them."""
    try:
        return _lines(place) if place.exists() else []
    except Refused:
        return []


def _holding(place: Path, today: date) -> list[dict[str, str]]:
    """Of these rows those whose last day is today or later, or is not told."""
    rows = _held(place)
    days = [_day(until) for until in _dates(rows, UNTIL)]
    return [row for row, day in zip(rows, days, strict=True) if day is None or day >= today]


def _write(place: Path, rows: list[dict[str, str]]) -> None:
    """The whole list at once: a reader sees the former one or the new one, and after a power cut the new one."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=";", lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    aside = place.with_name(f".{place.name}.new")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text.getvalue())
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(place)
    sync_folder(place.parent)


def _read(path: Path) -> Iterator[ExclusionRow]:
    yield from _rows(_lines(path), path.name)


def _lines(path: Path) -> list[dict[str, str]]:
    try:
        content = path.read_bytes()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252")
        header = text.partition("\n")[0]
        reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in header else ",", strict=True)
        lines = [
            {
                str(name).strip().lower(): (value or "").strip()
                for name, value in row.items()
                if isinstance(value, str | None)
            }
            for row in reader
        ]
        names = [str(name).strip().lower() for name in reader.fieldnames or ()]
    except (OSError, ValueError, csv.Error):
        raise Refused("EXCLUSIONS_INVALID", hint=f"({path.name})") from None
    if REASON not in names:
        raise Refused("EXCLUSIONS_INVALID", REASON, hint=f"({path.name})")
    return lines


def _rows(lines: list[dict[str, str]], name: str) -> Iterator[ExclusionRow]:
    """The rows as the opener compares them; what is not empty must be understood."""
    births = _dates(lines, "geboortedatum")  # 1980-00-00 is how the population register writes a day it lacks
    contacts = [
        {field: line.get(column) or None for column, field in FIELDS.items()} | {"birth_on": birth}
        for line, birth in zip(lines, births, strict=True)
    ]
    untils = [_day(until) for until in _dates(lines, UNTIL)]
    parts = zip(lines, identities_of(contacts), births, untils, strict=True)
    for number, (line, identity, birth, until) in enumerate(parts, 1):
        reason = WRITTEN_REASONS.get(line.get(REASON, "").lower())
        wrong = next(
            (
                column
                for column, is_wrong in (
                    (REASON, reason is None),
                    ("geboortedatum", bool(line.get("geboortedatum")) and birth is None),
                    ("postcode", bool(line.get("postcode")) and not identity.postcode),
                    ("huisnummer", bool(line.get("huisnummer")) and not identity.number),
                    (UNTIL, bool(line.get(UNTIL)) and until is None),
                    ("achternaam", not is_usable(identity)),
                )
                if is_wrong
            ),
            None,
        )
        if wrong is not None or reason is None:
            raise Refused("EXCLUSIONS_INVALID", wrong, number, hint=f"({name}, rij {number})")
        yield ExclusionRow(identity, reason, until)


def _dates(lines: list[dict[str, str]], column: str) -> list[str | None]:
    texts = pl.Series(column, [line.get(column) or None for line in lines], dtype=pl.String)
    return iso_dates(texts).to_list()


def _day(text: str | None) -> date | None:
    """A day of the calendar; None where a part of it is open."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None
