"""Publishing when things go wrong: killed in the middle, a full disk, a reader that stays, broken papers."""

from __future__ import annotations

import errno
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.analytics import snapshot
from pipeline.commands import publish as publishing
from pipeline.commands.analysts_inputs import AREAS_FILE, MONITOR_FILE
from pipeline.commands.erasing.file_retiring import due_files
from pipeline.commands.publish import publish
from pipeline.commands.report import report
from pipeline.commands.wiring import SCHEMAS, Run
from pipeline.stewardship.retire_records import ANALYTICS, Terms
from pipeline.store.published import published
from pipeline.vocabulary.faults import Refused
from tests.builders.matching import deliver, make_run

HEAD = "    partner | client | months | name | initial | born | crisis | wijk"
WIJKEN = ("WK990101", "WK990102")


def rows(count: int, partner: str = "huur", start: int = 0) -> list[str]:
    return [
        f"    {partner} | {partner}{number} | 3 | Naam{number} | A | 1980-01-01 | no | {WIJKEN[number % 2]}"
        for number in range(start, start + count)
    ]


def signals(run: Run, *parts: list[str], month: str = "2026-07") -> None:
    """Months before July are over in the run of October 12th: no delivery for July may come any more."""
    deliver(run, "\n".join([HEAD, *(line for part in parts for line in part)]), month)
    marks = "UPDATE month_marks SET matched_revision = changed_revision"
    with run.store.engine.begin() as connection:
        connection.exec_driver_sql(marks)


def ask(run: Run, question: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(run.home.analytics), read_only=True) as connection:
        return connection.execute(question).fetchall()


def counts(run: Run) -> dict[str, int]:
    question = "SELECT category, item_count FROM publish.counts WHERE topic = 'partner_type' AND item_count > 0"
    return dict(ask(run, question))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    made = make_run(f"sqlite:///{tmp_path / 'samenloop.db'}", tmp_path)
    made.home.make_folders()
    return made


class KilledError(Exception):
    """Stands for a process that ended here."""


def test_killed_before_the_file_is_in_place(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept in the store and never seen is published the same by the next run, whatever came in since."""
    publish(run)
    signals(run, rows(31), rows(44, "energie"))

    def die(_path: Path) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(snapshot, "_sync", die)
        with pytest.raises(KilledError):
            publish(run)
    assert {} == counts(run)
    signals(run, rows(34), rows(44, "energie"))
    publish(run)
    assert {"Huur": 30, "Energie": 45} == counts(run)
    assert [(34,)] == ask(run, "SELECT count(*) FROM work.signals WHERE partner_id = 'huur'")


def test_killed_before_the_release_is_kept(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was published, so the next run decides on its own counts."""
    signals(run, rows(31), rows(44, "energie"))

    def die(*_: Any, **__: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "keep_published", die)
        with pytest.raises(KilledError):
            publish(run)
    assert not run.home.analytics.exists()
    signals(run, rows(58), rows(44, "energie"))
    publish(run)
    assert {"Huur": 60, "Energie": 45} == counts(run)


def test_a_full_disk_leaves_the_former_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal is a full disk, the former file is whole, and nothing is left beside it."""
    signals(run, rows(31), rows(44, "energie"))
    publish(run)
    before = run.home.analytics.read_bytes()

    def full(_connection: Any, _name: str, _frames: Any) -> None:
        raise duckdb.IOException("Could not write file: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(snapshot, "_fill_schema", full)
        with pytest.raises(OSError, match="No space left") as error:
            publish(run)
    assert (errno.ENOSPC, before) == (error.value.errno, run.home.analytics.read_bytes())
    assert [] == list(run.home.path.glob(".analytics*"))


def test_a_reader_that_stays_for_days_blocks_nobody(run: Run) -> None:
    """A process that holds the file open goes on with it, through as many publications as there are."""
    signals(run, rows(31))
    publish(run)
    script = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
for _ in sys.stdin:
    print(connection.execute("SELECT count(*) FROM work.signals").fetchone()[0], flush=True)
"""
    reader = subprocess.Popen(
        [sys.executable, "-c", script, str(run.home.analytics)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdin is not None
    assert reader.stdout is not None
    assert "open" == reader.stdout.readline().strip()
    seen = []
    for count in (40, 50, 60):
        signals(run, rows(count))
        publish(run)
        reader.stdin.write("ask\n")
        reader.stdin.flush()
        seen.append(reader.stdout.readline().strip())
    reader.communicate(timeout=20)
    assert (["31"] * 3, [(60,)]) == (seen, ask(run, "SELECT count(*) FROM work.signals"))


def test_a_month_that_is_gone_stays_published(run: Run) -> None:
    """When a month's signals have passed their term, `work` is empty and `publish` says what it said."""
    signals(run, rows(31), rows(44, "energie"))
    publish(run)
    with run.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM signals")
    publish(run)
    assert ({"Huur": 30, "Energie": 45}, [(0,)]) == (counts(run), ask(run, "SELECT count(*) FROM work.signals"))


def test_a_wijk_with_one_signal_is_not_told(run: Run) -> None:
    """One signal hides among others; that one is not found as a difference either."""
    lonely = ["    water | eenling | 3 | Ander | B | 1990-01-01 | no | WK990103"]
    signals(run, rows(40), lonely)
    publish(run)
    question = (
        "SELECT category, item_count, is_together FROM publish.counts WHERE topic = 'wijk' ORDER BY category"
    )
    told = {category: (count, is_together) for category, count, is_together in ask(run, question)}
    assert (None, True) == told["WK990103"]
    assert all(count is None or count >= 20 for count, _ in told.values())


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        (AREAS_FILE, "postcode;plaats\n1234AB;X\n", "AREAS_INVALID"),
        (AREAS_FILE, "", "AREAS_INVALID"),
        (MONITOR_FILE, "{", "MONITOR_INVALID"),
        (MONITOR_FILE, '{"format": "samenloop/monitor/1", "baselines": [{"label": "x"}]}', "MONITOR_INVALID"),
    ],
)
def test_a_broken_paper_is_refused_with_its_name(run: Run, name: str, content: str, code: str) -> None:
    """A table of key figures or a baseline that cannot be read refuses the publication; nothing is half done."""
    (run.home.path / name).write_text(content, encoding="utf-8")
    with pytest.raises(Refused, match=code):
        publish(run)
    assert not run.home.analytics.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"indicator": "reachh", "part_count": 20, "whole_count": 40}, "indicator"),
        ({"indicator": "signals_per_1000", "part_count": 20, "whole_count": 40}, "indicator"),
        ({"indicator": "reach", "part_count": 500, "whole_count": 100}, "part_count"),
        ({"indicator": "reach", "group": "Telefoon", "part_count": 20, "whole_count": 40}, "group"),
        ({"indicator": "reach_by_mix", "part_count": 20, "whole_count": 40}, "group"),
        ({"from": "2026-03", "until": "2026-01"}, "until"),
    ],
)
def test_a_baseline_that_means_nothing_is_refused(run: Run, given: dict[str, Any], field: str) -> None:
    """An unknown indicator or group, a part larger than its whole, an end before its begin: the field is named."""
    document = {"format": "samenloop/monitor/1", "baselines": [{"label": "x", "design": "voor-na", **given}]}
    (run.home.path / MONITOR_FILE).write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(Refused, match="MONITOR_INVALID") as refusal:
        publish(run)
    assert f"baselines.0.{field}" == refusal.value.column


@pytest.mark.parametrize(("until", "kinds"), [("2026-01", ["month"]), ("2026-03", ["month", "quarter"])])
def test_a_baseline_has_quarters_only_where_its_months_make_whole_ones(
    run: Run, until: str, kinds: list[str]
) -> None:
    """January is not the first quarter."""
    baseline = {"label": "x", "design": "voor-na", "from": "2026-01", "until": until}
    document = {"format": "samenloop/monitor/1", "baselines": [baseline]}
    (run.home.path / MONITOR_FILE).write_text(json.dumps(document), encoding="utf-8")
    publish(run)
    assert kinds == [kind for (kind,) in ask(run, "SELECT period_kind FROM publish.baseline ORDER BY 1")]


def test_key_figures_and_baseline_are_read(run: Run) -> None:
    """Names and inhabitants of the own municipality alone, with or without dots; the example of a baseline."""
    table = (
        "gwb_code;regio;a_inw\nGM9901;Oefenstad;20.000\nWK990101;Centrum;5000\nWK123401;Elders;9\nNL00;Land;1\n"
    )
    (run.home.path / AREAS_FILE).write_text(table, encoding="utf-8")
    example = (SCHEMAS / "monitor" / "example.json").read_text(encoding="utf-8")
    (run.home.path / MONITOR_FILE).write_text(example, encoding="utf-8")
    publish(run)
    expected = [("GM9901", "gemeente", "Oefenstad", 20_000), ("WK990101", "wijk", "Centrum", 5_000)]
    assert expected == ask(run, "SELECT * FROM publish.areas")
    labels = {one["label"] for one in json.loads(example)["baselines"]}
    assert labels == {label for (label,) in ask(run, "SELECT DISTINCT label FROM publish.baseline")}


def test_reports_are_made_once_and_again_when_figures_change(run: Run) -> None:
    """A page whose figures did not change is left as it is; a corrected month is made anew."""
    signals(run, rows(31), rows(44, "energie"))
    publish(run)
    assert {"pages": 1, "pages_new": 1} == report(run).counts
    publish(run)
    assert {"pages": 1, "pages_new": 0} == report(run).counts
    signals(run, rows(91), rows(84, "energie"))
    publish(run)
    assert {"pages": 1, "pages_new": 1} == report(run).counts
    names = {path.name for path in run.home.reports.iterdir()}
    month = {f"monitor-2026-07.{kind}" for kind in ("html", "csv", "parquet")}
    assert month | {"gegevenswoordenboek.html"} == names
    assert [2] == [row["revision"] for row in published(run.store) if row["moment"] == "deliveries"]


def test_a_page_of_a_quarter_is_made_again_when_a_month_changes(run: Run) -> None:
    """Whoever asked for a quarter once finds its newest figures; a file of another name is no page."""
    signals(run, rows(31), rows(44, "energie"))
    publish(run)
    report(run, "2026Q3")
    (run.home.reports / "monitor-van-vroeger.html").write_text("x", encoding="utf-8")
    assert {"pages": 2, "pages_new": 1} == report(run).counts
    signals(run, rows(91), rows(84, "energie"))
    publish(run)
    assert {"pages": 2, "pages_new": 2} == report(run).counts


def test_a_page_whose_term_ended_is_retired_and_not_made_again(run: Run) -> None:
    """The last month of its period decides; its figures as CSV and Parquet go with it."""
    signals(run, rows(31), rows(44, "energie"))
    publish(run)
    report(run)
    report(run, "2026")
    later = replace(run, today=date(2027, 8, 2))
    due = due_files(later, Terms(later.agreements, later.today), [])[ANALYTICS]
    assert [f"monitor-2026-07.{kind}" for kind in ("csv", "html", "parquet")] == [path.name for path in due]
    assert {"pages": 1, "pages_new": 0} == report(later).counts


def test_figures_open_in_a_dutch_spreadsheet(run: Run) -> None:
    """The table says that it is UTF-8 and writes numbers with a comma."""
    signals(run, rows(31), rows(44, "energie"))
    publish(run)
    content = Path(report(run).paths["monitor"]).with_suffix(".csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert re.search(rb";\d,\d", content)
    assert not re.search(rb";\d\.\d", content)


def test_without_figures_there_is_no_report(run: Run) -> None:
    """Before the first publication the report says what to do first."""
    with pytest.raises(Refused, match="ANALYTICS_MISSING"):
        report(run)
