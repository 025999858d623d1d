"""Columns of the journal as they are read when somebody stored a value of another kind in them.

SQLite keeps any value in any column. Whoever verifies must get past such a line and name it, and whoever lists
must see it; so it is read as a text or a count that no step writes, and whose hash differs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

UNREADABLE = "unreadable"


class KeptText(TypeDecorator[str]):
    """A text; bytes are told as such."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - of the interface
        """The text, or how Python writes what stands there instead."""
        return value if value is None or isinstance(value, str) else repr(value)


class KeptCounts(TypeDecorator[dict[str, int]]):
    """Counts by name; what is none of these is one count, `unreadable`."""

    impl = JSON
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], dict[str, int]]:
        """A reader that never fails on what it reads."""
        read = self.impl_instance.result_processor(dialect, coltype)

        def read_counts(value: Any) -> dict[str, int]:
            try:
                counts = value if read is None else read(value)
                json.dumps(counts, ensure_ascii=False).encode()  # half a character is no text to hash or to show
            except (TypeError, ValueError):
                counts = None
            return counts if isinstance(counts, dict) else {UNREADABLE: 1}

        return read_counts
