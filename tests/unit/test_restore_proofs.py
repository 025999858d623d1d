"""What a restore that was signed for explains: the loss of what was known before it, and nothing else."""

from __future__ import annotations

import pytest

from pipeline.commands.journal_keeping.restore_proofs import ProvenRestore

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
