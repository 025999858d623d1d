"""Signals become the rows of a delivery: tokens, a sealed and signed contact, and the few fields in the clear.

Rows stand in the order of their signal ids, so that their order tells nothing of client numbers. Many signals are
sealed in several processes, because each costs a key agreement and a signature.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context

import polars as pl

from pipeline.identified.derive_tokens import derive_tokens
from pipeline.vault.contact import ContactBinding, SealContact, contact_sealer
from pipeline.vault.sealing import seal
from pipeline.vault.tokens import signal_ids
from pipeline.vocabulary.frames import DELIVERY_SCHEMA, MONTHS_CAP, RETRACTION_SCHEMA, band_of
from pipeline.vocabulary.identity.normalise import WRITTEN_COLUMNS
from pipeline.vocabulary.manifest import DeliveryName, file_info

CONTACT_FIELDS = (
    "klantnummer",
    *WRITTEN_COLUMNS,
    "arrears_eur",
    "arrears_months",
    "since_on",
    "signalled_on",
    "is_crisis",
    "crisis_kind",
    "crisis_on",
    "has_warm_handover",
    "contract_count",
)
CLEAR_FIELDS = ("signal_id", "wijkcode", "postcode4", "arrears_months", "arrears_band", "is_crisis")
ROWS_AT_ONCE = 1_000
FEWEST_FOR_PROCESSES = 4_000
"""Below this, starting processes costs more than it saves."""


@dataclass(frozen=True, slots=True, repr=False)
class SealOrder:
    """All that sealing the signals of one delivery needs. Secret: it never prints itself."""

    name: DeliveryName
    agreement_id: str
    gemeentecode: str
    partner_secret: bytes
    token_key: bytes
    signing_private: bytes
    opening_public: bytes
    opening_key_id: str


def seal_signals(
    signals: pl.DataFrame, order: SealOrder, workers: int, advance: Callable[[int], None] = lambda _count: None
) -> pl.DataFrame:
    """The rows of a delivery of signals or corrections (DELIVERY_SCHEMA).

    Args:
        signals: folded clients: contact fields, `keys`, `wijkcode`, `postcode4`.
        order: keys and what the seals are bound to.
        workers: processes to use when there are many signals; 1 stays in this one.
        advance: is told how many more signals are sealed.
    """
    ids = signal_ids(order.partner_secret, order.gemeentecode, order.name.month, signals["klantnummer"])
    ready = signals.with_columns(
        ids.alias("signal_id"),
        arrears_band=band_of(pl.col("arrears_eur")),
        capped_months=pl.col("arrears_months").clip(0, MONTHS_CAP).cast(pl.Int16),
    ).sort("signal_id")
    parts = []
    for part in _sealed_parts(list(ready.iter_slices(ROWS_AT_ONCE)), order, workers):
        parts.append(part)
        advance(part.height)
    return pl.concat(parts, rechunk=True) if parts else pl.DataFrame(schema=DELIVERY_SCHEMA)


def retraction_rows(klantnummers: pl.Series, order_secret: bytes, gemeentecode: str, month: str) -> pl.DataFrame:
    """The rows of a delivery of retractions: the ids alone."""
    ids = signal_ids(order_secret, gemeentecode, month, klantnummers.unique())
    return pl.DataFrame({"signal_id": ids}, schema=RETRACTION_SCHEMA).sort("signal_id")


def sealed_file(rows: pl.DataFrame, admission_public: bytes, info: bytes) -> bytes:
    """`signals.sealed`: the rows as Parquet, encrypted to the admission key.

    Args:
        rows: of a delivery.
        admission_public: the municipality's admission key.
        info: what the file is bound to; see `file_info`.
    """
    plain = io.BytesIO()
    rows.write_parquet(plain, compression="zstd", statistics=False)
    return seal(admission_public, plain.getvalue(), info)


def info_of(name: DeliveryName, gemeentecode: str, agreement_id: str, admission_key_id: str) -> bytes:
    """What `signals.sealed` is bound to."""
    return file_info(name, gemeentecode, agreement_id, admission_key_id)


def _sealed_parts(parts: list[pl.DataFrame], order: SealOrder, workers: int) -> Iterator[pl.DataFrame]:
    done = 0
    if workers > 1 and sum(part.height for part in parts) >= FEWEST_FOR_PROCESSES:
        try:
            for sealed in _in_processes(parts, order, workers):
                done += 1
                yield sealed
        except BrokenProcessPool:
            pass  # the system does not allow or killed them; what is left is sealed here
    seal_part = _PartSealer(order)
    for part in parts[done:]:
        yield seal_part(part)


def _in_processes(parts: list[pl.DataFrame], order: SealOrder, workers: int) -> Iterator[pl.DataFrame]:
    with ProcessPoolExecutor(workers, get_context("spawn"), _start_worker, (order,)) as pool:
        yield from pool.map(_seal_in_worker, parts)


_worker: list[_PartSealer] = []


def _start_worker(order: SealOrder) -> None:
    _worker.append(_PartSealer(order))


def _seal_in_worker(part: pl.DataFrame) -> pl.DataFrame:
    return _worker[0](part)


class _PartSealer:
    """Seals some signals with one set of keys."""

    def __init__(self, order: SealOrder) -> None:
        self.order = order
        self.seal_contact: SealContact = contact_sealer(order.opening_public, order.signing_private)

    def __call__(self, part: pl.DataFrame) -> pl.DataFrame:
        tokens = derive_tokens(part["keys"].struct.unnest(), self.order.token_key)
        clear = part.select(
            pl.col("capped_months").alias("arrears_months") if name == "arrears_months" else name
            for name in CLEAR_FIELDS
        )
        contacts = part.select(CONTACT_FIELDS).to_dicts()
        blobs = [
            self.seal_contact(self._binding(row["signal_id"]), contact, row, self.order.name.sequence)
            for contact, row in zip(contacts, clear.to_dicts(), strict=True)
        ]
        sealed = pl.Series("sealed_contact", blobs, dtype=pl.Binary)
        return (
            clear.hstack(tokens).hstack([sealed]).select(DELIVERY_SCHEMA.keys()).cast(pl.Schema(DELIVERY_SCHEMA))
        )

    def _binding(self, signal_id: str) -> ContactBinding:
        order = self.order
        return ContactBinding(
            agreement_id=order.agreement_id,
            gemeentecode=order.gemeentecode,
            partner_id=order.name.partner_id,
            month=order.name.month,
            signal_id=signal_id,
            key_id=order.opening_key_id,
        )
