"""The spec tables as the page docs/rules.md."""

from __future__ import annotations

from tests.spec import (
    test_case_rules,
    test_case_states,
    test_confirm_rules,
    test_follow_up_rules,
    test_heading_rules,
    test_indicator_rules,
    test_join_rules,
    test_match_rules,
    test_outcome_rules,
    test_plan_rules,
    test_priority_rules,
    test_review_rules,
    test_route_rules,
    test_untouched_rules,
    test_view_rules,
)
from tests.spec.tables import chapter_as_markdown

CHAPTERS = (
    *test_match_rules.CHAPTERS,
    *test_case_rules.CHAPTERS,
    *test_case_states.CHAPTERS,
    *test_follow_up_rules.CHAPTERS,
    *test_untouched_rules.CHAPTERS,
    *test_route_rules.CHAPTERS,
    *test_plan_rules.CHAPTERS,
    *test_join_rules.CHAPTERS,
    *test_outcome_rules.CHAPTERS,
    *test_confirm_rules.CHAPTERS,
    *test_review_rules.CHAPTERS,
    *test_heading_rules.CHAPTERS,
    *test_priority_rules.CHAPTERS,
    *test_indicator_rules.CHAPTERS,
    *test_view_rules.CHAPTERS,
)
HEAD = """# The rules, as tables

Printed from `tests/spec` by `make docs`. Each table is a test: what is given makes exactly what is expected. The
rules of matching are tested on the fast matcher and on the plain reference in `tests/reference`. A change of a
rule begins with a row here.
"""


def page() -> str:
    """The whole page."""
    return "\n\n".join((HEAD.strip(), *(chapter_as_markdown(chapter) for chapter in CHAPTERS))) + "\n"


if __name__ == "__main__":
    from tests.docs.print_pages import main

    main()
