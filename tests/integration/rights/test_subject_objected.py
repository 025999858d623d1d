"""Who objected stands by name on one list: letters say so, and an erasure says that the row stays, and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import subject
from pipeline.commands.wiring import Run
from pipeline.store import tables
from tests.builders.deliveries import MONTH, Municipality, signal_id
from tests.builders.openings import TUESDAY
from tests.builders.subjects import MINE

HERS = {("water-a", MONTH, signal_id("w2"))}
ON_THE_LIST = "staan ook op een lijst, zodat wij u niet bezoeken"
STAYS = "op de lijst met bezwaren"


def letter(outcome: Any) -> str:
    return Path(outcome.paths["letter"]).read_text("utf-8")


@pytest.mark.parametrize(
    ("until", "told"), [(None, "tot u ons vraagt"), (date(2026, 11, 20), "tot en met 20 november 2026")]
)
def test_the_letter_tells_who_objected_of_the_list_and_nobody_else(
    home: Municipality, until: date | None, told: str
) -> None:
    """With its ground and its last day; to his wife at the same door nothing of it."""
    with home.run(TUESDAY) as run:
        assert ON_THE_LIST not in letter(subject.access(run, MINE))
        subject.object_(run, MINE, until)
        his, hers = letter(subject.access(run, MINE)), letter(subject.access(run, HERS))
    assert (True, True, True) == tuple(words in his for words in (ON_THE_LIST, "u maakte bezwaar", told))
    assert ON_THE_LIST not in hers


def forget(run: Run) -> None:
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        transaction.connection.execute(tables.signals.delete())


@pytest.mark.parametrize("gone", [subject.erase, None], ids=["erased", "retired"])
def test_no_letter_says_that_nothing_is_held_of_who_objected(
    home: Municipality, gone: Callable[..., Any] | None
) -> None:
    """Without a contact nobody finds the row: the letter says what may be left, and not that nothing is."""
    with home.run(TUESDAY) as run:
        subject.object_(run, MINE)
        gone(run, MINE) if gone else forget(run)
        text = letter(subject.access(run, MINE))
    assert list(home.home.opener_lists_dir.glob("*.csv"))
    assert [] == [word for word in ("geen gegevens van u", "dus niet meer bij ons") if word in text]
    assert ("op een lijst, als u bezwaar maakte" if gone else "Maakte u bezwaar?") in text


def test_an_erasure_says_that_the_row_stays_and_why(home: Municipality) -> None:
    """To whoever erases somebody that objected, each time; not of his wife, who did not."""
    with home.run(TUESDAY) as run:
        subject.object_(run, MINE)
        for outcome in (subject.erase(run, MINE), subject.erase(run, MINE)):
            (line,) = (text for text in outcome.lines if STAYS in text)
            assert [] == [word for word in ("Naam en adres blijven", "toegevoegd.csv") if word not in line]
        assert not any(STAYS in text for text in subject.erase(run, HERS).lines)
