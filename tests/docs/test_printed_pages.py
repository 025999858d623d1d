"""Pages that come from code are what the code says."""

from __future__ import annotations

import pytest

from tests.docs.print_pages import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_printed_page_is_up_to_date(name: str) -> None:
    """The page is exactly what `make docs` prints."""
    assert PAGES[name]() == (DOCS / name).read_text(encoding="utf-8")
