"""mapping.toml: a partner's own headers and notations, so that its system's export is used as it is.

    format = "samenloop/mapping/1"

    [file]                      # only what cannot be detected
    delimiter = "|"             # one character
    encoding = "cp850"          # any encoding that Python knows
    sheet = "Achterstanden"     # sheet of a workbook

    [columns]                   # ours = "yours"
    klantnummer = "Relatienummer"

    [notation]
    date = "month-first"        # 05/31/1980; default "day-first"
    decimal = "."               # 1,234.50; default ",", in which 1.234 is more than a thousand

    [values.crisissoort]        # your value = "ours"
    "Afsl." = "afsluiting"

Whatever it does not know is refused, so that a typing error never silently means something else.
"""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.identified.export_columns import COLUMNS, squeezed
from pipeline.vocabulary.faults import Refused

FORMAT = "samenloop/mapping/1"
EXAMPLE = f"""format = "{FORMAT}"

[columns]
klantnummer = "Relatienummer"
bezwaar = "Bezwaar gemaakt"
"""
SHARED_HEADER = "Nu wijzen {} en {} naar dezelfde kolom van uw bestand."
_SECTIONS = {
    "file": ("delimiter", "encoding", "sheet"),
    "columns": COLUMNS,
    "notation": ("date", "decimal"),
    "values": COLUMNS,
}
_NOTATIONS = {"date": ("day-first", "month-first"), "decimal": (",", ".")}


@dataclass(frozen=True, slots=True)
class ExportMapping:
    """What mapping.toml says; without a file, nothing."""

    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    is_month_first: bool = False
    has_decimal_point: bool = False
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_mapping(text: str) -> ExportMapping:
    """Read the text of mapping.toml.

    Raises:
        Refused: MAPPING_INVALID, with the section or key as column.
    """
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        raise Refused("MAPPING_INVALID") from None
    if document.get("format") != FORMAT:
        raise Refused("MAPPING_INVALID", "format", hint=f'De eerste regel is: format = "{FORMAT}".')
    for section, content in document.items():
        if section != "format":
            _check_section(section, content)
    _refuse_shared_header(document.get("columns", {}))
    file, notation = document.get("file", {}), document.get("notation", {})
    return ExportMapping(
        delimiter=file.get("delimiter"),
        encoding=file.get("encoding"),
        sheet=file.get("sheet"),
        columns=document.get("columns", {}),
        is_month_first=notation.get("date") == "month-first",
        has_decimal_point=notation.get("decimal") == ".",
        values=document.get("values", {}),
    )


def _check_section(section: str, content: Any) -> None:
    known = _SECTIONS.get(section)
    if known is None or not isinstance(content, dict):
        raise Refused("MAPPING_INVALID", section)
    for key, value in content.items():
        if key not in known or not _is_good(section, key, value):
            raise Refused("MAPPING_INVALID", f"{section}.{key}" if key in known else section)


def _refuse_shared_header(columns: Mapping[str, str]) -> None:
    """One header cannot be two of our columns: the other, perhaps of objections, would be lost unseen."""
    first: dict[str, str] = {}
    for column, own in columns.items():
        before = first.setdefault(squeezed(own), column)
        if before != column:
            raise Refused("MAPPING_INVALID", f"columns.{column}", hint=SHARED_HEADER.format(before, column))


def _is_good(section: str, key: str, value: Any) -> bool:
    if section == "values":
        return isinstance(value, dict) and all(isinstance(ours, str) for ours in value.values())
    if not isinstance(value, str) or not value.strip():
        return False
    if section == "notation":
        return value in _NOTATIONS[key]
    return {"delimiter": len(value) == 1, "encoding": _is_encoding(value)}.get(key, True)


def _is_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False
