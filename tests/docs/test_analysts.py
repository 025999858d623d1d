"""What docs/analysts.md shows works: its queries, its Python, and the connection strings it gives."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.builders.analytics import BASELINE_SCHEMA, FACTS, WIJKEN, Town, drawn_town
from tests.docs.print_pages import DOCS

PAGE = (DOCS / "analysts.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
MONTHS = ("2026-07", "2026-08", "2026-09", "2026-10", "2026-11", "2026-12")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    areas = [*FACTS.areas, *({**FACTS.areas[1], "code": code, "name": code} for code in WIJKEN[1:])]
    town = Town(tmp_path_factory.mktemp("town") / "analytics.duckdb", facts=replace(FACTS, areas=areas))
    baseline = {"label": "derde kwartaal", "design": "voor-na", "period_kind": "quarter"}
    town.baseline = pl.DataFrame(
        [{**baseline, "from_period": "2026Q3", "until_period": "2026Q3"}], BASELINE_SCHEMA
    )
    town.publish(drawn_town(2, MONTHS, 150))
    return town.path


def test_the_page_has_ten_queries() -> None:
    """Ten questions, each with its query."""
    assert 10 == len(QUERIES) == len(re.findall(r"^\*\*\d+\. ", PAGE, re.MULTILINE))


@pytest.mark.parametrize("number", range(1, 11))
def test_every_query_answers(file: Path, number: int) -> None:
    """Each query gives rows, and none of its columns is empty from top to bottom."""
    with duckdb.connect(str(file), read_only=True) as connection:
        found = connection.sql(QUERIES[number - 1].rstrip().rstrip(";")).pl()
    assert found.height > 0
    allowed = {"national_value", "reason", "days_to_list"}
    assert [] == [name for name in found.columns if found[name].is_null().all() and name not in allowed]


def test_the_python_example_runs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example prints the reach of every published quarter."""
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    monkeypatch.chdir(file.parent)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(example, "analysts.md", "exec"), {})
    assert "2026Q4" in said.getvalue()


def test_the_notebook_runs_from_top_to_bottom(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs in order on a file beside it."""
    monkeypatch.chdir(file.parent)
    notebook = (DOCS / "analysts_notebook.py").read_text(encoding="utf-8")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(notebook, "analysts_notebook.py", "exec"), {})
    assert "Oefenstad" in said.getvalue()
    assert notebook.count("# %%\n") == 5


def test_charts_are_loaded_for_the_page_alone() -> None:
    """Publishing and exporting load no library for charts."""
    program = "import pipeline.commands.publish, pipeline.commands.export, pipeline.commands.report, sys; "
    program += "print(sorted({'altair', 'vl_convert'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


def test_the_file_cannot_be_written_through_what_the_page_says(file: Path) -> None:
    """Read-only as every connection string on the page is: nothing changes, and no other reader is shut out."""
    assert PAGE.count("access_mode=READ_ONLY") == 3
    with duckdb.connect(str(file), config={"access_mode": "READ_ONLY"}) as one:
        with duckdb.connect(str(file), config={"access_mode": "READ_ONLY"}) as other:
            question = "SELECT count(*) > 0 FROM work.signals"
            assert one.execute(question).fetchall() == other.execute(question).fetchall() == [(True,)]
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            one.execute("CREATE TABLE work.mine (n INTEGER)")


def test_the_dutch_guide_names_what_there_is() -> None:
    """Tables and files that the guide for analysts names exist."""
    guide = (DOCS / "guides" / "analist.md").read_text(encoding="utf-8")
    assert len(guide.split()) < 450
    for name in ("publish.indicators", "publish.releases", "kerncijfers.csv", "monitor.json"):
        assert name in guide
