"""`samenloop partner seal`: papers, then the export, then one delivery, whole or not at all.

Nothing is written before papers and export are found good; the list of refused rows is written also when no row
is left, because it says what to mend.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from pipeline.commands.at_the_partner.delivery_writing import (
    refusals_file,
    refuse_existing,
    sequences_in,
    write_delivery,
    write_refusals,
)
from pipeline.commands.at_the_partner.partner_export import (
    KINDS_SAID,
    RETRACTION,
    ExportSource,
    Prepared,
    prepare_export,
)
from pipeline.commands.at_the_partner.partner_papers import PartnerPapers, read_papers
from pipeline.commands.at_the_partner.partner_sequences import (
    keep_client_count,
    next_sequence,
    take_sequence,
)
from pipeline.commands.console import Outcome, RefusedWhole, progress, talk
from pipeline.commands.count_words import counted
from pipeline.commands.wiring import now_in_utc, processor_count, today_in_amsterdam
from pipeline.identified.seal_signals import SealOrder, info_of, retraction_rows, seal_signals, sealed_file
from pipeline.vault.signing import sign
from pipeline.vocabulary.faults import FAULTS, Refused, RowFault
from pipeline.vocabulary.manifest import KINDS, DeliveryName, Manifest
from pipeline.vocabulary.period import add_months, month_end, parse_month

COMMAND = "partner seal"
MOST_PROCESSES = 4
OF_OTHERS = 0o077
SIGNALS = "signals"
ATTESTATION = "U verklaart hiermee dat bij elk signaal sociaal is geïncasseerd en niemand bezwaar maakte."


def seal_export(
    export: Path,
    *,
    agreement_file: Path,
    keys_file: Path,
    month: str,
    out: Path,
    areas_file: Path | None = None,
    mapping_file: Path | None = None,
    kind: str = "signals",
    sequence: int | None = None,
    is_empty: bool = False,
) -> Outcome:
    """Make one delivery in the folder `out`.

    Raises:
        Refused: when papers or export cannot be used, or not one signal is left.
    """
    parse_month(month)
    if kind not in KINDS or (is_empty and kind != "signals"):
        raise Refused("USAGE", "kind", hint=KINDS_SAID)
    papers = read_papers(agreement_file, keys_file, month, kind, today_in_amsterdam())
    if keys_file.stat().st_mode & OF_OTHERS:
        talk.print(f"KEY_MODE: {FAULTS['KEY_MODE'].next_step} ({keys_file.name})", markup=False)
    source = ExportSource(export, kind, areas_file, mapping_file, is_empty)
    prepared = prepare_export(source, month_end(month), papers.agreement.gemeentecode)
    seen = sequences_in(out, papers.keys.partner_id, month)
    gemeentecode = papers.agreement.gemeentecode
    number = next_sequence(keys_file, gemeentecode, month, seen) if sequence is None else sequence
    name = DeliveryName(papers.keys.partner_id, month, number)
    if prepared.signals.is_empty() and (prepared.faults or kind != "signals"):
        paths = _list_refusals(out, name, prepared.listed)
        told = Outcome(COMMAND, prepared.counts, list(prepared.faults), paths)
        raise RefusedWhole(told, "NO_SIGNALS_LEFT", hint=_why_nothing_is_left(prepared, out, name))
    refuse_existing(out, name)
    name = DeliveryName(name.partner_id, month, take_sequence(keys_file, gemeentecode, month, sequence, seen))
    rows = _rows(prepared.signals, papers, name, kind)
    # The list first: where `out` is an inbox, the delivery is taken away as soon as its manifest is there.
    listed = _list_refusals(out, name, prepared.listed)
    folder = _write(rows, papers, name, kind, out)
    if kind == SIGNALS:
        _tell_of_shorter_list(keys_file, gemeentecode, name, rows.height)
    paths = {"delivery": str(folder), **listed}
    said = "ingetrokken signalen" if kind == RETRACTION else "signalen verzegeld"
    attested = [] if kind == RETRACTION or rows.is_empty() else [ATTESTATION]
    lines = [f"Levering {name}: {rows.height} {said}.", *prepared.lines, *attested]
    return Outcome(COMMAND, prepared.counts, list(prepared.faults), paths, lines)


def _tell_of_shorter_list(keys_file: Path, gemeentecode: str, name: DeliveryName, client_count: int) -> None:
    """Mended rows alone, sealed as a regular list, take back everybody else: that must be known in time."""
    before = keep_client_count(keys_file, gemeentecode, name.month, name.sequence, client_count)
    if before is None or client_count * 2 >= before:
        return
    has = counted(client_count, "klant", "klanten")
    talk.print(
        f"LIST_MUCH_SHORTER: Deze lijst heeft {has}; de vorige van {name.month} had er {before}. "
        f"{FAULTS['LIST_MUCH_SHORTER'].next_step}",
        markup=False,
    )


def _list_refusals(out: Path, name: DeliveryName, faults: Sequence[RowFault]) -> dict[str, str]:
    """The list of rows to look at of this delivery; one that a failed attempt left under its name goes away."""
    if faults:
        return {"refusals": str(write_refusals(out, name, faults))}
    refusals_file(out, name).unlink(missing_ok=True)
    return {}


def _why_nothing_is_left(prepared: Prepared, out: Path, name: DeliveryName) -> str:
    """The list of refusals, and what else is to be known of rows that stay."""
    said = [refusals_file(out, name).name] if prepared.listed else []
    return f"({' '.join([*said, *prepared.lines])})" if said or prepared.lines else ""


def _rows(signals: pl.DataFrame, papers: PartnerPapers, name: DeliveryName, kind: str) -> pl.DataFrame:
    secret = papers.keys.secret.secret.value
    gemeentecode = papers.agreement.gemeentecode
    if kind == RETRACTION:
        return retraction_rows(signals["klantnummer"], secret, gemeentecode, name.month)
    assert papers.opening is not None
    assert papers.token_key is not None
    order = SealOrder(
        name=name,
        agreement_id=papers.agreement.agreement_id,
        gemeentecode=gemeentecode,
        partner_secret=secret,
        token_key=papers.token_key.secret.value,
        signing_private=papers.signing.secret.value,
        opening_public=papers.opening.public,
        opening_key_id=papers.opening.key_id,
    )
    with progress("verzegelen", signals.height) as advance:
        return seal_signals(signals, order, min(processor_count(), MOST_PROCESSES), advance)


def _write(rows: pl.DataFrame, papers: PartnerPapers, name: DeliveryName, kind: str, out: Path) -> Path:
    agreement, admission = papers.agreement, papers.admission
    info = info_of(name, agreement.gemeentecode, agreement.agreement_id, admission.key_id)
    sealed = sealed_file(rows, admission.public, info)
    last_month = add_months(name.month, agreement.rule.late_months)
    manifest = Manifest(
        delivery_id=str(name),
        partner_id=name.partner_id,
        gemeentecode=agreement.gemeentecode,
        agreement_id=agreement.agreement_id,
        agreement_version=agreement.version,
        month=name.month,
        sequence=name.sequence,
        kind=kind,
        row_count=rows.height,
        checksum=f"sha256:{hashlib.sha256(sealed).hexdigest()}",
        size=len(sealed),
        creationTime=now_in_utc(),
        expirationTime=f"{month_end(last_month).isoformat()}T23:59:59Z",
        signing_key_id=papers.signing.key_id,
        admission_key_id=admission.key_id,
        opening_key_id=None if papers.opening is None else papers.opening.key_id,
        token_key_id=None if papers.token_key is None else papers.token_key.key_id,
        has_social_collection=True,
    )
    raw = json.dumps(manifest.to_dict(), indent=2, ensure_ascii=False).encode()
    return write_delivery(out, name, sealed, raw, sign(papers.signing.secret.value, raw))
