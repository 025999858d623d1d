"""Print the pages that come from code: `python -m tests.docs.print_pages`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.analytics import described_tables
from tests.spec import print_rules

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES: dict[str, Callable[[], str]] = {
    "rules.md": print_rules.page,
    "analytics-tables.md": described_tables.page,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
