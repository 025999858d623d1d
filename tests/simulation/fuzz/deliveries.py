"""Targets at admission: the manifest and its signature, and the rows as the limited child reads them."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import polars as pl

from pipeline.commands.at_the_inbox.delivery_judging import contract_for
from pipeline.commands.wiring import SCHEMAS
from pipeline.pseudonymous import parse_rows
from pipeline.pseudonymous.accept_delivery import Terms, accept_manifest, parse_manifest
from pipeline.pseudonymous.read_rows import ReadLimits, read_rows, refusal_of
from pipeline.pseudonymous.signal_contract import row_faults
from pipeline.vault.signing import sign
from pipeline.vocabulary.agreement import Agreement
from pipeline.vocabulary.directory import Directory
from pipeline.vocabulary.frames import schema_of
from pipeline.vocabulary.manifest import MOST_ROWS, DeliveryName
from tests.builders.deliveries import (
    GEMEENTE,
    TODAY,
    frame_of,
    key_bytes,
    made_documents,
    parquet_of,
    rows_of,
    signal_id,
    signed_manifest,
)
from tests.simulation.fuzz import mutations as m
from tests.simulation.fuzz.second_reader import check_manifest, check_retraction, check_signal
from tests.simulation.fuzz.target import ACCEPTED, REFUSED, UNCHANGED, Parts, Target, expect, look_for_leak

FOLDER = "huur-a_2026-10_0001"
_FAULTY = SCHEMAS / "delivery" / "faulty"
_CHECKS = {"signals": check_signal, "retraction": check_retraction}


@dataclass(frozen=True)
class _Desk:
    raw: bytes
    signature: bytes
    document: dict[str, Any]
    terms: Terms
    faulty: list[bytes]


def _desk() -> _Desk:
    agreement, directory = made_documents()
    raw, signature = signed_manifest(DeliveryName.parse(FOLDER), b"x" * 1000, agreement_id=m.CANARY)
    agreement = {**agreement, "agreement_id": m.CANARY}
    terms = Terms([Agreement.from_dict(agreement)], Directory.from_dict(directory), TODAY)
    faulty = [path.read_bytes() for path in sorted(_FAULTY.glob("*.json"))]
    return _Desk(raw, signature, json.loads(raw), terms, faulty)


def _make_manifest(desk: _Desk, chance: m.Chance) -> Parts:
    kind = chance.randrange(8)
    raw, signature = desk.raw, desk.signature
    if kind == 0:
        signature = m.mutated_bytes(signature, chance)
    elif kind == 1:
        raw = m.mutated_bytes(chance.choice(desk.faulty), chance)
    elif kind <= 4:
        raw = m.mutated_bytes(raw, chance)
    else:
        raw = m.written_json(m.mutated_document(desk.document, chance), chance)
    # What a partner with a key may try: its own signature under anything.
    if kind in (3, 4, 6, 7):
        signature = sign(key_bytes("signing/huur-a"), raw)
    return {"manifest.json": raw, "manifest.sig": signature}


def _judge_manifest(desk: _Desk, parts: Parts) -> str:
    raw, signature = parts["manifest.json"], parts["manifest.sig"]
    accept_manifest(DeliveryName.parse(FOLDER), raw, signature, desk.terms)
    if (raw, signature) == (desk.raw, desk.signature):
        return UNCHANGED
    expect(signature == sign(key_bytes("signing/huur-a"), raw), "a changed byte under an old signature")
    check_manifest(raw, FOLDER, TODAY)
    parse_manifest(raw)
    return ACCEPTED


@dataclass(frozen=True)
class _Rows:
    kind: str
    files: list[bytes]
    rows: list[dict[str, Any]]


@lru_cache(maxsize=2)
def _rows(kind: str) -> _Rows:
    if kind == "retraction":
        rows: list[dict[str, Any]] = [{"signal_id": signal_id(f"huur-a-{number}")} for number in range(3)]
    else:
        rows = rows_of(3, "huur-a")
    frame = frame_of(rows, kind)
    files = [parquet_of(frame)]
    for compression in ("uncompressed", "snappy", "gzip", "lz4", "brotli"):
        buffer = io.BytesIO()
        frame.write_parquet(buffer, compression=compression, row_group_size=2, statistics="full")
        files.append(buffer.getvalue())
    buffer = io.BytesIO()
    frame.write_parquet(buffer, use_pyarrow=True)
    files.append(buffer.getvalue())
    known = [path.read_bytes() for path in sorted(_FAULTY.glob("*.parquet"))]
    return _Rows(kind, [*files, *(raw for raw in known if len(raw) < 8_000)], rows)


def _make_rows(good: _Rows, chance: m.Chance) -> Parts:
    if chance.random() < 0.45:
        raw = parquet_of(_hostile_frame(good, chance))
        raw = m.mutated_parquet(raw, chance) if chance.random() < 0.2 else raw
    else:
        raw = m.mutated_parquet(chance.choice(good.files), chance)
    return {"rows.parquet": raw, "row_count": str(chance.choice((3, 3, 3, 3, 0, 2, 4))).encode()}


def _hostile_frame(good: _Rows, chance: m.Chance) -> pl.DataFrame:
    """The right columns with hostile values; sometimes other columns."""
    frame = frame_of(good.rows, good.kind)
    for _ in range(chance.randint(1, 3)):
        name = chance.choice(frame.columns)
        column = frame[name].to_list()
        at = chance.randrange(3)
        if frame.schema[name] == pl.Binary():
            size = chance.choice((0, 15, 16, 17, 304, 305, 16384, 16385, 70_000))
            column[at] = chance.choice((None, chance.randbytes(size)))
        elif frame.schema[name] == pl.String():
            text = m.hostile_text(column[at] or "", chance).encode("utf-8", "ignore").decode()
            column[at] = chance.choice((None, text, column[0], column[0] and column[0].upper()))
        elif frame.schema[name] == pl.Int16():
            column[at] = chance.choice((None, -1, 0, 12, 13, 32767, -32768))
        else:
            column[at] = chance.choice((None, True, False))
        frame = frame.with_columns(pl.Series(name, column, dtype=frame.schema[name]))
    trick = chance.randrange(10)
    if trick == 0:
        return frame.drop(chance.choice(frame.columns))
    if trick == 1:
        return frame.with_columns(pl.lit(m.CANARY).alias(chance.choice(("achternaam", *frame.columns))))
    if trick == 2:
        return frame.select(chance.sample(frame.columns, len(frame.columns)))
    return frame


def _judge_rows(good: _Rows, parts: Parts) -> str:
    """As the child and then its parent do, in one process."""
    raw, row_count = parts["rows.parquet"], int(parts["row_count"])
    schema = schema_of(good.kind)
    wanted = {name: str(kind) for name, kind in schema.items()}
    answer = io.BytesIO()
    try:
        code, frame = parse_rows.parse(raw, wanted, row_count, MOST_ROWS)
        if frame is not None:
            frame.write_ipc_stream(answer, compat_level=pl.CompatLevel.oldest())
    except KeyboardInterrupt:
        raise
    except BaseException:
        return REFUSED  # `parse_rows.main` answers with a number then
    if code != 0:
        raise refusal_of(code, list(wanted))
    return _judge_frame(good, pl.read_ipc_stream(io.BytesIO(answer.getvalue())), row_count)


def _judge_frame(good: _Rows, frame: pl.DataFrame, row_count: int) -> str:
    expect(frame.height == row_count, "as many rows as stated")
    faults = row_faults(frame, contract_for(good.kind), GEMEENTE)
    look_for_leak(faults)
    refused = {fault.row for fault in faults}
    expect(len(refused) == len(faults), "one fault for each refused row")
    admitted = [row for number, row in enumerate(frame.to_dicts(), 1) if number not in refused]
    expect(len(admitted) + len(refused) == row_count, "rows in = admitted + refused")
    for row in admitted:
        _CHECKS[good.kind](row, GEMEENTE)
    expect(len({row["signal_id"] for row in admitted}) == len(admitted), "every signal once")
    if frame.to_dicts() == good.rows:
        return UNCHANGED
    return ACCEPTED if admitted else REFUSED


def _judge_through_child(good: _Rows, parts: Parts) -> str:
    raw, row_count = parts["rows.parquet"], int(parts["row_count"])
    frame = read_rows(raw, schema_of(good.kind), row_count, ReadLimits.for_size(len(raw)))
    return _judge_frame(good, frame, row_count)


TARGETS = (
    Target("manifest", 35_000, _desk, _make_manifest, _judge_manifest),
    Target("signals", 10_000, lambda: _rows("signals"), _make_rows, _judge_rows, is_child=True),
    Target("retraction", 3_000, lambda: _rows("retraction"), _make_rows, _judge_rows, is_child=True),
    Target(
        "child-signals", 1_200, lambda: _rows("signals"), _make_rows, _judge_through_child, is_through_child=True
    ),
    Target(
        "child-retraction",
        300,
        lambda: _rows("retraction"),
        _make_rows,
        _judge_through_child,
        is_through_child=True,
    ),
)
