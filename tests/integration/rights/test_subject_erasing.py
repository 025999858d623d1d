"""A resident is erased: rows, files and bytes go, stay gone, and what was interrupted is completed."""

from __future__ import annotations

import errno
import json
import shutil
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.analytics.periods import parse_period
from pipeline.channels import folder
from pipeline.commands import export, subject
from pipeline.commands.at_the_inbox import follow_up_taking
from pipeline.commands.ddas_inputs import SETTINGS_FILE
from pipeline.commands.erasing.erasure_ledger import ledger_file, read_ledger
from pipeline.commands.main import make_app
from pipeline.commands.match import match, match_month
from pipeline.commands.opener import serve
from pipeline.commands.settle import settle
from pipeline.commands.wiring import SCHEMAS, Run
from pipeline.store import erasing, tables
from pipeline.store.connect import Store, Transaction
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.processing import subject_id
from tests.builders.deliveries import MONTH, NOW, Municipality, signal_id
from tests.builders.openings import TUESDAY, rows_in, worklist
from tests.builders.returned import Returned
from tests.builders.stewardship import put, put_case, put_signals
from tests.builders.subjects import (
    DECEMBER,
    MINE,
    NEIGHBOUR,
    NOVEMBER,
    PAIR,
    reported_again,
)


def test_erased_is_gone_here_and_stays_gone(place: Municipality) -> None:
    """Rows, worklists and bytes go; the register keeps them gone when the partner delivers the same again."""
    with place.run(TUESDAY, actor="p.devries") as run:
        assert worklist(place)["cases"]
        outcome = subject.erase(run, MINE)
        assert (2, 1, 1) == tuple(outcome.counts[name] for name in ("signals", "cases", "worklists"))
        left = [rows_in(run, name) for name in ("cases", "case_signals", "disclosures", "case_pseudonyms")]
        assert [[], [], [], []] == left
        assert ["water-a"] == [row["partner_id"] for row in rows_in(run, "signals")]
        erased = {row["object"] for row in rows_in(run, "journal") if row["action"] == "erase_signal"}
        assert {subject_id(row["partner_id"], MONTH, row["signal_id"]) for row in PAIR} == erased
        put_signals(run, [dict(PAIR[0], sequence=2), dict(PAIR[1], sequence=2)])
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            marks = tables.month_marks
            transaction.update(marks, marks.c.month == MONTH, {"changed_revision": 99})
        match(run)
        assert ([], 1) == (rows_in(run, "cases"), len(rows_in(run, "signals")))
        assert 0 == subject.erase(run, MINE).counts["signals"]
    assert 3 == len(read_ledger(ledger_file(place.home)))


def test_what_partners_were_told_of_who_is_erased_goes_too(place: Municipality) -> None:
    """Of the signal that is gone no word is kept, also where no more than that word was left; of others it is."""
    told = {"month": MONTH, "code": "opgepakt", "sent_on": "2026-11-02", "suspended_until_on": None}
    with place.run(TUESDAY) as run:
        for row in (*PAIR, NEIGHBOUR, {"partner_id": "huur-a", "signal_id": signal_id("old")}):
            put(run, tables.feedback_sent, partner_id=row["partner_id"], signal_id=row["signal_id"], **told)
        subject.erase(run, MINE)
        old = {("huur-a", MONTH, signal_id("old"))}
        assert (True, False) == (erasing.present(run.store, old, ()), erasing.present(run.store, MINE, ()))
        assert {NEIGHBOUR["signal_id"], signal_id("old")} == {
            row["signal_id"] for row in rows_in(run, "feedback_sent")
        }


@pytest.mark.parametrize("name", [MINE, {("water-a", NOVEMBER, signal_id("w2"))}])
def test_erasing_follows_the_household_through_the_months(
    place: Municipality, name: set[tuple[str, str, str]]
) -> None:
    """Named by a signal of either month, both months' signals and both cases go; the neighbour stays."""
    reported_again(place)
    with place.run(DECEMBER) as run:
        outcome = subject.erase(run, name)
        assert (4, 2) == (outcome.counts["signals"], outcome.counts["cases"])
        assert [] == rows_in(run, "cases") + rows_in(run, "case_signals")
        assert ["water-a"] == [row["partner_id"] for row in rows_in(run, "signals")]


def files_of(place: Municipality, *parts: str) -> list[Path]:
    return [path for path in place.path.joinpath(*parts).rglob("*") if path.is_file()]


def returned(place: Municipality) -> None:
    """The team's sheet comes back and waits, with one row that will be refused."""
    sheet = Returned.opened((place.home.worklists / "noord" / str(TUESDAY) / "werklijst.xlsx").read_bytes())
    (case,) = worklist(place)["cases"]
    sheet.fill(case["case_id"], type="Huisbezoek", is_reached="Ja", on=date(2027, 1, 1), part_of_day="Avond")
    (place.home.inbox_follow_up / "terug.xlsx").write_bytes(sheet.xlsx())


def deliver_statistics(run: Run) -> None:
    """The opener makes a delivery to the statistics office."""
    shutil.copyfile(SCHEMAS / "ddas" / "settings.example.json", run.home.path / SETTINGS_FILE)
    export._file_order(run, parse_period("2026Q4"), "1.2")
    serve(run.home.path, once=True, now=NOW)


def test_erasing_destroys_every_file_about_the_person(place: Municipality) -> None:
    """List, letter, delivery for statistics and returned sheet go; the letter of somebody else stays."""
    with place.run(TUESDAY, actor="p.devries") as run:
        subject.access(run, MINE)
        other = Path(subject.access(run, {("water-a", MONTH, signal_id("c"))}).paths["letter"])
        deliver_statistics(run)
        returned(place)
        outcome = subject.erase(run, MINE)
    names = ("worklists", "letters", "statistics", "sheets")
    assert [1, 1, 1, 1] == [outcome.counts[name] for name in names]
    assert [other] == files_of(place, "outbox", "subjects")
    assert [] == [*files_of(place, "outbox", "worklists", "noord"), *files_of(place, "outbox", "ddas")]
    assert [] == [*files_of(place, "inbox", "follow_up"), *files_of(place, "quarantine")]
    assert any("export ddas --period 2026Q4" in line for line in outcome.lines)


def test_what_a_team_said_of_others_is_recorded_before_its_sheet_goes(place: Municipality) -> None:
    """A sheet that waits is taken first, and a list without the person stays in quarantine."""
    line = {"case_id": "Z-other", "sheet_version": "2026-11-03.1", "is_unsafe": True}
    (place.home.inbox_follow_up / "terug.jsonl").write_text(json.dumps(line))
    with place.run(TUESDAY) as run:
        assert 0 == subject.erase(run, MINE).counts["sheets"]
    assert 1 == len(list(place.home.quarantine.iterdir()))


@pytest.mark.parametrize("place_of_death", ["remove_files", "erasing.erase", "clean_pages"])
@pytest.mark.parametrize("finisher", ["erase", "match"])
def test_a_killed_erasure_is_completed(
    place: Municipality, monkeypatch: pytest.MonkeyPatch, place_of_death: str, finisher: str
) -> None:
    """Killed before files, rows, or what is made anew without them, the same command or the next match does it."""

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with place.run(TUESDAY) as run:
        with monkeypatch.context() as patch:
            patch.setattr(f"pipeline.commands.erasing.subject_erasing.{place_of_death}", die)
            with pytest.raises(KeyboardInterrupt):
                subject.erase(run, MINE)
        if finisher == "erase":
            subject.erase(run, MINE)
        else:
            match_month(run, MONTH)
        assert [] == files_of(place, "outbox", "worklists", "noord") + rows_in(run, "cases")


def test_a_file_that_may_not_be_removed_is_said_and_removed_the_next_time(
    place: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows go all the same, it is said, and the same command finishes it by the number of the case."""
    (case,) = worklist(place)["cases"]

    def forbidden(*_args: object) -> None:
        raise PermissionError

    with place.run(TUESDAY) as run:
        with monkeypatch.context() as patch:
            patch.setattr(folder, "remove", forbidden)
            outcome = subject.erase(run, MINE)
        assert (["NO_PERMISSION"], []) == ([fault.code for fault in outcome.refused], rows_in(run, "cases"))
    arguments = ["subject", "erase", "--case", case["case_id"], "--home", str(place.path), "--date", str(TUESDAY)]
    assert 0 == CliRunner().invoke(make_app(arguments), arguments).exit_code
    assert [] == files_of(place, "outbox", "worklists", "noord")
    assert 0 == CliRunner().invoke(make_app(arguments), arguments).exit_code


@pytest.mark.parametrize("trouble", [OSError(errno.ENOSPC, ""), Refused("WRITER_LOCK_LOST")])
def test_an_opening_that_cannot_be_noted_stops_the_erasure(
    place: Municipality, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    """A full disk or a lost lock is no fault of the sheet: the rows stay, and the next time sheet and rows go."""
    returned(place)
    really = Store.transaction

    def troubled(store: Store, name: str, **options: str) -> AbstractContextManager[Transaction]:
        if name == "open_refused_follow_up":
            raise trouble
        return really(store, name, **options)

    with place.run(TUESDAY) as run:
        with monkeypatch.context() as patch:
            patch.setattr(Store, "transaction", troubled)
            with pytest.raises(type(trouble)):
                subject.erase(run, MINE)
        assert rows_in(run, "cases")
        assert 1 == subject.erase(run, MINE).counts["sheets"]
        assert [] == files_of(place, "quarantine") + rows_in(run, "cases")


def test_a_sheet_that_cannot_be_read_is_named_and_stops_nothing(place: Municipality) -> None:
    """The data steward is told which one to look at; the rest is erased."""
    returned(place)
    with place.run(TUESDAY) as run:
        settle(run)
        (sheet,) = place.home.quarantine.iterdir()
        (sheet / follow_up_taking.SEALED_FILE).unlink()
        (sheet / follow_up_taking.SEALED_FILE).mkdir()
        outcome = subject.erase(run, MINE)
        assert (0, []) == (outcome.counts["sheets"], rows_in(run, "cases"))
    assert any(sheet.name in line for line in outcome.lines)


def test_a_number_that_merged_leads_to_the_case_that_lives(place: Municipality) -> None:
    """A number on an older list still finds the signals of the case that it became."""
    with place.run(TUESDAY) as run:
        (case,) = rows_in(run, "cases")
        put_case(run, "Z-former", "merged", merged_into=case["case_id"])
        assert {row["signal_id"] for row in PAIR} == {name[2] for name in subject.named(run, None, "Z-former")}
        assert 2 == subject.erase(run, MINE).counts["cases"]
