"""What a balance is drawn up from: every signal row with what it is now, every case, attempt and told outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from pipeline.store.connect import Store
from pipeline.store.tables import (
    attempts,
    case_signals,
    cases,
    deliveries,
    disclosures,
    feedback_sent,
    journal,
    results,
    signals,
)
from pipeline.vocabulary.case import LAPSED, MERGED, SHOWN_STATES, WITHDRAWN

REPLACED = "replaced"
TAKEN_BACK = "taken_back"
SINGLE = "single"
OTHER_PERSON = "other_person"
RETRACTED = "retracted"
"""In a case that a team saw and that was taken back since: the team was told."""
_HOLDS_NOTHING = (WITHDRAWN, MERGED, LAPSED)


def signal_rows(store: Store) -> dict[tuple[str, str, int, str], tuple[str, str]]:
    """Per row of a delivery (partner, month, sequence, signal): the delivery, and what the signal is now.

    What it is: REPLACED, TAKEN_BACK, SINGLE, OTHER_PERSON (the opener found that it is about somebody else),
    RETRACTED, or the state of its case.
    """
    held = {
        (row["partner_id"], row["month"], row["signal_id"]): (
            OTHER_PERSON if row["is_confirmed"] is False else what_is(row)
        )
        for row in store.all(
            sa.select(
                case_signals.c.partner_id,
                case_signals.c.month,
                case_signals.c.signal_id,
                case_signals.c.is_confirmed,
                cases.c.state,
                cases.c.mark,
            )
            .join(cases, cases.c.case_id == case_signals.c.case_id)
            .where(case_signals.c.is_active, cases.c.state.not_in(_HOLDS_NOTHING))
        )
    }
    names = ("partner_id", "month", "sequence", "signal_id", "delivery_id", "is_current", "is_retraction")
    found = {}
    for row in store.all(sa.select(*(signals.c[name] for name in names))):
        key = (str(row["partner_id"]), str(row["month"]), int(row["sequence"]), str(row["signal_id"]))
        if not row["is_current"]:
            what = REPLACED
        elif row["is_retraction"]:
            what = TAKEN_BACK
        else:
            what = held.get((key[0], key[1], key[3]), SINGLE)
        found[key] = (str(row["delivery_id"]), what)
    return found


def what_is(case: Mapping[str, Any]) -> str:
    """The state of a case, or RETRACTED when it runs on paper only."""
    return RETRACTED if case["mark"] is not None and case["state"] in SHOWN_STATES else str(case["state"])


def delivery_counts(store: Store) -> dict[str, dict[str, Any]]:
    """Per delivery that was decided on: state, row_count, admitted_count, refused_count; the last decision."""
    names = ("delivery_id", "state", "row_count", "admitted_count", "refused_count")
    statement = sa.select(*(deliveries.c[name] for name in names)).order_by(deliveries.c.decided_at)
    return {str(row["delivery_id"]): row for row in store.all(statement)}


def case_rows(store: Store) -> dict[str, dict[str, Any]]:
    """Every case with its result, and on how many days it was shown as new."""
    new = dict[str, set[str]]()
    for row in store.all(sa.select(disclosures.c.case_id, disclosures.c.worklist_on).where(disclosures.c.is_new)):
        new.setdefault(str(row["case_id"]), set()).add(str(row["worklist_on"]))
    statement = sa.select(cases, results.c.result).outerjoin(results, results.c.case_id == cases.c.case_id)
    return {
        str(row["case_id"]): {**row, "new_days": len(new.get(str(row["case_id"]), ()))}
        for row in store.all(statement)
    }


def attempt_cases(store: Store) -> dict[str, str]:
    """Per attempt the case that it was recorded for."""
    return {
        str(row["attempt_id"]): str(row["case_id"])
        for row in store.all(sa.select(attempts.c.attempt_id, attempts.c.case_id))
    }


def told_signals(store: Store) -> set[tuple[str, str, str]]:
    """Signals of which a partner heard something: partner, month, signal."""
    statement = sa.select(feedback_sent.c.partner_id, feedback_sent.c.month, feedback_sent.c.signal_id).distinct()
    return {(str(a["partner_id"]), str(a["month"]), str(a["signal_id"])) for a in store.all(statement)}


def opened_cases(store: Store) -> int:
    """How many cases the journal says were opened."""
    statement = (
        sa.select(sa.func.count().label("count")).select_from(journal).where(journal.c.action == "open_case")
    )
    return int(store.all(statement)[0]["count"])
