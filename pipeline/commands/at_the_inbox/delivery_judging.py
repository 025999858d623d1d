"""How one delivery is judged: what lies there, its manifest, its bytes, its rows, the whole, in this order.

Judging reads and decides and changes nothing, so it needs no lock and may be done twice; keeping the decision is
`delivery_keeping`. A fault of the municipality itself (a key that is not there) is raised: it refuses nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.channels import folder
from pipeline.commands.key_keeping.key_making import ADMISSION, STORE, keys_of
from pipeline.commands.wiring import SCHEMAS, Run
from pipeline.pseudonymous import accept_delivery as accept
from pipeline.pseudonymous.answer_delivery import (
    ADMITTED,
    HELD,
    IN_FORCE,
    OK,
    OK_WITH_WARNINGS,
    REFUSED,
    RESPONSE_HELD,
    WARNED,
    Decision,
)
from pipeline.pseudonymous.check_signals import MonthProfile, judge_whole
from pipeline.pseudonymous.signal_contract import Contract, read_contract, row_faults
from pipeline.stewardship.watch_token_keys import OLD_KEY_REMARK, behind_in_token_key
from pipeline.store import deliveries as ledger
from pipeline.vault.keyring import as_listed
from pipeline.vocabulary.faults import OwnKeyRefused, Refused, RowFault
from pipeline.vocabulary.frames import BAND_CODES
from pipeline.vocabulary.manifest import DATA_FILE, MANIFEST_FILE, SIGNATURE_FILE, DeliveryName, Manifest

# Refusals that are the municipality's own fault: the delivery stays where it is.
OWN_FAULTS = ("KEY_MISSING", "KEY_INVALID", "NO_PERMISSION")

_FILES = (DATA_FILE, MANIFEST_FILE, SIGNATURE_FILE)
_CONTRACT_FILES = {
    "signals": "signals.odcs.yaml",
    "correction": "signals.odcs.yaml",
    "retraction": "retraction.odcs.yaml",
}


class LeftInboxError(Exception):
    """What was being judged left meanwhile, or was swapped for something else."""


@contextmanager
def _reading_arrival() -> Iterator[None]:
    """Around reads of the delivery's own files alone: a file of ours that is missing is a bug."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise LeftInboxError from None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing that lies in the inbox or in quarantine.

    Attributes:
        handle: the delivery id; for an odd name one that says nothing, for it may hold somebody's name.
        name: None for an odd name.
        path: where it lies.
        entry: what it was when it was listed.
    """

    handle: str
    name: DeliveryName | None
    path: Path
    entry: folder.Entry

    @property
    def fingerprint(self) -> str:
        """Stands for the manifest's hash where there is no manifest to be read."""
        with _reading_arrival():
            status = self.path.lstat()
        parts = (self.handle, status.st_ino, status.st_size, status.st_mtime_ns)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision that is not kept yet, and the rows that come with it; or one that was kept before."""

    decision: Decision
    manifest: Manifest | None = None
    rows: pl.DataFrame | None = None
    is_repeat: bool = False


@lru_cache(maxsize=len(_CONTRACT_FILES))
def contract_for(kind: str) -> Contract:
    """The contract of the rows of this kind of delivery."""
    return read_contract((SCHEMAS / "delivery" / _CONTRACT_FILES[kind]).read_text(encoding="utf-8"))


def judge(run: Run, arrival: Arrival, *, is_released: bool = False) -> Judged | None:
    """Decide on one arrival; None when it is not complete yet.

    Args:
        run: the surroundings.
        arrival: what to judge.
        is_released: the steward released it: neither the month window nor the whole is judged again.

    Raises:
        Refused: OWN_FAULTS and OwnKeyRefused only.
        LeftInboxError: it left meanwhile.
    """
    try:
        return _judge(run, arrival, is_released=is_released)
    except PermissionError:
        raise Refused("NO_PERMISSION", hint=f"({arrival.handle})") from None


def _judge(run: Run, arrival: Arrival, *, is_released: bool) -> Judged | None:
    blank = Decision(
        delivery_id=arrival.handle,
        manifest_hash="",
        state=REFUSED,
        response_code="",
        received_at=run.now,
        decided_at=run.now,
        decided_by=run.actor,
    )
    if arrival.name is not None:
        name = arrival.name
        blank = replace(blank, partner_id=name.partner_id, month=name.month, sequence=name.sequence)
    if arrival.entry.kind != folder.FOLDER:
        return Judged(replace(blank, manifest_hash=arrival.fingerprint).refused_as("NOT_A_FOLDER", None))
    if arrival.name is None:
        return Judged(replace(blank, manifest_hash=arrival.fingerprint).refused_as("ODD_NAME", None))
    with ExitStack() as stack:
        with _reading_arrival():
            handle = stack.enter_context(folder.opened_folder(arrival.path))
            if not folder.has(handle, MANIFEST_FILE):
                return None
            entries = folder.list_entries(handle, most=len(_FILES) + 1)
        return _Judge(run, arrival, arrival.name, handle, entries, blank, is_released).judged()


@dataclass(slots=True)
class _Judge:
    """The checks on a folder that has a manifest, in order; what is known so far stands in `decision`."""

    run: Run
    arrival: Arrival
    name: DeliveryName
    handle: int
    entries: Sequence[folder.Entry]
    decision: Decision
    is_released: bool

    def judged(self) -> Judged:
        rows: tuple[RowFault, ...] = ()
        try:
            raw = self._manifest_bytes()
            earlier = kept_before(self.run, self.decision)
            if earlier is not None and not self.is_released:
                return Judged(earlier, is_repeat=True)
            accepted = self._accepted(raw)
            sealed = self._sealed_bytes(accepted.manifest)
            frame, whole = self._rows(accepted, sealed)
            rows = self.decision.refused_rows
            if frame.height == 0 and rows:
                raise Refused("NO_ROWS_LEFT")
        except Refused as refusal:
            if refusal.code in OWN_FAULTS or isinstance(refusal, OwnKeyRefused):
                raise
            digest = self.decision.manifest_hash or self.arrival.fingerprint
            refused = replace(self.decision, manifest_hash=digest)
            return Judged(refused.refused_as(refusal.code, refusal.column, rows))
        return Judged(whole, accepted.manifest, frame)

    def _manifest_bytes(self) -> bytes:
        if any(entry.name not in _FILES or entry.kind != folder.FILE for entry in self.entries):
            raise Refused("UNEXPECTED_FILE")
        raw = self._read(MANIFEST_FILE, accept.MOST_MANIFEST_BYTES)
        self.decision = replace(self.decision, manifest_hash=accept.manifest_hash(raw))
        return raw

    def _accepted(self, raw: bytes) -> accept.Accepted:
        signature = self._read(SIGNATURE_FILE, accept.MOST_SIGNATURE_BYTES) if self._size(SIGNATURE_FILE) else None
        terms = accept.Terms(self.run.agreements, self.run.directory, self.run.today, self.is_released)
        accepted = accept.accept_manifest(self.name, raw, signature, terms)
        assert signature is not None
        manifest = accepted.manifest
        self.decision = replace(
            self.decision,
            kind=manifest.kind,
            agreement_id=manifest.agreement_id,
            agreement_version=manifest.agreement_version,
            row_count=manifest.row_count,
            manifest=raw.decode(),
            signature_b64=base64.b64encode(signature).decode(),
        )
        known = ledger.ledger_of_month(self.run.store, self.name.partner_id, self.name.month)
        check_sequence(self.decision, known)
        return accepted

    def _sealed_bytes(self, manifest: Manifest) -> bytes:
        size = self._size(DATA_FILE)
        if size is None:
            raise Refused("FILE_MISSING", DATA_FILE)
        accept.check_size(manifest, size)
        sealed = self._read(DATA_FILE, manifest.size)
        accept.check_bytes(manifest, sealed)
        return sealed

    def _rows(self, accepted: accept.Accepted, sealed: bytes) -> tuple[pl.DataFrame, Decision]:
        """The rows to keep, tokens keyed again, and the decision on the whole."""
        manifest = accepted.manifest
        home = self.run.home.path
        admission_key = accept.key_named(keys_of(home, ADMISSION), manifest.admission_key_id)
        admission_key = as_listed(admission_key, self.run.directory)
        store_key = accept.store_key_of(keys_of(home, STORE), manifest.month)
        delivered = accept.open_rows(manifest, sealed, admission_key)
        contract = contract_for(manifest.kind)
        faults = row_faults(delivered, contract, manifest.gemeentecode)
        refused = pl.Series([fault.row for fault in faults], dtype=pl.UInt32)
        good = delivered.with_row_index("_row", 1).filter(~pl.col("_row").is_in(refused.implode())).drop("_row")
        self.decision = replace(
            self.decision,
            admitted_count=good.height,
            refused_count=len(faults),
            refused_rows=tuple(faults),
        )
        whole = self._whole(accepted, delivered, contract)
        under = pl.lit(f"{manifest.token_key_id} {store_key.key_id}").alias("tokens_under")
        return accept.rekey_tokens(good, store_key.secret.value).with_columns(under), whole

    def _whole(self, accepted: accept.Accepted, delivered: pl.DataFrame, contract: Contract) -> Decision:
        manifest = accepted.manifest
        history = history_of(self.run, manifest.partner_id, manifest.month)
        verdict = judge_whole(delivered, manifest.kind, contract, history, accepted.agreement.thresholds)
        if verdict.outcome == HELD and not self.is_released:
            return replace(
                self.decision, state=HELD, response_code=RESPONSE_HELD, admitted_count=0, warnings=verdict.lines
            )
        return with_lines(self.decision, (*verdict.lines, *self._token_key_remark(manifest)))

    def _token_key_remark(self, manifest: Manifest) -> list[str]:
        """What the partner must know when its tokens cannot equal those of others."""
        lists = ledger.token_keys_since(self.run.store, manifest.month, IN_FORCE)
        behind = behind_in_token_key([*lists, asdict(manifest)])
        return [OLD_KEY_REMARK] if (manifest.partner_id, manifest.month) in behind else []

    def _size(self, name: str) -> int | None:
        return next((entry.size for entry in self.entries if entry.name == name), None)

    def _read(self, name: str, most_bytes: int) -> bytes:
        try:
            with _reading_arrival():
                return folder.read_file(self.handle, name, most_bytes)
        except folder.NotPlainFileError:
            raise Refused("TOO_LARGE", name) from None


def with_lines(decision: Decision, lines: Sequence[str]) -> Decision:
    """The delivery admitted, with these remarks added; refused rows are a remark as well."""
    remark = f"{decision.refused_count} van {decision.row_count} rijen zijn niet aangenomen."
    warnings = tuple(dict.fromkeys((*decision.warnings, *lines, *([remark] if decision.refused_count else []))))
    return replace(
        decision,
        state=WARNED if warnings else ADMITTED,
        response_code=OK_WITH_WARNINGS if warnings else OK,
        warnings=warnings,
    )


def with_note(decision: Decision, line: str) -> Decision:
    """The same decision with a line that is good to know and changes nothing about it."""
    return replace(decision, warnings=(*decision.warnings, line))


def kept_before(run: Run, decision: Decision) -> Decision | None:
    """The decision on the very same manifest, unless that was a refusal: what was refused may be tried again."""
    row = ledger.ledger_row(run.store, decision.delivery_id, decision.manifest_hash)
    return None if row is None or row["state"] == REFUSED else Decision.from_row(row)


def check_sequence(decision: Decision, known: Sequence[Mapping[str, Any]]) -> None:
    """Refuse another manifest under a sequence number that is taken."""
    same = [(row["manifest_hash"], row["state"]) for row in known if row["sequence"] == decision.sequence]
    accept.check_sequence(decision.manifest_hash, same)


def history_of(run: Run, partner_id: str, month: str) -> list[MonthProfile]:
    """The partner's earlier months, in figures."""
    volumes = ledger.volumes_before(run.store, partner_id, month, IN_FORCE)
    figures = ledger.figures_before(run.store, partner_id, month)
    return [
        _profile(earlier, count, [row for row in figures if row["month"] == earlier])
        for earlier, count in volumes.items()
    ]


def _profile(month: str, row_count: int, figures: Sequence[Mapping[str, Any]]) -> MonthProfile:
    total = sum(row["row_count"] for row in figures)
    if not total:
        return MonthProfile(month, row_count)
    bands = {row["arrears_band"]: row["row_count"] / total for row in figures}
    return MonthProfile(
        month=month,
        row_count=row_count,
        without_wijk_share=sum(row["without_wijk_count"] for row in figures) / total,
        crisis_share=sum(row["crisis_count"] for row in figures) / total,
        months_mean=sum(row["months_sum"] for row in figures) / total,
        band_shares={code: bands.get(code, 0.0) for code in BAND_CODES},
    )
