"""Any order of arrival of the same deliveries ends in the same state: in the rule, and in both databases."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import cast

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.commands.at_the_inbox import delivery_keeping
from pipeline.commands.at_the_inbox.delivery_judging import Judged
from pipeline.commands.wiring import SCHEMAS, Run
from pipeline.pseudonymous.accept_delivery import parse_manifest
from pipeline.pseudonymous.answer_delivery import Decision
from pipeline.pseudonymous.keep_signals import KEEPING_SCHEMA, Ledgered, keep_signals
from pipeline.store import deliveries as ledger
from pipeline.store.connect import Store
from pipeline.store.tables import month_marks, signals
from pipeline.vocabulary.manifest import DeliveryName, Manifest
from tests.builders.deliveries import frame_of, signal_row

IDS = "abcdef"
Delivered = tuple[int, str, tuple[str, ...]]

KIND = st.sampled_from(["signals", "correction", "retraction"])
MONTH = st.lists(st.tuples(KIND, st.sets(st.sampled_from(IDS)).map(sorted).map(tuple)), max_size=6).map(
    lambda rows: [(sequence, kind, ids) for sequence, (kind, ids) in enumerate(rows, 1)]
)


def expected_of(delivered: list[Delivered]) -> dict[str, int]:
    """The rule told plainly: in sequence order, signals begin anew, corrections overwrite, retractions remove."""
    current: dict[str, int] = {}
    for sequence, kind, ids in sorted(delivered):
        if kind == "signals":
            current = {}
        for signal in ids:
            if kind == "retraction":
                current.pop(signal, None)
            else:
                current[signal] = sequence
    return current


class Memory:
    """The stored rows of one partner and month, changed delivery by delivery as admission does."""

    def __init__(self) -> None:
        self.admitted: list[Ledgered] = []
        self.rows = pl.DataFrame(schema=KEEPING_SCHEMA)

    def arrive(self, delivery: Delivered) -> None:
        sequence, kind, ids = delivery
        if any(known.sequence == sequence for known in self.admitted):
            return
        self.admitted.append(Ledgered(sequence, kind))
        new = pl.DataFrame(
            [(sequence, signal, kind == "retraction") for signal in ids], schema=KEEPING_SCHEMA, orient="row"
        )
        self.rows = keep_signals(self.admitted, pl.concat([self.rows.select(*KEEPING_SCHEMA), new])).rows

    def current(self) -> dict[str, int]:
        if "is_current" not in self.rows.columns:
            return {}
        return dict(self.rows.filter("is_current").select("signal_id", "sequence").iter_rows())


@given(MONTH, st.randoms(use_true_random=False), st.data())
def test_any_order_of_arrival_ends_in_the_same_rows(
    delivered: list[Delivered], chance: random.Random, data: st.DataObject
) -> None:
    """Late, twice, or held and released in between: the same set of deliveries leaves the same signals."""
    arrivals = [
        *delivered,
        *data.draw(st.lists(st.sampled_from(delivered), max_size=4) if delivered else st.just([])),
    ]
    chance.shuffle(arrivals)
    in_order, shuffled = Memory(), Memory()
    for delivery in delivered:
        in_order.arrive(delivery)
    for delivery in arrivals:
        shuffled.arrive(delivery)
    assert expected_of(delivered) == shuffled.current()
    columns = ["sequence", "signal_id"]
    assert in_order.rows.sort(columns).equals(shuffled.rows.sort(columns))


@pytest.fixture
def store(database: str) -> Store:
    return Store.open(database, "gm9901")


NOW = "2026-11-03T06:00:00Z"


def manifest_of(partner_id: str, sequence: int, kind: str) -> Manifest:
    """The part of a manifest that keeping reads; the rest is the example's."""
    example = parse_manifest((SCHEMAS / "delivery" / "example" / "manifest.json").read_bytes())
    name = DeliveryName(partner_id, "2026-10", sequence)
    return replace(example, delivery_id=str(name), partner_id=partner_id, sequence=sequence, kind=kind)


def admit(store: Store, partner_id: str, delivery: Delivered) -> None:
    """Keep a delivery whose rows were found good, unless it was kept before."""
    sequence, kind, ids = delivery
    if any(row["sequence"] == sequence for row in ledger.ledger_of_month(store, partner_id, "2026-10")):
        return
    manifest = manifest_of(partner_id, sequence, kind)
    decision = Decision(
        delivery_id=manifest.delivery_id,
        manifest_hash="h",
        state="admitted",
        response_code="OK",
        received_at=NOW,
        decided_at=NOW,
        decided_by="test",
        partner_id=partner_id,
        month="2026-10",
        sequence=sequence,
        kind=kind,
    )
    rows = frame_of([signal_row(signal, signal_id=signal) for signal in ids], kind)
    rows = rows.with_columns(tokens_under=pl.lit("token-1 store-1"))
    run = cast("Run", SimpleNamespace(store=store, actor="test", today=date(2026, 11, 3)))
    with store.writer_lock("test"):
        decision, change = delivery_keeping.change_of(run, Judged(decision, manifest, rows))
        delivery_keeping.write(run, "admit_delivery", decision, change)


def state_of(store: Store, partner_id: str) -> list[tuple[int, str, bool, bool]]:
    columns = (signals.c.sequence, signals.c.signal_id, signals.c.is_retraction, signals.c.is_current)
    statement = sa.select(*columns).where(signals.c.partner_id == partner_id).order_by(*columns[:2])
    return [tuple(row.values()) for row in store.all(statement)]


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(delivered=MONTH, chance=st.randoms(use_true_random=False))
def test_any_order_of_arrival_ends_in_the_same_stored_rows(
    store: Store, delivered: list[Delivered], chance: random.Random
) -> None:
    """What the database holds agrees with the rule told plainly, whatever the order, on both databases."""
    with store.engine.begin() as connection:
        for table in ("signals", "deliveries", "month_marks"):
            connection.execute(sa.text(f"DELETE FROM {table}"))
    arrivals = [*delivered, *delivered[:2]]
    chance.shuffle(arrivals)
    admit(store, "bystander", (1, "signals", tuple(IDS)))
    for partner_id, order in (("in-order", delivered), ("shuffled", arrivals)):
        for delivery in order:
            admit(store, partner_id, delivery)
    assert state_of(store, "in-order") == state_of(store, "shuffled")
    current = {row[1]: row[0] for row in state_of(store, "shuffled") if row[3]}
    assert expected_of(delivered) == current
    assert dict.fromkeys(IDS, 1) == {row[1]: row[0] for row in state_of(store, "bystander") if row[3]}
    if any(ids for _, _, ids in delivered):
        assert 1 == len(store.all(sa.select(month_marks)))
