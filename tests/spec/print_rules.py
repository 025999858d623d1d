"""Print the spec tables as docs/rules.md: `python -m tests.spec.print_rules`."""

from __future__ import annotations

from pathlib import Path

from tests.spec import test_case_rules, test_match_rules, test_route_rules
from tests.spec.tables import chapter_as_markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
CHAPTERS = (*test_match_rules.CHAPTERS, *test_case_rules.CHAPTERS, *test_route_rules.CHAPTERS)
HEAD = """# The rules, as tables

Printed from `tests/spec` by `make docs`. Each table is a test: what is given makes exactly what is expected, on
the fast matcher and on the plain reference in `tests/reference`. A change of a rule begins with a row here.
"""


def page() -> str:
    """The whole page."""
    return "\n\n".join((HEAD.strip(), *(chapter_as_markdown(chapter) for chapter in CHAPTERS))) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
