"""Handing a worklist over: three files with one content, each replaced as a whole or not at all.

A file is written beside its place, brought to disk and renamed, so a reader never sees half a list; what a killed
run left beside it is written over by the next. The same document gives the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.revealed.worklist import as_json
from pipeline.revealed.worklist_page import render_page
from pipeline.revealed.worklist_sheet import render_sheet

PAGE = "werklijst.html"
SHEET = "werklijst.xlsx"
JSON = "werklijst.json"
_ASIDE = ".new-"


def hand_over(worklists: Path, worklist: Mapping[str, Any], theme: str = "") -> Path:
    """Write `<worklists>/<team>/<date>/werklijst.{html,xlsx,json}` and return the folder."""
    folder = worklists / str(worklist["team"]) / str(worklist["date"])
    folder.mkdir(parents=True, exist_ok=True)
    files = {PAGE: render_page(worklist, theme), SHEET: render_sheet(worklist), JSON: as_json(worklist)}
    for name, content in files.items():
        _write_aside(folder / f"{_ASIDE}{name}", content)
    for name in files:
        (folder / f"{_ASIDE}{name}").replace(folder / name)
    _sync_folder(folder)
    return folder


def _write_aside(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
