"""A row of the opener's own list goes when its last day has passed; what the municipality put there stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.at_the_opener import exclusion_lists
from pipeline.commands.at_the_opener.exclusion_lists import ADDED_FILE, add_exclusion
from pipeline.commands.opener import serve
from pipeline.commands.retire import retire
from pipeline.commands.wiring import Run
from tests.builders.deliveries import Municipality
from tests.builders.openings import TUESDAY, make_municipality_with_opener, rows_in

BERG = {"achternaam": "Berg", "voorletters": "J", "geboortedatum": "1950-05-31", "reden": "bezwaar"}
JANSEN = {"achternaam": "Jansen", "voorletters": "K", "geboortedatum": "1990-03-04", "reden": "bezwaar"}
LAST_DAY = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
"""Half past eleven in the evening, here."""
DAY_AFTER = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    made = make_municipality_with_opener(tmp_path)
    add_exclusion(made.home.opener_lists_dir, {**BERG, "tot": "2026-11-20"})
    return made


@pytest.fixture
def run(place: Municipality) -> Iterator[Run]:
    with place.run(TUESDAY) as opened:
        yield opened


def said(run: Run) -> list[tuple[str, dict[str, int]]]:
    return [(row["actor"], row["counts"]) for row in rows_in(run, "journal") if row["object"] == "objections"]


def listed(place: Municipality) -> str:
    path = place.home.opener_lists_dir / ADDED_FILE
    return path.read_text("utf-8") if path.exists() else ""


def test_a_row_goes_after_its_last_day_and_no_other(place: Municipality, run: Run) -> None:
    """It holds through its last day; who objected for ever stays; the journal tells how many, and no name."""
    lists = place.home.opener_lists_dir
    own = "achternaam;geboortedatum;reden;tot\nBerg;1950-05-31;bezwaar;2026-11-20\n"
    (lists / "schuldhulp.csv").write_text(own, "utf-8")
    add_exclusion(lists, JANSEN)
    serve(place.path, once=True, now=LAST_DAY)
    assert ("Berg" in listed(place), []) == (True, said(run))
    for _ in range(2):
        serve(place.path, once=True, now=DAY_AFTER)
    assert (False, True) == ("Berg" in listed(place), "Jansen" in listed(place))
    assert [("opener", {"deleted": 1})] == said(run)
    assert own == (lists / "schuldhulp.csv").read_text("utf-8")
    assert 0o600 == (lists / ADDED_FILE).stat().st_mode & 0o777


def test_the_last_row_takes_the_list_with_it(place: Municipality, run: Run) -> None:
    """Nothing of whoever objected is left in the folder."""
    serve(place.path, once=True, now=DAY_AFTER)
    assert ([], 1) == (list(place.home.opener_lists_dir.iterdir()), len(said(run)))


def test_an_opener_that_was_killed_says_it_once(
    place: Municipality, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the list was written: it is whole; the next one takes the row out without a second line."""

    def die(*_args: Any) -> None:
        raise KeyboardInterrupt

    add_exclusion(place.home.opener_lists_dir, JANSEN)
    whole = listed(place)
    with monkeypatch.context() as patch:
        patch.setattr(exclusion_lists, "_write", die)
        with pytest.raises(KeyboardInterrupt):
            serve(place.path, once=True, now=DAY_AFTER)
    assert (whole, 1) == (listed(place), len(said(run)))
    serve(place.path, once=True, now=DAY_AFTER)
    assert (False, 1) == ("Berg" in listed(place), len(said(run)))


def test_a_list_that_nobody_understands_is_left_as_it_is(place: Municipality, run: Run) -> None:
    """It stops the next worklist; the opener itself goes on, for a letter must be possible."""
    path = place.home.opener_lists_dir / ADDED_FILE
    path.write_text('achternaam;reden\n"Berg;bezwaar\n', "utf-8")
    serve(place.path, once=True, now=DAY_AFTER)
    assert ("Berg" in listed(place), []) == (True, said(run))


def test_the_destruction_report_says_where_objections_stand(run: Run) -> None:
    """It cannot count a list that the opener alone reads, and says so with who takes rows out."""
    text = Path(retire(run).paths["report"]).with_suffix(".txt").read_text("utf-8")
    assert "toegevoegd.csv" in text.partition("Wat dit verslag niet bewijst:")[2]
