"""`theme.css` in the home: how the worklist page looks. A theme that is refused never holds a worklist up."""

from __future__ import annotations

from pipeline.commands.wiring import Home
from pipeline.revealed.worklist_theme import MOST_BYTES, read_theme
from pipeline.vocabulary.faults import Refused, RowFault


def page_theme(home: Home) -> tuple[str, RowFault | None]:
    """What the page takes of the theme, and why it takes nothing."""
    try:
        with home.theme_file.open("rb") as stream:
            return read_theme(stream.read(MOST_BYTES + 1)), None
    except FileNotFoundError:
        return "", None
    except OSError:
        return "", RowFault("THEME_INVALID")
    except Refused as refusal:
        return "", refusal.as_row_fault()
