"""The heads of the journal in reports/, one a day: what every user of the home may know of how far it went."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.commands.documents import read_json
from pipeline.commands.journal_keeping.restore_proofs import proven_restores
from pipeline.commands.wiring import Home, Run
from pipeline.store import journal_chain as chain
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.journal_chain import HEAD_FORMAT

HEAD = "journaal-"


def exported_heads(home: Home) -> list[Path]:
    """The heads in reports/, oldest day first."""
    return sorted(home.reports.glob(f"{HEAD}*.json"))


def read_exported(path: Path, gemeentecode: str) -> dict[str, Any]:
    """One exported head: `date`, `seq`, `line_hash`, `exported_at`, and `seal` or None.

    Raises:
        Refused: FILE_NOT_FOUND, JOURNAL_HEAD_INVALID.
    """
    document = read_json(path, "FILE_NOT_FOUND", "JOURNAL_HEAD_INVALID")
    seal = document.get("seal")
    names = {"seq", "line_hash", "is_checkpoint", "sealed_at", "key_id", "signature_b64"}
    is_sound = (
        document.get("format") == HEAD_FORMAT
        and document.get("gemeentecode") == gemeentecode
        and isinstance(document.get("seq"), int)
        and isinstance(document.get("line_hash"), str)
        and isinstance(document.get("exported_at"), str)
        and re.fullmatch(r"\d{4}-\d\d-\d\d", str(document.get("date")), re.ASCII)
        and (seal is None or (isinstance(seal, Mapping) and set(seal) == names and isinstance(seal["seq"], int)))
    )
    if not is_sound:
        raise Refused("JOURNAL_HEAD_INVALID", hint=f"({path.name})")
    return {name: document[name] for name in ("date", "seq", "line_hash", "exported_at", "seal")}


def newest_that_is_gone(run: Run) -> int | None:
    """The number of the line that was exported last, where the journal no longer goes that far; else None.

    Lines that were retired lie before the end. A restore that was signed for explains what it took away. A file
    that cannot be read says nothing here: `journal verify` names it.
    """
    paths = exported_heads(run.home)
    if not paths:
        return None
    try:
        told = read_exported(paths[-1], run.gemeentecode)
    except Refused:
        return None
    seq = int(told["seq"])
    is_there = int(chain.head(run.store)["seq"]) >= seq
    if is_there and chain.hash_of(run.store, seq) in (None, told["line_hash"]):
        return None
    explained = any(proof.explains(seq, told["exported_at"]) for proof in proven_restores(run))
    return None if explained else seq
