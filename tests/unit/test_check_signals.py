"""Row checks compiled from the contract, and what stands out in a delivery as a whole."""

from __future__ import annotations

import logging
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.commands.at_the_inbox.delivery_judging import contract_for
from pipeline.commands.wiring import SCHEMAS
from pipeline.pseudonymous import check_signals
from pipeline.pseudonymous.check_signals import MonthProfile, judge_whole
from pipeline.pseudonymous.signal_contract import read_contract, row_faults
from pipeline.vocabulary.faults import RowFault
from pipeline.vocabulary.frames import BAND_CODES, DELIVERY_SCHEMA, MONTHS_CAP, RETRACTION_SCHEMA
from tests.builders.deliveries import GEMEENTE, frame_of, rows_of, signal_id, signal_row

DELIVERY = SCHEMAS / "delivery"
FAULTY_ROWS = sorted(
    path
    for path in (DELIVERY / "faulty").glob("*.parquet")
    if path.name.partition("--")[0]
    in ("value-invalid", "value-missing", "out-of-range", "other-municipality", "duplicate-row")
)
SIGNALS = contract_for("signals")


def faults_of(rows: list[dict[str, Any]]) -> list[RowFault]:
    return row_faults(frame_of(rows), SIGNALS, GEMEENTE)


def test_the_contracts_have_the_columns_of_the_frames() -> None:
    """Contract and vocabulary say the same about columns, types, bands and the cap on months."""
    assert list(DELIVERY_SCHEMA.items()) == list(SIGNALS.schema.items())
    assert list(RETRACTION_SCHEMA.items()) == list(contract_for("retraction").schema.items())
    columns = {column.name: column for column in SIGNALS.columns}
    assert columns["arrears_band"].valid_values == BAND_CODES
    assert columns["arrears_months"].between == (0, MONTHS_CAP)


@pytest.mark.parametrize("where", ["schema.0.properties.0.quality", "schema.0.quality"])
def test_a_rule_that_the_compiler_does_not_know_is_an_error(where: str) -> None:
    """No rule of the contract is silently unchecked."""
    document = yaml.safe_load((DELIVERY / "signals.odcs.yaml").read_text())
    place = document["schema"][0] if where == "schema.0.quality" else document["schema"][0]["properties"][0]
    place["quality"] = [{"type": "sql", "query": "select 1", "mustBe": 1}]
    with pytest.raises(ValueError, match="unknown rule"):
        read_contract(yaml.safe_dump(document))


@pytest.mark.parametrize("path", FAULTY_ROWS, ids=lambda path: path.stem)
def test_a_faulty_row_is_refused_with_the_code_its_file_is_named_by(path: Path) -> None:
    """In each committed file the second row is at fault, and only that row is refused."""
    code = path.name.partition("--")[0].replace("-", "_").upper()
    faults = row_faults(pl.read_parquet(path), SIGNALS, GEMEENTE)
    assert [(code, 2)] == [(fault.code, fault.row) for fault in faults]


def test_good_rows_have_no_fault() -> None:
    """Rows with every optional value absent, or an area by postcode, keep to the contract."""
    bare = {name: None for name in DELIVERY_SCHEMA if name.startswith("t_")}
    rows = [signal_row("a"), signal_row("b", **bare), signal_row("c", wijkcode=None, postcode4="9901")]
    assert [] == faults_of([*rows, signal_row("d", arrears_months=0), signal_row("e", arrears_months=12)])


def test_a_row_keeps_its_first_fault_in_column_order() -> None:
    """One line per refused row, so that lines and refused rows are the same number."""
    row = signal_row("a", signal_id="x", arrears_months=-1, arrears_band="veel")
    assert [RowFault("VALUE_INVALID", "signal_id", 1)] == faults_of([row])


def test_of_equal_signals_the_first_good_one_stands() -> None:
    """A duplicate is refused; when the first of them is at fault itself, the next one stands."""
    good, bad = signal_row("a"), signal_row("a", arrears_months=-1)
    assert [RowFault("DUPLICATE_ROW", "signal_id", 2)] == faults_of([good, good])
    assert [RowFault("OUT_OF_RANGE", "arrears_months", 1)] == faults_of([bad, good])
    assert [("DUPLICATE_ROW", 2), ("DUPLICATE_ROW", 4)] == [
        (fault.code, fault.row) for fault in faults_of([good, good, signal_row("b"), good])
    ]


@given(st.lists(st.sampled_from(["good", "months", "area", "again"]), max_size=20))
def test_rows_in_are_rows_admitted_and_rows_refused(kinds: list[str]) -> None:
    """Each faulty row is refused exactly once, in row order, and no other."""
    make = {
        "good": lambda number: signal_row(f"g{number}"),
        "months": lambda number: signal_row(f"m{number}", arrears_months=99),
        "area": lambda number: signal_row(f"a{number}", wijkcode=None),
        "again": lambda _number: signal_row("again"),
    }
    faults = faults_of([make[kind](number) for number, kind in enumerate(kinds)])
    again = [number for number, kind in enumerate(kinds, 1) if kind == "again"][1:]
    expected = [number for number, kind in enumerate(kinds, 1) if kind in ("months", "area") or number in again]
    assert expected == [fault.row for fault in faults]


def volume(*counts: int) -> list[MonthProfile]:
    return [MonthProfile(f"2026-{number:02d}", count) for number, count in enumerate(counts, 1)]


def outcome_of(
    count: int, history: list[MonthProfile], kind: str = "signals", thresholds: dict[str, Any] | None = None
) -> str:
    return judge_whole(frame_of(rows_of(count)), kind, SIGNALS, history, thresholds or {}).outcome


# given: rows, earlier months; expected: outcome
VOLUMES = [
    ("a first month is never held", 1000, [], "admitted"),
    ("as many as usual", 10, [10, 10, 10], "admitted"),
    ("three times as many", 30, [10], "admitted"),
    ("over three times as many", 31, [10], "warned"),
    ("five times as many", 50, [10], "warned"),
    ("over five times as many", 51, [10], "held"),
    ("the median counts, not the mean", 51, [10, 10, 1000], "held"),
    ("the median of an even number of months", 51, [5, 15], "held"),
    ("far fewer", 3, [10], "warned"),
    ("nothing at all", 0, [10], "warned"),
    ("after empty months anything is possible", 50, [0, 0], "admitted"),
]


@pytest.mark.parametrize(("given_", "count", "counts", "expected"), VOLUMES, ids=[row[0] for row in VOLUMES])
def test_volume_is_compared_with_the_median_of_earlier_months(
    given_: str, count: int, counts: list[int], expected: str
) -> None:
    """Over three times the median is a warning, over five times is held."""
    assert expected == outcome_of(count, volume(*counts))


def test_only_signals_are_compared_with_earlier_months() -> None:
    """A correction or a retraction may be of any size."""
    assert "admitted" == outcome_of(51, volume(10), "correction")
    rows = frame_of([{"signal_id": signal_id(str(number))} for number in range(51)], "retraction")
    assert "admitted" == judge_whole(rows, "retraction", contract_for("retraction"), volume(10), {}).outcome


def test_the_agreement_may_set_other_factors() -> None:
    """Thresholds of the agreement go before the defaults; nonsense there does not."""
    assert "held" == outcome_of(21, volume(10), thresholds={"volume_held_factor": 2})
    assert "admitted" == outcome_of(40, volume(10), thresholds={"volume_warning_factor": 4})
    assert "held" == outcome_of(51, volume(10), thresholds={"volume_held_factor": "veel"})


def usual_month() -> MonthProfile:
    return MonthProfile("2026-09", 40, 0.0, 0.0, 3.0, {"500-999": 1.0})


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"wijkcode": None, "postcode4": "9901"}, "zonder wijkcode"),
        ({"is_crisis": True}, "crisissignalen"),
        ({"arrears_months": 12}, "maanden achterstand"),
        ({"arrears_band": "2500+"}, "2500+ euro"),
    ],
)
def test_shares_that_leave_the_partners_own_band_are_a_warning(changes: dict[str, Any], word: str) -> None:
    """Area, crisis, months and amounts are compared with the partner's own earlier months."""
    verdict = judge_whole(frame_of(rows_of(40, **changes)), "signals", SIGNALS, [usual_month()], {})
    assert "warned" == verdict.outcome
    assert any(word in line for line in verdict.lines)
    same = judge_whole(frame_of(rows_of(40)), "signals", SIGNALS, [usual_month()], {})
    assert ("admitted", ()) == (same.outcome, same.lines)


def test_few_rows_have_no_shares() -> None:
    """A share of a handful of rows says nothing and is not judged."""
    rows = frame_of(rows_of(14, is_crisis=True))
    assert "admitted" == judge_whole(rows, "signals", SIGNALS, [usual_month()], {}).outcome


def test_a_delivery_mostly_without_wijk_is_a_warning_in_a_first_month() -> None:
    """The contract's own limit on empty wijkcodes needs no history."""
    rows = [*rows_of(3, "with"), *rows_of(7, "without", wijkcode=None, postcode4="9901")]
    verdict = judge_whole(frame_of(rows), "signals", SIGNALS, [], {})
    assert ("warned", ("Meer dan 25% van de rijen heeft geen 'wijkcode'.",)) == (verdict.outcome, verdict.lines)


def test_verdicts_hold_no_value_of_a_row(capfd: pytest.CaptureFixture[str]) -> None:
    """Great Expectations' results quote values; our lines, output and errors do not."""
    canary = "Kanarie-van-der-Berg"
    row = {"wijkcode": canary, "postcode4": canary, "arrears_band": canary, "arrears_months": -31313}
    verdict = judge_whole(frame_of(rows_of(40, **row)), "signals", SIGNALS, [usual_month()], {})
    said = repr(verdict) + "".join(capfd.readouterr())
    assert "warned" == verdict.outcome
    assert "Kanarie" not in said
    assert "31313" not in said


def test_an_expectation_that_cannot_be_evaluated_holds_the_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not checked is not admitted, and why it failed is not quoted."""
    monkeypatch.setattr(check_signals, "_plain_frame", lambda rows: rows.select(pl.lit("Kanarie").alias("x")))
    verdict = judge_whole(frame_of(rows_of(2)), "signals", SIGNALS, [], {})
    assert ("held", ("De levering als geheel kon niet worden gecontroleerd.",)) == (verdict.outcome, verdict.lines)


def test_nothing_but_clear_columns_reaches_the_expectations() -> None:
    """Tokens and sealed contacts stay out of Great Expectations."""
    frame = check_signals._plain_frame(frame_of(rows_of(2)))
    assert {"signal_id", "wijkcode", "postcode4", "arrears_months", "arrears_band", "is_crisis"} == {
        name for name in frame.columns if not name.startswith("_")
    }


@pytest.mark.parametrize("factor", [0, 0.5, -3, True, "5", None])
def test_a_factor_that_cannot_be_meant_is_the_usual_one(factor: object) -> None:
    """An agreement with a threshold below one, or with none that is a number, holds no delivery that is usual."""
    thresholds = {"volume_warning_factor": factor, "volume_held_factor": factor}
    assert ["admitted", "warned", "held"] == [
        outcome_of(count, volume(10, 10), thresholds=thresholds) for count in (10, 40, 51)
    ]


def test_what_the_expectations_log_reaches_no_log_of_ours() -> None:
    """Their lines may quote a value; nobody but them hears of it."""
    check_signals.load_great_expectations()
    assert not logging.getLogger("great_expectations").propagate


def test_order_of_rows_and_months_does_not_matter() -> None:
    """The same rows and months in another order have the same verdict."""
    rows = rows_of(40, arrears_months=12)
    history = [usual_month(), *volume(9, 12)]
    first = judge_whole(frame_of(rows), "signals", SIGNALS, history, {})
    random.Random(1).shuffle(rows)
    assert first == judge_whole(frame_of(rows), "signals", SIGNALS, history[::-1], {})
