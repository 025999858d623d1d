"""People as partners write them, for tests of the normaliser."""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.normalise import WRITTEN_COLUMNS, normalise_people

Written = dict[str, str | None]


def people(*written: Written) -> pl.DataFrame:
    """A frame of WRITTEN_COLUMNS; what is not given is null."""
    columns = {name: [person.get(name) for person in written] for name in WRITTEN_COLUMNS}
    return pl.DataFrame(columns, schema=dict.fromkeys(WRITTEN_COLUMNS, pl.String))


def keys_of(**written: str | None) -> dict[str, str | bool | None]:
    """The keys of one person."""
    return normalise_people(people(written)).row(0, named=True)


def key_lists(column: str, key: str, values: list[str | None]) -> list[str | bool | None]:
    """One key of many values of one column."""
    return normalise_people(people(*({column: value} for value in values)))[key].to_list()
