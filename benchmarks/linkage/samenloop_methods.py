"""Samenloop's own code on the benchmark's records: tokens alone, and tokens with the opener behind them.

Also the two baselines that need tokens and no rule: one token, and any of ten.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from benchmarks.linkage.scores import LEAST_PARTNERS, Score, score, with_households, with_proposals
from pipeline.identified.derive_tokens import derive_tokens
from pipeline.pseudonymous.match_signals import match_month
from pipeline.pseudonymous.match_signals.components import components
from pipeline.revealed.confirm_match import Confirmation, KnownSignal, confirm
from pipeline.revealed.disclose_case import identities_of
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.case import VERDICT_CONFIRMED, VERDICT_DOUBTFUL
from pipeline.vocabulary.identity.normalise import WRITTEN_COLUMNS

TOKEN_KEY = bytes(range(32))
YEAR = 2026
PERSON_RULE = Rule()
HOUSEHOLD_RULE = Rule(match_on=("person", "household"))
ONE_TOKEN = ("surname_key", "initial", "birth_key")
TEN_TOKENS = (
    ("initial", "birth_key", "postcode_key", "number_key"),
    ("surname_key", "birth_key", "postcode_key"),
    ("surname_key", "initial", "birth_key"),
    ("surname_key", "initial", "postcode_key", "number_key"),
    ("email_key", "initial"),
    ("phone_key", "initial"),
    ("email_key", "birth_key"),
    ("phone_key", "birth_key"),
    ("email_key", "phone_key"),
    ("surname_key", "birth_key", "number_key"),
)


def as_signals(records: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Signals as the store has them: tokens and the few clear fields."""
    clear = records.select(
        "partner_id",
        pl.int_range(pl.len()).cast(pl.String).str.zfill(8).alias("signal_id"),
        "arrears_months",
        wijkcode=pl.lit(None, pl.String),
        postcode4=pl.lit(None, pl.String),
        arrears_band=pl.lit(None, pl.String),
        is_crisis=pl.lit(value=False),
    )
    return pl.concat([clear, derive_tokens(keys, TOKEN_KEY)], how="horizontal")


def propose(signals: pl.DataFrame, rule: Rule = PERSON_RULE) -> pl.DataFrame:
    """`row`, `set` and `evidence` of the sets that tokens propose."""
    proposed = match_month(signals, rule)
    return proposed.select(
        pl.col("signal_id").cast(pl.Int64).cast(pl.UInt32).alias("row"), "evidence", set="set_number"
    )


def open_sets(
    records: pl.DataFrame, proposed: pl.DataFrame, rule: Rule = PERSON_RULE
) -> list[tuple[int, list[int], Confirmation]]:
    """The opener's confirmation of each proposed set, on the contacts as partners wrote them."""
    rows = proposed.sort("set", "row")
    contacts = records[rows["row"]]
    identities = identities_of(contacts.select(WRITTEN_COLUMNS).to_dicts())
    known: dict[int, tuple[list[int], list[KnownSignal]]] = {}
    told = zip(
        rows.select("set", "row").iter_rows(),
        contacts.select("partner_id", "signal_id", "arrears_months").iter_rows(),
        identities,
        strict=True,
    )
    for (number, row), clear, identity in told:
        places, signals = known.setdefault(number, ([], []))
        places.append(row)
        signals.append(KnownSignal(*clear, identity, YEAR))
    return [(number, places, confirm(signals, rule)) for number, (places, signals) in known.items()]


def shown_rows(opened: Iterable[tuple[int, list[int], Confirmation]], evidence: str | None = None) -> pl.DataFrame:
    """`row` and `set` of what the confirmed cases show, of one kind of evidence or of all."""
    shown = [
        (places[at], number)
        for number, places, confirmation in opened
        if confirmation.verdict == VERDICT_CONFIRMED and evidence in (None, confirmation.evidence)
        for at in confirmation.confirmed
    ]
    return pl.DataFrame(shown, schema={"row": pl.UInt32, "set": pl.UInt32}, orient="row")


def score_tokens(records: pl.DataFrame, signals: pl.DataFrame) -> Score:
    """Tokens alone."""
    proposed = propose(signals)
    return with_proposals(score(records, proposed), records, proposed)


def score_opener(records: pl.DataFrame, signals: pl.DataFrame) -> Score:
    """Tokens propose, the opener confirms; nobody reviews anything."""
    proposed = propose(signals)
    opened = open_sets(records, proposed)
    verdicts = [confirmation.verdict for _, _, confirmation in opened]
    result = with_proposals(score(records, shown_rows(opened)), records, proposed)
    doubtful = verdicts.count(VERDICT_DOUBTFUL)
    confirmed = verdicts.count(VERDICT_CONFIRMED)
    return replace(result, doubtful=doubtful, withheld=len(verdicts) - confirmed - doubtful)


def score_households(records: pl.DataFrame, signals: pl.DataFrame) -> Score:
    """The same where the agreement also matches on household: then one household is right; its evidence apart."""
    opened = open_sets(records, propose(signals, HOUSEHOLD_RULE), HOUSEHOLD_RULE)
    result = score(records.with_columns(person="household"), shown_rows(opened))
    return with_households(result, records, shown_rows(opened, "household"))


def score_any_of(records: pl.DataFrame, keys: pl.DataFrame, recipes: Iterable[tuple[str, ...]]) -> Score:
    """A baseline: records that agree on all fields of any recipe are one person."""
    pairs = pl.concat([_chain(keys, recipe) for recipe in recipes])
    numbered = records.select("partner_id").with_row_index("row")
    joined = numbered.with_columns(components(numbered["row"], pairs, len(records)).alias("set"))
    met = joined.filter(pl.col("partner_id").n_unique().over("set") >= LEAST_PARTNERS)
    result = score(records, met)
    return with_proposals(result, records, met)


def _chain(keys: pl.DataFrame, recipe: tuple[str, ...]) -> pl.DataFrame:
    """Each record with the next one of equal values: enough to connect them all."""
    rows = keys.select(recipe).with_row_index("right").drop_nulls()
    return rows.with_columns(left=pl.col("right").shift(1).over(recipe)).drop_nulls("left").select("left", "right")
