"""A folder without rights stops a command with a next step, never as a mistake of the program."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.commands import opener, subject
from pipeline.commands.key_keeping.key_making import BACKUP, new_municipal_key
from pipeline.commands.main import make_app
from pipeline.commands.opener import serve
from pipeline.store import tables
from tests.builders.deliveries import GEMEENTE, NOW, Municipality
from tests.builders.kept import Begin
from tests.builders.openings import TUESDAY, keep
from tests.builders.rights import rights
from tests.builders.stewardship import rows_of_table, write_journal_key
from tests.builders.subjects import MINE, PAIR, let_opener_answer, make_reported

READ_ONLY, CLOSED = 0o500, 0o000


@pytest.fixture
def place(begin_here: Begin, monkeypatch: pytest.MonkeyPatch) -> Municipality:
    """A municipality on a file of its own, with a case, keys of backup and journal, and key figures."""
    let_opener_answer(monkeypatch)
    made = begin_here(make_reported)
    new_municipal_key(made.path, BACKUP, GEMEENTE, TUESDAY)
    write_journal_key(made)
    (made.path / "kerncijfers.csv").write_text("code;naam\nGM9901;Waterkant\n")
    return made


def said(place: Municipality, *words: str) -> tuple[int, list[tuple[str, str | None]], str]:
    """The exit code of a command, what it refused, and all that it wrote."""
    options = ["--home", str(place.path), "--date", str(TUESDAY), "--json"]
    result = CliRunner().invoke(make_app(words), [*words, *options])
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    refused = [(one["code"], one["column"]) for line in lines for one in json.loads(line)["refused"]]
    return result.exit_code, refused, result.output


@pytest.mark.parametrize(
    ("words", "at", "mode", "expected"),
    [
        (("retire",), "reports", READ_ONLY, "reports"),
        (("backup", "--out", "media"), "keys", CLOSED, "keys/public"),
        (("keys", "check"), "keys", CLOSED, "keys/public"),
        (("publish",), "kerncijfers.csv", CLOSED, "kerncijfers.csv"),
        (("retire",), "opener-keys", READ_ONLY, "opener-keys"),
        (("retire",), "samenloop.db", 0o400, "samenloop.db"),
    ],
)
def test_no_rights_is_no_mistake_of_the_program(
    place: Municipality, words: tuple[str, ...], at: str, mode: int, expected: str, tmp_path: Path
) -> None:
    """It ends with 2, the code and the place; after the rights are back the same command is whole."""
    words = tuple(str(tmp_path / word) if word == "media" else word for word in words)
    with rights(place.path / at, mode):
        code, refused, text = said(place, *words)
    assert (2, [("NO_PERMISSION", expected)]) == (code, refused)
    assert "bug" not in text


def test_a_medium_that_may_not_be_written(place: Municipality, tmp_path: Path) -> None:
    """No rights on it, or a file in its place: said as such, and nothing is left on it."""
    media = tmp_path / "media"
    media.mkdir()
    with rights(media, READ_ONLY):
        assert (2, [("NO_PERMISSION", None)]) == said(place, "backup", "--out", str(media))[:2]
    assert [] == list(media.iterdir())
    media.rmdir()
    media.touch()
    assert (2, [("FOLDER_TAKEN", None)]) == said(place, "backup", "--out", str(media))[:2]


@pytest.mark.parametrize(
    ("out", "code"),
    [("/dev/null", "FOLDER_TAKEN"), ("/dev/null/x", "FOLDER_TAKEN"), ("/proc/none", "NO_PERMISSION")],
)
def test_a_medium_that_can_be_no_folder(place: Municipality, out: str, code: str) -> None:
    """A device, or a place where the system lets nobody make a folder."""
    assert (2, [(code, None)]) == said(place, "backup", "--out", out)[:2]


def test_what_a_read_only_database_leaves_is_told(place: Municipality) -> None:
    """Its small file stays read-only after the rights came back: the next step says so, and it helps."""
    database = place.path / "samenloop.db"
    left = place.path / "samenloop.db-shm"
    with rights(database, 0o400):
        said(place, "retire")
    left.touch()
    with rights(left, 0o400):
        code, refused, text = said(place, "retire")
        assert (2, [("NO_PERMISSION", "samenloop.db")]) == (code, refused)
        assert "samenloop.db-shm" in text
    for file in place.path.glob("samenloop.db*"):
        file.chmod(0o600)
    left.unlink(missing_ok=True)
    assert 0 == said(place, "retire")[0]


def test_the_opener_waits_for_its_rights(place: Municipality, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a service it says what it may not write, tries again, and answers once it may."""
    stop, waits = threading.Event(), []
    lists = place.home.opener_lists_dir
    lists.mkdir(exist_ok=True)

    def wait(seconds: float | None = None) -> bool:
        waits.append(seconds)
        lists.chmod(0o700)
        if seconds == opener.POLL_SECONDS:
            stop.set()
        return stop.is_set()

    monkeypatch.setattr(stop, "wait", wait)
    monkeypatch.setattr(subject, "_wait", lambda *_: "KEPT_OUT")
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        subject.object_(run, MINE)
        with rights(lists, READ_ONLY):
            serve(place.path, is_service=True, stop=stop, now=NOW)
        (request,) = rows_of_table(run, tables.subject_requests)
    assert [opener.RETRY_SECONDS, opener.POLL_SECONDS] == waits
    assert "done" == request["state"]


@pytest.mark.parametrize(("code", "says"), [(2, "staat hierboven"), (70, "(exit 70)")])
def test_whoever_started_an_opener_is_sent_to_what_it_said(code: int, says: str) -> None:
    """A child that refused wrote why on the same screen; one that failed is told by its exit code."""

    class Child:
        returncode = code

    child: Any = Child()
    assert says in opener.refusal_of_child(child).next_step
