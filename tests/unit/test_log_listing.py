"""The listings of journal and processing log: an id that is searched for is found, and the words are Dutch."""

from __future__ import annotations

import pytest
import rich.console

from pipeline.commands import console
from pipeline.commands.journal_keeping.journal_words import ground_said, result_said
from pipeline.commands.log_listing import LogOutcome, print_log

CASE = "Z-0123456789abcdef0123456789abcdef"
HEADINGS = ("nr", "wat", "waarover", "uitkomst")
ROWS = [("1", "zaak ontstaan", CASE, "ontstaan (signalen 2, partners 2)"), ("2", "getoond", CASE, "aan noord")]
OUTCOME = LogOutcome("journal", {"lines": 2}, lines=[f"Zaak {CASE} " + "en nog een heel lang verhaal " * 5])


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_in_a_pipe_each_row_is_one_line(
    columns: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever counts the lines with an id counts its rows, however narrow the window is."""
    monkeypatch.setenv("COLUMNS", columns)
    print_log(OUTCOME, HEADINGS, ROWS, ["Regel versie 1."])
    lines = capsys.readouterr().out.splitlines()
    assert (6, 3) == (len(lines), sum(CASE in line for line in lines))


def test_on_a_terminal_an_id_is_never_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A narrow window breaks a row between words, and no word."""

    def narrow(**options: object) -> rich.console.Console:
        return rich.console.Console(force_terminal=True, width=40, color_system=None, highlight=False)

    monkeypatch.setattr(console, "Console", narrow)
    print_log(OUTCOME, HEADINGS, ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert 2 == sum(CASE in line for line in lines[2:])
    assert "ontstaan" in " ".join(lines).split()
    assert len(lines) > len(ROWS) + 3


@pytest.mark.parametrize(
    ("result", "counts", "expected"),
    [
        ("begun", {"contacts": 2}, "begonnen (contacten 2)"),
        ("confirmed PERSON", {"confirmed": 2, "refused": 0}, "bevestigd: één persoon (bevestigd 2, geweigerd 0)"),
        ("doubtful PERSON_UNCERTAIN", None, "twijfel: niet zeker of het één persoon is"),
        ("doubtful", {}, "twijfel"),
        (f"merged into {CASE}", {}, f"samengevoegd in {CASE}"),
        ("month over", {}, "maand voorbij"),
        ("team wijkteam-noord", {}, "aan wijkteam-noord"),
        ("KEY_MISSING", {}, "KEY_MISSING"),
    ],
)
def test_what_came_of_it_is_said_in_dutch(result: str, counts: dict[str, int] | None, expected: str) -> None:
    """Codes of faults, ids and names of teams stay as they are."""
    assert expected == result_said(result, counts)


def test_a_ground_is_said_in_dutch() -> None:
    """One that is an id stays what it is."""
    assert ["regel", "", CASE] == [ground_said("rule"), ground_said(None), ground_said(CASE)]
