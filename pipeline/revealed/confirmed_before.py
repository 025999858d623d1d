"""What the opener confirmed before, by proofs of its own: the store may say so, and is not believed.

Beside each confirmed signal stands a proof under the case key that binds the signal to the case it is shown with.
A running case goes on for the signals that are proven; somebody who can write to the store can neither put another
person in it, nor let a case of which nothing was confirmed go on as if a team had seen it. A second proof binds it
to the person: when a partner corrects whose its client number is, that one was never confirmed, and is not shown.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.revealed.compare_fields import Identity
from pipeline.revealed.disclose_case import CaseAnswer
from pipeline.vault.continuity import confirmation, confirmed_person
from pipeline.vault.keyring import KeyFile

Row = Mapping[str, Any]
UNPROVEN = "CONFIRMATION_WRONG"


def compared(
    answer: CaseAnswer, rows: Iterable[Row], shown_with: str, case_keys: Sequence[KeyFile]
) -> Iterator[dict[str, Any]]:
    """Which of the case's signals are about whom was confirmed, with the proofs of it under the newest key.

    Only a verdict on those that count now. What was confirmed before and cannot be read for want of a key is
    judged anew when the key is back.

    Args:
        answer: what the case came to.
        rows: its signals, as the store has them.
        shown_with: the case that they are shown with; for a case that joined another, that other one.
        case_keys: of the opener, oldest first; without any there are no proofs.
    """
    for row in rows:
        key = (row["partner_id"], row["signal_id"])
        if row["is_active"] and row["is_current"] and not (row["is_confirmed"] and key in answer.unread):
            identity = answer.identities.get(_signal(row))  # a client of two months may be another in one of them
            newest = case_keys[-1] if identity is not None and case_keys else None
            yield {
                "case_id": row["case_id"],
                "partner_id": row["partner_id"],
                "signal_id": row["signal_id"],
                "is_confirmed": identity is not None,
                "confirmation": _made(shown_with, row, newest) if newest else None,
                "confirmed_person": _made_of(shown_with, row, identity, newest) if newest and identity else None,
            }


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


def is_same_person(case_id: str, row: Row, identity: Identity, case_keys: Iterable[KeyFile]) -> bool:
    """Whether a signal that was confirmed for a case is still about the one who was confirmed in it.

    Args:
        case_id: the case that it is shown with.
        row: partner_id, month, signal_id and confirmed_person, as the store has them.
        identity: in its contact now.
        case_keys: of the opener.
    """
    kept = bytes(row["confirmed_person"] or b"")
    return any(hmac.compare_digest(_made_of(case_id, row, identity, key), kept) for key in case_keys)


def _is_proven(case_id: str, row: Row, case_keys: Iterable[KeyFile]) -> bool:
    kept = bytes(row["confirmation"] or b"")
    return any(hmac.compare_digest(_made(case_id, row, key), kept) for key in case_keys)


def _made(case_id: str, row: Row, key: KeyFile) -> bytes:
    return confirmation(key.secret.value, case_id, _signal(row))


def _made_of(case_id: str, row: Row, identity: Identity, key: KeyFile) -> bytes:
    return confirmed_person(key.secret.value, case_id, _signal(row), _person(identity))


def _signal(row: Row) -> tuple[str, str, str]:
    return str(row["partner_id"]), str(row["month"]), str(row["signal_id"])


def _person(identity: Identity) -> tuple[str, ...]:
    """Name, first initial and birth date; who has none is known by the address, as long as that is the same."""
    name = ("|".join(sorted(identity.surnames)), identity.initials[:1])
    if any(identity.birth):
        return *name, "-".join(str(part) for part in identity.birth)
    return *name, identity.postcode, identity.number, identity.addition
