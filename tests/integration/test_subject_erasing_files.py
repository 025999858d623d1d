"""Files about a resident who is erased: found however they were saved, told when they cannot be read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from pipeline.commands import subject
from pipeline.commands.settle import settle
from pipeline.vocabulary.worklist_sheet import CASE_ID_HEADING
from tests.builders.deliveries import Municipality
from tests.builders.openings import TUESDAY, rows_in, worklist
from tests.builders.subjects import MINE, make_answering

OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Municipality:
    """A municipality with a case on a worklist; the opener answers in this process."""
    return make_answering(tmp_path, monkeypatch)


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
