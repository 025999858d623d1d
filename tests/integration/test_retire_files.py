"""`samenloop retire` and files: lists, receipts, quarantine and inboxes go by their day, and nothing else does."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest

from pipeline.channels import folder
from pipeline.store import tables
from tests.builders.deliveries import Municipality
from tests.builders.retirement import BEFORE, DUE, counts_of, delivery, fill_files, make_month, report, retired
from tests.builders.rights import rights
from tests.builders.stewardship import WHEN, make_stewarded, put


@pytest.fixture
def local(tmp_path: Path) -> Municipality:
    """A month with a case in each state, where the kind of database makes no difference."""
    return make_month(tmp_path)


def test_files_go_by_their_day_and_by_the_run_that_saw_them(local: Municipality) -> None:
    """Worklists and quarantine after a month, receipts after a year; what came since the last run stays."""
    fill_files(local)
    retired(local, date(2026, 11, 3))
    outcome = retired(local, DUE)
    assert ["2027-04-30"] == [path.name for path in (local.home.worklists / "noord").iterdir()]
    assert ["follow_up-2027-04-30_follow-up-1"] == local.quarantined()
    assert (2, 1, 0) == tuple(outcome.counts[name] for name in ("quarantine", "worklists", "receipts"))
    assert not (local.path / ".retired").exists()
    retired(local, date(2027, 12, 1))
    assert [] == list(local.home.receipts.iterdir())
    assert ["2027-04-30"] == [path.name for path in (local.home.feedback / "huur-a").iterdir()]


def test_a_link_in_the_outbox_goes_and_what_it_points_to_stays(local: Municipality, tmp_path: Path) -> None:
    """Nothing outside the home is ever deleted."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    (local.home.worklists / "noord").mkdir(parents=True)
    (local.home.worklists / "noord" / "2026-11-03").symlink_to(outside)
    (local.home.worklists / "link").symlink_to(outside)
    (outside / "2026-11-03").mkdir()
    retired(local, DUE)
    assert [] == list((local.home.worklists / "noord").iterdir())
    assert ["2026-11-03", "precious"] == sorted(path.name for path in outside.iterdir())


def test_a_held_delivery_waits_for_the_steward_until_its_month_is_over(local: Municipality) -> None:
    """It outlives the term of quarantine; when its month's term ends it is refused, and its partner hears so."""
    name = "huur-a_2026-10_0003__abababab"
    (local.home.quarantine / name / "huur-a_2026-10_0003").mkdir(parents=True)
    (local.home.quarantine / name / "reason.json").write_text(json.dumps({"received_at": WHEN}))
    with local.run(DUE) as run:
        row = delivery("huur-a_2026-10_0003", state="held", response_code="HELD", quarantine_name=name)
        put(run, tables.deliveries, **row)
    retired(local, date(2026, 11, 3))
    retired(local, BEFORE)
    assert [name] == local.quarantined()
    retired(local, DUE)
    assert [] == local.quarantined()
    assert "RETENTION_ENDED" == local.receipt("huur-a_2026-10_0003")["response_code"]


def test_what_may_not_be_moved_is_refused_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worklist of the opener's user that this user may not remove is left, said, and in the proof."""
    place = make_stewarded(tmp_path)
    (place.home.worklists / "noord" / "2026-11-03").mkdir(parents=True)

    def forbidden(*_args: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(folder, "move", forbidden)
        outcome = retired(place, DUE)
    assert (["NO_PERMISSION"], 1) == ([fault.code for fault in outcome.refused], outcome.counts["remaining"])
    assert not report(place, DUE)["is_complete"]
    assert 0 == retired(place, DUE).counts["remaining"]


@pytest.mark.parametrize("place_of", ["inbox_follow_up", "worklists", "quarantine"])
def test_a_folder_that_may_not_be_read_holds_up_no_other(local: Municipality, place_of: str) -> None:
    """It is said, with its place; all else that is due goes, and the report of what went is there."""
    fill_files(local)
    retired(local, date(2026, 11, 3))
    closed: Path = getattr(local.home, place_of)
    closed = closed if place_of == "quarantine" else closed / "closed"
    closed.mkdir(exist_ok=True)
    with rights(closed, 0o000):
        outcome = retired(local, DUE)
        written_then = report(local, DUE)
    place = {"quarantine": "quarantine", "worklists": "outbox/worklists"}.get(place_of, "inbox/follow_up")
    assert [("NO_PERMISSION", place)] == [(fault.code, fault.column) for fault in outcome.refused]
    assert ["2027-04-30"] == [path.name for path in (local.home.worklists / "noord").iterdir()]
    assert 1 == outcome.counts["worklists"] == counts_of(written_then)["worklists"][0]
    assert [] == retired(local, DUE).refused


@pytest.mark.parametrize("name", ["x" * 251 + ".tmp", "\udce9\udcff.part"], ids=["long", "no utf-8"])
def test_whatever_a_thing_in_the_inbox_is_called_it_goes(local: Municipality, name: str) -> None:
    """A name as long as a file system takes, in a team's folder, or of bytes that are no text."""
    left = local.home.inbox_follow_up / "noord" / name
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_text("x")
    os.utime(left, (1_793_000_000, 1_793_000_000))
    retired(local, date(2026, 11, 3))
    outcome = retired(local, DUE)
    assert ([], 1, []) == (outcome.refused, outcome.counts["quarantine"], list(left.parent.iterdir()))


def test_two_things_whose_names_look_alike_both_go(local: Municipality) -> None:
    """One in a folder, one whose name reads as that of folder and thing."""
    inbox = local.home.inbox_follow_up
    for left in (inbox / "noord" / "a.tmp", inbox / "noord__a.tmp"):
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_text("x")
        os.utime(left, (1_793_000_000, 1_793_000_000))
    retired(local, date(2026, 11, 3))
    assert 2 == retired(local, DUE).counts["quarantine"]


def test_what_never_became_complete_goes_too(local: Municipality) -> None:
    """A delivery without a manifest leaves the inbox when the term of its month has ended, and no sooner."""
    for name in ("huur-a_2026-10_0007", "huur-a_2027-04_0001"):
        (local.inbox / name).mkdir()
    (local.inbox / "huur-a_2026-10_0007" / "signals.sealed").write_bytes(b"sealed")
    retired(local, BEFORE)
    assert 2 == len(list(local.inbox.iterdir()))
    retired(local, DUE)
    assert ["huur-a_2027-04_0001"] == [path.name for path in local.inbox.iterdir()]


def test_what_nobody_can_take_out_of_follow_up_goes_after_its_term(local: Municipality, tmp_path: Path) -> None:
    """Half a file, a link, a pipe, a folder in a folder go; what is taken, what is new and team folders stay."""
    inbox = local.home.inbox_follow_up
    (inbox / "noord" / "deep").mkdir(parents=True)
    (inbox / "noord" / "deep" / "lijst.xlsx").write_text("x")
    for name in ("lijst.html.part", "new.part", "waits.xlsx"):
        (inbox / name).write_text("x")
    (inbox / "link.xlsx").symlink_to(tmp_path)
    os.mkfifo(inbox / "pipe.xlsx")
    for path in (*inbox.rglob("*"), inbox / "noord"):
        seen = 1_793_000_000 if path.name != "new.part" else 1_809_000_000
        os.utime(path, (seen, seen), follow_symlinks=False)
    retired(local, date(2026, 11, 3))
    assert 4 == retired(local, DUE).counts["quarantine"]
    assert ["new.part", "noord", "waits.xlsx"] == sorted(path.name for path in inbox.rglob("*"))
    assert tmp_path.exists()
