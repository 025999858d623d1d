"""Libraries quote the value they stumble over; what leaves a command does not."""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Callable

import duckdb
import openpyxl
import polars as pl
import pydantic
import pytest
import sqlalchemy as sa
import typer

from pipeline.commands.console import Outcome, run_command
from pipeline.pseudonymous.check_signals import load_great_expectations

CANARY = "Kanarievogel"


def polars() -> None:
    pl.Series([CANARY]).str.to_date("%Y", strict=True)


def duck() -> None:
    duckdb.sql(f"SELECT CAST('{CANARY}' AS INTEGER)").fetchall()


def database() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (name TEXT UNIQUE)"))
        for _ in range(2):
            connection.execute(sa.text("INSERT INTO t VALUES (:name)"), {"name": CANARY})


def validation() -> None:
    pydantic.TypeAdapter(int).validate_python(CANARY)


def workbook() -> None:
    openpyxl.Workbook().create_sheet()["A1"] = (CANARY,)


def expectations() -> None:
    load_great_expectations().get_context(mode="ephemeral").data_sources.get(CANARY)


def number() -> None:
    int(CANARY)


def day() -> None:
    datetime.date.fromisoformat(CANARY)


def key() -> None:
    {}[CANARY]


def chained() -> None:
    """One error while another is handled: both are shown by Python, neither by us."""
    try:
        number()
    except ValueError as error:
        raise RuntimeError(f"row of {CANARY}") from error


def file_name() -> None:
    with open(f"/nowhere/{CANARY}.csv") as stream:  # noqa: PTH123 - as a library does
        csv.reader(io.StringIO(stream.read()))


QUOTING = (polars, duck, database, validation, workbook, expectations, number, day, key, chained, file_name)


@pytest.mark.parametrize("fail", QUOTING, ids=[fail.__name__ for fail in QUOTING])
@pytest.mark.parametrize("as_json", [False, True])
def test_a_bug_says_nothing_of_the_value_a_library_quotes(
    fail: Callable[[], None], as_json: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    """The library's own message holds the value; exit 70 shows the kind of error and our line, and no value."""
    with pytest.raises(Exception) as raised:  # noqa: PT011 - any library's
        fail()
    assert CANARY in str(raised.value)

    def work() -> Outcome:
        fail()
        raise AssertionError

    capfd.readouterr()
    with pytest.raises(typer.Exit) as left:
        run_command(work, "admit", as_json=as_json)
    captured = capfd.readouterr()
    assert 70 == left.value.exit_code
    assert left.value.__cause__ is None
    assert type(raised.value).__name__ in captured.err
    assert CANARY.lower() not in (captured.out + captured.err).lower()
    if as_json:
        assert ["BUG"] == [one["code"] for one in json.loads(captured.out)["refused"]]
