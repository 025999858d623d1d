"""gegevenswoordenboek.html: the descriptions of all tables, columns and indicators as a page."""

from __future__ import annotations

from pipeline.analytics.described_tables import described_schemas
from pipeline.analytics.indicators import indicators
from pipeline.analytics.page_templates import page_template

FILE = "gegevenswoordenboek.html"


def render_dictionary() -> bytes:
    """The page; the same text as the comments in the file."""
    html = page_template("dictionary.html.j2").render(schemas=described_schemas(), indicators=indicators())
    return html.encode()
