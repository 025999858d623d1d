"""A journal that was not so much changed as damaged: lines before the first, tables gone, values of another kind."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.commands.journal_keeping.journal_sealing import retire_old_lines, seal_head
from pipeline.commands.retire import retire
from pipeline.commands.wiring import Run, open_run
from pipeline.store.journal_chain import head, lines_in_order, seals
from tests.builders.deliveries import Municipality
from tests.integration.test_journal_chain import TODAY, add_lines, behind_the_back, faults_of, with_lines

COPIED = "actor, action, object, ground, result, counts, transaction_name, 'x', 'y' FROM journal WHERE seq = 1"


@pytest.fixture
def municipality(tmp_path: Path, database: str) -> Municipality:
    """A home with ten lines and a seal on the last."""
    return with_lines(tmp_path)


def put_before_the_first(run: Run, at: str = "2026-11-03T06:00:00Z") -> None:
    """Lines 0 and -7, with hashes of nothing."""
    behind_the_back(run, *(f"INSERT INTO journal SELECT {seq}, '{at}', {COPIED}" for seq in (0, -7)))


def test_a_line_before_the_first_is_named_and_nothing_is_retired_for_it(municipality: Municipality) -> None:
    """`verify` says which it is, every night again: it stays as evidence, and the opener seals no checkpoint."""
    expected = [("JOURNAL_CHANGED", -7), ("JOURNAL_CHANGED", 0)]
    with municipality.run() as run:
        put_before_the_first(run)
        assert expected == faults_of(run)
        retire(run)
    with open_run(municipality.path, TODAY, "opener", datetime(2026, 11, 4, tzinfo=UTC)) as run:
        retire_old_lines(run)
        assert seal_head(run)
        assert expected == faults_of(run)
        assert ([-7, 0, 1], False) == (
            [line["seq"] for line in lines_in_order(run.store)][:3],
            any(seal["is_checkpoint"] for seal in seals(run.store)),
        )


@pytest.mark.parametrize("at", ["2001-01-01T06:00:00Z", "2040-01-01T06:00:00Z"])
def test_a_line_before_the_first_outlives_those_whose_term_ended(municipality: Municipality, at: str) -> None:
    """However old it says it is: true lines go behind their checkpoint, it stays, and the chain goes on."""
    with municipality.run() as run:
        put_before_the_first(run, at)
    with open_run(municipality.path, date(2032, 1, 15), "opener", datetime(2032, 1, 15, tzinfo=UTC)) as run:
        retire_old_lines(run)
        add_lines(run, 11, 12, at="2032-01-15T06:00:00Z")
        assert seal_head(run)
        assert [-7, 0, 11] == [line["seq"] for line in lines_in_order(run.store)][:3]
        assert [("JOURNAL_CHANGED", -7), ("JOURNAL_CHANGED", 0)] == faults_of(run)
        assert head(run.store)["seq"] == seals(run.store)[-1]["seq"]
