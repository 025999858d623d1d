"""When the opener may open a case by a crisis signal alone."""

from __future__ import annotations

import pytest

from pipeline.revealed.check_ground import holds_ground, rule_of_lane
from pipeline.revealed.disclose_case import StoredSignal
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.case import GROUND_RULE, LANE_CRISIS, LANE_MATCHED, ROUTED


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
