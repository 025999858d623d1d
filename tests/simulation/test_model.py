"""Deliveries, duplicates, corrections, visits, rotations, retention, erasure and restores in any order: one model.

The random orders are the machine's; the order by hand passes every kind of step once, whatever the dice say.
"""

from __future__ import annotations

import os
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from pipeline.pseudonymous import accept_delivery, parse_rows
from tests.simulation.machine import SEEN, Municipality
from tests.simulation.world import MONTHS, PARTNERS


@pytest.fixture
def machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> type[Municipality]:
    """The machine, with rows parsed in this process: a child for each delivery would take most of the time."""

    def read(raw: bytes, schema: Any, row_count: int) -> pl.DataFrame:
        columns = {name: str(kind) for name, kind in schema.items()}
        frame: pl.DataFrame = parse_rows.parse(raw, columns, row_count, row_count)[1]
        return frame

    monkeypatch.setattr(accept_delivery, "read_rows", read)
    monkeypatch.setattr(Municipality, "template", tmp_path_factory.mktemp("model") / "template", raising=False)
    monkeypatch.setattr(Municipality, "patch", monkeypatch, raising=False)
    SEEN.clear()
    return Municipality


def test_the_product_and_the_model_tell_the_same(machine: type[Municipality]) -> None:
    """Whatever happens in whatever order: what counts, who is listed, what was opened and what is gone."""
    asked = os.environ.get("SAMENLOOP_MODEL_EXAMPLES")
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=int(asked or "8"),
            derandomize=asked is None,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
    assert {"contacts opened", "persons listed"} <= set(SEEN)  # the first morning of every order


def test_an_order_by_hand_passes_every_kind_of_step(machine: type[Municipality]) -> None:
    """Visits, words changed and taken back, new keys, a backup, an erasure, a restore, the end of all terms."""
    town = machine()
    every = dict.fromkeys("abc", 2)

    def checked() -> None:
        town.no_attempt_is_lost_or_counts_twice()
        town.the_journal_is_whole()
        town.the_journal_knows_which_cases_are_closed()
        town.what_counts_is_what_the_model_counts()
        town.every_row_is_admitted_or_refused()

    try:
        town.first_morning([every, every, {"d": 4}], "a")
        assert set(town.listed) == set("abc")
        town.back_up()
        town.change_a_word(0, 1, is_matched=True)
        town.put_back()
        town.reveal()
        checked()
        town.think_better_of_it(PARTNERS[0][0], MONTHS[0], "d", is_paid=False)
        assert set(town.listed) == set("abc")
        town.visit(0, is_done=True, times=2)
        town.visit(1, is_done=False, times=1)
        town.settle()
        checked()
        town.back_up()
        for pick, arrears, is_matched in ((0, 1, False), (1, None, True), (2, 4, False)):
            town.change_a_word(pick, arrears, is_matched)
            checked()
        town.arrive(0)
        town.arrive_with_other_content(1)
        checked()
        for kind in ("admission", "opening", "partner-signing"):
            town.rotate(kind)
        town.seal(PARTNERS[0][0], MONTHS[1], "signals", every)
        town.seal(PARTNERS[1][0], MONTHS[1], "correction", every)
        town.arrive(len(town.folders) - 1)
        town.arrive(len(town.folders) - 2)
        town.later(1)
        town.morning()
        checked()
        town.erase(0)
        checked()
        town.put_back()
        checked()
        town.later(200)
        town.retire()
        checked()
    finally:
        town.teardown()
    wanted = {"contacts opened", "persons listed", "attempts taken", "words changed", "words taken back"}
    assert wanted | {"restores", "persons erased", "months over"} <= set(SEEN)
