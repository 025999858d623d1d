"""The templates of the analysts' pages: escaped by default, with their style inside."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup


@lru_cache(maxsize=1)
def _environment() -> Environment:
    loader = PackageLoader("pipeline.analytics")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    style = loader.get_source(environment, "monitor.css")[0]
    environment.globals["css"] = Markup(style)  # noqa: S704 - own file
    return environment


def page_template(name: str) -> Template:
    """A template by its file name."""
    return _environment().get_template(name)
