"""Row-level tables for analysts, made of what the store knows: no name, no token, no id that can be followed.

Signals and cases get numbers that are drawn anew for every snapshot, so two snapshots cannot be joined on them;
rows stand in the order of these numbers, so that their place tells nothing either. Days to the day, place to the
wijk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipeline.vocabulary.case import CLOSED, IN_PROGRESS, MARK_RETRACTED
from pipeline.vocabulary.outcome import SIGNAL_STATUSES

NOT_TAKEN_UP_YET, TAKEN_UP = SIGNAL_STATUSES[:2]
_SIGNAL = ["partner_id", "month", "signal_id"]


@dataclass(frozen=True, slots=True)
class SnapshotFacts:
    """What a snapshot says of itself. `seed` draws its numbers and is told to nobody."""

    published_at: str
    published_on: str
    gemeentecode: str
    municipality: str
    agreement_version: int
    partner_types: Mapping[str, str]
    seed: int


def work_tables(sources: Mapping[str, pl.DataFrame], facts: SnapshotFacts) -> dict[str, pl.DataFrame]:
    """The tables of schema `work` by name, columns as described.

    Args:
        sources: signals, cases, case_signals (active ones), disclosures, attempts, results, deliveries, refusals.
        facts: what the snapshot says of itself.
    """
    case_no = _drawn(sources["cases"].select("case_id"), "case_no", facts.seed)
    cases = _cases(sources, case_no)
    delivery_no = (
        sources["deliveries"].select("delivery_id", "manifest_hash").with_row_index("delivery_no", offset=1)
    )
    return {
        "snapshot": _snapshot(facts),
        "signals": _signals(sources, case_no, facts),
        "cases": cases.sort("case_no"),
        "worklist_counts": _worklist_counts(sources, facts),
        "deliveries": sources["deliveries"]
        .join(delivery_no, on=["delivery_id", "manifest_hash"])
        .with_columns(_partner_type(facts), pl.col("received_at").str.head(10).str.to_date().alias("received_on"))
        .sort("delivery_no"),
        "refusals": sources["refusals"]
        .join(delivery_no, on=["delivery_id", "manifest_hash"])
        .rename({"column": "column_name"})
        .sort("delivery_no", "fault_code", "column_name", nulls_last=True),
    }


def _drawn(keys: pl.DataFrame, name: str, seed: int) -> pl.DataFrame:
    """The keys with a number from 1 in an order of chance."""
    return keys.sort(keys.columns).sample(fraction=1, shuffle=True, seed=seed).with_row_index(name, offset=1)


def _snapshot(facts: SnapshotFacts) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "published_at": [facts.published_at],
            "published_on": [facts.published_on],
            "gemeentecode": [facts.gemeentecode],
            "municipality": [facts.municipality],
            "agreement_version": [facts.agreement_version],
        }
    ).with_columns(
        pl.col("published_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ"), pl.col("published_on").str.to_date()
    )


def _signals(sources: Mapping[str, pl.DataFrame], case_no: pl.DataFrame, facts: SnapshotFacts) -> pl.DataFrame:
    in_case = (
        sources["case_signals"]
        .join(sources["cases"].select("case_id", "state", "mark"), on="case_id")
        .filter(pl.col("mark").ne_missing(MARK_RETRACTED))
        .join(sources["results"].select("case_id", "result"), on="case_id", how="left")
        .join(case_no, on="case_id")
        .select(*_SIGNAL, "case_no", "state", "result")
        .unique(_SIGNAL, keep="first")
    )
    signal_no = _drawn(sources["signals"].select(_SIGNAL), "signal_no", facts.seed)
    return (
        sources["signals"]
        .join(signal_no, on=_SIGNAL)
        .join(in_case, on=_SIGNAL, how="left")
        .with_columns(
            _partner_type(facts),
            _status().alias("status"),
            pl.col("admitted_at").str.head(10).str.to_date().alias("admitted_on"),
        )
        .sort("signal_no")
    )


def _status() -> pl.Expr:
    """The signal's status in the terms of DDAS, from the state and end result of its case."""
    told = pl.when(pl.col("result").is_in(SIGNAL_STATUSES)).then("result").otherwise(pl.lit(TAKEN_UP))
    return (
        pl.when(pl.col("state") == CLOSED)
        .then(told)
        .when(pl.col("state") == IN_PROGRESS)
        .then(pl.lit(TAKEN_UP))
        .otherwise(pl.lit(NOT_TAKEN_UP_YET))
    )


def _cases(sources: Mapping[str, pl.DataFrame], case_no: pl.DataFrame) -> pl.DataFrame:
    merged = case_no.select(pl.col("case_id").alias("merged_into"), pl.col("case_no").alias("merged_into_case_no"))
    counted = sources["case_signals"].group_by("case_id").agg(pl.len().alias("signal_count"))
    tried = (
        sources["attempts"]
        .group_by("case_id")
        .agg(
            pl.len().alias("attempt_count"),
            pl.col("attempted_on").min().alias("first_attempt_on"),
            pl.col("is_reached").any(),
        )
    )
    days = ("opened_on", "first_revealed_on", "due_on", "first_attempt_on", "result_on")
    return (
        sources["cases"]
        .join(case_no, on="case_id")
        .join(merged, on="merged_into", how="left")
        .join(counted, on="case_id", how="left")
        .join(tried, on="case_id", how="left")
        .join(sources["results"], on="case_id", how="left")
        .with_columns(
            pl.col("signal_count", "attempt_count").fill_null(0),
            pl.col("is_reached").fill_null(value=False),
            pl.col("mark").eq_missing(MARK_RETRACTED).alias("is_retracted"),
            pl.col(days).str.to_date(),
        )
    )


def _worklist_counts(sources: Mapping[str, pl.DataFrame], facts: SnapshotFacts) -> pl.DataFrame:
    """A case counts once per day, month, wijk and partner type, however often that day's lists were made anew."""
    shown = sources["disclosures"].group_by("case_id", "worklist_on").agg(pl.col("is_new").any())
    types = sources["case_signals"].with_columns(_partner_type(facts)).select("case_id", "partner_type").unique()
    return (
        shown.join(sources["cases"].select("case_id", "month", "wijkcode"), on="case_id")
        .join(types, on="case_id")
        .group_by("worklist_on", "month", "wijkcode", "partner_type")
        .agg(pl.len().alias("case_count"), pl.col("is_new").sum().alias("new_case_count"))
        .with_columns(pl.col("worklist_on").str.to_date())
        .sort("worklist_on", "month", "wijkcode", "partner_type", nulls_last=True)
    )


def _partner_type(facts: SnapshotFacts) -> pl.Expr:
    return (
        pl.col("partner_id")
        .replace_strict(facts.partner_types, default=None, return_dtype=pl.String)
        .alias("partner_type")
    )
