"""What a row says of contact attempts, weighed against what was said of them before.

Of what is said of one attempt the newest sheet stands, whichever came in first: a visit that is said again, or
otherwise, on a newer list is not taken back by an older one. What an older sheet says otherwise is left aside and
told. Within one sheet, and where no version is given, what came in last stands; a withdrawal stands until a newer
sheet says the attempt again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pipeline.stewardship.read_follow_up import SHEET_ATTEMPT, Attempt, FollowUp
from pipeline.stewardship.weigh_result import version_key

Known = tuple[str, Attempt]
"""The case that an attempt was recorded for, and the attempt as it stands."""


@dataclass(slots=True)
class WeighedAttempts:
    """What stands of each attempt of a row once it was taken; `told` are codes of what was left aside."""

    stand: dict[str, Known] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    @property
    def counting(self) -> tuple[Attempt, ...]:
        """Those that count. Only they put a case in progress, give a result its day or bar an appointment."""
        return tuple(attempt for _, attempt in self.stand.values() if not attempt.is_withdrawn)

    @property
    def has_mistakes(self) -> bool:
        """Whether one of them was written down by mistake."""
        return len(self.counting) < len(self.stand)


def weigh_attempts(row: FollowUp, case_id: str, known: Callable[[str], Known | None]) -> WeighedAttempts:
    """What stands of the attempts that a row names.

    Args:
        row: whatever it takes back is known.
        case_id: the case that new attempts are recorded for.
        known: an attempt by its id, as it stood before the row.
    """
    weighed = WeighedAttempts()

    def before(attempt_id: str) -> Known | None:
        return weighed.stand.get(attempt_id) or known(attempt_id)

    for attempt in row.attempts:
        said = replace(attempt, sheet_version=row.sheet_version)
        spoken = before(attempt.attempt_id)
        if spoken is None:
            weighed.stand[attempt.attempt_id] = (case_id, said)
        else:
            _keep(weighed, spoken[0], _said_again(said, spoken[1]))
    for attempt_id in row.withdrawn:
        spoken = before(attempt_id)
        assert spoken is not None, "an unknown attempt refuses its row"
        _keep(weighed, spoken[0], _taken_back(row.sheet_version, spoken[1]))
    return weighed


def _keep(weighed: WeighedAttempts, case_id: str, decided: tuple[Attempt, str | None]) -> None:
    attempt, code = decided
    weighed.stand[attempt.attempt_id] = (case_id, attempt)
    if code is not None:
        weighed.told.append(code)


def _said_again(said: Attempt, known: Attempt) -> tuple[Attempt, str | None]:
    """What stands of a known attempt that is said once more, and the code of what is left aside."""
    said_in, spoken_in = version_key(said.sheet_version), version_key(known.sheet_version)
    if said_in > spoken_in:
        return said, None
    if known.is_withdrawn:
        return known, "ATTEMPT_WITHDRAWN"
    said = replace(said, sheet_version=known.sheet_version)
    if said_in and said_in < spoken_in:
        is_same = replace(said, attempted_by=known.attempted_by) == known
        return known, None if is_same else "ATTEMPT_OVERRULED"
    # The id of a sheet's attempt is made of what it says: a colleague's copy says no more than who went.
    return known if said.attempt_id.startswith(SHEET_ATTEMPT) else said, None


def _taken_back(sheet_version: str | None, known: Attempt) -> tuple[Attempt, str | None]:
    """What stands of an attempt that a sheet calls a mistake, and the code of what is left aside."""
    said_in = version_key(sheet_version)
    if said_in and said_in < version_key(known.sheet_version):
        return known, None if known.is_withdrawn else "ATTEMPT_OVERRULED"
    return replace(known, is_withdrawn=True, sheet_version=sheet_version or known.sheet_version), None
