"""Which municipality lives in which home.

The gemeentecode is read from the agreement without judging it: opening the home does that, and refuses where a
data steward looks. A home that says nothing goes by the name of its folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from pipeline.commands.wiring import Home
from pipeline.vocabulary.agreement import GEMEENTECODE


def homes_by_gemeente(paths: Iterable[str | Path]) -> dict[str, Path]:
    """Homes by gemeentecode, in the order given."""
    return {_gemeente(Home(Path(path))): Path(path) for path in paths}


def _gemeente(home: Home) -> str:
    try:
        code = json.loads(home.agreement_file.read_text(encoding="utf-8"))["gemeentecode"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        code = None
    return code if isinstance(code, str) and GEMEENTECODE.match(code) else home.path.resolve().name
