"""Files about a resident who is erased: found however they were saved, told when they cannot be read."""

from __future__ import annotations

import gzip
import json

import pytest

from pipeline.channels import folder
from pipeline.commands import subject
from pipeline.commands.erasing import subject_erasing
from pipeline.commands.erasing.erased_files import LEFT_FILE
from pipeline.commands.match import match_month
from pipeline.commands.retire import retire
from pipeline.commands.settle import settle
from pipeline.commands.wiring import Run
from pipeline.vocabulary.worklist_sheet import CASE_ID_HEADING
from tests.builders.deliveries import MONTH, Municipality
from tests.builders.kept import Begin
from tests.builders.openings import TUESDAY, rows_in, worklist
from tests.builders.subjects import MINE, make_reported

OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.fixture
def place(begin_here: Begin) -> Municipality:
    """A municipality with a case on a worklist; the opener answers in this process."""
    return begin_here(make_reported)


def put(place: Municipality, name: str, raw: bytes) -> None:
    """Something that a team returns and that is refused, so that it goes into quarantine."""
    (place.home.inbox_follow_up / name).write_bytes(raw)
    with place.run(TUESDAY) as run:
        settle(run)
    assert 1 == len(list(place.home.quarantine.iterdir()))


def sheet(case_id: str) -> str:
    """A list that was saved as text, with a word that nobody understands."""
    return f"Wie;{CASE_ID_HEADING};Soort contact\r\nJ. van der Berg;{case_id};Duif\r\n"


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("is_mine", [True, False])
def test_a_list_saved_as_text_is_read_as_it_was_saved(place: Municipality, coding: str, is_mine: bool) -> None:
    """In each character set that settle accepts, a list with the person goes and another stays, untold."""
    case_id = worklist(place)["cases"][0]["case_id"] if is_mine else "Z-other"
    put(place, "terug.csv", sheet(case_id).encode(coding))
    with place.run(TUESDAY) as run:
        outcome = subject.erase(run, MINE)
    assert (int(is_mine), 1 - int(is_mine)) == (
        outcome.counts["sheets"],
        len(list(place.home.quarantine.iterdir())),
    )
    assert not any("Bekijk zelf" in line for line in outcome.lines)


@pytest.mark.parametrize("kind", ["gz", "xls", "pdf", "utf-16 without a mark", "no numbers", "half a line"])
def test_what_cannot_be_read_is_named(place: Municipality, kind: str) -> None:
    """Packed, of an older office, printed, or without numbers: a person looks, and the rest is erased."""
    case_id = worklist(place)["cases"][0]["case_id"]
    text = sheet(case_id)
    raw = {
        "gz": gzip.compress(text.encode()),
        "xls": OLE + bytes(64) + gzip.compress(text.encode()),
        "pdf": b"%PDF-1.7\n" + gzip.compress(text.encode()),
        "utf-16 without a mark": sheet("Z-other").encode("utf-16-le"),
        "no numbers": b"Wie;Waar\r\nJ. van der Berg;Dorpsstraat 12\r\n",
        "half a line": f'{{"sheet_version": "x"}}\n{{"case_id": "{case_id[:9]}'.encode(),
    }[kind]
    put(place, "terug.jsonl" if kind == "half a line" else "terug.csv", raw)
    with place.run(TUESDAY) as run:
        outcome = subject.erase(run, MINE)
        assert (0, []) == (outcome.counts["sheets"], rows_in(run, "cases"))
    (left,) = place.home.quarantine.iterdir()
    assert any("Bekijk zelf" in line and left.name in line for line in outcome.lines)


def forbidden(*_args: object) -> None:
    raise PermissionError


def killed_before_its_files_went(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An erasure of which only the register was written."""

    def die(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(subject_erasing, "remove_files", die)
        with pytest.raises(KeyboardInterrupt):
            subject.erase(run, MINE)


def test_what_the_register_could_not_remove_is_told_every_night_until_it_is_gone(
    place: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finished by the next match while a list may not be removed, the rows go and retire goes on trying."""
    with place.run(TUESDAY) as run:
        killed_before_its_files_went(run, monkeypatch)
        with monkeypatch.context() as patch:
            patch.setattr(folder, "remove", forbidden)
            match_month(run, MONTH)
            (listed,) = (place.home.worklists / "noord").iterdir()
            assert (True, []) == (listed.exists(), rows_in(run, "cases"))
            outcome = retire(run)
        assert ["NO_PERMISSION"] == [fault.code for fault in outcome.refused]
        assert any(f"outbox/worklists/noord/{TUESDAY}" in line for line in outcome.lines)
        assert [] == retire(run).refused
    assert (False, False) == (listed.exists(), (place.path / LEFT_FILE).exists())


def test_what_the_register_could_not_read_is_told_every_night_until_it_is_gone(
    place: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sheet in quarantine that nobody can read is named by retire, and not opened again, until it is away."""
    put(place, "terug.csv", gzip.compress(b"J. van der Berg"))
    (left,) = place.home.quarantine.iterdir()
    with place.run(TUESDAY) as run:
        killed_before_its_files_went(run, monkeypatch)
        match_month(run, MONTH)
        opened = sum(row["action"] == "open_refused_follow_up" for row in rows_in(run, "journal"))
        for _ in range(2):
            assert any("Bekijk zelf" in line and left.name in line for line in retire(run).lines)
        assert opened == sum(row["action"] == "open_refused_follow_up" for row in rows_in(run, "journal"))
        folder.remove(left)
        assert not any("Bekijk zelf" in line for line in retire(run).lines)


def test_the_list_of_what_is_left_leads_nowhere_else(place: Municipality) -> None:
    """A place outside the outbox and quarantine is never removed, whatever the list says."""
    names = ["keys", "outbox/worklists/../../keys", str(place.home.keys_dir)]
    (place.path / LEFT_FILE).write_text(json.dumps({"left": names, "unread": []}))
    with place.run(TUESDAY) as run:
        retire(run)
    assert place.home.keys_dir.is_dir()
