"""A store that is lost, or not the one of this home: nothing works on in it, and nothing is destroyed."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.commands.erasing.erasure_ledger import ledger_file
from pipeline.commands.journal_keeping.journal_sealing import export_head
from pipeline.commands.journal_keeping.kept_head import distrust
from pipeline.commands.main import make_app
from pipeline.commands.opener import serve
from pipeline.commands.retire import retire
from pipeline.store.retirement_ledger import Retirement, note_months_over
from tests.builders.deliveries import MONTH, NOW, Municipality
from tests.builders.openings import keep, make_municipality_with_opener, report, reveal_here, rows_in
from tests.builders.stewardship import write_journal_key
from tests.integration.test_backup import NOVEMBER, lose_database

AFTER_THE_TERM = date(2027, 6, 3)
WORKING = (
    ["admit"],
    ["match"],
    ["settle"],
    ["publish"],
    ["report"],
    ["retire"],
    ["day"],
    ["reveal"],
    ["review", "list"],
    ["deliveries", "list"],
    ["backup", "--out", "media"],
)
LOOKING = (["status"], ["journal", "list"], ["processing", "list"])


@pytest.fixture
def running(tmp_path: Path) -> Municipality:
    """A case is on a list, a team returned something, figures were published."""
    return make_running(tmp_path)


def make_running(path: Path) -> Municipality:
    place = make_municipality_with_opener(path)
    write_journal_key(place)
    with place.run(NOVEMBER) as run:
        keep(run, [report("huur-a", "a", "x"), report("energie-a", "b", "x")])
        reveal_here(run)
        export_head(run, run.today)
    place.home.analytics.write_bytes(b"yesterday's figures")
    (place.home.inbox_follow_up / "werklijst.xlsx").write_bytes(b"what a team returned")
    return place


def files_of(place: Municipality) -> dict[str, bytes]:
    """What must outlive a lost store: keys, register, inbox, outbox, figures, reports."""
    return {
        path.relative_to(place.path).as_posix(): path.read_bytes()
        for path in place.path.rglob("*")
        if path.is_file() and not path.name.startswith("samenloop.db")
    }


@pytest.mark.parametrize("command", WORKING, ids=lambda command: command[0])
def test_no_command_works_on_in_a_lost_store(
    running: Municipality, command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Exit 2, and nothing in the home is another."""
    monkeypatch.chdir(tmp_path)
    lose_database(running)
    before = files_of(running)
    done = CliRunner().invoke(make_app(command), [*command, "--home", str(running.path)])
    assert 2 == done.exit_code
    assert "JOURNAL_NOT_HELD" in done.output
    assert "SAMENLOOP_DATABASE" in done.output
    assert before == files_of(running)


@pytest.mark.parametrize("command", WORKING, ids=lambda command: command[0])
def test_no_command_works_on_in_the_store_of_another_home(
    running: Municipality, command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It has cases, lists and a sealed journal of its own, under the same code: exit 2, and nothing changed."""
    monkeypatch.chdir(tmp_path)
    lose_database(running)
    other = make_running(tmp_path / "other").home.database
    shutil.copyfile(other, running.home.database)
    before, lines = files_of(running), journal_of(running)
    done = CliRunner().invoke(make_app(command), [*command, "--home", str(running.path)])
    assert (2, True) == (done.exit_code, "JOURNAL_NOT_HELD" in done.output)
    assert before == files_of(running)
    assert lines == journal_of(running)


def journal_of(place: Municipality) -> list[dict[str, Any]]:
    with place.run(NOVEMBER) as run:
        return rows_in(run, "journal")


@pytest.mark.parametrize("command", LOOKING, ids=lambda command: command[0])
def test_looking_is_possible(running: Municipality, command: list[str]) -> None:
    """The steward sees what is the matter."""
    lose_database(running)
    assert 2 != CliRunner().invoke(make_app(command), [*command, "--home", str(running.path)]).exit_code


def test_whoever_may_not_read_the_opener_goes_by_the_exported_head(running: Municipality, tmp_path: Path) -> None:
    """A new store does not hold the line that reports/ knows of; the store of this home does."""
    shutil.move(running.home.opener_keys_dir, tmp_path / "elsewhere")
    with running.run(NOVEMBER) as run:
        assert distrust(run) is None
    lose_database(running)
    with running.run(NOVEMBER) as run:
        assert "JOURNAL_NOT_HELD" == getattr(distrust(run), "code", None)


@pytest.mark.parametrize("is_readable", [True, False], ids=["one user", "an opener of its own"])
def test_no_key_goes_and_no_month_ends_where_signals_may_have_been_lost(
    running: Municipality, is_readable: bool, tmp_path: Path
) -> None:
    """Past every term: a store without signals seems to say that their month is over."""
    lose_database(running)
    opener, elsewhere = running.home.opener_keys_dir, tmp_path / "elsewhere"
    if not is_readable:
        shutil.move(opener, elsewhere)
    keys = {path: path.read_bytes() for path in running.path.glob("keys/*.json")}
    with running.run(AFTER_THE_TERM) as run:
        retire(run)
    assert keys == {path: path.read_bytes() for path in running.path.glob("keys/*.json")}
    assert not ledger_file(running.home).is_file() or MONTH not in ledger_file(running.home).read_text()
    if not is_readable:
        shutil.move(elsewhere, opener)
    before = files_of(running)
    with running.run(AFTER_THE_TERM) as run:
        note_months_over(run.store, Retirement("2027-06-03", run.now, "somebody"), [MONTH], {})
    serve(running.path, once=True, now=NOW)
    assert {name: content for name, content in before.items() if "opening" in name} == {
        name: content for name, content in files_of(running).items() if "opening" in name
    }
