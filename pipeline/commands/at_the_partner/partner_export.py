"""From a partner's file to the signals that may go along: read, judge, locate, fold; with a count of everything.

`partner seal` and `partner check` both come through here, so that a check never says something else than a seal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.identified.fold_clients import fold_clients
from pipeline.identified.join_areas import join_areas, without_areas
from pipeline.identified.judge_rows import Judged, judge_retractions, judge_rows
from pipeline.identified.raw_table import ROW
from pipeline.identified.read_export import MOST_BYTES, Export, read_export
from pipeline.identified.read_mapping import ExportMapping, read_mapping
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.manifest import KINDS

KINDS_SAID = f"({', '.join(KINDS)})"
MOST_MAPPING_BYTES = 1 << 20
CORRECTION = "correction"
RETRACTION = "retraction"
DECIMAL_NUMBERS = (
    "Let op: klantnummers die eindigen op .0: {}. Maakte een rekenblad daar getallen van? Zet de kolom op tekst "
    "en maak de lijst opnieuw: 123.0 en 123 tellen als twee klanten."
)
CORRECTION_ADVICE = "Een correctie vervangt de hele melding van een klant. Staan al zijn rijen erin?"
OBJECTION_ADVICE = "Meldde u een klant met bezwaar al eerder? Haal hem weg met een intrekking: --kind retraction."


@dataclass(frozen=True, slots=True)
class ExportSource:
    """The files of a partner, and as what they are delivered."""

    export_file: Path
    kind: str = "signals"
    areas_file: Path | None = None
    mapping_file: Path | None = None
    is_empty: bool = False  # the partner says that there is nothing to report


@dataclass(frozen=True, slots=True)
class Prepared:
    """What may be sealed. `signals` has one row per client; for a retraction only `klantnummer`.

    `remarks` name rows that are not refused and are listed beside those that are.
    """

    signals: pl.DataFrame
    faults: tuple[RowFault, ...]
    counts: dict[str, int]
    lines: list[str]
    remarks: tuple[RowFault, ...] = ()

    @property
    def listed(self) -> list[RowFault]:
        """All rows that a partner must look at, in the order of the export."""
        return sorted((*self.faults, *self.remarks), key=lambda fault: fault.row or 0)

    def __repr__(self) -> str:
        return f"Prepared({self.counts})"


def prepare_export(source: ExportSource, last_day: date, gemeentecode: str | None) -> Prepared:
    """Read and judge an export.

    Args:
        source: the partner's files.
        last_day: the end of the delivery's month.
        gemeentecode: of the agreement; without it rows of other municipalities cannot be told and go along.

    Raises:
        Refused: when the file as a whole cannot be used.
    """
    if source.kind not in KINDS:
        raise Refused("USAGE", "kind", hint=KINDS_SAID)
    mapping = read_mapping_file(source.mapping_file)
    content = _bytes(source.export_file, MOST_BYTES, "EXPORT_UNREADABLE", "TOO_LARGE")
    export = read_export(content, mapping, source.kind)
    if export.row_count == 0 and not source.is_empty:
        raise Refused("EXPORT_EMPTY")
    if export.row_count and source.is_empty:
        raise Refused("EXPORT_NOT_EMPTY")
    if source.kind == RETRACTION:
        judged = judge_retractions(export)
        clients = judged.rows.select(pl.col("klantnummer").unique(maintain_order=True))
        return _prepared(export, judged, clients, judged.rows.height, {})
    judged = judge_rows(export, mapping, last_day)
    if source.areas_file is None:
        located = without_areas(judged.rows)
    else:
        located = join_areas(judged.rows, _bytes(source.areas_file, None, "AREAS_INVALID", ""), gemeentecode)
    signals = fold_clients(located.rows)
    in_part = located.rows.filter(pl.col("klantnummer").is_in(judged.partly_left.implode()))
    parts = tuple(RowFault("CLIENT_IN_PART", "klantnummer", row) for row in in_part[ROW])
    judged = replace(judged, remarks=(*judged.remarks, *parts))
    extra = {
        "objections": judged.objection_count,
        "legal_persons": judged.legal_person_count,
        "outside_municipality": located.outside_count,
        "without_wijk": located.without_wijk_count,
        "clients_with_differing_rows": int(signals["has_differing_rows"].sum()),
        "clients_in_part": in_part["klantnummer"].n_unique(),
    }
    return _with_advice(_prepared(export, judged, signals, located.rows.height, extra), source.kind)


def _prepared(
    export: Export, judged: Judged, signals: pl.DataFrame, row_count: int, extra: dict[str, int]
) -> Prepared:
    """What came of it. `row_count`: rows that go along, of which those of one client are one signal."""
    faults = tuple(sorted((*export.faults, *judged.faults), key=lambda fault: fault.row or 0))
    counts = {
        "rows": export.row_count,
        "signals": signals.height,
        "refused_rows": len({fault.row for fault in faults}),
        "folded_rows": row_count - signals.height,
        **extra,
        "columns_left_aside": export.left_aside_count,
        "sheets_left_aside": export.other_sheet_count,
    }
    lines = [text.format(counts[name]) for name, text in _SAID.items() if counts.get(name)]
    return Prepared(signals, faults, counts, [*lines, *_decimal_line(export.rows["klantnummer"])], judged.remarks)


def _decimal_line(numbers: pl.Series) -> list[str]:
    """Said of numbers as 123.0, which a spreadsheet makes of 123, unless others have a decimal that counts.

    They are not mended here: where 123.0 is a contract beside 123.1, taking the decimal off would name another
    client, and a retraction of it would take nothing back.
    """
    count = int(numbers.str.contains(r"^\d+[.,]0$").sum())
    is_own_form = bool(numbers.str.contains(r"^\d+[.,]\d*[1-9]\d*$").any())
    return [DECIMAL_NUMBERS.format(count)] if count and not is_own_form else []


def _with_advice(prepared: Prepared, kind: str) -> Prepared:
    """What a correction does: it replaces each client that it names, and leaves all else.

    So it must hold all rows of its clients, and cannot take back one who objected since.
    """
    if kind != CORRECTION:
        return prepared
    objections = [OBJECTION_ADVICE] if prepared.counts["objections"] else []
    return replace(prepared, lines=[*prepared.lines, CORRECTION_ADVICE, *objections])


_SAID = {
    "folded_rows": "Rijen samengevoegd met een andere rij van hetzelfde klantnummer: {}.",
    "objections": "Rijen die bij u blijven omdat de klant bezwaar maakte: {}.",
    "legal_persons": "Rijen van rechtspersonen, die bij u blijven: {}.",
    "outside_municipality": "Rijen buiten de gemeente, die bij u blijven: {}.",
    "without_wijk": "Let op: rijen zonder wijk, want niet in de wijktabel: {}. Alleen postcodecijfers gaan mee.",
    "clients_with_differing_rows": "Let op: klanten met verschillende namen of adressen: {}. De volste rij telt.",
    "clients_in_part": "Let op: klanten van wie maar een deel van de rijen meegaat: {}. Zie CLIENT_IN_PART.",
    "columns_left_aside": "Kolommen die het programma niet kent en die niet meegaan: {}.",
    "sheets_left_aside": "Let op: andere werkbladen met inhoud, die niet meegaan: {}.",
}


def read_mapping_file(path: Path | None) -> ExportMapping:
    """mapping.toml, or nothing where there is none.

    Raises:
        Refused: MAPPING_INVALID.
    """
    if path is None:
        return ExportMapping()
    try:
        return read_mapping(
            _bytes(path, MOST_MAPPING_BYTES, "MAPPING_INVALID", "MAPPING_INVALID").decode("utf-8-sig")
        )
    except UnicodeDecodeError:
        raise Refused("MAPPING_INVALID") from None


def _bytes(path: Path, most: int | None, unreadable: str, too_large: str) -> bytes:
    try:
        if most is not None and path.stat().st_size > most:
            raise Refused(too_large, hint=f"({path.name})")
        return path.read_bytes()
    except FileNotFoundError:
        raise Refused("FILE_NOT_FOUND", hint=f"({path.name})") from None
    except OSError:
        raise Refused(unreadable, hint=f"({path.name})") from None
