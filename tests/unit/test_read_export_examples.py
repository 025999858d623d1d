"""The published contract of the export, its examples and its faulty files are what the program does."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.commands.at_the_partner.partner_export import (
    ExportSource,
    Prepared,
    prepare_export,
    read_mapping_file,
)
from pipeline.identified.export_columns import COLUMNS, REQUIRED
from pipeline.identified.judge_rows import LONGEST, LONGEST_TEXT, MOST_MONTHS, WRITTEN_AS
from pipeline.identified.parse_values import CRISIS_KINDS, MOST_CENTS
from pipeline.vocabulary.faults import FAULTS, Refused

SCHEMAS = Path(__file__).parents[2] / "schemas" / "export"
CONTRACT: dict[str, Any] = yaml.safe_load((SCHEMAS / "export.odcs.yaml").read_text("utf-8"))
FIELDS = {row["name"]: row for row in CONTRACT["schema"][0]["properties"]}
FAULTY = sorted((SCHEMAS / "faulty").iterdir())


def prepare(export: Path, mapping: Path | None = None) -> Prepared:
    return prepare_export(ExportSource(export, mapping_file=mapping), date(2026, 10, 31), None)


def test_the_contract_names_the_columns_that_are_read() -> None:
    """All of them, in order, with what is required and how long and how high values may be."""
    assert COLUMNS == tuple(FIELDS)
    assert REQUIRED == tuple(name for name, row in FIELDS.items() if row["required"])
    lengths = {column: LONGEST.get(column, LONGEST_TEXT) for column in ("klantnummer", *WRITTEN_AS.values())}
    stated = {
        name: row["logicalTypeOptions"]["maxLength"]
        for name, row in FIELDS.items()
        if "maxLength" in row.get("logicalTypeOptions", {})
    }
    assert {name: lengths[name] for name in stated} == stated
    assert MOST_MONTHS == FIELDS["maanden_achterstand"]["logicalTypeOptions"]["maximum"]
    assert MOST_CENTS // 100 == FIELDS["bedrag"]["logicalTypeOptions"]["maximum"]
    assert set(CRISIS_KINDS) == set(FIELDS["crisissoort"]["quality"][0]["arguments"]["validValues"])


def test_the_examples_go_along_without_a_remark() -> None:
    """Three clients of four contracts; and the same with own headers and notations."""
    plain = prepare(SCHEMAS / "example" / "export.csv")
    assert ((), 3, [1235, 326, 1235]) == (
        plain.faults,
        plain.signals.height,
        plain.signals["arrears_eur"].to_list(),
    )
    own = prepare(SCHEMAS / "example" / "export-with-own-names.csv", SCHEMAS / "example" / "mapping.toml")
    assert ((), [(1235, "afsluiting", "2026-11-20")]) == (
        own.faults,
        own.signals.select("arrears_eur", "crisis_kind", "crisis_on").rows(),
    )


def codes_of(path: Path) -> tuple[list[str], int]:
    """The codes that a file gives, and how many signals go along all the same."""
    try:
        if path.suffix == ".toml":
            read_mapping_file(path)
        prepared = prepare(path)
    except Refused as refusal:
        return [refusal.code], 0
    return [fault.code for fault in prepared.faults], prepared.signals.height


@pytest.mark.parametrize("path", FAULTY, ids=[path.name for path in FAULTY])
def test_each_faulty_file_is_refused_for_the_fault_in_its_name(path: Path) -> None:
    """As a whole, or one row while the other goes along."""
    code = path.stem.split("--")[0].upper().replace("-", "_")
    assert code in FAULTS
    whole = path.suffix != ".csv" or code in ("BSN_FOUND", "COLUMN_MISSING", "COLUMN_DUPLICATE", "EXPORT_EMPTY")
    assert ([code], 0 if whole else 1) == codes_of(path)
