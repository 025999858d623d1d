"""Whether a case may be opened now, judged on the stored rows before anything is opened.

`rule`: routed to a team and the rule is met at this moment. `running`: shown before and not closed, as the
opener's own proofs say; without one the rule must be met. `withdrawal`: shown before and taken back by the
partners. A crisis signal alone is enough only where the agreement says so. Withdrawn and merged cases are never
opened.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.revealed.disclose_case import StoredSignal
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.case import (
    GROUND_RULE,
    GROUND_RUNNING,
    GROUND_WITHDRAWAL,
    LANE_CRISIS,
    MARK_RETRACTED,
    ROUTED,
    SHOWN_STATES,
)


def ground_for(state: str, mark: str | None, *, has_joined: bool = False) -> str | None:
    """The ground on which a case in this state may be opened for a worklist, if there is one.

    What was taken back goes on as long as a later month that joined it is in force.
    """
    if state == ROUTED:
        return GROUND_RULE
    if state in SHOWN_STATES:
        return GROUND_WITHDRAWAL if mark == MARK_RETRACTED and not has_joined else GROUND_RUNNING
    return None


def rule_of_lane(rule: Rule, lane: str) -> Rule:
    """The rule that a case must meet: in the crisis lane one partner with a crisis signal is enough."""
    return Rule(1, 0, rule.late_months, rule.match_on) if lane == LANE_CRISIS else rule


def holds_ground(
    ground: str,
    *,
    state: str,
    mark: str | None,
    lane: str,
    rule: Rule,
    signals: Sequence[StoredSignal],
    has_joined: bool = False,
    is_proven: bool = False,
    reveals_crisis: bool = False,
) -> bool:
    """Whether a case may be opened on this ground now.

    Args:
        ground: what the request says.
        state: the case's state now.
        mark: `retracted` or None.
        lane: matched or crisis.
        rule: the rule of its lane.
        signals: the rows that count for it now.
        has_joined: whether a later month joined it.
        is_proven: whether the opener confirmed some of it before; without that a running case must meet the rule.
        reveals_crisis: whether the agreement says that a crisis signal alone is shown.
    """
    if ground != ground_for(state, mark, has_joined=has_joined):
        return False
    if ground == GROUND_WITHDRAWAL or (ground == GROUND_RUNNING and is_proven):
        return True
    if lane == LANE_CRISIS and not (reveals_crisis and any(signal.is_crisis for signal in signals)):
        return False
    reporting = {signal.partner_id for signal in signals if signal.arrears_months >= rule.min_months}
    return len(reporting) >= rule.min_partners
