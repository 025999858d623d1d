"""What the processing log says of a request: that somebody used a right, once it is known who, and once only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import subject
from pipeline.commands.at_the_opener import answer_subject
from pipeline.commands.opener import serve
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.processing import subject_id
from tests.builders.deliveries import MONTH, NOW, Municipality, signal_id, with_key
from tests.builders.openings import TUESDAY, rows_in
from tests.builders.stewardship import rows_of_table
from tests.builders.subjects import MINE

HERS = ("water-a", MONTH, signal_id("w2"))
(HIS,) = MINE
ASKS: dict[str, Callable[..., Any]] = {
    "access": subject.access,
    "object": subject.object_,
    "correct": lambda run, names: subject.correct(run, names, "naam"),
    "erase": subject.erase,
}


def lines_of(run: Run, name: tuple[str, str, str]) -> list[str]:
    return sorted(
        row["name"]
        for row in rows_in(run, "processings")
        if row["data_subject_id"] == subject_id(*name) and row["ground"] == "subject"
    )


@pytest.mark.parametrize("ask", ASKS)
def test_a_refused_request_is_of_nobody(home: Municipality, ask: str) -> None:
    """By the number of their case it is refused: neither of the two used a right, by the log and by a letter."""
    with home.run(TUESDAY) as run:
        (case,) = rows_in(run, "cases")
        with pytest.raises(Refused, match="SUBJECT_DIFFERS") as refused:
            ASKS[ask](run, subject.named(run, None, case["case_id"]))
        assert (["compare"], ["compare"]) == (lines_of(run, HIS), lines_of(run, HERS))
        text = Path(subject.access(run, {HERS}).paths["letter"]).read_text("utf-8")
    assert ("inzage" in refused.value.next_step, "--signal" in refused.value.next_step) == (False, True)
    assert "<td>inzage</td>" in text  # her own, and this one
    assert [] == [word for word in ("inzage (", "bezwaar</td>", "gevraagd</td>", "gewist</td>") if word in text]


@pytest.mark.parametrize("ask", ["access", "object", "erase"])
@pytest.mark.parametrize("moment", ["about_one_person", "answer"])
def test_a_request_that_was_killed_on_its_way_is_counted_once(
    home: Municipality, monkeypatch: pytest.MonkeyPatch, ask: str, moment: str
) -> None:
    """Until it is answered the log says no more than that contacts were compared; answered anew, each once."""
    killed: list[int] = []
    place: Any = answer_subject if moment == "about_one_person" else answer_subject.subjects
    name = "about_one_person" if moment == "about_one_person" else "answer_request"
    real = getattr(place, name)

    def die_once(*arguments: Any) -> Any:
        if not killed:
            killed.append(1)
            raise KeyboardInterrupt
        return real(*arguments)

    with home.run(TUESDAY) as run:
        monkeypatch.setattr(place, name, die_once)
        with pytest.raises(KeyboardInterrupt):
            ASKS[ask](run, MINE)
        assert (["compare"], ["compare"]) == (lines_of(run, HIS), lines_of(run, HERS))
        serve(home.path, once=True, now=NOW)
        (request,) = rows_of_table(run, tables.subject_requests)
        assert ("done", [ask, "compare"], ["compare"]) == (
            request["state"],
            sorted(lines_of(run, HIS), key=lambda line: line == "compare"),
            lines_of(run, HERS),
        )


@pytest.mark.parametrize("others", [set(), {("energie-a", MONTH, signal_id("b"))}], ids=["one", "several"])
def test_a_correction_that_was_asked_is_in_the_log_and_in_the_letter(
    home: Municipality, others: set[tuple[str, str, str]]
) -> None:
    """One signal is not opened for it; of several the opener sees first that they are about one person."""
    with home.run(TUESDAY) as run:
        subject.correct(run, MINE | others, "naam")
        opened = [row["counts"] for row in rows_in(run, "journal") if row["ground"] == "subject" and row["counts"]]
        assert ([{"signals": 2}, {"contacts": 2}] if others else []) == opened
        for name in MINE | others:
            assert ["compare", "correct"][not others :] == lines_of(run, name)
        assert [] == lines_of(run, HERS)
        his, hers = (Path(subject.access(run, {one}).paths["letter"]).read_text("utf-8") for one in (HIS, HERS))
    assert (True, False) == tuple("<td>verbetering gevraagd</td>" in text for text in (his, hers))


def test_of_what_does_not_open_nobody_used_a_right(home: Municipality) -> None:
    """Named beside a signal of him, and nobody can tell whose it is: no line says that its person asked."""
    changed = with_key(home, "signing-water-a-1", revoked_on=str(TUESDAY))
    with changed.run(TUESDAY) as run:
        subject.access(run, {HIS, HERS})
        assert (["access", "compare"], ["compare"]) == (lines_of(run, HIS), lines_of(run, HERS))
