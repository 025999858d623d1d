"""Row-level tables for analysts, made of what the store knows: no name, no token, no id that can be followed.

Signals and cases get numbers that are drawn anew for every snapshot, so two snapshots cannot be joined on them;
rows stand in the order of these numbers, so that their place tells nothing either. Days to the day, place to the
wijk. What was recorded for a case that has merged counts for the case that it merged into.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipeline.analytics.case_attributes import ALONE, case_attributes, signal_position
from pipeline.analytics.context_tables import SnapshotFacts, context_tables
from pipeline.vocabulary.case import MARK_RETRACTED, SHOWN_STATES
from pipeline.vocabulary.outcome import PARTS_OF_DAY, PERSONAL_CONTACT_TYPES
from pipeline.vocabulary.signal_outcome import (
    NOT_TAKEN_UP_YET,
    SIGNAL_KEY,
    is_of_its_case,
    living_cases,
    signal_outcomes,
)

_SIGNAL = list(SIGNAL_KEY)


def work_tables(sources: Mapping[str, pl.DataFrame], facts: SnapshotFacts) -> dict[str, pl.DataFrame]:
    """The tables of schema `work` by name, columns as described.

    Args:
        sources: frames by name as `store.reports.analytics_sources` gives them.
        facts: what the snapshot says of itself and of the municipality.
    """
    cases = sources["cases"]
    case_no = _drawn(cases.select("case_id"), "case_no", facts.seed)
    signal_no = _drawn(sources["signals"].select(_SIGNAL), "signal_no", facts.seed)
    delivery_no = (
        sources["deliveries"].select("delivery_id", "manifest_hash").with_row_index("delivery_no", offset=1)
    )
    living = living_cases(cases)
    attempts = _of_living(sources["attempts"], living)
    results = _of_living(sources["results"], living).sort("recorded_at").unique("case_id", keep="last")
    # A day without a result is the day on which a case was opened again, which ends nothing.
    results = results.with_columns(pl.when(pl.col("result").is_not_null()).then("result_on").alias("result_on"))
    member = sources["case_signals"].join(case_no, on="case_id")
    return {
        **context_tables(facts),
        "signals": _signals(sources, case_no, results, signal_no, facts),
        "cases": _cases(sources, case_no, attempts, results).sort("case_no"),
        "evidence": member.join(signal_no, on=_SIGNAL)
        .with_columns(_partner_type(facts))
        .sort("case_no", "signal_no"),
        "worklist_items": _items(sources).join(case_no, on="case_id").sort("worklist_on", "case_no"),
        "worklist_counts": _worklist_counts(sources, facts),
        "attempts": _drawn(attempts.select("attempt_id"), "attempt_no", facts.seed)
        .join(attempts, on="attempt_id")
        .join(case_no, on="case_id")
        .with_columns(_day("attempted_on"))
        .sort("attempt_no"),
        "results": results.filter(pl.col("result").is_not_null())
        .join(case_no, on="case_id")
        .with_columns(_day("result_on"))
        .sort("case_no"),
        "feedback": sources["feedback"]
        .join(signal_no, on=_SIGNAL, how="left")
        .with_columns(_partner_type(facts), _day("sent_on"))
        .sort("sent_on", "partner_id", "signal_no", nulls_last=True),
        "reviews": sources["reviews"]
        .join(case_no, on="case_id", how="left")
        .with_columns(pl.col("decided_at").str.head(10).str.to_date().alias("decided_on"))
        .sort("decided_on", "case_no", nulls_last=True),
        "deliveries": sources["deliveries"]
        .join(delivery_no, on=["delivery_id", "manifest_hash"])
        .with_columns(_partner_type(facts), pl.col("received_at").str.head(10).str.to_date().alias("received_on"))
        .sort("delivery_no"),
        "refusals": sources["refusals"]
        .join(delivery_no, on=["delivery_id", "manifest_hash"])
        .rename({"column": "column_name"})
        .sort("delivery_no", "fault_code", "column_name", nulls_last=True),
        "team_days": sources["team_days"].with_columns(_day("worklist_on")).sort("worklist_on", "team_id"),
        "retention_runs": sources["retirements"]
        .with_columns(_day("retired_on"), _day("due_before"))
        .sort("retired_on", "data_class"),
    }


def _drawn(keys: pl.DataFrame, name: str, seed: int) -> pl.DataFrame:
    """The keys with a number from 1 in an order of chance."""
    return keys.sort(keys.columns).sample(fraction=1, shuffle=True, seed=seed).with_row_index(name, offset=1)


def _day(name: str) -> pl.Expr:
    return pl.col(name).str.head(10).str.to_date()


def _of_living(rows: pl.DataFrame, living: pl.DataFrame) -> pl.DataFrame:
    return rows.join(living, on="case_id").drop("case_id").rename({"living_id": "case_id"})


def _signals(
    sources: Mapping[str, pl.DataFrame],
    case_no: pl.DataFrame,
    results: pl.DataFrame,
    signal_no: pl.DataFrame,
    facts: SnapshotFacts,
) -> pl.DataFrame:
    outcomes = signal_outcomes(sources["case_signals"], sources["cases"], results.select("case_id", "result"))
    in_case = (
        outcomes.join(case_no, on="case_id")
        .join(sources["cases"].select("case_id", "lane"), on="case_id")
        .with_columns(pl.col("mark").ne_missing(pl.lit(MARK_RETRACTED)).alias("is_held"))
        .select(
            *_SIGNAL,
            "status",
            signal_position().alias("position"),
            pl.when("is_held").then(pl.col("case_no")).alias("case_no"),
        )
    )
    return (
        sources["signals"]
        .join(signal_no, on=_SIGNAL)
        .join(in_case, on=_SIGNAL, how="left")
        .with_columns(
            _partner_type(facts),
            pl.col("status").fill_null(NOT_TAKEN_UP_YET),
            pl.col("position").fill_null(ALONE),
            _day("admitted_on"),
        )
        .sort("signal_no")
    )


def _cases(
    sources: Mapping[str, pl.DataFrame], case_no: pl.DataFrame, attempts: pl.DataFrame, results: pl.DataFrame
) -> pl.DataFrame:
    cases = sources["cases"]
    merged = case_no.select(pl.col("case_id").alias("merged_into"), pl.col("case_no").alias("merged_into_case_no"))
    repeated = case_no.select(pl.col("case_id").alias("joined_to"), pl.col("case_no").alias("repeats_case_no"))
    counted = (
        sources["case_signals"]
        .join(cases.select("case_id", "state"), on="case_id")
        .filter(is_of_its_case("state"))
        .join(sources["signals"].select(*_SIGNAL, "admitted_on"), on=_SIGNAL, how="left")
        .group_by("case_id")
        .agg(pl.len().alias("signal_count"), pl.col("admitted_on").min().alias("first_signal_on"))
    )
    days = ("opened_on", "first_signal_on", "first_revealed_on", "due_on", "first_attempt_on", "result_on")
    return (
        cases.join(case_no, on="case_id")
        .join(merged, on="merged_into", how="left")
        .join(repeated, on="joined_to", how="left")
        .join(counted, on="case_id", how="left")
        .join(_tried(attempts), on="case_id", how="left")
        .join(results.drop("recorded_at"), on="case_id", how="left")
        .with_columns(
            pl.col("signal_count", "attempt_count").fill_null(0),
            pl.col("is_reached").fill_null(value=False),
            pl.col("mark").eq_missing(MARK_RETRACTED).alias("is_retracted"),
            *(_day(name) for name in days),
            is_contact_due=pl.col("state").is_in(list(SHOWN_STATES))
            & pl.col("mark").ne_missing(MARK_RETRACTED)
            & (pl.col("last_contact_on") >= pl.col("term_from_on").fill_null("")).not_().fill_null(value=True),
        )
        .with_columns(
            pl.coalesce(pl.min_horizontal("first_signal_on", "opened_on"), "opened_on").alias("first_signal_on")
        )
        .with_columns(**case_attributes())
    )


def _tried(attempts: pl.DataFrame) -> pl.DataFrame:
    is_contact = pl.col("is_reached") | pl.col("contact_type").is_in(PERSONAL_CONTACT_TYPES)
    # Of a day only its parts are known: what stands first in the rows is no order.
    part = pl.col("part_of_day").replace_strict(
        {name: place for place, name in enumerate(PARTS_OF_DAY)}, default=len(PARTS_OF_DAY), return_dtype=pl.Int64
    )
    return (
        attempts.sort("attempted_on", part)
        .group_by("case_id", maintain_order=True)
        .agg(
            pl.len().alias("attempt_count"),
            pl.col("attempted_on").first().alias("first_attempt_on"),
            pl.col("part_of_day").first().alias("first_part_of_day"),
            pl.col("is_reached").any(),
            pl.col("attempted_on").filter(is_contact).max().alias("last_contact_on"),
            pl.col("contact_type").unique().alias("contact_types"),
        )
    )


def _items(sources: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """A case counts once per day, however often that day's lists were made anew."""
    return (
        sources["disclosures"]
        .group_by("case_id", "worklist_on", "team_id")
        .agg(pl.col("ground").first(), pl.col("is_new").any())
        .with_columns(_day("worklist_on"))
    )


def _worklist_counts(sources: Mapping[str, pl.DataFrame], facts: SnapshotFacts) -> pl.DataFrame:
    shown = _items(sources).group_by("case_id", "worklist_on").agg(pl.col("is_new").any())
    types = sources["case_signals"].with_columns(_partner_type(facts)).select("case_id", "partner_type").unique()
    return (
        shown.join(sources["cases"].select("case_id", "month", "wijkcode"), on="case_id")
        .join(types, on="case_id")
        .group_by("worklist_on", "month", "wijkcode", "partner_type")
        .agg(pl.len().alias("case_count"), pl.col("is_new").sum().alias("new_case_count"))
        .sort("worklist_on", "month", "wijkcode", "partner_type", nulls_last=True)
    )


def _partner_type(facts: SnapshotFacts) -> pl.Expr:
    return (
        pl.col("partner_id")
        .replace_strict(facts.partner_types, default=None, return_dtype=pl.String)
        .alias("partner_type")
    )
