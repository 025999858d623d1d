"""`samenloop partner check`: the judgement of `seal` as a table that says what to mend; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.commands.at_the_partner.partner_export import KINDS_SAID, ExportSource, prepare_export
from pipeline.commands.at_the_partner.partner_papers import DIRECTORY_FILE, read_papers
from pipeline.commands.console import Outcome
from pipeline.commands.count_words import counted
from pipeline.commands.documents import read_directory, read_unverified_agreement, verified_agreement
from pipeline.commands.wiring import today_in_amsterdam
from pipeline.vault.keyring import PartnerKeys
from pipeline.vocabulary.agreement import Agreement
from pipeline.vocabulary.faults import Refused, RowFault, step_of_row
from pipeline.vocabulary.manifest import KINDS
from pipeline.vocabulary.period import month_end, month_of, parse_month

COMMAND = "partner check"
ROWS_NAMED = 10
FIRST_ROW = "Rij 1 is de eerste rij onder de kop."
MONTH_ASSUMED = "U gaf geen --month: gecontroleerd als de lijst van {}. Is zij van een andere maand? Geef --month."
AREAS_ONLY = "Zonder --agreement is niet bekend welke gemeente het is: rijen daarbuiten zijn niet geteld."


def check_export(
    export: Path,
    *,
    agreement_file: Path | None = None,
    keys_file: Path | None = None,
    month: str | None = None,
    areas_file: Path | None = None,
    mapping_file: Path | None = None,
    kind: str = "signals",
) -> Outcome:
    """Judge an export. Every paper that is given is read; with agreement and keys: could a delivery be made.

    Without a month it is that of today, and said, because `seal` judges dates and terms by the month it is given.

    Raises:
        Refused: when the file or a paper cannot be used at all.
    """
    if kind not in KINDS:
        raise Refused("USAGE", "kind", hint=KINDS_SAID)
    is_assumed = month is None
    month = parse_month(month) if month is not None else month_of(today_in_amsterdam())
    agreement = _agreement(agreement_file, keys_file, month, kind)
    if agreement is None and keys_file is not None:
        PartnerKeys.read(keys_file)
    source = ExportSource(export, kind, areas_file, mapping_file)
    prepared = prepare_export(source, month_end(month), None if agreement is None else agreement.gemeentecode)
    assumed = [MONTH_ASSUMED.format(month)] if is_assumed else []
    lines = [*assumed, *_table(prepared.faults, prepared.remarks), *prepared.lines]
    counts = prepared.counts
    if agreement is None and areas_file is not None:
        lines.append(AREAS_ONLY)
    go_along = counted(counts["signals"], "signaal kan", "signalen kunnen")
    must_mend = counted(counts["refused_rows"], "rij moet", "rijen moeten")
    lines.append(f"{go_along} mee, {must_mend} eerst beter.")
    return Outcome(COMMAND, counts, list(prepared.faults), lines=lines, unsaid=[])


def _agreement(agreement_file: Path | None, keys_file: Path | None, month: str, kind: str) -> Agreement | None:
    """The agreement, if one is given; believed without a fingerprint only as far as checking needs."""
    if agreement_file is None:
        return None
    if keys_file is not None:
        return read_papers(agreement_file, keys_file, month, kind, today_in_amsterdam()).agreement
    document = read_unverified_agreement(agreement_file)
    agreement = verified_agreement(document, read_directory(agreement_file.with_name(DIRECTORY_FILE)))
    if not agreement.is_valid_for(month):
        raise Refused("AGREEMENT_EXPIRED", "month")
    return agreement


def _table(faults: Sequence[RowFault], remarks: Sequence[RowFault]) -> list[str]:
    """Faults of one kind on one line: code, column, rows, what to do. Remarks come after what must be mended."""
    grouped: dict[tuple[str, str], list[int]] = {}
    for fault in (*faults, *remarks):
        grouped.setdefault((fault.code, fault.column or "-"), []).append(fault.row or 0)
    lines = [
        f"{code}  kolom {column}  {_rows(rows)}  {step_of_row(RowFault(code, column))}"
        for (code, column), rows in grouped.items()
    ]
    return [*lines, FIRST_ROW] if lines else []


def _rows(rows: Sequence[int]) -> str:
    named = ", ".join(str(row) for row in rows[:ROWS_NAMED])
    more = f" en {len(rows) - ROWS_NAMED} andere" if len(rows) > ROWS_NAMED else ""
    return f"{'rij' if len(rows) == 1 else 'rijen'} {named}{more}"
