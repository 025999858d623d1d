"""The page with the rules is what the spec tables say."""

from __future__ import annotations

from tests.spec.print_rules import PAGE, page


def test_rules_page_is_up_to_date() -> None:
    """docs/rules.md is exactly what `python -m tests.spec.print_rules` prints."""
    assert page() == PAGE.read_text(encoding="utf-8")
