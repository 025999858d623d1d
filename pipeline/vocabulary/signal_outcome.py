"""What came of a signal: one rule for feedback to partners, the analysts' database and the statistics office.

A signal shares the outcome of the case it is in. A case that joined another shares that one's outcome, except a
repeat, of which nothing new was done. What the opener found to be about somebody else is not of the case.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from pipeline.vocabulary.case import (
    CLOSED,
    DOUBTFUL,
    EXCLUDED,
    IN_PROGRESS,
    JOINED,
    JOINED_REPEAT,
    MARK_RETRACTED,
    MERGED,
    OPENED,
    ROUTED,
    SEEN_STATES,
    WITHHELD,
)
from pipeline.vocabulary.outcome import SIGNAL_STATUSES

SIGNAL_KEY = ("partner_id", "month", "signal_id")
NOT_TAKEN_UP_YET, TAKEN_UP = SIGNAL_STATUSES[:2]
REPEATED = "Niet opgepakt: herhaalde melding"
_STANDS = (*SEEN_STATES, JOINED, ROUTED, OPENED, DOUBTFUL, WITHHELD, EXCLUDED)
_MOST_STEPS = 8


def status_of(state: str | None, reason_code: str | None, result: str | None) -> str:
    """The status of a signal in the terms of DDAS.

    Args:
        state: of the case that goes on; None for a signal in no case.
        reason_code: why the signal's own case joined that one, if it did.
        result: the end result of the case that goes on.
    """
    if reason_code == JOINED_REPEAT:
        return REPEATED
    if state == CLOSED:
        return result if result in SIGNAL_STATUSES else TAKEN_UP
    return TAKEN_UP if state == IN_PROGRESS else NOT_TAKEN_UP_YET


def living_cases(cases: pl.DataFrame, *, follow_joins: bool = False) -> pl.DataFrame:
    """Per case the case that it lives on in: itself, or at the end of its merges (and joins); case_id, living_id.

    Args:
        cases: case_id, state, merged_into, joined_to.
        follow_joins: a case that joined another lives on in that one.
    """
    merged = pl.when(pl.col("state") == MERGED).then(pl.col("merged_into"))
    moved = merged.when(pl.col("state") == JOINED).then(pl.col("joined_to")) if follow_joins else merged
    step = cases.select(pl.col("case_id").alias("living_id"), moved.alias("next_id")).filter(
        pl.col("next_id").is_not_null()
    )
    found = cases.select("case_id", pl.col("case_id").alias("living_id"))
    for _ in range(_MOST_STEPS if step.height else 0):
        found = found.join(step, on="living_id", how="left").select(
            "case_id", pl.coalesce("next_id", "living_id").alias("living_id")
        )
    return found


def is_of_its_case(state: str) -> pl.Expr:
    """Whether a signal counts for the case that it is in: what the opener refused does not.

    Of a case that a team saw, or that joined one, only what the opener confirmed counts: what came in afterwards
    may be about somebody else, whom nobody spoke to.

    Args:
        state: the column with the state of the case; `is_confirmed` stands beside it.
    """
    is_seen = pl.col(state).is_in([*SEEN_STATES, JOINED])
    return (
        pl.when(is_seen)
        .then(pl.col("is_confirmed").eq_missing(other=True))
        .otherwise(pl.col("is_confirmed").ne_missing(other=False))
    )


def signal_outcomes(members: pl.DataFrame, cases: pl.DataFrame, results: pl.DataFrame) -> pl.DataFrame:
    """One row per signal that is in a case, with the outcome that it shares and its status.

    Args:
        members: SIGNAL_KEY, case_id, is_confirmed, of the signals that are in a case now.
        cases: case_id, state, mark, reason_code, merged_into, joined_to.
        results: case_id, result and whatever goes with it; one row per case.

    Returns:
        SIGNAL_KEY, case_id, own_state, mark, state (of the case that goes on), reason_code, status, and the
        columns of `results`. Of several cases the one that stands firmest counts.
    """
    own = cases.select(
        "case_id",
        pl.col("state").alias("own_state"),
        "mark",
        pl.when(pl.col("state") == JOINED).then(pl.col("reason_code")).alias("reason_code"),
    )
    going_on = living_cases(cases, follow_joins=True).join(
        cases.select(pl.col("case_id").alias("living_id"), "state"), on="living_id", how="left"
    )
    rank = pl.col("own_state").replace_strict(
        {state: place for place, state in enumerate(_STANDS)}, default=len(_STANDS), return_dtype=pl.Int64
    )
    found = (
        members.join(own, on="case_id")
        .filter(is_of_its_case("own_state"))
        .join(going_on, on="case_id")
        .join(results.rename({"case_id": "living_id"}), on="living_id", how="left")
        .sort(pl.col("mark").eq_missing(pl.lit(MARK_RETRACTED)), rank, "case_id")
        .unique(SIGNAL_KEY, keep="first", maintain_order=True)
    )
    return found.join(_statuses(found), on=["state", "reason_code", "result"], how="left", nulls_equal=True).drop(
        "living_id"
    )


def _statuses(found: pl.DataFrame) -> pl.DataFrame:
    """The status of every combination that occurs: rows of people are not walked one by one."""
    columns = ("state", "reason_code", "result")
    rows: list[dict[str, Any]] = found.select(columns).unique().to_dicts()
    schema = {name: pl.String() for name in (*columns, "status")}
    return pl.DataFrame([{**row, "status": status_of(**row)} for row in rows], schema=schema)
