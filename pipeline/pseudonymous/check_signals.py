"""What stands out in a delivery as a whole, against its contract and the partner's own earlier months.

Rules: a `signals` delivery of more than 3 times the median volume of the partner's earlier months is admitted with
a warning, of more than 5 times it is held for the data steward; everything else that stands out is a warning. The
factors are defaults, the agreement's thresholds may set others. Great Expectations evaluates; of its results only
success or failure is read, because they hold the failing values.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil
from statistics import median
from typing import Any

import polars as pl

from pipeline.pseudonymous.signal_contract import Contract
from pipeline.vocabulary.frames import BAND_CODES

ADMITTED = "admitted"
WARNED = "warned"
HELD = "held"

VOLUME_WARNING_FACTOR = 3
VOLUME_HELD_FACTOR = 5
MOST_FAULTY_SHARE = 0.05
SHARE_SLACK = 0.25
MONTHS_SLACK = 2.0
# Below this many rows a share says little.
FEWEST_ROWS_FOR_SHARES = 30

_CLEAR_COLUMNS = ("signal_id", "wijkcode", "postcode4", "arrears_months", "arrears_band", "is_crisis")


@dataclass(frozen=True, slots=True)
class MonthProfile:
    """One month of a partner, in figures: rows of its `signals`, and shares where rows are still kept."""

    month: str
    row_count: int
    without_wijk_share: float | None = None
    crisis_share: float | None = None
    months_mean: float | None = None
    band_shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WholeVerdict:
    """What becomes of the delivery as a whole, and why, in Dutch lines that hold counts only."""

    outcome: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Expected:
    """One expectation: its Great Expectations type and arguments, and what its failure means."""

    kind: str
    arguments: Mapping[str, Any]
    outcome: str
    line: str
    is_said_by_held: bool = False


def judge_whole(
    rows: pl.DataFrame,
    kind: str,
    contract: Contract,
    history: Sequence[MonthProfile],
    thresholds: Mapping[str, Any],
) -> WholeVerdict:
    """Judge all rows of a delivery, refused ones included.

    Args:
        rows: the rows as delivered.
        kind: signals, correction or retraction; only signals are compared with earlier months.
        contract: of this kind of delivery.
        history: earlier months of the same partner, in any order.
        thresholds: the agreement's; `volume_warning_factor` and `volume_held_factor` are read.
    """
    expected = _contract_expectations(contract, rows.height)
    if kind == "signals" and history:
        expected += _volume_expectations(rows.height, history, thresholds)
        expected += _share_expectations(rows, history)
    if not expected:
        return WholeVerdict(ADMITTED, ())
    failed = _evaluate(_plain_frame(rows), expected)
    outcomes = {item.outcome for item in failed}
    outcome = HELD if HELD in outcomes else WARNED if outcomes else ADMITTED
    failed = [item for item in failed if outcome != HELD or not item.is_said_by_held]
    return WholeVerdict(outcome, tuple(dict.fromkeys(item.line for item in failed)))


def _contract_expectations(contract: Contract, height: int) -> list[_Expected]:
    """The contract's rules once more, for the delivery as a whole: not more than a few rows may break one."""
    mostly = 1 - MOST_FAULTY_SHARE
    found: list[_Expected] = []
    for column in contract.columns:
        if column.name not in _CLEAR_COLUMNS or height == 0:
            continue
        line = f"Meer dan {MOST_FAULTY_SHARE:.0%} van de rijen voldoet niet aan het contract bij '{column.name}'."
        rule = {"column": column.name, "mostly": mostly}
        if column.is_required:
            found.append(_Expected("ExpectColumnValuesToNotBeNull", rule, WARNED, line))
        if column.pattern is not None:
            found.append(
                _Expected("ExpectColumnValuesToMatchRegex", {**rule, "regex": column.pattern}, WARNED, line)
            )
        if column.between is not None:
            least, most = column.between
            found.append(
                _Expected(
                    "ExpectColumnValuesToBeBetween",
                    {**rule, "min_value": least, "max_value": most},
                    WARNED,
                    line,
                )
            )
        if column.valid_values is not None:
            found.append(
                _Expected(
                    "ExpectColumnValuesToBeInSet",
                    {**rule, "value_set": list(column.valid_values)},
                    WARNED,
                    line,
                )
            )
        if column.most_empty_share is not None:
            line = f"Meer dan {column.most_empty_share:.0%} van de rijen heeft geen '{column.name}'."
            rule = {"column": column.name, "mostly": 1 - column.most_empty_share}
            found.append(_Expected("ExpectColumnValuesToNotBeNull", rule, WARNED, line))
    return found


def _volume_expectations(
    height: int, history: Sequence[MonthProfile], thresholds: Mapping[str, Any]
) -> list[_Expected]:
    usual = median(profile.row_count for profile in history)
    if usual == 0:
        return []
    warning = _factor(thresholds, "volume_warning_factor", VOLUME_WARNING_FACTOR)
    held = _factor(thresholds, "volume_held_factor", VOLUME_HELD_FACTOR)
    months = f"{len(history)} {'eerdere maand' if len(history) == 1 else 'eerdere maanden'}"
    usually = f"{height} rijen; gebruikelijk zijn er {usual:g} (mediaan van {months})."

    high = _Expected(
        "ExpectTableRowCountToBeBetween",
        {"max_value": int(usual * warning)},
        WARNED,
        f"Veel meer rijen dan anders: {usually}",
        is_said_by_held=True,
    )
    too_high = _Expected(
        "ExpectTableRowCountToBeBetween",
        {"max_value": int(usual * held)},
        HELD,
        f"Meer dan {held:g} keer zo veel rijen als anders: {usually}",
    )
    low = _Expected(
        "ExpectTableRowCountToBeBetween",
        {"min_value": ceil(usual / warning)},
        WARNED,
        f"Veel minder rijen dan anders: {usually}",
    )
    return [too_high, high, low]


def _factor(thresholds: Mapping[str, Any], name: str, default: float) -> float:
    value = thresholds.get(name, default)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and value >= 1 else default


def _share_expectations(rows: pl.DataFrame, history: Sequence[MonthProfile]) -> list[_Expected]:
    """Shares and the mean of months may not leave the band around the median of earlier months."""
    kept = [profile for profile in history if profile.months_mean is not None]
    if rows.height < FEWEST_ROWS_FOR_SHARES or not kept:
        return []
    found = [
        _mean_between(
            "_is_without_wijk",
            _band(profile.without_wijk_share for profile in kept),
            "Het deel van de rijen zonder wijkcode is heel anders dan in eerdere maanden.",
        ),
        _mean_between(
            "_is_crisis",
            _band(profile.crisis_share for profile in kept),
            "Het deel crisissignalen is heel anders dan in eerdere maanden.",
        ),
        _mean_between(
            "_months",
            _band((profile.months_mean for profile in kept), MONTHS_SLACK),
            "Het aantal maanden achterstand is gemiddeld heel anders dan in eerdere maanden.",
        ),
    ]
    for code in BAND_CODES:
        band = _band(profile.band_shares.get(code, 0.0) for profile in kept)
        line = f"Het deel van de rijen met een achterstand van {code} euro is heel anders dan in eerdere maanden."
        found.append(_mean_between(f"_is_{code}", band, line))
    return found


def _band(figures: Any, slack: float = SHARE_SLACK) -> tuple[float, float]:
    middle = median(figure for figure in figures if figure is not None)
    return middle - slack, middle + slack


def _mean_between(column: str, band: tuple[float, float], line: str) -> _Expected:
    arguments = {"column": column, "min_value": band[0], "max_value": band[1]}
    return _Expected("ExpectColumnMeanToBeBetween", arguments, WARNED, line)


def _plain_frame(rows: pl.DataFrame) -> pl.DataFrame:
    """The clear columns, and what shares are counted on; tokens and contacts stay out."""
    clear = rows.select(name for name in _CLEAR_COLUMNS if name in rows.columns)
    if "arrears_band" not in rows.columns:
        return clear
    return clear.with_columns(
        pl.col("wijkcode").is_null().cast(pl.Float64).alias("_is_without_wijk"),
        pl.col("is_crisis").fill_null(value=False).cast(pl.Float64).alias("_is_crisis"),
        pl.col("arrears_months").cast(pl.Float64).fill_null(0).alias("_months"),
        *(
            (pl.col("arrears_band") == code).fill_null(value=False).cast(pl.Float64).alias(f"_is_{code}")
            for code in BAND_CODES
        ),
    )


@lru_cache(maxsize=1)
def load_great_expectations() -> Any:
    """Import Great Expectations: late, because it costs seconds, and without its telemetry."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    # Its log lines may quote values, and some of its loggers set their own level.
    log = logging.getLogger("great_expectations")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    import great_expectations

    return great_expectations


def _evaluate(frame: pl.DataFrame, expected: Sequence[_Expected]) -> list[_Expected]:
    """The expectations that do not hold; one that cannot be evaluated holds the delivery."""
    gx = load_great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("delivery").add_dataframe_asset("rows")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame.to_pandas()})
    suite = gx.ExpectationSuite(
        name="delivery",
        expectations=[
            getattr(gx.expectations, item.kind)(**item.arguments, meta={"index": index})
            for index, item in enumerate(expected)
        ],
    )
    with warnings.catch_warnings(action="ignore"):  # a warning may quote a value, as a log line may
        results = batch.validate(suite, result_format="BOOLEAN_ONLY").results
    failed: list[_Expected] = []
    for result in results:
        item = expected[result.expectation_config.meta["index"]]
        if any(info.get("raised_exception") for info in _exception_infos(result.exception_info)):
            failed.append(_Expected(item.kind, {}, HELD, "De levering als geheel kon niet worden gecontroleerd."))
        elif not result.success:
            failed.append(item)
    return failed


def _exception_infos(info: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """One dictionary, or one per metric, by version and expectation."""
    return [info] if "raised_exception" in info else [item for item in info.values() if isinstance(item, Mapping)]
