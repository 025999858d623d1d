"""The days in a letter: days in the Netherlands, in the order of the clock."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import subject
from pipeline.commands.wiring import Run
from pipeline.store import tables
from tests.builders.deliveries import Municipality
from tests.builders.kept import Begin
from tests.builders.openings import TUESDAY, rows_in
from tests.builders.stewardship import put
from tests.builders.subjects import MINE, let_opener_answer, make_reported

LATE_AT_NIGHT = "2026-11-03T23:30:00Z"
"""Half past twelve on 4 November in the Netherlands."""


@pytest.fixture
def place(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> Municipality:
    """A municipality with a case on a worklist and somebody else; the opener answers in this process."""
    let_opener_answer(monkeypatch)
    return begin(make_reported)


def letter(outcome: Any) -> str:
    return Path(outcome.paths["letter"]).read_text("utf-8")


def used_at(run: Run, name: str, at: str) -> None:
    """Let the uses of this kind have been at this instant."""
    lines = tables.processings
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        transaction.connection.execute(lines.update().where(lines.c.name == name).values(started_at=at))


def rows_of(text: str, heading: str) -> list[tuple[str, str]]:
    """The rows of the first table below a heading."""
    table = text.split(heading, 1)[1].split("<table>", 1)[1].split("</table>", 1)[0]
    return re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', table)


def test_what_happened_after_midnight_bears_the_day_that_it_was_here(place: Municipality) -> None:
    """Received, judged by a steward and used in the hour that is yesterday in UTC: the letter says today."""
    with place.run(TUESDAY) as run:
        (case,) = rows_in(run, "cases")
        decided = {"decision": "accepted", "reason_code": "SPELLING", "decided_by": "k"}
        put(run, tables.reviews, case_id=case["case_id"], evidence_digest="d", decided_at=LATE_AT_NIGHT, **decided)
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            mine = tables.signals.c.signal_id == next(iter(MINE))[2]
            transaction.update(tables.signals, mine, {"admitted_at": LATE_AT_NIGHT})
        used_at(run, "disclose", LATE_AT_NIGHT)
        text = letter(subject.access(run, MINE))
    assert '<th scope="row">ontvangen</th><td>4 november 2026' in text
    assert "Op 4 november 2026 bekeek een medewerker" in text
    assert ("4 november 2026", "getoond aan wijkteam") in rows_of(text, "Elke keer dat uw gegevens")


def test_uses_of_one_day_stand_in_the_order_of_the_clock(place: Municipality) -> None:
    """Received, opened, shown, told in a letter; and not by the alphabet."""
    with place.run(TUESDAY) as run:
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.process("admit", [next(iter(MINE))], cause="delivery", ground="delivery")
        used_at(run, "admit", "2026-11-03T05:00:00Z")
        uses = rows_of(letter(subject.access(run, MINE)), "Elke keer dat uw gegevens")
    assert ["ontvangen", "geopend", "getoond aan wijkteam", "inzage"] == [what for _, what in uses]
    assert {"3 november 2026"} == {day for day, _ in uses}
