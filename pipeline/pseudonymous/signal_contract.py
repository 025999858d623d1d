"""The contract of a delivery's rows, compiled from its ODCS file to checks on a frame.

Rules: `required`, `pattern`, lengths, ranges, valid values, `unique` and at-least-one-of are judged row by row; a
row keeps its first fault, in column order. A `severity: warning` rule concerns the whole delivery and is left to
`check_signals`. A rule that this compiler does not know is an error, so that no rule is silently unchecked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import yaml

from pipeline.vocabulary.faults import RowFault

_TYPES: dict[str, pl.DataType] = {
    "String": pl.String(),
    "Binary": pl.Binary(),
    "Int16": pl.Int16(),
    "Boolean": pl.Boolean(),
}
_KNOWN_OPTIONS = {"pattern", "format", "minLength", "maxLength", "minimum", "maximum"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column and what its values must be."""

    name: str
    kind: pl.DataType
    is_required: bool
    is_unique: bool
    pattern: str | None
    length: tuple[int, int] | None
    between: tuple[int, int] | None
    valid_values: tuple[str, ...] | None
    most_empty_share: float | None


@dataclass(frozen=True, slots=True)
class Contract:
    """Columns in order, and the groups of columns of which one must be filled."""

    version: str
    columns: tuple[Column, ...]
    at_least_one_of: tuple[tuple[str, ...], ...]

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column → type, in order."""
        return {column.name: column.kind for column in self.columns}


def read_contract(text: str) -> Contract:
    """Compile the text of an ODCS file.

    Raises:
        ValueError: the file holds a rule that this compiler does not know.
    """
    document = yaml.safe_load(text)
    (table,) = document["schema"]
    groups = tuple(_at_least_one_of(rule) for rule in table.get("quality", []))
    columns = tuple(_column(row) for row in table["properties"])
    return Contract(str(document["version"]), columns, groups)


def _at_least_one_of(rule: Mapping[str, Any]) -> tuple[str, ...]:
    implementation = rule.get("implementation")
    if rule.get("engine") != "samenloop" or not isinstance(implementation, Mapping):
        raise ValueError(f"unknown rule: {rule.get('name')}")
    return tuple(implementation["at_least_one_of"])


def _column(row: Mapping[str, Any]) -> Column:
    options = row.get("logicalTypeOptions", {})
    if not set(options) <= _KNOWN_OPTIONS:
        raise ValueError(f"unknown option of {row['name']}")
    valid_values, most_empty = _quality(row)
    return Column(
        name=row["name"],
        kind=_TYPES[row["physicalType"]],
        is_required=bool(row.get("required", False)),
        is_unique=bool(row.get("unique", False)),
        pattern=options.get("pattern"),
        length=_pair(options, "minLength", "maxLength"),
        between=_pair(options, "minimum", "maximum"),
        valid_values=valid_values,
        most_empty_share=most_empty,
    )


def _pair(options: Mapping[str, Any], least: str, most: str) -> tuple[int, int] | None:
    return (int(options[least]), int(options[most])) if least in options or most in options else None


def _quality(row: Mapping[str, Any]) -> tuple[tuple[str, ...] | None, float | None]:
    valid_values: tuple[str, ...] | None = None
    most_empty: float | None = None
    for rule in row.get("quality", []):
        if rule.get("metric") == "invalidValues" and rule.get("mustBe") == 0:
            valid_values = tuple(rule["arguments"]["validValues"])
        elif rule.get("metric") == "nullValues" and rule.get("unit") == "percent":
            most_empty = float(rule["mustBeLessOrEqualTo"]) / 100
        else:
            raise ValueError(f"unknown rule of {row['name']}: {rule.get('name')}")
    return valid_values, most_empty


@dataclass(frozen=True, slots=True)
class _Check:
    code: str
    column: str
    is_broken: pl.Expr


def row_faults(frame: pl.DataFrame, contract: Contract, gemeentecode: str) -> list[RowFault]:
    """The rows that break the contract, each with its first fault, in row order.

    Of rows with the same unique value the first one that is good otherwise stands, the others are refused. A wijk
    of another municipality is refused too: its residents are not in this agreement.
    """
    checks = [check for column in contract.columns for check in _checks_of(column)]
    checks += _checks_of_area(contract, gemeentecode)
    checks += [
        _Check("VALUE_MISSING", group[0], pl.all_horizontal(pl.col(name).is_null() for name in group))
        for group in contract.at_least_one_of
    ]
    first_broken = pl.coalesce(
        pl.when(check.is_broken.fill_null(value=False)).then(pl.lit(index, pl.Int16))
        for index, check in enumerate(checks)
    )
    judged = frame.select(*contract.schema).with_columns(first_broken.alias("_check")).with_row_index("_row", 1)
    for column in (column for column in contract.columns if column.is_unique):
        checks.append(_Check("DUPLICATE_ROW", column.name, pl.lit(value=False)))
        good = judged.filter(pl.col("_check").is_null())
        again = good.filter(~pl.col(column.name).is_first_distinct())["_row"]
        judged = judged.with_columns(
            pl.when(pl.col("_row").is_in(again.implode()))
            .then(pl.lit(len(checks) - 1, pl.Int16))
            .otherwise("_check")
            .alias("_check")
        )
    broken = judged.filter(pl.col("_check").is_not_null()).select("_row", "_check")
    return [RowFault(checks[index].code, checks[index].column, row) for row, index in broken.iter_rows()]


def _checks_of(column: Column) -> list[_Check]:
    value = pl.col(column.name)
    checks: list[_Check] = []
    if column.is_required:
        checks.append(_Check("VALUE_MISSING", column.name, value.is_null()))
    if column.pattern is not None:
        checks.append(_Check("VALUE_INVALID", column.name, ~value.str.contains(column.pattern)))
    if column.length is not None:
        size = value.bin.size() if column.kind == pl.Binary() else value.str.len_chars()
        checks.append(_Check("VALUE_INVALID", column.name, ~size.is_between(*column.length)))
    if column.between is not None:
        checks.append(_Check("OUT_OF_RANGE", column.name, ~value.is_between(*column.between)))
    if column.valid_values is not None:
        checks.append(_Check("VALUE_INVALID", column.name, ~value.is_in(list(column.valid_values))))
    return checks


def _checks_of_area(contract: Contract, gemeentecode: str) -> list[_Check]:
    if "wijkcode" not in contract.schema:
        return []
    ours = pl.col("wijkcode").str.starts_with(f"WK{gemeentecode[2:]}")
    return [_Check("OTHER_MUNICIPALITY", "wijkcode", ~ours)]
