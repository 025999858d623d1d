"""What is said of a case in the terms of the national monitor: where it stands, how it was tried, what came of it.

One case has one value of each. A case that was withdrawn or merged has no standing: it is not counted. The same
for a case that nobody saw: it has no approach, and so on down to the result of who was reached.
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.case import (
    DOUBTFUL,
    EVIDENCE_REVIEWED,
    EXCLUDED,
    JOINED,
    LANE_CRISIS,
    LAPSED,
    OPENED,
    ROUTED,
    SEEN_STATES,
    WITHHELD,
)

SHOWN, JOINS, WAITING, DOUBT, NOT_SHOWN = "getoond", "aangesloten", "wacht", "twijfel", "niet getoond"
EXPIRED = "vervallen"
WITH_OTHERS, CRISIS_ALONE, ALONE = "met andere partner", "alleen crisis", "enkelvoudig"
APPROACHED, NOT_APPROACHED = "benaderd", "niet benaderd"
REACHED, NOT_REACHED = "bereikt", "niet bereikt"
ACCEPTED, NOT_ACCEPTED = "hulp aanvaard", "geen hulp of loopt nog"
ACCEPTED_RESULTS = (
    "(Budget)advies en/of quick fix",
    "Vervolghulp en/of verwijzing",
    "Vervolghulp en/of verwijzing financieel",
    "Vervolghulp en/of verwijzing niet financieel",
)
CONTACT_MIXES = ("met huisbezoek", "met telefoon, zonder huisbezoek", "alleen schriftelijk of anders")
ATTEMPT_GROUPS = ("1", "2", "3 of meer")
DAY_GROUPS = ("0-7 dagen", "8-28 dagen", "29 dagen of meer")
UNKNOWN = "onbekend"


def case_attributes() -> dict[str, pl.Expr]:
    """Column → expression over a row of cases with its attempts and result."""
    is_shown = pl.col("state").is_in(SEEN_STATES)
    is_tried = is_shown & (pl.col("attempt_count") > 0)
    return {
        "standing": _standing(),
        "confirmation": pl.when(is_shown).then(
            pl.when(pl.col("evidence") == EVIDENCE_REVIEWED)
            .then(pl.lit("beoordeeld"))
            .when(pl.col("is_likely"))
            .then(pl.lit("waarschijnlijk"))
            .otherwise(pl.lit("zeker"))
        ),
        "approach": pl.when(is_tried).then(pl.lit(APPROACHED)).when(is_shown).then(pl.lit(NOT_APPROACHED)),
        "reach": pl.when(is_tried).then(
            pl.when(pl.col("is_reached")).then(pl.lit(REACHED)).otherwise(pl.lit(NOT_REACHED))
        ),
        "contact_mix": pl.when(is_tried).then(_contact_mix()),
        "attempt_group": pl.when(is_tried).then(
            pl.when(pl.col("attempt_count") >= 3)
            .then(pl.lit(ATTEMPT_GROUPS[2]))
            .otherwise(pl.col("attempt_count").cast(pl.String))
        ),
        "first_part_of_day": pl.when(is_tried).then(pl.col("first_part_of_day").fill_null(UNKNOWN)),
        "days_to_contact": pl.when(is_tried).then(
            (pl.col("first_attempt_on") - pl.col("first_signal_on")).dt.total_days().clip(lower_bound=0)
        ),
        "days_to_result": pl.when(is_shown).then(
            (pl.col("result_on") - pl.col("first_signal_on")).dt.total_days().clip(lower_bound=0)
        ),
        "contact_group": pl.when(is_tried).then(_contact_group()),
        "acceptance": pl.when(is_tried & pl.col("is_reached")).then(_acceptance()),
    }


def _standing() -> pl.Expr:
    state = pl.col("state")
    return (
        pl.when(state.is_in(SEEN_STATES))
        .then(pl.lit(SHOWN))
        .when(state.is_in((OPENED, ROUTED)))
        .then(pl.lit(WAITING))
        .when(state == JOINED)
        .then(pl.lit(JOINS))
        .when(state == DOUBTFUL)
        .then(pl.lit(DOUBT))
        .when(state.is_in((WITHHELD, EXCLUDED)))
        .then(pl.lit(NOT_SHOWN))
        .when(state == LAPSED)
        .then(pl.lit(EXPIRED))
    )


def signal_position() -> pl.Expr:
    """Whether a signal stands alone, over a row with its case's `own_state`, `lane` and `is_held`.

    A case that waits for the opener counts until the opener says otherwise; one that is doubted, withheld or left
    to lapse shows no match.
    """
    is_matched = pl.col("is_held") & pl.col("own_state").is_in((*SEEN_STATES, JOINED, OPENED, ROUTED))
    return (
        pl.when(is_matched & (pl.col("lane") == LANE_CRISIS))
        .then(pl.lit(CRISIS_ALONE))
        .when(is_matched)
        .then(pl.lit(WITH_OTHERS))
        .otherwise(pl.lit(ALONE))
    )


def _contact_mix() -> pl.Expr:
    types = pl.col("contact_types")
    return (
        pl.when(types.list.contains("Huisbezoek"))
        .then(pl.lit(CONTACT_MIXES[0]))
        .when(types.list.contains("Telefoon"))
        .then(pl.lit(CONTACT_MIXES[1]))
        .otherwise(pl.lit(CONTACT_MIXES[2]))
    )


def _contact_group() -> pl.Expr:
    days = (pl.col("first_attempt_on") - pl.col("first_signal_on")).dt.total_days()
    return (
        pl.when(days <= 7)
        .then(pl.lit(DAY_GROUPS[0]))
        .when(days <= 28)
        .then(pl.lit(DAY_GROUPS[1]))
        .otherwise(pl.lit(DAY_GROUPS[2]))
    )


def _acceptance() -> pl.Expr:
    is_accepted = pl.col("result").is_in(ACCEPTED_RESULTS).fill_null(value=False)
    return pl.when(is_accepted).then(pl.lit(ACCEPTED)).otherwise(pl.lit(NOT_ACCEPTED))
