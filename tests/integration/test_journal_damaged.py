"""A journal that was damaged rather than changed: lines before the first, tables gone, values of another kind."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.commands.journal_keeping.journal_sealing import retire_old_lines, seal_head
from pipeline.commands.main import make_app
from pipeline.commands.retire import retire
from pipeline.commands.status import status
from pipeline.commands.wiring import Run, open_run
from pipeline.store.journal_chain import head, lines_in_order, seals
from tests.builders.deliveries import Municipality
from tests.integration.test_journal_chain import TODAY, add_lines, behind_the_back, faults_of, with_lines

GONE = {
    "journal": ("DROP TABLE journal",),
    "seals": ("DROP TABLE journal_seals",),
    "column": ("ALTER TABLE journal RENAME COLUMN transaction_name TO name",),
}
OF_ANOTHER_KIND = {
    "bytes": "actor = CAST(actor AS BLOB)",
    "no-instant": "at = CAST(at AS BLOB)",
    "no-json": "counts = 'niets'",
    "no-counts": "counts = '[1]'",
    "half-a-character": """counts = '{"a": "\\ud800"}'""",
}
COMMANDS = (["journal", "list"], ["retire", "--date", "2026-11-03"], ["reveal"], ["backup", "--out", "media"])

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


def typed(place: Municipality, *words: str) -> Any:
    return CliRunner().invoke(make_app(), [*words, "--home", str(place.path)])


@pytest.mark.parametrize("statements", GONE.values(), ids=GONE)
def test_a_table_that_is_gone_is_a_breach_and_no_mistake_of_ours(
    municipality: Municipality, statements: tuple[str, ...]
) -> None:
    """`verify` ends with 1 and `status` warns; what would go on without it is refused, and says what to do."""
    with municipality.run() as run:
        behind_the_back(run, *statements)
        assert [("DATABASE_DAMAGED", None)] == faults_of(run)
        assert any("Het journaal is NIET te vertrouwen" in line for line in status(run).lines)
    verified = typed(municipality, "journal", "verify")
    assert (1, True) == (verified.exit_code, verified.stdout.startswith("HET JOURNAAL IS NIET HEEL"))
    for words in COMMANDS:
        done = typed(municipality, *words)
        if statements != GONE["seals"] or words[0] != "journal":
            assert (2, True) == (done.exit_code, "datalek" in done.output), (words, done.output)


@pytest.mark.parametrize("change", OF_ANOTHER_KIND.values(), ids=OF_ANOTHER_KIND)
def test_a_value_of_another_kind_is_a_line_that_was_changed(tmp_path: Path, change: str) -> None:
    """SQLite keeps any value in any column: the line is named, can be listed, and stops nobody."""
    place = with_lines(tmp_path)
    with place.run() as run:
        behind_the_back(run, f"UPDATE journal SET {change} WHERE seq = 4")
        assert [("JOURNAL_CHANGED", 4)] == faults_of(run)
    assert [0, 0] == [typed(place, "journal", "list", *more).exit_code for more in ([], ["--json"])]
    assert 0 == typed(place, "retire", "--date", "2026-11-03").exit_code


def test_a_text_that_is_none_is_said(tmp_path: Path) -> None:
    """SQLite itself cannot read it: nobody can say more than that something is wrong."""
    place = with_lines(tmp_path)
    with place.run() as run:
        behind_the_back(run, "UPDATE journal SET object = CAST(x'ff' AS TEXT) WHERE seq = 4")
        assert [("DATABASE_DAMAGED", None)] == faults_of(run)


def test_a_seal_of_another_kind_is_no_seal(tmp_path: Path) -> None:
    """It is told as broken, and holds up no day and no head."""
    place = with_lines(tmp_path)
    with place.run() as run:
        behind_the_back(run, "UPDATE journal_seals SET sealed_at = CAST(sealed_at AS BLOB)")
        assert [("JOURNAL_SEAL_BROKEN", 10)] == faults_of(run)
    assert 0 == typed(place, "retire", "--date", "2026-11-03").exit_code
