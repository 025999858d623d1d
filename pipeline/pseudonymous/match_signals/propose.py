"""Signals of one month in, sets that meet the rule out.

Only signals with enough months take part. Signals of one person hang together by person evidence, of which the
weakest never joins two persons who each meet the rule without it, nor by way of a third; where the agreement also
matches on household, sets of one household are joined by household evidence on top. A set is proposed when enough
different partners are in it: several contracts at one partner connect, and count once.

Where the agreement reveals crisis signals, one with too few months is added to the set that its person is in, and
makes a set of its own only for a person who is in none. The weakest evidence adds none: a house-mate's crisis must
not vanish in somebody else's case.
"""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

from pipeline.pseudonymous.match_signals.candidates import find_pairs, token_rows
from pipeline.pseudonymous.match_signals.components import components
from pipeline.pseudonymous.match_signals.evidence import MOST_SHARING, weigh_pairs
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.case import EVIDENCE_HOUSEHOLD, EVIDENCE_PERSON, LANE_CRISIS, LANE_MATCHED
from pipeline.vocabulary.frames import TOKEN_COLUMNS, TOKEN_KINDS

RULES = "matching/5"
"""Version of what counts as evidence. A new one makes open months be matched again."""

_KEY = ["partner_id", "signal_id"]
_CLEAR = ["wijkcode", "postcode4", "arrears_months", "arrears_band", "is_crisis"]
PROPOSED_SCHEMA: dict[str, pl.DataType] = {
    "set_number": pl.UInt32(),
    "lane": pl.String(),
    "evidence": pl.String(),
    "partner_id": pl.String(),
    "signal_id": pl.String(),
    "wijkcode": pl.String(),
    "postcode4": pl.String(),
    "arrears_months": pl.Int16(),
    "is_crisis": pl.Boolean(),
    "digest": pl.String(),
}
"""One row per set and signal, ordered by set and then by partner and signal; sets are numbered from 0 by their
first signal. `digest` changes when tokens or clear fields of the signal change, and tells nothing else."""


def match_month(signals: pl.DataFrame, rule: Rule, *, reveals_crisis: bool = False) -> pl.DataFrame:
    """Propose the sets of one month's effective signals that meet the rule.

    Args:
        signals: one row per signal: the columns of a delivery without its sealed contact, and `partner_id`.
        rule: the rule of the agreement that holds for the month.
        reveals_crisis: whether a person with a crisis signal is proposed without meeting the rule.

    Returns:
        A frame of PROPOSED_SCHEMA; the same for any order of the rows of `signals`.
    """
    has_household = "household" in rule.match_on
    kinds = tuple(TOKEN_KINDS)
    pairs = weigh_pairs(find_pairs(token_rows(signals, kinds), kinds, MOST_SHARING), signals)
    rows = signals.select("partner_id", "arrears_months", "is_crisis").with_row_index("row")
    taking_part = rows.filter(pl.col("arrears_months") >= rule.min_months)
    person = components(taking_part["row"], _one_person(pairs, taking_part, rows.height, rule), rows.height)
    household = components(taking_part["row"], pairs, rows.height) if has_household else person
    proposed = _matched(taking_part.with_columns(person.alias("person"), household.alias("set")), rule)
    if reveals_crisis:
        left_over = rows.filter("is_crisis").join(proposed, on="row", how="anti")
        added = _added(left_over, proposed, pairs.filter("joins_cases"), signals)
        proposed = pl.concat([proposed, added])
        left_over = left_over.join(added, on="row", how="anti")
        person = components(left_over["row"], pairs.filter("is_person"), rows.height)
        crisis = {"lane": pl.lit(LANE_CRISIS), "evidence": pl.lit(EVIDENCE_PERSON)}
        proposed = pl.concat([proposed, left_over.select("row", person.alias("set"), **crisis)])
    return _described(proposed, signals)


def _one_person(pairs: pl.DataFrame, taking_part: pl.DataFrame, count: int, rule: Rule) -> pl.DataFrame:
    """The pairs that join a person: not those that would join two who each are a case without them.

    Neither alone, nor with another pair of a third person, who is in no case and is left out of both.
    """
    groups = components(taking_part["row"], pairs.filter("joins_cases"), count)
    has_enough = pl.col("partner_id").n_unique().over("group") >= rule.min_partners
    met = taking_part.with_columns(group=groups).filter(has_enough)
    case_of = np.full(count, count, dtype=np.uint32)  # what is in no case is in the one that does not exist
    case_of[met["row"].to_numpy()] = met["group"].to_numpy()
    left, right = case_of[pairs["left"].to_numpy()], case_of[pairs["right"].to_numpy()]
    joins_two = (left != right) & (left < count) & (right < count)
    person_of = np.arange(count, dtype=np.uint32)
    person_of[taking_part["row"].to_numpy()] = groups.to_numpy()
    outside = person_of[np.where(left < count, pairs["right"], pairs["left"])]
    reaches = pairs.select(pl.col("is_person") & ~pl.col("joins_cases")).to_series().to_numpy()
    reaches &= (left < count) != (right < count)
    met_by = pl.DataFrame({"person": outside[reaches], "case": np.minimum(left, right)[reaches]})
    torn = met_by.group_by("person").agg(pl.col("case").n_unique()).filter(pl.col("case") > 1)["person"]
    left_out = pl.Series(joins_two | (reaches & np.isin(outside, torn.to_numpy())))
    return pairs.filter(pl.col("is_person") & (pl.col("joins_cases") | ~left_out))


def _matched(linked: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """The sets with enough partners, on the strongest evidence they have: `row`, `set`, `lane`, `evidence`."""
    if rule.min_partners > 1:
        linked = linked.filter(pl.col("set").is_duplicated())
    has_enough = pl.col("partner_id").n_unique() >= rule.min_partners
    persons = linked.group_by("set", "person").agg(by_person=has_enough)
    by_person = persons.group_by("set").agg(pl.col("by_person").any())
    met = linked.group_by("set").agg(is_met=has_enough).filter("is_met").join(by_person, on="set")
    evidence = pl.when("by_person").then(pl.lit(EVIDENCE_PERSON)).otherwise(pl.lit(EVIDENCE_HOUSEHOLD))
    return linked.join(met, on="set").select("row", "set", lane=pl.lit(LANE_MATCHED), evidence=evidence)


def _added(
    left_over: pl.DataFrame, proposed: pl.DataFrame, pairs: pl.DataFrame, signals: pl.DataFrame
) -> pl.DataFrame:
    """The rows left over of persons who are in a set, with that set; of several the first."""
    persons = left_over.select("row", person=components(left_over["row"], pairs, signals.height))
    ends = pl.concat([pairs.select("left", "right"), pairs.select(left="right", right="left")])
    met = ends.join(persons, left_on="left", right_on="row").join(proposed, left_on="right", right_on="row")
    first = met.with_columns(signals.select(_KEY)[met["right"]]).sort(_KEY).unique("person", keep="first")
    found = persons.join(first.select("person", "set", "lane", "evidence"), on="person")
    return found.select("row", "set", "lane", "evidence")


def _described(proposed: pl.DataFrame, signals: pl.DataFrame) -> pl.DataFrame:
    """Add what the signals say, and name the sets by their place: row numbers depend on the order of the rows."""
    described = pl.concat([proposed, signals[proposed["row"]]], how="horizontal")
    described = described.with_columns(_digests(described)).sort(_KEY)
    sets = described.select("lane", "set").unique(maintain_order=True).with_row_index("set_number")
    return (
        described.join(sets, on=["lane", "set"])
        .sort("set_number", *_KEY)
        .select(pl.col(name).cast(kind) for name, kind in PROPOSED_SCHEMA.items())
    )


def _digests(rows: pl.DataFrame) -> pl.Series:
    """A text per row that is equal for equal clear fields and tokens, in every version of every library."""
    texts = [pl.col(_CLEAR).cast(pl.String).fill_null("-"), pl.col(TOKEN_COLUMNS).bin.encode("hex").fill_null("-")]
    joined = rows.select(pl.concat_str(texts, separator="|")).to_series()
    return pl.Series("digest", [hashlib.sha256(text.encode()).hexdigest() for text in joined], dtype=pl.String)
