"""The days in a letter: days in the Netherlands by the clock, and until when `retire` keeps what is told."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import subject
from pipeline.commands.retire import retire
from pipeline.commands.wiring import Run
from pipeline.store import tables
from tests.builders.deliveries import Municipality
from tests.builders.kept import Begin
from tests.builders.openings import TUESDAY, rows_in
from tests.builders.stewardship import WHEN, put
from tests.builders.subjects import (
    DECEMBER,
    LATER,
    MINE,
    make_reported,
    reported_again,
)

LATE_AT_NIGHT = "2026-11-03T23:30:00Z"
"""Half past twelve on 4 November in the Netherlands."""


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


def ended(run: Run, case_id: str, result_on: str) -> None:
    """A team closed the case."""
    said = {"result": "Hulp aanvaard", "has_consent_for_feedback": True, "is_unsafe": False, "recorded_at": WHEN}
    put(run, tables.results, case_id=case_id, result_on=result_on, **said)
    stands(run, case_id, state="closed")


def stands(run: Run, case_id: str, **changes: Any) -> None:
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        transaction.update(tables.cases, tables.cases.c.case_id == case_id, changes)


def kept(place: Municipality, day: date, table: str) -> list[dict[str, Any]]:
    """What is left after `retire` ran on a day."""
    with place.run(day) as run:
        retire(run)
        return rows_in(run, table)


@pytest.mark.parametrize(
    ("result_on", "state", "told", "first_day_without"),
    [
        ("2027-03-15", None, "tot 1 april 2029.", date(2029, 4, 1)),
        ("2026-11-20", None, "tot 1 december 2028.", date(2028, 12, 1)),
        (None, "excluded", "tot 1 november 2028.", date(2028, 11, 1)),
        (None, "doubtful", "tot 1 november 2028. Komt zij nog op een lijst", date(2028, 11, 1)),
    ],
)
def test_a_case_is_destroyed_on_the_day_that_the_letter_told(
    place: Municipality, result_on: str | None, state: str | None, told: str, first_day_without: date
) -> None:
    """Counted from its end, as `retire` does: the day before it is there, on the day it is gone."""
    with place.run(TUESDAY) as run:
        (case,) = rows_in(run, "cases")
        if result_on is not None:
            ended(run, case["case_id"], result_on)
        else:
            stands(run, case["case_id"], state=state)
        text = letter(subject.access(run, MINE))
    assert f"De zaak van oktober 2026: {told}" in text
    assert 1 == len(kept(place, first_day_without - timedelta(days=1), "cases"))
    assert [] == kept(place, first_day_without, "cases")


def test_a_report_is_destroyed_on_the_day_that_the_letter_told(place: Municipality) -> None:
    """Six months after its own: of a closed case no report stays a day longer."""
    with place.run(TUESDAY) as run:
        (case,) = rows_in(run, "cases")
        ended(run, case["case_id"], "2026-11-20")
        text = letter(subject.access(run, MINE))
    assert "De melding van oktober 2026: tot 1 mei 2027." in text
    assert 3 == len(kept(place, date(2027, 4, 30), "signals"))
    assert [] == kept(place, date(2027, 5, 1), "signals")


def test_of_a_running_case_the_letter_tells_the_term(place: Municipality) -> None:
    """No day can be told yet; nor of the month that joined it, until the case that it joined is closed."""
    reported_again(place)
    joined = {("water-a", LATER[1]["month"], LATER[1]["signal_id"])}
    with place.run(DECEMBER) as run:
        running = letter(subject.access(run, joined))
        first = next(row["case_id"] for row in rows_in(run, "cases") if row["state"] != "joined")
        ended(run, first, "2027-03-15")
        closed = letter(subject.access(run, joined))
    for month in ("oktober", "november"):
        assert f"van {month} 2026: tot 24 maanden na de maand waarin zij wordt afgesloten." in running
        assert f"De zaak van {month} 2026: tot 1 april 2029." in closed
    assert 2 == len(kept(place, date(2029, 3, 31), "cases"))
    assert [] == kept(place, date(2029, 4, 1), "cases")


@pytest.mark.parametrize(("changes", "months"), [({}, 60), ({"retention": {"journal": 36}}, 36)])
def test_how_long_the_logs_are_kept_is_told_by_the_agreement(
    begin_here: Begin, changes: dict[str, Any], months: int
) -> None:
    """Sixty months, or what the agreement says."""
    with begin_here(make_reported, **changes).run(TUESDAY) as run:
        assert f"Het logboek: elke regel tot {months} maanden na" in letter(subject.access(run, MINE))
