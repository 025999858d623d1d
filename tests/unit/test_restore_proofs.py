"""What a restore that was signed for explains, and on which line of the journal its proof hangs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.commands.journal_keeping.restore_proofs import (
    ACTION,
    FILE,
    ProvenRestore,
    prove_restore,
    proven_restores,
)
from pipeline.commands.wiring import Run
from pipeline.store.journal_chain import lines_of
from pipeline.vocabulary.faults import Refused
from tests.builders.stewardship import make_stewarded, put_line

BEFORE, THEN, AFTER = "2026-11-02T06:00:00Z", "2026-11-03T06:00:00Z", "2026-11-04T06:00:00Z"
PROOF = ProvenRestore(journal_seq=5, restore_seq=7, restore_hash="of the restore", restored_at=THEN)


@pytest.mark.parametrize(
    ("seq", "known_at", "expected"),
    [
        (4, BEFORE, False),
        (5, BEFORE, False),
        (6, BEFORE, True),
        (99, BEFORE, True),
        (6, THEN, True),
        (7, THEN, True),
        (8, THEN, False),
        (6, AFTER, False),
        (99, AFTER, False),
    ],
)
def test_a_restore_explains_lines_after_its_backup_that_were_known_before_it(
    seq: int, known_at: str, expected: bool
) -> None:
    """What the backup holds must be there, and what was written after the restore too."""
    assert expected == PROOF.explains(seq, known_at)


@pytest.mark.parametrize("known_at", [BEFORE, THEN, AFTER])
@pytest.mark.parametrize(
    ("restores", "seq", "expected"),
    [
        ((), 6, True),
        (("of another",), 6, True),
        (("of the restore",), 6, False),
        (("of another", "of the restore"), 99, False),
        ((), 5, False),
    ],
)
def test_which_restores_were_known_goes_before_any_clock(
    restores: tuple[str, ...], seq: int, expected: bool, known_at: str
) -> None:
    """A head that knew of the restore was kept after it, whatever the clock of the machine said."""
    assert expected == PROOF.explains(seq, known_at, restores)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with make_stewarded(tmp_path).run() as opened:
        yield opened


def made_backup(run: Run, name: str) -> Path:
    path = run.home.path / name
    path.write_bytes(b"as sealed")
    return path


def tell(run: Run, name: str, journal_seq: int, at: str, action: str = ACTION) -> None:
    """A line that says that a backup of this name, with lines up to this one, was put back."""
    line = {"actor": "test", "result": "done", "transaction_name": "test"}
    put_line(run, **line, at=at, action=action, object=name, counts={"journal_seq": journal_seq})


def test_a_proof_hangs_on_the_newest_line_of_its_own_backup(run: Run) -> None:
    """Not on one of another backup, nor on one of another state under the same name, though these are newer."""
    file = made_backup(run, "ours")
    for name, journal_seq, at in (
        ("ours", 5, BEFORE),
        ("ours", 5, THEN),
        ("theirs", 5, AFTER),
        ("ours", 6, AFTER),
    ):
        tell(run, name, journal_seq, at)
    tell(run, "ours", 5, AFTER, "back_up")
    prove_restore(run, file, 5)
    line = lines_of(run.store, ACTION)[1]
    assert [ProvenRestore(5, line["seq"], line["line_hash"], THEN)] == proven_restores(run)
    (document,) = json.loads((run.home.path / FILE).read_text())["restores"]
    assert hashlib.sha256(b"as sealed").hexdigest() == document["backup_sha256"]


@pytest.mark.parametrize(("name", "journal_seq"), [("theirs", 5), ("ours", 6)])
def test_without_a_line_of_this_very_backup_nothing_is_signed(run: Run, name: str, journal_seq: int) -> None:
    """A name or a state alone does not say that it was put back."""
    tell(run, name, journal_seq, THEN)
    with pytest.raises(Refused, match="NOT_FOUND"):
        prove_restore(run, made_backup(run, "ours"), 5)
    assert not (run.home.path / FILE).exists()


def test_each_restore_keeps_its_proof(run: Run) -> None:
    """A second one that is signed for takes nothing away from the first."""
    for name, at in (("first", BEFORE), ("second", THEN)):
        tell(run, name, 5, at)
        prove_restore(run, made_backup(run, name), 5)
    assert [BEFORE, THEN] == [proof.restored_at for proof in proven_restores(run)]


def test_a_proof_of_a_line_that_is_not_there_any_more_explains_nothing(run: Run) -> None:
    """The file goes along in a backup of before: what it tells of must stand in this journal, as it was signed."""
    tell(run, "ours", 5, THEN)
    prove_restore(run, made_backup(run, "ours"), 5)
    kept = (run.home.path / FILE).read_bytes()
    with make_stewarded(run.home.path.parent / "other").run() as other:
        (other.home.path / FILE).write_bytes(kept)
        assert [] == proven_restores(other)
        tell(other, "theirs", 5, THEN)
        assert [] == proven_restores(other)
