"""What must be the same after a fault, and what must not be found.

The same: every row of every table, every file in the outbox, quarantine and keys, the analysts' tables, the key
directory, the register of erasures, and the rows in each backup; cases under the name of their signals. Left out
are random ids, instants, ciphertext, and what is derived from these. An opening that was begun and then killed
stands in the journal once more: it was begun once more. So does a backup that was made and not told of.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from pipeline.commands import restore
from pipeline.commands.erasing.erasure_ledger import ledger_file, read_ledger
from pipeline.commands.journal_keeping.journal_verifying import verify_journal
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.store.connect import Store
from tests.privacy.search_bytes import Needles, files_below
from tests.simulation.region import FREE_TEXT, HIDDEN, SHOWN, person

_INSTANTS = re.compile(r"_at$")
_VARIES = {
    *("at", "seq", "journal_seq", "line_hash", "previous_hash", "signature_b64", "fingerprint", "run_id"),
    *("request_id", "order_id", "quarantine_name", "release_id", "evidence_digest", "sealed_contact"),
    *(
        "trace_id",
        "span_id",
        "case_no",
        "signal_no",
        "merged_into_case_no",
        "repeats_case_no",
    ),  # analysts' numbers are drawn anew
}
_UNCOUNTED = {"opener_heartbeats", "journal_seals", "retention_runs"}  # the last: of table retirements, a day late
_REPEATED = {
    "table journal": (
        "action",
        {
            "open_contacts",
            "judge_case",
            "ask_review",
            "refuse_contact",
            "open_refused_follow_up",
            "begin_head",
            "back_up",
        },
    ),
    "table processings": ("name", {"open"}),
}
_RANDOM = re.compile(r"\b([A-Z])-[0-9a-f]{32}\b")
# What came under no known name goes by its inode, and a copy of a home has other ones.
_MADE_AT = re.compile(r"(reservekopie-GM\d+)-[-0-9TZ]+")
_BY_INODE = re.compile(r"(onbekend-[0-9a-f]{12}(?:/receipt-|__))[0-9a-f]{8}")
_PLACES = ("outbox", "quarantine", "keys", "opener-keys", "inbox", "reports", ".retired")
_CONTENT = ("werklijst.json", "receipt.json", "reason.json")
State = dict[str, list[str]]


def analytics_digest(path: Path) -> str:
    """Tells an analysts' file from another one."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def state_of(run: Run, media: Path, analytics: Mapping[str, list[str]]) -> State:
    """Everything that must be the same, as sorted texts per table and place.

    Args:
        run: the home.
        media: where backups lie.
        analytics: what stands in analysts' files that were read before, by their digest.
    """
    names = _names_of_cases(run.store)

    def said(value: Any) -> str:
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=_as_text)
        for case_id, name in names.items():
            text = text.replace(case_id, name)
        return _MADE_AT.sub(r"\1", _BY_INODE.sub(r"\1", _RANDOM.sub(r"\1-", text)))

    state = {
        f"table {table.name}": [said(_lasting(row)) for row in run.store.all(sa.select(table))]
        for table in tables.metadata.sorted_tables
        if table.name not in _UNCOUNTED
    }
    state |= {f"folder {place}": [said(one) for one in _files(run.home.path, place)] for place in _PLACES}
    known = analytics.get(analytics_digest(run.home.analytics))
    state["analytics"] = known if known is not None else [said(row) for row in _analytics(run.home.analytics)]
    state["directory"] = [said(row) for row in _directory(run)]
    state["register"] = [said([row.kind, row.partner_id, row.name]) for row in read_ledger(ledger_file(run.home))]
    state["backups"] = [said(one) for one in _backups(run, media)]
    state["journal faults"] = [said(fault.as_dict()) for fault in verify_journal(run).refused]
    return {name: sorted(lines) for name, lines in state.items()}


def _names_of_cases(store: Store) -> dict[str, str]:
    parts: dict[str, list[str]] = {}
    for row in store.all(sa.select(tables.case_signals)):
        parts.setdefault(row["case_id"], []).append(f"{row['partner_id']}/{row['signal_id'][:8]}")
    cases = {row["case_id"]: row["month"] for row in store.all(sa.select(tables.cases))}
    return {case_id: f"case {cases.get(case_id)} {'+'.join(sorted(of))}" for case_id, of in parts.items()}


def _as_text(value: Any) -> str:
    return base64.b64encode(bytes(value)).decode() if isinstance(value, bytes | memoryview) else str(value)


def _lasting(row: Any) -> Any:
    """A row or document without what differs between two runs of the same."""
    if isinstance(row, dict):
        if str(row.get("delivery_id", "")).startswith("onbekend-"):
            row = {**row, "manifest_hash": None}
        return {
            key: _lasting(value) for key, value in row.items() if key not in _VARIES and not _INSTANTS.search(key)
        }
    if isinstance(row, list):
        return sorted((_lasting(value) for value in row), key=lambda value: json.dumps(value, default=str))
    return row


def _files(home: Path, place: str) -> list[Any]:
    found: list[Any] = []
    for path in sorted((home / place).rglob("*")):
        name = str(path.relative_to(home / place))
        if path.is_file():
            content = _lasting(json.loads(path.read_bytes())) if path.name in _CONTENT else None
            found.append([name, content])
    return found


def _directory(run: Run) -> list[Any]:
    """Every key that is listed, and whether its secret half is in the home; `open_run` verified the signature."""
    held = {
        path.stem for folder in (run.home.keys_dir, run.home.opener_keys_dir) for path in folder.glob("*.json")
    }
    return [
        [key.key_id, key.kind, key.holder, str(key.valid_until), str(key.revoked_on), key.key_id in held]
        for key in run.directory.keys
    ]


def _backups(run: Run, media: Path) -> list[Any]:
    """Every file among the backups: what it opens to, in rows per table; one that does not open by its name."""
    found: list[Any] = []
    for path in sorted(media.glob("*")):
        if path.name.startswith("."):
            found.append(path.name)
            continue
        counts, table = Counter[str](), ""
        with path.open("rb") as stream:
            for kind, *rest in restore._open(run.home, stream, run.gemeentecode, None)[1]:
                table = str(rest[0]) if kind == "table" else table
                counts[table if kind != "file" else str(rest[0])] += len(rest[0]) if kind == "rows" else 1
        counts.pop("journal")  # one that is made again has the line of the former
        found.append(["backup", counts])
    return [one for number, one in enumerate(found) if one not in found[:number]]


def _analytics(path: Path) -> list[Any]:
    if not path.exists():
        return []
    rows: list[Any] = []
    with duckdb.connect(str(path), read_only=True) as connection:
        for schema, table in connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL"
        ).fetchall():
            cursor = connection.execute(f'SELECT * FROM {schema}."{table}"')
            names = [column[0] for column in cursor.description or ()]
            if table in _UNCOUNTED:
                continue
            rows += [[schema, table, _lasting(dict(zip(names, row, strict=True)))] for row in cursor.fetchall()]
    return rows


def compared(expected: State, found: State) -> tuple[list[str], list[str]]:
    """What is lost and what is doubled, by place; openings that were begun again are not."""
    lost, doubled = [], []
    for place in sorted({*expected, *found}):
        want, have = (Counter(_added_up(place, state.get(place, ()))) for state in (expected, found))
        if place in _REPEATED:
            column, names = _REPEATED[place]
            for line in want:
                if json.loads(line)[column] in names:
                    have[line] = min(have[line], want[line])
        lost += [f"{place}: {line}" for line in (want - have).elements()]
        doubled += [f"{place}: {line}" for line in (have - want).elements()]
    return lost, doubled


def _added_up(place: str, lines: Iterable[str]) -> list[str]:
    """Lines on files that were destroyed, summed: a killed run counts what it put aside, the next one the rest."""
    rest, sums = [], Counter[str]()
    for line in lines:
        row = json.loads(line) if place == "table journal" else {}
        if row.get("action") == "back_up":
            rest.append(json.dumps({**row, "counts": None}))  # the second counts the line of the first
        elif row.get("transaction_name") == "retire_files":
            (count,) = row["counts"].values()
            sums[json.dumps({"action": row["action"], "of": row["object"].partition("_")[0]})] += count
        else:
            rest.append(line)
    return [*rest, *(json.dumps({**json.loads(what), "sum": count}) for what, count in sums.items())]


def _is_list_put_aside(home: Path, path: Path) -> bool:
    """A worklist that is being destroyed lies where only the opener's user comes, until its run is finished."""
    aside = home / ".retired"
    return path.is_relative_to(aside) and path.relative_to(aside).parts[0].startswith("worklists_")


@lru_cache
def canaries(of: tuple[str, ...]) -> Needles:
    """Names, mail, telephone and client numbers of these persons, in every disguise."""
    fields = ("surname", "email", "phone")
    return Needles([person(who)[field] for who in of for field in fields])


@lru_cache
def _nowhere(gone: tuple[str, ...]) -> Needles:
    """Of whoever stands on no list."""
    names = [person(who)[field] for who in HIDDEN + gone for field in ("surname", "email", "phone")]
    return Needles([FREE_TEXT, *names])


@lru_cache
def _elsewhere() -> Needles:
    """Of whoever stands on a list and nowhere else, and of who stands on none."""
    names = [person(who)[field] for who in HIDDEN + SHOWN for field in ("surname", "email", "phone")]
    return Needles([FREE_TEXT, *names])


def leaks(home: Path, store: Store, *places: Path, gone: tuple[str, ...] = ()) -> list[str]:
    """Where somebody stands who may not stand there: files by name, tables by name; never the value.

    Args:
        home: the municipality's home.
        store: its database; on SQLite it is one of the files.
        places: what lies beside the home.
        gone: who was erased, and may not even stand on a list.
    """
    nowhere, elsewhere = _nowhere(gone), _elsewhere()
    found = []
    for path in files_below(home, *places):
        if path.is_relative_to(home / "inbox" / "follow_up"):
            continue  # what a team returned lies there as the team wrote it, until it is taken
        of_team = path.is_relative_to(home / "outbox" / "worklists") or _is_list_put_aside(home, path)
        content = path.name.encode() + b"\n" + path.read_bytes()
        needles = nowhere if of_team else elsewhere
        found += [str(path.name)] if needles.found_in(content) else []
    there = set() if store.is_sqlite else set(sa.inspect(store.engine).get_table_names())
    for table in (table for table in tables.metadata.sorted_tables if table.name in there):
        text = repr(store.all(sa.select(table))).encode()
        found += [table.name] if elsewhere.found_in(text) else []
    return found
