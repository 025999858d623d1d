"""Of what the opener opened no trace can be cut: it is sealed before the contact opens, and after the answer."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.analytics.periods import parse_period
from pipeline.commands import export, subject
from pipeline.commands.ddas_inputs import SETTINGS_FILE
from pipeline.commands.journal_keeping.journal_sealing import export_head
from pipeline.commands.journal_keeping.kept_head import read_head
from pipeline.commands.opener import serve
from pipeline.commands.wiring import SCHEMAS, Run
from pipeline.revealed.disclose_case import ContactDesk
from pipeline.store.journal_chain import head, lines_of, seals
from tests.builders.deliveries import NOW, Municipality
from tests.builders.openings import TUESDAY, keep, reveal_here, rows_in
from tests.builders.stewardship import write_journal_key
from tests.builders.subjects import MINE, PAIR, let_opener_answer, make_reported
from tests.integration.test_journal_chain import behind_the_back, faults_of

WEDNESDAY = date(2026, 11, 4)


@pytest.fixture
def place(tmp_path: Path, database: str) -> Municipality:
    """A case on a worklist, and an opener that seals."""
    made = make_reported(tmp_path)
    write_journal_key(made)
    shutil.copyfile(SCHEMAS / "ddas" / "settings.example.json", made.home.path / SETTINGS_FILE)
    return made


def order(run: Run) -> None:
    keep(run, PAIR)
    reveal_here(run)


def request(run: Run) -> None:
    subject.access(run, MINE)


def statistics(run: Run) -> None:
    export._file_order(run, parse_period("2026-10"), "1.2")
    serve(run.home.path, once=True, now=NOW)


@pytest.mark.parametrize("ask", [order, request, statistics])
def test_the_line_of_an_opening_is_sealed_before_the_contact_opens(
    place: Municipality, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Run], None]
) -> None:
    """At the first opening the newest seal, and the head that the opener remembers, are on that very line."""
    seen: list[tuple[int, int, int]] = []
    really = ContactDesk.open

    def look_and_open(desk: ContactDesk, row: Any) -> Any:
        kept = read_head(run.home)
        assert kept is not None
        told = lines_of(run.store, "open_contacts")[-1]["seq"]
        seen.append((told, kept.seq, seals(run.store)[-1]["seq"]))
        return really(desk, row)

    let_opener_answer(monkeypatch)
    with place.run(WEDNESDAY) as run:
        serve(place.path, once=True, now=NOW)
        before = head(run.store)["seq"]
        monkeypatch.setattr(ContactDesk, "open", look_and_open)
        ask(run)
    told, kept, sealed = seen[0]
    assert (told, told) == (kept, sealed)
    assert told > before


def test_no_line_of_a_request_can_be_cut_once_it_was_answered(place: Municipality) -> None:
    """The opener as a service seals after a request too: cut with the request and its processings, it is found."""
    stop = threading.Event()
    service = threading.Thread(
        target=serve, args=(place.path,), kwargs={"is_service": True, "stop": stop, "now": NOW}
    )
    with place.run(TUESDAY) as run:
        serve(place.path, once=True, now=NOW)
        former = seals(run.store)[-1]["seq"]
        elsewhere = Path(shutil.copy(export_head(run, TUESDAY), place.path.parent / "kluis.json"))
        service.start()
        try:
            while not rows_in(run, "opener_heartbeats"):
                time.sleep(0.01)
            subject.access(run, MINE)
        finally:
            stop.set()
            service.join()
        assert seals(run.store)[-1]["seq"] == head(run.store)["seq"] > former
        behind_the_back(
            run,
            f"DELETE FROM journal WHERE seq > {former}",
            f"DELETE FROM journal_seals WHERE seq > {former}",
            "DELETE FROM processings WHERE name = 'access'",
            "DELETE FROM subject_requests",
        )
        assert [("JOURNAL_TRUNCATED", former + 1)] == faults_of(run, elsewhere)


def test_what_others_wrote_meanwhile_is_sealed_with_the_next_request(
    place: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines of a command that ran while nobody was served stand under the seal of the opener's next round."""
    let_opener_answer(monkeypatch)
    with place.run(TUESDAY) as run:
        subject.correct(run, MINE, "naam")
        subject.access(run, MINE)
        corrected = lines_of(run.store, "correct_subject")[-1]["seq"]
        assert corrected < seals(run.store)[-1]["seq"] == head(run.store)["seq"]
        assert [] == faults_of(run)
