"""How good input is made hostile: bytes, texts, documents, tables, archives, Parquet footers, all by one chance.

Plain and seeded: the same seed and number give the same input, so a find is told by two numbers. The tricks come
from what has broken readers before: wrong lengths, numbers beyond use, depth, separators, NUL, lone surrogates,
marks that change direction, digits of other scripts, archives that lie about their parts.
"""

from __future__ import annotations

import io
import json
import random
import warnings
import zipfile
from typing import Any

Chance = random.Random

CANARY = "Kanarievogel"

TEXTS: tuple[str, ...] = (
    "",
    " ",
    "\0",
    "\ufeff",
    "\n",
    "\r\n",
    "\r\r\n",
    ";",
    ",",
    '"',
    "'",
    '""";"',
    "\t|",
    "\u2028",
    "\u202e" + CANARY,
    "\u0301" * 60,
    "\U0001f986",
    "İıſßﬁ",
    "١٢٣٤",
    "１２",
    "=1+1",
    '=HYPERLINK("http://x";"' + CANARY + '")',
    "../../" + CANARY,
    "\x1b[2J" + CANARY,
    "-1",
    "1e999",
    "1E+11",
    "NaN",
    "Infinity",
    "9" * 30,
    "0" * 4 + "36526" + "9" * 12,
    "9" * 5000,
    CANARY,
    CANARY * 400,
    "0000-00-00",
    "2026-13-01",
    "9999-12-31",
    "31-12-9999",
    "29/02/2023",
    "true",
    "null",
    "{}{0}%s%n",
    "WK990101\n",
    "GM9901",
)
BYTES: tuple[bytes, ...] = (
    *(text.encode() for text in TEXTS),
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xff",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"\x80\x81\x8d",
    b"[" * 20_000,
    b'{"a":' * 5_000,
    b"PAR1",
    b"PK\x03\x04",
    b"\x00\x00\x00\x80",
    b"\xff\xff\xff\x7f",
)
_DEEP: Any = None
for _ in range(400):
    _DEEP = [_DEEP]
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    10**11,
    10**400,
    1.5,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    [],
    {},
    [{}],
    [[]],
    {"a": {}},
    [None],
    _DEEP,
    "\ud800",
    "\udfff" + CANARY,
)


def mutated_bytes(content: bytes, chance: Chance, most: int = 4) -> bytes:
    """One to `most` small changes anywhere."""
    for _ in range(chance.randint(1, most)):
        content = _one_change(content, chance)
    return content


def _one_change(content: bytes, chance: Chance) -> bytes:
    at = chance.randint(0, len(content))
    to = min(len(content), at + chance.choice((1, 1, 2, 4, 8, 40, 400)))
    kind = chance.randrange(9)
    if kind == 0 and at < len(content):
        return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]
    if kind == 1:
        return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
    if kind == 2:
        return content[:at] + content[to:]
    if kind == 3:
        return content[:to] + content[at:]
    if kind == 4:
        return content[:at]
    if kind == 5:
        number = chance.choice((0, 1, 127, 255, 2**15, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1))
        width = chance.choice((2, 4, 8))
        return content[:at] + (number % 256**width).to_bytes(width, "little") + content[at + width :]
    if kind == 6:
        other = chance.randint(0, len(content))
        return content[:at] + content[other : other + (to - at)] + content[to:]
    if kind == 7:
        return content[:at] + chance.randbytes(to - at) + content[to:]
    return content[:at] + chance.choice(BYTES) + content[at:]


def hostile_text(good: str, chance: Chance) -> str:
    """A text in the place of a good one: another, or the good one with something in it."""
    if chance.random() < 0.5:
        return chance.choice(TEXTS)
    at = chance.randint(0, len(good))
    return good[:at] + chance.choice(TEXTS) + good[at:]


def hostile_value(good: Any, chance: Chance) -> Any:
    """A value of any type in the place of a good one."""
    if isinstance(good, str) and chance.random() < 0.6:
        return hostile_text(good, chance)
    return json.loads(json.dumps(chance.choice(VALUES)))  # a copy: a later change must not change the list


def mutated_document(document: Any, chance: Chance, most: int = 2) -> Any:
    """A document with one or more values replaced, taken away, added or put twice, at any depth."""
    document = json.loads(json.dumps(document))
    for _ in range(chance.randint(1, most)):
        place, key = _some_place(document, chance)
        kind = chance.randrange(8)
        if kind == 0:
            del place[key]
        elif kind == 1 and isinstance(place, dict):
            place[chance.choice((CANARY, "", "format", "\ud800", "x" * 300))] = hostile_value("x", chance)
        elif kind == 2 and isinstance(place, list):
            place.extend([place[key]] * chance.choice((1, 2, 300)))
        else:
            place[key] = hostile_value(place[key], chance)
        if not document:
            break
    return document


def _some_place(document: Any, chance: Chance) -> tuple[Any, Any]:
    place, key = document, None
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = chance.choice(keys)
        below = place[key]
        if not isinstance(below, dict | list) or not below or chance.random() < 0.25:
            return place, key
        place = below


def written_json(document: Any, chance: Chance) -> bytes:
    """The document as text, in one of the ways in which programs write it."""
    text = json.dumps(document, ensure_ascii=chance.random() < 0.7, indent=chance.choice((None, 1)))
    raw = text.encode("utf-8", "surrogatepass")
    return mutated_bytes(raw, chance, 2) if chance.random() < 0.3 else raw


def mutated_archive(content: bytes, chance: Chance) -> bytes:
    """A zip with one part changed, and sometimes a lie about the parts; or just changed bytes."""
    if chance.random() < 0.3:
        return mutated_bytes(content, chance)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    at = chance.randrange(len(parts))
    telling = [place for place, (name, _) in enumerate(parts) if "sheet" in name or "Strings" in name]
    if telling and chance.random() < 0.7:
        at = chance.choice(telling)
    name, part = parts[at]
    parts[at] = (name, mutated_bytes(part, chance, 3))
    trick = chance.randrange(12)
    if trick == 0:
        parts.append(parts[chance.randrange(len(parts))])
    elif trick == 1:
        del parts[chance.randrange(len(parts))]
    elif trick == 2:
        parts.append((chance.choice(("../x", "/etc/x", "xl/vbaProject.bin", "a" * 5000, "\u202e")), b"x"))
    elif trick == 3:
        parts += [(f"xl/worksheets/{number}.xml", b"") for number in range(chance.choice((3, 250, 2_100)))]
    elif trick == 4:
        parts[at] = (name, b"0" * chance.choice((1 << 16, 8 << 20)))
    elif trick == 5:
        parts[at] = (name, b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 99 + b'"><!ENTITY b "&a;&a;&a;">]>' + part)
    raw = archive_of(parts, chance)
    return mutated_bytes(raw, chance, 1) if trick == 6 else raw


def archive_of(parts: list[tuple[str, bytes]], chance: Chance) -> bytes:
    """The parts as a zip, deflated or stored."""
    buffer = io.BytesIO()
    kind = chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, part in parts:
            archive.writestr(zipfile.ZipInfo(name or "x"), part, kind)
    return buffer.getvalue()


def mutated_parquet(content: bytes, chance: Chance) -> bytes:
    """Changes in the footer, where a reader learns sizes and places; its length; or anywhere."""
    kind = chance.randrange(6)
    footer = int.from_bytes(content[-8:-4], "little")
    start = max(4, len(content) - 8 - footer)
    if kind == 0:
        length = chance.choice((0, 1, footer - 1, footer + 1, len(content), 2**31, 2**32 - 1))
        return content[:-8] + (length % 2**32).to_bytes(4, "little") + content[-4:]
    if kind <= 3:
        meta = mutated_bytes(content[start:-8], chance, 2)
        length = len(meta) if chance.random() < 0.8 else footer
        return content[:start] + meta + length.to_bytes(4, "little") + content[-4:]
    if kind == 4:
        return content[:4] + mutated_bytes(content[4:start], chance, 2) + content[start:]
    return mutated_bytes(content, chance)
