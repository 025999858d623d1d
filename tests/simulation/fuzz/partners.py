"""Targets on a partner's premises: its export as csv and xlsx, mapping.toml, and the feedback that comes back."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
import xlsxwriter

from pipeline.commands.wiring import SCHEMAS
from pipeline.identified.export_columns import COLUMNS
from pipeline.identified.judge_rows import judge_retractions, judge_rows
from pipeline.identified.read_export import read_export
from pipeline.identified.read_mapping import ExportMapping, read_mapping
from pipeline.stewardship import feed_back
from pipeline.vault.sealing import public_of_box, seal
from pipeline.vault.signing import canonical_json, fingerprint, public_of_signing, sign_document
from pipeline.vocabulary.faults import Refused
from tests.builders.deliveries import GEMEENTE, key_bytes
from tests.builders.partners import row
from tests.simulation.fuzz import mutations as m
from tests.simulation.fuzz.documents import parsed
from tests.simulation.fuzz.second_reader import check_export_row
from tests.simulation.fuzz.target import ACCEPTED, REFUSED, UNCHANGED, Parts, Target, expect, look_for_leak

LAST_DAY = date(2026, 10, 31)
FURTHEST = "2027-11-01"
MAPPING = f"""format = "samenloop/mapping/1"
[file]
delimiter = "|"
encoding = "cp850"
sheet = "{m.CANARY}"
[columns]
klantnummer = "Relatienummer"
bezwaar = "{m.CANARY}"
[notation]
date = "month-first"
decimal = "."
[values.crisissoort]
"Afsl." = "afsluiting"
"{m.CANARY}" = "ontruiming"
"""


@dataclass(frozen=True)
class _Exports:
    rows: list[dict[str, str]]
    files: list[bytes]


def _rows() -> list[dict[str, str]]:
    objects = row(4, achternaam="Canarie-Objector", bezwaar="ja")
    return [row(1), row(2, postcode="1011AB", huisnummer="3-B"), row(3, bedrag="1234,50"), objects]


def _written_csv(rows: list[dict[str, str]], chance: m.Chance) -> bytes:
    """The rows as one of many systems writes them."""
    columns = list(COLUMNS)
    if chance.random() < 0.4:
        chance.shuffle(columns)
    if chance.random() < 0.2:
        columns[chance.randrange(len(columns))] = m.hostile_text(chance.choice(columns), chance)
    delimiter = chance.choice((";", ";", ",", "\t", "|"))
    quote = chance.choice(("", "", '"'))
    lines = [columns, *([one.get(column, "") for column in columns] for one in rows)]
    end = chance.choice(("\n", "\r\n", "\r", "\r\r\n"))
    text = end.join(delimiter.join(f"{quote}{cell}{quote}" for cell in line) for line in lines) + end
    encoding = chance.choice(("utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16", "latin-1", "cp850"))
    return text.encode(encoding, "replace")


def _hostile_rows(rows: list[dict[str, str]], chance: m.Chance) -> list[dict[str, str]]:
    rows = [dict(one) for one in rows]
    for _ in range(chance.randint(1, 4)):
        one = chance.choice(rows)
        name = chance.choice(COLUMNS)
        one[name] = m.hostile_text(one[name], chance)
    if chance.random() < 0.1:
        rows *= chance.choice((2, 30))
    return rows


def _csv_exports() -> _Exports:
    faulty = sorted((SCHEMAS / "export" / "faulty").glob("*.csv"))
    return _Exports(_rows(), [path.read_bytes() for path in faulty])


def _make_csv(good: _Exports, chance: m.Chance) -> Parts:
    if chance.random() < 0.15:
        return {"export": m.mutated_bytes(chance.choice(good.files), chance)}
    raw = _written_csv(_hostile_rows(good.rows, chance), chance)
    return {"export": m.mutated_bytes(raw, chance) if chance.random() < 0.5 else raw}


def _xlsx_exports() -> _Exports:
    return _Exports(_rows(), [])


def _make_xlsx(good: _Exports, chance: m.Chance) -> Parts:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    rows = _hostile_rows(good.rows, chance) if chance.random() < 0.6 else good.rows
    for line, cells in enumerate([list(COLUMNS), *([one[column] for column in COLUMNS] for one in rows)]):
        for place, cell in enumerate(cells):
            kind = chance.random()
            if line and kind < 0.02:
                sheet.write_number(line, place, chance.choice((0.1 + 0.2, 1e300, -5, 45000.5, 2**60)))
            elif line and kind < 0.03:
                sheet.write_formula(line, place, f'="{m.CANARY}"', value=m.CANARY)
            elif line and kind < 0.04:
                sheet.write_boolean(line, place, True)
            else:
                sheet.write_string(line, place, cell[:32_000])
    book.close()
    return {"export": m.mutated_archive(buffer.getvalue(), chance) if chance.random() < 0.7 else buffer.getvalue()}


def _judge_export(good: _Exports, parts: Parts) -> str:
    mapping = ExportMapping()
    export = read_export(parts["export"], mapping)
    look_for_leak(export.faults)
    judged = judge_rows(export, mapping, LAST_DAY)
    look_for_leak(judged.faults)
    faulty = {fault.row for fault in judged.faults}
    stays = judged.objection_count + judged.legal_person_count
    expect(
        judged.rows.height + len(faulty) + stays + len({fault.row for fault in export.faults}) == export.row_count,
        "rows in = admitted + refused + kept at home",
    )
    expect(not faulty & set(judged.rows["row"]), "a refused row goes along")
    for one in judged.rows.drop("keys").to_dicts():
        check_export_row(one, LAST_DAY.isoformat(), FURTHEST)
    objectors = export.rows.filter(pl.col("bezwaar").str.to_lowercase() == "ja")["klantnummer"].drop_nulls()
    expect(not set(objectors) & set(judged.rows["klantnummer"]), "a client who objected goes along")
    look_for_leak(judge_retractions(read_export(parts["export"], mapping, "retraction")).faults)
    return ACCEPTED if judged.rows.height else REFUSED


def _make_mapping(good: str, chance: m.Chance) -> Parts:
    raw = good.encode()
    for _ in range(chance.randint(1, 2)):
        lines = raw.split(b"\n")
        at = chance.randrange(len(lines))
        kind = chance.randrange(6)
        if kind == 0:
            raw = m.mutated_bytes(raw, chance, 2)
        elif kind == 1:
            lines[at] += b" = " + chance.choice(
                (b"[" * 3_000, b"{a.b.c=1}", b"1e999", b"9" * 5_000, b"2026-01-01")
            )
        elif kind == 2:
            lines.insert(at, chance.choice((b"[values]", b"[file.x]", b"[[columns]]", b"a.b.c.d = 1", lines[at])))
        elif kind == 3:
            value = chance.choice((b"1", b"true", b"[]", b'"\\u0000"', b'"\\ud800"', b'"hex"', b'""', b'"rot13"'))
            lines[at] = lines[at].partition(b"=")[0] + b"= " + value
        elif kind == 4:
            name = chance.choice((b"idna", b"punycode", b"undefined", b"unicode_escape", b"utf-7", b"utf-32"))
            lines[at] = b'encoding = "' + name + b'"'
        else:
            lines[at] = b'delimiter = "' + chance.choice(
                (b"\\n", b"\\r", b"\\u0000", b" ", b'\\"', b"\\U0001f986")
            )
            lines[at] += b'"'
        raw = b"\n".join(lines) if kind else raw
    return {"mapping.toml": raw}


def _judge_mapping(good: str, parts: Parts) -> str:
    """The mapping, and then an export under it: a mapping that is believed must not break the reader."""
    try:
        text = parts["mapping.toml"].decode("utf-8")
    except UnicodeDecodeError:
        return REFUSED  # as the command does before it reads the text
    mapping = read_mapping(text)
    encoding = mapping.encoding or "utf-8"
    delimiter = mapping.delimiter or ";"
    lines = [COLUMNS, *([one[column] for column in COLUMNS] for one in _rows())]
    content = "".join(delimiter.join(line) + "\n" for line in lines)
    try:
        raw = content.encode(encoding, "replace")
    except (UnicodeError, LookupError):
        raw = content.encode()
    try:
        judge_rows(read_export(raw, mapping), mapping, LAST_DAY)
    except Refused as refusal:
        look_for_leak([refusal.as_row_fault()], refusal.hint)
    return UNCHANGED if text == good else ACCEPTED


@dataclass(frozen=True)
class _Feedback:
    manifest: dict[str, Any]
    sealed: bytes
    rows: list[dict[str, str]]


def _feedback() -> _Feedback:
    rows = [
        {"signal_id": f"{number:032x}", "month": "2026-10", "code": "opgepakt", "suspended_until_on": "2026-12-01"}
        for number in range(3)
    ]
    binding = feed_back.FeedbackBinding(m.CANARY, GEMEENTE, "huur-a", "2026-11-04", "box-1")
    frame = pl.DataFrame(rows).select(feed_back.ROW_FIELDS)
    private = key_bytes("municipal-signing")
    signing = feed_back.SigningKey("municipal-signing-1", private, public_of_signing(private))
    box = public_of_box(key_bytes("box/huur-a"))
    sealed, manifest = feed_back.pack(frame, binding, box, signing, "2026-11-04T09:00:00Z")
    return _Feedback(manifest, sealed, rows)


def _make_feedback(good: _Feedback, chance: m.Chance) -> Parts:
    manifest, sealed = good.manifest, good.sealed
    kind = chance.randrange(5)
    if kind == 0:
        sealed = m.mutated_bytes(sealed, chance)
    elif kind == 1:
        info = feed_back.FeedbackBinding(m.CANARY, GEMEENTE, "huur-a", "2026-11-04", "box-1").info()
        content = m.written_json(m.mutated_document({"format": "x", "rows": good.rows}, chance), chance)
        sealed = seal(public_of_box(key_bytes("box/huur-a")), content, info)
    elif kind == 2:
        signed = {name: value for name, value in manifest.items() if name != "signature"}
        own = key_bytes("somebody-else")
        manifest = sign_document(signed, own, "municipal-signing-1")
    else:
        return {"manifest.json": m.written_json(m.mutated_document(manifest, chance), chance), "sealed": sealed}
    raw = json.dumps(manifest).encode()
    return {
        "manifest.json": m.mutated_bytes(raw, chance) if kind == 2 and chance.random() < 0.5 else raw,
        "sealed": sealed,
    }


def _judge_feedback(good: _Feedback, parts: Parts) -> str:
    document = parsed(parts["manifest.json"], "FEEDBACK_INVALID")
    pinned = {GEMEENTE: fingerprint(public_of_signing(key_bytes("municipal-signing")))}
    binding = feed_back.read_manifest(document, "huur-a", pinned)
    rows = feed_back.unpack(document, binding, parts["sealed"], lambda _key_id: key_bytes("box/huur-a"))
    signed = [{name: one[name] for name in one if name != "signature"} for one in (document, good.manifest)]
    expect(canonical_json(signed[0]) == canonical_json(signed[1]), "a changed manifest is believed")
    expect(parts["sealed"] == good.sealed, "a changed package is believed")
    expect(rows.to_dicts() == pl.DataFrame(good.rows).select(feed_back.ROW_FIELDS).to_dicts(), "other rows")
    return UNCHANGED


TARGETS = (
    Target("export-csv", 3_000, _csv_exports, _make_csv, _judge_export),
    Target("export-xlsx", 1_500, _xlsx_exports, _make_xlsx, _judge_export),
    Target("mapping", 8_000, lambda: MAPPING, _make_mapping, _judge_mapping),
    Target("feedback", 5_000, _feedback, _make_feedback, _judge_feedback),
)
