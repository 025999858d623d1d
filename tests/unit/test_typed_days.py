"""Days and months on the command line: impossible ones are refused; as an end of a period a far day is no end."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import pytest

from pipeline.commands.log_listing import period_of
from pipeline.commands.main import main
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import FIRST_DAY, LAST_DAY, parse_day
from tests.builders.stewardship import make_stewarded

FAR = ("0001-01-01", "1999-12-31", "2200-01-01", "9999-12-31")
DAYS_ASKED = [
    ["status", "--date"],
    ["retire", "--date"],
    ["agreement", "renew", "--valid-until"],
    ["agreement", "revoke", "1", "--on"],
    ["keys", "rotate", "journal", "--ends-on"],
    ["keys", "directory", "revoke", "key-1", "--on"],
    ["subject", "object", "--until"],
]


def said(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    monkeypatch.setattr(sys, "argv", ["samenloop", *words])
    with pytest.raises(SystemExit) as left:
        main()
    captured = capsys.readouterr()
    return int(str(left.value.code)), captured.out, captured.err


@pytest.mark.parametrize("day", FAR)
@pytest.mark.parametrize("words", DAYS_ASKED, ids=lambda words: " ".join(words))
def test_a_day_outside_the_calendar_is_wrong_usage(
    words: list[str], day: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2 before anything is opened, with the years that are possible; no bug, and no command without end."""
    code, out, err = said([*words, day, "--json"], capsys, monkeypatch)
    assert (2, "USAGE") == (code, json.loads(out)["refused"][0]["code"])
    assert "choose a day in the years 2000 to 2199" in err


@pytest.mark.parametrize("text", ["2026-13-01", "3 november", "", "2026-02-30"])
def test_what_is_no_day_is_said_with_the_form(text: str) -> None:
    """Whoever mistypes a day learns how it is written, not what a library thinks of it."""
    with pytest.raises(ValueError, match="YYYY-MM-DD, for instance 2026-11-03"):
        parse_day(text)


@pytest.mark.parametrize("day", [FIRST_DAY, LAST_DAY])
def test_the_first_and_the_last_day_can_be_asked_for(
    day: date, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not refused works: status of the outermost days has its tables."""
    home = make_stewarded(tmp_path).path
    code, out, _ = said(["status", "--home", str(home), "--date", day.isoformat()], capsys, monkeypatch)
    assert (0, True) == (code, f"stand op {day:%d-%m-%Y}" in out)


@pytest.mark.parametrize("log", ["journal", "processing"])
@pytest.mark.parametrize("end", [["--since", "0001-01-01"], ["--until", "9999-12-31"]], ids=lambda end: end[0])
def test_an_end_far_away_is_no_end(
    log: str,
    end: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Auditors who want all of it type the smallest and the greatest day; they get all of it."""
    place = make_stewarded(tmp_path)
    with place.run() as run, run.store.transaction("test", at=run.now, actor="test") as transaction:
        transaction.journal("open_case", "Z-1")
        transaction.process("open", [("huur-a", "2026-10", "a")], cause="one")
    code, out, _ = said([log, "list", "--home", str(place.path), "--json", *end], capsys, monkeypatch)
    assert (0, 1) == (code, json.loads(out)["counts"]["lines"])


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    """Nothing can be found in it, and an empty answer would say that nothing happened."""
    with pytest.raises(Refused, match="USAGE"):
        period_of(date(2026, 11, 4), date(2026, 11, 3))


@pytest.mark.parametrize("month", ["0001-01", "2026-13", "9999-12", "../2026-10"])
def test_no_key_is_made_for_a_month_that_is_none(
    month: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistyped month makes no key, and names no file."""
    home = make_stewarded(tmp_path).path
    before = sorted(home.rglob("*.json"))
    code, _, err = said(["keys", "rotate", "store", "--home", str(home), "--month", month], capsys, monkeypatch)
    assert (2, True, before) == (code, "VALUE_INVALID [month]" in err, sorted(home.rglob("*.json")))
