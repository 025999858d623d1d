"""What an auditor types: a mistake is refused and never answered as if nothing had happened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pipeline.commands.main import make_app
from pipeline.commands.wiring import open_run
from pipeline.store import tables
from pipeline.vocabulary.processing import subject_id
from tests.builders.stewardship import WHEN, make_stewarded, put, put_case, stored_signal

SIGNAL = "0123456789abcdef" * 2
TRACE = "89abcdef" * 4
ADMITTED = {
    "delivery_id": "huur-a_2026-10_0001",
    "manifest_hash": "ab" * 32,
    "partner_id": "huur-a",
    "month": "2026-10",
    "sequence": 1,
    "kind": "signals",
    "state": "admitted",
    "response_code": "OK",
    "row_count": 11,
    "received_at": WHEN,
    "decided_at": WHEN,
    "decided_by": "samenloop",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a line of a case that was shown, an action of an older program, and two processings."""
    place = make_stewarded(tmp_path)
    with place.run() as run, run.store.transaction("test", at=run.now, actor="test") as transaction:
        transaction.journal("disclose_case", "Z-1", result="team noord")
        transaction.journal("old_action", "Z-1")
        transaction.process("open", [("huur-a", "2026-10", SIGNAL)], cause="one")
        transaction.process("disclose", [("huur-a", "2026-10", SIGNAL)], cause="one")
    with place.run() as run, run.store.transaction("test", at=run.now, actor="P.deVries") as transaction:
        transaction.journal("file_subject", "S-1")
    return place.path


def asked(home: Path, log: str, *words: str) -> Result:
    arguments = [log, "list", "--home", str(home), *words]
    return CliRunner().invoke(make_app(arguments), arguments)


@pytest.mark.parametrize(
    ("log", "words", "code"),
    [
        ("journal", ["--action", "bestaat_niet"], "USAGE [action]"),
        ("journal", ["--action", ""], "USAGE [action]"),
        ("journal", ["--since", "2026-11-04", "--until", "2026-11-03"], "USAGE [since]"),
        ("journal", ["--actor", "p.devrys"], "NOT_FOUND [actor]"),
        ("journal", ["--actor", ""], "NOT_FOUND [actor]"),
        ("processing", ["--case", "Z-2"], "NOT_FOUND [case]"),
        ("processing", ["--name", "nope"], "USAGE [name]"),
        ("processing", ["--trace", "xyz"], "USAGE [trace]"),
        ("processing", ["--trace", ""], "USAGE [trace]"),
        ("processing", ["--signal", "huur-a"], "USAGE [signal]"),
        ("processing", ["--signal", ""], "USAGE [signal]"),
        ("processing", ["--signal", f"nobody/2026-10/{SIGNAL}"], "SIGNAL_PARTNER_UNKNOWN [signal]"),
        ("processing", ["--signal", "huur-a/2026-10/c"], "SIGNAL_NAME_INVALID [signal]"),
        ("processing", ["--signal", f"huur-a/2026-13/{SIGNAL}"], "VALUE_INVALID [month]"),
        ("processing", ["--since", "2026-11-04", "--until", "2026-11-03"], "USAGE [since]"),
    ],
)
def test_a_mistyped_question_is_refused(home: Path, log: str, words: list[str], code: str) -> None:
    """Exit 2 with what is wrong; also with --json, where an empty list would look like an answer."""
    said, told = asked(home, log, *words), asked(home, log, *words, "--json")
    assert (2, True) == (said.exit_code, said.stderr.startswith(f"{code}:"))
    assert (2, code.partition(" ")[0]) == (told.exit_code, json.loads(told.stdout)["refused"][0]["code"])


def test_who_mistypes_a_word_is_told_which_words_there_are(home: Path) -> None:
    """One that is near is named; where none is, all are."""
    assert "(bedoelt u: open_contacts" in asked(home, "journal", "--action", "open_contact").stderr
    assert "(admit, open, disclose, " in asked(home, "processing", "--name", "zzz").stderr
    assert "(bedoelt u: P.deVries?)" in asked(home, "journal", "--actor", "p.devrys").stderr


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("journal", ["--action", "disclose_case"]),
        ("journal", ["--action", "getoond"]),
        ("journal", ["--action", "Getoond "]),
        ("journal", ["--action", "old_action"]),
        ("journal", ["--actor", "P.deVries"]),
        ("journal", ["--actor", "p.devries "]),
        ("processing", ["--name", "open"]),
        ("processing", ["--name", "geopend"]),
        ("processing", ["--name", "getoond aan wijkteam"]),
    ],
)
def test_the_word_that_the_listing_shows_may_be_typed(home: Path, log: str, words: list[str]) -> None:
    """The auditor copies a word from the table; an action that only the journal knows is found by its code."""
    result = asked(home, log, *words, "--json")
    assert (0, 1) == (result.exit_code, json.loads(result.stdout)["counts"]["lines"])


def test_the_lines_of_a_case_are_those_of_its_signals(home: Path) -> None:
    """Of each signal that was confirmed in it and of no other; together with a signal, of both."""
    mine, stranger, other = (
        stored_signal(one, SIGNAL, month="2026-10") for one in ("huur-a", "water-a", "energie-a")
    )
    with open_run(home) as run:
        put_case(run, "Z-1", "revealed", [mine, stranger])
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            found = tables.case_signals.c.partner_id == "water-a"
            transaction.update(tables.case_signals, found, {"is_confirmed": False})
            transaction.update(tables.case_signals, ~found, {"is_confirmed": True})
            transaction.process("open", [name_of(one) for one in (mine, stranger, other)], cause="two")
    by_case = asked(home, "processing", "--case", "Z-1", "--json")
    both = asked(home, "processing", "--case", "Z-1", "--signal", "/".join(name_of(other)), "--json")
    subjects = [
        {line["attributes"]["dpl.core.data_subject_id"] for line in json.loads(answer.stdout)["lines"]}
        for answer in (by_case, both)
    ]
    assert [{subject_id(*name_of(mine))}, {subject_id(*name_of(one)) for one in (mine, other)}] == subjects


def name_of(row: dict[str, Any]) -> tuple[str, str, str]:
    return (row["partner_id"], row["month"], row["signal_id"])


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("journal", ["--object", "Z-2"]),
        ("journal", ["--action", "open_contacts"]),
        ("processing", ["--trace", TRACE.upper()]),
        ("processing", ["--signal", f"huur-a/2026-09/{SIGNAL}"]),
    ],
)
def test_nothing_found_is_said(home: Path, log: str, words: list[str]) -> None:
    """A person reads that there are no lines; a script gets an object with none."""
    said, told = asked(home, log, *words), asked(home, log, *words, "--json")
    assert (0, "Geen regels.\n") == (said.exit_code, said.stdout)
    assert (0, []) == (told.exit_code, json.loads(told.stdout)["lines"])


@pytest.mark.parametrize(
    ("words", "code", "where"),
    [
        (["journal", "show", "Z-2"], "NOT_FOUND [object]", "journal list"),
        (["deliveries", "show", "huur-a_2026-10_0009"], "NOT_FOUND [delivery]", "deliveries list"),
        (["deliveries", "release", "huur-a_2026-10_0001"], "NOT_ALLOWED_NOW [delivery]", "deliveries list"),
        (["review", "show", "Z-2"], "NOT_FOUND [case]", "review list"),
    ],
)
def test_the_next_step_is_where_it_can_be_looked_up(home: Path, words: list[str], code: str, where: str) -> None:
    """Status lists neither deliveries nor cases nor what the journal is about: nobody is sent there for these."""
    with open_run(home) as run:
        put(run, tables.deliveries, **ADMITTED)
    arguments = [*words, "--home", str(home)]
    result = CliRunner().invoke(make_app(arguments), arguments)
    assert (2, True) == (result.exit_code, result.stderr.startswith(f"{code}:"))
    assert (True, False) == (f"Zie: samenloop {where}." in result.stderr, "samenloop status" in result.stderr)
