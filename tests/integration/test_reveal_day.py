"""`samenloop day`: all steps in order, one refusal does not stop the others."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.commands import day as day_command
from pipeline.commands.console import Outcome
from pipeline.commands.day import STEPS, day
from pipeline.commands.reveal import reveal
from pipeline.commands.wiring import Run, open_run
from pipeline.vocabulary.faults import Refused, RowFault
from tests.builders.deliveries import Municipality
from tests.builders.openings import TUESDAY, keep, make_municipality_with_opener, report, worklist

PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]
OTHER_STEPS = tuple(name for name in STEPS if name != "reveal")


@pytest.fixture
def place(tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


@pytest.fixture
def run(place: Municipality) -> Iterator[Run]:
    with open_run(place.path, TUESDAY) as opened:
        yield opened


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[Run], Outcome]], None]:
    """Put another function in the place of a step."""

    def replace(name: str, step: Callable[[Run], Outcome]) -> None:
        module = ModuleType(name)
        setattr(module, name, step)
        monkeypatch.setitem(sys.modules, f"pipeline.commands.{name}", module)

    return replace


def test_day_runs_every_step_in_order(
    place: Municipality, run: Run, stand_in: Callable[[str, Callable[[Run], Outcome]], None]
) -> None:
    """Reveal between match and publish; the worklists' paths stand in the outcome."""
    ran: list[str] = []
    for name in OTHER_STEPS:
        stand_in(name, lambda _run, name=name: ran.append(name) or Outcome(name, {"done": 1}))
    keep(run, PAIR)
    outcome = day(run)
    assert list(OTHER_STEPS) == ran
    assert {f"{name}_done": 1 for name in OTHER_STEPS}.items() <= outcome.counts.items()
    assert (1, 0) == (outcome.counts["reveal_new"], outcome.exit_code)
    assert Path(outcome.paths["worklist noord"]).is_file()
    assert 1 == len(worklist(place)["cases"])


def test_what_came_back_counts_before_the_lists_are_made(
    place: Municipality, run: Run, stand_in: Callable[[str, Callable[[Run], Outcome]], None]
) -> None:
    """A case that a team closed is not on the list of the day on which its sheet lay in the inbox."""
    for name in ("admit", "match", "publish", "report", "retire"):
        stand_in(name, lambda _run, name=name: Outcome(name))
    keep(run, PAIR)
    day(run)
    (case,) = worklist(place)["cases"]
    said = {"case_id": case["case_id"], "result": "Inwoner is overleden", "result_on": TUESDAY.isoformat()}
    (place.home.inbox_follow_up / "werklijst.jsonl").write_text(json.dumps(said) + "\n")
    wednesday = TUESDAY + timedelta(days=1)
    with open_run(place.path, wednesday) as next_run:
        outcome = day(next_run)
    assert (1, []) == (outcome.counts["settle_cases_closed"], worklist(place, on=wednesday)["cases"])


def test_day_says_that_nobody_got_the_cases(
    place: Municipality, run: Run, stand_in: Callable[[str, Callable[[Run], Outcome]], None]
) -> None:
    """A case that no team serves is told among the lines, with what to do; empty lists are not a quiet day."""
    for name in OTHER_STEPS:
        stand_in(name, lambda _run, name=name: Outcome(name, {}))
    keep(run, PAIR)
    only = {"team_id": "zuid", "name": "Wijkteam Zuid", "wijken": ["WK990102"]}
    place.home.teams_file.write_text(json.dumps({"format": "samenloop/teams/1", "teams": [only]}))
    with open_run(place.path, TUESDAY) as opened:
        outcome = day(opened)
    assert (0, 1) == (outcome.counts["reveal_new"], outcome.counts["reveal_without_team"])
    line = "Let op: 1 zaak heeft geen wijkteam en staat op geen lijst. Vul teams.json aan; zie samenloop status."
    assert f"  {line}" in outcome.lines


def test_a_folder_without_rights_does_not_stop_the_day(
    place: Municipality, run: Run, stand_in: Callable[[str, Callable[[Run], Outcome]], None]
) -> None:
    """The step says which place it was; what the others did is told, and the lists are made."""

    def forbidden(_run: Run) -> Outcome:
        raise PermissionError(errno.EACCES, "closed", str(place.home.inbox_follow_up / "noord"))

    for name in OTHER_STEPS:
        stand_in(name, forbidden if name == "settle" else lambda _run, name=name: Outcome(name))
    keep(run, PAIR)
    outcome = day(run)
    assert [RowFault("NO_PERMISSION", "inbox/follow_up")] == outcome.refused
    assert (1, 1) == (outcome.counts["reveal_new"], outcome.exit_code)
    assert any(line.startswith("  NO_PERMISSION. ") for line in outcome.lines)


def test_refusals_do_not_stop_the_day(
    place: Municipality, run: Run, stand_in: Callable[[str, Callable[[Run], Outcome]], None]
) -> None:
    """A step that refuses all, and one that refuses a row: the lists are made, and exit is 1."""

    def refuse(_run: Run) -> Outcome:
        raise Refused("KEY_MISSING", hint="(admission)")

    stand_in("admit", refuse)
    stand_in("match", lambda _run: Outcome("match", refused=[RowFault("VALUE_INVALID", "x", 3)]))
    for name in ("settle", "publish", "report", "retire"):
        stand_in(name, lambda _run, name=name: Outcome(name))
    keep(run, PAIR)
    outcome = day(run)
    assert ["KEY_MISSING", "VALUE_INVALID"] == [fault.code for fault in outcome.refused]
    assert 1 == outcome.exit_code
    assert 1 == len(worklist(place)["cases"])
    assert "  KEY_MISSING." == outcome.lines[outcome.lines.index("Toelaten") + 1][:14]


def test_no_opener_is_started_on_a_day_of_rest(
    place: Municipality,
    stand_in: Callable[[str, Callable[[Run], Outcome]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where nothing is revealed, nobody reads the keys."""
    for name in OTHER_STEPS:
        stand_in(name, lambda _run, name=name: Outcome(name))
    monkeypatch.setattr(day_command, "start_child", lambda _home: pytest.fail("a child was started"))
    with open_run(place.path, TUESDAY.replace(day=1)) as sunday:
        outcome = day(sunday)
    assert 0 == outcome.counts["reveal_worklists"]


def test_theme_of_the_municipality_is_on_the_page_and_a_wrong_one_is_told(place: Municipality, run: Run) -> None:
    """theme.css of the home colours the page; a wrong one is refused, and the lists are made."""
    place.home.theme_file.write_text(":root { --samenloop-brand: #7a0000; }")
    keep(run, PAIR)
    outcome = reveal(run)
    page = Path(outcome.paths["worklist noord"])
    assert (0, True) == (outcome.exit_code, ":root{--samenloop-brand:#7a0000}" in page.read_text())
    place.home.theme_file.write_text(":root { --samenloop-brand: url(//example.org); }")
    assert [RowFault("THEME_INVALID", "--samenloop-brand")] == reveal(run).refused
