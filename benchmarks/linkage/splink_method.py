"""Splink 5 on plaintext: the peer. It sees every field.

Generous on purpose: every field has partial agreement, surnames have term frequencies, and the threshold is the
one that is best on the truth of the very set that is scored. With labels it also takes the weights of agreement
from that truth. It runs on the fields as partners wrote them, tidied as Splink's own guide advises (case,
accents, punctuation, dates as ISO), and once more behind our normaliser, which no user of Splink has.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import polars as pl
from splink import Linker, SettingsCreator, block_on
from splink.internals import comparison_library as cl
from splink.internals.duckdb.database_api import DuckDBAPI

from benchmarks.linkage.scores import LEAST_PARTNERS, Score, score, with_proposals
from pipeline.pseudonymous.match_signals.components import components

THRESHOLDS = tuple(range(-6, 31))
BLOCKS = (
    ("surname_key", "birth_key"),
    ("initial", "birth_key"),
    ("postcode_key", "number_key"),
    ("surname_key", "initial", "postcode_key"),
    ("email_key",),
    ("phone_key",),
)
_MOST_SAMPLED = 5e6
_MOST_SHARING = 24
"""What more records share is a placeholder; Splink's guide says to remove these."""


def tidied(records: pl.DataFrame) -> pl.DataFrame:
    """The written fields under the names of the keys, tidied without knowledge of Dutch names."""

    def plain(text: pl.Expr) -> pl.Expr:
        bare = text.str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
        return bare.str.replace_all(r"[^a-z0-9@._+ -]", " ").str.replace_all(" +", " ").str.strip_chars(" ")

    birth = pl.col("birth_on")
    number = pl.col("house_number")
    addition = pl.concat_str(
        [number.str.replace(r"^\d+", ""), "house_letter", "house_addition"], separator="", ignore_nulls=True
    )
    tidy = records.select(
        surname_key=plain(pl.concat_str(["particles", "surname"], separator=" ", ignore_nulls=True)),
        surname_key_alt=pl.lit(None, pl.String),
        initials=plain(pl.col("initials")).str.replace_all("[^a-z]", ""),
        birth_key=pl.when(~birth.str.ends_with("-01-01") & ~birth.str.contains("-00")).then(birth),
        postcode_key=pl.col("postcode").str.replace_all(" ", "").str.to_uppercase(),
        number_key=number.str.extract(r"^(\d+)"),
        addition_key=plain(addition).str.replace_all("[^a-z0-9]", ""),
        email_key=pl.col("email").str.to_lowercase().str.strip_chars(" "),
        phone_key=pl.col("phone").str.replace_all(r"[^\d]", "").str.replace("^(?:0031|31|0)", ""),
    )
    tidy = tidy.with_columns(initial=pl.col("initials").str.head(1))
    return tidy.select(
        pl.when(
            (pl.len().over(name) > _MOST_SHARING) & pl.lit(name in ("email_key", "phone_key"))
            | (pl.col(name) == "")
        )
        .then(None)
        .otherwise(name)
        .alias(name)
        for name in tidy.columns
    )


def link(keys: pl.DataFrame, person: pl.Series | None) -> pl.DataFrame:
    """Pairs with their match weight: `left`, `right`, `weight`."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    columns = [pl.col(name) for name in keys.columns if name != "is_legal_person"]
    frame = keys.with_row_index("unique_id").select("unique_id", *columns)
    if person is not None:
        frame = frame.with_columns(person=person.cast(pl.String))
    api = DuckDBAPI()
    linker = Linker(api.register(frame.to_arrow()), _settings(), log_level=logging.ERROR)
    training = linker.training
    certain = [
        block_on(*fields) for fields in (("surname_key", "initial", "birth_key"), ("email_key", "birth_key"))
    ]
    training.estimate_probability_two_random_records_match(certain, recall=0.75)
    training.estimate_u_using_random_sampling(max_pairs=_MOST_SAMPLED, seed=1)
    if person is None:
        for fields in (("initial", "birth_key"), ("surname_key", "postcode_key"), ("postcode_key", "number_key")):
            training.estimate_parameters_using_expectation_maximisation(block_on(*fields))
    else:
        training.estimate_m_from_label_column("person")
    found = linker.inference.predict(threshold_match_weight=THRESHOLDS[0])
    pairs = found.as_duckdbpyrelation().select("unique_id_l, unique_id_r, match_weight").pl()
    return pairs.select(
        pl.col("unique_id_l").cast(pl.UInt32).alias("left"),
        pl.col("unique_id_r").cast(pl.UInt32).alias("right"),
        pl.col("match_weight").alias("weight"),
    )


def score_splink(records: pl.DataFrame, keys: pl.DataFrame, *, is_labelled: bool) -> tuple[Score, int]:
    """The score at the threshold with the best case F1, and that threshold (a match weight)."""
    pairs = link(keys, records["person"] if is_labelled else None)
    best, best_at = Score(0, 0, 0, 0, 0, 0, 0, 0), THRESHOLDS[0]
    numbered = records.select("partner_id").with_row_index("row")
    for threshold in THRESHOLDS:
        sets = components(numbered["row"], pairs.filter(pl.col("weight") >= threshold), len(records))
        joined = numbered.with_columns(sets.alias("set"))
        met = joined.filter(pl.col("partner_id").n_unique().over("set") >= LEAST_PARTNERS)
        result = score(records, met)
        if result.f1 > best.f1:
            best, best_at = with_proposals(result, records, met), threshold
    return replace(best), best_at


def _settings() -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            _surname(),
            cl.JaroWinklerAtThresholds("initials", [0.8]),
            cl.DamerauLevenshteinAtThresholds("birth_key", [1, 2]),
            _address(),
            cl.LevenshteinAtThresholds("email_key", [1]),
            cl.LevenshteinAtThresholds("phone_key", [1]),
        ],
        blocking_rules_to_generate_predictions=[block_on(*fields) for fields in BLOCKS],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def _level(condition: str, label: str, **more: object) -> dict[str, object]:
    return {"sql_condition": condition, "label_for_charts": label, **more}


def _surname() -> cl.CustomComparison:
    both = '"surname_key_{}" IN ("surname_key_alt_{}")'
    return cl.CustomComparison(
        output_column_name="surname",
        comparison_levels=[
            _level('"surname_key_l" IS NULL OR "surname_key_r" IS NULL', "null", is_null_level=True),
            _level(
                '"surname_key_l" = "surname_key_r"',
                "equal",
                tf_adjustment_column="surname_key",
                tf_adjustment_weight=1.0,
            ),
            _level(f"{both.format('l', 'r')} OR {both.format('r', 'l')}", "one part"),
            _level('jaro_winkler_similarity("surname_key_l", "surname_key_r") >= 0.92', "near"),
            _level('jaro_winkler_similarity("surname_key_l", "surname_key_r") >= 0.8', "alike"),
            _level("ELSE", "other"),
        ],
    )


def _address() -> cl.CustomComparison:
    code, number = '"postcode_key_l" = "postcode_key_r"', '"number_key_l" = "number_key_r"'
    return cl.CustomComparison(
        output_column_name="address",
        comparison_levels=[
            _level('"postcode_key_l" IS NULL OR "postcode_key_r" IS NULL', "null", is_null_level=True),
            _level(f"{code} AND {number} AND coalesce(addition_key_l, '') = coalesce(addition_key_r, '')", "door"),
            _level(f"{code} AND {number}", "number"),
            _level(code, "postcode"),
            _level("ELSE", "other"),
        ],
    )
