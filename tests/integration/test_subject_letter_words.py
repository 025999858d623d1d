"""The words of a letter: why there is a case, who saw what, and what the law wants told; and nobody else's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import subject
from tests.builders.deliveries import MONTH, Municipality, signal_id
from tests.builders.kept import Begin
from tests.builders.openings import TUESDAY, keep, report, reveal_here, rows_in
from tests.builders.subjects import NEIGHBOUR, PAIR, let_opener_answer, make_reported

STRANGER = report("water-a", "d", "x", surname="Bakker", initials="T", birth_on="1991-07-07")


@pytest.fixture
def place(begin_here: Begin, monkeypatch: pytest.MonkeyPatch) -> Municipality:
    """A municipality with a case on a worklist and somebody else; the opener answers in this process."""
    let_opener_answer(monkeypatch)
    return begin_here(make_reported)


def letter(outcome: Any) -> str:
    return Path(outcome.paths["letter"]).read_text("utf-8")


def test_who_was_only_compared_reads_that_no_team_saw_it(place: Municipality) -> None:
    """Opened for a list and found to be about somebody else: that it was opened is said, above the log of it."""
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, NEIGHBOUR, STRANGER])
        reveal_here(run)
        confirmed = {row["signal_id"]: row["is_confirmed"] for row in rows_in(run, "case_signals")}
        assert confirmed[signal_id("d")] is False
        text = letter(subject.access(run, {("water-a", MONTH, signal_id("d"))}))
    assert "<td>geopend</td>" in text
    assert "Uw melding is geopend om te vergelijken. Geen wijkteam zag haar." in text
    assert "Niemand" not in text
