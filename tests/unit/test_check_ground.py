"""When the opener may open a case: on which ground, and what the rule still asks of the stored rows."""

from __future__ import annotations

import pytest

from pipeline.revealed.check_ground import holds_ground, rule_of_lane
from pipeline.revealed.disclose_case import StoredSignal
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.case import (
    CLOSED,
    GROUND_RULE,
    GROUND_RUNNING,
    GROUND_WITHDRAWAL,
    IN_PROGRESS,
    LANE_CRISIS,
    LANE_MATCHED,
    MARK_RETRACTED,
    MERGED,
    REVEALED,
    ROUTED,
    WITHDRAWN,
)


def signal(partner_id: str, months: int, *, is_crisis: bool = False) -> StoredSignal:
    return StoredSignal(
        partner_id=partner_id,
        month="2026-10",
        sequence=1,
        signal_id=f"signal-{partner_id}",
        sealed_contact=b"",
        wijkcode="WK990101",
        postcode4=None,
        arrears_months=months,
        arrears_band="0-499",
        is_crisis=is_crisis,
        opening_key_id="opening-2026-10-1",
        signing_key_id=f"signing-{partner_id}-1",
        agreement_id="vroegsignalering-9901",
    )


@pytest.mark.parametrize(
    ("lane", "is_crisis", "reveals_crisis", "expected"),
    [
        (LANE_CRISIS, True, True, True),
        (LANE_CRISIS, False, True, False),
        (LANE_CRISIS, True, False, False),
        (LANE_MATCHED, True, True, False),
    ],
)
def test_one_partner_is_enough_with_a_crisis_signal_alone(
    lane: str, is_crisis: bool, reveals_crisis: bool, expected: bool
) -> None:
    """The signal says crisis, the case stands in its lane, and the agreement shows such signals: all three."""
    assert expected == holds_ground(
        GROUND_RULE,
        state=ROUTED,
        mark=None,
        lane=lane,
        rule=rule_of_lane(Rule(), lane),
        signals=[signal("energie-a", 3, is_crisis=is_crisis)],
        reveals_crisis=reveals_crisis,
    )


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ((("huur-a", 2), ("energie-a", 2)), True),
        ((("huur-a", 2), ("energie-a", 1)), False),
        ((("huur-a", 9), ("huur-a", 9)), False),
        ((), False),
    ],
)
@pytest.mark.parametrize(("ground", "state"), [(GROUND_RULE, ROUTED), (GROUND_RUNNING, REVEALED)])
def test_nothing_is_opened_before_enough_partners_report_enough_months(
    ground: str, state: str, reports: tuple[tuple[str, int], ...], expected: bool
) -> None:
    """Two contracts at one partner are one. Who calls a case running, and cannot prove it, meets the rule."""
    assert expected == holds_ground(
        ground,
        state=state,
        mark=None,
        lane=LANE_MATCHED,
        rule=Rule(min_partners=2, min_months=2),
        signals=[signal(partner_id, months) for partner_id, months in reports],
    )


@pytest.mark.parametrize(
    ("ground", "state", "mark", "has_joined", "expected"),
    [
        (GROUND_RUNNING, REVEALED, None, False, True),
        (GROUND_RUNNING, IN_PROGRESS, None, False, True),
        (GROUND_RUNNING, ROUTED, None, False, False),
        (GROUND_RULE, REVEALED, None, False, False),
        (GROUND_RUNNING, CLOSED, None, False, False),
        (GROUND_RUNNING, WITHDRAWN, None, False, False),
        (GROUND_RULE, MERGED, None, False, False),
        (GROUND_RUNNING, REVEALED, MARK_RETRACTED, False, False),
        (GROUND_RUNNING, REVEALED, MARK_RETRACTED, True, True),
        (GROUND_WITHDRAWAL, REVEALED, MARK_RETRACTED, False, True),
        (GROUND_WITHDRAWAL, REVEALED, MARK_RETRACTED, True, False),
        (GROUND_WITHDRAWAL, REVEALED, None, False, False),
        (GROUND_WITHDRAWAL, ROUTED, MARK_RETRACTED, False, False),
    ],
)
def test_ground_is_that_of_the_state_and_no_other(
    ground: str, state: str, mark: str | None, has_joined: bool, expected: bool
) -> None:
    """Whatever a request says: withdrawn, merged and closed cases are not opened, though the rule is met."""
    assert expected == holds_ground(
        ground,
        state=state,
        mark=mark,
        lane=LANE_MATCHED,
        rule=Rule(),
        signals=[signal("huur-a", 3), signal("energie-a", 3)],
        has_joined=has_joined,
        is_proven=True,
    )
