"""What the opener confirmed before, by proofs of its own: the store may say so, and is not believed.

Beside each confirmed signal stands a proof under the case key that binds the signal to the case it is shown with.
A running case goes on for the signals that are proven; somebody who can write to the store can neither put another
person in it, nor let a case of which nothing was confirmed go on as if a team had seen it.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.vault.continuity import confirmation
from pipeline.vault.keyring import KeyFile

Row = Mapping[str, Any]
UNPROVEN = "CONFIRMATION_WRONG"


def proof_for(case_id: str, row: Row, case_keys: Sequence[KeyFile]) -> bytes | None:
    """The proof to keep with a signal that is confirmed for a case, under the newest key; None without any key.

    Args:
        case_id: the case that the signal is shown with; for a case that joined another, that other one.
        row: partner_id, month and signal_id.
        case_keys: of the opener, oldest first.
    """
    return _made(case_id, row, case_keys[-1]) if case_keys else None


def believed(case_id: str, rows: Iterable[Row], case_keys: Sequence[KeyFile]) -> list[dict[str, Any]]:
    """The rows, where nothing is confirmed any more that the opener did not confirm itself.

    Args:
        case_id: the case that they are shown with.
        rows: partner_id, month, signal_id, is_confirmed and confirmation, as the store has them.
        case_keys: of the opener; a proof under any of them counts.
    """
    return [
        {
            **row,
            "is_confirmed": None
            if row["is_confirmed"] and not _is_proven(case_id, row, case_keys)
            else row["is_confirmed"],
        }
        for row in rows
    ]


def _is_proven(case_id: str, row: Row, case_keys: Iterable[KeyFile]) -> bool:
    kept = bytes(row["confirmation"] or b"")
    return any(hmac.compare_digest(_made(case_id, row, key), kept) for key in case_keys)


def _made(case_id: str, row: Row, key: KeyFile) -> bytes:
    return confirmation(
        key.secret.value, case_id, (str(row["partner_id"]), str(row["month"]), str(row["signal_id"]))
    )
